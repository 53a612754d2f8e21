// The four layers of Atomyx against a truth table that is gone through line by line, and against a second, naive implementation
// that asks one person, one thing and one workspace at a time.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, entityAt, type State, stateOf } from "../../../src/model/entity.ts";
import type { Grant } from "../../../src/model/grant.ts";
import { accessGroups, applySteps } from "../../../src/plan/access.ts";
import { diffStates } from "../../../src/plan/diff.ts";
import { ownerEquivalent, ownerScopes, resourcesIn, viewAccess } from "../../../src/platform/atomyx/access.ts";
import { fold, workspaceRoles } from "../../../src/platform/atomyx/catalogue.ts";
import { effectOf } from "../../../src/platform/atomyx/effect.ts";
import { layers } from "../../../src/platform/atomyx/layers.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { account, adminOf, entity, membership, openAccount, PEOPLE, stateOfAccount } from "../../support/account.ts";
import { planFor } from "../../support/plan.ts";

const ANA = "ana@acme.example";
const BO = "bo@acme.example";

function grantsOf(state: State, member = ANA): string[] {
  return viewAccess(state)
    .grantsOf(member)
    .map(({ resource, scope }) => `${resource} | ${scope}`);
}

/** Every combination of some truths. */
function* tableOf<Name extends string>(names: readonly Name[]): Iterable<Readonly<Record<Name, boolean>>> {
  for (let line = 0; line < 2 ** names.length; line += 1)
    yield Object.fromEntries(names.map((name, bit) => [name, ((line >> bit) & 1) === 1])) as Record<Name, boolean>;
}

const LINES = [
  "account",
  "inWorkspace",
  "inOther",
  "inGroup",
  "groupGives",
  "direct",
  "there",
  "active",
  "subscribed",
  "roleThere",
  "includes",
] as const;
type Line = Readonly<Record<(typeof LINES)[number], boolean>>;

/** Ana and one role, Editor, as a line of the table says; Viewer is what she asks for: Editor includes it or does not. */
function stateOfLine(line: Line): State {
  const given = ["acme-prod/manage/Editor"];
  const homes = [...(line.inOther ? ["Member of acme-dev"] : []), ...(line.inWorkspace ? ["Member of acme-prod"] : [])];
  const entities: (Entity | false)[] = [
    entity("Workspace", "acme-dev"),
    entity("Workspace", "acme-prod"),
    line.there && entity("Product", "acme-prod/manage", { active: line.active, subscribed: line.subscribed }),
    entity("Role", "acme-prod/manage/Viewer", { implies: [] }),
    line.roleThere &&
      entity("Role", "acme-prod/manage/Editor", { implies: line.includes ? ["acme-prod/manage/Viewer"] : [] }),
    entity("Group", "acme-prod/Editors", { roles: line.groupGives ? given : [] }),
    line.account && entity("Member", ANA, { workspaces: homes, roles: line.direct ? given : [] }),
    line.inGroup && membership("acme-prod/Editors", ANA),
  ];
  return stateOf(entities.filter((one): one is Entity => one !== false));
}

/** All four layers, or nothing. */
function opens(line: Line): boolean {
  const product = line.there && line.active && line.subscribed;
  const assigned = (line.inGroup && line.groupGives) || line.direct;
  return line.account && line.inWorkspace && product && assigned && line.roleThere;
}

test(`the truth table of the four layers, all ${2 ** LINES.length} lines of it`, () => {
  let opened = 0;
  for (const line of tableOf(LINES)) {
    const state = stateOfLine(line);
    const expected = [
      ...(line.account && line.inOther ? ["Workspace membership | acme-dev"] : []),
      ...(line.account && line.inWorkspace ? ["Workspace membership | acme-prod"] : []),
      ...(opens(line) ? ["manage/Editor | acme-prod"] : []),
      ...(opens(line) && line.includes ? ["manage/Viewer | acme-prod"] : []),
    ];
    expect(grantsOf(state), JSON.stringify(line)).toEqual(expected);
    if (opens(line)) opened += 1;
    for (const [resource, holds] of [
      ["manage/Editor", opens(line)],
      ["manage/Viewer", opens(line) && line.includes],
    ] as const) {
      const told = layers(state, { member: ANA, resource, scope: "acme-prod" });
      expect(told.map(({ name }) => name)).toEqual([
        "account",
        "workspace membership",
        "product access",
        "product role",
      ]);
      expect(
        told.every((layer) => layer.holds),
        JSON.stringify(line),
      ).toBe(holds);
      expect(told[0]?.holds).toBe(line.account);
      expect(told[1]?.holds).toBe(line.account && line.inWorkspace);
      for (const layer of told) expect(layer.holds || layer.hint !== undefined).toBe(true);
    }
  }
  expect(opened).toBe(20);
});

