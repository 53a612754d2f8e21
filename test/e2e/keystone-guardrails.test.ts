// Guardrails over a real Keystone, through the built command line: who holds roles by grants of groups, inherited, implied or
// direct, and what Keystone alone knows of people.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { keystoneHarness } from "../platform/keystone/harness.ts";
import { sharedKeystone } from "../platform/keystone/shared.ts";
import { createFolder, type Folder } from "../support/world.ts";

const RULES = "policies/guardrails/rules.yaml";

let folder: Folder;
let head: string;
let run: (...args: readonly string[]) => ReturnType<Folder["rolebook"]>;
beforeAll(async () => {
  const keystone = await sharedKeystone();
  const { domain, ids } = await keystone.seed(keystoneHarness.seed);
  folder = createFolder();
  const environment = { ACME_USERNAME: "admin", ACME_PASSWORD: keystone.server.adminPassword };
  run = (...args) => folder.rolebook(args, { environment });
  folder.write(
    "policies/rolebook.yaml",
    `kind: Settings
targets:
  - name: acme
    platform: keystone
    url: ${keystone.server.url}
    organization: ${domain.name}
    credentials: { username: ACME_USERNAME, password: ACME_PASSWORD }
    options: { userDomain: Default, project: admin, projectDomain: Default }
    environments: [dev, test, production]
`,
  );
  // Ana has a second factor, nobody else.
  const rules = [["password", "totp"]];
  const options = { multi_factor_auth_enabled: true, multi_factor_auth_rules: rules };
  await keystone.admin.call("PATCH", `/users/${ids.get("Member/ana")}`, { user: { options } });
  expect((await run("import")).code).toBe(0);
  head = folder.commit("import");
  expect((await run("apply")).code).toBe(0);
});
afterAll(() => folder?.remove());
beforeEach(() => {
  folder.git("reset", "-q", "--hard", head);
  folder.git("update-ref", "refs/rolebook/applied/acme", head);
});

const plan = async () => JSON.parse((await run("plan", "--format", "json")).stdout) as PlanOutput;
const rule = (name: string, rule: string, parameters: string) =>
  `kind: Guardrail\nname: ${name}\nrule: ${rule}\nwith:\n${parameters.replace(/^/gm, "  ")}\n`;

/** A commit with a rule and an edit: the messages that refuse it. */
async function refusals(text: string, edit: () => void): Promise<readonly string[]> {
  folder.write(RULES, text);
  folder.commit("a rule");
  const before = await plan();
  expect(before.refused, JSON.stringify(before.findings)).toBe(false);
  edit();
  folder.commit("what it forbids");
  const after = await plan();
  expect((await run("apply", "--approve", after.digest)).code).toBe(after.refused ? 1 : 0);
  return after.findings.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

const grant = (text: string) => () =>
  folder.edit(
    "policies/acme/groups/everyone.yaml",
    "  - {role: reader, project: dev}",
    `  - {role: reader, project: dev}\n  - ${text}`,
  );

describe("on Keystone", () => {
  it("separation of duties sees what a role implies", async () => {
    const text = rule(
      "Apart",
      "separation-of-duties",
      "first: [{resource: member, scopes: [dev]}]\nsecond: [{resource: auditor}]",
    );
    const found = await refusals(text, grant("{role: auditor, inherited: true}"));
    expect(found).toEqual([expect.stringMatching(/^Apart: bo holds member .*Builders.* auditor .*Everyone/)]);
  });

  it("holder count counts those who are let in by an inherited grant", async () => {
    const text = rule("Few", "holder-count", "permissions: [{resource: member, scopes: [production]}]\nmost: 1");
    const found = await refusals(text, grant("{role: member, inherited: true}"));
    expect(found).toEqual([expect.stringMatching(/^Few: 2 people hold .*/)]);
  });

  it("never directly means past every group", async () => {
    const text = rule("By groups", "permission-holders", "permissions: [{resource: member}]\nthrough: any-group");
    const found = await refusals(text, () => {
      const file = "policies/acme/members/members.yaml";
      folder.write(
        file,
        folder.read(file).replace(/(name: bo\n(?:.+\n)*?)grants: \[\]/, "$1grants:\n  - {role: member, project: test}"),
      );
    });
    expect(found).toEqual([expect.stringMatching(/^By groups: bo holds member .*in test/)]);
  });

  it("a second factor is what Keystone says of the user", async () => {
    const text = rule("Two factors", "multi-factor", "permissions: [{resource: auditor}]");
    const found = await refusals(text, () => {
      folder.write(
        "policies/acme/audit.yaml",
        "kind: Group\nname: Auditors\ngrants:\n  - {role: auditor, domain: true}\n---\nkind: Membership\ngroup: Auditors\nmembers: [ana, bo]\n",
      );
    });
    expect(found).toEqual([expect.stringMatching(/^Two factors: bo holds auditor .* has no second factor/)]);
  });

  it("an expression over grants sees scope, role and path", async () => {
    const deny = `'grant.resource == "member" && grant.scope == "production" && !grant.direct && "Everyone" in grant.groups'`;
    const found = await refusals(
      rule("Not there", "cel", `for: grant\ndeny: ${deny}`),
      grant("{role: member, project: production}"),
    );
    expect(found).toEqual([expect.stringContaining("bo"), expect.stringContaining("leaver")].slice(0, found.length));
    expect(found.length).toBeGreaterThan(0);
  });
});
