// API keys as things of their own: listed with what is known of them, made, tried where programs use them, revoked. A secret
// is in the one answer that makes a key and nowhere else: no row, error or list here holds one.
import * as contract from "../../generated/platform-atomyx.cjs";
import { type Connection, PlatformError } from "../../model/driver.ts";
import {
  type KeyList,
  type KeyOrder,
  type KeyReader,
  type KeyRing,
  type KeyRow as KnownKey,
  type NewKey,
  Secret,
  type Verification,
} from "../../model/keys.ts";
import { parseSecretJson, refusal } from "../http/api.ts";
import { type ContractConnection, checked, connectContract, writingCalls } from "../http/contract.ts";
import { HttpError, redact } from "../http/failure.ts";
import { canonicalText, instantOf } from "../rules/rows.ts";
import { fold } from "./catalogue.ts";
import { type Client, clientOver, openReadingClient, type ReadingClient, style } from "./client.ts";
import { keyAttributes } from "./live-keys.ts";
import { lostRows } from "./mapping.ts";
import { nameInWorkspace, qualified, workspaceOf } from "./names.ts";
import { type Places, placeRows } from "./places.ts";
import { limitOf, readRows, requireWorkspaces } from "./reader.ts";
import type { Collection, KeyRow } from "./rows.ts";

/** Looks at keys; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openKeys(connection: Connection): KeyReader {
  const client = openReadingClient(connection);
  return { list: () => listKeys(client, limitOf(connection)), close: client.close };
}

/** Looks at keys and changes them; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openKeyRing(connection: Connection): KeyRing {
  const connected = connectContract(connection, style);
  const client = clientOver(connected);
  return {
    list: () => listKeys(client, limitOf(connection)),
    create: (order, token) => createKey(order, token, client, connected),
    verify: (row, secret) => verifyKey(row, secret, connected, connection.userAgent),
    revoke: ({ id }) => revokeKey(id, client),
    close: client.close,
  };
}

const NEEDED: readonly Collection[] = ["workspaces", "products", "members", "api-keys"];

async function listKeys(client: ReadingClient, limit: ReadonlySet<string> | undefined): Promise<KeyList> {
  const { rows, doubts } = await readRows(client, NEEDED);
  requireWorkspaces(rows, limit);
  const places = placeRows(rows);
  const keys: KnownKey[] = [];
  let lost = 0;
  for (const row of rows["api-keys"]) {
    const workspace = places.workspaces.get(row.workspaceId);
    if (!workspace) lost += 1;
    else if (limit?.has(fold(workspace.name)) ?? true) keys.push(knownKey(row, workspace.name, places));
  }
  const findings = lost === 0 ? doubts : [...doubts, lostRows("API keys of workspaces", lost)];
  return { rows: keys, at: client.clock(), findings };
}

function knownKey(row: KeyRow, workspace: string, places: Places): KnownKey {
  const { expiresAt, revokedAt, lastUsedAt, lastFour, fingerprint } = row;
  const instant = (text: string) => instantOf(text) ?? text;
  return {
    id: row.id,
    name: qualified(workspace, canonicalText(row.name)),
    attributes: keyAttributes(row, places),
    createdAt: instant(row.createdAt),
    createdBy: row.createdBy,
    ...(expiresAt === null ? {} : { expiresAt: instant(expiresAt) }),
    ...(revokedAt === null ? {} : { revokedAt: instant(revokedAt) }),
    lastUsedAt: lastUsedAt === null ? null : instant(lastUsedAt),
    lastFour,
    fingerprint,
  };
}

async function createKey(
  order: KeyOrder,
  token: string,
  client: Client,
  connected: ContractConnection,
): Promise<NewKey> {
  const { rows, doubts } = await readRows(client, ["workspaces", "products", "members"]);
  if (doubts.length > 0)
    throw new PlatformError("The lists by which a key is made did not come whole", { hint: "Try again." });
  const places = placeRows(rows);
  const workspace = workspaceOf(order.name);
  const { product, owner, purpose } = order.attributes;
  const body = {
    workspaceId: idNamed("workspace", workspace, places.workspaces),
    productId: idNamed("product", String(product ?? ""), places.products),
    name: nameInWorkspace(order.name) ?? order.name,
    purpose,
    ownerId: idNamed("member", String(owner ?? ""), memberNames(places)),
  };
  const { data, secret } = await writingCalls(connected).post("/api-keys", body, contract.ApiKeyCreated, {
    "idempotency-key": token,
  });
  const row = knownKey(data, workspace, places);
  if (secret !== undefined) connected.keep?.(secret);
  return { row, secret: secret === undefined ? undefined : new Secret(secret) };
}

function memberNames({ members }: Places): ReadonlyMap<string, { readonly name: string }> {
  return new Map([...members].map(([id, { email }]) => [id, { name: email }]));
}

function idNamed(what: string, name: string, among: ReadonlyMap<string, { readonly name: string }>): string {
  for (const [id, one] of among) if (name !== "" && fold(one.name) === fold(name)) return id;
  const problem = name === "" ? `names no ${what}` : `names the ${what} ${name}, which is not on the platform`;
  throw new PlatformError(`The key ${problem}`, { hint: `Declare it with a ${what} that is there.` });
}

/** Uses a key on its product's own side; no token of ours goes with it. */
async function verifyKey(
  row: KnownKey,
  secret: Secret,
  { transport }: ContractConnection,
  userAgent: string,
): Promise<Verification> {
  const product = String(row.attributes.product ?? "");
  const [workspace, shortname] = [workspaceOf(product), nameInWorkspace(product) ?? ""];
  const path = `/products/${encodeURIComponent(workspace)}/${encodeURIComponent(shortname)}/v1/ping`;
  const value = secret.reveal();
  const answer = await transport.send({
    method: "GET",
    path,
    repeatable: true,
    headers: async () => ({
      "user-agent": userAgent,
      accept: "application/json",
      authorization: `Bearer ${value}`,
    }),
  });
  const what = `GET ${path}`;
  if (answer.status === 401 || answer.status === 403)
    return { kind: "refused", because: redact(refusal(what, answer, undefined, [value]).message, [value]) };
  if (answer.status >= 400) throw refusal(what, answer, "The platform failed; try again.", [value]);
  const ping = checked(what, contract.Ping, parseSecretJson(what, answer), style);
  const expected = [workspace, shortname, row.attributes.purpose].map((part) => fold(String(part ?? "")));
  const found = [ping.workspace, ping.product, ping.purpose].map(fold);
  if (expected.every((part, index) => part === found[index])) return { kind: "works" };
  return { kind: "refused", because: redact(`it opens ${ping.workspace}/${ping.product}, ${ping.purpose}`, [value]) };
}

async function revokeKey(id: string, client: Client): Promise<void> {
  try {
    await client.revokeKey(id);
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 404) throw error;
  }
}