test("which workspace role controls what, cell by cell", () => {
  const expected = {
    Owner: [
      "Workspace settings",
      "User management",
      "Group management",
      "Product administration",
      "Subscription and billing",
    ],
    Admin: ["Workspace settings", "User management", "Group management", "Product administration"],
    Member: [],
    Billing: ["Subscription and billing"],
  };
  expect(Object.keys(workspaceRoles)).toEqual(Object.keys(expected));
  for (const [role, controls] of Object.entries(expected)) {
    const state = stateOf([
      entity("Workspace", "acme-prod"),
      entity("Workspace", "acme-dev"),
      entity("Member", ANA, { workspaces: [`${role} of acme-prod`] }),
    ]);
    const cells = ["Workspace membership", ...controls].sort().map((resource) => `${resource} | acme-prod`);
    expect(grantsOf(state), role).toEqual(cells);
    for (const { name } of resourcesIn(state))
      for (const scope of ["acme-prod", "acme-dev"]) {
        const told = layers(state, { member: ANA, resource: name, scope });
        expect(
          told.every(({ holds }) => holds),
          `${role} ${name} ${scope}`,
        ).toBe(cells.includes(`${name} | ${scope}`));
      }
  }
});

/** Whether somebody holds something, worked out from nothing but the words of the rules. */
function naivelyHolds(state: State, member: string, resource: string, workspace: string): boolean {
  const person = entityAt(state, "Member", member);
  const texts = (person?.attributes.workspaces ?? []) as readonly string[];
  const roles = ["Owner", "Admin", "Member", "Billing"].filter((role) => texts.includes(`${role} of ${workspace}`));
  if (!person || !entityAt(state, "Workspace", workspace) || roles.length === 0) return false;
  if (!resource.includes("/"))
    return resource === "Workspace membership" || roles.some((role) => workspaceRoles[role]?.includes(resource));
  const product = entityAt(state, "Product", `${workspace}/${resource.slice(0, resource.indexOf("/"))}`);
  if (product?.attributes.active !== true || product.attributes.subscribed !== true) return false;
  const assigned = [...((person.attributes.roles ?? []) as readonly string[])];
  for (const [section, members] of state) {
    const group = section.startsWith(`Membership/${workspace}/`) && entityAt(state, "Group", section.slice(11));
    if (group && members.has(member)) assigned.push(...((group.attributes.roles ?? []) as readonly string[]));
  }
  return assigned.some((role) => includes(state, fold(role), fold(`${workspace}/${resource}`), []));
}

function includes(state: State, from: string, to: string, seen: readonly string[]): boolean {
  const role = entityAt(state, "Role", from);
  if (!role || seen.includes(from) || !entityAt(state, "Role", to)) return false;
  const product = from.split("/").slice(0, 2).join("/");
  if (from === to || (from === `${product}/admin` && to.startsWith(`${product}/`))) return true;
  return ((role.attributes.implies ?? []) as readonly string[]).some((next) =>
    includes(state, fold(next), to, [...seen, from]),
  );
}

/** Every cell that somebody could hold: person, thing, workspace. */
function* cellsOf(state: State): Iterable<readonly [member: string, resource: string, scope: string]> {
  for (const member of [...PEOPLE, "nobody@acme.example"])
    for (const { name } of resourcesIn(state))
      for (const { name: scope } of state.get("Workspace")?.values() ?? []) yield [member, name, scope];
}

test("agrees with the naive rules on every person, thing and workspace, and so do the layers", () => {
  fc.assert(
    fc.property(account, (some) => {
      const state = stateOfAccount(some);
      const view = viewAccess(state);
      const held = PEOPLE.flatMap((member) =>
        view.grantsOf(member).map(({ resource, scope }) => `${member} | ${resource} | ${scope}`),
      );
      const expected: string[] = [];
      for (const [member, resource, scope] of cellsOf(state)) {
        const holds = naivelyHolds(state, member, resource, scope);
        if (holds) expected.push(`${member} | ${resource} | ${scope}`);
        expect(layers(state, { member, resource, scope }).every((layer) => layer.holds)).toBe(holds);
      }
      expect(held.sort()).toEqual(expected.sort());
      expect(view.members()).toEqual([...new Set(expected.map((line) => line.split(" | ")[0] ?? ""))].sort());
    }),
    { numRuns: 300 },
  );
});

