// Every row and figure of a report, against what is found by asking about one member, resource and scope after the other.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entityAt, membershipSection } from "../../../src/model/entity.ts";
import type { Grant } from "../../../src/model/grant.ts";
import { MEMBER, resourcesOf } from "../../../src/model/platform.ts";
import type { ReviewReport, ReviewRow, RiskCode } from "../../../src/model/review.ts";
import { hasEnded } from "../../../src/model/until.ts";
import { buildReview } from "../../../src/plan/review/build.ts";
import type { ReviewedTarget } from "../../../src/plan/review/input.ts";
import { CASES, inputOf, NOW } from "./worlds.ts";

interface Cell {
  readonly member: string;
  readonly grant: Grant;
}

/** What everybody holds, asked of one person, resource and scope at a time. */
function cellsOf({ live, platform, target }: ReviewedTarget): Cell[] {
  const scopes = [...(target.environments ?? []), ...(live.get(platform.scopeKind)?.keys() ?? []), "organization"];
  const cells: Cell[] = [];
  for (const member of live.get(MEMBER)?.keys() ?? []) {
    const grants = platform.access(live, new Set([member])).grantsOf(member);
    for (const { name } of resourcesOf(platform, live))
      for (const scope of new Set(scopes)) {
        const grant = grants.find((one) => one.resource === name && one.scope === scope);
        if (grant) cells.push({ member, grant });
      }
  }
  return cells;
}

const has = ({ risk }: ReviewRow, code: RiskCode) => risk.reasons.some((reason) => reason.code === code);

function rowOf({ rows }: ReviewReport, { live }: ReviewedTarget, { member, grant }: Cell): ReviewRow {
  const name = entityAt(live, MEMBER, member)?.name;
  const found = rows.filter(
    (row) => row.member === name && row.resource === grant.resource && row.scope === grant.scope,
  );
  expect(found).toHaveLength(1);
  return found[0] as ReviewRow;
}

/** Whether anybody of some people holds as much. */
function anyHolds({ live, platform }: ReviewedTarget, people: readonly string[], { resource, scope, level }: Grant) {
  return people.some((person) =>
    platform
      .access(live, new Set([person]))
      .grantsOf(person)
      .some(
        (one) =>
          one.resource === resource &&
          one.scope === scope &&
          platform.rankOf(resource, one.level) >= platform.rankOf(resource, level),
      ),
  );
}

/** By the definition: who shares a group of three or more with the person, and everybody where there is no such group. */
function isOutlier(reviewed: ReviewedTarget, { member, grant }: Cell): boolean {
  const { live } = reviewed;
  const everyone = [...(live.get(MEMBER)?.keys() ?? [])];
  const groups = [...(live.get("Group")?.keys() ?? [])]
    .map((group) => everyone.filter((person) => live.get(membershipSection(group))?.has(person)))
    .filter((people) => people.length >= 3 && people.includes(member));
  const others = (people: readonly string[]) => people.filter((person) => person !== member);
  if (groups.length > 0) return !groups.some((people) => anyHolds(reviewed, others(people), grant));
  return grant.via.every(({ group }) => group === undefined) && !anyHolds(reviewed, others(everyone), grant);
}

function declaredRank({ declared, platform }: ReviewedTarget, { member, grant }: Cell): number {
  const found = platform
    .access(declared, new Set([member]))
    .grantsOf(member)
    .find(({ resource, scope }) => resource === grant.resource && scope === grant.scope);
  return found ? platform.rankOf(grant.resource, found.level) : -1;
}

/** Of the paths that give all of it, those whose entry in the files has not ended. */
function lasting({ declared, platform, target }: ReviewedTarget, { member, grant }: Cell) {
  return grant.via.filter(({ group, level }) => {
    if (level !== undefined) return false;
    const entry = group === undefined ? undefined : entityAt(declared, membershipSection(platform.fold(group)), member);
    const until = entry?.attributes.until;
    return !(typeof until === "string" && hasEnded(until, NOW, target.timeZone));
  });
}

