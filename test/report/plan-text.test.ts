// A plan at a terminal: what it says, that it says all of it, and that no name can say anything else.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccessChange, AccessGroup } from "../../src/model/grant.ts";
import type { Plan } from "../../src/model/plan.ts";
import { renderDriftText } from "../../src/report/drift-text.ts";
import { foldAccess } from "../../src/report/fold-access.ts";
import { columnsOf } from "../../src/report/layout.ts";
import { renderPlanText } from "../../src/report/plan-text.ts";
import {
  ACCESS,
  changeOf,
  ENVIRONMENTS,
  emptyPlan,
  examplePlan,
  FINDINGS,
  judgedPlan,
  membershipOf,
  people,
} from "./examples.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { hostilePlan } from "./hostile-plan.ts";

const OPTIONS = { color: false, width: 80, environments: ENVIRONMENTS, full: false };

describe("what a plan looks like", () => {
  test("with a bit of everything", async () => {
    await expect(renderPlanText(examplePlan(), OPTIONS)).toMatchFileSnapshot("golden/plan.txt");
  });

  test("on a wide terminal", async () => {
    await expect(renderPlanText(examplePlan(), { ...OPTIONS, width: 120 })).toMatchFileSnapshot("golden/plan-wide.txt");
  });

  test("refused", async () => {
    const refused = {
      severity: "error" as const,
      code: "unknown-role",
      message: 'there is no role "Card edtor"',
      place: { file: "policies/acme/groups/card-creators.yaml", line: 3, column: 9 },
    };
    const [role] = examplePlan().changes;
    const plan = emptyPlan({ changes: role ? [role] : [], findings: [refused], refused: true });
    await expect(renderPlanText(plan, OPTIONS)).toMatchFileSnapshot("golden/plan-refused.txt");
  });

  test("of uncommitted edits, before the first apply", async () => {
    const plan = emptyPlan({
      changes: [membershipOf("create", "Viewers", "ana@acme.example", { effect: "neutral" })],
      uncommitted: true,
      base: null,
    });
    await expect(renderPlanText(plan, OPTIONS)).toMatchFileSnapshot("golden/plan-uncommitted.txt");
  });

  test.each([80, 120])("with rules weakened, waivers, notes and edits asked for, at %i columns", async (width) => {
    const text = renderPlanText(judgedPlan(), { ...OPTIONS, width });
    await expect(text).toMatchFileSnapshot(`golden/judged-${width}.txt`);
  });

  test("without a change, but with rules weakened", async () => {
    const plan = judgedPlan({ changes: [], access: [], effect: "neutral", proposals: [], waivers: [], findings: [] });
    await expect(renderPlanText(plan, OPTIONS)).toMatchFileSnapshot("golden/weakens.txt");
  });

  test("the drift of such a plan", async () => {
    await expect(renderDriftText(judgedPlan(), OPTIONS)).toMatchFileSnapshot("golden/drift.txt");
  });

  test("empty but for notes: nothing to change, and the notes after that", () => {
    const findings = FINDINGS.filter(({ severity }) => severity === "note");
    const text = renderPlanText(emptyPlan({ findings }), OPTIONS);
    expect(text).toMatch(/^acme: nothing to change\. .*says\.\n\nFindings \(2 notes\)\n\n/);
    expect(text).toMatch(/Remove the exception\.\n$/);
  });

  test("an edit that is asked for is not nothing", () => {
    const [proposal] = judgedPlan().proposals;
    const text = renderPlanText(emptyPlan({ proposals: proposal ? [proposal] : [] }), OPTIONS);
    expect(text).toMatch(/^Plan for acme/);
    expect(text).toMatch(/viewers\.yaml:12:5 {2}Remove the entry/);
    expect(text).toMatch(/Nothing to apply\.\n$/);
  });

  test("empty", () => {
    expect(renderPlanText(emptyPlan(), OPTIONS)).toBe(
      "acme: nothing to change. Live is as commit 3f2a91c7d0e1 says.\n",
    );
    const outside = emptyPlan({ commit: null, uncommitted: true });
    expect(renderPlanText(outside, OPTIONS)).toBe(
      "acme: nothing to change. Live is as files that are not committed say.\n",
    );
  });

  test("drift alone: nothing to apply", () => {
    const text = renderPlanText(examplePlan({ changes: [], access: [], effect: "neutral" }), OPTIONS);
    expect(text).toContain("Drift: changed on the platform");
    expect(text).toMatch(/Nothing to apply\.\n$/);
    expect(text).not.toContain("--approve");
  });
});

