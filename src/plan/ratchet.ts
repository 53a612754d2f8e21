// A commit is judged by what its base says: it cannot weaken what it is judged by. What it weakens is named here, so that it
// can be approved by those whom the base names. Pure comparison; in doubt, a difference weakens.
import type { ReviewRules } from "../model/campaign.ts";
import { type Entity, entityAt, type State } from "../model/entity.ts";
import { compareText, type Place } from "../model/finding.ts";
import type { Guardrail, GuardrailException } from "../model/guardrail.ts";
import { memo } from "../model/lazy.ts";
import type { Weakening } from "../model/plan.ts";
import { GROUP } from "../model/platform.ts";
import type { Budget, Person, Target } from "../model/settings.ts";
import { endOfAccess } from "../model/until.ts";
import type { LimitName } from "../model/waiver.ts";
import { digestOf } from "./digest.ts";
import { ownDriftMode } from "./drift-mode.ts";
import type { Fold } from "./leaves.ts";
import { type ApprovalRules, listed, missing, weakenedApprovals } from "./ratchet-approvals.ts";
import { reviewersOf, weakenedReviews } from "./ratchet-reviews.ts";
import { asksAsMuch } from "./ratchet-rules.ts";

export interface Rules {
  readonly target: Target;
  readonly guardrails: readonly Guardrail[];
  /** Who is who on the Git host. */
  readonly people?: readonly Person[];
  /** Folded group name -> its owners, of every group there is. */
  readonly groupOwners?: ReadonlyMap<string, readonly string[]>;
  /** Access reviews; absent: none. */
  readonly reviews?: ReviewRules;
}

const NO_REVIEWS: ReviewRules = { definitions: [], settings: { overdue: "keep", escalateDays: 0 } };

/** Groups and what becomes of drift of them, as HEAD has them and as the base. */
export interface DriftRules {
  readonly want: State;
  readonly base: State;
}

/**
 * The guardrails that judge a plan: those of HEAD, and those of the base that HEAD has no longer or that judge otherwise there
 * (then both do, each with its own exceptions). What HEAD only words otherwise judges once, in HEAD's words.
 */
export function judgingGuardrails(head: Rules, base: Rules | undefined): readonly Guardrail[] {
  if (!base) return head.guardrails;
  const now = new Set(head.guardrails.map(judgementOf));
  const otherwise = base.guardrails.filter((guardrail) => !now.has(judgementOf(guardrail)));
  return [...head.guardrails, ...otherwise.map((guardrail): Guardrail => ({ ...guardrail, ofBase: true }))];
}

/** What HEAD makes less strict than the base, sorted. `fold`: what names of people and groups are compared by. */
export function weakeningsOf(
  head: Rules,
  base: Rules | undefined,
  fold: Fold,
  now: Date,
  groups?: DriftRules,
): Weakening[] {
  if (!base) return [];
  const approvals = weakenedApprovals(approvalRules(head), approvalRules(base), fold, now);
  const found = [
    ...weakenedSettings(head.target, base.target, fold),
    ...approvals.map(({ part, owners, place, ...rest }) =>
      weakening({
        ...rest,
        path: ["settings", part],
        owners: [...new Set([...base.target.owners, ...owners])],
        place: place ?? head.target.place,
      }),
    ),
    ...weakenedGuardrails(head, base, fold),
    ...weakenedReviews(reviewedBy(head), reviewedBy(base), { fold, now, nowCalled: namer(fold, groups) }).map((one) =>
      weakening({ ...one, owners: base.target.owners }),
    ),
    ...(groups ? weakenedGroups(head.target, base.target, groups) : []),
  ];
  return found.sort((a, b) => compareText(a.what, b.what) || compareText(a.id, b.id));
}

function approvalRules(rules: Rules): ApprovalRules {
  const { target, guardrails, people = [], groupOwners = new Map() } = rules;
  const guardrailOwners = guardrails.flatMap(({ owners }) => owners);
  return { target, people, groupOwners, guardrailOwners, reviewers: reviewersOf(reviewedBy(rules)) };
}

function reviewedBy({ target, reviews = NO_REVIEWS }: Rules) {
  return { target, reviews };
}

/** By what HEAD renames: the base has it under its new key already, and under its old name still. */
function namer(fold: Fold, groups: DriftRules | undefined): (kind: string, name: string) => string {
  const renamed = memo((kind: string) => {
    const all = [...(groups?.base.get(kind)?.values() ?? [])];
    return new Map(all.filter(({ local, name }) => fold(name) !== local).map(({ local, name }) => [fold(name), local]));
  });
  return (kind, name) => renamed(kind).get(fold(name)) ?? fold(name);
}

/** Everything of a guardrail that can change what it finds; two that say the same judge the same. */
function judgementOf({ name, severity, targets, except, ...rest }: Guardrail): string {
  const rule = rest.rule === "role-group-name" || rest.rule === "group-owner" ? [] : (rest.with ?? []);
  const exceptions = except.map(({ member, group, entity, until }) => [member, group, entity, until]);
  return digestOf([name, severity, targets ?? [], rest.rule, rule, exceptions]);
}

