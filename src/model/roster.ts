// Memberships of very many people in very many groups, kept as numbers: everyone has one, a group is a set of them, and an
// entity is made only when somebody asks for it. To everyone else such a section is like any other.
import type { Entity, Section } from "./entity.ts";

/** People by number. Numbers are never given back, and some may stand for nobody any more. */
export interface Roster {
  /** Above every number. */
  readonly size: () => number;
  /** The folded address. */
  readonly localOf: (person: number) => string;
  readonly numberOf: (local: string) => number | undefined;
  /** The name of a membership that is made from its seed alone, where all of somebody's have the same. */
  readonly nameOf?: (person: number) => string;
}

/** Makes somebody's membership; `seed` is what was given when they were added. It has no attributes. */
export type MakeMembership = (person: number, seed: number) => Entity;

/** The memberships of one group. */
export class RosterSection implements Section {
  readonly roster: Roster;
  readonly #make: MakeMembership;
  readonly #seeds = new Map<number, number>();
  readonly #made = new Map<number, Entity>();

  constructor(roster: Roster, make: MakeMembership) {
    this.roster = roster;
    this.#make = make;
  }

  /** Adds somebody; false when they are here already. */
  add(person: number, seed: number): boolean {
    if (this.#seeds.has(person)) return false;
    this.#seeds.set(person, seed);
    return true;
  }

  /** Gives somebody who was added an entity that cannot be made from a seed, as it has attributes. */
  put(person: number, entity: Entity): void {
    this.#made.set(person, entity);
  }

  /** The numbers of everyone here. */
  people(): Iterable<number> {
    return this.#seeds.keys();
  }

  /** The entities that are made already, among them all that have attributes. */
  made(): Iterable<Entity> {
    return this.#made.values();
  }

  /** Everyone's name, without keeping an entity for it. */
  names(): string[] {
    const { nameOf = undefined } = this.roster;
    return Array.from(this.#seeds, ([person, seed]) => {
      const known = this.#made.get(person);
      if (known) return known.name;
      return nameOf ? nameOf(person) : this.#make(person, seed).name;
    });
  }

  get size(): number {
    return this.#seeds.size;
  }

  has(local: string): boolean {
    const person = this.roster.numberOf(local);
    return person !== undefined && this.#seeds.has(person);
  }

  get(local: string): Entity | undefined {
    const person = this.roster.numberOf(local);
    const seed = person === undefined ? undefined : this.#seeds.get(person);
    return person === undefined || seed === undefined ? undefined : this.#entityOf(person, seed);
  }

  *entries(): MapIterator<[string, Entity]> {
    for (const [person, seed] of this.#seeds) yield [this.roster.localOf(person), this.#entityOf(person, seed)];
  }

  *keys(): MapIterator<string> {
    for (const person of this.#seeds.keys()) yield this.roster.localOf(person);
  }

  *values(): MapIterator<Entity> {
    for (const [person, seed] of this.#seeds) yield this.#entityOf(person, seed);
  }

  [Symbol.iterator](): MapIterator<[string, Entity]> {
    return this.entries();
  }

  forEach(use: (entity: Entity, local: string, section: Section) => void): void {
    for (const [local, entity] of this.entries()) use(entity, local, this);
  }

  #entityOf(person: number, seed: number): Entity {
    const known = this.#made.get(person);
    if (known) return known;
    const entity = this.#make(person, seed);
    this.#made.set(person, entity);
    return entity;
  }
}

/** Entities of a section that may have attributes: of a roster's those that are made, since the others have none. */
export function attributedIn(section: Section): Iterable<Entity> {
  return section instanceof RosterSection ? section.made() : section.values();
}

/** The names of everything in a section. */
export function namesIn(section: Section): string[] {
  return section instanceof RosterSection ? section.names() : Array.from(section.values(), ({ name }) => name);
}

/** Everyone who is in any of some sections. */
export class PeopleSet {
  readonly #locals = new Set<string>();
  readonly #numbers = new Map<Roster, Uint8Array>();

  addAll(section: Section): void {
    if (!(section instanceof RosterSection)) {
      for (const local of section.keys()) this.#locals.add(local);
      return;
    }
    const { roster } = section;
    const marks = this.#numbers.get(roster) ?? new Uint8Array(roster.size());
    this.#numbers.set(roster, marks);
    for (const person of section.people()) marks[person] = 1;
  }

  has(local: string): boolean {
    if (this.#locals.has(local)) return true;
    for (const [roster, marks] of this.#numbers) {
      const person = roster.numberOf(local);
      if (person !== undefined && marks[person] === 1) return true;
    }
    return false;
  }
}

/** Compares sections of two rosters number by number. */
export class RosterComparison {
  readonly #there: Roster;
  /** Number here -> one more than the number there; 0 for nobody. */
  readonly #translation: Int32Array;
  readonly #marks: Int32Array;
  #stamp = 0;

  constructor(here: Roster, there: Roster) {
    this.#there = there;
    this.#translation = new Int32Array(here.size());
    this.#marks = new Int32Array(there.size() + 1);
    for (let person = 0; person < this.#translation.length; person++)
      this.#translation[person] = (there.numberOf(here.localOf(person)) ?? -1) + 1;
  }

  /** Folded addresses of those who are in the first section only, and of those who are in the second only. */
  compare(first: RosterSection, second: RosterSection): { readonly first: string[]; readonly second: string[] } {
    const [here, there]: [string[], string[]] = [[], []];
    this.#stamp += 1;
    for (const person of second.people()) this.#marks[person + 1] = this.#stamp;
    let both = 0;
    for (const person of first.people()) {
      const other = this.#translation[person] as number;
      if (other > 0 && this.#marks[other] === this.#stamp) {
        this.#marks[other] = 0;
        both += 1;
      } else here.push(first.roster.localOf(person));
    }
    if (both < second.size)
      for (const person of second.people())
        if (this.#marks[person + 1] === this.#stamp) there.push(this.#there.localOf(person));
    return { first: here, second: there };
  }
}
