// Which step gave what: an index over what was done to a target, oldest first. What a later step takes is gone from it, and what
// is given again counts from then on. It knows attributes by what kinds say of them, and no kind by its name. Pure.
import type { EntityView } from "../model/change.ts";
import { EMPTY_STATE, groupOfSection, membershipSection, type State, type Value } from "../model/entity.ts";
import {
  type AttributeSpec,
  bareName,
  GROUP,
  type KindSpec,
  MEMBER,
  ownedName,
  type Platform,
  type Reference,
} from "../model/platform.ts";
import { comparedAttributes, leavesOf, pointsElsewhere, renameIn } from "./leaves.ts";

/** One entity's step, made by an apply or written in a commit. An update names all that changes, and may name more. */
export interface GivingStep<Source> {
  readonly kind: string;
  readonly section: string;
  readonly local: string;
  /** Null where it was not there; another name where the step renamed it. */
  readonly before: EntityView | null;
  readonly after: EntityView | null;
  readonly source: Source;
}

/** Where a piece of an entity comes from. */
export interface Gift<Source> {
  /** Undefined where what is there now was there before any step that touched it. */
  readonly source: Source | undefined;
  /** The step's number: of two gifts the later one has the higher. */
  readonly order: number;
}

/** Of what was there already. */
const UNTOLD = { rank: 0, source: undefined, order: 0 };

/** Stands for every scope there is. */
export const ALL = "\u0000all";

export interface GiftIndex<Source> {
  /** The step that made an entity that is there. */
  readonly madeBy: (section: string, local: string) => Gift<Source> | undefined;
  /** Folded piece -> what is held, of one attribute. */
  readonly piecesOf: (section: string, local: string, attribute: string) => ReadonlyMap<string, Held<Source>>;
}

interface Rung<Source> extends Gift<Source> {
  readonly rank: number;
}

/** A piece that an attribute holds: an element, an entry's name, a scope's name; `ALL` for every scope, "" for a whole value. */
export interface Held<Source> {
  /** As it was written: the name, or the canonical text of an element. */
  readonly text: string;
  /** Lowest first, each with the highest level that it gave; one alone where there are no levels. */
  readonly rungs: readonly Rung<Source>[];
}

interface Known<Source> {
  name: string;
  made: Gift<Source> | undefined;
  /** Attribute -> folded piece -> held. */
  readonly pieces: Map<string, Map<string, Held<Source>>>;
}

/**
 * Goes through the steps, oldest first. What `declared` calls otherwise than before is known by the name it has there, also where no
 * step has renamed it: that is still to be done, or was done by hand.
 */
export function indexGifts<Source>(
  steps: Iterable<GivingStep<Source>>,
  platform: Platform,
  declared: State = EMPTY_STATE,
): GiftIndex<Source> {
  const index = new Index<Source>(platform);
  for (const step of steps) index.take(step);
  for (const [key, section] of declared)
    for (const { kind, local, name, previously } of groupOfSection(key) === undefined ? section.values() : [])
      if (previously !== undefined && previously !== local && !section.has(previously))
        index.rename(kind, previously, local, name);
  return index;
}

/** Since when a piece has been held at a rank, or at any with 0, without a break; undefined where it is not. */
export function giftAt<Source>(held: Held<Source> | undefined, rank: number): Gift<Source> | undefined {
  return held?.rungs.find((rung) => rung.rank >= rank);
}

