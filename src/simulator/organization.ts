// The Atomic organization as a platform to be served: its contract, its handlers, its clients.
import { actorOf, type Client, createAuth } from "./auth.ts";
import { changeBehind } from "./backstage.ts";
import { readContract } from "./contract.ts";
import { listingsOf } from "./listings.ts";
import { createPages } from "./pages.ts";
import type { Platform } from "./pipeline.ts";
import { groupHandlers, listHandlers, memberHandlers, roleHandlers } from "./routes/access.ts";
import { environmentHandlers } from "./routes/environments.ts";
import { tokenHandler } from "./routes/tokens.ts";
import type { Store } from "./store.ts";

/** Served to these clients, beside the credentials that are made through the API. */
export function organizationPlatform(store: Store, clients: readonly Client[], tokenLifeMs: number): Platform {
  const fixed = new Map(clients.map((client) => [client.clientId, client]));
  const clientOf = (clientId: string): Client | undefined => {
    const made = store.credentials.get(clientId);
    if (!made) return fixed.get(clientId);
    const scopes = made.role === "workbench" ? (["access:read"] as const) : [];
    return { clientId, scopes, secretDigest: made.secretDigest, console: false };
  };
  const auth = createAuth(clientOf, tokenLifeMs, store.now);
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
