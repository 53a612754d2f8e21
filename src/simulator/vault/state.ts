// A whole account as one document: loading it, writing it out, and what must hold for it to make sense.
// A document that breaks an invariant is refused as a whole, and the account stays as it was.
import { digestSecret } from "../auth.ts";
import { checkNames, foldName, insertRow, replaceCollection, replaceMap, withoutSeq } from "../collection.ts";
import { newEpoch } from "../ledger.ts";
import { memberIds, StateError } from "../state.ts";
import { findBrokenReferences } from "./invariants.ts";
import { apiKeyName } from "./keys.ts";
import { BUILT_IN } from "./product-roles.ts";
import type { ApiKeyRow, VaultDocument, VaultMemberRow } from "./records.ts";
import { collectionsOf, createVault, nameWithin, type VaultStore } from "./store.ts";

/** Whether a value has the outline of an account's document; `loadVault` looks inside. */
export function isVaultDocument(value: unknown): value is VaultDocument {
  if (typeof value !== "object" || value === null) return false;
  const { version, account, memberships, workspaces, products, ...others } = value as Partial<VaultDocument>;
  const { roles, groups, members, integrations, keys } = others;
  const lists = [workspaces, products, roles, groups, members, integrations, keys].every(Array.isArray);
  const objects = [account, memberships].every((part) => typeof part === "object" && part !== null);
  return version === 1 && lists && objects;
}

/**
 * Replaces everything in the account by the document. Throws `StateError` and changes nothing when it does not hold together.
 * Every row gets a new version, so that no ETag from before fits what may be different now; `keepVersions` is for a restart.
 */
export function loadVault(vault: VaultStore, document: VaultDocument, keepVersions = false): void {
  const fresh = createVault(vault.now);
  fresh.changes = Math.max(vault.changes, document.changes ?? 0) + 1;
  const problems: string[] = [];
  const load = newLoader(fresh, keepVersions, problems);
  loadEstate(load, fresh, document);
  loadRoles(load, fresh, document);
  loadPeople(load, fresh, document, problems);
  loadConnections(load, fresh, document);
  problems.push(...findBrokenVault(fresh));
  if (problems.length > 0) throw new StateError(problems);
  const [target, source] = [collectionsOf(vault), collectionsOf(fresh)];
  replaceCollection(target.workspaces, source.workspaces);
  replaceCollection(target.products, source.products);
  replaceCollection(target.roles, source.roles);
  replaceCollection(target.groups, source.groups);
  replaceCollection(target.members, source.members);
  replaceCollection(target.integrations, source.integrations);
  replaceCollection(target.keys, source.keys);
  vault.memberBySeq.length = 0;
  for (const member of fresh.memberBySeq) vault.memberBySeq.push(member);
  replaceMap(vault.memberships, fresh.memberships);
  vault.membershipsRevision++;
  vault.account = document.account;
  vault.changes = fresh.changes;
  vault.audit = [...(document.audit ?? [])];
  vault.epoch = newEpoch();
  const kept = (document.keptAnswers ?? []).map((answer) => [`${answer.client} ${answer.key}`, answer] as const);
  replaceMap(vault.keptAnswers, new Map(kept));
  vault.onChange();
}

/** The account as a document; loading it gives an account that no request can tell apart. No secret is in it. */
export function dumpVault(vault: VaultStore): VaultDocument {
  return {
    version: 1,
    account: vault.account,
    changes: vault.changes,
    workspaces: [...vault.workspaces.byId.values()].map(withoutSeq),
    products: [...vault.products.byId.values()].map(withoutSeq),
    roles: [...vault.roles.byId.values()].map(withoutSeq),
    groups: [...vault.groups.byId.values()].map(withoutSeq),
    members: [...vault.members.byId.values()].map(withoutSeq),
    memberships: Object.fromEntries(
      [...vault.memberships].map(([groupId, seqs]) => [groupId, memberIds(vault.memberBySeq, seqs)] as const),
    ),
    integrations: [...vault.integrations.byId.values()].map(withoutSeq),
    keys: [...vault.keys.byId.values()].map(withoutSeq),
    audit: vault.audit,
    keptAnswers: [...vault.keptAnswers.values()],
  };
}

