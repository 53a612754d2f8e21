// The life of a member: invited, active, disabled, enabled again. Members are never deleted. What they do by themselves
// (being active, setting up a second factor) is told of them, and is no change that anybody made.

import { etagOf, insertRow, renameRow, touchRow } from "./collection.ts";
import { commit, type Write } from "./ledger.ts";
import { unprocessable } from "./problems.ts";
import type { MemberFacts, MemberRow, MemberStatus, PlacedEffect, Subject } from "./records.ts";
import { changedProperties, findRow, requireFreeName, requireMatch } from "./rows.ts";
import { newId, type Store } from "./store.ts";

export interface MemberInput {
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly status?: "active" | "disabled";
}

/** A member as the API shows them; facts that are not known of them do not come out in JSON. */
export function memberView(row: MemberRow): object {
  const { id, email, firstName, lastName, status, multiFactor, lastActiveAt } = row;
  return { id, email, firstName, lastName, status, multiFactor, lastActiveAt, etag: etagOf(row) };
}

/** Invites a member; 409 when the address exists, also a disabled member's. */
export function createMember(store: Store, write: Write, input: MemberInput & { readonly email: string }): MemberRow {
  requireFreeName(store.members, input.email, null);
  const row: MemberRow = {
    id: newId(store, "member"),
    seq: store.members.nextSeq++,
    version: store.changes + 1,
    email: input.email,
    firstName: input.firstName ?? "",
    lastName: input.lastName ?? "",
    status: "invited",
    accepted: false,
    multiFactor: false,
    lastActiveAt: null,
  };
  const after = { email: row.email, firstName: row.firstName, lastName: row.lastName, status: row.status };
  const effect = { action: "member.invited", subject: subjectOf(row), before: null, after, environmentId: null };
  commit(store, write, [effect], () => {
    insertRow(store.members, row, row.email);
    store.memberBySeq[row.seq] = row;
  });
  return row;
}

/** Changes names, address or status. Disabling takes the member out of every group, in the same write. */
export function updateMember(
  store: Store,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: MemberInput,
): MemberRow {
  const row = findRow(store.members, id, "member");
  requireMatch(row, ifMatch);
  if (patch.email !== undefined) requireFreeName(store.members, patch.email, id);
  const wanted = patch.status === undefined ? patch : { ...patch, status: statusAfter(row, patch.status) };
  const change = changedProperties(row, wanted);
  if (!change) return row;
  const effect = {
    action: actionOf(row, change.after.status),
    subject: subjectOf(row),
    ...change,
    environmentId: null,
  };
  const leaving = change.after.status === "disabled" ? groupsOf(store, row) : [];
  commit(store, write, [...leaving.map((id) => leaveEffect(store, id, row)), effect], () => {
    for (const groupId of leaving) store.memberships.get(groupId)?.delete(row.seq);
    if (leaving.length > 0) store.membershipsRevision++;
    if (wanted.email !== undefined) renameRow(store.members, row, row.email, wanted.email);
    Object.assign(row, change.after);
    touchRow(store, store.members, row);
  });
  return row;
}

/** What the person does who was invited; nothing for someone who is not `invited`. */
export function acceptInvitation(store: Store, id: string): MemberRow {
  const row = findRow(store.members, id, "member");
  if (row.status !== "invited") return row;
  const actor = { type: "member", id, name: row.email } as const;
  const change = { before: { status: "invited" }, after: { status: "active" } };
  const effect = { action: "member.accepted", subject: subjectOf(row), ...change, environmentId: null };
  commit(store, { actor, operation: "acceptInvitation" }, [effect], () => {
    row.status = "active";
    row.accepted = true;
    if (row.lastActiveAt !== undefined) row.lastActiveAt = new Date(store.now()).toISOString();
    touchRow(store, store.members, row);
  });
  return row;
}

/** Replaces what is told of a member. No write: neither versions nor revisions move, and the audit log stays as it is. */
export function setFacts(store: Store, id: string, { multiFactor, lastActiveAt }: MemberFacts): MemberRow {
  const row = findRow(store.members, id, "member");
  delete row.multiFactor;
  delete row.lastActiveAt;
  if (multiFactor !== undefined) row.multiFactor = multiFactor;
  if (lastActiveAt !== undefined) row.lastActiveAt = lastActiveAt;
  store.factsRevision++;
  store.onChange();
  return row;
}

/** Ids of the groups a member is in. */
export function groupsOf(store: Store, member: MemberRow): string[] {
  const ids: string[] = [];
  for (const [groupId, members] of store.memberships) if (members.has(member.seq)) ids.push(groupId);
  return ids;
}

function statusAfter(row: MemberRow, wanted: "active" | "disabled"): MemberStatus {
  if (wanted === "disabled" || row.status === wanted) return wanted;
  if (row.status === "invited") throw unprocessable("/status", "The invitation has not been accepted yet.");
  return row.accepted ? "active" : "invited";
}

function actionOf(row: MemberRow, status: unknown): string {
  if (status === undefined) return "member.updated";
  return status === "disabled" ? "member.disabled" : row.status === "disabled" ? "member.enabled" : "member.updated";
}

function subjectOf(row: MemberRow): Subject {
  return { type: "member", id: row.id, name: row.email };
}

function leaveEffect(store: Store, groupId: string, member: MemberRow): PlacedEffect {
  return membershipEffect("membership.removed", groupId, store.groups.byId.get(groupId)?.name ?? groupId, member);
}

/** What the audit log says of a member coming into or leaving a group. */
export function membershipEffect(
  action: "membership.added" | "membership.removed",
  groupId: string,
  groupName: string,
  member: MemberRow,
): PlacedEffect {
  const what = { groupId, memberId: member.id };
  return {
    action,
    subject: { type: "membership", id: `${groupId}/${member.id}`, name: `${member.email} in ${groupName}` },
    before: action === "membership.removed" ? what : null,
    after: action === "membership.added" ? what : null,
    environmentId: null,
  };
}
