// Judges people's access by guardrails: a state as files declare it, or what a plan makes of live. Pure. Each rule is a file of
// its own beside this one; this one runs them, applies exceptions and makes findings.
import type { Change } from "../../model/change.ts";
import {
  EMPTY_STATE,
  type Entity,
  groupOfSection,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
} from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { AccessGroup } from "../../model/grant.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import { MEMBER, type Platform } from "../../model/platform.ts";
import type { Target } from "../../model/settings.ts";
import { finish, type Steps } from "../../model/steps.ts";
import { leavesOf } from "../leaves.ts";
import { type Breach, isMore } from "./breach.ts";
import { allSaidOf, subjectAt } from "./entities.ts";
import { exempt, reportExceptions } from "./exceptions.ts";
import type { Ground, RuleProblem, Violation } from "./ground.ts";
import { reportNever } from "./never.ts";
import { joinViews } from "./past.ts";
import { judgeFacts } from "./rule-activity.ts";
import { judgeDomains, judgeShared } from "./rule-address.ts";
import { judgeCel } from "./rule-cel.ts";
import { judgeCount } from "./rule-count.ts";
import { judgeDocumented } from "./rule-documented.ts";
import { judgeNames, judgeOwners } from "./rule-group.ts";
import { judgeHolders } from "./rule-holders.ts";
import { judgeMatching } from "./rule-matching.ts";
import { judgeMemberships } from "./rule-membership.ts";
import { judgeReviews } from "./rule-review.ts";
import { judgeSeparation } from "./rule-separation.ts";
import { extentOfGrants } from "./selection.ts";
import { type Judged, reportBreaches, reportProblem } from "./speak.ts";
import { type Survey, surveyAmong, surveyState } from "./survey.ts";

/** What is judged, whichever state it is. */
export interface Judging {
  readonly guardrails: readonly Guardrail[];
  readonly target: Target;
  readonly platform: Platform;
  /** Where things are declared, with their places, ends, reasons and owners: the desired state. */
  readonly declared: State;
  readonly now: Date;
}

/** Judges a state of which nothing but the files is known: nobody's factors or activity. */
export function judgeDesired(judging: Judging, state: State): Finding[] {
  return finish(judgeDesiredSteps(judging, state));
}

/** The same in steps. */
export function* judgeDesiredSteps(judging: Judging, state: State): Steps<Finding[]> {
  const findings: Finding[] = [];
  const guardrails = concerning(judging);
  if (guardrails.length === 0) return findings;
  const survey = surveyOf(judging, { state: withMembers(state), live: false });
  for (const guardrail of guardrails) {
    yield;
    const { breaches, problems } = yield* judgeRule(guardrail, survey);
    const left = exempt(guardrail, breaches, survey);
    const used = problems.length === 0 && !NEEDS_LIVE.includes(guardrail.rule) ? left.used : undefined;
    findings.push(
      ...problems.map((problem) => reportProblem(guardrail, problem)),
      ...reportBreaches(
        guardrail,
        left.breaches.map((breach) => ({ breach, standing: false, mild: breach.lapsed === true })),
      ),
      ...reportExceptions(guardrail, used, survey),
    );
  }
  return findings;
}

const ROLE = "Role";

/** Rules that may say nothing of files and something of live. */
const NEEDS_LIVE: readonly Guardrail["rule"][] = ["multi-factor", "dormant-member", "cel"];

/** What a plan makes of live. */
export interface PlanJudging extends Judging {
  /** What was declared when `before` came about: the base. Absent: nothing was. */
  readonly base?: State;
  readonly before: State;
  /** After the changes that will be made. */
  readonly after: State;
  /** Folded names of everyone whose entity, memberships or grants may differ between the two. Absent: that can be anybody. */
  readonly affected?: ReadonlySet<string>;
  readonly changes: readonly Change[];
  readonly access: readonly AccessGroup[];
}

/**
 * Judges what a plan leaves behind. What it breaks is an error (or warning, as the guardrail says); what was broken before
 * and is no worse is a warning, so that a debt of yesterday does not forbid the removal of today. Besides: guardrails
 * that can never fire, exceptions in force (notes), ended or not needed (warnings).
 */
