// `explain` and `who-can` over several targets on two platforms: one person beneath one heading, questions that only some targets
// can be asked, and what is missing where something is not held.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExplanationJson } from "../../src/report/answers-json.ts";
import { type AnswerOptions, runExplain, runWhoCan } from "../../src/run/answers.ts";
import type { Context } from "../../src/run/context.ts";
import { schemaErrors } from "../report/schema.ts";

const FILES: Readonly<Record<string, string>> = {
  "rolebook.yaml": `kind: Settings
targets:
  - { name: cards, platform: atomic, url: "http://127.0.0.1:1", organization: acme, credentials: { clientId: A, clientSecret: B }, environments: [dev, production] }
  - { name: second, platform: atomic, url: "http://127.0.0.1:1", organization: beta, credentials: { clientId: A, clientSecret: B }, environments: [live] }
  - { name: clouds, platform: keystone, url: "http://127.0.0.1:1", organization: acme, credentials: { token: C }, environments: [web] }
people:
  ana-gh: [ana@acme.example, ana@beta.example]
`,
  "cards/all.yaml": `kind: Role
name: Own
permissions: { Card template: edit }
---
kind: Group
name: Day shift
roles: [Own]
environments: [dev]
---
kind: Group
name: Everywhere
roles: [Own]
environments: all
---
kind: Member
email: ana@acme.example
firstName: Ana
lastName: Li
---
kind: Member
email: bo@acme.example
firstName: Bo
lastName: Ng
---
kind: Membership
group: Day shift
members: [ana@acme.example]
`,
  "second/all.yaml": `kind: Member
email: ana@beta.example
firstName: Ana
lastName: Li
`,
  "clouds/all.yaml": `kind: Member
name: ana
email: Ana@acme.example
grants:
  - { role: reader, inherited: true }
---
kind: Member
name: chen
`,
};

/** The same with an account whose access has layers. */
const LAYERED: Readonly<Record<string, string>> = {
  "rolebook.yaml": FILES["rolebook.yaml"]?.replace(
    "people:",
    `  - { name: vault, platform: atomyx, url: "http://127.0.0.1:1", organization: acme, credentials: { clientId: A, clientSecret: B }, environments: [acme-dev, acme-prod] }
people:`,
  ) as string,
  "cards/all.yaml": FILES["cards/all.yaml"] as string,
  "vault/all.yaml": `kind: Product
name: acme-prod/manage
type: Manage
active: true
subscribed: true
---
kind: Role
name: acme-prod/manage/Editor
---
kind: Group
name: acme-prod/Editors
roles: [acme-prod/manage/Editor]
---
kind: Membership
group: acme-prod/Editors
members: [bo@acme.example]
---
kind: Member
email: bo@acme.example
firstName: Bo
lastName: Ng
workspaces: [{ workspace: acme-prod, role: Member }]
---
kind: Member
email: eve@acme.example
firstName: Eve
lastName: Ro
workspaces: [{ workspace: acme-prod, role: Owner }]
`,
};