/** What is said of one weakening: where it belongs, which part, and the two values. */
interface Saying {
  readonly path: readonly string[];
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly owners: readonly string[];
  readonly place?: Place;
}

function weakening({ path, what, before, after, owners, place }: Saying): Weakening {
  const id = digestOf([...path, before ?? null, after ?? null]).slice(0, 24);
  return { id, what, owners, ...(place ? { place } : {}) };
}

function weakenedSettings(head: Target, base: Target, fold: Fold): Weakening[] {
  const say = (part: string, what: string, before: unknown, after: unknown) =>
    weakening({ path: ["settings", part], what, before, after, owners: base.owners, place: head.place });
  const found: Weakening[] = [];
  for (const limit of Object.keys(base.limits).sort(compareText) as LimitName[])
    for (const part of ["count", "share"] satisfies (keyof Budget)[]) {
      const [before, after] = [base.limits[limit][part], head.limits[limit][part]];
      const name = `limits.${limit}.${part}`;
      if (after > before)
        found.push(say(name, `${name} of ${head.name} is raised from ${before} to ${after}`, before, after));
    }
  if (head.minimumOwners < base.minimumOwners) {
    const what = `minimumOwners of ${head.name} is lowered from ${base.minimumOwners} to ${head.minimumOwners}`;
    found.push(say("minimumOwners", what, base.minimumOwners, head.minimumOwners));
  }
  // Naming owners for the first time gives nobody a say that they did not have.
  if (base.owners.length > 0 && !samePeople(head.owners, base.owners, fold)) {
    const what = `owners of ${head.name} are ${listed(head.owners)}, and were ${listed(base.owners)}`;
    found.push(say("owners", what, base.owners, head.owners));
  }
  for (const part of ["breakGlass", "approvers"] as const) {
    const gone = missing(head[part], base[part], fold);
    const what = `${part} of ${head.name} no longer names ${listed(gone)}`;
    if (gone.length > 0) found.push(say(part, what, gone, null));
  }
  if (base.drift === "revert" && head.drift !== "revert") {
    const what = `drift of ${head.name} is ${head.drift}, and was revert: what is changed by hand stays`;
    found.push(say("drift", what, base.drift, head.drift));
  }
  if (head.timeZone !== base.timeZone) {
    const what = `timeZone of ${head.name} is ${head.timeZone}, and was ${base.timeZone}: ends of access move`;
    found.push(say("timeZone", what, base.timeZone, head.timeZone));
  }
  for (const part of ["platform", "url", "organization"] as const)
    if (head[part] !== base[part]) {
      const what = `${part} of ${head.name} is ${shown(head[part])}, and was ${shown(base[part])}: it is another system`;
      found.push(say(part, what, base[part], head[part]));
    }
  for (const part of ["credentials", "options"] as const)
    if (digestOf(head[part] ?? {}) !== digestOf(base[part] ?? {}))
      // Whoever mistakes the one for the other writes a secret where its variable's name belongs: no value is repeated.
      found.push(
        say(part, `${part} of ${head.name} are others than they were`, digestOf(base[part] ?? {}), head[part]),
      );
  return found;
}

/**
 * Groups whose own word let what is done by hand be undone, and does not any more: whoever edits by hand must not also be the
 * one who makes that stand. Between `propose` and `report` the platform stays as it is either way.
 */
function weakenedGroups(head: Target, base: Target, groups: DriftRules): Weakening[] {
  const found: Weakening[] = [];
  for (const [local, before] of groups.base.get(GROUP) ?? []) {
    const after = entityAt(groups.want, GROUP, local);
    if (!after) continue;
    found.push(...opened(before, after, base.owners));
    const [was, is] = [ownDriftMode(before), ownDriftMode(after)];
    // What only follows the target is the target's weakening.
    if (was === is || (was ?? base.drift) !== "revert" || (is ?? head.drift) === "revert") continue;
    const mode = is ?? head.drift;
    found.push(
      weakening({
        path: ["group", local, "drift"],
        what: `drift of group "${after.name}" is ${mode}, and was revert: what is changed by hand stays`,
        before: "revert",
        after: mode,
        owners: ownersOf(before, base.owners),
        ...(after.place ? { place: after.place } : {}),
      }),
    );
  }
  return found;
}

/** An exclusive group puts out whom somebody adds by hand. */
function opened(before: Entity, after: Entity, owners: readonly string[]): Weakening[] {
  const mode = after.attributes.members ?? "additive";
  if (before.attributes.members !== "exclusive" || mode === "exclusive") return [];
  return [
    weakening({
      path: ["group", before.local, "members"],
      what: `members of group "${after.name}" is ${mode}, and was exclusive: who is added by hand stays`,
      before: "exclusive",
      after: mode,
      owners: ownersOf(before, owners),
      ...(after.place ? { place: after.place } : {}),
    }),
  ];
}

