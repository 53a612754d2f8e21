// What Git takes over from the platform: what live has, HEAD wants and the base does not, entity by entity and piece by piece.
// Pure comparison; whether it gives anybody anything is judged elsewhere.
import type { Attributes, Entity, State, Value } from "../model/entity.ts";
import { EMPTY_SECTION, entityAt, groupOfSection, MEMBERSHIP } from "../model/entity.ts";
import { type AttributeSpec, type KindSpec, kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import { viewsOfStep } from "./changes.ts";
import type { Concession, Undo } from "./concession.ts";
import { changeId } from "./digest.ts";
import { comparedAttributes, type Fold, joinLeaves, leavesOf, pointsElsewhere, sameLeaf } from "./leaves.ts";

interface Adopting {
  readonly target: { readonly name: string };
  readonly platform: Platform;
  readonly base: State;
  readonly want: State;
  readonly live: State;
}

/** Everything that is adopted and could give somebody something. */
export function adoptedIn(input: Adopting): Concession[] {
  const { platform, base, want, live } = input;
  const found: Concession[] = [];
  for (const [name, section] of want) {
    const spec = kindSpec(platform, groupOfSection(name) === undefined ? name : MEMBERSHIP);
    const [before, there] = [base.get(name) ?? EMPTY_SECTION, live.get(name) ?? EMPTY_SECTION];
    if (spec?.role !== "managed" || before === section || there.size === 0) continue;
    const plain = comparedAttributes(spec).length === 0;
    for (const local of section.keys()) {
      const had = before.has(local);
      if ((had && plain) || !there.has(local)) continue;
      const [wanted, is] = [section.get(local), there.get(local)];
      if (!wanted || !is) continue;
      const was = before.get(local) ?? entityAt(platform.defaults, name, local);
      const adopted = was ? adoptedPieces(spec, { wanted, was, is }, input) : adoptedWhole(spec, wanted, is, input);
      if (adopted) found.push(adopted);
    }
  }
  return found;
}

function adoptedWhole(spec: KindSpec, wanted: Entity, is: Entity, { target }: Adopting): Concession | undefined {
  // Somebody by themselves has nothing: that they are in a group is told of each group.
  if (spec.kind === MEMBER && !comparedAttributes(spec).some(([, attribute]) => pointsElsewhere(attribute)))
    return undefined;
  const { section, local, name, attributes } = wanted;
  return {
    id: changeId(target.name, `${section}/${local}`, "create", null, { name, attributes }),
    sort: "made",
    says: "adopted: made by hand",
    entity: wanted,
    action: "create",
    put: () => [],
    undo: (state) => removed(entityAt(state, is.section, is.local)),
  };
}

function removed(before: Entity | undefined): Undo[] {
  return before ? [{ before, after: undefined }] : [];
}

interface Piece {
  readonly attribute: string;
  readonly spec: AttributeSpec;
  readonly part: string;
  /** What the base has there. */
  readonly was: Value | undefined;
  readonly is: Value | undefined;
}

interface Three {
  readonly wanted: Entity;
  readonly was: Entity;
  readonly is: Entity;
}

function adoptedPieces(
  spec: KindSpec,
  { wanted, was, is }: Three,
  { target, platform: { fold } }: Adopting,
): Concession | undefined {
  if (was.attributes === wanted.attributes) return undefined;
  const pieces = comparedAttributes(spec).flatMap(([attribute, one]) =>
    piecesOf(
      attribute,
      one,
      [wanted, was, is].map(({ attributes }) => attributes[attribute]),
      fold,
    ),
  );
  if (pieces.length === 0) return undefined;
  const reversed = (entity: Entity): Entity => ({ ...entity, attributes: without(entity.attributes, pieces, fold) });
  const [before, after] = viewsOfStep({ before: reversed(is), after: is });
  return {
    id: changeId(target.name, `${wanted.section}/${wanted.local}`, "update", before, after),
    sort: "changed",
    says: `adopted as changed by hand: ${pieces.map(describePiece).join(", ")}`,
    entity: wanted,
    action: "update",
    put: () => [],
    undo: (state) => {
      const present = entityAt(state, is.section, is.local);
      return present ? [{ before: present, after: reversed(present) }] : [];
    },
  };
}

/** Where desired state and live agree, and the base does not. */
function piecesOf(
  attribute: string,
  spec: AttributeSpec,
  [want, base, live]: readonly (Value | undefined)[],
  fold: Fold,
): Piece[] {
  // What is not spoken of stays; a scope that was never spoken of has nothing that it could be without.
  if (want === undefined || (base === undefined && spec.type === "scope")) return [];
  const [wanted, based, lived] = [want, base, live].map((value) => leavesOf(spec, value, fold));
  const pieces: Piece[] = [];
  for (const part of new Set([...(wanted?.keys() ?? []), ...(based?.keys() ?? [])])) {
    const [w, b, l] = [wanted?.get(part), based?.get(part), lived?.get(part)];
    if (sameLeaf(spec, w, l, fold) && !sameLeaf(spec, w, b, fold))
      pieces.push({ attribute, spec, part, was: b, is: l });
  }
  return pieces;
}

function without(attributes: Attributes, pieces: readonly Piece[], fold: Fold): Attributes {
  const result: Record<string, Value> = { ...attributes };
  for (const { attribute, spec, part, was } of pieces) {
    const leaves = new Map(leavesOf(spec, result[attribute], fold));
    if (was === undefined) leaves.delete(part);
    else leaves.set(part, was);
    const value = joinLeaves(spec, leaves);
    if (value === undefined) delete result[attribute];
    else result[attribute] = value;
  }
  return result;
}

/** Longer values are cut short. */
const VALUE_LENGTH = 60;

function describePiece({ attribute, spec, part, was, is }: Piece): string {
  if (spec.type === "set") return `${attribute} ${is === undefined ? "without" : "with"} ${cut(is ?? was)}`;
  const name = part === "" ? attribute : `${attribute}/${part}`;
  return `${name} ${cut(is)} instead of ${cut(was)}`;
}

function cut(value: Value | undefined): string {
  if (value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text;
}