class Index<Source> implements GiftIndex<Source> {
  readonly #platform: Platform;
  readonly #specs: ReadonlyMap<string, KindSpec>;
  readonly #sections = new Map<string, Map<string, Known<Source>>>();
  /** Member or group -> the number of the step that removed it: its memberships from before are gone too. */
  readonly #gone = new Map<string, number>();
  #order = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#specs = new Map(platform.kinds.map((spec) => [spec.kind, spec]));
  }

  take({ kind, section, local, before, after, source }: GivingStep<Source>): void {
    this.#order += 1;
    const spec = this.#specs.get(kind);
    const gift: Gift<Source> = { source, order: this.#order };
    if (!after) {
      this.#sections.get(section)?.delete(local);
      if (kind === GROUP || kind === MEMBER) this.#gone.set(`${kind}/${local}`, this.#order);
      return;
    }
    const isMembership = groupOfSection(section) !== undefined;
    const from = before && !isMembership ? localOf(before.name, local, this.#platform) : local;
    if (from !== local) this.rename(kind, from, local, after.name);
    const known = this.#knownAt(section, local, after.name);
    if (!before) {
      known.made = gift;
      known.pieces.clear();
    }
    known.name = after.name;
    for (const [name, attribute] of spec ? comparedAttributes(spec) : []) {
      const [was, is] = [before?.attributes[name], after.attributes[name]];
      if (was === undefined && is === undefined) continue;
      const pieces = this.#move(attribute, known.pieces.get(name) ?? new Map(), was, is, gift);
      if (pieces.size > 0) known.pieces.set(name, pieces);
      else known.pieces.delete(name);
    }
  }

  madeBy(section: string, local: string): Gift<Source> | undefined {
    const made = this.#sections.get(section)?.get(local)?.made;
    const group = groupOfSection(section);
    if (!made || group === undefined) return made;
    const left = Math.max(this.#gone.get(`${GROUP}/${group}`) ?? 0, this.#gone.get(`${MEMBER}/${local}`) ?? 0);
    return made.order > left ? made : undefined;
  }

  piecesOf(section: string, local: string, attribute: string): ReadonlyMap<string, Held<Source>> {
    return this.#sections.get(section)?.get(local)?.pieces.get(attribute) ?? new Map();
  }

  #knownAt(section: string, local: string, name: string): Known<Source> {
    const entities = this.#sections.get(section) ?? new Map<string, Known<Source>>();
    this.#sections.set(section, entities);
    const known = entities.get(local) ?? { name, made: undefined, pieces: new Map() };
    entities.set(local, known);
    return known;
  }

  /** The pieces of an attribute after a step that found `was` and left `is`. */
  #move(
    spec: AttributeSpec,
    known: ReadonlyMap<string, Held<Source>>,
    was: Value | undefined,
    is: Value | undefined,
    gift: Gift<Source>,
  ): Map<string, Held<Source>> {
    const { fold } = this.#platform;
    const [had, has] = [piecesIn(spec, was, fold), piecesIn(spec, is, fold)];
    const moved = new Map<string, Held<Source>>();
    for (const [piece, { text, value }] of has) {
      // What was everywhere was here as well.
      const before = had.get(piece) ?? had.get(ALL);
      const isOther = (spec.type === "flag" || spec.type === "text") && before?.value !== value;
      const from = before && !isOther ? this.#rankOf(spec, before.text, before.value) : undefined;
      const rank = this.#rankOf(spec, text, value);
      moved.set(piece, { text, rungs: climb(firstOf(known.get(piece), known.get(ALL)), from, { ...gift, rank }) });
    }
    // Where it is everywhere now, what it was before goes on.
    if (has.has(ALL)) {
      for (const [piece, held] of known)
        if (!moved.has(piece) && (had.has(piece) || had.has(ALL))) moved.set(piece, held);
      for (const [piece, { text }] of had)
        if (!moved.has(piece)) moved.set(piece, { text, rungs: known.get(ALL)?.rungs ?? [UNTOLD] });
    }
    return moved;
  }

  #rankOf({ type }: AttributeSpec, name: string, value: Value): number {
    return type === "map" && typeof value === "string" ? this.#platform.rankOf(name, value) : 0;
  }

  /** An entity under another name, and what refers to it. */
  rename(kind: string, from: string, to: string, name: string): void {
    if (this.#gone.delete(`${kind}/${to}`)) this.#forgetMemberships(kind, to);
    moveKey(this.#sections.get(kind), from, to);
    if (kind === GROUP) moveKey(this.#sections, membershipSection(from), membershipSection(to));
    if (kind === MEMBER)
      for (const [section, entities] of this.#sections)
        if (groupOfSection(section) !== undefined) moveKey(entities, from, to);
    if (kind === GROUP || kind === MEMBER) moveKey(this.#gone, `${kind}/${from}`, `${kind}/${to}`);
    const { fold } = this.#platform;
    const renamed = (reference: Reference) =>
      reference.kind === kind && fold(reference.name) === from ? name : reference.name;
    for (const spec of this.#specs.values())
      if (comparedAttributes(spec).some(([, attribute]) => pointsElsewhere(attribute)))
        this.#renameReferences(spec, kind, renamed);
  }

  /** Of a group or member that is gone, and whose name another one takes. */
  #forgetMemberships(kind: string, local: string): void {
    if (kind === GROUP) this.#sections.delete(membershipSection(local));
    else
      for (const [section, entities] of this.#sections)
        if (groupOfSection(section) !== undefined) entities.delete(local);
  }

  #renameReferences(spec: KindSpec, kind: string, renamed: (reference: Reference) => string): void {
    const { fold } = this.#platform;
    const entities = this.#sections.get(spec.kind);
    for (const [local, known] of [...(entities ?? [])]) {
      const owner = spec.owner === undefined ? undefined : known.pieces.get(spec.owner)?.get("")?.text;
      for (const [name, attribute] of comparedAttributes(spec)) {
        const pieces = known.pieces.get(name);
        if (pieces && pointsElsewhere(attribute))
          known.pieces.set(name, renamePieces(attribute, pieces, renamed, fold));
      }
      const is = owner === undefined ? undefined : renamed({ kind, name: owner });
      if (owner === undefined || is === undefined || is === owner) continue;
      known.name = ownedName(bareName(known.name, owner), is);
      moveKey(entities, local, fold(known.name));
    }
  }
}

/** The rungs of what came first. */
function firstOf<Source>(one: Held<Source> | undefined, other: Held<Source> | undefined): readonly Rung<Source>[] {
  const [own, all] = [one?.rungs ?? [], other?.rungs ?? []];
  return own.length > 0 && (all[0]?.order ?? Number.POSITIVE_INFINITY) >= (own[0]?.order ?? 0) ? own : all;
}

/** The folded name that an entity had; what cannot be told by its name keeps its key. */
function localOf(name: string, local: string, { fold }: Platform): string {
  return typeof name === "string" ? fold(name) : local;
}

function moveKey<T>(map: Map<string, T> | undefined, from: string, to: string): void {
  const value = map?.get(from);
  if (!map || value === undefined || from === to) return;
  map.delete(from);
  map.set(to, value);
}

function renamePieces<Source>(
  spec: AttributeSpec,
  pieces: ReadonlyMap<string, Held<Source>>,
  renamed: (reference: Reference) => string,
  fold: (name: string) => string,
): Map<string, Held<Source>> {
  const result = new Map<string, Held<Source>>();
  for (const [piece, held] of pieces) {
    const value = spec.type === "text" ? renameIn(spec, held.text, renamed) : renameIn(spec, [held.text], renamed);
    const text = typeof value === "string" ? value : Array.isArray(value) ? String(value[0]) : held.text;
    const isNamed = piece !== "" && piece !== ALL && spec.type !== "map";
    result.set(isNamed ? fold(text) : piece, { ...held, text });
  }
  return result;
}

interface Piece {
  readonly text: string;
  readonly value: Value;
}

/** A value's pieces: those of a scope are its names. */
export function piecesIn(
  spec: AttributeSpec,
  value: Value | undefined,
  fold: (name: string) => string,
): Map<string, Piece> {
  const pieces = new Map<string, Piece>();
  if (spec.type === "scope" && typeof value === "string") pieces.set(ALL, { text: value, value });
  else if (spec.type === "scope" && Array.isArray(value))
    for (const name of value as readonly string[]) pieces.set(fold(name), { text: name, value: name });
  else
    for (const [part, leaf] of leavesOf(spec, value, fold)) {
      const text = spec.type === "map" ? part : typeof leaf === "string" ? leaf : "";
      pieces.set(part, { text, value: leaf });
    }
  return pieces;
}

/**
 * The rungs after a step found a piece at the rank `from` (undefined where it was not there) and left it at the gift's. What
 * is lower than what was held before goes on; what is higher than what is known was made by somebody else.
 */
function climb<Source>(
  held: readonly Rung<Source>[],
  from: number | undefined,
  gift: Rung<Source>,
): readonly Rung<Source>[] {
  if (from === undefined) return [gift];
  const known = lower(held, from);
  const top = known.at(-1)?.rank ?? -1;
  const there = top >= from ? known : [...known, { rank: from, source: undefined, order: 0 }];
  return gift.rank > from ? [...there, gift] : lower(there, gift.rank);
}

/** Up to a rank, which the lowest rung that reaches it goes on giving. */
function lower<Source>(held: readonly Rung<Source>[], rank: number): readonly Rung<Source>[] {
  const below = held.filter((rung) => rung.rank < rank);
  const next = held.find((rung) => rung.rank >= rank);
  return next ? [...below, { ...next, rank }] : below;
}
