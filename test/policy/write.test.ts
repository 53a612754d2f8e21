// Entities to text and back: nothing is lost, whatever their names, and `fmt` has nothing to add.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, keyOf, membershipSection, NO_ATTRIBUTES, stateOf } from "../../src/model/entity.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { formatFile } from "../../src/policy/format.ts";
import { quote } from "../../src/policy/quote.ts";
import { renderEntities } from "../../src/policy/write.ts";
import { check, parse, show } from "./files.ts";

function role(name: string, attributes: Entity["attributes"] = NO_ATTRIBUTES): Entity {
  return { kind: "Role", section: "Role", local: atomic.fold(name), name, attributes };
}

function membership(group: string, name: string, attributes: Entity["attributes"] = NO_ATTRIBUTES): Entity {
  return {
    kind: "Membership",
    section: membershipSection(atomic.fold(group)),
    local: atomic.fold(name),
    name,
    attributes,
  };
}

const ENTITIES: readonly Entity[] = [
  membership("Card creators", "Zoe@acme.example"),
  membership("Card creators", "bo@acme.example", { until: "2027-01-31", reason: "Contract: C-102" }),
  role("Card editor", {
    description: "Edits cards\nand more",
    permissions: { Theme: "view", "Card template": "edit" },
  }),
  {
    kind: "Group",
    section: "Group",
    local: "card creators",
    name: "Card creators",
    attributes: { roles: ["Card editor", "Owner"], environments: ["dev"] },
  },
  {
    kind: "Member",
    section: "Member",
    local: "zoe@acme.example",
    name: "Zoe@acme.example",
    attributes: { firstName: "No", lastName: "Null" },
    id: "m1",
    version: "7",
    status: "invited",
  },
  { kind: "Environment", section: "Environment", local: "dev", name: "dev", attributes: NO_ATTRIBUTES },
];

describe("layout", () => {
  test("one document per entity, one per group's memberships, in the order of kinds; ids and references stay out", () => {
    expect(renderEntities(ENTITIES, atomic, { schemas: "../schemas" })).toBe(`kind: Role
name: Card editor
description: |-
  Edits cards
  and more
permissions:
  Card template: edit
  Theme: view
---
kind: Group
name: Card creators
roles: [Card editor, Owner]
environments: [dev]
---
kind: Member
email: Zoe@acme.example
firstName: No
lastName: 'Null'
---
kind: Membership
group: Card creators
members:
  - email: bo@acme.example
    until: 2027-01-31
    reason: 'Contract: C-102'
  - Zoe@acme.example
`);
  });

  test("a file of one kind begins with the line that names its schema", () => {
    expect(renderEntities([role("x")], atomic, { schemas: "../../schemas/" })).toBe(
      "# yaml-language-server: $schema=../../schemas/atomic/role.json\nkind: Role\nname: x\n",
    );
  });

  test("a group that is not there is named by the caller, or by its key", () => {
    const alone = [membership("Card creators", "a@b.c")];
    expect(renderEntities(alone, atomic, { groupNames: new Map([["card creators", "Card Creators"]]) })).toContain(
      "group: Card Creators\n",
    );
    expect(renderEntities(alone, atomic)).toContain("group: card creators\n");
    expect(renderEntities([], atomic)).toBe("");
  });
});

describe("quotes", () => {
  test.each([
    ["Card editor", "Card editor"],
    ["null", "'null'"],
    ["TRUE", "'TRUE'"],
    ["yes", "yes"],
    ["007", "'007'"],
    ["2027-01-31", "2027-01-31"],
    ["", "''"],
    [" a", "' a'"],
    ["a: b", "'a: b'"],
    ["a #b", "'a #b'"],
    ["a:b#c", "a:b#c"],
    ["- a", "'- a'"],
    ["-a", "-a"],
    ["it's: so", '"it\'s: so"'],
    ["it's", "it's"],
    ["@x", "'@x'"],
    ["a\nb", '"a\\nb"'],
    ["a\u202eb", '"a\\u202eb"'],
    ["\ud800", '"\\ud800"'],
    ["<<", "<<"],
    ["---", "'---'"],
  ])("%j is written %s", (text, expected) => expect(quote(text)).toBe(expected));

  test("anything reads back as it was, in a block, in brackets and as a key", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.array(fc.constantFrom(..." \n\t:#-?,[]{}&*!|>'\"%@`\\a1~=<"), { maxLength: 8 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const name = fc.stringify(text);
        const document = `kind: Role\nname: x\npermissions:\n  a: ${quote(text)}\n`;
        const flow = `{kind: Group, name: x, roles: [${quote(text, true)}, ${quote(text, true)}]}`;
        const block = parse(document).documents[0]?.value.permissions as { a?: string } | undefined;
        expect(block?.a, name).toBe(text);
        if (text.length > 0 && text.length <= 200)
          expect(parse(flow).documents[0]?.value.roles, name).toEqual([text, text]);
        fc.pre(text !== "" && text !== "__proto__");
        const keyed = parse(`kind: Role\nname: x\npermissions:\n  ${quote(text)}: view\n`).documents[0]?.value
          .permissions;
        expect(keyed, name).toEqual({ [text]: "view" });
      }),
      { numRuns: 5000 },
    );
  });
});

