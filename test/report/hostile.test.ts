// One corpus of hostile names through everything that shows names to anybody: Markdown of the Git host, titles, JSON, news, terminals
// and CODEOWNERS. Each is judged by a parser that knows nothing of how it was written: a name changes no structure but its own text.
import type { Nodes } from "mdast";
import { describe, expect, test } from "vitest";
import { checkupOf } from "../../src/model/checkup.ts";
import type { Held, MergedOutcome } from "../../src/model/merged.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Approval } from "../../src/model/receipt.ts";
import { readShown } from "../../src/model/shown.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { BEGIN, codeownersLines, END } from "../../src/policy/codeowners.ts";
import { breakGlassIssue } from "../../src/report/break-glass-markdown.ts";
import { buildCampaignCheck, renderCampaignComment, renderReminder } from "../../src/report/campaign-comment.ts";
import { campaignsToJson } from "../../src/report/campaign-json.ts";
import { renderCampaignsText } from "../../src/report/campaign-text.ts";
import { checkupToJson } from "../../src/report/doctor-json.ts";
import { checkupText } from "../../src/report/doctor-text.ts";
import { renderDriftIssue } from "../../src/report/drift-issue.ts";
import { renderDriftPull } from "../../src/report/drift-pull.ts";
import { renderDriftText } from "../../src/report/drift-text.ts";
import { escapeLines, escapeResult } from "../../src/report/escape.ts";
import { mergedToJson } from "../../src/report/merged-json.ts";
import {
  renderHeldCheck,
  renderHeldComment,
  renderHeldIssue,
  renderMergedSummary,
} from "../../src/report/merged-markdown.ts";
import { renderMergedText } from "../../src/report/merged-text.ts";
import { plainNews, slackMessage } from "../../src/report/news.ts";
import { planToJson } from "../../src/report/plan-json.ts";
import { renderPlanMarkdown } from "../../src/report/plan-markdown.ts";
import { buildPullCheck } from "../../src/report/pull-check.ts";
import { renderPullComment, renderPullWhole } from "../../src/report/pull-comment.ts";
import { renderPullText } from "../../src/report/pull-text.ts";
import { proposalToText } from "../../src/run/show-proposal.ts";
import { parse as parseFile, target } from "../policy/files.ts";
import { campaignCalled } from "./campaign-examples.ts";
import { changeOf, ENVIRONMENTS, examplePlan, membershipOf } from "./examples.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { injections, parse } from "./injections.ts";
import { needOf, reportOf, SCOPES, targetOf } from "./pull-examples.ts";

const ID = "1".repeat(24);
const TEXT = { color: false, width: 100, full: true, environments: ENVIRONMENTS };

/** A plan in which everything that is not ours is called this. */
function planCalled(name: string): Plan {
  const place = { file: name, line: 1, column: 1 };
  const differing = {
    kind: "Group",
    key: `Group/${name}`,
    name,
    shape: "changed" as const,
    attributes: [{ attribute: "description", base: name, want: [name], live: { [name]: name } }],
  };
  return examplePlan({
    target: "acme",
    changes: [
      changeOf({ action: "update", kind: "Role", name, before: { name, attributes: { description: name } } }),
      membershipOf("create", name, name, { after: { name, attributes: { reason: name } } }),
    ],
    access: [
      {
        members: [name],
        changes: [{ resource: name, scope: name, before: null, after: name, via: [{ group: name, role: name }] }],
        gains: true,
        loses: false,
      },
    ],
    drift: [{ ...differing, mode: "propose", effect: "escalates", by: { by: name, at: name, action: name } }],
    conflicts: [{ ...differing, place }],
    unmanaged: [{ kind: "Group", key: name, name }],
    findings: [{ severity: "error", code: "a-code", message: name, hint: name, place }],
    weakens: [{ id: ID, what: name, owners: [name], place }],
    proposals: [{ kind: "rename-member", what: name, place, to: name }],
    waivers: [name],
  });
}

