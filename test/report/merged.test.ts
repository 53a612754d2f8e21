// What is held, as people and programs read it: true, bounded, and harmless whatever the names are.
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { describe, expect, test } from "vitest";
import type { Held, MergedOutcome } from "../../src/model/merged.ts";
import { mergedToJson } from "../../src/report/merged-json.ts";
import {
  heldMarker,
  readHeldPulls,
  renderHeldCheck,
  renderHeldComment,
  renderHeldIssue,
  renderMergedSummary,
} from "../../src/report/merged-markdown.ts";
import { renderMergedText } from "../../src/report/merged-text.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { schemaErrors } from "./schema.ts";

const COMMIT = "c".repeat(40);
const ID = "1".repeat(24);

const HELD: readonly Held[] = [
  { change: ID, name: "update Group Insights", why: "it needs an approval by hana@acme.example", pull: 12 },
  { change: "Group/audit log", name: "Group audit log", why: "a person has to decide" },
];

const OUTCOME: MergedOutcome = {
  target: "acme",
  commit: COMMIT,
  applied: "a".repeat(40),
  outcomes: [
    { change: "2".repeat(24), status: "applied" },
    { change: "3".repeat(24), status: "failed", cause: "500: the platform failed" },
  ],
  held: HELD,
  converged: false,
};

const NAMES = new Map([["2".repeat(24), "create Membership ana@acme.example in Insights"]]);
const TEXT = { color: false, width: 80, full: false, names: NAMES };

describe("as text", () => {
  test("of an apply that holds something", async () => {
    await expect(renderMergedText(OUTCOME, TEXT)).toMatchFileSnapshot("golden/merged.txt");
  });

  test("only a proof is called applied", () => {
    const proved = { ...OUTCOME, held: [], outcomes: [], converged: true };
    expect(renderMergedText(proved, TEXT)).toContain("Everything merged up to cccccccccccc is applied.");
    expect(renderMergedText({ ...proved, converged: false }, TEXT)).not.toContain("is applied");
    expect(renderMergedText({ ...proved, converged: false, refused: "it is frozen" }, TEXT)).toContain("it is frozen");
  });
});

describe("as JSON", () => {
  test("conforms to its schema, whatever is there", () => {
    const frozen: MergedOutcome = {
      ...OUTCOME,
      applied: null,
      refused: "frozen",
      frozen: true,
      held: [],
      outcomes: [],
    };
    expect(schemaErrors("merged", mergedToJson([OUTCOME, frozen], NAMES))).toEqual([]);
    expect(schemaErrors("merged", mergedToJson([], NAMES))).toEqual([]);
  });
});

describe("on the host", () => {
  test("a comment, an issue, a summary", async () => {
    const { title, body } = renderHeldIssue("acme", HELD);
    const text = [
      renderHeldComment("acme", HELD.slice(0, 1), true),
      renderHeldComment("acme", [], true),
      `${title}\n\n${body}`,
      renderMergedSummary([OUTCOME], NAMES),
    ].join("\n=====\n");
    await expect(text).toMatchFileSnapshot("golden/merged.md");
  });

  test("an issue says again which pull requests it tells of, also with other line ends", () => {
    const { body } = renderHeldIssue("acme", [...HELD, { ...HELD[0], pull: 7 } as Held]);
    expect(body.startsWith(heldMarker("acme"))).toBe(true);
    expect(readHeldPulls(body)).toEqual([7, 12]);
    expect(readHeldPulls(body.replaceAll("\n", "\r\n"))).toEqual([7, 12]);
    expect(readHeldPulls("something else")).toEqual([]);
  });

  test("ten thousand held changes with long names fit into a comment, an issue and a check", () => {
    const long = Array.from({ length: 10_000 }, (_, index): Held => {
      return { change: ID, name: "n".repeat(5000), why: "w".repeat(5000), pull: 1 + (index % 2) };
    });
    for (const text of [
      renderHeldComment("acme", long, true),
      renderHeldIssue("acme", long).body,
      renderHeldCheck("acme", long),
    ])
      expect(text.length).toBeLessThan(65_000);
  });
});

/** The nodes of a text, by a parser that knows nothing of how it was written. */
function parse(markdown: string): Nodes[] {
  const walk = (node: Nodes): Nodes[] => [node, ...("children" in node ? node.children.flatMap(walk) : [])];
  return walk(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
}

/** Everything but words: what a name must not add to. */
function shape(nodes: readonly Nodes[]): string[] {
  const ours = (node: Nodes) => node.type === "html" && /^(?:&#8203;|<\/?span>|<!-- [\w: ]+ -->)/.test(node.value);
  return nodes.filter((node) => node.type !== "text" && !ours(node)).map(({ type }) => type);
}

/** What the host makes of plain text: mentions, references, emoji, mathematics, links. */
const LINKED = /@[\w-]|(?:^|\W)(?:#|gh-)\d|:[\w+-]+:|\$[^$]*\$|https?:\/\/|www\.|mailto:\w/i;

function rendered(name: string): readonly string[] {
  const held: Held[] = [{ change: ID, name, why: name, pull: 12 }];
  const outcomes = [{ change: ID, status: "failed", cause: name } as const];
  return [
    renderHeldComment("acme", held, true),
    renderHeldIssue("acme", held).body,
    renderHeldCheck("acme", held),
    renderMergedSummary([{ ...OUTCOME, held, refused: name, outcomes }], new Map([[ID, name]])),
  ];
}

test.each(HOSTILE_NAMES)("%j is harmless everywhere", (name) => {
  const held: Held[] = [{ change: ID, name, why: name, pull: 12 }];
  const outcome: MergedOutcome = { ...OUTCOME, held, refused: name };
  expect(terminalDangers(renderMergedText(outcome, { ...TEXT, names: new Map([["2".repeat(24), name]]) }))).toEqual([]);
  const plain = rendered("plain");
  for (const [index, text] of rendered(name).entries()) {
    const nodes = parse(text);
    expect(shape(nodes)).toEqual(shape(parse(plain[index] ?? "")));
    for (const node of nodes)
      if (node.type === "text") expect(node.value.replace("From pull request #12", "")).not.toMatch(LINKED);
  }
});