describe("what an approver relies on", () => {
  test("the last line applies exactly this plan, and only one that can be applied has it", () => {
    const command = `  rolebook apply --target acme --approve ${examplePlan().digest}\n`;
    expect(renderPlanText(examplePlan(), OPTIONS).endsWith(command)).toBe(true);
    for (const not of [{ refused: true }, { uncommitted: true }])
      expect(renderPlanText(examplePlan(not), OPTIONS)).not.toContain("--approve");
    const blocked = [membershipOf("delete", "Owner", "ana@acme.example", { blockedBy: ["target-budget"] })];
    expect(renderPlanText(examplePlan({ changes: blocked }), OPTIONS)).not.toContain("--approve");
  });

  test("to weaken rules takes an apply, also when nothing else changes, unless the plan is refused", () => {
    const plan = emptyPlan({ weakens: judgedPlan().weakens });
    const command = `To apply exactly this:\n  rolebook apply --target acme --approve ${plan.digest}\n`;
    expect(renderPlanText(plan, OPTIONS).endsWith(command)).toBe(true);
    expect(renderPlanText(plan, { ...OPTIONS, asking: true })).toMatch(/\n\nDigest [0-9a-f]{64}\n$/);
    for (const not of [{ refused: true }, { uncommitted: true }])
      expect(renderPlanText({ ...plan, ...not }, OPTIONS)).not.toContain("--approve");
  });

  test("that nobody gains is said only where it is proved, and doubted only where the label does not say otherwise", () => {
    const said = (effect: Plan["effect"], nonEscalating: boolean) => {
      const text = renderPlanText(judgedPlan({ effect, nonEscalating }), OPTIONS);
      return [/^Proved: this plan gives nobody anything new\.$/m, /^It cannot be proved that nobody gains\.$/m].map(
        (sentence) => sentence.test(text),
      );
    };
    for (const effect of ["neutral", "reduces"] as const) {
      expect(said(effect, true)).toEqual([true, false]);
      expect(said(effect, false)).toEqual([false, true]);
    }
    for (const effect of ["escalates", "mixed"] as const) expect(said(effect, false)).toEqual([false, false]);
  });

  test("--full names everyone", () => {
    const members = people(300);
    const group = { ...(ACCESS[0] as AccessGroup), members };
    const changes = members.map((member) => membershipOf("create", "Card creators", member));
    const plan = emptyPlan({ changes, access: [group] });
    const [short, full] = [false, true].map((full) => renderPlanText(plan, { ...OPTIONS, full }));
    expect(short).toContain("and 297 more (300");
    expect(short?.split("\n").length).toBeLessThan(30);
    for (const member of members) expect(full?.split(member)).toHaveLength(3);
  });

  test("many different movements and changes are counted when folded, and shown in full", () => {
    const access = people(150).map((member, index) => ({
      members: [member],
      changes: [{ resource: `Resource ${index}`, scope: "dev", before: null, after: "view", via: [] }],
      gains: true,
      loses: false,
    }));
    const changes = people(250).map((member) => changeOf({ action: "create", kind: "Member", name: member }));
    const short = renderPlanText(emptyPlan({ access, changes }), OPTIONS);
    expect(short).toContain("and 50 more people in 50 other ways; --full shows all");
    expect(short).toContain("… and 50 more changes; --full shows all");
    const full = renderPlanText(emptyPlan({ access, changes }), { ...OPTIONS, full: true });
    for (const index of access.keys()) expect(full).toContain(`Resource ${index} `);
    for (const { name } of changes) expect(full).toContain(`+ Member ${name}  `);
  });

  test("edits that are asked for are counted when folded, and shown in full", () => {
    const proposals = people(60).map((member, index) => ({
      kind: "remove-entry" as const,
      what: `Remove the entry of ${member}`,
      place: { file: "members.yaml", line: index + 1, column: 5 },
    }));
    const [short, full] = [false, true].map((full) => renderPlanText(emptyPlan({ proposals }), { ...OPTIONS, full }));
    expect(short).toContain("  members.yaml:50:5  Remove");
    expect(short).toContain("\n  … and 10 more edits; --full shows all\n");
    for (const { place, what } of proposals) expect(full).toContain(`  members.yaml:${place.line}:5  ${what}\n`);
  });

  test("a rename says what the name was", () => {
    const view = (name: string) => ({ name, attributes: {} });
    const change = changeOf({ action: "update", kind: "Group", name: "New", before: view("Old"), after: view("New") });
    expect(renderPlanText(emptyPlan({ changes: [change] }), OPTIONS)).toContain("~ Group New, until now Old  (policy");
  });

  test("memberships that differ in effect, origin or what blocks them are not folded together", () => {
    const changes = [
      membershipOf("delete", "Viewers", "a@acme.example"),
      membershipOf("delete", "Viewers", "b@acme.example", { effect: "neutral" }),
      membershipOf("delete", "Viewers", "c@acme.example", { origin: "expiry" }),
      membershipOf("delete", "Viewers", "d@acme.example", { blockedBy: ["x"] }),
      membershipOf("delete", "Viewers", "e@acme.example"),
    ];
    const lines = renderPlanText(emptyPlan({ changes }), OPTIONS).split("\n");
    expect(lines.filter((line) => line.includes(" from Viewers: "))).toEqual([
      "  - 2 members from Viewers: a@acme.example, e@acme.example  (policy, reduces)",
      "  - 1 member from Viewers: b@acme.example  (policy, neutral)",
      "  - 1 member from Viewers: c@acme.example  (expiry, reduces)",
      "  - 1 member from Viewers: d@acme.example  (policy, reduces)  blocked by x",
    ]);
  });

  test("a set whose names differ in case alone still shows what changes", () => {
    const view = (roles: string[]) => ({ name: "G", attributes: { roles } });
    const change = changeOf({
      action: "update",
      kind: "Group",
      name: "G",
      before: view(["Viewer"]),
      after: view(["viewer"]),
    });
    expect(renderPlanText(emptyPlan({ changes: [change] }), OPTIONS)).toMatch(/roles {2}\+ viewer\n\s+- Viewer\n/);
  });

  test("a level between people who gain and lose is told by rank", () => {
    const rankOf = (_: string, level: string) => ["view", "edit", "admin"].indexOf(level);
    const text = renderPlanText(examplePlan(), { ...OPTIONS, rankOf });
    expect(text).toContain("- Webhook subscription ");
    expect(renderPlanText(examplePlan(), OPTIONS)).toContain("~ Webhook subscription ");
  });
});

