// Who a request comes from: tokens, and apps that sign for themselves.
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import type { AppRecord, State, TokenRecord } from "./records.ts";

export function generateToken(state: State, wanted: Omit<TokenRecord, "token" | "revoked">): TokenRecord {
  const prefix = wanted.app ? "ghs_" : "ghp_";
  const token = `${prefix}${randomBytes(27).toString("base64url").replaceAll(/[-_]/g, "x")}`;
  const record: TokenRecord = { ...wanted, token, revoked: false };
  state.tokens.set(token, record);
  return record;
}

export function newApp(state: State, slug: string, keyed: boolean): AppRecord {
  const keys = keyed ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : undefined;
  const app: AppRecord = {
    id: state.newId(),
    slug,
    privateKey: keys?.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: keys?.publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
  state.apps.set(slug, app);
  const login = `${slug}[bot]`;
  const id = state.newId();
  const email = `${id}+${login}@users.noreply.github.example`;
  state.accounts.set(login, { id, login, type: "Bot", name: login, email });
  return app;
}

/** The app that a signed token is of; undefined when it is none, or not valid now. */
export function appOfJwt(state: State, jwt: string, now: number): AppRecord | undefined {
  const [head = "", payload = "", signature = ""] = jwt.split(".");
  if (signature === "") return undefined;
  const claims = parse(payload) as { readonly iss?: unknown; readonly exp?: number; readonly iat?: number } | undefined;
  const app = [...state.apps.values()].find(({ id }) => String(id) === String(claims?.iss));
  if (!claims || !app?.publicKey) return undefined;
  const seconds = now / 1000;
  const lasts = (claims.exp ?? 0) - (claims.iat ?? 0);
  if ((claims.exp ?? 0) < seconds || (claims.iat ?? Number.POSITIVE_INFINITY) > seconds || lasts > 660)
    return undefined;
  const data = Buffer.from(`${head}.${payload}`);
  return verify("RSA-SHA256", data, createPublicKey(app.publicKey), Buffer.from(signature, "base64url"))
    ? app
    : undefined;
}

function parse(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
