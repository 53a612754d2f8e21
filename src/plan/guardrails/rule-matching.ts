// What must be the same of two things that belong together: a key and the workspace it is for. What either of them does not
// say is not judged.
import type { Guardrail } from "../../model/guardrail.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Breach } from "./breach.ts";
import { breachBy, relatedTo, type Subject, saidOf, subjectsOf, subjectText, textsOf } from "./entities.ts";
import type { Survey } from "./survey.ts";

type Matching = Guardrail & { readonly rule: "matching-attribute" };

export function* judgeMatching(guardrail: Matching, survey: Survey): Steps<Breach[]> {
  const { kind, attribute, of, its = attribute } = guardrail.with;
  const { fold } = survey.ground.platform;
  const breaches: Breach[] = [];
  let count = 0;
  for (const subject of subjectsOf(kind, survey.ground)) {
    if (count++ % STEP_ITEMS === 0) yield;
    const [value] = textsOf(saidOf(subject, attribute));
    if (value === undefined) continue;
    const others = relatedTo(subject, of, survey.ground).filter((other) => {
      const [known] = textsOf(saidOf(other, its));
      return known !== undefined && fold(known) !== fold(value);
    });
    if (others.length > 0) breaches.push(breachOf(guardrail, subject, value, others, fold));
  }
  return breaches;
}

function breachOf(
  { with: { attribute, its = attribute } }: Matching,
  subject: Subject,
  value: string,
  others: readonly Subject[],
  fold: (name: string) => string,
): Breach {
  const valuesOf = (other: Subject) => textsOf(saidOf(other, its))[0] ?? "";
  const theirs = others.map((other) => `${subjectText(other)} has ${its} ${valuesOf(other)}`);
  return breachBy(subject, {
    text: `has ${attribute} ${value}, and ${theirs.join(", ")}`,
    values: { attribute, limit: [...new Set(others.map(valuesOf))].join(", ") },
    extent: new Map(others.map((other) => [`${other.entity.local}\n${fold(value)}\n${fold(valuesOf(other))}`, 0])),
  });
}
