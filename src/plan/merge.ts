// The three-way rule for one entity that is in both desired and live state, leaf by leaf.
// Decides what each difference is; does not decide whether a plan may go ahead.

import type { Origin } from "../model/change.ts";
import type { Attributes, Entity, Value } from "../model/entity.ts";
import type { ThreeWay } from "../model/plan.ts";
import type { AttributeSpec, KindSpec } from "../model/platform.ts";
import { comparedAttributes, type Fold, joinLeaves, type Leaves, leavesOf, sameLeaf } from "./leaves.ts";

export interface MergeRules {
  readonly fold: Fold;
  /** Make drift back to what Git says. */
  readonly revert: boolean;
  /** Settle conflicts of this entity in favour of desired state: a person said so. */
  readonly overwrite: boolean;
  /** Put nothing in but what drifted: live as Git says, whatever else is pending. */
  readonly undo?: true;
}

export interface Merged {
  /** Live's attributes with every pending piece put in; the same object when nothing is pending. */
  readonly attributes: Attributes;
  /** Live's name, or the desired one when it is to change. */
  readonly name: string;
  /** Why, when something is pending. */
  readonly origin: Origin | undefined;
  readonly drift: readonly ThreeWay[];
  readonly conflicts: readonly ThreeWay[];
}

type Verdict = "same" | "adopt" | "policy" | "drift" | "revert" | "conflict" | "extra";

/** Merges one entity. `base` is undefined when Git did not manage it at the last apply. */
export function mergeEntity(
  spec: KindSpec,
  want: Entity,
  base: Entity | undefined,
  live: Entity,
  rules: MergeRules,
): Merged {
  const pending = new Set<Verdict>();
  const drift: ThreeWay[] = [];
  const conflicts: ThreeWay[] = [];
  const attributes: Record<string, Value> = { ...live.attributes };
  const note = (verdict: Verdict, three: ThreeWay): boolean => {
    if (verdict === "drift" || verdict === "extra") drift.push(three);
    else if (verdict === "conflict" && !rules.overwrite) conflicts.push(three);
    else if (verdict !== "same") pending.add(verdict);
    if (rules.undo) return verdict === "drift" || verdict === "extra";
    return (
      verdict === "adopt" || verdict === "policy" || verdict === "revert" || (verdict === "conflict" && rules.overwrite)
    );
  };
  for (const [attribute, attributeSpec] of comparedAttributes(spec)) {
    const wanted = want.attributes[attribute];
    if (wanted === undefined) continue;
    const merged = mergeAttribute(
      attribute,
      attributeSpec,
      [wanted, base?.attributes[attribute], live.attributes[attribute]],
      rules,
      note,
    );
    if (merged !== undefined) attributes[attribute] = merged;
  }
  const name = mergeName(spec, want, base, live, rules, note);
  const origin = originOf(pending);
  return { attributes: origin || rules.undo ? attributes : live.attributes, name, origin, drift, conflicts };
}

function originOf(pending: ReadonlySet<Verdict>): Origin | undefined {
  if (pending.has("policy") || pending.has("conflict")) return "policy";
  if (pending.has("adopt")) return "adopt";
  return pending.has("revert") ? "drift" : undefined;
}

/** The attribute's new value, or undefined when none of its pieces is pending. */
function mergeAttribute(
  attribute: string,
  spec: AttributeSpec,
  [want, base, live]: readonly [Value, Value | undefined, Value | undefined],
  rules: MergeRules,
  note: (verdict: Verdict, three: ThreeWay) => boolean,
): Value | undefined {
  const { fold } = rules;
  const [wanted, lived] = [leavesOf(spec, want, fold), leavesOf(spec, live, fold)];
  const based: Leaves | undefined = base === undefined ? undefined : leavesOf(spec, base, fold);
  const result = new Map(lived);
  let changed = false;
  for (const part of new Set([...wanted.keys(), ...lived.keys()])) {
    const [w, b, l] = [wanted.get(part), based?.get(part), lived.get(part)];
    const same = (left: Value | undefined, right: Value | undefined) => sameLeaf(spec, left, right, fold);
    const verdict = judge(w, b, l, based !== undefined, same, rules.revert);
    const label = part === "" ? attribute : `${attribute}/${w ?? l}`;
    const named = spec.type === "map" && part !== "" ? `${attribute}/${part}` : label;
    if (!note(verdict, { attribute: named, base: b, want: w, live: l })) continue;
    changed = true;
    if (w === undefined) result.delete(part);
    else result.set(part, w);
  }
  return changed ? joinLeaves(spec, result) : undefined;
}

function judge(
  want: Value | undefined,
  base: Value | undefined,
  live: Value | undefined,
  managed: boolean,
  same: (left: Value | undefined, right: Value | undefined) => boolean,
  revert: boolean,
): Verdict {
  if (same(want, live)) return "same";
  if (!managed) return want === undefined ? "extra" : "adopt";
  if (same(live, base)) return "policy";
  if (same(want, base)) return revert ? "revert" : "drift";
  return "conflict";
}

/** Addresses are compared folded, since platforms change their case; other names exactly, so that a new spelling is a change. */
function mergeName(
  spec: KindSpec,
  want: Entity,
  base: Entity | undefined,
  live: Entity,
  rules: MergeRules,
  note: (verdict: Verdict, three: ThreeWay) => boolean,
): string {
  const view = spec.identity === "email" ? rules.fold : (name: string) => name.trim().normalize("NFC");
  const same = (left: Value | undefined, right: Value | undefined) =>
    left === right || (typeof left === "string" && typeof right === "string" && view(left) === view(right));
  const verdict = judge(want.name, base?.name, live.name, base !== undefined, same, rules.revert);
  return note(verdict, { attribute: "name", base: base?.name, want: want.name, live: live.name })
    ? want.name
    : live.name;
}
