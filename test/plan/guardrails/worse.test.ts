// What was so before a plan is a warning only while it is no worse: nobody who breaks a rule already is given more under its
// cover. One case for each rule that looks at people.
import { describe, expect, test } from "vitest";
import type { State } from "../../../src/model/entity.ts";
import type { Rule } from "../../../src/model/guardrail.ts";
import { ATOMIC, guardrail, planned, withFacts, withMembership, worldOf } from "./worlds.ts";

const acme = worldOf("atomic", ATOMIC);
const severities = (rule: Rule, states: Parameters<typeof planned>[2]) =>
  planned(acme, [guardrail(rule)], states)
    .filter(({ code }) => code !== "guardrail-never-fires")
    .filter(({ message }) => message.includes("eve@partner.example"))
    .map(({ severity }) => severity);

const weak = withFacts(acme.declared, {
  "eve@partner.example": { multiFactor: false, lastActive: "2020-01-01T00:00:00Z" },
});
const raised = withMembership(weak, "owner", "eve@partner.example");
const lowered = withMembership(weak, "chief auditors", "eve@partner.example", false);

describe.each<[string, Rule]>([
  ["multi-factor", { rule: "multi-factor" }],
  ["dormant-member", { rule: "dormant-member", with: { days: 90 } }],
  ["address-domain", { rule: "address-domain", with: { domains: ["acme.example"] } }],
  ["shared-account", { rule: "shared-account", with: { patterns: ["eve@*"] } }],
  ["cel", { rule: "cel", with: { for: "member", deny: 'member.name.startsWith("eve@")' } }],
])("somebody who breaks %s already", (_, rule) => {
  test("is a warning while nothing is given to them", () => {
    expect(severities(rule, { before: weak, after: weak })).toEqual(["warning"]);
    expect(severities(rule, { before: weak, after: lowered })).toEqual(["warning"]);
  });

  test("is an error once they are given more", () => {
    expect(severities(rule, { before: weak, after: raised })).toEqual(["error"]);
  });
});

/** The state in which a group carries one more role. */
function withRole(state: State, group: string, role: string): State {
  const groups = new Map(state.get("Group"));
  const entity = groups.get(group);
  if (!entity) throw new Error(`no group ${group}`);
  const roles = [...((entity.attributes.roles as readonly string[]) ?? []), role];
  groups.set(group, { ...entity, attributes: { ...entity.attributes, roles } });
  return new Map([...state, ["Group", groups]]);
}

describe.each<[string, Rule]>([
  ["time-limit", { rule: "time-limit", with: { permissions: [{ resource: "Audit log" }, { resource: "Role" }] } }],
  ["reason-required", { rule: "reason-required" }],
  ["cel", { rule: "cel", with: { for: "group", deny: 'group.name == "Chief auditors"' } }],
])("a group whose members break %s already", (_, rule) => {
  const said = (after: State) =>
    planned(acme, [guardrail(rule)], { after })
      .filter(({ message }) => message.includes("Chief auditors"))
      .map(({ severity }) => severity);

  test("is a warning while it gives no more", () => expect(said(acme.declared)).toEqual(["warning"]));

  test("is an error once it gives more", () =>
    expect(said(withRole(acme.declared, "chief auditors", "Owner"))).toEqual(["error"]));
});

test("a role that is denied already is an error once it permits more", () => {
  const rule: Rule = { rule: "cel", with: { for: "role", deny: 'role.name == "Chief auditor"' } };
  const said = (permissions: Readonly<Record<string, string>>) => {
    const roles = new Map(acme.declared.get("Role"));
    const role = roles.get("chief auditor");
    if (role) roles.set(role.local, { ...role, attributes: { ...role.attributes, permissions } });
    const after = new Map([...acme.declared, ["Role", roles]]);
    return planned(acme, [guardrail(rule)], { after }).map(({ severity }) => severity);
  };
  expect(said({ "Audit log": "view" })).toEqual(["warning"]);
  expect(said({ "Audit log": "admin", Role: "view" })).toEqual(["error"]);
});

test("a grant that is denied already is an error at a higher level", () => {
  const rule: Rule = { rule: "cel", with: { for: "grant", deny: 'grant.resource == "Audit log"' } };
  const before = withMembership(acme.declared, "chief auditors", "eve@partner.example", false);
  const said = (after: State) => planned(acme, [guardrail(rule)], { before, after }).map(({ severity }) => severity);
  expect(said(before)).toContain("warning");
  expect(said(before)).not.toContain("error");
  expect(said(acme.declared)).toContain("error");
});