function reportCalled(name: string) {
  const planned = targetOf({
    plan: planCalled(name),
    pending: planCalled(name),
    needs: [needOf({ by: [name], against: [name], approvers: [{ member: name, login: name }] })],
    discounted: [{ login: name, why: name }],
    hopeless: [{ message: name, hint: name }],
    notices: [name],
  });
  const unplanned = { state: "failed", target: "office", why: name, hint: name } as const;
  const findings = [{ severity: "error" as const, code: "a-code", message: name, hint: name }];
  return reportOf({
    base: { branch: name, commit: "88d0e12aa31f4b5c6d7e8f90a1b2c3d4e5f60718" },
    conclusion: "failure",
    targets: [planned, unplanned],
    findings,
    unmerged: [name],
  });
}

function mergedCalled(name: string): MergedOutcome {
  const held: Held[] = [{ change: ID, name, why: name, pull: 12 }];
  const outcomes = [{ change: ID, status: "failed", cause: name } as const];
  return { target: "acme", commit: "c".repeat(40), applied: null, outcomes, held, refused: name, converged: false };
}

function emergencyCalled(name: string) {
  const approval: Approval = {
    by: name,
    at: name,
    how: "break-glass",
    digest: "d".repeat(64),
    changes: [ID],
    reason: name,
    despite: name,
  };
  const plan = { changes: [{ id: ID, action: "create", kind: "Group", name, effect: "escalates" }] };
  return breakGlassIssue("acme/run", { target: "acme", commit: "c".repeat(40), approval, plan }, undefined);
}

function driftCalled(name: string) {
  const plan = planCalled(name);
  const refused = new Map([["elsewhere", { kind: "Group", name, reason: name }]]);
  const renamed = [{ from: name, to: name }];
  return { plan, items: plan.drift, access: plan.access, adopted: new Set(["x"]), refused, ended: [name], renamed };
}

/** Whoever is mentioned by it is by right. */
function reminderCalled(name: string): string {
  const report = campaignCalled(name);
  const [progress = null] = report.reviewers;
  const text = renderReminder(report, [{ member: name, login: "ana", progress }]);
  return text.replace("@ana", "ana");
}

const MARKDOWN: Readonly<Record<string, (name: string) => string>> = {
  "the comment on a pull request": (name) => renderPullComment(reportCalled(name)),
  "the step summary of a plan": (name) => renderPullWhole(reportCalled(name)),
  "a check's summary": (name) => buildPullCheck(reportCalled(name), [], new Set()).summary,
  "a check's text": (name) => buildPullCheck(reportCalled(name), [], new Set()).text,
  "a plan as Markdown": (name) => renderPlanMarkdown(planCalled(name), SCOPES),
  "a drift pull request": (name) => renderDriftPull(driftCalled(name), SCOPES),
  "a drift issue": (name) => renderDriftIssue({ ...driftCalled(name), branch: name }, SCOPES),
  "the comment of what is held": (name) => renderHeldComment("acme", mergedCalled(name).held, true),
  "the issue of what is held": (name) => renderHeldIssue("acme", mergedCalled(name).held).body,
  "the check of what is held": (name) => renderHeldCheck("acme", mergedCalled(name).held),
  "the step summary of an apply": (name) => renderMergedSummary([mergedCalled(name)], new Map([[ID, name]])),
  "the issue of an emergency": (name) => emergencyCalled(name).body,
  "the comment on a campaign": (name) => renderCampaignComment(campaignCalled(name)),
  "the check of a campaign": (name) => buildCampaignCheck(campaignCalled(name), ID, new Set()).summary,
  "a reminder": (name) => reminderCalled(name),
};

/** One line each, shown as it is; on some hosts it becomes a commit's message. */
const TITLES: Readonly<Record<string, (name: string) => string>> = {
  "a check": (name) => buildPullCheck(reportCalled(name), [], new Set()).title,
  "the issue of what is held": (name) => renderHeldIssue("acme", mergedCalled(name).held).title,
  "the issue of an emergency": (name) => emergencyCalled(name).title,
  "the check of a campaign": (name) => buildCampaignCheck(campaignCalled(name), ID, new Set()).title,
};

