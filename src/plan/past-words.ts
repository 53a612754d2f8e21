// What is not certain of a moment, in words: between which instants, and what. Says nothing of what is certain.
import type { Finding } from "../model/finding.ts";
import type { Doubt } from "./past.ts";

/** Names of a finding before the rest is a number. */
const NAMES = 5;

/** A finding for each doubt; of what was done by hand between the same two instants one together. */
export function doubtFindings(target: string, doubts: readonly Doubt[]): Finding[] {
  const findings: Finding[] = [];
  const byHand = new Map<string, Extract<Doubt, { why: "by-hand" }>[]>();
  for (const doubt of doubts) {
    if (doubt.why !== "by-hand") findings.push(findingOf(target, doubt));
    else {
      const key = `${doubt.from} ${doubt.to} ${doubt.firstSeen ?? false}`;
      byHand.set(key, [...(byHand.get(key) ?? []), doubt]);
    }
  }
  for (const together of byHand.values()) findings.push(byHandFinding(target, together));
  return findings;
}

/** Nobody looked between two instants; `next` is null where nobody has since. */
export function unwatched(target: string, last: number, next: number | null): Finding {
  const when =
    next === null
      ? `Nobody has looked at ${target} since ${instant(last)}`
      : `Nobody looked at ${target} ${between(last, next)}`;
  return {
    severity: "note",
    code: "past-unwatched",
    message: `${when}: what was done by hand and undone again after that has left no trace`,
    hint: "`rolebook drift --propose` on a schedule looks more often.",
  };
}

function byHandFinding(target: string, doubts: readonly Extract<Doubt, { why: "by-hand" }>[]): Finding {
  const [{ from, to, firstSeen } = { from: 0, to: 0 }] = doubts;
  const names = doubts.map(({ name }) => name);
  return {
    severity: "warning",
    code: "past-changed-by-hand",
    message: firstSeen
      ? `${target} was looked at first at ${instant(to)}, and had then what no file said at ${instant(from)}: ${listed(names)}; this is answered as if it came later`
      : `Changed by hand some time ${between(from, to)}: ${listed(names)}; this is answered as it was before`,
    hint: "The log of the platform itself may tell when.",
  };
}

function findingOf(target: string, doubt: Exclude<Doubt, { why: "by-hand" }>): Finding {
  const warning = (code: string, message: string, hint: string): Finding => ({
    severity: "warning",
    code,
    message,
    hint,
  });
  switch (doubt.why) {
    case "running":
      return warning(
        "past-apply-running",
        doubt.to === null
          ? `An apply to ${target} that began at ${instant(doubt.from)} has not said that it ended: it may have made these by then, or not: ${listed(doubt.names)}`
          : `An apply to ${target} was under way ${between(doubt.from, doubt.to)}: it may have made these by then, or not: ${listed(doubt.names)}`,
        "Ask for a moment after its end, or before it.",
      );
    case "outcome":
      return warning(
        "past-outcome-unknown",
        `What came of these in the apply that ended at ${instant(doubt.to)} is not known: ${listed(doubt.names)}; ${doubt.found === null ? "this is answered as if nothing had" : `they were found made at ${instant(doubt.found)}, and this is answered as if that apply had made them`}`,
        doubt.found === null
          ? "`rolebook apply` finishes what was begun, and looks."
          : "The log of the platform itself may tell when.",
      );
    case "unread":
      return warning(
        "past-unread",
        `The apply that ended at ${instant(doubt.to)} could not read ${target} again: what it says that it made is counted, and nobody saw it`,
        "Its receipt is on the ledger.",
      );
    case "incomplete":
      return warning(
        "past-read-in-doubt",
        `What was read of ${target} at ${instant(doubt.at)} is not whole: what it lacks is answered as it was before`,
        "Ask for a moment after the next look.",
      );
    case "before-first":
      return warning(
        "past-before-first",
        `Rolebook looked at ${target} first at ${instant(doubt.first)}: this is what it found then, less what it had made itself; what was done by hand before that is not known`,
        "The log of the platform itself may tell.",
      );
    default:
      return doubt satisfies never;
  }
}

function between(from: number, to: number): string {
  return `between ${instant(from)} and ${instant(to)}`;
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function listed(names: readonly string[]): string {
  const rest = names.length - NAMES;
  return rest <= 0 ? names.join(", ") : `${names.slice(0, NAMES).join(", ")} and ${rest} more`;
}
