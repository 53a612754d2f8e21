// Changes as a plan recorded them, made on a remembered state: what was there when the plan was made, and what there is once a
// change is made. A plan knows things by the names that files give them; a remembered state by those that the platform does.

import type { Change, EntityView } from "../model/change.ts";
import {
  type Attributes,
  EMPTY_SECTION,
  type Entity,
  entityAt,
  groupOfSection,
  MEMBERSHIP,
  membershipSection,
  NO_ATTRIBUTES,
  type Section,
  type State,
  splitKey,
  type Value,
} from "../model/entity.ts";
import { GROUP, MEMBER, type Platform } from "../model/platform.ts";
import { applyRenames, type Rename } from "./rename.ts";

/** What the ledger has of a change: the views of an update hold what changes, and nothing else. */
export type RecordedChange = Pick<Change, "id" | "action" | "kind" | "key" | "name" | "before" | "after">;

/** A state that changes. What it began with stays as it was. */
export class Remembered {
  #state: State;
  #owned = new Set<string>();
  readonly #platform: Platform;

  constructor(state: State, platform: Platform) {
    this.#state = state;
    this.#platform = platform;
  }

  get state(): State {
    return this.#state;
  }

  /** The same, to go on with apart from this one. */
  copy(): Remembered {
    this.#owned = new Set();
    return new Remembered(this.#state, this.#platform);
  }

  at(key: string): Entity | undefined {
    return entityAt(this.#state, ...splitKey(key));
  }

  put(key: string, entity: Entity | undefined): void {
    const [name, local] = splitKey(key);
    const section = this.#own(name);
    if (entity) section.set(local, entity);
    else section.delete(local);
  }

  /** Takes in what was seen, and takes nothing away. */
  overlay(seen: State): void {
    for (const [name, entities] of seen) for (const [local, entity] of entities) this.#own(name).set(local, entity);
  }

  /** The key that the entity of a plan's change has here: of what a plan renames the old one, as long as there is no other. */
  keyOf({ key, kind, before }: RecordedChange, renames: readonly Rename[]): string {
    const [section, local] = splitKey(key);
    const group = groupOfSection(section);
    const was = (of: string, name: string) =>
      entityAt(this.#state, of, name)
        ? name
        : (renames.find((each) => each.kind === of && each.to === name)?.from ?? name);
    if (group !== undefined) return `${membershipSection(was(GROUP, group))}/${was(MEMBER, local)}`;
    const from = before && this.#platform.fold(before.name);
    return from !== null && from !== local && !entityAt(this.#state, kind, local) && entityAt(this.#state, kind, from)
      ? `${section}/${from}`
      : key;
  }

  /** Makes a change as its plan had it: the same again does nothing. */
  make(change: RecordedChange, renames: readonly Rename[]): void {
    const here = this.keyOf(change, renames);
    if (change.action === "delete") {
      this.put(here, undefined);
      this.#forget(change.kind, splitKey(here)[1]);
      return;
    }
    if (here !== change.key && groupOfSection(splitKey(here)[0]) === undefined) {
      this.#state = applyRenames(
        this.#state,
        renames.filter((each) => `${each.kind}/${each.to}` === change.key),
        this.#platform,
      );
      this.#owned = new Set();
      this.put(change.key, changed(this.at(change.key), change, change.after, change.before));
      return;
    }
    this.put(here, changed(this.at(here), { ...change, key: here }, change.after, change.before));
  }

  /** Whoever is gone is in no group, and a group that is gone has nobody. */
  #forget(kind: string, local: string): void {
    if (kind === GROUP && this.#state.has(membershipSection(local))) {
      const left = new Map(this.#state);
      left.delete(membershipSection(local));
      this.#state = left;
      this.#owned.delete(membershipSection(local));
    }
    if (kind !== MEMBER) return;
    for (const [section, entities] of this.#state)
      if (groupOfSection(section) !== undefined && entities.has(local)) this.#own(section).delete(local);
  }

  #own(name: string): Map<string, Entity> {
    if (this.#owned.has(name)) return this.#state.get(name) as Map<string, Entity>;
    const section: Section = this.#state.get(name) ?? EMPTY_SECTION;
    const copy = new Map(section);
    this.#state = new Map(this.#state).set(name, copy);
    this.#owned.add(name);
    return copy;
  }
}

/** The renames among changes. */
export function renamesIn(changes: readonly RecordedChange[], { fold }: Platform): Rename[] {
  return changes.flatMap(({ action, kind, key, before, after }) => {
    const [section, to] = splitKey(key);
    if (action !== "update" || !before || !after || groupOfSection(section) !== undefined) return [];
    const from = fold(before.name);
    return from === to ? [] : [{ kind, from, to, name: after.name }];
  });
}

/** What was there of a change's entity before it, given what is remembered of it. */
export function foundOf(change: RecordedChange, known: Entity | undefined): Entity | undefined {
  if (change.action === "create") return undefined;
  return changed(known, change, change.before, change.after);
}

/** The entity with what a view says; what only the other view speaks of is absent. */
function changed(
  known: Entity | undefined,
  { key, action, kind }: RecordedChange,
  view: EntityView | null,
  other: EntityView | null,
): Entity {
  const [section, local] = splitKey(key);
  const isMembership = groupOfSection(section) !== undefined;
  const attributes: Record<string, Value> = { ...(action === "update" ? known?.attributes : {}) };
  if (action === "update") for (const name of Object.keys(other?.attributes ?? {})) delete attributes[name];
  Object.assign(attributes, view?.attributes);
  const own: Attributes = Object.keys(attributes).length === 0 ? NO_ATTRIBUTES : attributes;
  const name = isMembership ? (known?.name ?? view?.name ?? local) : (view?.name ?? known?.name ?? local);
  const status = known?.status === undefined ? {} : { status: known.status };
  return { kind: isMembership ? MEMBERSHIP : kind, section, local, name, attributes: own, ...status };
}