test("a path is the group and the role that it was given by, or the role alone", () => {
  const state = stateOf([
    entity("Workspace", "acme-prod"),
    entity("Product", "acme-prod/manage"),
    adminOf("acme-prod/manage"),
    entity("Role", "acme-prod/manage/Viewer"),
    entity("Group", "acme-prod/Everyone", { roles: ["acme-prod/manage/Viewer"] }),
    entity("Member", ANA, { workspaces: ["Admin of acme-prod"], roles: ["acme-prod/manage/Admin"] }),
    membership("acme-prod/Everyone", ANA),
  ]);
  const paths = viewAccess(state)
    .grantsOf(ANA)
    .map(({ resource, via }) => [resource, via]);
  expect(Object.fromEntries(paths)).toMatchObject({
    "User management": [{ role: "Admin of acme-prod" }],
    "manage/Admin": [{ role: "acme-prod/manage/Admin" }],
    "manage/Viewer": [
      { role: "acme-prod/manage/Admin" },
      { group: "acme-prod/Everyone", role: "acme-prod/manage/Viewer" },
    ],
  });
});

test("who may manage users or groups anywhere owns that workspace, and no other", () => {
  const state = stateOf([
    entity("Workspace", "acme-dev"),
    entity("Workspace", "acme-prod"),
    entity("Product", "acme-prod/manage"),
    adminOf("acme-prod/manage"),
    entity("Member", ANA, { workspaces: ["Admin of acme-dev", "Member of acme-prod"] }),
    entity("Member", BO, {
      workspaces: ["Billing of acme-dev", "Member of acme-prod"],
      roles: ["acme-prod/manage/Admin"],
    }),
  ]);
  const view = viewAccess(state);
  expect(ownerEquivalent(view.grantsOf(ANA))).toBe(true);
  expect(ownerScopes(view.grantsOf(ANA))).toEqual(["acme-dev"]);
  // A product's Admin is no workspace's, and money is no access.
  expect(ownerEquivalent(view.grantsOf(BO))).toBe(false);
  expect(ownerScopes(view.grantsOf(BO))).toEqual([]);
});

test("the parts of a member's grants are what they come from: the same objects in every view, and together all of them", () => {
  fc.assert(
    fc.property(account, (some) => {
      const state = stateOfAccount(some);
      const [view, other] = [viewAccess(state), viewAccess(new Map(state))];
      const sets = new Map<string, unknown>();
      for (const member of view.members()) {
        const parts = view.partsOf(member);
        for (const [index, part] of other.partsOf(member).entries()) expect(part).toBe(parts[index]);
        const cells = parts.flat().map(({ resource, scope }) => `${resource} | ${scope}`);
        expect([...new Set(cells)].sort()).toEqual(grantsOf(state, member).sort());
        // Who is assigned the same and is in the same groups shares one answer.
        const { workspaces, roles } = entityAt(state, "Member", member)?.attributes ?? {};
        const text = JSON.stringify([workspaces, roles, parts]);
        expect(sets.get(text) ?? parts).toBe(parts);
        sets.set(text, parts);
      }
      const { members, lists, held, ends } = view.holdings?.() ?? { members: [], lists: [], held: [], ends: [] };
      for (const [index, member] of members.entries()) {
        const own = [...held.slice(index === 0 ? 0 : ends[index - 1], ends[index])].map((number) => lists[number]);
        expect(new Set(own)).toEqual(new Set(view.partsOf(member)));
      }
    }),
    { numRuns: 200 },
  );
});

test("a view of some members says of them what the view of all says, and of nobody else", () => {
  fc.assert(
    fc.property(account, fc.subarray([...PEOPLE, "nobody@acme.example"]), (some, chosen) => {
      const state = stateOfAccount(some);
      const [all, few] = [viewAccess(state), viewAccess(state, new Set(chosen))];
      expect(few.members()).toEqual(all.members().filter((member) => chosen.includes(member)));
      for (const member of state.get("Member")?.keys() ?? [])
        expect(few.grantsOf(member)).toEqual(chosen.includes(member) ? all.grantsOf(member) : []);
      for (const { name } of resourcesIn(state)) {
        const holds = (grants: readonly Grant[]) => grants.some(({ resource }) => resource === name);
        for (const view of [all, few])
          expect(view.anyone(holds)).toBe(all.members().some((member) => holds(all.grantsOf(member))));
      }
    }),
    { numRuns: 200 },
  );
});

