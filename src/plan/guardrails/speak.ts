// From breaches to findings: an author's own message or the rule's words, what to do, and no more of them than anybody reads.
import { compareText, type Finding, type Place } from "../../model/finding.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import type { Breach } from "./breach.ts";
import { isAboutThings } from "./entities.ts";
import type { RuleProblem } from "./ground.ts";

/** Findings of one guardrail before the rest is a number: enough to see what is wrong, few enough to be read. */
const MOST_FINDINGS = 50;

/** A breach, and whether it was there before. */
export interface Judged {
  readonly breach: Breach;
  readonly standing: boolean;
  /** It forbids nothing: no file has changed since it was well. */
  readonly mild?: boolean;
}

/** The finding code of a guardrail. */
function codeOf({ rule }: Guardrail): string {
  return rule === "cel" ? "guardrail-cel" : rule;
}

/** What is new first, so that it is never among those that only a number stands for. */
export function reportBreaches(guardrail: Guardrail, judged: readonly Judged[]): Finding[] {
  const shown = firstOf(judged);
  const findings = shown.map((one) => findingOf(guardrail, one));
  if (shown.length === judged.length) return findings;
  const named = new Set(shown);
  const rest = judged.filter((one) => !named.has(one));
  const message = `${guardrail.name}: and ${moreText(rest)}`;
  const mild = rest.every(isMild);
  return [...findings, { ...severityOf(guardrail, mild), code: codeOf(guardrail), message, place: guardrail.place }];
}

/** The first ones in order, of perhaps very many. */
function firstOf(judged: readonly Judged[]): Judged[] {
  const compare = (a: Judged, b: Judged) =>
    Number(a.standing) - Number(b.standing) || compareText(a.breach.subject, b.breach.subject);
  let first: Judged[] = [];
  for (const one of judged) {
    const last = first[MOST_FINDINGS - 1];
    if (last && compare(one, last) >= 0) continue;
    first.push(one);
    if (first.length >= 2 * MOST_FINDINGS) first = first.sort(compare).slice(0, MOST_FINDINGS);
    else if (first.length === MOST_FINDINGS) first.sort(compare);
  }
  return first.sort(compare).slice(0, MOST_FINDINGS);
}

function moreText(rest: readonly Judged[]): string {
  const members = new Set(rest.map(({ breach }) => breach.member));
  if (members.has(undefined)) return `${rest.length} more like these`;
  return members.size === 1 ? "1 more person" : `${members.size} more people`;
}

function isMild({ standing, mild }: Judged): boolean {
  return standing || mild === true;
}

function severityOf({ severity }: Guardrail, mild: boolean): Pick<Finding, "severity" | "blocks"> {
  return severity === "error" && !mild ? { severity, blocks: "everything" } : { severity: "warning" };
}

function findingOf(guardrail: Guardrail, judged: Judged): Finding {
  const { breach, standing } = judged;
  const { text, values, place, key } = breach.describe();
  const { name, message } = guardrail;
  const said = message === undefined ? `${name}: ${text}` : fillIn(message, values);
  const { file, line } = guardrail.place;
  return {
    ...severityOf(guardrail, isMild(judged)),
    code: codeOf(guardrail),
    message: standing ? `${said} (it was so before this plan)` : said,
    ...(place ? { place } : {}),
    ...(key === undefined ? {} : { key }),
    hint: guardrail.ofBase
      ? `The commit that was applied last has guardrail "${name}" otherwise than this one, and judges it: change the access, or apply what weakens the guardrail first, by itself.`
      : `${isAboutThings(guardrail) ? "Put it right" : "Change the access"}, or add an exception to guardrail "${name}" (${file}:${line}).`,
  };
}

/** A message with its placeholders filled in; one that nothing is known for stays as it is. */
function fillIn(message: string, values: Readonly<Record<string, string>>): string {
  return message.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? placeholder) : placeholder,
  );
}

/** Where an offset (UTF-16) of a guardrail's expression stands. */
export function placeInExpression({ place, expressionSpots }: Guardrail, offset: number): Place {
  const spot = expressionSpots?.findLast((one) => one.offset <= offset);
  return spot ? { file: place.file, line: spot.line, column: spot.column + offset - spot.offset } : place;
}

/** What is wrong with an expression: nothing is judged by it, so nothing may go ahead. */
export function reportProblem(guardrail: Guardrail, { message, hint, offset }: RuleProblem): Finding {
  return {
    severity: "error",
    code: "guardrail-expression",
    message: `${guardrail.name}: ${message}${guardrail.ofBase ? " (as it was applied last)" : ""}`,
    place: placeInExpression(guardrail, offset),
    ...(hint === undefined ? {} : { hint }),
    blocks: "everything",
  };
}
