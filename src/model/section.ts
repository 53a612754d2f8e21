// Sections of very many like entities, which are made only when somebody asks for one. A big state is mostly memberships
// that nothing happens to: of those a key and a seed are kept. To everyone else it is a section like any other.
import type { Entity, Section } from "./entity.ts";

/** What an entity can be made from: a number, or an entity of another section. */
export type Seed = number | Entity;

/** A section whose values are its entities, or seeds that they are made from at first sight. */
export class LazySection<S extends Seed> extends Map<string, Entity> {
  readonly #name: string;
  readonly #make: (seed: S, section: string) => Entity;

  /** `name` is the section's; `make` gives the entity of a seed, which has no attributes. */
  constructor(name: string, make: (seed: S, section: string) => Entity) {
    super();
    this.#name = name;
    this.#make = make;
  }

  /** Adds an entity that is to be made when it is asked for. */
  plant(local: string, seed: S): void {
    super.set(local, seed as Entity);
  }

  override get(local: string): Entity | undefined {
    const kept = super.get(local);
    return kept === undefined || this.#isMade(kept) ? kept : this.#grow(local, kept as S);
  }

  override *entries(): MapIterator<[string, Entity]> {
    for (const [local, kept] of super.entries())
      yield [local, this.#isMade(kept) ? kept : this.#grow(local, kept as S)];
  }

  override *values(): MapIterator<Entity> {
    for (const [, entity] of this.entries()) yield entity;
  }

  override [Symbol.iterator](): MapIterator<[string, Entity]> {
    return this.entries();
  }

  override forEach(use: (entity: Entity, local: string, section: Map<string, Entity>) => void): void {
    for (const [local, entity] of this.entries()) use(entity, local, this);
  }

  /** The entities that are made already, among them all that have attributes. */
  *made(): Iterable<Entity> {
    for (const kept of super.values()) if (this.#isMade(kept)) yield kept;
  }

  /** Another section with the same contents, made or not. */
  copy(): LazySection<S> {
    const copy = new LazySection(this.#name, this.#make);
    for (const [local, kept] of super.entries()) copy.set(local, kept);
    return copy;
  }

  #isMade(kept: Entity): boolean {
    return typeof kept === "object" && kept.section === this.#name;
  }

  #grow(local: string, seed: S): Entity {
    const entity = this.#make(seed, this.#name);
    super.set(local, entity);
    return entity;
  }
}

/** Entities of a section that may have attributes: of a lazy one those that are made, since the others have none. */
export function attributedIn(section: Section): Iterable<Entity> {
  return section instanceof LazySection ? section.made() : section.values();
}

/** A section that can be changed without touching the one it is copied from. */
export function copySection(section: Section): Map<string, Entity> {
  return section instanceof LazySection ? section.copy() : new Map(section);
}
