// One change of anything but a membership: the requests it takes. Lists of a member are whole and hold what is of other
// workspaces, so a member is read right before and what is not the target's goes back as it was. What becomes of a request
// that is refused is for `http/edits.ts` to find out.
import type { Change, EntityView } from "../../model/change.ts";
import { groupOfSection } from "../../model/entity.ts";
import type { Body } from "../http/contract.ts";
import { asCalled, entityOf } from "../http/directory.ts";
import { type Edit, type EntityCalls, sendCreation, sendEdit, type Versioned } from "../http/edits.ts";
import { HttpError, unlessImpossible } from "../http/failure.ts";
import { ALREADY, type Fate } from "../http/units.ts";
import type { Writing } from "../http/writer.ts";
import {
  ALL_OURS,
  createBody,
  differingFields,
  isMadeElsewhere,
  type Lookup,
  MADE_ELSEWHERE,
  type Ownership,
  stateBody,
  updateBody,
  type WritableKind,
  withOthers,
} from "./body.ts";
import { fold, IMMUTABLE } from "./catalogue.ts";
import type { Client } from "./client.ts";
import type { Collection } from "./rows.ts";

/** What the parts of this writer share while one phase is made. */
export interface AtomyxWriting extends Writing<Client> {
  /** Whether the target is only some workspaces of the account. */
  readonly limited: boolean;
  /** What of a member's lists is the target's. */
  readonly ours: Ownership;
}

const COLLECTIONS: Readonly<Record<WritableKind, Collection>> = {
  Workspace: "workspaces",
  Product: "products",
  Role: "product-roles",
  Group: "groups",
  Member: "members",
  Integration: "integrations",
  ApiKey: "api-keys",
};

/** Whether changes of this kind can be made by requests for one entity. */
export function isWritable(kind: string): kind is WritableKind {
  return kind in COLLECTIONS;
}

/** The id of a folded name, created or renamed ones included. */
export function lookupIn({ directory, live }: AtomyxWriting): Lookup {
  return (kind, local) => directory.idOf(kind, local, live);
}

/** The calls for one kind, and how its rows compare. */
export function callsOf(kind: WritableKind, writing: AtomyxWriting): EntityCalls<Versioned> {
  const collection = COLLECTIONS[kind];
  const { client } = writing;
  const ours = kind === "Member" ? writing.ours : ALL_OURS;
  return {
    readOne: (id) => client.readOne(collection, id),
    create: (body, idempotencyKey) => client.create(collection, body, idempotencyKey),
    update: (id, body, version) => client.update(collection, id, body, version),
    remove: (id, version) => client.remove(collection, id, version),
    differing: (row, body) => differingFields(row, body, ours),
  };
}

/** In a target of some workspaces, only what was read of them or made since is the target's. */
export function ownershipIn({ directory, live, limited }: Omit<AtomyxWriting, "ours">): Ownership {
  if (!limited) return ALL_OURS;
  const idsOf = (kind: string) => new Set([...(live.get(kind)?.values() ?? [])].map(({ id }) => id));
  const [workspaces, roles] = [idsOf("Workspace"), idsOf("Role")];
  return { workspace: (id) => workspaces.has(id), role: (id) => roles.has(id) || directory.knows("Role", id) };
}

/** Creates a member, a group or an integration. Throws `PlatformError` or `BodyError`. */
export async function create(change: Change, kind: WritableKind, writing: AtomyxWriting): Promise<Fate> {
  const after = viewAfter(change);
  const body = createBody(kind, after, lookupIn(writing));
  const remember = (id: string) => writing.directory.remember(kind, after.name, id);
  const calls = callsOf(kind, writing);
  const taken = (row: Versioned) => (kind === "Member" ? welcome(row, body, writing, remember) : undefined);
  return sendCreation({ body, idempotencyKey: writing.keyOf(change), remember, taken }, calls);
}

/** What the entity of a creation is to be. */
export function viewAfter(change: Change): EntityView {
  return change.after ?? { name: change.name, attributes: {} };
}

