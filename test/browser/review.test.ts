// The page's data and what it chooses of it, without a page: what is packed is opened again as it was, and filters, search and order are
// held against a plain look at every row of the report.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawFlow, flowOf, linesOf } from "../../src/browser/flow.ts";
import { openMatrix } from "../../src/browser/matrix.ts";
import { openReview, type Review } from "../../src/browser/review.ts";
import { selectRows } from "../../src/browser/select.ts";
import { FILTERS, formatView, MAP_SORTS, parseView, SORTS, START, TABS, type View } from "../../src/browser/view.ts";
import type { ReviewReport, ReviewRow } from "../../src/model/review.ts";
import type { PackedReview } from "../../src/model/review-page.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "../../src/report/escape.ts";
import { packReview } from "../../src/report/review-pack.ts";
import { hostileReview, sampleReview } from "../support/review.ts";

function pack(report: ReviewReport): PackedReview {
  return JSON.parse([...packReview(report)].join("")) as PackedReview;
}

const REPORT = sampleReview();
const REVIEW = openReview(pack(REPORT));

/** A row as the page knows it, in the report's words. */
function rowOf(review: Review, row: number): Record<string, unknown> {
  const said = (column: Int32Array) => review.text(column[row] ?? -1);
  return {
    target: review.packed.targets[review.rows.target[row] ?? -1]?.name,
    member: said(review.rows.member),
    resource: said(review.rows.resource),
    scope: said(review.rows.scope),
    level: said(review.rows.level),
    strength: (review.rows.strength[row] ?? 0) / 100,
    until: said(review.rows.until) ?? null,
    ownerEquivalent: review.rows.owner[row] === 1,
    exceptions: review.exceptions(row),
    drift: review.drift(row),
    risk: { level: review.level(row), score: review.rows.score[row], reasons: review.reasons(row) },
    provenance: review.provenance(review.rows.provenance[row] ?? -1),
    paths: review.paths(row),
  };
}

/** What a row of the report is to be on the page: safe to show, and without its id. */
function expected({ id: _, paths, provenance, exceptions, risk, ...row }: ReviewRow): Record<string, unknown> {
  const name = (text: string | undefined) => (text === undefined ? undefined : escapeTerminal(text));
  const sentence = (text: string) => escapeTerminal(text, MESSAGE_LENGTH);
  const given = (from: ReviewRow["provenance"]) => ({ ...from, emergency: from.emergency === true });
  return {
    ...row,
    target: name(row.target),
    member: name(row.member),
    resource: name(row.resource),
    scope: name(row.scope),
    provenance: given(provenance),
    exceptions,
    risk: { ...risk, reasons: risk.reasons.map(({ code, text }) => ({ code, text: sentence(text) })) },
    paths: paths.map((path) => ({
      group: name(path.group),
      role: name(path.role),
      level: path.level,
      places: (["membership", "group", "role"] as const).flatMap((what) => {
        const place = path[`${what}Place`];
        return place ? [{ what, file: place.file, line: place.line }] : [];
      }),
      provenance: given(path.provenance),
      until: path.until,
      reason: path.reason,
    })),
  };
}

describe("the page's data", () => {
  it("is the report: every row with all that is said of it", () => {
    for (const report of [REPORT, hostileReview()]) {
      const review = openReview(pack(report));
      expect(review.count).toBe(report.rows.length);
      for (const [at, row] of report.rows.entries()) expect(rowOf(review, at)).toEqual(expected(row));
    }
  });

  it("says nothing twice: rows that share a path share its number", () => {
    const { texts, paths } = pack(REPORT);
    expect(new Set(texts).size).toBe(texts.length);
    const distinct = new Set(REPORT.rows.flatMap((row) => row.paths.map((path) => JSON.stringify(path))));
    expect(paths.group.length).toBe(distinct.size);
  });

  it("makes one person of one address on several targets", () => {
    const members = new Set(REPORT.people.map(({ member }) => member.toLowerCase()));
    expect(REVIEW.persons.length).toBe(members.size);
    expect(REVIEW.persons.some(({ accounts }) => accounts.length > 1)).toBe(true);
    for (const { index, member, grants, accounts } of REVIEW.persons) {
      const rows = REPORT.rows.filter((row) => row.member === member);
      expect([...REVIEW.rowsOf(index)].map((row) => REPORT.rows[row])).toEqual(rows);
      expect(grants).toBe(rows.length);
      expect(accounts.length).toBe(new Set(rows.map(({ target }) => target)).size);
    }
  });
});

