// One change of a role, group or member: the request it takes, and what to make of a refusal. After a refusal the one
// entity is read again and decides: as wanted already is `applied`, unchanged since the plan is tried again, all else is a conflict.
import type { Change, EntityView } from "../../model/change.ts";
import { asCalled, entityOf } from "../http/directory.ts";
import { HttpError, UnreachableError } from "../http/failure.ts";
import { ALREADY, APPLIED, type Fate, GONE } from "../http/units.ts";
import { type Body, createBody, differingFields, type Lookup, type Row, updateBody } from "./body.ts";
import type { Collection } from "./client.ts";
import { fold } from "./ladder.ts";
import { disabledOf } from "./reader.ts";
import type { Writing } from "./writer.ts";

const collections: Readonly<Record<string, Collection>> = { Role: "roles", Group: "groups", Member: "members" };

/** A change of an existing entity, worked out as far as it can be without the platform. */
interface Edit {
  readonly collection: Collection;
  readonly id: string;
  /** What it is to be; undefined when it is to be gone. */
  readonly body: Body | undefined;
  /** What the plan was made for; undefined when that cannot be told. */
  readonly before: Body | undefined;
}

/** Makes one change. Throws `PlatformError` or `BodyError` when it fails for certain or leaves doubt. */
export async function makeChange(change: Change, writing: Writing): Promise<Fate> {
  const collection = collections[change.kind];
  if (!collection) return { status: "failed", cause: `${change.kind} is not something this platform can change` };
  const { directory, live } = writing;
  const lookup: Lookup = (kind, local) => directory.idOf(kind, local, live);
  switch (change.action) {
    case "create":
      return create(change, change.after ?? { name: change.name, attributes: {} }, collection, lookup, writing);
    case "update":
    case "delete":
      return edit(change, collection, lookup, writing);
    default:
      return change.action satisfies never;
  }
}

async function create(
  change: Change,
  after: EntityView,
  collection: Collection,
  lookup: Lookup,
  writing: Writing,
): Promise<Fate> {
  const { client, directory } = writing;
  const body = createBody(change.kind, after, lookup);
  const disabled = change.kind === "Member" ? disabledOf(writing.live).get(change.local) : undefined;
  if (disabled?.id !== undefined && disabled.version !== undefined)
    return enable(change, disabled.id, disabled.version, body, writing);
  try {
    const row = await client.create(collection, body, writing.keyOf(change));
    directory.remember(change.kind, after.name, row.id);
    return APPLIED;
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 409) throw error;
    const { existingId } = error.problem;
    if (existingId === undefined) return { status: "conflict", cause: error.message };
    const row = await client.readOne(collection, existingId);
    if ("email" in row && row.status === "disabled") return enable(change, row.id, row.etag, body, writing);
    directory.remember(change.kind, after.name, row.id);
    return (
      settled(row, body) ?? { status: "conflict", cause: `it exists already, with another ${differing(row, body)}` }
    );
  }
}

/** Inviting someone who is disabled means enabling them. */
async function enable(change: Change, id: string, version: string, body: Body, writing: Writing): Promise<Fate> {
  writing.directory.remember(change.kind, String(body.email), id);
  const { email: _, ...names } = body;
  const wanted = { status: "active", ...names };
  const edit: Edit = { collection: "members", id, body: wanted, before: { status: "disabled" } };
  return send(edit, version, writing);
}

async function edit(planned: Change, collection: Collection, lookup: Lookup, writing: Writing): Promise<Fate> {
  const entity = entityOf(planned, writing.live, fold);
  const change = asCalled(planned, entity);
  if (entity?.id === undefined || entity.version === undefined)
    return { status: "failed", cause: "the live state that was read does not have it" };
  const before = change.before && attempt(() => createBody(change.kind, change.before as EntityView, lookup));
  const body = bodyOf(change, lookup);
  if (body && Object.keys(body).length === 0) return ALREADY;
  return send({ collection, id: entity.id, body, before: before ?? undefined }, entity.version, writing);
}

/** Members are disabled, never deleted; for anything else, no body means a deletion. */
function bodyOf(change: Change, lookup: Lookup): Body | undefined {
  if (change.action === "delete") return change.kind === "Member" ? { status: "disabled" } : undefined;
  const { before, after } = change;
  return before && after ? updateBody(change.kind, before, after, lookup) : {};
}

/** How often an edit is sent when only the version moves, and nothing the plan was made for. */
const MOST_TRIES = 4;

/** Sends an edit; after a refusal or a lost answer the entity itself says what came of it. */
async function send(edit: Edit, version: string, writing: Writing): Promise<Fate> {
  let current = version;
  for (let tries = 1; ; tries += 1) {
    try {
      if (edit.body) await writing.client.update(edit.collection, edit.id, edit.body, current);
      else await writing.client.remove(edit.collection, edit.id, current);
      return APPLIED;
    } catch (error) {
      const row = await readAfter(error, edit, writing);
      if (row === "gone") return edit.body ? { status: "conflict", cause: "it is gone from the platform" } : GONE;
      const fate = settled(row, edit.body);
      if (fate) return fate;
      if (!(error instanceof HttpError) || (error.status !== 412 && error.status !== 409)) throw error;
      if (error.status === 409) return { status: "conflict", cause: error.message };
      const moved = edit.before ? differingFields(row, edit.before) : ["content"];
      if (moved.length > 0 || tries === MOST_TRIES)
        return {
          status: "conflict",
          cause: `it changed on the platform since it was read: ${moved.join(", ") || "again and again"}`,
        };
      current = row.etag;
    }
  }
}

/** What the entity is after a refusal or a lost answer; throws the error again when that says nothing new. */
async function readAfter(error: unknown, edit: Edit, { client }: Writing): Promise<Row | "gone"> {
  const telling =
    error instanceof UnreachableError
      ? error.sent
      : error instanceof HttpError && ([404, 409, 412].includes(error.status ?? 0) || (error.status ?? 0) >= 500);
  if (!telling) throw error;
  try {
    return await client.readOne(edit.collection, edit.id);
  } catch (second) {
    if (second instanceof HttpError && second.status === 404) return "gone";
    throw error;
  }
}

/** `applied` when the row is what the body asks for. */
function settled(row: Row, body: Body | undefined): Fate | undefined {
  return body && differingFields(row, body).length === 0 ? ALREADY : undefined;
}

function differing(row: Row, body: Body): string {
  return differingFields(row, body).join(", ");
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
