// Every rule that the vendor's page on security, access and governance states, as a test of its own, in our words. What a
// guardrail has to judge is tested with the guardrails; here is what it judges by.
import { describe, expect, test } from "vitest";
import { type Entity, type State, stateOf } from "../../../src/model/entity.ts";
import { viewAccess } from "../../../src/platform/atomyx/access.ts";
import { layers } from "../../../src/platform/atomyx/layers.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { parseFile } from "../../../src/policy/parse.ts";
import { checkPolicies } from "../../../src/policy/rules.ts";
import { adminOf, entity, membership, openAccount } from "../../support/account.ts";

const ANA = "ana@acme.example";
const DEV = entity("Workspace", "acme-dev", { purpose: "development" });
const PROD = entity("Workspace", "acme-prod", { purpose: "production" });
const MANAGE = entity("Product", "acme-prod/manage", { active: true, subscribed: true });
const VIEWER = entity("Role", "acme-prod/manage/Viewer", { implies: [] });
const EDITOR = entity("Role", "acme-prod/manage/Editor", { implies: ["acme-prod/manage/Viewer"] });
const EDITORS = entity("Group", "acme-prod/Editors", { roles: ["acme-prod/manage/Editor"] });
const JOINED = membership("acme-prod/Editors", ANA);
const WHOLE = [DEV, PROD, MANAGE, adminOf("acme-prod/manage"), VIEWER, EDITOR, EDITORS, JOINED];

const ana = (workspaces: readonly string[], roles: readonly string[] = []) =>
  entity("Member", ANA, { workspaces, roles });

function held(state: State): string[] {
  return viewAccess(state)
    .grantsOf(ANA)
    .map(({ resource, scope }) => `${resource} | ${scope}`);
}

/** What Ana holds with some of the whole left out or put in another's place. */
function heldWith(entities: readonly Entity[], without: readonly Entity[] = []): string[] {
  return held(stateOf([...WHOLE.filter((one) => !without.includes(one)), ...entities]));
}

const SETTING_UP = `kind: Workspace
name: acme-dev
purpose: development
---
kind: Workspace
name: acme-prod
purpose: production
setUpOwner: ana@acme.example
billingOwner: ana@acme.example
integrationOwner: ana@acme.example
operationsOwner: ana@acme.example
reviewed: 2026-06-01
---
kind: Product
name: acme-prod/manage
active: true
subscribed: true
---
kind: Role
name: acme-prod/manage/Viewer
---
kind: Group
name: acme-prod/Viewers
roles: [acme-prod/manage/Viewer]
reviewed: 2026-06-01
---
kind: Member
email: ana@acme.example
workspaces:
  - {workspace: acme-prod, role: Owner}
---
kind: Membership
group: acme-prod/Viewers
members: [ana@acme.example]
`;

function checked(more = "", from = SETTING_UP) {
  const file = parseFile("a.yaml", new TextEncoder().encode(`${from}${more === "" ? "" : `---\n${more}`}`), "atomyx");
  const now = new Date("2026-06-15T12:00:00Z");
  return checkPolicies({ target: openAccount({ environments: [] }), files: [file], now }, atomyx);
}

const codes = (more = "", from = SETTING_UP) => checked(more, from).findings.map(({ code }) => code);

test("an account that is set up as it should be is met with silence", () => expect(codes()).toEqual([]));

describe("identity", () => {
  test("one account may be in several workspaces, with a role of its own in each", () => {
    expect(heldWith([ana(["Admin of acme-dev", "Billing of acme-prod"])])).toEqual(
      expect.arrayContaining(["User management | acme-dev", "Subscription and billing | acme-prod"]),
    );
    expect(heldWith([ana(["Admin of acme-dev", "Billing of acme-prod"])])).not.toContain("User management | acme-prod");
  });

  test("whoever has no account has nothing, whatever names them", () => {
    expect(heldWith([])).toEqual([]);
    expect(layers(stateOf(WHOLE), { member: ANA, resource: "manage/Editor", scope: "acme-prod" })[0]?.holds).toBe(
      false,
    );
  });

  test("shared or individual, it is one account that access is told of: two addresses are two people", () => {
    const [one, two] = [ana(["Owner of acme-prod"]), entity("Member", "bo@acme.example", { workspaces: [] })];
    const view = viewAccess(stateOf([...WHOLE, one, two]));
    expect(view.grantsOf("bo@acme.example")).toEqual([]);
  });

  test("a second factor is something that the platform reports, and no file declares", () => {
    expect(atomyx.reports).toContain("multiFactor");
    expect(
      codes("", SETTING_UP.replace("email: ana@acme.example\n", "email: ana@acme.example\ntwoFactor: true\n")),
    ).toContain("unknown-key");
  });
});

