// What Keystone's checks say, and above all that they are silent when all is well. Their words are in the golden text
// of the bad files.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entity } from "../../../src/model/entity.ts";
import { checks } from "../../../src/platform/keystone/checks.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { creationCommand, refuses } from "../../../src/platform/keystone/refusals.ts";
import { parseFile } from "../../../src/policy/parse.ts";
import { checkPolicies } from "../../../src/policy/rules.ts";
import { renderEntities } from "../../../src/policy/write.ts";
import { credential, domain, entity, openDomain, stateOfDomain } from "../../support/keystone.ts";

const NOW = new Date("2026-06-15T12:00:00Z");

function codesOf(text: string): string[] {
  const file = parseFile("a.yaml", new TextEncoder().encode(text), "keystone");
  const { findings } = checkPolicies({ target: openDomain(), files: [file], now: NOW }, keystone);
  return findings.map(({ code }) => code);
}

const GOOD = `kind: Role
name: auditor
implies: [reader]
---
kind: Group
name: ops
grants:
  - {role: auditor, inherited: true}
  - {role: member, project: dev}
---
kind: Member
name: ana
---
kind: Membership
group: ops
members: [ana]
`;

test("a good file is met with silence", () => expect(codesOf(GOOD)).toEqual([]));

test("every check's first code is its name, and each once", () => {
  const names = checks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ["direct-grant", GOOD.replace("name: ana\n", "name: ana\ngrants:\n  - {role: reader, domain: true}\n")],
  ["role-unused", GOOD.replace("role: auditor, inherited", "role: reader, inherited")],
  ["redundant-grant", GOOD.replace("role: member, project: dev", "role: auditor, project: dev")],
  ["group-without-members", GOOD.replace("group: ops\nmembers: [ana]", "group: ops\nmembers: []")],
  ["group-without-grants", GOOD.replace(/grants:\n.*\n.*\n/, "grants: []\n").replace("implies: [reader]", "")],
  ["prohibited-implication", GOOD.replace("[reader]", "[reader, admin]")],
  ["implication-circle", GOOD.replace("[reader]", "[reader, auditor]")],
  ["built-in-role", `${GOOD}---\nkind: Role\nname: admin\nimplies: [reader]\n`],
])("%s is told", (code, text) => {
  expect(text).not.toBe(GOOD);
  expect(codesOf(text)).toContain(code);
});

test.each([
  ["an empty list of grants of a member", GOOD.replace("name: ana\n", "name: ana\ngrants: []\n")],
  ["a built-in role as it is", `${GOOD}---\nkind: Role\nname: admin\nimplies: [member]\n`],
  ["a group that says nothing of grants", `${GOOD}---\nkind: Role\nname: reader\ndescription: Looks\n`],
  [
    "a group that an identity provider fills, and a member in none that files speak of",
    GOOD.replace("name: ops\n", "name: ops\nmembers: idp\n").replace(/---\nkind: Membership[\s\S]*/, ""),
  ],
  ["one role on several projects", GOOD.replace("inherited: true", "project: production")],
])("%s is nothing to tell", (_what, text) => expect(codesOf(text)).toEqual([]));

test("no domain makes a check fail", () => {
  fc.assert(
    fc.property(domain, (some) => {
      const entities = [...stateOfDomain(some).values()].flatMap((section) => [...section.values()]);
      const known = new Set([...checks.map(({ name }) => name), "member-in-no-group", "empty-file"]);
      for (const code of codesOf(renderEntities(entities, keystone))) expect(known).toContain(code);
    }),
    { numRuns: 300 },
  );
});

describe("what Keystone leaves to somebody else", () => {
  const immutable: Entity = { ...entity("Role", "admin", { implies: ["member"] }), status: "immutable" };
  const changed = entity("Role", "admin", { implies: [] });
  const backup = credential("backup", "ana", {
    project: "dev",
    roles: ["reader", "member"],
    expires: "2027-01-31T00:00:00Z",
  });

  test("immutable roles: neither changed nor deleted", () => {
    expect(refuses(immutable, changed)?.code).toBe("immutable-role");
    expect(refuses(immutable, undefined)?.hint).toContain("openstack role set --no-immutable admin");
    expect(refuses({ ...immutable, status: "" }, changed)).toBeUndefined();
    expect(refuses(undefined, changed)).toBeUndefined();
  });

  test("application credentials: deleted, but neither made nor changed", () => {
    expect(refuses(backup, undefined)).toBeUndefined();
    expect(refuses(undefined, backup)).toEqual({
      code: "application-credential-missing",
      message: 'ApplicationCredential "backup of ana" is declared and not there; only its owner can create it',
      hint: '"ana" runs: openstack --os-username ana --os-project-name dev application credential create --role member --role reader --expiration 2027-01-31T00:00:00 backup',
    });
    expect(refuses(backup, backup)?.hint).toContain("openstack application credential delete backup && ");
  });

  test("nothing else", () => {
    for (const kind of ["Group", "Member", "Membership", "Project"]) {
      expect(refuses(undefined, entity(kind, "x"))).toBeUndefined();
      expect(refuses(entity(kind, "x"), undefined)).toBeUndefined();
      expect(refuses(entity(kind, "x"), entity(kind, "x"))).toBeUndefined();
    }
  });

  test("the command is safe to paste, whatever the names", () => {
    const odd = credential("-rf $(id)", "o'brien", { project: "a b;c", description: "-x", unrestricted: true });
    expect(creationCommand(odd)).toBe(
      `openstack --os-username 'o'\\''brien' --os-project-name 'a b;c' application credential create --description=-x --unrestricted -- '-rf $(id)'`,
    );
  });
});