describe("what a change does by itself", () => {
  const around = [
    entity("Workspace", "acme-prod", { purpose: "production" }),
    entity("Product", "acme-prod/manage", { active: true, subscribed: true }),
    adminOf("acme-prod/manage"),
    entity("Role", "acme-prod/manage/Viewer", { implies: [] }),
    entity("Role", "acme-prod/manage/Editor", { implies: [] }),
  ];
  const group = (...roles: string[]) =>
    entity("Group", "acme-prod/Team", { roles: roles.map((role) => `acme-prod/manage/${role}`) });
  const ana = (workspaces: string[], ...roles: string[]) =>
    entity("Member", ANA, { workspaces, roles: roles.map((role) => `acme-prod/manage/${role}`) });
  const inside = ana(["Member of acme-prod"]);
  const outside = ana([]);
  const joins = membership("acme-prod/Team", ANA);
  const off = entity("Product", "acme-prod/manage", { active: false, subscribed: true });
  const auditor = entity("Role", "acme-prod/manage/Auditor", { implies: [] });
  const ledger = (callback: string) => entity("Integration", "acme-prod/Ledger", { callback });

  function effect(changed: Entity, action: "create" | "update" | "delete", before: Entity[], after: Entity[]): string {
    const view = (entities: Entity[]) => viewAccess(stateOf([...around, ...entities]));
    const { gives, takes } = effectOf({ ...changed, action }, view(before), view(after));
    return [...(gives ? ["gives"] : []), ...(takes ? ["takes"] : [])].join(" and ") || "nothing";
  }

  test.each([
    ["a group gets a role", effect(group(), "update", [group()], [group("Viewer")]), "gives"],
    ["a group swaps roles", effect(group(), "update", [group("Editor")], [group("Viewer")]), "gives and takes"],
    ["somebody joins", effect(joins, "create", [group("Viewer"), inside], [group("Viewer"), inside, joins]), "gives"],
    [
      "somebody outside the workspace joins",
      effect(joins, "create", [group("Viewer"), outside], [group("Viewer"), outside, joins]),
      "nothing",
    ],
    ["somebody leaves", effect(joins, "delete", [group("Viewer"), inside, joins], [group("Viewer"), inside]), "takes"],
    [
      "somebody comes into the workspace of a group they were in",
      effect(inside, "update", [group("Viewer"), outside, joins], [group("Viewer"), inside, joins]),
      "gives",
    ],
    ["a Member becomes an Owner", effect(inside, "update", [inside], [ana(["Owner of acme-prod"])]), "gives"],
    ["a Member becomes Billing", effect(inside, "update", [inside], [ana(["Billing of acme-prod"])]), "gives"],
    [
      "Billing becomes Admin",
      effect(inside, "update", [ana(["Billing of acme-prod"])], [ana(["Admin of acme-prod"])]),
      "gives and takes",
    ],
    [
      "a role is assigned directly",
      effect(inside, "update", [inside], [ana(["Member of acme-prod"], "Viewer")]),
      "gives",
    ],
    ["a product is switched off", effect(off, "update", [group("Viewer")], [group("Viewer"), off]), "takes"],
    ["a product is switched on", effect(off, "update", [group("Viewer"), off], [group("Viewer")]), "gives"],
    ["a product nobody uses is switched on", effect(off, "update", [group(), off], [group()]), "nothing"],
    ["a role nobody has is made", effect(auditor, "create", [group("Viewer")], [group("Viewer"), auditor]), "nothing"],
    [
      "a role is made where somebody is Admin",
      effect(auditor, "create", [group("Admin")], [group("Admin"), auditor]),
      "gives",
    ],
    ["a workspace's purpose", effect(entity("Workspace", "acme-prod"), "update", [inside], [inside]), "nothing"],
    ["an integration is connected", effect(ledger("https://a"), "create", [], [ledger("https://a")]), "gives"],
    [
      "an integration is called elsewhere",
      effect(ledger("https://b"), "update", [ledger("https://a")], [ledger("https://b")]),
      "gives and takes",
    ],
    ["an integration goes", effect(ledger("https://a"), "delete", [ledger("https://a")], []), "takes"],
    ["a key is revoked", effect(entity("ApiKey", "acme-prod/Shop"), "delete", [], []), "takes"],
    ["a key gets another owner", effect(entity("ApiKey", "acme-prod/Shop"), "update", [], []), "nothing"],
  ])("%s", (_what, found, expected) => expect(found).toBe(expected));

  test("whatever moves for anybody, some change of the plan says so", () => {
    fc.assert(
      fc.property(account, account, (one, other) => {
        const [live, want] = [stateOfAccount(one), stateOfAccount(other)];
        const { plan } = planFor({ base: live, want, live }, { platform: atomyx, target: openAccount() });
        const after = applySteps(
          live,
          diffStates(live, want, live, {
            platform: atomyx,
            drift: "report",
            overwrite: new Set(),
            ended: new Set(),
            exclusive: true,
          }).steps,
        );
        // The plan looks at those it takes for concerned; here everyone is looked at.
        const moved = accessGroups(viewAccess(live), viewAccess(after), atomyx, (member) => member);
        expect(plan.access).toEqual(moved);
        if (moved.some(({ gains }) => gains))
          expect(plan.changes.some(({ effect }) => effect === "escalates" || effect === "mixed")).toBe(true);
        if (moved.some(({ loses }) => loses))
          expect(plan.changes.some(({ effect }) => effect === "reduces" || effect === "mixed")).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
