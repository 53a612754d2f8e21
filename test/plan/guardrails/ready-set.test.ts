// The ready set of guardrails, one for each principle of how a Vault is governed: what each says of an account in which every
// principle is broken once, and that the set of a new repository is the same one.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Guardrail } from "../../../src/model/guardrail.ts";
import { drivers } from "../../../src/platform/index.ts";
import { formatFile } from "../../../src/policy/format.ts";
import { readGovernance } from "../../../src/policy/governance.ts";
import { GOVERNANCE, parseFile } from "../../../src/policy/parse.ts";
import { planned, withFacts, worldOf } from "./worlds.ts";

const SHIPPED = readFileSync(new URL("../../../policies/guardrails/governance.yaml", import.meta.url), "utf8");

function read(text: string): readonly Guardrail[] {
  const parsed = parseFile("guardrails/governance.yaml", new TextEncoder().encode(text), GOVERNANCE);
  const { governance, findings } = readGovernance([parsed], undefined);
  expect([...parsed.findings, ...findings]).toEqual([]);
  return governance.guardrails;
}

/** Kept by everybody and everything, as far as the words in capitals are replaced by nothing. */
const ACCOUNT =
  `{kind: Workspace, name: acme-dev, purpose: development, setUpOwner: ana@acme.example, billingOwner: ana@acme.example, integrationOwner: ana@acme.example, operationsOwner: ana@acme.example, reviewed: 2026-10-01}
--- {kind: Workspace, name: acme-prod, purpose: production, setUpOwner: bo@acme.example, billingOwner: bo@acme.example, integrationOwner: bo@acme.example,OPERATIONS reviewed: 2026-10-01}
--- {kind: Workspace, name: acme-prod-eu, purpose: production, setUpOwner: bo@acme.example, billingOwner: bo@acme.example, integrationOwner: bo@acme.example, operationsOwner: bo@acme.example,REVIEW}
--- {kind: Product, name: acme-prod/manage, type: Manage}
--- {kind: Product, name: acme-prod/submit, type: Submit}
--- {kind: Role, name: acme-prod/manage/Viewer}
--- {kind: Role, name: acme-prod/manage/Editor, implies: [acme-prod/manage/Viewer]}
--- {kind: Role, name: acme-prod/manage/Approver}
--- {kind: Role, name: acme-prod/submit/Reviewer}
--- {kind: Group, name: acme-prod/Editors, roles: [acme-prod/manage/Editor, acme-prod/manage/Approver, acme-prod/submit/Reviewer], owners: [bo@acme.example], reviewed: 2026-10-01}
--- {kind: Member, email: ana@acme.example, workspaces: [{workspace: acme-dev, role: Admin}]}
--- {kind: Member, email: bo@acme.example, workspaces: [{workspace: acme-prod, role: Owner}SEPARATION]PRIVILEGE}
--- {kind: Member, email: chen@acme.example, workspaces: [{workspace: acme-prod, role: Member}]}
--- {kind: Integration, name: acme-prod/Ledger, callback: HTTPS//ledger.acme.example, environment: ENVIRONMENT, owner: bo@acme.example}
--- {kind: ApiKey, name: acme-prod/Shop, product: acme-prod/manage, purpose: PURPOSE, owner: bo@acme.exampleROTATION}
---
kind: Membership
group: acme-prod/Editors
members: [chen@acme.example]
`.replaceAll("--- {", "---\n{");

const KEPT: Readonly<Record<string, string>> = {
  OPERATIONS: " operationsOwner: bo@acme.example,",
  REVIEW: " reviewed: 2026-10-01",
  SEPARATION: "",
  PRIVILEGE: "",
  HTTPS: "https:",
  ENVIRONMENT: "production",
  PURPOSE: "production",
  ROTATION: ", rotateEvery: 90d",
};

