// Who decides on each entry: owners of the groups that give it (or whoever is named), in turn, so that nobody has much more than the
// others; else the fallback, else the target's owners. Never the person, never who granted it, never somebody who has left.
import type { ReviewDefinition, RosterEntry } from "../../model/campaign.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import type { Identities } from "./identities.ts";
import type { OpenEntry } from "./roster.ts";

export interface AssignInput {
  readonly entries: readonly OpenEntry[];
  readonly definition: Pick<ReviewDefinition, "reviewers" | "place" | "name">;
  /** Owners of a group of a target, by its name; members' names. */
  readonly ownersOfGroup: (target: string, group: string) => readonly string[];
  readonly ownersOfTarget: (target: string) => readonly string[];
  readonly identities: Identities;
  /** Whether somebody can decide at all: still a member, with a login. */
  readonly isThere: (name: string) => boolean;
}

export interface Assignment {
  /** In the order they came in. */
  readonly entries: readonly RosterEntry[];
  /** Errors: entries that nobody may decide on. */
  readonly findings: readonly Finding[];
}

/** Findings about entries without a reviewer; one mistake in the owners makes thousands. */
const MOST_FINDINGS = 50;

/** The same input gives the same reviewers, in whatever order people are named. */
export function assignReviewers(input: AssignInput): Assignment {
  const { entries, definition, ownersOfTarget } = input;
  const { from, named, fallback } = definition.reviewers;
  const load = new Map<string, number>();
  const assigned: RosterEntry[] = [];
  const alone: OpenEntry[] = [];
  for (const entry of entries) {
    const first = from === "named" ? named : ownersOfGroups(entry, input);
    const reviewer = [first, fallback, ownersOfTarget(entry.target)]
      .map((names) => leastLoaded(names, entry, load, input))
      .find((name) => name !== undefined);
    if (reviewer === undefined) alone.push(entry);
    else {
      load.set(reviewer, (load.get(reviewer) ?? 0) + 1);
      assigned.push({ ...entry, reviewer });
    }
  }
  const findings = alone.slice(0, MOST_FINDINGS).map((entry) => withoutReviewer(entry, definition));
  if (alone.length > MOST_FINDINGS) findings.push(andMore(alone.length - MOST_FINDINGS, definition));
  return { entries: assigned, findings };
}

function ownersOfGroups({ target, groups }: OpenEntry, { ownersOfGroup }: AssignInput): string[] {
  return groups.flatMap((group) => ownersOfGroup(target, group));
}

function leastLoaded(
  names: readonly string[],
  { barred }: OpenEntry,
  load: ReadonlyMap<string, number>,
  { identities, isThere }: AssignInput,
): string | undefined {
  const free = [...new Set(names)].filter(
    (name) => isThere(name) && !barred.some((other) => identities.mayBeSame(name, other)),
  );
  const loadOf = (name: string) => load.get(name) ?? 0;
  return free.sort((left, right) => loadOf(left) - loadOf(right) || compareText(left, right))[0];
}

function withoutReviewer({ target, member, groups, roles }: OpenEntry, definition: AssignInput["definition"]): Finding {
  const through = [...groups, ...roles].join(", ");
  const held = through === "" ? "by itself" : `through ${through}`;
  return nobody(`Nobody may decide on what ${member} holds on ${target} ${held}`, definition);
}

function andMore(count: number, definition: AssignInput["definition"]): Finding {
  return nobody(`Nobody may decide on ${count} more entries`, definition);
}

function nobody(message: string, { place }: AssignInput["definition"]): Finding {
  const hint = "Name a fallback who is a member, has a login under people, and neither holds nor granted it.";
  return { severity: "error", code: "review-without-reviewer", message, place, hint };
}
