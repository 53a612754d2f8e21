// A whole organization as one document: loading it, writing it out, and what must hold for it to make sense.
// A document that breaks an invariant is refused as a whole, and the store stays as it was.

import { checkNames, insertRow, replaceCollection, replaceMap, withoutSeq } from "./collection.ts";
import { newEpoch } from "./ledger.ts";
import type { GroupRow, MemberRow, RoleRow, StateDocument } from "./records.ts";
import { createStore, type Store } from "./store.ts";

/** The document is not a possible organization; the message names the first things wrong. */
export class StateError extends Error {
  constructor(problems: readonly string[]) {
    const shown = problems.slice(0, 5).join(" ");
    super(problems.length > 5 ? `${shown} And ${problems.length - 5} more.` : shown);
    this.name = "StateError";
  }
}

/** Whether a value has the outline of a state document; `loadState` looks inside. */
export function isDocument(value: unknown): value is StateDocument {
  if (typeof value !== "object" || value === null) return false;
  const { version, organisation, environments, roles, groups, members, memberships } = value as Partial<StateDocument>;
  const lists = [environments, roles, groups, members].every(Array.isArray);
  const objects = [organisation, memberships].every((part) => typeof part === "object" && part !== null);
  return version === 1 && lists && objects;
}

/**
 * Replaces everything in the store by the document. Throws `StateError` and changes nothing when it does not hold together.
 * Every row gets a new version, so that no ETag from before fits what may be different now; `keepVersions` is for a restart.
 */
export function loadState(store: Store, document: StateDocument, keepVersions = false): void {
  const fresh = createStore(store.now);
  fresh.changes = Math.max(store.changes, document.changes ?? 0) + 1;
  fresh.organisation = document.organisation;
  fresh.environments = [...document.environments];
  const problems: string[] = [];
  const versionOf = ({ version = fresh.changes }: { readonly version?: number }): number =>
    keepVersions ? version : fresh.changes;
  loadRoles(fresh, document, versionOf, problems);
  loadGroups(fresh, document, versionOf, problems);
  loadMembers(fresh, document, versionOf, problems);
  loadMemberships(fresh, document, problems);
  problems.push(...findBrokenInvariants(fresh));
  if (problems.length > 0) throw new StateError(problems);
  replaceCollection(store.roles, fresh.roles);
  replaceCollection(store.groups, fresh.groups);
  replaceCollection(store.members, fresh.members);
  store.memberBySeq.length = 0;
  for (const member of fresh.memberBySeq) store.memberBySeq.push(member);
  replaceMap(store.memberships, fresh.memberships);
  store.membershipsRevision++;
  store.organisation = fresh.organisation;
  store.environments = fresh.environments;
  store.changes = fresh.changes;
  store.audit = [...(document.audit ?? [])];
  store.epoch = newEpoch();
  replaceMap(store.credentials, new Map((document.credentials ?? []).map((entry) => [entry.clientId, entry])));
  replaceMap(
    store.keptAnswers,
    new Map((document.keptAnswers ?? []).map((kept) => [`${kept.client} ${kept.key}`, kept])),
  );
  store.onChange();
}

/** The store as a document; loading it gives an organization that no request can tell apart. */
export function dumpState(store: Store): StateDocument {
  return {
    version: 1,
    organisation: store.organisation,
    changes: store.changes,
    environments: store.environments,
    roles: [...store.roles.byId.values()].map(withoutSeq),
    groups: [...store.groups.byId.values()].map(withoutSeq),
    members: [...store.members.byId.values()].map(withoutSeq),
    memberships: Object.fromEntries(
      [...store.memberships].map(([groupId, seqs]) => [groupId, memberIds(store.memberBySeq, seqs)] as const),
    ),
    credentials: [...store.credentials.values()],
    audit: store.audit,
    keptAnswers: [...store.keptAnswers.values()],
  };
}

