// From documents to the desired state: names, scopes, aliases, memberships; and that neither the order nor the split of
// files says anything.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, entityAt, keyOf, NO_ATTRIBUTES, type State } from "../../src/model/entity.ts";
import type { Target } from "../../src/model/settings.ts";
import { check, show } from "./files.ts";

const GOOD = `kind: Role
name: Card editor
description: "  Edits cards  "
permissions: {Theme: view, API keys: edit, Card template: admin}
---
kind: EnvironmentScope
name: non-production
environments: [test, Dev]
---
kind: Group
name: Card Creators
roles: [owner, CARD EDITOR]
environments: NON-production
---
kind: Membership
group: card creators
members:
  - ANA@acme.example
  - email: bo@acme.example
    until: 2027-01-31
    reason: Contract
---
kind: Member
email: Ana@acme.example
firstName: Ana
---
kind: Member
email: bo@acme.example
previously: BOB@acme.example
`;

function entities(state: State): Entity[] {
  const all = [...state.values()].flatMap((section) => [...section.values()]);
  return all.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

function at(state: State, section: string, local: string): Entity | undefined {
  return entityAt(state, section, local);
}

describe("a good policy", () => {
  const { state, findings, documents } = check({ "a.yaml": GOOD });
  test("has no findings", () => expect(show(findings)).toEqual([]));
  test("keeps its documents in order", () =>
    expect(documents.map(({ kind }) => kind)).toEqual([
      "Role",
      "EnvironmentScope",
      "Group",
      "Membership",
      "Member",
      "Member",
    ]));
  test("resolves text, aliases and their order", () => {
    expect(at(state, "Role", "card editor")).toEqual({
      kind: "Role",
      section: "Role",
      local: "card editor",
      name: "Card editor",
      attributes: {
        description: "Edits cards",
        permissions: { "API authentication controls": "edit", "Card template": "admin", Theme: "view" },
      },
      place: { file: "a.yaml", line: 1, column: 1 },
    });
    expect(Object.keys(at(state, "Role", "card editor")?.attributes.permissions ?? {})).toEqual([
      "API authentication controls",
      "Card template",
      "Theme",
    ]);
  });
  test("writes references as declared, the platform's defaults too, and expands scopes", () => {
    expect(at(state, "Group", "card creators")?.attributes).toEqual({
      roles: ["Card editor", "Owner"],
      environments: ["dev", "test"],
    });
  });
  test("has one entity per member of a group, named as declared, at its line", () => {
    const section = "Membership/card creators";
    expect(at(state, section, "ana@acme.example")).toEqual({
      kind: "Membership",
      section,
      local: "ana@acme.example",
      name: "Ana@acme.example",
      attributes: NO_ATTRIBUTES,
      place: { file: "a.yaml", line: 18, column: 5 },
    });
    expect(at(state, section, "ana@acme.example")?.attributes).toBe(NO_ATTRIBUTES);
    expect(at(state, section, "bo@acme.example")).toMatchObject({
      attributes: { until: "2027-01-31", reason: "Contract" },
      place: { line: 19, column: 5 },
    });
  });
  test("folds previous names, and knows the environments of the settings", () => {
    expect(at(state, "Member", "bo@acme.example")?.previously).toBe("bob@acme.example");
    expect([...(state.get("Environment")?.keys() ?? [])]).toEqual(["dev", "test", "staging", "production"]);
  });
});

describe("omitted is not empty", () => {
  const { state } = check({
    "a.yaml": "kind: Group\nname: a\n---\nkind: Group\nname: b\nroles: []\n---\nkind: Role\nname: c\npermissions: {}\n",
  });
  test("an absent key is absent, an empty one is empty", () => {
    expect(at(state, "Group", "a")?.attributes).toEqual({});
    expect(at(state, "Group", "b")?.attributes).toEqual({ roles: [] });
    expect(at(state, "Role", "c")?.attributes).toEqual({ permissions: {} });
  });
  test("an empty list of environments is refused, and is not taken for anything", () => {
    const { state, findings } = check({ "a.yaml": "kind: Group\nname: a\nenvironments: []\n" });
    expect(findings.map(({ code }) => code)).toContain("empty-environments");
    expect(at(state, "Group", "a")?.attributes).toEqual({});
  });
});

describe("references", () => {
  test("members are checked once anybody is declared, and not before", () => {
    const membership =
      "kind: Group\nname: g\nroles: [Owner]\n---\nkind: Membership\ngroup: g\nmembers: [ana@acme.example]\n";
    expect(check({ "a.yaml": membership }).findings).toEqual([]);
    const { findings } = check({ "a.yaml": membership, "b.yaml": "kind: Member\nemail: bo@acme.example\n" });
    expect(findings.map(({ code }) => code)).toContain("unknown-member");
  });
  test("a document that is not YAML still declares what it is about", () => {
    const { findings } = check({
      "a.yaml": "kind: Role\nname: 'Broken: one'\npermissions: [\n",
      "b.yaml":
        "kind: Group\nname: g\nroles: ['broken: ONE']\n---\nkind: Membership\ngroup: g\nmembers: [ana@acme.example]\n",
    });
    expect(findings.map(({ code }) => code)).toEqual(["yaml-syntax"]);
  });
  test("misspelt addresses of a large policy do not take for ever", () => {
    const members = Array.from(
      { length: 5000 },
      (_, index) => `kind: Member\nemail: person${index}@acme.example\n`,
    ).join("---\n");
    const list = Array.from({ length: 5000 }, (_, index) => `  - persn${index}@acme.example\n`).join("");
    const started = performance.now();
    const { findings } = check({
      "a.yaml": members,
      "b.yaml": `kind: Group\nname: g\n---\nkind: Membership\ngroup: g\nmembers:\n${list}`,
    });
    expect(findings.filter(({ code }) => code === "unknown-member")).toHaveLength(5000);
    expect(performance.now() - started).toBeLessThan(120_000);
  });
});

test("an end is inclusive: a membership has ended after its day, not on it", () => {
  const ended = (until: string) =>
    check(
      {
        "a.yaml": `kind: Group\nname: g\nroles: [Owner]\n---\nkind: Membership\ngroup: g\nmembers: [{email: a@b.c, until: '${until}'}]\n`,
      },
      { warnDays: 0 },
    ).findings.map(({ code }) => code);
  // Now is noon of 15 June 2026, UTC.
  expect(ended("2026-06-14")).toEqual(["membership-ended"]);
  expect(ended("2026-06-15")).toEqual([]);
  expect(ended("2026-06-15T11:59:59Z")).toEqual(["membership-ended"]);
  expect(ended("2026-06-15T14:00:00+02:00")).toEqual([]);
});

describe("temporary access", () => {
  const group = "kind: Group\nname: Guests\nroles: [Owner]\nenvironments: all\n---\n";
  const codes = (entry: string, more: Partial<Target>, now: Date) =>
    check(
      { "a.yaml": `${group}kind: Membership\ngroup: Guests\nmembers:\n  - {email: a@b.example, ${entry}}\n` },
      more,
      now,
    ).findings.map(({ code }) => code);

  test.each([
    ["UTC", "2026-11-01T23:59:59Z", "2026-11-02T00:00:00Z"],
    ["America/New_York", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"],
    ["Pacific/Auckland", "2026-11-01T10:59:59Z", "2026-11-01T11:00:00Z"],
  ])("a day ends with the day in %s, to the second", (timeZone, before, after) => {
    const at = (now: string) => codes("until: 2026-11-01", { timeZone, warnDays: 0 }, new Date(now));
    expect(at(before)).toEqual([]);
    expect(at(after)).toEqual(["membership-ended"]);
  });

  test("an end is warned about as many days before as the settings say", () => {
    const at = (now: string, warnDays: number) => codes("until: 2026-11-10", { warnDays }, new Date(now));
    expect(at("2026-11-02T23:59:59Z", 7)).toEqual([]);
    expect(at("2026-11-03T00:00:00Z", 7)).toEqual(["membership-ends-soon"]);
    expect(at("2026-11-10T23:59:59Z", 7)).toEqual(["membership-ends-soon"]);
    expect(at("2026-11-11T00:00:00Z", 7)).toEqual(["membership-ended"]);
    expect(at("2026-11-10T00:00:00Z", 0)).toEqual([]);
  });

  test("a span is an error with the end that it means, and never access without an end", () => {
    const now = new Date("2026-11-22T23:40:06Z");
    const text = `${group}kind: Membership\ngroup: Guests\nmembers:\n  - {email: a@b.example, for: 14d}\n`;
    const { findings, state } = check({ "a.yaml": text }, { timeZone: "Pacific/Auckland", warnDays: 0 }, now);
    expect(show(findings)).toEqual([
      'a.yaml:9:26 error relative-span: "for: 14d" has no end of its own: it would begin anew whenever it is read [Write until: 2026-12-07 (`rolebook fmt` does it).]',
    ]);
    expect([...(state.get("Membership/guests")?.values() ?? [])].map(({ attributes }) => attributes)).toEqual([
      { until: "2026-12-07" },
    ]);
    expect(codes("for: 14d, until: 2026-12-31", { warnDays: 0 }, now)).toEqual(["two-ends"]);
    expect(codes("for: 1 day", { warnDays: 0 }, now)).toEqual(["invalid-span"]);
  });

  test("nobody is listed for a group whose members an identity provider decides on, and nobody is missed there", () => {
    const idp = group.replace("environments: all\n", "environments: all\nmembers: idp\n");
    const member = "kind: Member\nemail: a@b.example\n";
    expect(check({ "a.yaml": `${idp}${member}` }).findings).toEqual([]);
    expect(check({ "a.yaml": `${group}${member}` }).findings.map(({ code }) => code)).toEqual([
      "group-without-members",
      "member-in-no-group",
    ]);
    expect(
      show(check({ "a.yaml": `${idp}kind: Membership\ngroup: GUESTS\nmembers: [a@b.example]\n` }).findings),
    ).toEqual([
      'a.yaml:8:8 error membership-of-idp-group: An identity provider decides who is in group "Guests", so nothing listed here has any effect [Remove the document, or the group\'s `members: idp`.]',
    ]);
  });
});

test("neither the order of documents nor their split into files changes the state", () => {
  const documents = GOOD.split("---\n");
  const plain = (state: State) => entities(state).map(({ place: _, ...entity }) => entity);
  const expected = plain(check({ "a.yaml": GOOD }).state);
  const shuffled = fc.shuffledSubarray(documents, { minLength: documents.length });
  fc.assert(
    fc.property(shuffled, fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }), (order, split) => {
      const files: Record<string, string> = {};
      for (const [index, document] of order.entries()) {
        const file = `${split[index] ?? 0}.yaml`;
        files[file] = files[file] === undefined ? document : `${files[file]}---\n${document}`;
      }
      const { state, findings } = check(files);
      expect(findings).toEqual([]);
      expect(plain(state)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
