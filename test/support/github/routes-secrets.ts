// Secrets of Actions on the fake: what is put there has to be sealed for the fake's own key, and only a test opens it again.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import sodium from "libsodium-wrappers";
import { Refusal } from "./acts.ts";
import type { RepositoryRecord } from "./records.ts";
import type { Answer, Call, Route } from "./routes.ts";

const REPO = "/repos/{owner}/{repo}";
const ENVIRONMENT = `${REPO}/environments/{environment_name}`;

interface Vault {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** `ENVIRONMENT/NAME`, or `/NAME` of the repository -> sealed, base64. */
  readonly sealed: Map<string, string>;
}

const vaults = new WeakMap<RepositoryRecord, Vault>();

function vaultOf(repository: RepositoryRecord): Vault {
  const known = vaults.get(repository);
  if (known) return known;
  const { privateKey } = generateKeyPairSync("x25519");
  const vault: Vault = { keyId: String(repository.id * 1000 + 7), privateKey, sealed: new Map() };
  vaults.set(repository, vault);
  return vault;
}

function jwkOf(key: KeyObject): { readonly x: Buffer; readonly d: Buffer } {
  const { x = "", d = "" } = createPrivateKey(key.export({ type: "pkcs8", format: "pem" })).export({ format: "jwk" });
  return { x: Buffer.from(x, "base64url"), d: Buffer.from(d, "base64url") };
}

/** The secret as a job would see it; undefined when there is none. */
export async function openSealed(
  repository: RepositoryRecord,
  name: string,
  environment = "",
): Promise<string | undefined> {
  const { sealed, privateKey } = vaultOf(repository);
  const box = sealed.get(`${environment}/${name}`);
  if (box === undefined) return undefined;
  await sodium.ready;
  const { x, d } = jwkOf(privateKey);
  return Buffer.from(sodium.crypto_box_seal_open(Buffer.from(box, "base64"), x, d)).toString("utf8");
}

function getKey({ repository, params }: Call): Answer {
  assertEnvironment(repository, params.environment_name);
  const { keyId, privateKey } = vaultOf(repository);
  return { body: { key_id: keyId, key: jwkOf(privateKey).x.toString("base64") } };
}

function putSecret({ repository, params, body }: Call): Answer {
  assertEnvironment(repository, params.environment_name);
  const vault = vaultOf(repository);
  if (body.key_id !== vault.keyId) throw new Refusal(422, "The key_id is not the current one");
  const name = `${params.environment_name ?? ""}/${params.secret_name ?? ""}`;
  const known = vault.sealed.has(name);
  vault.sealed.set(name, String(body.encrypted_value));
  return known ? { status: 204 } : { status: 201, body: {} };
}

function assertEnvironment(repository: RepositoryRecord, name: string | undefined): void {
  const known = repository.settings.environments.some((one) => "name" in one && one.name === name);
  if (name !== undefined && !known) throw new Refusal(404, "Not Found");
}

const route = (needs: string, access: Route["access"], handle: Route["handle"]): Route => ({
  needs: [needs],
  access,
  by: "token",
  handle,
});

export const SECRET_ROUTES: Readonly<Record<string, Route>> = {
  [`GET ${REPO}/actions/secrets/public-key`]: route("secrets", "read", getKey),
  [`PUT ${REPO}/actions/secrets/{secret_name}`]: route("secrets", "write", putSecret),
  [`GET ${ENVIRONMENT}/secrets/public-key`]: route("environments", "read", getKey),
  [`PUT ${ENVIRONMENT}/secrets/{secret_name}`]: route("environments", "write", putSecret),
};
