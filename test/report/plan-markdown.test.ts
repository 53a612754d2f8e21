// A plan as a comment: within its limit, and whatever names it holds, its markup is ours alone. The text is read
// back with a GitHub-flavoured parser that knows nothing of how it was written.
import fc from "fast-check";
import type { Nodes } from "mdast";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/model/plan.ts";
import { renderPlanMarkdown } from "../../src/report/plan-markdown.ts";
import {
  ACCESS,
  DIGEST,
  ENVIRONMENTS,
  emptyPlan,
  examplePlan,
  FINDINGS,
  judgedPlan,
  membershipOf,
  people,
} from "./examples.ts";
import { HOSTILE_NAMES } from "./hostile.ts";
import { hostilePlan } from "./hostile-plan.ts";
import { injections, parse } from "./injections.ts";

const OPTIONS = { environments: ENVIRONMENTS };

/** Blocks in order, without what is in them; a row of a table as the number of its cells. */
function skeleton(nodes: readonly Nodes[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === "tableRow") return [`row ${node.children.length}`];
    return ["heading", "table", "list", "blockquote", "code", "html"].includes(node.type) ? [node.type] : [];
  });
}

describe("what a comment looks like", () => {
  test("with a bit of everything", async () => {
    await expect(renderPlanMarkdown(examplePlan(), OPTIONS)).toMatchFileSnapshot("golden/plan.md");
  });

  test("folded into 4,000 characters", async () => {
    await expect(renderPlanMarkdown(examplePlan(), { ...OPTIONS, limit: 4000 })).toMatchFileSnapshot(
      "golden/plan-4000.md",
    );
  });

  test("with rules weakened, waivers, notes and edits asked for", async () => {
    await expect(renderPlanMarkdown(judgedPlan(), OPTIONS)).toMatchFileSnapshot("golden/judged.md");
  });

  test("without a change, but with rules weakened", async () => {
    const plan = judgedPlan({ changes: [], access: [], effect: "neutral", proposals: [], waivers: [], findings: [] });
    await expect(renderPlanMarkdown(plan, OPTIONS)).toMatchFileSnapshot("golden/weakens.md");
  });

  test("what is weakened comes first and is never folded away", () => {
    const weakens = Array.from({ length: 300 }, (_, index) => ({
      id: String(index).padStart(24, "0"),
      what: `Guardrail "Number ${index}" is removed`,
      owners: ["ana@acme.example"],
    }));
    for (const limit of [2500, 10_000, 60_000]) {
      const text = renderPlanMarkdown(judgedPlan({ weakens }), { ...OPTIONS, limit });
      const quoted = /^### [^\n]*\n\n((?:> ?[^\n]*\n)+)/.exec(text)?.[1] ?? "";
      expect(quoted).toContain("**Weakens the rules that judge it (300)**");
      const listed = quoted.split("is removed").length - 1;
      expect(quoted).toMatch(new RegExp(`… and ${300 - listed} more weakenings\\.`));
    }
  });

  test("many owners and waivers are counted when folded, and one is never folded away", () => {
    const weakens = [{ id: "a".repeat(24), what: "Guardrail is removed", owners: people(6, "owner") }];
    const plan = judgedPlan({ weakens, waivers: ["W1", "W2", "W3", "W4", "W5", "W6", "W7"] });
    const text = renderPlanMarkdown(plan, OPTIONS);
    for (const owner of people(6, "owner")) expect(text).toContain(`\`${owner}\``);
    expect(text).toContain("Waivers used: `W1`, `W2`, `W3`, `W4`, `W5` and 2 more.");
    expect(text).toContain("Not everything is shown here.");
  });

  test("empty but for notes, which are folded", () => {
    const findings = FINDINGS.filter(({ severity }) => severity === "note");
    const text = renderPlanMarkdown(emptyPlan({ findings }), OPTIONS);
    expect(text).toContain("\n\nNothing to change. Live is as commit 3f2a91c7d0e1 says.\n\n<details>");
    expect(text).toContain("<summary>2 notes</summary>");
  });

  test("empty", () => {
    expect(renderPlanMarkdown(emptyPlan(), OPTIONS)).toBe(
      "### Rolebook plan for `acme`\n\nNothing to change. Live is as commit 3f2a91c7d0e1 says.\n",
    );
  });

  test("one that cannot be applied says so first and has no command", () => {
    for (const not of [{ refused: true }, { uncommitted: true }]) {
      const text = renderPlanMarkdown(examplePlan(not), OPTIONS);
      expect(text).toMatch(/\n> \*\*(?:Refused|Not to be applied): /);
      expect(text).not.toContain("--approve");
      expect(text).toContain(DIGEST);
    }
  });

  test("the example holds nothing but our markup", () => {
    for (const plan of [examplePlan(), judgedPlan()]) expect(injections(renderPlanMarkdown(plan, OPTIONS))).toEqual([]);
  });
});

