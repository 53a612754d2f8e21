// Product roles of one phase that include one another: made so that what is included is there first, removed so that what
// includes goes first. Circles are joined after they are made, and undone before they are removed.
import type { Change } from "../../model/change.ts";
import type { Entity } from "../../model/entity.ts";
import { entityOf } from "../http/directory.ts";
import { sendCreation, sendEdit } from "../http/edits.ts";
import { type Sequence, sequenceOf } from "../http/sequence.ts";
import { ALREADY, APPLIED, type Fate } from "../http/units.ts";
import { createBody, type Lookup } from "./body.ts";
import { fold } from "./catalogue.ts";
import { textsOf } from "./products.ts";
import { type AtomyxWriting, callsOf, edit, lookupIn, unlessBuiltIn, viewAfter } from "./single.ts";

/** How creations and deletions of roles are made. */
export interface RoleChanges {
  readonly create: (change: Change) => Promise<Fate>;
  readonly remove: (change: Change) => Promise<Fate>;
}

/** Works out the order of one phase's roles. */
export function roleChanges(writing: AtomyxWriting): RoleChanges {
  const { changes } = writing;
  const of = (action: Change["action"]) =>
    new Map(
      changes
        .filter((change) => change.kind === "Role" && change.action === action)
        .map((change) => [change.local, change]),
    );
  return { create: creator(of("create"), writing), remove: remover(of("delete"), writing) };
}

const NO_SEQUENCE: Sequence = { first: [], later: [] };

function impliedBy(change: Change): readonly string[] {
  const { implies } = viewAfter(change).attributes;
  return Array.isArray(implies) ? implies.map(fold) : [];
}

function creator(creations: ReadonlyMap<string, Change>, writing: AtomyxWriting): RoleChanges["create"] {
  const order = sequenceOf(creations.keys(), (local) => {
    const change = creations.get(local);
    return change ? impliedBy(change) : [];
  });
  const made = new Map<string, Promise<Fate>>();
  /** Makes a role without what would close a circle; the same promise for everybody who waits for it. */
  const make = (change: Change): Promise<Fate> => {
    const known = made.get(change.local);
    if (known) return known;
    const { first, later } = order.get(change.local) ?? NO_SEQUENCE;
    const waited = Promise.all(first.map(settled));
    const fate = waited.then(() => makeWithout(change, new Set(later), writing));
    made.set(change.local, fate);
    return fate;
  };
  // Its own outcome tells why it could not be made; here its name will stand for nothing.
  const settled = async (local: string): Promise<void> => {
    const change = creations.get(local);
    if (change) await make(change).catch(() => undefined);
  };
  return async (change) => {
    const fate = await make(change);
    const { later } = order.get(change.local) ?? NO_SEQUENCE;
    if (fate.status !== "applied" || later.length === 0) return fate;
    await Promise.all(later.map(settled));
    return join(change, new Set(later), fate, writing);
  };
}

async function makeWithout(change: Change, later: ReadonlySet<string>, writing: AtomyxWriting): Promise<Fate> {
  const after = viewAfter(change);
  const lookup = lookupIn(writing);
  const body = createBody("Role", without(after, later), lookup);
  const remember = (id: string) => writing.directory.remember("Role", after.name, id);
  const calls = callsOf("Role", writing);
  return sendCreation(
    {
      body,
      idempotencyKey: writing.keyOf(change),
      remember,
      // One of a circle that was made before: what it includes is looked at when the circle is closed.
      taken: (row) => {
        const { impliedRoleIds: _, ...plain } = body;
        if (later.size === 0 || calls.differing(row, plain).length > 0) return undefined;
        remember(row.id);
        return Promise.resolve(ALREADY);
      },
    },
    calls,
  );
}

function without(view: ReturnType<typeof viewAfter>, later: ReadonlySet<string>): ReturnType<typeof viewAfter> {
  const { implies } = view.attributes;
  if (later.size === 0 || !Array.isArray(implies)) return view;
  const some = implies.filter((name: string) => !later.has(fold(name)));
  return { ...view, attributes: { ...view.attributes, implies: some } };
}

/** Adds what would have closed a circle, now that all of it is there. */
async function join(change: Change, later: ReadonlySet<string>, made: Fate, writing: AtomyxWriting): Promise<Fate> {
  const lookup: Lookup = lookupIn(writing);
  const id = lookup("Role", change.local);
  if (id === undefined) return made;
  const list = (view: ReturnType<typeof viewAfter>) => {
    const { impliedRoleIds } = createBody("Role", view, lookup);
    return { impliedRoleIds };
  };
  const [before, body] = [list(without(viewAfter(change), later)), list(viewAfter(change))];
  const joined = { id, version: undefined, body: () => body, before: () => before, removes: false };
  const fate = await sendEdit(joined, callsOf("Role", writing));
  return fate.status === "applied" ? made : fate;
}

function remover(deletions: ReadonlyMap<string, Change>, writing: AtomyxWriting): RoleChanges["remove"] {
  const { live } = writing;
  const entity = (local: string): Entity | undefined => {
    const change = deletions.get(local);
    return change && entityOf(change, live, fold);
  };
  const including = new Map<string, string[]>();
  for (const local of deletions.keys()) {
    const role = entity(local);
    for (const name of role ? textsOf(role, "implies").map(fold) : [])
      including.set(name, [...(including.get(name) ?? []), local]);
  }
  const order = sequenceOf(deletions.keys(), (local) => including.get(local) ?? []);
  const emptied = new Set([...order.values()].flatMap(({ later }) => later));
  const empties = new Map<string, Promise<Fate>>();
  const empty = (local: string): Promise<Fate> => {
    const known = empties.get(local) ?? emptyRole(entity(local), writing);
    empties.set(local, known);
    return known;
  };
  const removed = new Map<string, Promise<Fate>>();
  const remove = (change: Change): Promise<Fate> => {
    const known = removed.get(change.local);
    if (known) return known;
    const { first, later } = order.get(change.local) ?? NO_SEQUENCE;
    const waited = Promise.all([
      ...first.map((local) => settled(local)),
      ...later.map((local) => empty(local).catch(() => undefined)),
    ]);
    const fate = waited.then(async () => {
      if (!emptied.has(change.local)) return edit(change, "Role", writing);
      // Where it could not be emptied, the look at it before its deletion says so.
      await empty(change.local).catch(() => undefined);
      return edit(afterEmptying(change), "Role", writing, true);
    });
    removed.set(change.local, fate);
    return fate;
  };
  const settled = async (local: string): Promise<void> => {
    const change = deletions.get(local);
    if (change) await remove(change).catch(() => undefined);
  };
  return remove;
}

/** Takes from a role everything it includes. */
async function emptyRole(role: Entity | undefined, writing: AtomyxWriting): Promise<Fate> {
  if (role?.id === undefined || role.version === undefined) return APPLIED;
  const lookup = lookupIn(writing);
  const ids = textsOf(role, "implies").map((name) => lookup("Role", fold(name)));
  const before = { impliedRoleIds: ids };
  const body = { impliedRoleIds: [] };
  const plain = { id: role.id, version: role.version, body: () => body, before: () => before, removes: false };
  return unlessBuiltIn(sendEdit(plain, callsOf("Role", writing)));
}

/** What the plan saw, less what was taken from it since. */
function afterEmptying(change: Change): Change {
  const { before } = change;
  return before ? { ...change, before: { ...before, attributes: { ...before.attributes, implies: [] } } } : change;
}
