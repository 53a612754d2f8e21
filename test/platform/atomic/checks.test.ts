// Each check on the smallest policy that sets it off, with its place, and silence on a policy that is well.
import { describe, expect, test } from "vitest";
import { countMarks, type Json, type PolicyDocument } from "../../../src/model/document.ts";
import { type Entity, type State, stateOf } from "../../../src/model/entity.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { entity, membership } from "./harness.ts";

/** A document whose n-th mark is line n + 1, so that a place tells which node it is. */
function document(kind: string, value: { readonly [key: string]: Json }): PolicyDocument {
  const marks = Array.from({ length: countMarks(value) }, (_, index) => [index + 1, 1]).flat();
  return { file: `${kind}.yaml`, kind, value, marks };
}

function role(name: string, permissions: Record<string, string>): [PolicyDocument, Entity] {
  return [document("Role", { name, permissions }), entity("Role", name, { permissions })];
}

function group(name: string, roles: string[], environments: "all" | string[] = "all"): [PolicyDocument, Entity] {
  return [document("Group", { name, roles, environments }), entity("Group", name, { roles, environments })];
}

function findings(...declared: ([PolicyDocument, Entity] | Entity)[]): Finding[] {
  const documents = declared.flatMap((item) => (Array.isArray(item) ? [item[0]] : []));
  const state: State = stateOf(declared.map((item) => (Array.isArray(item) ? item[1] : item)));
  const policies = {
    target: "acme",
    documents,
    scopes: undefined,
    people: [],
    now: new Date(0),
    timeZone: "UTC",
    warnDays: 14,
  };
  return atomic.checks.flatMap((check) => [...check.run(policies, state, atomic)]);
}

/** `code file:line` of every finding. */
function codes(...declared: Parameters<typeof findings>): string[] {
  return findings(...declared).map(({ code, place }) => `${code} ${place?.file}:${place?.line}`);
}

const someone = membership("G", "ana@acme.example");

test("a policy without fault is silent", () => {
  expect(
    codes(
      role("Edit", { "Card template": "edit" }),
      role("Log", { "activity log": "admin" }),
      group("G", ["edit"], ["dev"]),
      group("L", ["Log"]),
      someone,
      membership("L", "ana@acme.example"),
    ),
  ).toEqual([]);
});

test("codes are unique and each check's name is a code it reports", () => {
  const names = atomic.checks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe("permissions", () => {
  const used = [group("G", ["R"]), someone] as const;
  // Marks of a role's walk: 1 the document, 2 and 3 name, 4 permissions, 5 its mapping, 6 and 7 the first permission.

  test.each([
    ["Card templat", 'Did you mean "Card template"?'],
    ["Activty log", 'Did you mean "Audit log"?'],
    ["Blockchain", "See the catalogue of resources in the README."],
  ])("unknown resource %s", (name, hint) => {
    const [found] = findings(role("R", { [name]: "view" }), ...used);
    expect(found).toMatchObject({ severity: "error", code: "unknown-resource", hint, place: { line: 6 } });
    expect(found?.message).toContain(name);
  });

  test("unknown level", () => {
    const [found] = findings(role("R", { Stream: "edt" }), ...used);
    expect(found).toMatchObject({ severity: "error", code: "unknown-level", place: { line: 7 } });
    expect(found?.hint).toBe('Did you mean "edit"? Stream offers view, edit.');
  });

  test.each([
    ["Request debugger", "edit", "it gives view"],
    ["Audit log", "edit", "it gives view"],
    ["Customer", "view", "it gives nothing"],
  ])("%s does not offer %s: %s", (name, level, gives) => {
    const found = findings(role("R", { [name]: level }), ...used);
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([["level-not-offered", "warning"]]);
    expect(found[0]?.message).toContain(gives);
    expect(found[0]?.place?.line).toBe(7);
  });

  test("an alias in any case is the resource itself", () => {
    expect(codes(role("R", { "SNS PLATFORM": "edit" }), ...used)).toEqual([]);
  });
});

describe("organization permissions in a limited group", () => {
  test("a role that mixes both scopes: the split names a role and a group to make", () => {
    const [found, ...others] = findings(
      role("analysts", { "Analytics exporter": "view", "Audit log": "view" }),
      group("G", ["other", "Analysts"], ["test"]),
      someone,
    );
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: "warning", code: "organization-permission-in-limited-group" });
    expect(found?.message).toBe(
      'Group "G" is limited to test, so it gives nothing of what role "analysts" permits on the whole organization: Audit log',
    );
    expect(found?.hint).toContain('move Audit log: view from role "analysts" to a role "G - organization"');
    expect(found?.hint).toContain("environments: all");
    // 1 document, 2-3 name, 4 roles, 5 list, 6 first item, 7 second item
    expect(found?.place?.line).toBe(7);
  });

  test("a role for the organization alone is moved whole", () => {
    const [found] = findings(role("audit log", { "Audit log": "view" }), group("G", ["audit log"], ["test"]), someone);
    expect(found?.hint).toContain('take role "audit log" out of group "G" and into a group "G - organization"');
  });
});

describe("redundant roles", () => {
  const view = role("View", { "Card template": "view" });
  const edit = role("Edit", { "Card template": "edit", Theme: "view" });
  const split = role("Split", { "Card template": "edit", Tag: "view" });

  test("a role whose every level comes from others adds nothing", () => {
    const found = findings(view, edit, group("G", ["View", "Edit"]), someone);
    expect(found.map(({ code, place }) => [code, place?.line])).toEqual([["redundant-level", 6]]);
    expect(found[0]?.message).toBe(
      'Role "View" adds nothing in group "G": Card template view or more comes from "Edit" already',
    );
  });

  test("an overlap is fine as long as each role adds something", () => {
    expect(codes(edit, split, group("G", ["Edit", "Split"]), someone)).toEqual([]);
  });

  test("of two equal roles one is enough, and only one is told", () => {
    const found = findings(view, role("Look", { "Card template": "view" }), group("G", ["View", "Look"]), someone);
    expect(found).toHaveLength(1);
  });

  test("what is dead in a limited group covers nothing and is not covered", () => {
    const log = role("Log", { "Audit log": "view" });
    const found = findings(log, role("Logs", { "Audit log": "admin" }), group("G", ["Log", "Logs"], ["dev"]), someone);
    expect(found.map(({ code }) => code)).not.toContain("redundant-level");
  });

  test("a thousand roles in one group are no trouble", () => {
    const many = Array.from({ length: 1000 }, (_, n) => role(`R${n}`, { "Card template": "view" }));
    const found = findings(
      ...many,
      group(
        "G",
        many.map(([, { name }]) => name),
      ),
      someone,
    );
    expect(found).toHaveLength(999);
  });
});

describe("things without use", () => {
  test("a role that no group carries, a group without roles, a group without members", () => {
    expect(codes(role("R", {}), group("G", []))).toEqual([
      "role-unused Role.yaml:3",
      "group-without-roles Group.yaml:5",
      "group-without-members Group.yaml:3",
    ]);
  });

  test("a group that does not speak of its roles is left alone", () => {
    const silent: [PolicyDocument, Entity] = [document("Group", { name: "G" }), entity("Group", "G", {})];
    expect(codes(silent, someone)).toEqual([]);
  });
});
