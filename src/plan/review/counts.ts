// What a report comes to, by group, by scope and as a whole. Sums only.
import { compareText } from "../../model/finding.ts";
import { GROUP } from "../../model/platform.ts";
import type { ReviewCount, ReviewFigures, ReviewPerson, ReviewRow } from "../../model/review.ts";
import type { ReviewGround } from "./ground.ts";
import { isHigh } from "./risk.ts";

/**
 * For every group of a target: the rows that it gives, be it together with others, and whose they are. Groups that give nothing are
 * there as well.
 */
export function countGroups(ground: ReviewGround, rows: readonly ReviewRow[]): ReviewCount[] {
  const names = [...(ground.reviewed.live.get(GROUP)?.values() ?? [])].map(({ name }) => name);
  return countBy(ground, names, rows, ({ paths }) => new Set(paths.flatMap(({ group }) => group ?? [])));
}

/** The same for every scope. */
export function countScopes(ground: ReviewGround, rows: readonly ReviewRow[]): ReviewCount[] {
  return countBy(ground, ground.scopes(), rows, ({ scope }) => [scope]);
}

interface Sum {
  grants: number;
  highRisk: number;
  readonly people: Set<string>;
  readonly owners: Set<string>;
}

function countBy(
  ground: ReviewGround,
  names: readonly string[],
  rows: readonly ReviewRow[],
  namesOf: (row: ReviewRow) => Iterable<string>,
): ReviewCount[] {
  const sums = new Map<string, Sum>(
    names.map((name) => [name, { grants: 0, highRisk: 0, people: new Set<string>(), owners: new Set<string>() }]),
  );
  for (const row of rows)
    for (const name of namesOf(row)) {
      const sum = sums.get(name);
      if (!sum) continue;
      sum.grants += 1;
      if (isHigh(row.risk.level)) sum.highRisk += 1;
      sum.people.add(row.member);
      if (row.ownerEquivalent) sum.owners.add(row.member);
    }
  const target = ground.reviewed.target.name;
  return [...sums]
    .map(([name, { people, owners, grants, highRisk }]) => {
      return { target, name, people: people.size, grants, ownerEquivalent: owners.size, highRisk };
    })
    .sort((a, b) => compareText(a.name, b.name));
}

/** What the whole report comes to. */
export function figuresOf(rows: readonly ReviewRow[], people: readonly ReviewPerson[], keys: number): ReviewFigures {
  const has = (code: ReviewRow["risk"]["reasons"][number]["code"]) => (row: ReviewRow) =>
    row.risk.reasons.some((reason) => reason.code === code);
  const count = (test: (row: ReviewRow) => boolean) => rows.reduce((sum, row) => sum + Number(test(row)), 0);
  const [dormant, never] = [has("dormant"), has("never-active")];
  const idle = new Set<string>();
  for (const row of rows) if (dormant(row) || never(row)) idle.add(`${row.target}\n${row.member}`);
  return {
    people: people.length,
    grants: rows.length,
    ownerEquivalent: people.filter(({ ownerEquivalent }) => ownerEquivalent).length,
    dormant: idle.size,
    outliers: count(has("outlier")),
    outlived: count(has("outlived")),
    notInGit: count(has("not-in-git")),
    highRisk: count(({ risk }) => isHigh(risk.level)),
    keys,
  };
}