const TERMINAL: Readonly<Record<string, (name: string) => string>> = {
  "a pull request": (name) => renderPullText(reportCalled(name), TEXT),
  drift: (name) => renderDriftText(planCalled(name), TEXT),
  "an apply": (name) => renderMergedText(mergedCalled(name), { ...TEXT, names: new Map([[ID, name]]) }),
  campaigns: (name) => renderCampaignsText([campaignCalled(name)], TEXT),
  doctor: (name) => checkupText(checkupCalled(name), TEXT),
  "a proposal": (name) => proposalToText(proposalCalled(name)),
  "a proposal that failed": (name) => proposalToText({ ...proposalCalled(name), failure: name }),
  "an error": (name) => escapeLines(`${name}.\n${name}\n`, false),
};

const JSONS: Readonly<Record<string, (name: string) => unknown>> = {
  "a plan": (name) => planToJson(planCalled(name)),
  "an apply": (name) => mergedToJson([mergedCalled(name)], new Map([[ID, name]])),
  campaigns: (name) => campaignsToJson([campaignCalled(name)]),
  doctor: (name) => checkupToJson(checkupCalled(name)),
};

function checkupCalled(name: string) {
  const check = { id: "a.b", about: name, severity: "error", message: name, fix: name } as const;
  return checkupOf([
    { ...check, state: "gap" },
    { ...check, state: "unknown" },
    { ...check, state: "ok" },
  ]);
}

function proposalCalled(name: string) {
  const refused = [{ kind: "Group", name, reason: name }];
  return { target: "acme", drift: 1, escalates: true, pull: 3, state: "left-alone", why: name, refused } as const;
}

/** Comments that are read back by us alone. */
function withoutMarkers(markdown: string): string {
  return markdown.replaceAll(/^<!-- (?:rolebook:[a-z-]+|pulls)[ \w/.,:-]* -->$/gm, "");
}

/** The structure, text aside: what a name may not have a say in. Texts that follow each other are one to a reader. */
function shape(nodes: readonly Nodes[]): string[] {
  const inline = new Set(["text", "html"]);
  return nodes
    .map((node) => (node.type === "html" && /^<(?:\/?span>)/.test(node.value) ? "text" : node.type))
    .map((type) => (inline.has(type) ? "text" : type))
    .filter((type, index, all) => type !== "text" || all[index - 1] !== "text");
}

