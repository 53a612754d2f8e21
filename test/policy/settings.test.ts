// Settings with their defaults; what is wrong with them is shown in test/cases/invalid/settings.
import { expect, test } from "vitest";
import type { Person } from "../../src/model/settings.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { checkPolicies } from "../../src/policy/rules.ts";
import { readSettings } from "../../src/policy/settings.ts";
import { bytesOf, NOW, parse, show, target } from "./files.ts";

const MINIMAL = `kind: Settings
targets:
  - name: acme
    platform: atomic
    url: https://acme.example/api/
    organization: acme
    credentials: {clientId: ACME_CLIENT_ID, clientSecret: ACME_CLIENT_SECRET}
`;

function read(text: string) {
  return readSettings(parseFile("policies/rolebook.yaml", bytesOf(text), undefined), ["atomic"]);
}

test("the least there can be gets careful defaults", () => {
  expect(read(MINIMAL)).toEqual({
    findings: [],
    leftOut: [],
    settings: {
      targets: [
        {
          name: "acme",
          platform: "atomic",
          url: "https://acme.example/api",
          organization: "acme",
          credentials: { clientId: "ACME_CLIENT_ID", clientSecret: "ACME_CLIENT_SECRET" },
          drift: "report",
          limits: {
            target: { share: 0.2, count: 50 },
            group: { share: 0.34, count: 20 },
            scope: { share: 0.34, count: 30 },
            owners: { share: 0.34, count: 2 },
          },
          owners: [],
          minimumOwners: 1,
          breakGlass: [],
          approvers: [],
          timeZone: "UTC",
          warnDays: 14,
          approvals: { escalating: 1, reducing: 1, neutral: 1, weakening: 1 },
          scopeOwners: {},
          freeze: [],
          place: { file: "policies/rolebook.yaml", line: 3, column: 5 },
        },
      ],
      people: [],
      notify: [],
      schedule: { poll: "*/2 * * * *", drift: "7 * * * *" },
      reviews: { overdue: "keep", escalateDays: 7, remind: "0 7 * * *" },
    },
  });
});

test("what is given replaces its default and nothing else", () => {
  const { settings } = read(
    `${MINIMAL}    drift: revert\n    limits:\n      group: {count: 3}\n    environments: [dev]\n    owners: [a@b.c]\n`,
  );
  expect(settings?.targets[0]).toMatchObject({
    drift: "revert",
    limits: { target: { share: 0.2, count: 50 }, group: { share: 0.34, count: 3 } },
    environments: ["dev"],
    owners: ["a@b.c"],
  });
});

test("a secret that stands where a name should is not repeated", () => {
  const secret = "s3cr3t/hunter2";
  const inUrl = MINIMAL.replace("https://", `https://user:${encodeURIComponent(secret)}@`);
  for (const text of [MINIMAL.replace("ACME_CLIENT_SECRET", secret), inUrl]) {
    const { findings } = read(text);
    expect(findings).toHaveLength(1);
    expect(show(findings).join()).not.toMatch(/hunter2/);
  }
});

test("plain http is for this machine only", () => {
  const codes = (url: string) =>
    read(MINIMAL.replace("https://acme.example/api/", url)).findings.map(({ code }) => code);
  expect(codes("http://127.0.0.1:4010")).toEqual([]);
  expect(codes("http://localhost:4010/x")).toEqual([]);
  expect(codes("http://[::1]:4010")).toEqual([]);
  expect(codes("http://127.0.0.1.example.com")).toEqual(["insecure-url"]);
  expect(codes("javascript:alert(1)")).toEqual(["invalid-url"]);
});

test("a time zone is one that there is; else dates are days in UTC, and that is said", () => {
  expect(read(`${MINIMAL}    timeZone: Pacific/Auckland\n`).settings?.targets[0]?.timeZone).toBe("Pacific/Auckland");
  const wrong = read(`${MINIMAL}    timeZone: Pacific/Aukland\n`);
  expect(wrong.settings?.targets[0]?.timeZone).toBe("UTC");
  expect(show(wrong.findings)).toEqual([
    'policies/rolebook.yaml:8:15 error unknown-time-zone: There is no time zone "Pacific/Aukland" [Did you mean "Pacific/Auckland"?]',
  ]);
});

test("one organization is one target, however its address is written; another address or organization is another", () => {
  const codes = (from: string, to: string) => {
    const second = MINIMAL.replace(/^[\s\S]*?targets:\n/, "").replace("name: acme", "name: second");
    return read(MINIMAL + second.replace(from, to)).findings.map(({ code }) => code);
  };
  expect(codes("", "")).toEqual(["same-target"]);
  expect(codes("https://acme.example/api/", "https://ACME.example:443/api")).toEqual(["same-target"]);
  expect(codes("https://acme.example/api/", "https://acme.example/other")).toEqual([]);
  expect(codes("organization: acme", "organization: other")).toEqual([]);
});

test("a target does not take the name of a folder that is for something else", () => {
  for (const name of ["guardrails", "waivers", "identities", "reviews"])
    expect(read(MINIMAL.replace("name: acme", `name: ${name}`)).findings.map(({ code }) => code)).toEqual([
      "reserved-target-name",
    ]);
  expect(read(MINIMAL.replace("name: acme", "name: guardrail")).findings).toEqual([]);
});

test("owners of groups are noted whom people gives no login, once it gives anybody one", () => {
  const group =
    "kind: Group\nname: Card creators\nroles: []\nenvironments: all\nowners: [ANA@acme.example, bo@acme.example]\n";
  const place = { file: "policies/rolebook.yaml", line: 9, column: 3 };
  const notes = (people: readonly Person[]) => {
    const policies = { target, files: [parse(group)], now: NOW, people };
    const { findings } = checkPolicies(policies, atomic);
    return show(findings.filter(({ code }) => code === "owner-without-login"));
  };
  expect(notes([])).toEqual([]);
  expect(notes([{ login: "ana-li", members: ["ana@acme.example"], place }])).toEqual([
    'a.yaml:5:28 note owner-without-login: The reviews of bo@acme.example cannot count for group "Card creators": people gives them no login [Name their login under people in the settings.]',
  ]);
});
