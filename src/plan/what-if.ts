// What would become of everybody's access, between a state as it is and one as it might be: what is lost, what is less, and what is
// kept through which other path; and what a plan that did it would say. Pure; nothing here can be applied.
import type { PlacedPath } from "../model/answers.ts";
import { type Entity, entityAt, type State, splitKey } from "../model/entity.ts";
import { compareText, type Finding, type Place } from "../model/finding.ts";
import type { Grant, Path } from "../model/grant.ts";
import { memo } from "../model/lazy.ts";
import { type AccessView, MEMBER, type Platform } from "../model/platform.ts";
import type { WhatBecomes, WhatIf, WhatIfGroup, WhatIfMember, WhatIfOutcome, WhatIfOwners } from "../model/what-if.ts";
import { affectedMembers } from "./affected.ts";
import { buildPlan } from "./build.ts";
import { differingKeys } from "./edited-state.ts";
import type { PlanInput } from "./input.ts";
import { canLogIn } from "./lockout-needs.ts";
import { fullName } from "./person.ts";
import { createPlaces, type DeclaredPath } from "./places.ts";
import { realmsOf } from "./realms.ts";

/** A state, and the files that its paths have their places in. */
export interface Imagined {
  readonly state: State;
  readonly declared: State;
}

export interface WhatIfInput
  extends Pick<PlanInput, "target" | "platform" | "now" | "governance" | "people" | "judge" | "baseRules" | "self"> {
  readonly before: Imagined;
  readonly after: Imagined;
}

export type Consequences = Pick<WhatIf, "people" | "owners" | "minimumOwners" | "findings" | "refused">;

/** What it would mean if `before` were `after`. */
export function consequencesOf(input: WhatIfInput): Consequences {
  const { platform, target, before, after } = input;
  const keys = differingKeys(before.state, after.state);
  const steps = keys.map((key) => {
    const [section, local] = splitKey(key);
    return { before: entityAt(before.state, section, local), after: entityAt(after.state, section, local) };
  });
  const affected = affectedMembers(steps, before.state, after.state, platform);
  const views = { before: platform.access(before.state), after: platform.access(after.state) };
  const { findings, refused } = judged(input);
  return {
    people: groupsOf(input, affected, views),
    owners: ownersOf(input, views),
    minimumOwners: target.minimumOwners,
    findings,
    refused,
  };
}

interface Views {
  readonly before: AccessView;
  readonly after: AccessView;
}

interface Building {
  readonly outcomes: readonly WhatIfOutcome[];
  readonly losesEverything: boolean;
  readonly members: WhatIfMember[];
}

function groupsOf(input: WhatIfInput, affected: ReadonlySet<string>, views: Views): WhatIfGroup[] {
  const { before, after, platform } = input;
  const places = { before: createPlaces(before.declared, platform), after: createPlaces(after.declared, platform) };
  const compare = createOutcomes(platform, places);
  const groups = new Map<string, Building>();
  const known = new Map<readonly WhatIfOutcome[], string>();
  for (const local of [...affected].sort(compareText)) {
    const [had, has] = [views.before.grantsOf(local), views.after.grantsOf(local)];
    const outcomes = compare(local, had, has);
    if (outcomes.length === 0) continue;
    const losesEverything = had.length > 0 && has.length === 0;
    const text = known.get(outcomes) ?? JSON.stringify(outcomes);
    known.set(outcomes, text);
    // Who has something else besides loses the same, and not everything.
    const key = `${losesEverything} ${text}`;
    const group = groups.get(key) ?? { outcomes, losesEverything, members: [] };
    groups.set(key, group);
    const entity = entityAt(before.state, MEMBER, local) ?? entityAt(after.state, MEMBER, local);
    const memberships = membershipsOf(local, outcomes, places);
    group.members.push({ member: entity?.name ?? local, name: entity ? fullName(entity.attributes) : "", memberships });
  }
  for (const { members } of groups.values()) members.sort((a, b) => compareText(a.member, b.member));
  const first = ({ members }: WhatIfGroup) => members[0]?.member ?? "";
  return [...groups.values()].sort(
    (a, b) => Number(b.losesEverything) - Number(a.losesEverything) || compareText(first(a), first(b)),
  );
}

type PlacesOf = (member: string, path: Path) => DeclaredPath;

interface Places {
  readonly before: PlacesOf;
  readonly after: PlacesOf;
}

/** A function from what a member has and would have to what becomes of it; the same object for the same two. */
function createOutcomes(platform: Platform, places: Places) {
  const seen = new Map<readonly Grant[], Map<readonly Grant[], readonly WhatIfOutcome[]>>();
  return (member: string, had: readonly Grant[], has: readonly Grant[]): readonly WhatIfOutcome[] => {
    const row = seen.get(had) ?? new Map<readonly Grant[], readonly WhatIfOutcome[]>();
    seen.set(had, row);
    const outcomes = row.get(has) ?? compareGrants(member, had, has, platform, places);
    row.set(has, outcomes);
    return outcomes;
  };
}

function compareGrants(
  member: string,
  had: readonly Grant[],
  has: readonly Grant[],
  platform: Platform,
  places: Places,
): WhatIfOutcome[] {
  if (had === has) return [];
  const cell = ({ resource, scope }: Grant) => JSON.stringify([resource, scope]);
  const now = new Map(has.map((grant) => [cell(grant), grant]));
  const was = new Set(had.map(cell));
  const pairs: (readonly [Grant | undefined, Grant | undefined])[] = [
    ...had.map((grant) => [grant, now.get(cell(grant))] as const),
    ...has.filter((grant) => !was.has(cell(grant))).map((grant) => [undefined, grant] as const),
  ];
  // Whose membership it is by is told for each member: others share the rest.
  const shared = (placesOf: PlacesOf) => (path: Path) => {
    const { membershipPlace: _, ...placed } = placesOf(member, path).placed;
    return placed;
  };
  return pairs
    .flatMap(([old, left]) => outcomeOf(old, left, platform, shared(places.before), shared(places.after)))
    .sort((a, b) => compareText(a.resource, b.resource) || compareText(a.scope, b.scope));
}

