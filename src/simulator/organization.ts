// The Atomic organization as a platform to be served: its contract, its handlers, its clients.
import { actorOf, type Client, createAuth, digestSecret } from "./auth.ts";
import { changeBehind } from "./backstage.ts";
import { readContract } from "./contract.ts";
import { listingsOf } from "./listings.ts";
import { createPages } from "./pages.ts";
import type { Platform } from "./pipeline.ts";
import { groupHandlers, listHandlers, memberHandlers, roleHandlers } from "./routes/access.ts";
import { environmentHandlers } from "./routes/environments.ts";
import { tokenHandler } from "./routes/tokens.ts";
import type { Store } from "./store.ts";

/** Ids of the clients a simulator always has: one may read, one may write too, one stands for people at the console. */
export const CLIENTS = { reader: "rolebook-reader", writer: "rolebook-writer", console: "console" } as const;

/** For a simulator on one's own machine and nothing else. */
export const LOCAL_SECRETS = {
  reader: "local-reader-secret",
  writer: "local-writer-secret",
  console: "local-console-secret",
} as const;

/** As the platform's. */
export const TOKEN_LIFE_MS = 60 * 60 * 1000;

export interface OrganizationOptions {
  readonly readerSecret?: string;
  readonly writerSecret?: string;
  readonly consoleSecret?: string;
  readonly tokenLifeMs?: number;
}

export function organizationPlatform(store: Store, options: OrganizationOptions): Platform {
  const fixed = new Map(fixedClients(options).map((client) => [client.clientId, client]));
  const clientOf = (clientId: string): Client | undefined => {
    const made = store.credentials.get(clientId);
    if (!made) return fixed.get(clientId);
    const scopes = made.role === "workbench" ? (["access:read"] as const) : [];
    return { clientId, scopes, secretDigest: made.secretDigest, console: false };
  };
  const auth = createAuth(clientOf, options.tokenLifeMs ?? TOKEN_LIFE_MS, store.now);
  return {
    contract: readContract("atomic"),
    ledger: store,
    auth,
    actorOf: (token, member) => actorOf(store.members, token, member),
    changeBehind: (operation, id, description) => changeBehind(store, operation, id, description),
    handlers: {
      createToken: tokenHandler(auth),
      ...environmentHandlers(store, auth),
      ...listHandlers(createPages(store, listingsOf(store))),
      ...roleHandlers(store),
      ...groupHandlers(store),
      ...memberHandlers(store),
    },
  };
}

function fixedClients(options: OrganizationOptions): readonly Client[] {
  const { reader, writer, console } = LOCAL_SECRETS;
  const read = { clientId: CLIENTS.reader, scopes: ["access:read"], console: false } as const;
  const write = { clientId: CLIENTS.writer, scopes: ["access:read", "access:write"], console: false } as const;
  const people = { clientId: CLIENTS.console, scopes: ["access:read", "access:write", "auth"], console: true } as const;
  return [
    { ...read, secretDigest: digestSecret(options.readerSecret ?? reader) },
    { ...write, secretDigest: digestSecret(options.writerSecret ?? writer) },
    { ...people, secretDigest: digestSecret(options.consoleSecret ?? console) },
  ];
}
