// Three states -> what differs and what each difference is (design: "Three states, not two").
// Works section by section, looks at base only where desired and live part, and orders nothing.
import type { Origin } from "../model/change.ts";
import {
  EMPTY_SECTION,
  type Entity,
  entityAt,
  groupOfSection,
  MEMBERSHIP,
  type Section,
  type State,
} from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { Discrepancy, Drifted, ThreeWay } from "../model/plan.ts";
import { GROUP, type KindSpec, type Platform } from "../model/platform.ts";
import { type Roster, RosterComparison, RosterSection } from "../model/roster.ts";
import type { DriftMode } from "../model/settings.ts";
import { driftModeOf } from "./drift-mode.ts";
import { comparedAttributes, sameAttributes } from "./leaves.ts";
import { type MergeRules, mergeEntity } from "./merge.ts";

/** One entity's step, before it has an id, an effect and a place in the order. */
export interface Step {
  readonly spec: KindSpec;
  readonly origin: Origin;
  /** Live now; undefined for a create. */
  readonly before: Entity | undefined;
  /** Live afterwards, whole; undefined for a delete. */
  readonly after: Entity | undefined;
}

/** What live has become behind Git's back and no step of the plan undoes. */
export interface Drift {
  readonly is: Omit<Drifted, "effect">;
  /** What would undo it, and nothing else. */
  readonly undo: Step;
}

export interface Difference {
  readonly steps: readonly Step[];
  readonly drift: readonly Drift[];
  readonly conflicts: readonly Discrepancy[];
  readonly unmanaged: readonly Entity[];
  /** Steps that the platform leaves to somebody else, as warnings. */
  readonly refused: readonly Finding[];
  /** Per kind: how many entities base and desired agree to have, and how many of those live lacks. */
  readonly expected: ReadonlyMap<string, { readonly known: number; readonly missing: number }>;
}

export interface DiffRules {
  readonly platform: Platform;
  /** What becomes of drift where no group says otherwise. */
  readonly drift: DriftMode;
  /** Keys whose conflicts a person settled in favour of desired state. */
  readonly overwrite: ReadonlySet<string>;
  /** Keys left out of `want` because their end has passed. */
  readonly ended: ReadonlySet<string>;
  /** Something was applied before: only then `members: exclusive` of a group is acted on, and strangers in groups are drift. */
  readonly exclusive: boolean;
}

class Collector {
  readonly steps: Step[] = [];
  readonly drift: Drift[] = [];
  readonly conflicts: Discrepancy[] = [];
  readonly unmanaged: Entity[] = [];
  readonly refused: Finding[] = [];
  readonly expected = new Map<string, { known: number; missing: number }>();
  readonly rules: DiffRules;
  readonly #comparisons = new Map<Roster, Map<Roster, RosterComparison>>();
  readonly #base: State;
  readonly #want: State;
  constructor(rules: DiffRules, base: State, want: State) {
    this.rules = rules;
    this.#base = base;
    this.#want = want;
  }

