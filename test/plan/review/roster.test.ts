// What there is to decide, and who is asked: over generated reports every row in scope is in exactly one entry, and no entry goes to
// whom it is about or who granted it.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReviewDefinition, ReviewScope, RosterEntry } from "../../../src/model/campaign.ts";
import type { ReviewRow, RiskCode } from "../../../src/model/review.ts";
import { rosterItemOf } from "../../../src/model/roster-item.ts";
import type { Person } from "../../../src/model/settings.ts";
import { identitiesOf } from "../../../src/plan/review/identities.ts";
import { recommend } from "../../../src/plan/review/recommend.ts";
import { assignReviewers } from "../../../src/plan/review/reviewers.ts";
import { type OpenEntry, rosterOf } from "../../../src/plan/review/roster.ts";
import { type LastReview, rowsInScope } from "../../../src/plan/review/scope.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { DEFINITION, DUE, grantedBy, NOBODY, PEOPLE, row } from "./campaign.ts";

const MEMBERS = ["ana@acme.example", "bo@acme.example", "cy@acme.example", "Bo@Acme.example", "hana@acme.example"];
const GROUPS = ["Makers", "Checkers", "MAKERS", "Owner"];

const rows: fc.Arbitrary<ReviewRow[]> = fc
  .uniqueArray(
    fc.record({
      member: fc.constantFrom(...MEMBERS),
      resource: fc.constantFrom("Card template", "Tag", "Role"),
      scope: fc.constantFrom("dev", "production", "organization"),
      level: fc.constantFrom("view", "edit"),
      groups: fc.subarray(GROUPS),
      roles: fc.subarray(["Auditor", "Editor"]),
      by: fc.constantFrom(NOBODY, grantedBy("ana"), grantedBy("x", "cy@acme.example"), { ...NOBODY, since: null }),
      more: fc.record({ ownerEquivalent: fc.boolean() }),
    }),
    {
      maxLength: 30,
      selector: ({ member, resource, scope }) => JSON.stringify([member.toLowerCase(), resource, scope]),
    },
  )
  .map((words) => words.map(row));

const names = (from: readonly string[]) => fc.option(fc.subarray([...from], { minLength: 1 }), { nil: undefined });

const scopes: fc.Arbitrary<ReviewScope> = fc
  .record({
    targets: names(["acme", "other"]),
    groups: names(["makers", "Owner"]),
    resources: names(["card TEMPLATE", "Tag"]),
    levels: names(["view"]),
    scopes: names(["production", "organization"]),
    ownerEquivalent: fc.constantFrom(true as const, undefined),
    changedSince: fc.constantFrom("2026-01-06", "2026-01-04", "last-review", undefined),
  })
  .map((parts) => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)));

const foldOf = () => atomic.fold;

function open(some: readonly ReviewRow[], scope: ReviewScope = {}, last?: LastReview): OpenEntry[] {
  return rosterOf({
    report: { rows: some, people: [] },
    definition: { scope },
    due: DUE,
    foldOf,
    last,
    namesOf: () => [],
  });
}

test("every row in scope is in exactly one entry, with its person and everything that gives it; no other is in any", () => {
  fc.assert(
    fc.property(rows, scopes, (some, scope) => {
      const wanted = rowsInScope({ report: { rows: some }, scope, foldOf });
      const entries = open(some, scope);
      expect(entries.flatMap((entry) => entry.rows).sort()).toEqual(wanted.map(({ id }) => id).sort());
      for (const { id, member, paths } of wanted) {
        const entry = entries.find((one) => one.rows.includes(id));
        expect(entry?.member.toLowerCase()).toBe(member.toLowerCase());
        const folded = (list: Iterable<string>) => [...new Set([...list].map(atomic.fold))].sort();
        expect(folded(entry?.groups ?? [])).toEqual(folded(paths.flatMap(({ group }) => group ?? [])));
        const direct = paths.flatMap(({ group, role }) => (group === undefined && role !== undefined ? [role] : []));
        expect(folded(entry?.roles ?? [])).toEqual(folded(direct));
      }
      expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    }),
  );
});

test("the same report gives the same entries in whatever order its rows come", () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.nat()), (some, order) => {
      const shuffled = some
        .map((one) => [order.next().value ?? 0, one] as const)
        .sort(([left], [right]) => left - right);
      const [now, then] = [open(shuffled.map(([, one]) => one)), open(some)];
      // Two spellings of one name are told by the first that comes.
      const ids = (entries: readonly OpenEntry[]) =>
        entries.map(({ id, rows: held, gives }) => [id, held, gives]).sort();
      expect(ids(now)).toEqual(ids(then));
    }),
  );
});

