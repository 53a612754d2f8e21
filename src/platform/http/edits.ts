// One change of an entity that has a version: made, changed or removed on the condition that it is what the plan saw.
// After a refusal or a lost answer the entity itself is read and decides: as wanted already is `applied`, unchanged
// since the plan is tried again, all else is a conflict. Knows no platform; nothing is forced and nothing is guessed.
import type { Body } from "./contract.ts";
import { HttpError, UnreachableError } from "./failure.ts";
import { ALREADY, APPLIED, type Fate, GONE } from "./units.ts";

/** What every row with a version has. */
export interface Versioned {
  readonly id: string;
  readonly etag: string;
}

/** The calls that an edit of one collection takes, and how its rows compare. */
export interface EntityCalls<Row extends Versioned> {
  readonly readOne: (id: string) => Promise<Row>;
  readonly create: (body: Body, idempotencyKey: string) => Promise<Row>;
  readonly update: (id: string, body: Body, version: string) => Promise<unknown>;
  readonly remove: (id: string, version: string) => Promise<unknown>;
  /** Fields of a body that a row does not have as asked for; none means the row is as wanted. */
  readonly differing: (row: Row, body: Body) => readonly string[];
}

/** A change of an existing entity, worked out as far as it can be without the platform. */
export interface Edit<Row extends Versioned> {
  readonly id: string;
  /** The version that the plan saw; undefined when the entity is to be read before anything is sent. */
  readonly version: string | undefined;
  /** What it is to be; undefined when it is to be gone. `row` is the latest that was read, if any was. */
  readonly body: (row: Row | undefined) => Body | undefined;
  /** What the plan was made for; undefined when that cannot be told. */
  readonly before: (row: Row) => Body | undefined;
  /** Somebody who is gone is what was wanted. */
  readonly removes: boolean;
}

/** How often an edit is sent when only the version moves, and nothing the plan was made for. */
const MOST_TRIES = 4;

/** Sends an edit until its fate is known. Throws what the platform said when that is all there is to say. */
export async function sendEdit<Row extends Versioned>(edit: Edit<Row>, calls: EntityCalls<Row>): Promise<Fate> {
  let row: Row | undefined;
  let { version } = edit;
  for (let tries = 1; ; tries += 1) {
    try {
      if (version === undefined) row = await calls.readOne(edit.id);
      const fate = version === undefined && row && judge(row, edit, calls);
      if (fate) return fate;
      const current = version ?? row?.etag ?? "";
      const body = edit.body(row);
      if (body) await calls.update(edit.id, body, current);
      else await calls.remove(edit.id, current);
      return APPLIED;
    } catch (error) {
      const found = await readAfter(error, edit.id, calls);
      if (found === "gone") return edit.removes ? GONE : { status: "conflict", cause: "it is gone from the platform" };
      if (settled(found, edit.body(found), calls)) return ALREADY;
      if (!(error instanceof HttpError) || (error.status !== 412 && error.status !== 409)) throw error;
      if (error.status === 409) return { status: "conflict", cause: error.message };
      const fate = judge(found, edit, calls);
      if (fate) return fate;
      if (tries === MOST_TRIES) return movedFate(["again and again"]);
      row = found;
      version = found.etag;
    }
  }
}

/** What is to be said of a row instead of sending anything; undefined when it is as the plan saw it. */
function judge<Row extends Versioned>(row: Row, edit: Edit<Row>, calls: EntityCalls<Row>): Fate | undefined {
  if (settled(row, edit.body(row), calls)) return ALREADY;
  const before = edit.before(row);
  const moved = before ? calls.differing(row, before) : ["content"];
  return moved.length > 0 ? movedFate(moved) : undefined;
}

function movedFate(moved: readonly string[]): Fate {
  return { status: "conflict", cause: `it changed on the platform since it was read: ${moved.join(", ")}` };
}

/** What the entity is after a refusal or a lost answer; throws the error again when that says nothing new. */
async function readAfter<Row extends Versioned>(
  error: unknown,
  id: string,
  calls: EntityCalls<Row>,
): Promise<Row | "gone"> {
  const status = error instanceof HttpError ? (error.status ?? 0) : undefined;
  const telling =
    error instanceof UnreachableError
      ? error.sent
      : status !== undefined && ([404, 409, 412].includes(status) || status >= 500);
  if (!telling) throw error;
  try {
    return await calls.readOne(id);
  } catch (second) {
    if (second instanceof HttpError && second.status === 404) return "gone";
    throw error;
  }
}

function settled<Row extends Versioned>(row: Row, body: Body | undefined, calls: EntityCalls<Row>): boolean {
  return body !== undefined && calls.differing(row, body).length === 0;
}

/** An entity that is to be made. */
export interface Creation<Row extends Versioned> {
  readonly body: Body;
  readonly idempotencyKey: string;
  /** Called with the id that the name stands for, as soon as that is known. */
  readonly remember: (id: string) => void;
  /** What to do about one that holds the name already, where that is more than to compare. */
  readonly taken?: (row: Row) => Promise<Fate> | undefined;
}

/** Makes an entity. One that is there already, just as wanted, is `applied`; any other of its name is a conflict. */
export async function sendCreation<Row extends Versioned>(
  creation: Creation<Row>,
  calls: EntityCalls<Row>,
): Promise<Fate> {
  const { body, idempotencyKey, remember, taken } = creation;
  try {
    remember((await calls.create(body, idempotencyKey)).id);
    return APPLIED;
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 409) throw error;
    const { existingId } = error.problem;
    if (existingId === undefined) return { status: "conflict", cause: error.message };
    const row = await calls.readOne(existingId);
    const fate = taken?.(row);
    if (fate) return fate;
    remember(row.id);
    const other = calls.differing(row, body);
    return other.length === 0
      ? ALREADY
      : { status: "conflict", cause: `it exists already, with another ${other.join(", ")}` };
  }
}
