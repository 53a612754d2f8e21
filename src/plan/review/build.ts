// The report of an access review: from what targets hold and what is known of it to rows, people, counts and figures. Pure: the same
// input gives the same report, byte for byte. It reads nothing and asks nobody.
import { compareText, sortFindings } from "../../model/finding.ts";
import { scopeWord } from "../../model/platform.ts";
import type { ReviewPerson, ReviewReport, ReviewRow, ReviewTarget } from "../../model/review.ts";
import { countGroups, countScopes, figuresOf } from "./counts.ts";
import { openGround, type ReviewGround } from "./ground.ts";
import { changesSince, revokedRows, trendsOf } from "./history.ts";
import { DORMANT_DAYS, type ReviewInput } from "./input.ts";
import { keysOf } from "./keys.ts";
import { peopleOf } from "./people.ts";
import { rowsOf } from "./rows.ts";

export function buildReview(input: ReviewInput): ReviewReport {
  const { now, dormantDays = DORMANT_DAYS, source, tool, repository } = input;
  const revoked = revokedRows(input);
  const parts = input.targets.map((reviewed) => {
    const ground = openGround(reviewed, input.people);
    return { ground, rows: rowsOf({ ground, now, dormantDays, revoked }) };
  });
  const rows = parts.flatMap((part) => part.rows).sort(compareRows);
  const people = parts.flatMap((part) => peopleOf(part.ground, part.rows)).sort(comparePeople);
  const keys = parts.flatMap(({ ground }) => keysOf(ground.reviewed, now));
  const inOrder = [...parts].sort((a, b) => compareText(nameOf(a.ground), nameOf(b.ground)));
  return {
    version: 1,
    at: now.toISOString(),
    source,
    tool,
    ...(repository ? { repository } : {}),
    targets: parts.map(({ ground }) => targetOf(ground, source)),
    rows,
    people,
    keys,
    groups: inOrder.flatMap((part) => countGroups(part.ground, part.rows)),
    scopes: inOrder.flatMap((part) => countScopes(part.ground, part.rows)),
    changes: changesSince(input, rows),
    trends: trendsOf(input),
    figures: figuresOf(rows, people, keys.length),
    findings: sortFindings(input.findings),
  };
}

function nameOf({ reviewed: { target } }: ReviewGround): string {
  return target.name;
}

function targetOf({ reviewed, scopes }: ReviewGround, source: ReviewReport["source"]): ReviewTarget {
  const { target, platform, commit } = reviewed;
  return {
    name: target.name,
    platform: platform.name,
    title: platform.title,
    commit,
    scopeWord: scopeWord(platform),
    scopes: scopes(),
    // Only the platform itself tells, and only of now.
    tellsActivity: source === "live" && platform.reports.includes("lastActive"),
  };
}

function compareRows(a: ReviewRow, b: ReviewRow): number {
  return (
    b.risk.score - a.risk.score ||
    compareText(a.target, b.target) ||
    compareText(a.member, b.member) ||
    compareText(a.resource, b.resource) ||
    compareText(a.scope, b.scope) ||
    compareText(a.id, b.id)
  );
}

function comparePeople(a: ReviewPerson, b: ReviewPerson): number {
  return b.weight - a.weight || compareText(a.target, b.target) || compareText(a.member, b.member);
}