test("a scope leaves out what does not fit, and nothing of which it is not known", () => {
  const held = [
    row({ member: "ana@acme.example" }),
    row({ member: "bo@acme.example", scope: "dev", groups: ["Owner"], more: { ownerEquivalent: true } }),
    row({ member: "cy@acme.example", resource: "Tag", level: "view", by: { ...NOBODY, since: null } }),
    row({ member: "di@acme.example", by: { ...NOBODY, since: "2026-09-01T00:00:00.000Z" } }),
  ];
  const within = (scope: ReviewScope, last?: LastReview) =>
    rowsInScope({ report: { rows: held }, scope, foldOf, last }).map(({ member }) => member.slice(0, 2));
  expect(within({})).toEqual(["an", "bo", "cy", "di"]);
  expect(within({ targets: ["other"] })).toEqual([]);
  expect(within({ groups: ["owner"] })).toEqual(["bo"]);
  expect(within({ levels: ["view"] })).toEqual(["cy"]);
  expect(within({ scopes: ["Dev"] })).toEqual(["bo"]);
  expect(within({ ownerEquivalent: true })).toEqual(["bo"]);
  expect(within({ groups: ["Owner"], scopes: ["production"] })).toEqual([]);
  expect(within({ changedSince: "2026-08-31" })).toEqual(["cy", "di"]);
  // Without a last review everything is new; with one, what is new, at another level, or given again.
  expect(within({ changedSince: "last-review" })).toHaveLength(4);
  const levels = new Map(held.map(({ id, level }, index) => [id, index === 1 ? "view" : level]));
  expect(within({ changedSince: "last-review" }, { at: "2026-08-31T00:00:00Z", levels })).toEqual(["bo", "di"]);
});

/** An entry without anything about it but whose it is and who must not decide. */
function entry(
  index: number,
  groups: readonly string[],
  barred: readonly string[],
  member = "zoe@acme.example",
): OpenEntry {
  const id = index.toString(16).padStart(16, "0");
  const recommendation = { decision: "keep" } as const;
  return {
    id,
    target: "acme",
    member,
    groups,
    roles: [],
    rows: [],
    gives: [],
    risk: "low",
    recommendation,
    because: "",
    barred,
  };
}

const OWNERS = new Map([
  ["Makers", ["ana@acme.example", "bo@acme.example", "cy@acme.example"]],
  ["Checkers", ["cy@acme.example"]],
]);

function assign(entries: readonly OpenEntry[], more: Partial<Parameters<typeof assignReviewers>[0]> = {}) {
  return assignReviewers({
    entries,
    definition: DEFINITION,
    ownersOfGroup: (_, group) => OWNERS.get(group) ?? [],
    ownersOfTarget: () => ["olga@acme.example"],
    identities: identitiesOf(PEOPLE),
    isThere: () => true,
    ...more,
  });
}

test("owners are asked in turn, so that nobody has more than one more than another", () => {
  const { entries, findings } = assign(Array.from({ length: 100 }, (_, index) => entry(index, ["Makers"], [])));
  const loads = ["ana", "bo", "cy"].map((name) => entries.filter(({ reviewer }) => reviewer.startsWith(name)).length);
  expect(loads.sort()).toEqual([33, 33, 34]);
  expect(findings).toEqual([]);
});

test("never the person, never who granted it, by whatever name: login, address, another member, Git identity", () => {
  const people: Person[] = [
    ...PEOPLE,
    { login: "ana-w", members: ["ana.w@acme.example", "ana@acme.example"], place: DEFINITION.place },
  ];
  const identities = identitiesOf(people);
  for (const name of ["ana@acme.example", "ANA@acme.example", "ana", "Ana W <ana.w@acme.example>", "ana-w"]) {
    const { entries } = assign([entry(1, ["Makers"], [name, "bo", "cy@acme.example"])], { identities });
    expect(entries.map(({ reviewer }) => reviewer)).toEqual(["hana@acme.example"]);
  }
});

test("who has left is passed over: owners, then the fallback, then the target's owners; then nobody, which is an error", () => {
  const wanted = [entry(1, ["Checkers"], [])];
  const without = (...gone: string[]) =>
    assign(wanted, { isThere: (name) => !gone.some((one) => name.startsWith(`${one}@`)) });
  expect(without().entries[0]?.reviewer).toBe("cy@acme.example");
  expect(without("cy").entries[0]?.reviewer).toBe("hana@acme.example");
  expect(without("cy", "hana").entries[0]?.reviewer).toBe("olga@acme.example");
  const { entries, findings } = without("cy", "hana", "olga");
  expect(entries).toEqual([]);
  expect(findings).toMatchObject([
    {
      severity: "error",
      code: "review-without-reviewer",
      message: "Nobody may decide on what zoe@acme.example holds on acme through Checkers",
      place: DEFINITION.place,
    },
  ]);
  expect(
    assign(
      Array.from({ length: 60 }, (_, index) => entry(index, [], [])),
      { isThere: () => false },
    ).findings,
  ).toHaveLength(51);
});