describe("colour and width", () => {
  test("colour only when asked for, never across a line, and the same words", () => {
    const colored = renderPlanText(examplePlan(), { ...OPTIONS, color: true });
    const plain = renderPlanText(examplePlan(), OPTIONS);
    expect(plain).not.toContain("\u001b");
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(plain);
    for (const line of colored.split("\n")) {
      const codes = [...line.matchAll(/\u001b\[(\d+)m/g)].map((match) => Number(match[1]));
      const opened = codes.filter((code) => code !== 22 && code !== 39).length;
      expect(opened).toBe(codes.length / 2);
    }
  });

  test.each([48, 60, 80, 100, 160])("nothing but the digest and the command is wider than %i columns", (width) => {
    const lines = renderPlanText(examplePlan(), { ...OPTIONS, width }).split("\n");
    lines.push(...renderPlanText(judgedPlan(), { ...OPTIONS, width }).split("\n"));
    const wide = lines.filter((line) => columnsOf(line) > width && !/9c56cc51|policies\//.test(line));
    expect(wide).toEqual([]);
  });
});

describe("hostile names", () => {
  test("act on no terminal and no log, and break no line", () => {
    for (const at of HOSTILE_NAMES.keys())
      for (const full of [false, true])
        for (const render of [renderPlanText, renderDriftText])
          expect(terminalDangers(render(hostilePlan(at, 8), { ...OPTIONS, full }))).toEqual([]);
  });

  test("stay within bounds", () => {
    const text = renderPlanText(hostilePlan(), OPTIONS);
    expect(text.length).toBeLessThan(1_000_000);
  });
});

const level = fc.constantFrom(null, "view", "edit", "admin");
const path = fc.record({ group: fc.constantFrom("G", "H"), role: fc.constantFrom("R", "S") });
const accessChange: fc.Arbitrary<AccessChange> = fc
  .record({
    resource: fc.constantFrom("Card", "Tag", "Theme"),
    scope: fc.constantFrom(...ENVIRONMENTS, "organization"),
    before: level,
    after: level,
    via: fc.array(path, { maxLength: 2 }),
  })
  .filter(({ before, after }) => before !== after);
const accessGroups: fc.Arbitrary<AccessGroup[]> = fc
  .array(
    fc.record({
      size: fc.integer({ min: 1, max: 40 }),
      changes: fc.uniqueArray(accessChange, {
        minLength: 1,
        maxLength: 8,
        selector: ({ resource, scope }) => `${resource}/${scope}`,
      }),
      gains: fc.boolean(),
      loses: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((groups) => groups.map(({ size, ...rest }, index) => ({ ...rest, members: people(size, `g${index}`) })));

describe("properties", () => {
  test("folding loses no movement and invents none", () => {
    fc.assert(
      fc.property(accessGroups, (groups) => {
        for (const group of groups) {
          const unfolded = foldAccess(group).flatMap(({ resources, scopes, before, after, via }) =>
            resources.flatMap((resource) =>
              scopes.map((scope) => JSON.stringify({ resource, scope, before, after, via })),
            ),
          );
          const given = group.changes.map(({ resource, scope, before, after, via }) =>
            JSON.stringify({ resource, scope, before, after, via }),
          );
          expect(unfolded.sort()).toEqual(given.sort());
        }
      }),
    );
  });

  test("the people in the lines are the people in the plan", () => {
    fc.assert(
      fc.property(accessGroups, (access) => {
        const changes = [membershipOf("create", "G", "x@acme.example")];
        const text = renderPlanText(emptyPlan({ access, changes }), { ...OPTIONS, width: 1000 });
        const paragraphs = text.split("\n").filter((line) => /^ {2}g\d+-/.test(line));
        const counted = paragraphs.map((line) => Number(/\((\d+) people\)$/.exec(line)?.[1] ?? 1));
        const total = access.reduce((sum, { members }) => sum + members.length, 0);
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(total);
        expect(paragraphs).toHaveLength(access.length);
      }),
    );
  });

  test("same plan, same text", () => {
    expect(renderPlanText(structuredClone(examplePlan()), OPTIONS)).toBe(renderPlanText(examplePlan(), OPTIONS));
  });
});
