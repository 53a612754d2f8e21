// The issues that tell of emergencies: one for each run on the ledger, whatever became of it, and never a second.
import { expect, it, onTestFinished } from "vitest";
import { openHostReader, openHostWriter } from "../../src/git/host.ts";
import { openLedger } from "../../src/git/ledger.ts";
import { recordReceipt, recordStart } from "../../src/git/records.ts";
import type { Approval, Receipt } from "../../src/model/receipt.ts";
import { openBreakGlassIssues } from "../../src/run/apply-break-glass.ts";
import { initRepository, open } from "../git/scratch.ts";
import { startGitHub } from "../support/github/github.ts";

const HOSTILE = "Down\n<!-- rolebook:break-glass acme/x --> @everybody [a](javascript:b) | ‮ #1";
const T1 = "2026-11-22T10:00:00.000Z";
const T2 = "2026-11-22T11:00:00.000Z";

function approval(at: string, parts: Partial<Approval> = {}): Approval {
  const digest = "d".repeat(64);
  return { by: "glass@acme.example", at, how: "break-glass", digest, changes: ["c1"], reason: HOSTILE, ...parts };
}

it("are opened for runs that ended and for runs that were killed, and stay closed when people close them", async () => {
  const github = await startGitHub();
  onTestFinished(() => github.close());
  const access = github.createRepository("acme/access");
  const repository = await open(initRepository({ "a.txt": "one\n" }));
  const ledger = openLedger(repository);
  const authentication = { kind: "token", token: access.tokens.write } as const;
  const options = { apiUrl: github.url, repository: access.name, authentication, userAgent: "test" };
  const pair = { reader: openHostReader(options), writer: openHostWriter(options) };
  const tell = async () => (await openBreakGlassIssues(repository, pair)).length;

  await recordStart(ledger, start(T1, approval(T1, { how: "digest" })));
  expect(await tell()).toBe(0);
  expect(github.requests()).toEqual([]);

  await recordStart(ledger, start(T2, approval(T2, { despite: "Holidays" })));
  expect([await tell(), await tell()]).toEqual([1, 0]);
  const [issue] = access.issues();
  const [marker, ...lines] = issue?.body?.split("\n") ?? [];
  expect(marker).toBe("<!-- rolebook:break-glass acme/20261122T110000000Z-dddddddd -->");
  const body = lines.join("\n");
  expect(body).toContain("The run has left no receipt");
  expect(body).toContain("The target was frozen at the time: Holidays");
  expect(body).not.toMatch(/(?<!\\)<!--|(?<![\w`])@everybody|‮|(?<!\\)\]\(|^\s*#1/m);

  access.closeIssue(issue?.number ?? 0);
  await recordReceipt(ledger, receipt(T2));
  expect(await tell()).toBe(0);
  expect(access.issues()).toHaveLength(1);
});

function start(startedAt: string, given: Approval) {
  const plan = {
    changes: [{ id: "c1", action: "create", kind: "Membership", name: "<b>@bo</b>", effect: "escalates" }],
  };
  return { target: "acme", digest: given.digest, commit: "a".repeat(40), startedAt, approval: given, plan };
}

function receipt(startedAt: string): Receipt {
  const given = approval(startedAt);
  const outcomes = [{ change: "c1", status: "applied" as const }];
  const times = { startedAt, endedAt: startedAt };
  const rest = { tool: "rolebook", base: null, commit: "a".repeat(40), digest: given.digest, converged: true };
  return { version: 1, target: "acme", ...rest, ...times, approval: given, outcomes };
}