/** A plain look at a row, with nothing shared between rows. */
function fits(row: ReviewRow, view: View): boolean {
  const person = REPORT.people.find(({ target, member }) => target === row.target && member === row.member);
  const words = [
    row.member,
    person?.name,
    person?.login,
    row.resource,
    row.scope,
    row.level,
    row.target,
    ...row.risk.reasons.map(({ code }) => code),
    ...row.paths.flatMap(({ group, role, reason, provenance: { author, commit, approvers } }) => {
      return [group, role, reason, author, commit, ...approvers];
    }),
  ].flatMap((word) => word?.toLowerCase() ?? []);
  const pulls = row.paths.map(({ provenance }) => `#${provenance.pull}`);
  const found = (word: string) => words.some((text) => text.includes(word)) || pulls.includes(word);
  const levels = ["low", "medium", "high", "critical"];
  const codes = view.why.split(",");
  return (
    (view.who === "" || row.member.toLowerCase() === view.who.toLowerCase()) &&
    (view.target === "" || row.target === view.target) &&
    (view.scope === "" || row.scope === view.scope) &&
    (view.level === "" || row.level === view.level) &&
    levels.indexOf(row.risk.level) >= levels.indexOf(view.risk) &&
    (view.why === "" ||
      row.risk.reasons.some(({ code }) => codes.includes(code)) ||
      (codes.includes("owner-equivalent") && row.ownerEquivalent)) &&
    (view.group === "" || row.paths.some(({ group }) => group === view.group)) &&
    (view.drift === "" || (view.drift === "any" ? row.drift !== "none" : row.drift === view.drift)) &&
    view.search
      .toLowerCase()
      .split(/\s+/)
      .every((word) => word === "" || found(word))
  );
}

/** By what a row is ordered; undefined stands last either way. */
function keyOf(row: ReviewRow, view: View): string | number | undefined {
  switch (view.sort) {
    case "risk":
      return row.risk.score;
    case "person":
      return row.member.toLowerCase();
    case "resource":
      return row.resource.toLowerCase();
    case "scope":
      return row.scope.toLowerCase();
    case "level":
      return row.strength;
    case "through":
      return row.paths[0]?.group?.toLowerCase();
    case "since":
      return row.provenance.since ?? undefined;
    case "until":
      return row.until ?? undefined;
    default:
      return view.sort satisfies never;
  }
}

function plainly(view: View): number[] {
  const rows = [...REPORT.rows.keys()].filter((at) => fits(REPORT.rows[at] as ReviewRow, view));
  return rows.sort((a, b) => {
    const [left, right] = [a, b].map((at) => keyOf(REPORT.rows[at] as ReviewRow, view));
    if (left === right) return a - b;
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    return (left < right ? -1 : 1) * (view.descending ? -1 : 1);
  });
}

const some = (...values: readonly string[]) => fc.constantFrom("", "", ...values, "none such");
const row = REPORT.rows[0] as ReviewRow;
const VIEW: fc.Arbitrary<View> = fc.record({
  tab: fc.constantFrom(...TABS),
  search: some("ana", "admin ", "#187", "fraud pay", "Card creators", "acme.example staging", "dormant"),
  who: some(row.member, row.member.toUpperCase()),
  target: some("acme", "vault"),
  scope: some("dev", "organization", "shared"),
  level: some("admin", "edit"),
  risk: some("medium", "high", "critical"),
  why: some("dormant", "outlier,outlived", "owner-equivalent", "not-in-git"),
  group: some(row.paths[0]?.group ?? "", "Payments editors"),
  drift: some("any", "extra", "more"),
  sort: fc.constantFrom(...SORTS),
  descending: fc.boolean(),
  map: fc.constantFrom(...MAP_SORTS),
  person: some(row.member),
});