/** What must hold at every moment and does not; empty when all is well. */
export function findBrokenVault(vault: VaultStore): string[] {
  const { workspaces, products, roles, groups, members, integrations, keys } = vault;
  const within = ({ workspaceId, name }: { readonly workspaceId: string; readonly name: string }): string =>
    nameWithin(workspaces.byId.get(workspaceId), name);
  const broken: string[] = [];
  checkNames(workspaces, "workspace", (row) => row.shortname, broken);
  checkNames(products, "product", (row) => within({ ...row, name: row.shortname }), broken);
  checkNames(roles, "product role", (row) => nameWithin(products.byId.get(row.productId), row.name), broken);
  checkNames(groups, "group", within, broken);
  checkNames(members, "member", (row) => row.email, broken);
  checkNames(integrations, "integration", within, broken);
  checkNames(keys, "API key", apiKeyName, broken);
  broken.push(...findBrokenReferences(vault));
  return broken;
}

/** What every row of a document gets: its place, its version, and that its id is its own. */
type Loader = <S extends { readonly id: string; readonly version?: number }>(
  collection: { nextSeq: number; readonly byId: ReadonlyMap<string, unknown> },
  saved: S,
) => S & { readonly seq: number; version: number };

function newLoader({ changes }: VaultStore, keepVersions: boolean, problems: string[]): Loader {
  return (collection, saved) => {
    if (collection.byId.has(saved.id)) problems.push(`Two rows of one kind have the id ${saved.id}.`);
    const version = keepVersions ? (saved.version ?? changes) : changes;
    return { ...saved, seq: collection.nextSeq++, version };
  };
}

function loadEstate(load: Loader, vault: VaultStore, document: VaultDocument): void {
  for (const saved of document.workspaces)
    insertRow(vault.workspaces, { region: "", team: "", ...load(vault.workspaces, saved) }, saved.shortname);
  for (const saved of document.products) {
    const row = { tier: "", active: true, subscribed: true, ...load(vault.products, saved) };
    insertRow(vault.products, row, nameWithin(vault.workspaces.byId.get(row.workspaceId), row.shortname));
  }
}

function loadRoles(load: Loader, vault: VaultStore, document: VaultDocument): void {
  const builtIn = (name: string): boolean => foldName(name) === foldName(BUILT_IN);
  const named = new Set(document.roles.filter(({ name }) => builtIn(name)).map(({ productId }) => productId));
  const missing = document.products.filter(({ id }) => !named.has(id));
  const added = missing.map(({ id }) => ({ id: `${id}-admin`, productId: id, name: BUILT_IN }));
  for (const saved of [...document.roles, ...added]) {
    const row = { description: "", impliedRoleIds: [], ...load(vault.roles, saved), builtIn: builtIn(saved.name) };
    insertRow(vault.roles, row, nameWithin(vault.products.byId.get(row.productId), row.name));
  }
}

function loadPeople(load: Loader, vault: VaultStore, document: VaultDocument, problems: string[]): void {
  for (const saved of document.groups) {
    const row = { description: "", roleIds: [], ...load(vault.groups, saved) };
    insertRow(vault.groups, row, nameWithin(vault.workspaces.byId.get(row.workspaceId), row.name));
    vault.memberships.set(row.id, new Set());
  }
  for (const saved of document.members) {
    const plain = { firstName: "", lastName: "", status: "active" as const, workspaces: [], roleIds: [] };
    const row: VaultMemberRow = { ...plain, ...load(vault.members, saved) };
    insertRow(vault.members, row, row.email);
    vault.memberBySeq[row.seq] = row;
  }
  for (const [groupId, ids] of Object.entries(document.memberships)) {
    const seqs = vault.memberships.get(groupId);
    if (!seqs) problems.push(`There are memberships of the unknown group ${groupId}.`);
    for (const id of ids) {
      const member = vault.members.byId.get(id);
      if (member) seqs?.add(member.seq);
      else problems.push(`Group ${groupId} has the unknown member ${id}.`);
    }
  }
}

function loadConnections(load: Loader, vault: VaultStore, document: VaultDocument): void {
  for (const saved of document.integrations) {
    const row = { productId: null, description: "", ...load(vault.integrations, saved) };
    insertRow(vault.integrations, row, nameWithin(vault.workspaces.byId.get(row.workspaceId), row.name));
  }
  for (const saved of document.keys) {
    const plain = { ownerId: null, expiresAt: null, revokedAt: null, lastUsedAt: null, lastFour: "????" };
    const made = { createdAt: new Date(vault.now()).toISOString(), createdBy: "console" };
    const row: ApiKeyRow = {
      ...plain,
      ...made,
      // Of a text that is no secret, so that no key is ever right.
      secretDigest: digestSecret(`lost ${saved.id}`),
      ...load(vault.keys, saved),
    };
    insertRow(vault.keys, row, apiKeyName(row));
  }
}
