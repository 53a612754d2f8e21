// One Keystone for a whole test file, and connections to it: a server takes seconds to start, a fresh domain next to nothing.
import { afterAll } from "vitest";
import type { Connection } from "../../../src/model/driver.ts";
import type { State } from "../../../src/model/entity.ts";
import { OPEN_LIMITS } from "../../support/organization.ts";
import { adminOf, type Hand } from "./admin.ts";
import { type Seeded, seedDomain } from "./seed.ts";
import { type KeystoneServer, startKeystone } from "./server.ts";

export interface SharedKeystone {
  readonly server: KeystoneServer;
  readonly admin: Hand;
  /** A fresh domain that holds a state. */
  readonly seed: (state: State) => Promise<Seeded>;
}

/** Somebody who may read everything in the system and change nothing. */
export const AUDITOR = { username: "auditor", password: "only looking" };

let starting: Promise<SharedKeystone> | undefined;

/** The file's Keystone, started when it is first asked for and stopped after the file's last test. */
export function sharedKeystone(): Promise<SharedKeystone> {
  starting ??= start();
  return starting;
}

afterAll(async () => {
  // One that never started has said so in every test that asked for it.
  const shared = await starting?.catch(() => undefined);
  await shared?.server.stop();
});

async function start(): Promise<SharedKeystone> {
  const server = await startKeystone();
  const admin = await adminOf(server);
  const id = await admin.make("user", { name: AUDITOR.username, domain_id: "default", password: AUDITOR.password });
  const reader = (await admin.list("/roles", "roles")).find(({ name }) => name === "reader")?.id;
  await admin.call("PUT", `/system/users/${id}/roles/${reader}`);
  return { server, admin, seed: (state) => seedDomain(admin, state, server.url) };
}

/** For somebody who has no role on any project. */
export const WHOLE_SYSTEM: Partial<Connection["target"]> = { options: { userDomain: "Default", system: "all" } };

/** A connection to a domain, as the administrator unless told otherwise. */
export function connectionTo(
  url: string,
  domain: string,
  credentials: Connection["credentials"],
  overrides: Partial<Connection["target"]> = {},
): Connection {
  return {
    target: {
      name: "acme",
      platform: "keystone",
      url,
      organization: domain,
      credentials: { username: "ACME_USERNAME", password: "ACME_PASSWORD" },
      options: { userDomain: "Default", project: "admin", projectDomain: "Default" },
      drift: "report",
      limits: OPEN_LIMITS,
      owners: [],
      minimumOwners: 1,
      breakGlass: [],
      approvers: [],
      timeZone: "UTC",
      warnDays: 14,
      approvals: { escalating: 1, reducing: 1, neutral: 1, weakening: 1 },
      scopeOwners: {},
      freeze: [],
      place: { file: "rolebook.yaml", line: 1, column: 1 },
      ...overrides,
    },
    credentials,
    userAgent: "rolebook-test",
    timeoutMs: 15_000,
  };
}