/** What the set says of the account, with some of the words replaced by others, and with other facts of bo. */
function said(changed: Readonly<Record<string, string>> = {}, multiFactor = true): string[] {
  let text = ACCOUNT;
  for (const [word, kept] of Object.entries(KEPT)) text = text.replace(word, changed[word] ?? kept);
  const world = worldOf("atomyx", text + (changed.ACCOUNT ?? ""));
  const after = withFacts(world.declared, {
    "bo@acme.example": { multiFactor },
    "ana@acme.example": { multiFactor: true },
  });
  return planned(world, read(SHIPPED), { after, before: new Map(), base: new Map() }).map(
    ({ severity, message }) => `${severity} ${message}`,
  );
}

describe("the ready set", () => {
  test("says nothing of an account that keeps every principle, and each of its guardrails could fire", () => {
    expect(said()).toEqual([]);
  });

  test.each<[principle: string, changed: Readonly<Record<string, string>>, says: string]>([
    [
      "least privilege",
      { PRIVILEGE: ", roles: [acme-prod/manage/Viewer]" },
      "error least-privilege: bo@acme.example holds manage/Viewer in acme-prod directly, not through a group",
    ],
    [
      "environment separation, of people",
      { SEPARATION: ", {workspace: acme-dev, role: Member}" },
      "error environment-separation: bo@acme.example holds Workspace membership in acme-dev directly and Group management in acme-prod directly",
    ],
    [
      "environment separation, of integrations",
      { ENVIRONMENT: "staging" },
      "error integrations-in-their-environment: Integration acme-prod/Ledger has environment staging, and Workspace acme-prod has purpose production",
    ],
    [
      "environment separation, of keys",
      { PURPOSE: "development" },
      "error one-key-one-purpose: ApiKey acme-prod/Shop has purpose development, and Workspace acme-prod has purpose production",
    ],
    [
      "traceable ownership",
      { OPERATIONS: "" },
      "error traceable-ownership: Workspace acme-prod says no operationsOwner",
    ],
    [
      "regular access review",
      { REVIEW: " reviewed: 2021-10-01" },
      "error regular-review: Workspace acme-prod-eu was last reviewed on 2021-10-01, 1878 days ago",
    ],
    [
      "controlled integration set-up: callbacks",
      { HTTPS: "http:" },
      "error controlled-integrations: Integration acme-prod/Ledger has callback http://ledger.acme.example, which does not fit https://*",
    ],
    [
      "controlled integration set-up: credentials",
      { ROTATION: "" },
      "error controlled-keys: ApiKey acme-prod/Shop says no rotateEvery",
    ],
    [
      "individual accounts",
      { ACCOUNT: "---\n{kind: Member, email: Ops@acme.example}\n" },
      'error individual-accounts: Ops@acme.example looks like nobody\'s own account: it fits "ops@*"',
    ],
  ])("%s", (_, changed, says) => expect(said(changed)).toEqual([says]));

  test("two-factor authentication of administrators", () => {
    expect(said({}, false)).toEqual([
      "error two-factor-for-administrators: bo@acme.example holds Group management in acme-prod directly and has no second factor",
    ]);
  });

  test("of a new repository is the same, commented out and laid out already", () => {
    const [entry] = drivers.filter(({ name }) => name === "atomyx");
    const [[file, text] = ["", ""]] = Object.entries(entry?.guardrails?.("vault") ?? {});
    expect(read(text)).toEqual([]);
    expect(formatFile(file, text, undefined).text).toBe(text);
    const bare = text
      .split("\n")
      .slice(4)
      .map((line) => (line === "#" ? "---" : line.replace(/^# /, "")))
      .join("\n");
    expect(formatFile(file, bare, undefined).text).toBe(bare);
    const summary = (guardrails: readonly Guardrail[]) =>
      guardrails.map(({ name, rule, description }) => [name, rule, description]).sort();
    expect(summary(read(bare))).toEqual(summary(read(SHIPPED)));
    expect(read(bare).every(({ targets }) => targets?.join() === "vault")).toBe(true);
  });
});