function checkRow(report: ReviewReport, reviewed: ReviewedTarget, cell: Cell): void {
  const { platform, live } = reviewed;
  const { member, grant } = cell;
  const row = rowOf(report, reviewed, cell);
  const entity = entityAt(live, MEMBER, member);
  const grants = platform.access(live, new Set([member])).grantsOf(member);
  expect(row.level).toBe(grant.level);
  expect(row.paths.map(({ group, role, level }) => [group, role, level])).toEqual(
    grant.via.map(({ group, role, level }) => [group, role, level]),
  );
  const ladder = resourcesOf(platform, live).find(({ name }) => name === grant.resource)?.levels ?? [];
  expect(row.strength).toBeCloseTo((ladder.indexOf(grant.level) + 1) / ladder.length);
  const owns = platform.ownerScopes
    ? platform.ownerScopes(grants).includes(grant.scope)
    : platform.ownerEquivalent(grants);
  expect(row.ownerEquivalent).toBe(owns);
  expect(has(row, "owner-equivalent")).toBe(platform.ownerEquivalent([grant]));
  const declared = declaredRank(reviewed, cell);
  const rank = platform.rankOf(grant.resource, grant.level);
  expect(row.drift).toBe(declared < 0 ? "extra" : declared < rank ? "more" : "none");
  expect(has(row, "not-in-git")).toBe(row.drift !== "none");
  expect(has(row, "outlier"), `${member} ${grant.resource} ${grant.scope}`).toBe(isOutlier(reviewed, cell));
  expect(has(row, "outlived")).toBe(lasting(reviewed, cell).length === 0);
  const { lastActive } = entity?.facts ?? {};
  expect(has(row, "dormant")).toBe(lastActive === "2026-01-02T03:04:05Z");
  expect(has(row, "never-active")).toBe(lastActive === null && entity?.status !== "invited");
  const top = (ladder.length > 1 && grant.level === ladder.at(-1)) || platform.ownerEquivalent([grant]);
  expect(has(row, "no-second-factor")).toBe(top && entity?.facts?.multiFactor === false);
  expect(has(row, "direct")).toBe(grant.via.every(({ group, level }) => level !== undefined || group === undefined));
}

function checkFigures(report: ReviewReport, reviewed: ReviewedTarget, cells: readonly Cell[]): void {
  const { live, platform } = reviewed;
  const rows = cells.map((cell) => ({ ...cell, row: rowOf(report, reviewed, cell) }));
  const people = new Set(cells.map(({ member }) => member));
  const count = (test: (row: ReviewRow) => boolean) => rows.filter(({ row }) => test(row)).length;
  const owners = [...people].filter((one) =>
    platform.ownerEquivalent(platform.access(live, new Set([one])).grantsOf(one)),
  );
  const idle = rows.filter(({ row }) => has(row, "dormant") || has(row, "never-active")).map(({ member }) => member);
  const isHigh = ({ risk }: ReviewRow) => risk.score >= 50;
  expect(report.figures).toEqual({
    people: people.size,
    grants: cells.length,
    ownerEquivalent: owners.length,
    dormant: new Set(idle).size,
    outliers: cells.filter((cell) => isOutlier(reviewed, cell)).length,
    outlived: cells.filter((cell) => lasting(reviewed, cell).length === 0).length,
    notInGit: count(({ drift }) => drift !== "none"),
    highRisk: count(isHigh),
    keys: 0,
  });
  const summed = (of: typeof rows) => ({
    people: new Set(of.map(({ member }) => member)).size,
    grants: of.length,
    ownerEquivalent: new Set(of.filter(({ row }) => row.ownerEquivalent).map(({ member }) => member)).size,
    highRisk: of.filter(({ row }) => isHigh(row)).length,
  });
  for (const { name, target: _, ...counts } of report.groups)
    expect(counts).toEqual(summed(rows.filter(({ grant }) => grant.via.some(({ group }) => group === name))));
  expect(report.groups.map(({ name }) => name).sort()).toEqual(
    [...(live.get("Group")?.values() ?? [])].map(({ name }) => name).sort(),
  );
  for (const { name, target: _, ...counts } of report.scopes)
    expect(counts).toEqual(summed(rows.filter(({ grant }) => grant.scope === name)));
  expect(report.scopes.reduce((sum, { grants }) => sum + grants, 0)).toBe(cells.length);
  for (const person of report.people) {
    const own = rows.filter(({ row }) => row.member === person.member);
    expect(person.grants).toBe(own.length);
    expect(person.weight).toBeCloseTo(
      own.reduce((sum, { row }) => sum + row.strength, 0),
      1,
    );
    expect(person.ownerEquivalent).toBe(owners.includes(own[0]?.member ?? ""));
  }
}

describe.each(CASES)("%s", (_, cases) => {
  it("has a row for everything that anybody holds, and counts them right", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(cases, ({ reviewed }) => {
        const report = buildReview(inputOf([reviewed]));
        const cells = cellsOf(reviewed);
        expect(report.rows).toHaveLength(cells.length);
        for (const cell of cells) checkRow(report, reviewed, cell);
        checkFigures(report, reviewed, cells);
      }),
      { numRuns: 40 },
    );
    // The same ones every time: that there is something to check is not left to chance.
    for (const { reviewed } of fc.sample(cases, { numRuns: 100, seed: 7 }))
      for (const { risk, drift } of buildReview(inputOf([reviewed])).rows)
        for (const { code } of risk.reasons) seen.add(code).add(drift);
    expect([...seen]).toEqual(
      expect.arrayContaining(["outlier", "outlived", "not-in-git", "dormant", "none", "extra"]),
    );
  });
});