export function judgePlan(judging: PlanJudging): Finding[] {
  const guardrails = concerning(judging);
  if (guardrails.length === 0) return [];
  const { after, changes, access } = judging;
  const survey = surveyOf(judging, { state: after, live: true, plan: { changes, access } });
  const past = surveyPast(judging, survey);
  return guardrails.flatMap((guardrail) => {
    const { breaches, problems } = finish(judgeRule(guardrail, survey));
    const left = exempt(guardrail, breaches, survey);
    return [
      ...reportProblems(guardrail, problems, past),
      ...reportBreaches(guardrail, compareWithPast(guardrail, left.breaches, past)),
      // Of the base only what it forbids counts: its exceptions stand in no file any more, or count in HEAD's version.
      ...(guardrail.ofBase
        ? []
        : [
            ...reportExceptions(guardrail, problems.length === 0 ? left.used : undefined, survey),
            ...reportNever(guardrail, survey),
          ]),
    ];
  });
}

/**
 * What cannot be judged by forbids everything; but an expression of the base that failed before this plan already must not forbid the
 * very commit that mends it (which takes an owner's approval, as every change of an expression does).
 */
function reportProblems(guardrail: Guardrail, problems: readonly RuleProblem[], past: Survey): Finding[] {
  const found = problems.map((problem) => reportProblem(guardrail, problem));
  if (!guardrail.ofBase || found.length === 0 || finish(judgeRule(guardrail, past)).problems.length === 0) return found;
  return found.map(({ blocks: _, ...finding }) => ({ ...finding, severity: "warning" }));
}

/** What was before, by what is known of after: whoever is not affected holds the same. */
function surveyPast(judging: PlanJudging, { ground: { view } }: Survey): Survey {
  const { platform, before, after, base = EMPTY_STATE } = judging;
  const affected = hasSameSections(before, after) ? new Set<string>() : judging.affected;
  const known = affected && { affected, view: joinViews(view, platform.access(before, affected), affected) };
  return surveyOf({ ...judging, declared: base }, { state: before, live: true, ...known });
}

/** Tells what was there before, and is no worse, from what is new. What was before is judged only where that is in doubt. */
function compareWithPast(guardrail: Guardrail, breaches: readonly Breach[], past: Survey): Judged[] {
  const judged = breaches.map((breach) => ({ breach, standing: breach.isIn?.(past) ?? false }));
  const doubtful = judged.filter(({ standing }) => !standing);
  if (doubtful.length === 0) return judged;
  const members = doubtful.map(({ breach: { member } }) => member).filter((member) => member !== undefined);
  // Rules that look at people one by one can do so with these alone.
  const isPersonal = looksAtPeople(guardrail) && members.length === doubtful.length;
  const doubted = isPersonal ? surveyAmong(past, new Set(members)) : past;
  const known = new Map(finish(judgeRule(guardrail, doubted)).breaches.map((breach) => [breach.subject, breach]));
  const wasSo = (breach: Breach) => {
    const before = known.get(breach.subject);
    return before !== undefined && !isMore(breach, before);
  };
  return judged.map((one) => (one.standing ? one : { ...one, standing: wasSo(one.breach) }));
}

/** Whether what a guardrail says of a member depends on nobody else: an expression about groups may name one member, too. */
function looksAtPeople(guardrail: Guardrail): boolean {
  return guardrail.rule !== "cel" || guardrail.with.for === "member" || guardrail.with.for === "grant";
}

/** The guardrails that are for the target. */
export function concerning({ guardrails, target }: Judging): readonly Guardrail[] {
  return guardrails.filter(({ targets }) => targets?.includes(target.name) ?? true);
}

/** One state, ready to be judged. */
export function surveyOf(judging: Judging, ground: Pick<Ground, "state" | "live" | "plan"> & Partial<Ground>): Survey {
  const { platform, target, declared, now } = judging;
  const view = ground.view ?? platform.access(ground.state);
  return surveyState({ platform, target, declared, now, ...ground, view });
}

/** Whether two states hold the very same: a plan without changes leaves everybody's access as it is. */
function hasSameSections(one: State, other: State): boolean {
  return one.size === other.size && [...one].every(([name, section]) => other.get(name) === section);
}