/** Somebody who was only in other workspaces of the account is not made anew: they get what is ours beside what they have. */
function welcome(
  row: Versioned,
  body: Body,
  writing: AtomyxWriting,
  remember: (id: string) => void,
): Promise<Fate> | undefined {
  const calls = callsOf("Member", writing);
  const nothing = { workspaces: [], roleIds: [] };
  const [own, others] = [calls.differing(row, nothing), differingFields(row, nothing)];
  if (own.length > 0 || others.length === 0) return undefined;
  remember(row.id);
  return sendEdit(
    {
      id: row.id,
      version: row.etag,
      body: (latest) => withOthers(body, latest ?? row, writing.ours),
      before: () => nothing,
      removes: false,
    },
    calls,
  );
}

/** Changes or removes what is there; `fresh`: it was changed since the plan, by us. Throws `PlatformError` or `BodyError`. */
export async function edit(planned: Change, kind: WritableKind, writing: AtomyxWriting, fresh = false): Promise<Fate> {
  const entity = entityOf(planned, writing.live, fold);
  const change = asCalled(planned, entity);
  if (entity?.id === undefined || entity.version === undefined)
    return { status: "failed", cause: "the live state that was read does not have it" };
  if (entity.status === IMMUTABLE) return BUILT_IN;
  const { id } = entity;
  const version = fresh ? undefined : entity.version;
  if (change.action === "delete" && isMadeElsewhere(kind)) return { status: "failed", cause: MADE_ELSEWHERE[kind] };
  const lookup = lookupIn(writing);
  const { before } = change;
  const seen = before ? unlessImpossible(() => stateBody(kind, before, lookup)) : undefined;
  const body = bodyOf(change, kind, lookup);
  if (body && Object.keys(body).length === 0) return ALREADY;
  const calls = callsOf(kind, writing);
  if (kind === "Member") return editMember({ id, seen, body }, calls, writing);
  const plain = { id, version, body: () => body, before: () => seen, removes: body === undefined };
  return unlessBuiltIn(sendEdit(plain, calls));
}

const BUILT_IN: Fate = { status: "conflict", cause: "it is built in, and nobody can change it" };

/** A 403 about this one thing says nothing of the credential. */
export async function unlessBuiltIn(fate: Promise<Fate>): Promise<Fate> {
  try {
    return await fate;
  } catch (error) {
    if (error instanceof HttpError && error.status === 403 && error.problem.type?.endsWith("/built-in"))
      return BUILT_IN;
    throw error;
  }
}

function bodyOf(change: Change, kind: WritableKind, lookup: Lookup): Body | undefined {
  if (change.action === "delete") return undefined;
  const { before, after } = change;
  return before && after ? updateBody(kind, before, after, lookup) : {};
}

/** An edit of a member, in terms of what is the target's. */
interface MemberEdit {
  readonly id: string;
  readonly seen: Body | undefined;
  /** Undefined when they are to leave. */
  readonly body: Body | undefined;
}

async function editMember(
  { id, seen, body }: MemberEdit,
  calls: EntityCalls<Versioned>,
  writing: AtomyxWriting,
): Promise<Fate> {
  const { ours } = writing;
  const nothing = { workspaces: [], roleIds: [] };
  const wanted = (row: Versioned | undefined): Body | undefined => {
    if (!row) return body;
    if (body) return withOthers(body, row, ours);
    const others = withOthers(nothing, row, ours);
    // Who is in other workspaces of the account stays in it, with what they have there.
    return differingFields(others, nothing).length > 0 ? others : undefined;
  };
  const send: Edit<Versioned> = {
    id,
    version: undefined,
    body: wanted,
    before: () => seen,
    removes: body === undefined,
  };
  if (body === undefined && writing.limited) {
    // First, so that a rerun finds the person as the plan saw them; but nobody leaves a group over a conflict.
    const row = await calls.readOne(id).catch(unlessGone);
    if (row && seen && calls.differing(row, seen).length === 0) await leaveGroups(id, writing);
  }
  return sendEdit(send, calls);
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof HttpError) || error.status !== 404) throw error;
}

/** Removing somebody from the account takes them out of every group; whoever stays in it is taken out of the target's. */
async function leaveGroups(memberId: string, { client, directory, live }: AtomyxWriting): Promise<void> {
  for (const [section, members] of live) {
    const group = groupOfSection(section);
    const groupId = group === undefined ? undefined : directory.idOf("Group", group, live);
    if (groupId === undefined || ![...members.values()].some(({ id }) => id === memberId)) continue;
    // A group that is gone has nobody in it.
    await client.changeMembers(groupId, [], [memberId]).catch(unlessGone);
  }
}
