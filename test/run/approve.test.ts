// Who is asked what before an apply, who may say yes to rules becoming less strict, and what becomes of a plan of which
// not everything was approved.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Plan, Weakening } from "../../src/model/plan.ts";
import type { BuiltPlan } from "../../src/plan/build.ts";
import { NOT_APPROVED, type PlanInput } from "../../src/plan/input.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { decideApproval, judgeApproved, willAsk } from "../../src/run/apply-approve.ts";
import { withoutLeave } from "../../src/run/apply-weaken.ts";
import type { Context } from "../../src/run/context.ts";
import type { Prepared } from "../../src/run/prepare.ts";
import { type Organization, openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const acme: Organization = {
  roles: { Viewer: { permissions: { Theme: "view" } } },
  groups: { Viewers: { roles: ["Viewer"], environments: "all", members: ["ana@acme.example", "bo@acme.example"] } },
  members: {
    "ana@acme.example": { firstName: "Ana", lastName: "Li" },
    "bo@acme.example": { firstName: "Bo", lastName: "Ng" },
  },
};
const emptied = { ...acme, groups: { Viewers: { roles: ["Viewer"], environments: "all" as const, members: [] } } };

const owners = ["ana@acme.example"];
const base = openTarget({ owners, minimumOwners: 2 });
const weakened = openTarget({ owners, minimumOwners: 1 });

/** A plan that makes two changes, or none, and weakens one rule, or none. */
function build(
  { changes, weakens }: { changes: boolean; weakens: boolean },
  input: Partial<PlanInput> = {},
): BuiltPlan {
  const [live, want] = [stateOfOrganization(acme), stateOfOrganization(changes ? emptied : acme)];
  const target = weakens ? weakened : base;
  return planFor({ base: live, want, live }, { target, baseRules: { target: base, guardrails: [] }, ...input });
}

const ANA = "Ana Li <ana@acme.example>";
const BO = "Bo Ng <bo@acme.example>";

function terminal(answer: boolean): { readonly context: Context; readonly asked: string[] } {
  const asked: string[] = [];
  const context: Context = {
    cwd: "/",
    environment: {},
    now: () => new Date("2026-11-22T12:00:00Z"),
    out: () => {},
    err: () => {},
    terminal: { stdin: true, stdout: true, stderr: true, color: false, width: 80 },
    ask: async (question) => {
      asked.push(question);
      return answer;
    },
    onStop: () => () => {},
    version: "0.0.0",
    build: undefined,
  };
  return { context, asked };
}

const decide = (context: Context, plan: Plan, by: string, options = {}) =>
  decideApproval(context, plan, undefined, async () => by, options);

describe("the question", () => {
  it.each([
    [{ changes: true, weakens: false }, "Make 2 changes to acme? 2 people lose access, 0 people gain."],
    [
      { changes: true, weakens: true },
      "Make 2 changes to acme? 2 people lose access, 0 people gain, and it weakens 1 of the rules that judge it.",
    ],
    [{ changes: false, weakens: true }, "Weaken 1 of the rules that judge plans of acme? Nothing else changes."],
  ])("for %j", async (what, question) => {
    const { context, asked } = terminal(true);
    const { plan } = build(what);
    expect(willAsk(context, plan, {})).toBe(true);
    const decision = await decide(context, plan, ANA);
    expect(asked).toEqual([question]);
    expect(decision).toMatchObject({ kind: "approved", approval: { by: ANA, how: "terminal", digest: plan.digest } });
    if (decision.kind !== "approved") return;
    expect(decision.approval.changes).toEqual(plan.changes.map(({ id }) => id));
    expect(decision.approval.weakens).toEqual(what.weakens ? plan.weakens.map(({ id }) => id) : undefined);
  });

  it("is put to nobody when there is nothing to decide, and not to whom the answer is not up to", async () => {
    const { context, asked } = terminal(true);
    expect(willAsk(context, build({ changes: false, weakens: false }).plan, {})).toBe(false);
    const declined = await decide(context, build({ changes: true, weakens: true }).plan, BO);
    expect(declined).toMatchObject({ kind: "declined" });
    expect(asked).toEqual([]);
    expect(await decide(context, build({ changes: true, weakens: false }).plan, BO)).toMatchObject({
      kind: "approved",
    });
  });

  it("answered with no approves nothing", async () => {
    const { context } = terminal(false);
    expect(await decide(context, build({ changes: false, weakens: true }).plan, ANA)).toMatchObject({
      kind: "declined",
    });
  });
});

describe("who may agree to a weakening", () => {
  const { plan } = build({ changes: false, weakens: true });
  const approval = (by: string) => ({
    ...{ by, at: "2026-11-22T12:00:00Z", how: "digest" as const, digest: plan.digest, changes: [] },
    weakens: plan.weakens.map(({ id }) => id),
  });
  const weakens = (...owned: readonly (readonly string[])[]): Plan => ({
    ...plan,
    weakens: owned.map(
      (owners, index): Weakening => ({ ...(plan.weakens[0] as Weakening), owners, what: `rule ${index}` }),
    ),
  });

  it.each([
    [ANA, [["ana@acme.example"]], true],
    ["Ana Li <ANA@ACME.example>", [["ana@acme.example"]], true],
    ["ana <ana@elsewhere.example>", [["Ana"]], true],
    [ANA, [["bo@acme.example", "ana@acme.example"]], true],
    [ANA, [[]], true],
    [ANA, [["ana@acme.example"], ["ana@acme.example", "bo@acme.example"]], true],
    [BO, [["ana@acme.example"]], false],
    [ANA, [["ana@acme.example"], ["bo@acme.example"]], false],
    ["ana@acme.example.evil.example <x@y.example>", [["ana@acme.example"]], false],
    ["<>", [["ana@acme.example"]], false],
    ["", [["ana@acme.example"]], false],
  ] as const)("%s, of rules owned by %j: %s", (by, owned, may) => {
    expect(withoutLeave(weakens(...owned), approval(by)) === undefined).toBe(may);
  });

  it("is told with each rule, and an approval that does not name the weakening is none", () => {
    const barred = withoutLeave(weakens(["ana@acme.example", "kim@acme.example"], ["bo@acme.example"]), approval(BO));
    expect(barred?.hint).toContain('ana@acme.example or kim@acme.example for "rule 0"');
    expect(barred?.hint).not.toContain("rule 1");
    const { weakens: _, ...unnamed } = approval(ANA);
    expect(withoutLeave(plan, unnamed)?.reason).toContain("does not name what this commit weakens");
    expect(withoutLeave({ ...plan, weakens: [] }, unnamed)).toBeUndefined();
  });
});

describe("an approval by a plan file", () => {
  const write = (content: object): string => {
    const folder = mkdtempSync(join(tmpdir(), "rolebook-approve-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "plan.json"), JSON.stringify(content));
    return join(folder, "plan.json");
  };
  const shown = build({ changes: true, weakens: true }).plan;
  const now = build({ changes: false, weakens: true }).plan;
  const { target, changes, weakens } = shown;

  it("is of what the file weakens too", async () => {
    const plan = write({ target, changes, weakens });
    const { context } = terminal(true);
    const decision = await decide(context, now, ANA, { approve: shown.digest, plan });
    expect(decision).toMatchObject({
      kind: "approved",
      approval: {
        digest: shown.digest,
        changes: changes.map(({ id }) => id),
        weakens: weakens.map(({ id }) => id),
      },
    });
    expect(await decide(context, now, BO, { approve: shown.digest, plan })).toMatchObject({ kind: "declined" });
  });

  it("is none when the file leaves out what its digest was of", async () => {
    const { context } = terminal(true);
    for (const content of [
      { target, changes },
      { target, changes, weakens: [] },
      { target, changes, weakens: [{}] },
    ])
      await expect(decide(context, now, ANA, { approve: shown.digest, plan: write(content) })).rejects.toThrow();
  });

  it("does not cover what is weakened since", async () => {
    const before = build({ changes: true, weakens: false }).plan;
    const plan = write({ target, changes: before.changes, weakens: [] });
    const { context } = terminal(true);
    const decision = await decide(context, shown, ANA, { approve: before.digest, plan });
    expect(decision).toMatchObject({
      kind: "declined",
      hint: expect.stringContaining("minimumOwners of acme is lowered"),
    });
  });
});

describe("a plan of which not everything was approved", () => {
  const prepared = (input: (only: ReadonlySet<string>) => Partial<PlanInput>): Prepared => ({
    ...build({ changes: true, weakens: false }),
    platform: atomic,
    judges: undefined,
    environments: [],
    want: new Map(),
    base: new Map(),
    requests: 0,
    read: { state: new Map(), findings: [], requests: 0 },
    rebuild: (only) => build({ changes: true, weakens: false }, { only, ...input(only) }),
  });
  const whole = prepared(() => ({}));
  const approval = (count: number) => ({
    ...{ by: ANA, at: "2026-11-22T12:00:00Z", how: "digest" as const, digest: whole.plan.digest },
    changes: whole.plan.changes.slice(0, count).map(({ id }) => id),
  });

  it("is judged again, and what was not approved is held", () => {
    expect(judgeApproved(whole, approval(2))).toBe(whole);
    const judged = judgeApproved(whole, approval(1));
    if ("kind" in judged) throw new Error(judged.reason);
    expect(judged.plan.digest).toBe(whole.plan.digest);
    const [first, second] = whole.plan.changes;
    const held = new Map(judged.plan.changes.map(({ id, blockedBy }) => [id, blockedBy]));
    expect([held.get(first?.id ?? ""), held.get(second?.id ?? "")]).toEqual([undefined, [NOT_APPROVED]]);
  });

  it("is not made when the rest may not be made alone", () => {
    const error = { severity: "error", code: "broken", message: "Nobody would be left\u001b[2J" } as const;
    const fragile = prepared((only) => (only.size < 2 ? { findings: [error] } : {}));
    const judged = judgeApproved(fragile, approval(1));
    expect(judged).toMatchObject({ kind: "declined" });
    if (!("kind" in judged)) return;
    expect(judged.hint).toContain("Nobody would be left");
    expect(judged.hint).not.toContain("\u001b");
    expect(judgeApproved(fragile, approval(2))).toBe(fragile);
  });
});
