// One change of a role, group, user or application credential. Keystone has no versions to make a request conditional
// on, so the entity is read again right before: as wanted already is `applied`, as the plan saw it is changed, anything
// else is a conflict. People are disabled and lose what they hold themselves; nobody is ever deleted.
import type { Change, EntityView } from "../../model/change.ts";
import type { Attributes } from "../../model/entity.ts";
import { asCalled, entityOf } from "../http/directory.ts";
import { BodyError, HttpError } from "../http/failure.ts";
import { ALREADY, APPLIED, type Fate, fateOf, GONE } from "../http/units.ts";
import { canonicalText } from "../rules/rows.ts";
import { fold } from "./catalogue.ts";
import { type Collection, type EntityRows, isMissing } from "./client.ts";
import {
  complete,
  type Holder,
  type Holding,
  type Holdings,
  holdingsAttribute,
  holdingsOf,
  NO_HOLDINGS,
  readHoldings,
  type Steps,
  stepsTo,
  type Writing,
} from "./holdings.ts";

type Row = EntityRows[Collection];
type Body = Readonly<Record<string, unknown>>;

const collections: Readonly<Record<string, Collection>> = { Role: "roles", Group: "groups", Member: "users" };
/** Attributes that are fields of the entity itself. */
const FIELDS = ["description", "email", "enabled"] as const;

const IMMUTABLE: Fate = { status: "conflict", cause: "it is immutable on the platform" };

/** Makes one change. Throws `PlatformError` or `BodyError` when it fails for certain or leaves doubt. */
export async function makeChange(planned: Change, writing: Writing): Promise<Fate> {
  if (planned.kind === "ApplicationCredential") return changeCredential(planned, writing);
  const collection = collections[planned.kind];
  if (!collection) return { status: "failed", cause: `${planned.kind} is not something this platform can change` };
  if (planned.action === "create") return create(planned, writing);
  const entity = entityOf(planned, writing.live, fold);
  const change = asCalled(planned, entity);
  const id = entity?.id;
  if (id === undefined) return { status: "failed", cause: "the live state that was read does not have it" };
  let row: Row;
  try {
    row = await writing.client.readOne(collection, id);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return change.action === "delete" ? GONE : { status: "conflict", cause: "it is gone from the platform" };
  }
  if ("options" in row && isImmutable(row.options)) return IMMUTABLE;
  return change.action === "delete"
    ? remove(change, collection, row, writing)
    : update(change, collection, row, writing);
}

/** Only roles have the option. */
function isImmutable(options: object | undefined): boolean {
  return options !== undefined && "immutable" in options && options.immutable === true;
}

/** The id of an entity, made if it is not there; what it holds is given afterwards, by `create`. */
export async function createBare(
  change: Change,
  { client, directory, domain }: Writing,
): Promise<{ readonly id: string; readonly made: boolean } | Fate> {
  const collection = collections[change.kind] ?? "groups";
  const after = viewAfter(change);
  const wanted = { name: after.name, ...fieldsOf(after.attributes) };
  try {
    const body = collection === "roles" ? wanted : { ...wanted, domain_id: domain.id };
    const { id } = await client.create(collection, body);
    directory.remember(change.kind, after.name, id);
    return { id, made: true };
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 409) throw error;
    const { rows } = await client.named(collection, domain.id, after.name);
    const home = collection === "roles" ? null : domain.id;
    const row = rows.find(({ name, domain_id }) => domain_id === home && fold(name) === fold(after.name));
    if (!row) return { status: "conflict", cause: error.message };
    const other = Object.keys(wanted).filter((field) => !same(field, row, wanted));
    if (other.length > 0) return { status: "conflict", cause: `it exists already, with another ${other.join(", ")}` };
    directory.remember(change.kind, after.name, row.id);
    return { id: row.id, made: false };
  }
}

function viewAfter(change: Change): EntityView {
  return change.after ?? { name: change.name, attributes: {} };
}

function fieldsOf(attributes: Attributes): Body {
  return Object.fromEntries(FIELDS.flatMap((field) => (field in attributes ? [[field, attributes[field]]] : [])));
}