describe("isolation of workspaces", () => {
  test("users: an Owner of one workspace is nobody in another", () => {
    const scopes = new Set(heldWith([ana(["Owner of acme-dev"])]).map((cell) => cell.split(" | ")[1]));
    expect([...scopes]).toEqual(["acme-dev"]);
  });

  test("products: a role of one workspace's product opens nothing in another", () => {
    const other = entity("Product", "acme-dev/manage", { active: true, subscribed: true });
    const cells = heldWith([other, ana(["Member of acme-dev", "Member of acme-prod"])]);
    expect(cells.filter((cell) => cell.includes("/"))).toEqual([
      "manage/Editor | acme-prod",
      "manage/Viewer | acme-prod",
    ]);
  });

  test("groups: one that names a role of another workspace is an error, and gives nothing", () => {
    const foreign = entity("Group", "acme-dev/Editors", { roles: ["acme-prod/manage/Editor"] });
    const cells = heldWith(
      [foreign, membership("acme-dev/Editors", ANA), ana(["Member of acme-dev", "Member of acme-prod"])],
      [JOINED],
    );
    expect(cells).toEqual(["Workspace membership | acme-dev", "Workspace membership | acme-prod"]);
    expect(codes("kind: Group\nname: acme-dev/Viewers\nroles: [acme-prod/manage/Viewer]\n")).toContain(
      "cross-workspace-reference",
    );
  });

  test("integrations and keys: they name products of their own workspace alone", () => {
    const foreign = "product: acme-prod/manage\n";
    for (const [kind, more] of [
      ["Integration", "callback: https://ledger.acme.example/atomyx\n"],
      ["ApiKey", ""],
    ])
      expect(codes(`kind: ${kind}\nname: acme-dev/One\n${foreign}${more}`)).toEqual(["cross-workspace-reference"]);
  });

  test("a rename never moves anything out of its workspace", () => {
    const moved = SETTING_UP.replace(
      "name: acme-prod/Viewers\n",
      "name: acme-prod/Viewers\npreviously: acme-dev/Viewers\n",
    );
    expect(codes("", moved)).toContain("cross-workspace-reference");
  });
});

describe("layered access", () => {
  const inside = ana(["Member of acme-prod"]);
  const opened = "manage/Editor | acme-prod";

  test("all four layers together open it", () => expect(heldWith([inside])).toContain(opened));

  test.each([
    ["account", heldWith([]), undefined],
    ["workspace membership", heldWith([ana(["Member of acme-dev"])]), [...WHOLE, ana(["Member of acme-dev"])]],
    ["product access", heldWith([inside], [JOINED]), [...WHOLE.filter((one) => one !== JOINED), inside]],
    [
      "product role",
      heldWith([inside, entity("Group", "acme-prod/Editors", { roles: ["acme-prod/manage/Viewer"] })]),
      [...WHOLE, inside, entity("Group", "acme-prod/Editors", { roles: ["acme-prod/manage/Viewer"] })],
    ],
  ] as const)("without the %s nothing opens, and that layer is named", (layer, cells, entities) => {
    expect(cells).not.toContain(opened);
    const told = layers(stateOf(entities ?? WHOLE), { member: ANA, resource: "manage/Editor", scope: "acme-prod" });
    expect(told.find(({ holds }) => !holds)?.name).toBe(layer);
  });

  test("being added to a workspace opens none of its products", () => {
    for (const role of ["Owner", "Admin", "Member", "Billing"]) {
      const cells = heldWith([ana([`${role} of acme-prod`])], [JOINED]);
      expect(cells).toContain("Workspace membership | acme-prod");
      expect(cells.filter((cell) => cell.includes("/"))).toEqual([]);
    }
  });

  test("access follows the subscription: without one in force nothing opens, whoever is assigned", () => {
    const unsubscribed = entity("Product", "acme-prod/manage", { active: true, subscribed: false });
    expect(heldWith([inside, unsubscribed])).toEqual(["Workspace membership | acme-prod"]);
    expect(codes("", SETTING_UP.replace("subscribed: true", "subscribed: false"))).toEqual(["inactive-product"]);
  });

  test("nor does a product open that is not active", () => {
    const inactive = entity("Product", "acme-prod/manage", { active: false, subscribed: true });
    expect(heldWith([inside, inactive])).toEqual(["Workspace membership | acme-prod"]);
    expect(codes("", SETTING_UP.replace("active: true", "active: false"))).toEqual(["inactive-product"]);
  });
});