function ownersOf({ attributes }: Entity, others: readonly string[]): readonly string[] {
  const { owners } = attributes;
  return Array.isArray(owners) && owners.length > 0 ? (owners as readonly string[]) : others;
}

function weakenedGuardrails(head: Rules, base: Rules, fold: Fold): Weakening[] {
  const now = new Map(head.guardrails.map((guardrail) => [guardrail.name, guardrail]));
  return base.guardrails
    .filter((guardrail) => holdsFor(guardrail, base.target))
    .flatMap((guardrail) => weakenedGuardrail(now.get(guardrail.name), guardrail, head.target, base.target, fold));
}

function holdsFor({ targets }: Guardrail, { name }: Target): boolean {
  return targets?.includes(name) ?? true;
}

function weakenedGuardrail(
  head: Guardrail | undefined,
  base: Guardrail,
  target: Target,
  baseTarget: Target,
  fold: Fold,
): Weakening[] {
  const owners = base.owners.length > 0 ? base.owners : baseTarget.owners;
  const title = `Guardrail "${base.name}"`;
  const say = (part: string, what: string, before: unknown, after: unknown, place = head?.place) =>
    weakening({
      path: ["guardrail", base.name, part],
      what: `${title} ${what}`,
      before,
      after,
      owners,
      ...(place ? { place } : {}),
    });
  if (!head) return [say("name", "is removed", base.name, null)];
  const found: Weakening[] = [];
  if (!holdsFor(head, target))
    return [say("targets", `no longer holds for ${target.name}`, base.targets, head.targets)];
  if (base.severity === "error" && head.severity !== "error")
    found.push(say("severity", `gives a ${head.severity}, and gave an error`, base.severity, head.severity));
  if (!asksAsMuch(head, base))
    found.push(say("with", changedParameters(head, base), [base.rule, withOf(base)], [head.rule, withOf(head)]));
  const excepted = new Map<string, string[]>();
  for (const exception of base.except) {
    const subject = subjectOf(exception, fold);
    const ends = excepted.get(subject);
    if (ends) ends.push(exception.until);
    else excepted.set(subject, [exception.until]);
  }
  for (const exception of head.except) {
    const until = excepted.get(subjectOf(exception, fold)) ?? [];
    const what = widenedException(exception, until, baseTarget.timeZone);
    if (what !== undefined) found.push(say("except", what, null, exceptionKey(exception, fold), exception.place));
  }
  const effective = head.owners.length > 0 ? head.owners : baseTarget.owners;
  if (owners.length > 0 && !samePeople(effective, owners, fold)) {
    const what = `is owned by ${listed(effective)}, and was by ${listed(owners)}`;
    found.push(say("owners", what, owners, effective));
  }
  return found;
}

/** Longer values are cut short in sentences; the ids are of the whole. */
const VALUE_LENGTH = 120;

function changedParameters(head: Guardrail, base: Guardrail): string {
  if (head.rule !== base.rule) return `is of rule ${head.rule}, and was of ${base.rule}`;
  const [now, then] = [withOf(head), withOf(base)];
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])].sort(compareText);
  const changed = names.filter((name) => digestOf([now[name]]) !== digestOf([then[name]]));
  return `has ${changed.map((name) => `${name} ${shown(now[name])} instead of ${shown(then[name])}`).join(", ")}`;
}

function withOf(guardrail: Guardrail): Readonly<Record<string, unknown>> {
  return "with" in guardrail && guardrail.with ? { ...guardrail.with } : {};
}

function shown(value: unknown): string {
  if (value === undefined) return "none";
  const text = JSON.stringify(value);
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text;
}

/** What an exception excuses that none of the base did, or undefined. `until`: the ends of those of the base for the same one. */
function widenedException(
  exception: GuardrailException,
  until: readonly string[],
  timeZone: string,
): string | undefined {
  const whom = exception.member ?? exception.group ?? exception.entity ?? "nobody";
  if (until.length === 0) return `excepts ${whom} until ${exception.until}`;
  const last = until.reduce((best, next) => (endOf(next, timeZone) > endOf(best, timeZone) ? next : best));
  // What cannot be read as an end has none, and is told apart by its text.
  const end = endOfAccess(exception.until, timeZone);
  if (until.includes(exception.until) || (end !== undefined && end <= endOf(last, timeZone))) return undefined;
  return `excepts ${whom} until ${exception.until}, and did until ${last}`;
}

function exceptionKey(exception: GuardrailException, fold: Fold): readonly string[] {
  return [subjectOf(exception, fold), exception.until];
}

function subjectOf({ member, group, entity }: GuardrailException, fold: Fold): string {
  if (entity !== undefined) return `entity ${fold(entity)}`;
  return member === undefined ? `group ${fold(group ?? "")}` : `member ${fold(member)}`;
}

function endOf(until: string, timeZone: string): number {
  return endOfAccess(until, timeZone) ?? Number.POSITIVE_INFINITY;
}

function samePeople(some: readonly string[], others: readonly string[], fold: Fold): boolean {
  return missing(some, others, fold).length === 0 && missing(others, some, fold).length === 0;
}
