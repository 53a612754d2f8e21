// Keystone by hand: the administrator's own requests, for making what a test starts from and for changing things behind
// Rolebook's back. Shares no code with the driver that it is used to test.
import type { KeystoneServer } from "./server.ts";

type Json = Readonly<Record<string, unknown>>;

/** How a token is asked for: by whom, and for what. */
export interface Login {
  readonly name: string;
  readonly domain: string;
  readonly password: string;
  readonly scope: Json;
}

/** What can be asked of a Keystone with one token. */
export interface Hand {
  /** Sends a request; throws for a refusal, unless its status is in `fine`. */
  readonly call: (method: string, path: string, body?: Json, fine?: readonly number[]) => Promise<Json>;
  /** The id of what was made. */
  readonly make: (kind: string, body: Json) => Promise<string>;
  readonly list: (path: string, key: string) => Promise<readonly Json[]>;
}

/** Five times as fast as the whole system: Keystone caches the roles that somebody has on a project. */
const SCOPE = { project: { name: "admin", domain: { name: "Default" } } };

/** The administrator's hand. */
export function adminOf(server: KeystoneServer): Promise<Hand> {
  return handOf(server.url, { name: "admin", domain: "Default", password: server.adminPassword, scope: SCOPE });
}

/** The hand of anybody who can log in with a password. */
export async function handOf(url: string, { name, domain, password, scope }: Login): Promise<Hand> {
  const user = { name, password, domain: { name: domain } };
  const answer = await fetch(`${url}/v3/auth/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth: { identity: { methods: ["password"], password: { user } }, scope } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`no token for ${name}: ${answer.status} ${text}`);
  const headers = { "x-auth-token": answer.headers.get("x-subject-token") ?? "", "content-type": "application/json" };
  const call: Hand["call"] = async (method, path, body, fine = []) => {
    const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${url}/v3${path}`, request);
    const content = await response.text();
    if (!response.ok && !fine.includes(response.status))
      throw new Error(`${method} ${path}: ${response.status} ${content}`);
    return content === "" ? {} : (JSON.parse(content) as Json);
  };
  return {
    call,
    make: async (kind, body) => {
      const made = (await call("POST", `/${kind}s`, { [kind]: body }))[kind] as { readonly id: string };
      return made.id;
    },
    list: async (path, key) => (await call("GET", path))[key] as readonly Json[],
  };
}