function same(field: string, row: Row, body: Body): boolean {
  return fieldOf(field, row) === (field === "enabled" ? body[field] : canonicalText(String(body[field] ?? "")));
}

/** A field as it is compared: a text that is not there is an empty one. */
function fieldOf(field: string, row: Row): string | boolean {
  const value = (row as unknown as Body)[field];
  return typeof value === "boolean" ? value : canonicalText(String(value ?? ""));
}

async function create(change: Change, writing: Writing): Promise<Fate> {
  const bare = await createBare(change, writing);
  if ("status" in bare) return bare;
  return giveHoldings(change, bare, writing);
}

/** Gives a new entity what it is to hold. What exists already may hold less than wanted (an apply that broke off), not more. */
export async function giveHoldings(
  change: Change,
  { id, made }: { readonly id: string; readonly made: boolean },
  writing: Writing,
): Promise<Fate> {
  const holder: Holder = { kind: change.kind, id };
  const attribute = holdingsAttribute(change.kind);
  const wanted = viewAfter(change).attributes[attribute];
  try {
    const after = holdingsOf(holder, wanted, writing, false);
    const held = made || wanted === undefined ? NO_HOLDINGS : (await readHoldings(holder, writing)).held;
    const steps = stepsTo(held, NO_HOLDINGS, after);
    if (!steps) return { status: "conflict", cause: `it exists already, with another ${attribute}` };
    if (!made && steps.give.length === 0) return ALREADY;
    for (const { give } of steps.give) await give(writing.client);
    return APPLIED;
  } catch (error) {
    return made ? halfDone(`it was made, but not all of its ${attribute}`, error) : rethrow(error);
  }
}

function rethrow(error: unknown): never {
  throw error;
}

/** What was done before a request failed is told with the failure. */
function halfDone(done: string, error: unknown): Fate {
  const { cause } = fateOf(error);
  return { status: "failed", cause: cause === undefined ? done : `${done}: ${cause}` };
}

/** What an entity is against what the plan was made for and what it is to be. */
interface Difference {
  readonly moved: readonly string[];
  readonly body: Body;
}

function compareFields(row: Row, before: EntityView, after: EntityView): Difference {
  const moved: string[] = [];
  const body: Record<string, unknown> = {};
  const compare = (field: string, was: unknown, will: unknown) => {
    const now = fieldOf(field, row);
    const plain = (value: unknown) => (typeof value === "boolean" ? value : canonicalText(String(value ?? "")));
    if (now === plain(will)) return;
    if (now === plain(was)) body[field] = will;
    else moved.push(field);
  };
  compare("name", before.name, after.name);
  for (const field of FIELDS)
    if (field in after.attributes) compare(field, before.attributes[field], after.attributes[field]);
  return { moved, body };
}

async function update(change: Change, collection: Collection, row: Row, writing: Writing): Promise<Fate> {
  const { before, after } = change;
  if (!before || !after) return { status: "failed", cause: "the change does not say from what to what" };
  const { moved, body } = compareFields(row, before, after);
  const attribute = holdingsAttribute(change.kind);
  let steps: Steps | undefined = { give: [], take: [] };
  if (attribute in after.attributes) {
    const holder = { kind: change.kind, id: row.id };
    const was = holdingsOf(holder, before.attributes[attribute], writing, true);
    const will = holdingsOf(holder, after.attributes[attribute], writing, false);
    const { held } = await readHoldings(holder, writing);
    steps = stepsTo(held, was, will);
  }
  if (!steps || moved.length > 0) return movedFate(steps ? moved : [...moved, attribute]);
  const changed = Object.keys(body);
  if (changed.length + steps.give.length + steps.take.length === 0) return ALREADY;
  const giving = steps.give.map((holding) => () => holding.give(writing.client));
  const patch = changed.length > 0 ? [() => writing.client.update(collection, row.id, body)] : [];
  return carryOut([...giving, ...patch, ...steps.take.map(taking(writing))]);
}