describe("roles at two levels", () => {
  test("workspace roles control settings, users, groups, products and billing, and nothing else", () => {
    const controlled = new Set(
      ["Owner", "Admin", "Member", "Billing"].flatMap((role) => heldWith([ana([`${role} of acme-dev`])])),
    );
    expect([...controlled].sort()).toEqual(
      [
        "Group management",
        "Product administration",
        "Subscription and billing",
        "User management",
        "Workspace membership",
        "Workspace settings",
      ].map((resource) => `${resource} | acme-dev`),
    );
  });

  test("products define levels of their own: a higher one includes the lower, and Admin includes all", () => {
    const [editor, admin] = ["Editor", "Admin"].map((role) =>
      heldWith([ana(["Member of acme-prod"], [`acme-prod/manage/${role}`])], [JOINED]).filter((cell) =>
        cell.includes("/"),
      ),
    );
    expect(editor).toEqual(["manage/Editor | acme-prod", "manage/Viewer | acme-prod"]);
    expect(admin).toEqual(["manage/Admin | acme-prod", "manage/Editor | acme-prod", "manage/Viewer | acme-prod"]);
  });

  test("the two are independent: a mere Member may be a product's Admin, and an Owner may have no product", () => {
    const member = heldWith([ana(["Member of acme-prod"], ["acme-prod/manage/Admin"])], [JOINED]);
    expect(member).toContain("manage/Admin | acme-prod");
    expect(member).not.toContain("Product administration | acme-prod");
    const owner = heldWith([ana(["Owner of acme-prod"])], [JOINED]);
    expect(owner).toContain("Product administration | acme-prod");
    expect(owner.some((cell) => cell.includes("/"))).toBe(false);
  });

  test("what the vendor's own staff is cannot be declared, and is flagged where it is seen", () => {
    const text = SETTING_UP.replace("role: Owner", "role: Super Admin");
    expect(codes("", text)).toContain("invalid-value");
    const seen = stateOf([...WHOLE, ana(["Super Admin of acme-prod"])]);
    expect(held(seen)).toEqual([]);
    const named = stateOf([entity("Role", "acme-prod/manage/super admin"), entity("Group", "eu/Super Admin")]);
    const told = atomyx.checkLive?.(named, stateOf([])) ?? [];
    expect(told.map(({ code, severity }) => [code, severity])).toEqual([["super-admin", "warning"]]);
    expect(told[0]?.message).toContain("group eu/Super Admin, role acme-prod/manage/super admin");
  });
});

describe("groups", () => {
  test("people are put together by what they do, and one change of a group moves them all", () => {
    const people = ["ana", "bo", "chen"].map((name) => `${name}@acme.example`);
    const members = people.flatMap((email) => [
      entity("Member", email, { workspaces: ["Member of acme-prod"], roles: [] }),
      membership("acme-prod/Editors", email),
    ]);
    const view = viewAccess(stateOf([...WHOLE, ...members]));
    for (const email of people) expect(view.partsOf(email)).toBe(view.partsOf(people[0] ?? ""));
    expect(view.members()).toEqual(people);
  });

  test("assigning products to people one by one is allowed and advised against", () => {
    const direct = SETTING_UP.replace("role: Owner}\n", "role: Owner}\nroles: [acme-prod/manage/Viewer]\n");
    expect(codes("", direct)).toEqual(["direct-assignment"]);
    const live = stateOf([...WHOLE, ana(["Member of acme-prod"], ["acme-prod/manage/Viewer"])]);
    expect(atomyx.checkLive?.(live, stateOf([])).map(({ code }) => code)).toEqual(["direct-assignment"]);
    expect(atomyx.checkLive?.(live, live)).toEqual([]);
  });
});

