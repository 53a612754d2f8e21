// What guardrails say of each member's access by itself: what they forbid, what an exception allows, and what one allowed until it
// ended. For looking at people one by one; whether a plan may go ahead is told beside this file.
import type { State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { Grant } from "../../model/grant.ts";
import type { Guardrail, GuardrailException } from "../../model/guardrail.ts";
import { memo } from "../../model/lazy.ts";
import type { AccessView } from "../../model/platform.ts";
import type { RowException } from "../../model/review.ts";
import { finish } from "../../model/steps.ts";
import type { PersonJudgement, Touch } from "../review/input.ts";
import type { Breach } from "./breach.ts";
import { memberFinder, openExceptions, splitExceptions, type Taken } from "./exceptions.ts";
import { concerning, type Judging, judgeRule, surveyOf } from "./judge.ts";
import { reportProblem } from "./speak.ts";
import type { Survey } from "./survey.ts";

export interface PeopleJudged {
  /** Folded name -> what is said of them; nobody of whom nothing is said. */
  readonly people: ReadonlyMap<string, PersonJudgement>;
  /** Guardrails that cannot be judged by. */
  readonly findings: readonly Finding[];
}

/** What is judged: a state with its view, and whether it comes from the platform. */
export interface JudgedState {
  readonly state: State;
  readonly view: AccessView;
  readonly live: boolean;
}

/**
 * Judges everybody in a state. What is about groups, roles or other things is not said of people; of too many holders only the
 * exceptions are, since who of them is one too many nobody can say.
 */
export function judgePeople(judging: Judging, judged: JudgedState): PeopleJudged {
  const found = new Map<string, MutableJudgement>();
  const findings: Finding[] = [];
  const survey = surveyOf(judging, judged);
  const ground: Ground = { survey, nameOf: memberFinder(survey), fold: memo(judging.platform.fold) };
  for (const guardrail of concerning(judging)) {
    const { breaches, problems } = finish(judgeRule(guardrail, survey));
    findings.push(...problems.map((problem) => reportProblem(guardrail, problem)));
    addBreaches(guardrail, breaches, ground, (member) => {
      const known = found.get(member) ?? { breaches: [], exceptions: [], ended: [] };
      found.set(member, known);
      return known;
    });
  }
  return { people: found, findings };
}

interface Ground {
  readonly survey: Survey;
  /** Folded name of the member whose name or address something is. */
  readonly nameOf: (name: string) => string;
  readonly fold: (name: string) => string;
}

type MutableJudgement = { -readonly [part in keyof PersonJudgement]: PersonJudgement[part][number][] };

function addBreaches(
  guardrail: Guardrail,
  breaches: readonly Breach[],
  ground: Ground,
  of: (member: string) => MutableJudgement,
): void {
  const { survey } = ground;
  const { inForce, over } = splitExceptions(guardrail, survey);
  const [take, tookOnce] = [openExceptions(inForce, survey), openExceptions(over, survey)];
  for (const breach of breaches) {
    const taken = take(breach);
    for (const [member, exception, touches] of excepted(breach, taken, ground))
      of(member).exceptions.push({ exception: rowException(guardrail, exception), touches });
    const { left } = taken;
    if (!left) continue;
    for (const [member, exception, touches] of excepted(left, tookOnce(left), ground))
      of(member).ended.push({ exception: rowException(guardrail, exception), touches });
    if (left.member !== undefined)
      of(left.member).breaches.push({
        guardrail: guardrail.name,
        text: left.describe().text,
        touches: touchOf(left, left.member, ground),
      });
  }
}

/** Whom exceptions allow which part of a breach. */
function* excepted(
  breach: Breach,
  { left, used }: Taken,
  ground: Ground,
): Iterable<readonly [member: string, exception: GuardrailException, touches: Touch]> {
  for (const exception of used) {
    const member = breach.member ?? (exception.member === undefined ? undefined : ground.nameOf(exception.member));
    if (member === undefined) continue;
    const whole = touchOf(breach, member, ground);
    // Of too many, what is left is about the others.
    const rest = left && !breach.counted ? touchOf(left, member, ground) : () => false;
    yield [member, exception, (grant) => whole(grant) && !rest(grant)];
  }
}

/** The grants of a member that a breach is about. */
function touchOf(breach: Breach, member: string, { fold }: Ground): Touch {
  const { group } = breach;
  const cells = breach.cells?.(member);
  const isThrough = ({ via }: Grant) => via.some((path) => path.group !== undefined && fold(path.group) === group);
  return (grant) =>
    (cells === undefined || cells.has(`${grant.resource}\n${grant.scope}`)) &&
    (group === undefined || isThrough(grant));
}

function rowException({ name }: Guardrail, { reason, approver, until }: GuardrailException): RowException {
  return { guardrail: name, reason, approver, until };
}