function movedFate(moved: readonly string[]): Fate {
  return { status: "conflict", cause: `it changed on the platform since it was read: ${moved.join(", ")}` };
}

type Step = () => Promise<unknown>;

function taking({ client }: Writing): (holding: Holding) => Step {
  return ({ take }) =>
    () =>
      take(client);
}

/** Takes steps one after the other; what was done before one failed is told with the failure. */
async function carryOut(steps: readonly Step[]): Promise<Fate> {
  let done = 0;
  try {
    for (const step of steps) {
      await step();
      done += 1;
    }
    return APPLIED;
  } catch (error) {
    if (done === 0) throw error;
    return halfDone(`${done} of its ${steps.length} steps were made`, error);
  }
}

async function remove(change: Change, collection: Collection, row: Row, writing: Writing): Promise<Fate> {
  const before = change.before ?? { name: change.name, attributes: {} };
  const { moved } = compareFields(row, before, before);
  const attribute = holdingsAttribute(change.kind);
  const holder = { kind: change.kind, id: row.id };
  const { held, outside } = await readHoldings(holder, writing);
  const was = holdingsOf(holder, before.attributes[attribute], writing, true);
  const strange = [...held.keys()].some((key) => !was.has(key));
  if (change.kind === "Member") {
    const rest = moved.filter((field) => field !== "enabled");
    return strange || rest.length > 0 ? movedFate(strange ? [...rest, attribute] : rest) : disable(row, held, writing);
  }
  if (strange || moved.length > 0) return movedFate(strange ? [...moved, attribute] : moved);
  const reason = await reasonToKeep(change.kind, row.id, outside, writing);
  if (reason !== undefined) return { status: "failed", cause: reason };
  const deletion = async () => {
    await writing.client.remove(collection, row.id);
  };
  // On databases that do not enforce references, a deleted role's implications stay, and no list of them works any more.
  const take = change.kind === "Role" ? [...held.values()] : [];
  return carryOut([...take.map(taking(writing)), deletion]);
}

/** Disabling comes first: from then on, what is held gives nothing. */
async function disable(row: Row, held: Holdings, writing: Writing): Promise<Fate> {
  const enabled = "enabled" in row && row.enabled;
  if (!enabled && held.size === 0) return ALREADY;
  if (enabled) await writing.client.update("users", row.id, { enabled: false });
  try {
    for (const { take } of held.values()) await take(writing.client);
    return APPLIED;
  } catch (error) {
    return halfDone("it was disabled, but some of its grants are left", error);
  }
}

/** Keystone deletes with a group or role, without a word, everything that hangs on it: so nothing may. */
async function reasonToKeep(
  kind: string,
  id: string,
  outside: boolean,
  { client }: Writing,
): Promise<string | undefined> {
  if (kind === "Group") {
    if (outside) return "it holds assignments outside the domain, which would go with it";
    const left = complete(await client.usersOfGroup(id)).length;
    return left > 0 ? `it has ${left} members, who would lose what it gives` : undefined;
  }
  const assigned = complete(await client.assignedRoles(id)).filter((roleId) => roleId === id).length;
  if (assigned > 0) return `${assigned} assignments of it are left, here or outside the domain, and would go with it`;
  const implying = complete(await client.inferences()).some(({ impliedRoleId }) => impliedRoleId === id);
  return implying ? "another role implies it" : undefined;
}

async function changeCredential(change: Change, writing: Writing): Promise<Fate> {
  const { client, directory, live } = writing;
  if (change.action !== "delete") return { status: "failed", cause: "only its owner can create or replace it" };
  const entity = entityOf(change, live, fold);
  const user = entity?.attributes.user ?? change.before?.attributes.user;
  const userId = typeof user === "string" ? directory.idOf("Member", fold(user), live) : undefined;
  if (entity?.id === undefined) return { status: "failed", cause: "the live state that was read does not have it" };
  if (userId === undefined) throw new BodyError("its owner is not on the platform");
  return (await client.removeApplicationCredential(userId, entity.id)) ? APPLIED : GONE;
}