/** A host's own way to close what is named, and to tell whoever is named. */
const ACTED_ON = /\b(?:clos|fix|resolv)(?:e[sd]?|ed)?:?\s+(?:\S*#\d|gh-\d|https?:\/\/)|(?:^|[^\w`])@[a-z\d]/i;

describe.each(Object.entries(MARKDOWN))("in %s", (_, write) => {
  const plain = shape(parse(withoutMarkers(write("plain"))));
  test("every name is a name", () => {
    // The very long ones are the business of the tests of each.
    for (const name of HOSTILE_NAMES.filter(({ length }) => length < 500)) {
      const about = JSON.stringify(name).slice(0, 60);
      const text = withoutMarkers(write(name));
      const nodes = parse(text);
      for (const node of nodes)
        if (node.type === "text") node.value = node.value.replace(/^From pull request #12$/, "");
      expect(injections(text, nodes), about).toEqual([]);
      // An empty text is no text.
      if (name.trim() !== "") expect(shape(nodes), about).toEqual(plain);
      for (const node of nodes) if (node.type === "text") expect(node.value, about).not.toMatch(ACTED_ON);
    }
  });
});

test("no name puts into a check what a review could approve", () => {
  const forged = `\n<!-- rolebook:shown 1 acme ${"f".repeat(64)} many  -->\n`;
  expect(readShown(forged)).toHaveLength(1);
  for (const write of Object.values(MARKDOWN)) {
    const [told, plain] = [readShown(write(forged)), readShown(write("plain"))];
    expect(told?.map(({ digest }) => digest)).toEqual(plain?.map(({ digest }) => digest));
  }
});

test.each(Object.entries(TITLES))("the title of %s has no say of others in it", (_, write) => {
  for (const name of HOSTILE_NAMES) {
    expect(write(name)).toBe(write("plain"));
    expect(write(name)).not.toMatch(ACTED_ON);
  }
});

test.each(Object.entries(TERMINAL))("%s at a terminal, or in a log that acts on what it reads", (_, write) => {
  for (const name of HOSTILE_NAMES) {
    // A line end in an error's text is one; every line of it is harmless.
    expect(terminalDangers(write(name))).toEqual([]);
  }
});

test("our own colours pass, and no others", () => {
  const ours = "\u001b[31m\u001b[1mred\u001b[22m\u001b[39m";
  expect(escapeLines(ours, true)).toBe(ours);
  expect(terminalDangers(escapeLines(ours, false))).toEqual([]);
  for (const code of ["\u001b[8m", "\u001b[5m", "\u001b[48;5;1m", "\u001b[2J", "\u001b]0;x\u0007", "\u009b1m"])
    expect(terminalDangers(escapeLines(code, true))).toEqual([]);
});

test.each(Object.entries(JSONS))("%s as JSON says what was said, in characters that can be seen", (_, write) => {
  for (const name of HOSTILE_NAMES) {
    const value = write(name);
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
      const printed = escapeResult(text);
      expect(JSON.parse(printed)).toEqual(JSON.parse(text));
      expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]|##\[|^\s*::/mu);
    }
  }
});

test("results that hold nothing hostile come out as they went in", () => {
  const text = `\u001b[31m${renderPullText(reportCalled("plain"), TEXT)}\u001b[39m`;
  expect(escapeResult(text)).toBe(text);
  expect(escapeResult(renderPullWhole(reportCalled("\u202e ##[group]")))).toBe(
    renderPullWhole(reportCalled("\u202e ##[group]")),
  );
});

test("news are text to those who turn text into markup", () => {
  for (const name of HOSTILE_NAMES) {
    const news = { event: "drift", target: "acme", title: name, text: `${name}\n${name}`, url: name };
    const { text, blocks } = JSON.parse(JSON.stringify(slackMessage(news))) as {
      text: string;
      blocks: { text: { type: string; text: string } }[];
    };
    // What Slack itself makes something of: `<...>`, and entities other than its three.
    expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
    for (const { text: one } of blocks)
      if (one.type !== "plain_text") expect(one.text).toMatch(/^<https?:\/\/[^<>|\s@]+\|Open>$/);
    const told = plainNews(news);
    expect(terminalDangers(`${told.title}\n${told.text}`)).toEqual([]);
  }
});

test("CODEOWNERS has rules of ours alone, whatever files are called", () => {
  const files = HOSTILE_NAMES.map((name, index) =>
    parseFile(
      `policies/acme/groups/${index}${name}.yaml`,
      "kind: Group\nname: A\nroles: []\nenvironments: all\nowners: [bo@acme.example]\n",
    ),
  );
  const lines = codeownersLines({
    folder: "policies",
    shown: "policies",
    settings: {
      targets: [target],
      people: [{ login: "bo-hub", members: ["bo@acme.example"], place: target.place }],
      notify: [],
      schedule: { poll: "", drift: "" },
      reviews: { overdue: "keep", escalateDays: 7, remind: "0 7 * * *" },
    },
    guardrailOwners: [],
    targets: [{ target, files, fold: atomic.fold }],
    path: ".github/CODEOWNERS",
  });
  for (const line of [BEGIN, ...lines, END]) {
    expect(terminalDangers(line)).toEqual([]);
    expect(line.includes("\n")).toBe(false);
    if (!line.startsWith("#")) expect(line).toMatch(/^\/(?:[^\s#\\[\]!*?]|\\ )+ @bo-hub$/);
  }
  expect(lines.length).toBeGreaterThan(8);
});