/** Ids of the members of a group, in the order of listings. */
export function memberIds(
  memberBySeq: readonly ({ readonly id: string } | undefined)[],
  seqs: ReadonlySet<number>,
): string[] {
  const ids: string[] = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) ids.push(memberBySeq[seq]?.id ?? "");
  return ids;
}

/** What must hold at every moment and does not; empty when all is well. */
export function findBrokenInvariants(store: Store): string[] {
  const broken: string[] = [];
  checkNames(store.roles, "role", (row) => row.name, broken);
  checkNames(store.groups, "group", (row) => row.name, broken);
  checkNames(store.members, "member", (row) => row.email, broken);
  const environments = new Set(store.environments.map((environment) => environment.id));
  if (environments.size !== store.environments.length) broken.push("Two environments have one id.");
  for (const group of store.groups.byId.values()) {
    for (const id of group.roleIds)
      if (!store.roles.byId.has(id)) broken.push(`Group ${group.id} holds the unknown role ${id}.`);
    for (const id of group.environmentIds)
      if (!environments.has(id)) broken.push(`Group ${group.id} is limited to the unknown environment ${id}.`);
    if (!store.memberships.has(group.id)) broken.push(`Group ${group.id} has no set of members.`);
  }
  for (const [groupId, members] of store.memberships) {
    if (!store.groups.byId.has(groupId)) broken.push(`There are memberships of the unknown group ${groupId}.`);
    for (const seq of members) {
      const member = store.memberBySeq[seq];
      if (!member) broken.push(`Group ${groupId} has an unknown member.`);
      else if (member.status === "disabled") broken.push(`The disabled member ${member.id} is in group ${groupId}.`);
    }
  }
  return broken;
}

type VersionOf = (row: { readonly version?: number }) => number;

function loadRoles(store: Store, document: StateDocument, versionOf: VersionOf, problems: string[]): void {
  for (const role of document.roles) {
    const { id, name, description = "", permissions = [] } = role;
    const version = versionOf(role);
    const row: RoleRow = { id, seq: store.roles.nextSeq++, version, name, description, permissions };
    if (store.roles.byId.has(id)) problems.push(`Two roles have the id ${id}.`);
    insertRow(store.roles, row, name);
  }
}

function loadGroups(store: Store, document: StateDocument, versionOf: VersionOf, problems: string[]): void {
  for (const group of document.groups) {
    const { id, name, description = "", roleIds = [], environmentIds = [] } = group;
    const version = versionOf(group);
    const seq = store.groups.nextSeq++;
    const row: GroupRow = { id, seq, version, name, description, roleIds, environmentIds };
    if (store.groups.byId.has(id)) problems.push(`Two groups have the id ${id}.`);
    insertRow(store.groups, row, name);
    store.memberships.set(id, new Set());
  }
}

function loadMembers(store: Store, document: StateDocument, versionOf: VersionOf, problems: string[]): void {
  for (const member of document.members) {
    const { id, email, firstName = "", lastName = "", status = "active", multiFactor, lastActiveAt } = member;
    const version = versionOf(member);
    const accepted = member.accepted ?? status !== "invited";
    const seq = store.members.nextSeq++;
    const row: MemberRow = { id, seq, version, email, firstName, lastName, status, accepted };
    if (multiFactor !== undefined) row.multiFactor = multiFactor;
    if (lastActiveAt !== undefined) row.lastActiveAt = lastActiveAt;
    if (store.members.byId.has(id)) problems.push(`Two members have the id ${id}.`);
    insertRow(store.members, row, email);
    store.memberBySeq[seq] = row;
  }
}

function loadMemberships(store: Store, document: StateDocument, problems: string[]): void {
  for (const [groupId, ids] of Object.entries(document.memberships)) {
    const seqs = store.memberships.get(groupId);
    if (!seqs) problems.push(`There are memberships of the unknown group ${groupId}.`);
    for (const id of ids) {
      const member = store.members.byId.get(id);
      if (member) seqs?.add(member.seq);
      else problems.push(`Group ${groupId} has the unknown member ${id}.`);
    }
  }
}