describe("API keys", () => {
  const key = (lines: string) => `kind: ApiKey\nname: acme-prod/Shop\nproduct: acme-prod/manage\n${lines}`;

  test("each purpose has keys of its own: one that is for something else than its workspace is an error", () => {
    expect(codes(key("purpose: production\n"))).toEqual([]);
    for (const purpose of ["development", "staging"])
      expect(codes(key(`purpose: ${purpose}\n`))).toEqual(["key-purpose-mismatch"]);
  });

  test("one key has one purpose and one workspace: it cannot be declared twice", () => {
    expect(codes(`${key("purpose: production\n")}---\n${key("purpose: production\n")}`)).toEqual(["duplicate-api-key"]);
  });

  test("the key itself has no place in a file", () => {
    for (const attribute of ["secret", "key", "token", "value"])
      expect(codes(key(`${attribute}: avk_p_0\n`))).toEqual(["unknown-key"]);
  });

  test("how often it is to be replaced is written down, in days", () => {
    const { state, findings } = checked(key("rotateEvery: 90d\n"));
    expect(findings).toEqual([]);
    expect(state.get("ApiKey")?.get("acme-prod/shop")?.attributes.rotateEvery).toBe("90d");
    expect(codes(key("rotateEvery: regularly\n"))).toEqual(["invalid-span"]);
  });

  test("no plan makes one, since somebody has to receive it; taking its document away revokes it", () => {
    const declared = entity("ApiKey", "acme-prod/Shop", { purpose: "production" });
    expect(atomyx.refuses?.(undefined, declared)?.code).toBe("api-key-missing");
    expect(atomyx.refuses?.(declared, { ...declared, attributes: { purpose: "staging" } })?.code).toBe(
      "api-key-differs",
    );
    expect(atomyx.refuses?.(declared, undefined)).toBeUndefined();
  });
});

describe("governance", () => {
  test("separation of environments: an integration is for what its workspace is for", () => {
    const integration = (environment: string) =>
      `kind: Integration\nname: acme-prod/Ledger\ncallback: https://ledger.acme.example/atomyx\nenvironment: ${environment}\n`;
    expect(codes(integration("production"))).toEqual([]);
    expect(codes(integration("staging"))).toEqual(["integration-environment-mismatch"]);
  });

  test("traceable ownership: who owns set-up, billing, integrations and operations is written down, by somebody who is there", () => {
    const workspace = checked().state.get("Workspace")?.get("acme-prod");
    for (const owner of ["setUpOwner", "billingOwner", "integrationOwner", "operationsOwner"]) {
      expect(workspace?.attributes[owner]).toBe(ANA);
      const stranger = SETTING_UP.replace(`${owner}: ana@`, `${owner}: zoe@`);
      expect(codes("", stranger)).toEqual(["unknown-member"]);
    }
  });

  test("regular review: workspaces and groups say when they were reviewed, on a day that there is", () => {
    expect(checked().state.get("Group")?.get("acme-prod/viewers")?.attributes.reviewed).toBe("2026-06-01");
    expect(codes("", SETTING_UP.replaceAll("2026-06-01", "2026-02-30"))).toEqual(["invalid-date", "invalid-date"]);
  });

  test("controlled integrations: where they call back is https, and holds no credentials", () => {
    const integration = (callback: string) => `kind: Integration\nname: acme-prod/Ledger\ncallback: ${callback}\n`;
    expect(codes(integration("https://ledger.acme.example/atomyx"))).toEqual([]);
    for (const callback of ["http://ledger.acme.example/", "https://a:b@ledger.acme.example/", "ledger"])
      expect(codes(integration(callback))).toEqual(["insecure-callback"]);
  });

  test("least privilege: what adds nothing is told", () => {
    const twice = "    - {workspace: acme-prod, role: Owner}".slice(2);
    const both = SETTING_UP.replace(`${twice}\n`, `${twice}\n  - {workspace: acme-prod, role: Member}\n`);
    expect(codes("", both)).toEqual(["redundant-workspace-role"]);
    const wider = "kind: Role\nname: acme-prod/manage/Editor\nimplies: [acme-prod/manage/Viewer]\n";
    const gives = SETTING_UP.replace("[acme-prod/manage/Viewer]", "[acme-prod/manage/Viewer, acme-prod/manage/Editor]");
    expect(codes(wider, gives)).toEqual(["redundant-role"]);
  });
});
