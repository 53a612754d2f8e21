// Access reviews as files say them: definitions of campaigns, and rosters with what their reviewers decided. It says what cannot
// be read or meant, and judges no decision: that takes the campaign's beginning, which is on the ledger (`plan/review/checks.ts`).
import type { Review as ReviewDocument, Roster as RosterDocument } from "../generated/types/governance.ts";
import type { Decision, ReviewDefinition, RosterFile, RosterLine } from "../model/campaign.ts";
import { DECISION_WORDS, type DecisionMistake, readDecision } from "../model/decision.ts";
import { countMarks, type Json, placeAt, placeOf } from "../model/document.ts";
import type { Place } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { isDay } from "../model/until.ts";
import { checkTarget, reportError, type Spot } from "./governance-spot.ts";
import { didYouMean } from "./hint.ts";
import { notADate, notADay } from "./memberships.ts";
import { clean } from "./names.ts";

/** A folder, and part of a Git reference. */
const ID = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** What the campaigns of a schedule end in. */
const DATED = /-\d{4}-\d{2}-\d{2}$/;
/** What the branches end in that make what was decided. */
const CHANGES = "-changes";
const LAST_REVIEW = "last-review";

/** A definition, with everything that is wrong with it reported. */
export function reviewOf(value: ReviewDocument, spot: Spot): ReviewDefinition {
  const { name, description, scope = {}, reviewers, schedule, due, overdue } = value;
  checkReviewName(name, spot);
  for (const [index, target] of (scope.targets ?? []).entries()) checkTarget(spot, target, ["scope", "targets", index]);
  checkDates(value, spot);
  checkReviewers(reviewers, spot);
  const { targets, groups, resources, levels, scopes, ownerEquivalent, changedSince } = scope;
  return {
    name: clean(name),
    ...(description === undefined ? {} : { description: clean(description) }),
    scope: {
      ...(targets ? { targets } : {}),
      ...(groups ? { groups: groups.map(clean) } : {}),
      ...(resources ? { resources: resources.map(clean) } : {}),
      ...(levels ? { levels: levels.map(clean) } : {}),
      ...(scopes ? { scopes: scopes.map(clean) } : {}),
      ...(ownerEquivalent === true ? { ownerEquivalent } : {}),
      ...(changedSince === undefined ? {} : { changedSince }),
    },
    reviewers: {
      from: reviewers.from,
      named: (reviewers.named ?? []).map(clean),
      fallback: (reviewers.fallback ?? []).map(clean),
    },
    ...(due === undefined ? {} : { due }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(overdue === undefined ? {} : { overdue }),
    place: placeOf(spot.document, ["name"]),
  };
}

/** A cron expression, for whoever can tell whether it is one. */
export function cronOfReview({ schedule }: ReviewDocument, { document }: Spot): readonly CronSpot[] {
  return schedule ? [{ cron: schedule.cron, place: placeOf(document, ["schedule", "cron"]) }] : [];
}

export interface CronSpot {
  readonly cron: string;
  readonly place: Place;
}

function checkReviewName(name: string, spot: Spot): void {
  if (!ID.test(name)) {
    const hint = "It is a folder and part of a Git reference: lower-case letters, digits and hyphens.";
    reportError(spot, ["name"], "invalid-review-name", `"${name}" cannot be the name of a review`, hint);
  } else if (DATED.test(name)) {
    const hint = "Leave the date out: campaigns of a schedule are called by their review and their first day.";
    reportError(spot, ["name"], "invalid-review-name", `"${name}" could be one campaign of another review`, hint);
  } else if (name.endsWith(CHANGES)) {
    const hint = `Choose another ending: what review "${name.slice(0, -CHANGES.length)}" decides is proposed from the branch of that name.`;
    reportError(spot, ["name"], "invalid-review-name", `"${name}" could be the changes of another review`, hint);
  }
}

function checkDates({ schedule, due, scope }: ReviewDocument, spot: Spot): void {
  const { report, document } = spot;
  if (schedule === undefined && due === undefined) {
    const hint = "Write due: and a day for one campaign, or schedule: with cron and days for one that comes again.";
    reportError(spot, [], "missing-key", 'A Review needs "due" or "schedule"', hint);
  } else if (schedule !== undefined && due !== undefined) {
    const message = 'A Review has "due" or "schedule", and not both';
    reportError(
      spot,
      ["due"],
      "two-dates",
      message,
      "Keep due for one campaign, or schedule for one that comes again.",
    );
  }
  if (due !== undefined && !isDay(due)) report(notADay(due, placeOf(document, ["due"])));
  const since = scope?.changedSince;
  if (since === undefined || since === LAST_REVIEW || isDay(since)) return;
  const suggestion = nearest(since, [LAST_REVIEW]);
  const hint =
    suggestion === undefined ? { hint: `Write a day as 2026-10-31, or ${LAST_REVIEW}.` } : didYouMean(suggestion);
  reportError(spot, ["scope", "changedSince"], "invalid-date", `"${since}" is no day of the calendar`, hint.hint);
}

function checkReviewers({ from, named, fallback }: ReviewDocument["reviewers"], spot: Spot): void {
  if (from === "named" && named === undefined) {
    const hint = "Name the members who decide, or write from: group-owners.";
    reportError(spot, ["reviewers"], "missing-key", 'Reviewers from "named" need "named"', hint);
  } else if (from === "group-owners" && named !== undefined) {
    const hint = "Write from: named if they decide, or put them under fallback.";
    reportError(spot, ["reviewers", "named"], "unknown-key", 'Reviewers from "group-owners" have no "named"', hint);
  }
  for (const [key, members] of [["named", named] as const, ["fallback", fallback] as const]) {
    const seen = new Set<string>();
    for (const [index, member] of (members ?? []).entries()) {
      if (seen.has(clean(member)))
        spot.report({
          severity: "warning",
          code: "duplicate-entry",
          message: `"${member}" is listed twice in "${key}"`,
          place: placeOf(spot.document, ["reviewers", key, index]),
          hint: "Remove one of them.",
        });
      seen.add(clean(member));
    }
  }
}

/** A roster file. Entries keep their order; what is no decision is reported, and decides nothing. */
export function rosterOf(value: RosterDocument, spot: Spot): RosterFile {
  const { document } = spot;
  const review = clean(value.review);
  const folder = document.file.split("/").at(-2);
  if (folder !== review) {
    const message = `A roster of review "${review}" stands in the folder "${folder ?? ""}"`;
    reportError(
      spot,
      ["review"],
      "misplaced-roster",
      message,
      `Its place is reviews/${review}/; leave what \`rolebook review start\` wrote as it is.`,
    );
  }
  return { review, reviewer: clean(value.reviewer), lines: linesOf(value, spot), file: document.file };
}

/** The lines, each with its place. Marks are counted along: asking for the place of one in thousands takes a walk. */
function linesOf({ entries }: RosterDocument, spot: Spot): RosterLine[] {
  const { document } = spot;
  let mark = 1;
  for (const [key, value] of Object.entries(document.value)) {
    mark += 1;
    if (key === "entries") break;
    mark += countMarks(value);
  }
  mark += 1;
  return entries.map((item): RosterLine => {
    // Safe: it is what was read of the file, under the type of its schema.
    const raw = item as unknown as { readonly [key: string]: Json };
    const place = placeAt(document, markOf(raw, "decision", mark));
    mark += countMarks(raw);
    const text = item.decision ?? "";
    return {
      entry: item.entry,
      decision: text.trim() === "" ? undefined : decisionOf(text, place, spot),
      justification: clean(item.justification ?? ""),
      shown: shownOf(raw),
      place,
    };
  });
}

/** What the reviewer is shown of an entry, and leaves as it is. */
function shownOf({ decision: _, justification: __, ...shown }: { readonly [key: string]: Json }): Json {
  return shown;
}

/** Index of the mark of a key's value (of the key, where it has none), or of the item itself when it has no such key. */
function markOf(item: { readonly [key: string]: Json }, wanted: string, from: number): number {
  let mark = from + 1;
  for (const [key, value] of Object.entries(item)) {
    if (key === wanted) return value === null ? mark : mark + 1;
    mark += 1 + countMarks(value);
  }
  return from;
}

function decisionOf(text: string, place: Place, { report }: Spot): Decision | undefined {
  const read = readDecision(text);
  if (typeof read !== "string") return read;
  report(
    read === "invalid-date"
      ? notADate(text.trim().replace(/^until\s+/, ""), place)
      : {
          severity: "error",
          code: "invalid-decision",
          message: `"${text}" is no decision`,
          place,
          ...hintFor(read, text),
        },
  );
  return undefined;
}

function hintFor(mistake: Exclude<DecisionMistake, "invalid-date">, text: string): { readonly hint: string } {
  switch (mistake) {
    case "no-level":
      return { hint: "Say to which level: reduce to edit, say." };
    case "no-date":
      return { hint: "Say until when: until 2027-01-31." };
    case "unknown": {
      const [first = ""] = text.trim().split(/\s+/);
      const word = nearest(text, DECISION_WORDS) ?? nearest(first, ["reduce", ...DECISION_WORDS]);
      const all = "keep, revoke, reduce to LEVEL or until DATE";
      return { hint: word === undefined ? `Write ${all}.` : `Did you mean "${word}"? There are ${all}.` };
    }
    default: {
      const never: never = mistake;
      return never;
    }
  }
}
