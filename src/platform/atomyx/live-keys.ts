// The API keys of an account as entities, one for each name: while a key is replaced two have one name, and the newest that
// was not revoked speaks for it. Pure; no clock, so an expired key is there until somebody revokes it.
import type { Attributes, Entity } from "../../model/entity.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import { canonicalText, inconsistent, instantOf } from "../rules/rows.ts";
import { fold } from "./catalogue.ts";
import { lostRows, type Mapping, managed } from "./mapping.ts";
import { qualified } from "./names.ts";
import type { Places } from "./places.ts";
import type { KeyRow } from "./rows.ts";

export interface LiveKeys {
  readonly entities: readonly Entity[];
  /** Ids of the members who answer for them. */
  readonly owners: readonly string[];
}

/** A key that is there, with its qualified name. */
interface NamedKey {
  readonly row: KeyRow;
  readonly name: string;
}

/** The keys of shown workspaces that were not revoked. */
export function keyEntities(rows: readonly KeyRow[], mapping: Mapping): LiveKeys {
  const { workspaces, shows, findings } = mapping;
  const byName = new Map<string, NamedKey[]>();
  let lost = 0;
  for (const row of rows) {
    const workspace = workspaces.get(row.workspaceId);
    if (!workspace) lost += 1;
    if (!workspace || !shows(row.workspaceId) || isRevoked(row)) continue;
    const name = qualified(workspace.name, canonicalText(row.name));
    const named = byName.get(fold(name));
    if (named) named.push({ row, name });
    else byName.set(fold(name), [{ row, name }]);
  }
  if (lost > 0) findings.push(lostRows("API keys of workspaces", lost));
  const live = [...byName.values()].map((keys) => ({ keys, newest: newestOf(keys) }));
  return {
    entities: live.map(({ keys, newest }) => {
      findings.push(...sharedName(keys, newest, mapping), ...danglingKey(newest, mapping));
      const { row, name } = newest;
      return managed("ApiKey", name, keyAttributes(row, mapping), row.id, row.etag);
    }),
    owners: live.flatMap(({ newest }) => newest.row.ownerId ?? []),
  };
}

/** Whether a key can never open anything again. */
export function isRevoked({ revokedAt }: Pick<KeyRow, "revokedAt">): boolean {
  return revokedAt !== null;
}

/** What a key says of itself, names instead of ids; absent where it says nothing. */
export function keyAttributes(row: KeyRow, { products, members }: Pick<Places, "products" | "members">): Attributes {
  const owner = row.ownerId === null ? undefined : members.get(row.ownerId);
  return {
    product: products.get(row.productId)?.name ?? row.productId,
    purpose: canonicalText(row.purpose),
    ...(owner ? { owner: canonicalText(owner.email) } : {}),
  };
}

/** The one that was made last; of two made at once, whichever: the same one every time. */
function newestOf(keys: readonly NamedKey[]): NamedKey {
  const made = ({ row }: NamedKey) => instantOf(row.createdAt) ?? "";
  return keys.reduce((newest, key) =>
    (compareText(made(newest), made(key)) || compareText(newest.row.id, key.row.id)) < 0 ? key : newest,
  );
}

/** Two keys of one name are a key and its replacement: for one product and one purpose, or one of them hides behind the other. */
function* sharedName(keys: readonly NamedKey[], { row, name }: NamedKey, { products }: Mapping): Iterable<Finding> {
  const others = keys.filter(
    ({ row: { productId, purpose } }) => productId !== row.productId || purpose !== row.purpose,
  );
  if (others.length === 0) return;
  const about = ({ productId, purpose }: KeyRow) => `${products.get(productId)?.name ?? productId}, ${purpose}`;
  yield {
    severity: "warning",
    code: "key-name-shared",
    message: `Keys of different things have the name "${name}" and are in force: one for ${about(row)}, and ${others.map((key) => `one for ${about(key.row)}`).join(", ")}`,
    key: `ApiKey/${fold(name)}`,
    hint: "Only the newest is compared with files. Revoke the others in the Vault, or give them names of their own.",
  };
}

function* danglingKey({ row, name }: NamedKey, { products, members }: Mapping): Iterable<Finding> {
  const missing = [
    ...(products.has(row.productId) ? [] : [`product ${row.productId}`]),
    ...(row.ownerId === null || members.has(row.ownerId) ? [] : [`member ${row.ownerId}`]),
  ];
  if (missing.length > 0)
    yield inconsistent(
      `API key "${name}" refers to ${missing.join(", ")}, not in the platform's lists`,
      `ApiKey/${fold(name)}`,
    );
}