  modeOf(entity: Pick<Entity, "section" | "local">): DriftMode {
    return driftModeOf(entity, this.#want, this.#base, this.rules.drift);
  }

  /** Whether Git managed a group, or who is in it, at the last apply and does so now. */
  isManagedGroup(section: string): boolean {
    const group = groupOfSection(section) ?? "";
    const knows = (state: State) => entityAt(state, GROUP, group) !== undefined || (state.get(section)?.size ?? 0) > 0;
    return knows(this.#want) && knows(this.#base);
  }

  addDrift(
    spec: KindSpec,
    entity: Entity,
    shape: Discrepancy["shape"],
    attributes: readonly ThreeWay[],
    undo: Pick<Step, "before" | "after">,
  ): void {
    const is = { ...discrepancy(entity, shape, attributes), mode: this.modeOf(entity) };
    this.drift.push({ is, undo: { spec, origin: "drift", ...undo } });
  }

  /** Who is only in the first of two sections and who only in the second; what two rosters have in common is worked out once. */
  compare(first: RosterSection, second: RosterSection): ReturnType<RosterComparison["compare"]> {
    const row = this.#comparisons.get(first.roster) ?? new Map<Roster, RosterComparison>();
    this.#comparisons.set(first.roster, row);
    const comparison = row.get(second.roster) ?? new RosterComparison(first.roster, second.roster);
    row.set(second.roster, comparison);
    return comparison.compare(first, second);
  }
}

/** Compares the three states; renames must be aligned before, and ended access taken out of `want`. */
export function diffStates(base: State, want: State, live: State, rules: DiffRules): Difference {
  const collector = new Collector(rules, base, want);
  const specs = new Map(rules.platform.kinds.map((spec) => [spec.kind, spec]));
  for (const name of new Set([...want.keys(), ...live.keys()])) {
    const spec = specs.get(groupOfSection(name) === undefined ? name : MEMBERSHIP);
    if (spec?.role !== "managed") continue;
    const section = (state: State): Section => state.get(name) ?? EMPTY_SECTION;
    const mode = membersMode(name, base, want);
    // Whoever is in the group is an identity provider's business: not changed, not compared, not counted.
    if (mode !== "idp") diffSection(spec, section(base), section(want), section(live), mode, collector);
  }
  return collector;
}

/** Who decides who is in a group: `members` of its Group. */
type MembersMode = "exclusive" | "additive" | "idp";

/** What Git says of a group's members. A group that is to be deleted keeps being an identity provider's if it was one. */
function membersMode(section: string, base: State, want: State): MembersMode {
  const group = groupOfSection(section);
  if (group === undefined) return "additive";
  const declared = entityAt(want, GROUP, group);
  const mode = (declared ?? entityAt(base, GROUP, group))?.attributes.members;
  if (mode === "idp") return mode;
  return declared && mode === "exclusive" ? mode : "additive";
}

function diffSection(
  spec: KindSpec,
  base: Section,
  want: Section,
  live: Section,
  mode: MembersMode,
  into: Collector,
): void {
  const plain = comparedAttributes(spec).length === 0 && spec.identity === "group";
  const agreed = into.expected.get(spec.kind) ?? { known: 0, missing: 0 };
  into.expected.set(spec.kind, agreed);
  if (plain && want instanceof RosterSection && live instanceof RosterSection) {
    const { first: missing, second: unwanted } = into.compare(want, live);
    agreed.known += countShared(base, want, want.keys());
    agreed.missing += countShared(base, want, missing);
    for (const local of missing) diffMissing(spec, base.get(local), want.get(local) as Entity, into);
    for (const local of unwanted) diffUnwanted(spec, base.get(local), live.get(local) as Entity, mode, into);
    return;
  }
  let matched = 0;
  for (const [local, wanted] of want) {
    const found = live.get(local);
    if ((base === want || base.has(local)) && (found || !isRefused(undefined, wanted, into))) {
      agreed.known += 1;
      if (!found) agreed.missing += 1;
    }
    if (!found) diffMissing(spec, base.get(local), wanted, into);
    else {
      matched += 1;
      if (!plain) diffPresent(spec, base.get(local), wanted, found, into);
    }
  }
  if (matched === live.size) return;
  for (const local of live.keys())
    if (!want.has(local)) diffUnwanted(spec, base.get(local), live.get(local) as Entity, mode, into);
}

/** How many of some keys of `want` are in base too. */
function countShared(base: Section, want: Section, locals: Iterable<string>): number {
  if (base.size === 0) return 0;
  let count = 0;
  for (const local of locals) if (base === want || base.has(local)) count += 1;
  return count;
}

/** In desired state and live. */
function diffPresent(spec: KindSpec, base: Entity | undefined, want: Entity, live: Entity, into: Collector): void {
  const { fold } = into.rules.platform;
  if (want.name === live.name && sameAttributes(spec, want.attributes, live.attributes, fold)) return;
  if (refuse(live, want, into)) return;
  const merged = mergeEntity(spec, want, base, live, mergeRules(want, into));
  if (merged.origin !== undefined)
    into.steps.push({
      spec,
      origin: merged.origin,
      before: live,
      after: { ...live, name: merged.name, attributes: merged.attributes, ...placed(want) },
    });
  if (merged.drift.length > 0) {
    const { name, attributes } = mergeEntity(spec, want, base, live, { ...mergeRules(want, into), undo: true });
    into.addDrift(spec, want, "changed", merged.drift, { before: live, after: { ...live, name, attributes } });
  }
  if (merged.conflicts.length > 0) into.conflicts.push(discrepancy(want, "changed", merged.conflicts));
}

/** In desired state, not live: new, or lost on the platform. */
function diffMissing(spec: KindSpec, base: Entity | undefined, want: Entity, into: Collector): void {
  if (refuse(undefined, want, into)) return;
  const rules = mergeRules(want, into);
  if (!base) into.steps.push({ spec, origin: "policy", before: undefined, after: want });
  else if (base === want || (base.name === want.name && sameBothWays(spec, base, want, rules))) {
    if (rules.revert) into.steps.push({ spec, origin: "drift", before: undefined, after: want });
    else
      into.addDrift(spec, want, "missing", threeWay(spec, base, want, undefined), { before: undefined, after: want });
  } else if (rules.overwrite) into.steps.push({ spec, origin: "policy", before: undefined, after: want });
  else into.conflicts.push(discrepancy(want, "missing", threeWay(spec, base, want, undefined)));
}

/** Live, not in desired state: deleted on purpose if base had it or its end is past, else none of our business unless Git names everyone. */
function diffUnwanted(
  spec: KindSpec,
  base: Entity | undefined,
  live: Entity,
  mode: MembersMode,
  into: Collector,
): void {
  const { ended, exclusive, overwrite, platform } = into.rules;
  const key = `${live.section}/${live.local}`;
  const isOver = ended.has(key);
  if (!base && !isOver && mode === "exclusive" && !exclusive) {
    into.addDrift(spec, live, "extra", [], { before: live, after: undefined });
    return;
  }
  if (!base && !isOver && mode !== "exclusive") {
    // Whoever came into a group of Git's is to be adopted where that is what becomes of drift; `exclusive` means history.
    const proposed = exclusive && spec.kind === MEMBERSHIP && into.modeOf(live) === "propose";
    if (proposed && into.isManagedGroup(live.section))
      into.addDrift(spec, live, "extra", [], { before: live, after: undefined });
    else if (!isUntouchedDefault(spec, live, platform)) into.unmanaged.push(live);
    return;
  }
  if (refuse(live, undefined, into)) return;
  const asApplied = !base || sameAttributes(spec, base.attributes, live.attributes, platform.fold);
  if (asApplied || overwrite.has(key))
    into.steps.push({ spec, origin: originOfRemoval(base, isOver), before: live, after: undefined });
  else into.conflicts.push(discrepancy(live, "changed", threeWay(spec, base, undefined, live)));
}

/** Whoever Git never had came in behind its back. */
function originOfRemoval(base: Entity | undefined, isOver: boolean): Origin {
  if (isOver) return "expiry";
  return base ? "policy" : "drift";
}

function isRefused(live: Entity | undefined, want: Entity | undefined, into: Collector): boolean {
  return into.rules.platform.refuses?.(live, want) !== undefined;
}

/** Notes a step that the platform leaves to somebody else, and says whether it is one. */
function refuse(live: Entity | undefined, want: Entity | undefined, into: Collector): boolean {
  const refusal = into.rules.platform.refuses?.(live, want);
  const entity = want ?? live;
  if (!refusal || !entity) return false;
  into.refused.push({ severity: "warning", ...refusal, key: `${entity.section}/${entity.local}`, ...placed(entity) });
  return true;
}

/** What every target comes with, and nobody has changed, is nothing to tell about. */
function isUntouchedDefault(spec: KindSpec, live: Entity, platform: Platform): boolean {
  const known = platform.defaults.get(live.section)?.get(live.local);
  return known !== undefined && sameAttributes(spec, known.attributes, live.attributes, platform.fold);
}

function mergeRules(want: Entity, into: Collector): MergeRules {
  const { platform, overwrite } = into.rules;
  const revert = into.modeOf(want) === "revert";
  return { fold: platform.fold, revert, overwrite: overwrite.has(`${want.section}/${want.local}`) };
}

function sameBothWays(spec: KindSpec, left: Entity, right: Entity, { fold }: MergeRules): boolean {
  return (
    sameAttributes(spec, left.attributes, right.attributes, fold) &&
    sameAttributes(spec, right.attributes, left.attributes, fold)
  );
}

function threeWay(
  spec: KindSpec,
  base: Entity | undefined,
  want: Entity | undefined,
  live: Entity | undefined,
): ThreeWay[] {
  return comparedAttributes(spec)
    .map(([attribute]) => ({
      attribute,
      base: base?.attributes[attribute],
      want: want?.attributes[attribute],
      live: live?.attributes[attribute],
    }))
    .filter(({ base, want, live }) => base !== undefined || want !== undefined || live !== undefined);
}

function discrepancy(entity: Entity, shape: Discrepancy["shape"], attributes: readonly ThreeWay[]): Discrepancy {
  const { kind, section, local, name } = entity;
  return { kind, key: `${section}/${local}`, name, shape, attributes, ...placed(entity) };
}

function placed(entity: Entity): { readonly place: NonNullable<Entity["place"]> } | Record<never, never> {
  return entity.place ? { place: entity.place } : {};
}