function outcomeOf(
  old: Grant | undefined,
  left: Grant | undefined,
  { rankOf, fold }: Platform,
  placedBefore: (path: Path) => PlacedPath,
  placedAfter: (path: Path) => PlacedPath,
): WhatIfOutcome[] {
  const grant = left ?? old;
  if (!grant) return [];
  const pathKey = ({ group, role }: Path) => JSON.stringify([fold(group ?? ""), fold(role ?? "")]);
  const remaining = new Set(left?.via.map(pathKey));
  const gone = (old?.via ?? []).filter((path) => !remaining.has(pathKey(path)));
  const rank = (of: Grant | undefined) => (of ? rankOf(of.resource, of.level) : -1);
  const becomes = becomesOf(rank(old), rank(left), gone.length > 0);
  if (becomes === undefined) return [];
  const { resource, scope } = grant;
  const levels = { before: old?.level ?? null, after: left?.level ?? null };
  const paths = { gone: gone.map(placedBefore), left: (left?.via ?? []).map(placedAfter) };
  return [{ becomes, resource, scope, ...levels, ...paths }];
}

/** Ranks, -1 for nothing; undefined where nothing is worth saying. */
function becomesOf(before: number, after: number, fewer: boolean): WhatBecomes | undefined {
  if (after > before) return before < 0 ? "gained" : "raised";
  if (after < before) return after < 0 ? "lost" : "reduced";
  return fewer ? "kept" : undefined;
}

/** Where files put somebody into the groups of these paths. */
function membershipsOf(
  local: string,
  outcomes: readonly WhatIfOutcome[],
  places: Places,
): ReadonlyMap<string | null, Place> {
  const found = new Map<string | null, Place>();
  const add = (placesOf: PlacesOf, path: Path) => {
    const group = path.group ?? null;
    if (found.has(group)) return;
    const place = placesOf(local, path).placed.membershipPlace;
    if (place) found.set(group, place);
  };
  for (const { gone, left } of outcomes) {
    for (const path of left) add(places.after, path);
    for (const path of gone) add(places.before, path);
  }
  return found;
}

/** The target as a whole always; a scope with owners of its own where something changes. */
function ownersOf({ platform, before, after }: WhatIfInput, views: Views): WhatIfOwners[] {
  const nameOf = (local: string) => entityAt(before.state, MEMBER, local)?.name ?? local;
  const counted = realmsOf(platform, before.state).map(({ scope, owns }) => {
    const owned = memo(owns);
    // Somebody whose access is not in force yet is no owner who could help.
    const holders = (view: AccessView, { state }: Imagined) =>
      view.members().filter((member) => owned(view.grantsOf(member)) && canLogIn(member, state));
    const [then, now] = [holders(views.before, before), new Set(holders(views.after, after))];
    const lost = then.filter((member) => !now.has(member)).map(nameOf);
    return { scope, before: then.length, after: now.size, lost: lost.sort(compareText) };
  });
  // A scope that is gone has no owners to miss.
  const scopes = new Set(realmsOf(platform, after.state).map(({ scope }) => scope));
  return counted.filter(
    ({ scope, ...count }) =>
      scope === undefined || (scopes.has(scope) && (count.lost.length > 0 || count.before !== count.after)),
  );
}

/** What a plan that did it would say, beyond what one that does nothing says. */
function judged(input: WhatIfInput): { readonly findings: readonly Finding[]; readonly refused: boolean } {
  const planned = (want: State, rules: Pick<WhatIfInput, "target" | "governance" | "people">) =>
    buildPlan({
      ...input,
      ...rules,
      want,
      base: input.before.state,
      live: input.before.state,
      commit: null,
      // Only with a base is anything deleted; what it is called matters to nobody.
      baseCommit: "what-if",
      uncommitted: true,
      overwrite: [],
      findings: [],
      identities: new Map(),
      applied: new Set(),
    }).plan;
  const said = (finding: Finding) => JSON.stringify([finding.severity, finding.code, finding.message, finding.key]);
  const already = new Set(planned(input.before.state, baseRulesOf(input)).findings.map(said));
  const { findings, digest } = planned(input.after.state, input);
  // A waiver names the plan that is really made, which has another digest.
  const unnamed = ({ hint, ...finding }: Finding): Finding =>
    hint === undefined || hint.includes(digest) ? finding : { ...finding, hint };
  const fresh = findings.filter((finding) => !already.has(said(finding))).map(unnamed);
  return { findings: fresh, refused: fresh.some(({ severity }) => severity === "error") };
}

/** What judges what is there now: the rules as they are before an edit of them. */
function baseRulesOf({ target, governance, people, baseRules }: WhatIfInput) {
  const before = { target: baseRules?.target ?? target, people: baseRules?.people ?? people ?? [] };
  return { ...before, governance: baseRules ? { ...governance, guardrails: baseRules.guardrails } : governance };
}

/** As answers name them. */
export function asNamed({ kind, name, place }: Entity, displayed: string = name) {
  return { kind, name: displayed, ...(place ? { place } : {}) };
}