let dir: string;
let layered: string;
beforeAll(() => {
  [dir, layered] = [folderOf(FILES), folderOf(LAYERED)];
});
afterAll(() => {
  for (const made of [dir, layered]) rmSync(made, { recursive: true, force: true });
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), "rolebook-people-"));
  for (const [name, text] of Object.entries(files)) {
    const path = join(made, "policies", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return made;
}

const OPTIONS = { policies: "policies", live: false, full: false } as const;

async function say(run: (context: Context) => Promise<number>, cwd = dir): Promise<string> {
  const said: string[] = [];
  const never = () => {
    throw new Error("not here");
  };
  const context: Context = {
    cwd,
    environment: {},
    now: () => new Date("2026-11-22T12:00:00Z"),
    out: (text) => void said.push(text),
    err: (text) => void said.push(`stderr: ${text}`),
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: never,
    onStop: never,
    version: "0.0.0",
    build: undefined,
  };
  const code = await run(context);
  expect(code, said.join("")).toBe(0);
  return said.join("");
}

const explain = (member: string, resource?: string, options: Partial<AnswerOptions> = {}) =>
  say((context) => runExplain(context, member, resource, { ...OPTIONS, format: "human", ...options }));

describe("explain", () => {
  it("shows a person once, with everything everywhere", async () => {
    const text = await explain("ana@acme.example");
    expect(text.match(/Ana Li/g)).toHaveLength(2);
    expect(text).toMatch(/^ana@acme\.example \(Ana Li\), ana-gh on the Git host: a member of 3 targets\n/);
    expect(text).toMatch(/\ncards: holds access to 1 resource\n\n.*\n {2}Card template {2}dev +edit/);
    expect(text).toContain("\nsecond, as ana@beta.example (Ana Li): holds no access\n");
    expect(text).toMatch(/\nclouds, as ana: holds access to 1 resource\n\n.*\n {2}reader +web +granted/);
  });

  it("finds the same by whatever name", async () => {
    const answers = async (name: string) =>
      JSON.parse(await explain(name, undefined, { format: "json" })).map(
        (answer: { readonly target: string; readonly member: string; readonly login: string }) => {
          expect(schemaErrors("explain", answer)).toEqual([]);
          return [answer.target, answer.member, answer.login];
        },
      );
    const expected = [
      ["cards", "ana@acme.example", "ana-gh"],
      ["second", "ana@beta.example", "ana-gh"],
      ["clouds", "ana", "ana-gh"],
    ];
    for (const name of ["ana@acme.example", "ana@beta.example", "ana"]) expect(await answers(name)).toEqual(expected);
  });

  it("is one answer, as ever, about somebody on one target", async () => {
    expect(await explain("chen")).toBe("chen (target clouds) holds no access\n");
    expect(JSON.parse(await explain("chen", undefined, { format: "json" }))).toMatchObject({ target: "clouds" });
  });

  it("says where something is not held, and which groups would give it", async () => {
    const text = await explain("ana@acme.example", "Card template", { target: "cards" });
    expect(text).toContain("holds access to 1 resource\n");
    expect(text).toContain(
      "\nNot held: Card template\n  production: would be given by Admin (admin), Editor (admin), Everywhere\n",
    );
    const answer = JSON.parse(await explain("bo@acme.example", "card template", { format: "json" }));
    const everywhere = [
      { group: "Admin", level: "admin" },
      { group: "Editor", level: "admin" },
      { group: "Everywhere", level: "edit" },
      { group: "Owner", level: "admin" },
    ];
    const dayShift = { group: "Day shift", level: "edit" };
    expect(answer.denied).toEqual(
      [
        { scope: "dev", offers: [everywhere[0], dayShift, ...everywhere.slice(1)] },
        { scope: "production", offers: everywhere },
      ].map((denial) => ({ resource: "Card template", layers: [], ...denial })),
    );
    expect(await explain("bo@acme.example", "Audit log")).toContain("organization-wide: no group would give it\n");
  });

  it("asks the targets that have such a resource or scope, and says so when none has", async () => {
    expect(await explain("ana", "reader")).toMatch(/^ana \(target clouds\) holds access/);
    expect(await explain("ana@acme.example", undefined, { environment: "live" })).toBe(
      "ana@beta.example (Ana Li) (target second) holds no access\n",
    );
    expect(await explain("bo@acme.example", "reader")).toBe("bo@acme.example (target clouds): no such member\n");
    await expect(explain("ana", "raeder")).rejects.toThrow('There is no resource "raeder"');
    await expect(explain("ana", "raeder")).rejects.toMatchObject({ hint: 'Did you mean "reader"?' });
    await expect(explain("ana", "reader", { environment: "nowhere" })).rejects.toThrow("nowhere");
    await expect(explain("dee")).rejects.toThrow('Nobody here is called "dee"');
  });
});

describe("explain where access has layers", () => {
  const ask = async (member: string, ...rest: readonly string[]) => {
    const [resource, environment] = rest;
    const options = { ...OPTIONS, format: "json" as const, ...(environment === undefined ? {} : { environment }) };
    return JSON.parse(await say((context) => runExplain(context, member, resource, options), layered));
  };
  const missing = ({ denied }: ExplanationJson) =>
    denied.map(({ scope, layers, offers }) => [
      scope,
      layers.filter(({ holds }) => !holds).map(({ name }) => name),
      offers.map(({ group }) => group),
    ]);

  it("names what is missing, in every scope or in the one asked about", async () => {
    const eve = await ask("eve@acme.example", "manage/Editor");
    expect(schemaErrors("explain", eve)).toEqual([]);
    expect(missing(eve)).toEqual([
      ["acme-dev", ["workspace membership", "product access", "product role"], []],
      ["acme-prod", ["product access", "product role"], ["acme-prod/Editors"]],
    ]);
    expect(missing(await ask("eve@acme.example", "manage/Editor", "acme-prod"))).toHaveLength(1);
    const bo = await ask("bo@acme.example", "manage/Editor", "acme-prod");
    expect([bo.target, bo.grants.length, bo.denied]).toEqual(["vault", 1, []]);
    expect(missing(await ask("bo@acme.example", "User management", "acme-prod"))).toEqual([
      ["acme-prod", ["workspace role"], []],
    ]);
  });

  it("names the account where somebody has none, though they are known elsewhere", async () => {
    const ana = await ask("ana@acme.example", "manage/Editor", "acme-prod");
    expect([ana.target, ana.present]).toEqual(["vault", false]);
    expect(missing(ana)[0]?.[1]).toContain("account");
  });
});

it("who-can answers for the targets that have such a resource and level", async () => {
  const whoCan = (level: string, resource: string) =>
    say((context) => runWhoCan(context, level, resource, { ...OPTIONS, format: "human" }));
  expect(await whoCan("granted", "reader")).toMatch(/^1 person holds reader: granted \(target clouds\)\n/);
  const text = await whoCan("edit", "Card template");
  expect(text).toMatch(/^1 person holds Card template: edit \(target cards\)\n/);
  expect(text).toContain("Nobody holds Card template: edit (target second)\n");
  expect(text).not.toContain("clouds");
  await expect(whoCan("granted", "Card template")).rejects.toThrow('Card template has no level "granted"');
});