test("named reviewers are asked whatever the groups are", () => {
  const definition: ReviewDefinition = {
    ...DEFINITION,
    reviewers: { from: "named", named: ["bo@acme.example", "olga@acme.example"], fallback: [] },
  };
  const { entries } = assign([entry(1, ["Checkers"], []), entry(2, [], []), entry(3, [], ["bo"])], { definition });
  expect(entries.map(({ reviewer }) => reviewer)).toEqual([
    "bo@acme.example",
    "olga@acme.example",
    "olga@acme.example",
  ]);
});

test("whatever the report: an entry's reviewer never has it, never granted it, and everybody else's is covered", () => {
  fc.assert(
    fc.property(rows, fc.subarray(["ana", "bo", "cy", "hana", "olga"]), (some, left) => {
      const identities = identitiesOf(PEOPLE);
      const entries = open(some);
      const isThere = (name: string) => !left.some((one) => name.startsWith(`${one}@`));
      const assigned = assign(entries, { isThere });
      expect(assigned.entries.length + assigned.findings.length).toBe(entries.length);
      for (const { reviewer, member, barred } of assigned.entries) {
        expect([member, ...barred].filter((name) => identities.mayBeSame(name, reviewer))).toEqual([]);
        expect(isThere(reviewer)).toBe(true);
      }
    }),
  );
});

test("who granted it: who approved, and who asked for what an apply made; not who wrote down what was there", () => {
  const granted = (by: ReviewRow["provenance"]) => open([row({ member: "zoe@acme.example", by })])[0]?.barred;
  expect(granted(NOBODY)).toEqual(["zoe@acme.example"]);
  expect(granted(grantedBy("ana", "bo@acme.example"))).toEqual(["ana", "bo@acme.example", "zoe@acme.example"]);
  const emergency = { ...grantedBy("ana"), emergency: true, emergencyBy: "hana@acme.example" } as const;
  expect(granted(emergency)).toEqual(["ana", "hana@acme.example", "zoe@acme.example"]);
  expect(granted({ ...NOBODY, approvers: ["bo@acme.example"] })).toEqual(["bo@acme.example", "zoe@acme.example"]);
});

test("a recommendation follows the heaviest reason, and says it", () => {
  const reasons = (...codes: RiskCode[]) => ({
    level: "high" as const,
    score: 60,
    reasons: codes.map((code) => ({ code, text: `it is ${code}` })),
  });
  const advice = (codes: readonly RiskCode[], more: Partial<ReviewRow> = {}) =>
    recommend({
      rows: [row({ member: "bo@acme.example", more: { risk: reasons(...codes), ...more } })],
      person: undefined,
      others: 2,
      due: DUE,
    });
  expect(advice(["standing", "dormant"])).toEqual({
    decision: { decision: "revoke" },
    because: "It is dormant",
    risk: "high",
  });
  expect(advice(["standing"]).decision).toEqual({ decision: "until", until: "2027-01-13" });
  expect(advice(["standing"], { until: "2026-12-01" }).decision).toEqual({ decision: "keep" });
  expect(advice(["exception"])).toMatchObject({ decision: { decision: "keep" }, because: "It is exception" });
  expect(advice([])).toMatchObject({ because: "Nothing speaks against it, and 2 others hold it this way" });
});

const hostile = fc
  .tuple(fc.string({ unit: "binary", maxLength: 40 }), fc.constantFrom(1, 100))
  .map(([text, times]) => text.repeat(times));

test("what a file shows of an entry can be written into a file, whatever a platform calls things", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), hostile, (name, text) => {
      const shown = rosterItemOf({
        ...entry(1, [name], [], name),
        gives: [text],
        because: text,
        reviewer: "x",
      } as RosterEntry);
      for (const part of [shown.member, ...(shown.through ?? []), ...shown.gives, shown.because])
        expect(part).toMatch(/^(?!\s)[^\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+(?<!\s)$/u);
      expect(shown.member.length).toBeLessThanOrEqual(254);
      expect(shown.because.length).toBeLessThanOrEqual(2000);
    }),
  );
});