/** Files that declare no member at all leave that to the platform: then whoever they list is one. */
function withMembers(state: State): State {
  if (state.get(MEMBER)) return state;
  const members = new Map<string, Entity>();
  for (const [section, entities] of state)
    if (groupOfSection(section) !== undefined)
      for (const { local, name } of entities.values())
        if (!members.has(local))
          members.set(local, { kind: MEMBER, section: MEMBER, local, name, attributes: NO_ATTRIBUTES });
  return new Map([...state, [MEMBER, members]]);
}

/** What one guardrail says of a state, exceptions aside. */
interface Found {
  readonly breaches: readonly Breach[];
  readonly problems: readonly RuleProblem[];
}

export function* judgeRule(guardrail: Guardrail, survey: Survey): Steps<Found> {
  if (guardrail.rule === "cel") {
    const { violations, problems } = judgeCel(guardrail, survey.ground, survey.among);
    return { breaches: violations.map((violation) => breachOf(violation, survey)), problems };
  }
  return { breaches: yield* judgeBuiltIn(guardrail, survey), problems: [] };
}

function* judgeBuiltIn(guardrail: Exclude<Guardrail, { readonly rule: "cel" }>, survey: Survey): Steps<Breach[]> {
  switch (guardrail.rule) {
    case "separation-of-duties":
    case "environment-separation":
      return yield* judgeSeparation(guardrail, survey);
    case "permission-holders":
    case "escalation-holders":
      return yield* judgeHolders(guardrail, survey);
    case "holder-count":
      return yield* judgeCount(guardrail, survey);
    case "time-limit":
    case "reason-required":
      return yield* judgeMemberships(guardrail, survey);
    case "shared-account":
      return yield* judgeShared(guardrail, survey);
    case "address-domain":
      return yield* judgeDomains(guardrail, survey);
    case "multi-factor":
    case "dormant-member":
      return yield* judgeFacts(guardrail, survey);
    case "role-group-name":
      return judgeNames(survey);
    case "group-owner":
      return judgeOwners(survey);
    case "documentation-required":
      return yield* judgeDocumented(guardrail, survey);
    case "reviewed-within":
      return yield* judgeReviews(guardrail, survey);
    case "matching-attribute":
      return yield* judgeMatching(guardrail, survey);
    default:
      return guardrail satisfies never;
  }
}

function breachOf(violation: Violation, survey: Survey): Breach {
  const { subject, member, group, entity, cell } = violation;
  return {
    subject,
    extent: () => extentOf(violation, survey),
    ...(member === undefined ? {} : { member }),
    ...(group === undefined ? {} : { group }),
    ...(entity === undefined ? {} : { entity: entity.local }),
    ...(cell === undefined ? {} : { cells: () => new Set([cell]) }),
    describe: () => violation,
  };
}

/** An expression says yes or no. So what it denies gets worse with whatever it could be about: what somebody holds, or a group gives. */
function extentOf({ degree, member, group, role, entity }: Violation, survey: Survey): ReadonlyMap<string, number> {
  const { state, view } = survey.ground;
  if (degree !== undefined) return new Map([["", degree]]);
  if (member !== undefined) return extentOfGrants(view.partsOf(member).flat(), survey);
  if (group !== undefined) {
    const people = state.get(membershipSection(group))?.keys() ?? [];
    const given = extentOfGrants(survey.partOf(group) ?? [], survey);
    return new Map([...given, ...[...people].map((person) => [person, 0] as const)]);
  }
  return extentOfThing(entity ?? { kind: ROLE, local: role ?? "" }, survey);
}

/** Everything that is said of a role or another thing, piece by piece: with another text, what is live is another breach. */
function extentOfThing(
  { kind, local }: NonNullable<Violation["entity"]>,
  { ground }: Survey,
): ReadonlyMap<string, number> {
  const { fold, rankOf } = ground.platform;
  const subject = subjectAt(kind, local, ground);
  const said = subject ? allSaidOf(subject) : {};
  return new Map(
    Object.entries(subject?.spec.attributes ?? {}).flatMap(([name, attribute]) =>
      [...leavesOf(attribute, said[name], fold)].map(([part, value]) => {
        const isOther = attribute.type === "text" && !attribute.policyOnly && kind !== ROLE;
        const key = `${name}\n${isOther ? String(value) : part}`;
        return [key, attribute.type === "map" ? rankOf(part, String(value)) : 0] as const;
      }),
    ),
  );
}