describe("a view", () => {
  it("shows the rows that a plain look at each finds, in the same order", () => {
    // Most filters at once choose nothing: one or two at a time say more.
    const few = fc.tuple(VIEW, fc.subarray([...FILTERS], { maxLength: 2 })).map(([view, kept]) => {
      const dropped = FILTERS.filter((name) => !kept.includes(name)).map((name) => [name, ""]);
      return { ...view, ...Object.fromEntries(dropped) } as View;
    });
    fc.assert(
      fc.property(fc.oneof(VIEW, few, few), (view) => {
        expect([...selectRows(REVIEW, view)]).toEqual(plainly(view));
      }),
      { numRuns: 150 },
    );
    for (const name of ["ana", "admin", "#", "dormant"])
      expect(selectRows(REVIEW, { ...START, search: name }).length, name).toBe(
        plainly({ ...START, search: name }).length,
      );
    expect(plainly({ ...START, why: "outlier" }).length).toBeGreaterThan(0);
  });

  it("is in its address, and what an address cannot mean is left out", () => {
    fc.assert(
      fc.property(VIEW, (view) => {
        expect(parseView(`#${formatView(view)}`)).toEqual(view);
      }),
    );
    fc.assert(
      fc.property(fc.record({ search: fc.string(), person: fc.string({ unit: "grapheme" }) }), (names) => {
        const view = { ...START, ...names };
        expect(parseView(formatView(view))).toEqual(view);
      }),
    );
    expect(formatView(START)).toBe("");
    expect(parseView("#view=elsewhere&sort=-nothing&map=x&evil=1&%%%")).toEqual(START);
  });
});

describe("the map", () => {
  it("has for each person and place the highest level of the rows there", () => {
    for (const target of ["", "acme", "vault"]) {
      const { columns, people, at } = openMatrix(REVIEW, target, "weight");
      for (const person of people)
        for (const [index, { target: on, scope }] of columns.entries()) {
          const there = REPORT.rows.filter(
            (row) => row.member === person.member && row.target === on && row.scope === scope,
          );
          const cell = at(person, index);
          expect(cell?.grants ?? 0).toBe(there.length);
          if (!cell) continue;
          const highest = Math.max(...there.map(({ strength }) => strength));
          expect(REPORT.rows[cell.row]?.strength).toBe(highest);
          expect(cell.shade).toBe(highest === 1 ? 5 : Math.ceil(highest * 4));
          expect(cell.owner).toBe(there.some(({ ownerEquivalent }) => ownerEquivalent));
        }
      expect(people.length).toBe(
        new Set(REPORT.rows.filter((row) => target === "" || row.target === target).map((row) => row.member)).size,
      );
    }
  });
});

describe("the flow", () => {
  it("has a band for every way of every grant, and the list says each of them", () => {
    for (const person of REVIEW.persons) {
      const rows = REPORT.rows.filter(({ member }) => member === person.member);
      const ways = rows.reduce((sum, { paths }) => sum + paths.length, 0);
      const flow = flowOf(REVIEW, person);
      for (const layer of [1, 2, 3]) {
        const ids = new Set(flow.nodes.filter((node) => node.layer === layer).map(({ id }) => id));
        const into = flow.links.filter(({ target }) => ids.has(target)).reduce((sum, { value }) => sum + value, 0);
        expect(into, person.member).toBe(ways);
      }
      const said = linesOf(REVIEW, person).flatMap(({ roles }) => roles.flatMap(({ gives }) => gives));
      const scopes = said.reduce((sum, line) => sum + (line.split(" in ").at(-1)?.split(", ").length ?? 0), 0);
      expect(scopes).toBe(ways);
    }
  });

  it("is drawn with room for every label, however much there is", () => {
    const big = openReview(pack(sampleReview({ people: 6, groups: 3, resources: 60 })));
    for (const review of [REVIEW, big])
      for (const person of review.persons) {
        const { nodes } = drawFlow(flowOf(review, person), 700, 170);
        for (const layer of [0, 1, 2, 3]) {
          const middles = nodes
            .filter((node) => node.layer === layer)
            .map(({ y0, y1 }) => (y0 + y1) / 2)
            .sort((a, b) => a - b);
          expect(middles.length).toBeLessThanOrEqual(24);
          for (const [at, middle] of middles.entries())
            if (at > 0) expect(middle - (middles[at - 1] ?? 0)).toBeGreaterThan(14);
        }
      }
  });
});
