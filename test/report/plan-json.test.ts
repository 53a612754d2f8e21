// A plan as JSON: the published shape, the same from both writers, and bearable when it is large.
import { describe, expect, test } from "vitest";
import type { AccessGroup } from "../../src/model/grant.ts";
import { planToJson, writePlanJson } from "../../src/report/plan-json.ts";
import { ACCESS, emptyPlan, examplePlan, judgedPlan, people } from "./examples.ts";
import { HOSTILE_NAMES } from "./hostile.ts";
import { hostilePlan } from "./hostile-plan.ts";
import { schemaErrors } from "./schema.ts";

function written(plan: Parameters<typeof writePlanJson>[0]): string {
  return [...writePlanJson(plan)].join("");
}

describe("the shape", () => {
  test("what it looks like", async () => {
    const plan = examplePlan({
      changes: examplePlan().changes.filter(({ key }) => !key.includes("person-")),
      access: ACCESS.map((group) => ({ ...group, members: group.members.slice(0, 2) })),
    });
    const text = written({
      ...plan,
      changes: plan.changes.map((change, index) => ({ ...change, id: String(index).padStart(24, "0") })),
    });
    await expect(text).toMatchFileSnapshot("golden/plan.json");
  });

  test("with rules weakened, waivers, notes and edits asked for", async () => {
    await expect(written(judgedPlan())).toMatchFileSnapshot("golden/judged.json");
  });

  test("keeps to its schema, also with hostile names", () => {
    const outside = emptyPlan({ commit: null, base: null });
    for (const plan of [examplePlan(), judgedPlan(), emptyPlan(), outside, hostilePlan(0, 10)])
      expect(schemaErrors("plan", JSON.parse(written(plan)))).toEqual([]);
    expect(schemaErrors("plan", { ...planToJson(emptyPlan()), surprise: true })).not.toEqual([]);
  });

  test("names are as they are, not escaped", () => {
    const names = new Set(planToJson(hostilePlan()).unmanaged.map(({ name }) => name));
    for (const name of HOSTILE_NAMES) expect(names).toContain(name);
  });

  test("both writers agree", () => {
    for (const plan of [examplePlan(), judgedPlan(), emptyPlan(), hostilePlan(3, 20)])
      expect(JSON.parse(written(plan))).toEqual(JSON.parse(JSON.stringify(planToJson(plan))));
  });

  test("moving an entity to another file does not change a byte", () => {
    const place = { file: "policies/acme/elsewhere.yaml", line: 9, column: 9 };
    const plan = examplePlan({ weakens: judgedPlan().weakens });
    const moved = {
      ...plan,
      changes: plan.changes.map((change) => ({ ...change, place })),
      conflicts: plan.conflicts.map((item) => ({ ...item, place })),
      weakens: plan.weakens.map((item) => ({ ...item, place })),
    };
    expect(written(moved)).toBe(written(plan));
  });
});

describe("access rows", () => {
  test("one for each member, resource and scope, sorted by them", () => {
    const { access } = planToJson(examplePlan());
    const total = ACCESS.reduce((sum, { members, changes }) => sum + members.length * changes.length, 0);
    expect(access).toHaveLength(total);
    const keys = access.map(({ member, resource, scope }) => [member, resource, scope].join("\n"));
    expect(keys).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(keys).size).toBe(total);
  });

  test("300,000 of them come in small chunks, without being built first", () => {
    const group = ACCESS[0] as AccessGroup;
    const plan = examplePlan({ access: [{ ...group, members: people(37_500) }] });
    let chunks = 0;
    let longest = 0;
    let rows = 0;
    for (const chunk of writePlanJson(plan)) {
      chunks += 1;
      longest = Math.max(longest, chunk.length);
      rows += chunk.split('{"member":').length - 1;
    }
    expect(rows).toBe(300_000);
    expect(chunks).toBeGreaterThan(500);
    expect(longest).toBeLessThan(100_000);
  });
});
