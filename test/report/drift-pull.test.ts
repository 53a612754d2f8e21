// The text of a drift pull request and of its issue: a bit of everything, never over the limit, and harmless whatever things are
// called; and what it remembers about itself.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankOf } from "../../src/platform/atomic/ladder.ts";
import { driftIssueTitle, renderDriftIssue } from "../../src/report/drift-issue.ts";
import { type DriftPull, describeDriftPeople, driftTitle, renderDriftPull } from "../../src/report/drift-pull.ts";
import { driftMarker, readDriftState, writeDriftState } from "../../src/report/drift-state.ts";
import { examplePlan } from "./examples.ts";
import { HOSTILE_NAMES } from "./hostile.ts";
import { hostilePlan } from "./hostile-plan.ts";
import { injections } from "./injections.ts";

const OPTIONS = { environments: ["dev", "test", "staging", "production"], scopeWord: "environments", rankOf };

function pullOf(plan = examplePlan(), name: (index: number) => string = String): DriftPull {
  const [first] = plan.drift;
  return {
    plan,
    items: [...plan.drift, ...(first ? [{ ...first, key: "other", mode: "revert" as const, by: null }] : [])],
    access: plan.access,
    adopted: new Set(first ? [first.key] : []),
    refused: new Map([
      [plan.drift[1]?.key ?? "", { kind: "Membership", name: name(1), reason: name(2) }],
      ["elsewhere", { kind: name(3), name: name(4), reason: name(5) }],
    ]),
    ended: [name(6), name(7)],
    renamed: [{ from: name(8), to: name(9) }],
  };
}

const reverting = () => {
  const plan = examplePlan();
  const changes = plan.changes.map((change, index) => (index < 3 ? { ...change, origin: "drift" as const } : change));
  return examplePlan({ changes });
};

describe("the text", () => {
  test("with a bit of everything", async () => {
    const text = renderDriftPull(
      pullOf(reverting(), (index) => `name ${index}`),
      OPTIONS,
    );
    await expect(text).toMatchFileSnapshot("golden/drift-pull.md");
  });

  test("of the issue names those who have more, and says where it is settled", async () => {
    const plan = examplePlan();
    const issue = { plan, items: plan.drift, access: plan.access, branch: "rolebook/drift/acme" };
    await expect(renderDriftIssue(issue, OPTIONS)).toMatchFileSnapshot("golden/drift-issue.md");
    expect(renderDriftIssue({ ...issue, branch: undefined }, OPTIONS)).toContain("only report it");
    expect(driftIssueTitle("acme")).toBe("Drift of acme gives somebody more than Git says");
  });

  test.each([
    [[], "nobody's access differs"],
    [[["a"], true, false], "1 person has more than Git says"],
    [[["a", "b"], false, true], "2 people have less than Git says"],
    [[["a", "b"], true, false, ["c"], false, true], "2 people have more than Git says, 1 has less"],
    [[["a"], true, true], "1 person has more than Git says, 1 has less"],
  ] as const)("counts people: %j", (groups, words) => {
    const access = [];
    for (let index = 0; index < groups.length; index += 3)
      access.push({
        members: groups[index] as readonly string[],
        gains: groups[index + 1] as boolean,
        loses: groups[index + 2] as boolean,
        changes: [],
      });
    expect(describeDriftPeople(access)).toBe(words);
    expect(driftTitle("acme", access)).toBe(`Drift of acme: ${words}`);
  });
});

describe("hostile names", () => {
  const plans = fc.array(fc.constantFrom(...HOSTILE_NAMES), { minLength: 10, maxLength: 10 });

  test("become no markup, no mention, no link, and never too long a text", () => {
    fc.assert(
      fc.property(plans, fc.nat(HOSTILE_NAMES.length), fc.constantFrom(60_000, 6000), (names, at, limit) => {
        const name = (index: number) => names[index % names.length] ?? "";
        const pull = pullOf(hostilePlan(at, 10), name);
        for (const text of [
          renderDriftPull(pull, { ...OPTIONS, limit }),
          renderDriftIssue({ ...pull, branch: undefined }, OPTIONS),
        ]) {
          expect(text.length).toBeLessThanOrEqual(60_000);
          expect(injections(text)).toEqual([]);
        }
      }),
      { numRuns: 15 },
    );
  });

  test("of thousands of entities fit all the same, and the rest is a number", () => {
    const plan = examplePlan();
    const items = Array.from({ length: 3000 }, (_, index) => ({
      ...(plan.drift[0] ?? ([] as never)),
      key: `Role/${index}`,
      name: `Role ${index}`,
    }));
    const text = renderDriftPull({ ...pullOf(plan), items }, OPTIONS);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toContain("more entities");
    expect(text).toContain("Not everything is shown here");
  });
});

describe("what it remembers", () => {
  const deed = { by: "mal@acme.example", at: "2026-11-22T10:59:58.123Z", action: "role.updated" };

  // Longer ones are forgotten: the text has other things to say.
  const SHORT = HOSTILE_NAMES.filter(({ length }) => length < 500);

  test("reads back, whatever people and things are called", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SHORT), fc.string(), fc.boolean(), (by, key, isGone) => {
        const deeds = new Map([[key, { ...deed, by }]]);
        const state = { digest: isGone ? "" : "a".repeat(64), reverts: isGone ? "b".repeat(64) : "", deeds };
        const body = `${driftMarker("pull", "acme")}\r\n${writeDriftState(state)}\r\ntext`;
        expect(readDriftState(body)).toEqual(state);
      }),
    );
  });

  test("is nothing where somebody has edited it, and no deeds where they are too many", () => {
    expect(readDriftState("no marker")).toBeUndefined();
    expect(readDriftState(`<!-- rolebook:drift-state 1 ${"a".repeat(64)} none bm90IGpzb24 -->`)?.deeds).toEqual(
      new Map(),
    );
    const many = new Map(Array.from({ length: 500 }, (_, index) => [`Role/${index}`, deed]));
    const written = writeDriftState({ digest: "c".repeat(64), reverts: "", deeds: many });
    expect(written.length).toBeLessThan(200);
    expect(readDriftState(written)?.digest).toBe("c".repeat(64));
  });
});
