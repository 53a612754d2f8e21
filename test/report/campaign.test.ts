// What is said of a campaign, at the terminal, on its pull request and to programs.
import { describe, expect, test } from "vitest";
import {
  buildCampaignCheck,
  concludeCampaign,
  renderCampaignComment,
  renderReminder,
} from "../../src/report/campaign-comment.ts";
import { renderCampaignsJson } from "../../src/report/campaign-json.ts";
import { renderCampaignsText } from "../../src/report/campaign-text.ts";
import { describeCampaign, describeMissing, describeTime, missingOf } from "../../src/report/campaign-words.ts";
import { campaignOf } from "./campaign-examples.ts";
import { schemaErrors } from "./schema.ts";

const PLAIN = { color: false, width: 100 };

test("at the terminal, each with its reviewers and findings", async () => {
  const reports = [campaignOf(), campaignOf({ id: "owners", state: "unopened", pull: null, findings: [] })];
  await expect(renderCampaignsText(reports, PLAIN)).toMatchFileSnapshot("golden/review-status.txt");
  expect(renderCampaignsText([], PLAIN)).toBe("No campaign is open.\n");
});

test("as a comment, which mentions nobody", async () => {
  const text = renderCampaignComment(campaignOf());
  await expect(text).toMatchFileSnapshot("golden/review-status.md");
  expect(text).not.toMatch(/(?:^|[^\w`])@[a-z]/);
});

test("as JSON that the schema knows, whole", () => {
  for (const reports of [[], [campaignOf(), campaignOf({ pull: null, commit: null, findings: [] })]]) {
    const value = JSON.parse(renderCampaignsJson(reports));
    expect(schemaErrors("review-status", value)).toEqual([]);
    expect(schemaErrors("review-status", { ...value, surprise: true })).not.toEqual([]);
    expect(value.campaigns).toHaveLength(reports.length);
  }
});

test("as a reminder, which mentions those it is for and says what is theirs", async () => {
  const report = campaignOf();
  const reminded = missingOf(report).flatMap((progress) =>
    progress.login === null ? [] : [{ member: progress.reviewer, login: progress.login, progress }],
  );
  const hana = { member: "hana@acme.example", login: "hana", progress: null };
  const text = renderReminder(report, [...reminded, hana]);
  await expect(text).toMatchFileSnapshot("golden/review-reminder.md");
  expect(text.match(/@[a-z]+/g)).toEqual(["@bo", "@hana"]);
  // Before the last day the fallback decides what people left who are gone, and no more.
  expect(renderReminder({ ...report, phase: "open" }, [hana])).toContain("2 entries in the place of others");
});

describe("the check", () => {
  test("fails by an error, asks for what is missing, and is content with the rest", () => {
    const [error, warning] = campaignOf().findings;
    if (!error || !warning) throw new Error("no findings");
    expect(concludeCampaign(campaignOf())).toBe("failure");
    expect(concludeCampaign(campaignOf({ findings: [warning] }))).toBe("action_required");
    expect(concludeCampaign(campaignOf({ findings: [warning], undecided: 0 }))).toBe("success");
    expect(concludeCampaign(campaignOf({ findings: [error], undecided: 0 }))).toBe("failure");
  });

  test("is of the commit that was read, with annotations at the lines", () => {
    const check = buildCampaignCheck(campaignOf(), "e".repeat(40), new Set());
    expect([check.name, check.commit, check.title]).toEqual([
      "rolebook-review",
      "e".repeat(40),
      "5 of 12 entries decided, overdue since 2026-10-15: the fallback may decide until 2026-10-22",
    ]);
    expect(check.annotations.map(({ line, level }) => [line, level])).toEqual([[9, "failure"]]);
    const touched = buildCampaignCheck(
      campaignOf(),
      "e".repeat(40),
      new Set(check.annotations.map(({ path }) => path)),
    );
    expect(touched.annotations.map(({ line, level }) => [line, level])).toEqual([
      [9, "failure"],
      [1, "warning"],
    ]);
  });
});

test("words for every state and part", () => {
  const times = (["unopened", "merged", "closing", "abandoned", "closed"] as const).map((state) =>
    describeTime(campaignOf({ state, phase: "open" })),
  );
  expect(times).toEqual([
    "to decide until 2026-10-15",
    "to decide until 2026-10-15",
    "what was decided is being made",
    "over: its pull request was closed without a merge",
    "closed: every decision is made and proved",
  ]);
  expect(describeTime(campaignOf({ phase: "over" }))).toBe(
    "the time to decide ended on 2026-10-22: the default holds for the rest",
  );
  expect(describeCampaign(campaignOf({ undecided: 0 }))).toBe("all of 12 entries decided");
  expect(campaignOf().reviewers.map(describeMissing)).toEqual([
    "done",
    "3 to decide, 2 to approve",
    "2 to decide, has left",
  ]);
});
