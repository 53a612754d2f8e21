// Clients, their scopes and their tokens. Secrets are kept as digests, compared in constant time, and never answered or logged.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Collection, foldName } from "./collection.ts";
import type { Actor, Row } from "./records.ts";

export type Scope = "access:read" | "access:write" | "auth" | "vault:read" | "vault:write" | "vault:keys";

/** A client that exists beside what the API can make. */
export interface Client {
  readonly clientId: string;
  readonly scopes: readonly Scope[];
  readonly secretDigest: string;
  /** Stands for people: a request may say in whose name it is. */
  readonly console: boolean;
}

export interface Token {
  readonly clientId: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly console: boolean;
}

export interface Auth {
  /** The client of an `Authorization: Basic` header, or undefined. */
  readonly authenticate: (header: string | undefined) => Client | undefined;
  /** A new token; `scopes` are some of the client's. */
  readonly issue: (client: Client, scopes: readonly Scope[]) => { readonly token: string; readonly expiresIn: number };
  /** The token of an `Authorization: Bearer` header, or undefined when there is none, or none that is valid now. */
  readonly check: (header: string | undefined) => Token | undefined;
  /** Ends the token of a header. */
  readonly revoke: (header: string | undefined) => void;
  /** Ends every token of a client. */
  readonly revokeClient: (clientId: string) => void;
}

/** A bound on memory: whoever asks for more loses the oldest. */
const MAX_TOKENS = 100_000;

/** What a secret is kept as. */
export function digestSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Tokens of one platform. `clientOf` finds a client by its id, whenever it was made; `now` is in milliseconds since 1970. */
export function createAuth(
  clientOf: (clientId: string) => Client | undefined,
  tokenLifeMs: number,
  now: () => number,
): Auth {
  const tokens = new Map<string, Token>();

  return {
    authenticate: (header) => {
      const [clientId, secret] = readBasic(header) ?? [];
      if (clientId === undefined || secret === undefined) return undefined;
      const client = clientOf(clientId);
      const right = Buffer.from(client?.secretDigest ?? digestSecret(randomBytes(8).toString("hex")), "hex");
      return timingSafeEqual(Buffer.from(digestSecret(secret), "hex"), right) ? client : undefined;
    },
    issue: (client, scopes) => {
      const start = now();
      // Tokens are in the order of their issue, and all live equally long, so the expired ones are the first.
      for (const [token, { expiresAt }] of tokens) {
        if (expiresAt > start && tokens.size < MAX_TOKENS) break;
        tokens.delete(token);
      }
      const token = randomBytes(24).toString("base64url");
      const { clientId, console } = client;
      tokens.set(token, { clientId, scopes, console, expiresAt: start + tokenLifeMs });
      return { token, expiresIn: Math.floor(tokenLifeMs / 1000) };
    },
    check: (header) => {
      const text = readBearer(header);
      const token = text === undefined ? undefined : tokens.get(text);
      if (text === undefined || !token) return undefined;
      if (token.expiresAt > now()) return token;
      tokens.delete(text);
      return undefined;
    },
    revoke: (header) => {
      tokens.delete(readBearer(header) ?? "");
    },
    revokeClient: (clientId) => {
      for (const [text, token] of tokens) if (token.clientId === clientId) tokens.delete(text);
    },
  };
}

/** In whose name a request is made: the credential's, or the person's whom the console names. Undefined for an unknown person. */
export function actorOf(
  members: Collection<Row & { readonly email: string }>,
  token: Token,
  member: string | undefined,
): Actor | undefined {
  if (!token.console || member === undefined) return { type: "credential", id: token.clientId, name: token.clientId };
  const id = members.byName.get(foldName(member));
  const row = id === undefined ? undefined : members.byId.get(id);
  return row && { type: "member", id: row.id, name: row.email };
}

/** The token of a Bearer header. */
export function readBearer(header: string | undefined): string | undefined {
  return /^Bearer +([\w~+/.-]+=*)$/i.exec(header ?? "")?.[1];
}

/** Id and secret of a Basic header; both are form-encoded inside, as RFC 6749 asks. */
function readBasic(header: string | undefined): readonly [string, string] | undefined {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : [formDecode(text.slice(0, colon)), formDecode(text.slice(colon + 1))];
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