describe("hostile names", () => {
  test("the check itself finds what it looks for", () => {
    for (const bad of [
      "hi @octocat",
      "see #12",
      "https://evil.example",
      "<b>x</b>",
      "# big",
      ":tada:",
      "~~x~~",
      "[a](b)",
      "$x$",
    ])
      expect(injections(bad)).not.toEqual([]);
  });

  test("no name becomes markup, a mention, a reference or a link, wherever it stands", () => {
    const blocks = (nodes: readonly Nodes[]) => skeleton(nodes).filter((block) => !block.startsWith("html"));
    const expected = blocks(parse(renderPlanMarkdown({ ...hostilePlan(0, 2), target: "acme" }, OPTIONS)));
    expect(expected.filter((block) => block.startsWith("row")).every((row) => row === "row 5")).toBe(true);
    for (const at of HOSTILE_NAMES.keys()) {
      const text = renderPlanMarkdown({ ...hostilePlan(at, 2), target: "acme" }, OPTIONS);
      const nodes = parse(text);
      expect(injections(text, nodes)).toEqual([]);
      expect(blocks(nodes)).toEqual(expected);
    }
  });
});

function crowdedPlan(at: number, size: number, crowd: number): Plan {
  const plan = hostilePlan(at, size);
  const members = people(crowd);
  const changes = [...plan.changes, ...members.map((member) => membershipOf("create", "Crowd", member))];
  const group = { ...(ACCESS[0] as (typeof ACCESS)[number]), members };
  return examplePlan({ ...plan, changes, access: crowd === 0 ? plan.access : [group, ...plan.access] });
}

const plans = fc.record({
  at: fc.nat({ max: HOSTILE_NAMES.length }),
  size: fc.constantFrom(0, 1, 5, 30),
  crowd: fc.constantFrom(0, 10, 2000),
  limit: fc.integer({ min: 2500, max: 65_000 }),
});

describe("properties", () => {
  test("never over the limit, always ours, always with the digest or the command", () => {
    fc.assert(
      fc.property(plans, ({ at, size, crowd, limit }) => {
        const plan = crowdedPlan(at, size, crowd);
        const text = renderPlanMarkdown(plan, { ...OPTIONS, limit });
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(injections(text)).toEqual([]);
        if (plan.changes.length > 0) expect(text).toContain(DIGEST);
        expect(renderPlanMarkdown(structuredClone(plan), { ...OPTIONS, limit })).toBe(text);
      }),
      { numRuns: 15 },
    );
  });

  test("the barest comment is below the lowest limit even when every name is as long as it can be", () => {
    for (const name of [
      `${"@".repeat(9000)}`,
      "$".repeat(9000),
      "\u202e".repeat(9000),
      "*_`~[".repeat(2000),
      "a@b.c ".repeat(2000),
    ]) {
      const plan = examplePlan({
        target: name,
        findings: [{ severity: "error", code: name, message: name }],
        unmanaged: [{ kind: name, key: name, name }],
        weakens: [{ id: "a".repeat(24), what: name, owners: [name] }],
        proposals: [{ kind: "rename-member", what: name, place: { file: name, line: 1, column: 1 }, to: name }],
        waivers: [name],
      });
      expect(renderPlanMarkdown(plan, { ...OPTIONS, limit: 2500, whole: name }).length).toBeLessThanOrEqual(2500);
    }
  });

  test("what is folded is counted, and the whole is named", () => {
    const access = people(500).map((member, index) => ({
      members: [member],
      changes: [{ resource: `Resource ${index}`, scope: "dev", before: null, after: "view", via: [] }],
      gains: true,
      loses: false,
    }));
    const text = renderPlanMarkdown(examplePlan({ access }), { ...OPTIONS, whole: "artifact plan.json" });
    const rows = parse(text).filter((node) => node.type === "inlineCode" && node.value.startsWith("person-")).length;
    const hidden = Number(/and (\d+) more people in \d+ other ways/.exec(text)?.[1]);
    expect(rows + hidden).toBe(500);
    expect(text).toContain("The whole plan: `artifact plan.json`");
  });

  test("a limit nobody could keep is refused", () => {
    expect(() => renderPlanMarkdown(examplePlan(), { ...OPTIONS, limit: 100 })).toThrow(RangeError);
  });
});
