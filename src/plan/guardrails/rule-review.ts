// When things were last looked over, by the day that their files name. What is overdue because time went by is told, and
// forbids nothing that leaves it as it is; whether the review was a good one, nobody can judge here.
import { membershipSection } from "../../model/entity.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import { GROUP, type Platform, REVIEWED } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import { daysUntil, isDay } from "../../model/until.ts";
import type { Breach } from "./breach.ts";
import { breachBy, type Complaint, isDefault, type Subject, saidOf, subjectsOf, textsOf } from "./entities.ts";
import type { Survey } from "./survey.ts";

type Reviewing = Guardrail & { readonly rule: "reviewed-within" };

/** The kinds of a platform whose files can name the day of a review. */
export function reviewedKinds({ kinds }: Platform): readonly string[] {
  return kinds.filter(({ attributes }) => attributes[REVIEWED]).map(({ kind }) => kind);
}

export function* judgeReviews({ with: { days, kinds } }: Reviewing, survey: Survey): Steps<Breach[]> {
  const breaches: Breach[] = [];
  let count = 0;
  for (const kind of reviewedKinds(survey.ground.platform)) {
    if (kinds && !kinds.includes(kind)) continue;
    for (const subject of subjectsOf(kind, survey.ground)) {
      if (count++ % STEP_ITEMS === 0) yield;
      const complaint = isMeant(subject, survey) ? complaintOf(subject, days, survey) : undefined;
      if (complaint) breaches.push(breachBy(subject, complaint));
    }
  }
  return breaches;
}

/** Of what no file declares, groups without anybody and what every target comes with need no review. */
function isMeant(subject: Subject, survey: Survey): boolean {
  if (subject.declared) return true;
  const { kind, local } = subject.entity;
  if (kind !== GROUP) return !isDefault(subject, survey.ground);
  return (survey.ground.state.get(membershipSection(local))?.size ?? 0) > 0;
}

function complaintOf(subject: Subject, days: number, { ground: { now, target } }: Survey): Complaint | undefined {
  const limit = String(days);
  const never = (text: string): Complaint => {
    return { text, values: { limit }, extent: new Map([["", Number.POSITIVE_INFINITY]]) };
  };
  if (!subject.declared) return never("is declared in no file, so nobody wrote down when it was last reviewed");
  const [day] = textsOf(saidOf(subject, REVIEWED));
  if (day === undefined) return never("was never reviewed");
  const left = isDay(day) ? daysUntil(day, now, target.timeZone) : undefined;
  if (left === undefined) return never(`was last reviewed on ${day}, which is no day of the calendar`);
  if (left > 0) return never(`was last reviewed on ${day}, which is still to come`);
  const age = -left;
  if (age <= days) return undefined;
  return {
    text: `was last reviewed on ${day}, ${age} days ago`,
    values: { limit, count: String(age) },
    extent: new Map([["", age]]),
    lapsed: true,
  };
}