const name = fc.oneof(
  fc.constantFrom(
    "null",
    "yes",
    "1.5",
    "a: b",
    "#x",
    "it's",
    'say "x"',
    "- a",
    "[x]",
    "é",
    "😀",
    "Owner",
    "...",
    "a\u00a0b",
  ),
  fc.stringMatching(/^[!-~](?:[ -~]{0,30}[!-~])?$/),
);
const text = fc.oneof(
  name,
  fc.constantFrom("a\nb", "a\n\nb", `${"word ".repeat(40)}end`, "x  y", "a\n  b", "tab\there"),
);
const levels = fc.dictionary(fc.constantFrom("Theme", "Tag", "Card template"), fc.constantFrom("view", "edit"));
const sortedLevels = levels.map((map) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))));
const roles = fc.uniqueArray(fc.record({ name, description: text, permissions: sortedLevels }), {
  selector: ({ name }) => atomic.fold(name),
  maxLength: 5,
});
const people = fc.uniqueArray(
  fc.record({
    address: fc.stringMatching(/^[A-Za-z0-9.'+_-]{1,12}@[A-Za-z0-9]{1,8}\.example$/),
    first: name,
    until: fc.option(fc.constantFrom("2027-01-31", "2028-02-29T10:00:00Z")),
    reason: fc.option(text),
  }),
  { selector: ({ address }) => atomic.fold(address), maxLength: 6 },
);

test("a rendered state reads back as the same state, without findings of form, in the layout of fmt", () => {
  fc.assert(
    fc.property(roles, people, name, fc.constantFrom("all", "list"), (roleList, personList, group, where) => {
      const local = atomic.fold(group);
      const entities: Entity[] = [
        ...roleList.map((item) => role(item.name, { description: item.description, permissions: item.permissions })),
        {
          kind: "Group",
          section: "Group",
          local,
          name: group,
          attributes: {
            roles: roleList.map((item) => item.name).sort((a, b) => (atomic.fold(a) < atomic.fold(b) ? -1 : 1)),
            environments: where === "all" ? "all" : ["dev", "test"],
          },
        },
        ...personList.map(
          ({ address, first }): Entity => ({
            kind: "Member",
            section: "Member",
            local: atomic.fold(address),
            name: address,
            attributes: { firstName: first },
          }),
        ),
        ...personList.map(({ address, until, reason }) =>
          membership(
            group,
            address,
            until === null && reason === null
              ? NO_ATTRIBUTES
              : { ...(until === null ? {} : { until }), ...(reason === null ? {} : { reason }) },
          ),
        ),
      ];
      const rendered = renderEntities(entities, atomic, { schemas: "../schemas" });
      expect(formatFile("a.yaml", rendered, atomic)).toEqual({ text: rendered, findings: [] });
      const { state, findings } = check({ "a.yaml": rendered });
      expect(show(findings.filter(({ severity }) => severity === "error"))).toEqual([]);
      const back = [...state]
        .filter(([section]) => section !== "Environment")
        .flatMap(([, section]) => [...section.values()]);
      const plain = (list: readonly Entity[]) =>
        list.map(({ place: _, ...entity }) => entity).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      expect(plain(back)).toEqual(plain(entities));
      expect(stateOf(back).size).toBe(stateOf(entities).size);
    }),
    { numRuns: 1000 },
  );
}, 120_000);
