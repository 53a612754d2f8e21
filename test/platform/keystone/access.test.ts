// The access rules against worked cases of Keystone's documentation, and against a second, naive implementation that
// asks one user, role and scope at a time. That Keystone itself computes the same is shown where one runs.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, entityAt, NO_ATTRIBUTES, type State, stateOf } from "../../../src/model/entity.ts";
import type { Grant } from "../../../src/model/grant.ts";
import { accessGroups } from "../../../src/plan/access.ts";
import { ownerEquivalent, resourcesIn, viewAccess } from "../../../src/platform/keystone/access.ts";
import { fold } from "../../../src/platform/keystone/catalogue.ts";
import { defaults } from "../../../src/platform/keystone/defaults.ts";
import { effectOf } from "../../../src/platform/keystone/effect.ts";
import { parseGrant } from "../../../src/platform/keystone/grants.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { domain, entity, membership, PROJECTS, projectEntities, stateOfDomain } from "../../support/keystone.ts";

const builtIn = [...(defaults.get("Role")?.values() ?? [])];
const all = Object.keys(PROJECTS);

/** What Ana holds, as `role | scope`, given her own grants and other entities. */
function anaHolds(grants: readonly string[], ...entities: Entity[]): string[] {
  const ana = entity("Member", "ana", { enabled: true, grants });
  return grantsOf(stateOf([...projectEntities, ...builtIn, ana, ...entities]), "ana");
}

function grantsOf(state: State, member: string): string[] {
  return viewAccess(state)
    .grantsOf(member)
    .map(({ resource, scope }) => `${resource} | ${scope}`);
}

describe("rules", () => {
  test("a role on one project brings what it implies, there and nowhere else", () => {
    expect(anaHolds(["admin on project dev"])).toEqual(["admin | dev", "member | dev", "reader | dev"]);
  });

  test("a role on all projects is none on the domain, and one on the domain is none on its projects", () => {
    expect(anaHolds(["reader on all projects"])).toEqual([...all].sort().map((project) => `reader | ${project}`));
    expect(anaHolds(["reader on the domain"])).toEqual(["reader | organization"]);
  });

  test("below a project means every project below it, at any depth, and not itself", () => {
    expect(anaHolds(["reader below project dev"])).toEqual(["reader | dev-web", "reader | dev-web-eu"]);
    expect(anaHolds(["reader below project dev-web-eu"])).toEqual([]);
  });

  test("names are told apart by case", () => {
    const groups = [
      entity("Group", "ops", { grants: ["reader on project Dev"] }),
      entity("Group", "Ops", { grants: ["member on project dev"] }),
    ];
    expect(anaHolds([], ...groups, membership("ops", "ana"))).toEqual(["reader | Dev"]);
    expect(grantsOf(stateOf([...projectEntities, ...builtIn, ...groups, membership("Ops", "ana")]), "ana")).toEqual([]);
  });

  test("roles may imply each other in a circle", () => {
    const circle = [
      entity("Role", "one", { implies: ["two"] }),
      entity("Role", "two", { implies: ["one", "three"] }),
      entity("Role", "three", { implies: [] }),
    ];
    expect(anaHolds(["one on project dev"], ...circle)).toEqual(["one | dev", "three | dev", "two | dev"]);
  });

  test("a disabled user holds nothing, neither directly nor through a group", () => {
    const off = entity("Member", "bo", { enabled: false, grants: ["reader on project dev"] });
    const group = entity("Group", "ops", { grants: ["reader on all projects"] });
    const state = stateOf([...projectEntities, ...builtIn, off, group, membership("ops", "bo")]);
    expect(viewAccess(state).members()).toEqual([]);
    expect(grantsOf(state, "bo")).toEqual([]);
  });

  test("a role that is not there gives nothing", () => {
    expect(anaHolds(["ghost on project dev"])).toEqual([]);
  });

  test("every path is told: her own first, then groups by name, by the role that was assigned", () => {
    const groups = ["b", "a"].map((name) => entity("Group", name, { grants: ["member on project dev"] }));
    const ana = entity("Member", "ana", { grants: ["admin on project dev", "reader on project dev"] });
    const state = stateOf([
      ...projectEntities,
      ...builtIn,
      ana,
      ...groups,
      membership("a", "ana"),
      membership("b", "ana"),
    ]);
    expect(viewAccess(state).grantsOf("ana").at(-1)).toEqual({
      resource: "reader",
      scope: "dev",
      level: "granted",
      via: [{ role: "admin" }, { role: "reader" }, { group: "a", role: "member" }, { group: "b", role: "member" }],
    });
  });

  test("people in the same groups share one answer", () => {
    const group = entity("Group", "ops", { grants: ["reader on all projects"] });
    const people = ["ana", "bo"].flatMap((name) => [entity("Member", name), membership("ops", name)]);
    const view = viewAccess(stateOf([...projectEntities, ...builtIn, group, ...people]));
    expect(view.grantsOf("ana")).toBe(view.grantsOf("bo"));
  });

  test("who is admin on the domain owns it, be it through a role that implies admin", () => {
    const grants = (role: string, scope: string): Grant[] => [{ resource: role, scope, level: "granted", via: [] }];
    expect(ownerEquivalent(grants("admin", "organization"))).toBe(true);
    expect(ownerEquivalent(grants("admin", "dev"))).toBe(false);
    expect(ownerEquivalent(grants("member", "organization"))).toBe(false);
    const boss = entity("Role", "boss", { implies: ["admin"] });
    const ana = entity("Member", "ana", { grants: ["boss on the domain"] });
    expect(ownerEquivalent(viewAccess(stateOf([...builtIn, boss, ana])).grantsOf("ana"))).toBe(true);
  });

  test("what can be asked about is every role of the state", () => {
    const state = stateOf([...builtIn, entity("Role", "auditor", { description: "Looks" })]);
    expect(resourcesIn(state).map(({ name, about }) => `${name}: ${about}`)).toEqual([
      "admin: ",
      "auditor: Looks",
      "member: ",
      "reader: ",
    ]);
  });
});

/** Whether a user holds a role in a scope, worked out from nothing but the words of the rules. */
function naivelyHolds(state: State, user: string, role: string, scope: string): boolean {
  const member = entityAt(state, "Member", user);
  if (!member || member.attributes.enabled === false) return false;
  const holders = [member];
  for (const group of state.get("Group")?.values() ?? [])
    if (state.get(`Membership/${group.local}`)?.has(user)) holders.push(group);
  const texts = holders.flatMap(({ attributes }) => (attributes.grants ?? []) as readonly string[]);
  return texts.map(parseGrant).some((grant) => {
    if (!brings(state, fold(grant.role), role, [])) return false;
    if ("project" in grant)
      return grant.on === "project" ? scope === grant.project : isBelow(state, scope, grant.project);
    return (scope === "organization") === (grant.on === "domain");
  });
}

function brings(state: State, from: string, to: string, seen: readonly string[]): boolean {
  const role = entityAt(state, "Role", from);
  if (!role || seen.includes(from)) return false;
  if (from === to) return true;
  const implied = (role.attributes.implies ?? []) as readonly string[];
  return implied.some((next) => brings(state, fold(next), to, [...seen, from]));
}

function isBelow(state: State, project: string, above: string): boolean {
  const parent = entityAt(state, "Project", project)?.attributes.parent;
  return typeof parent === "string" && (parent === above || isBelow(state, parent, above));
}

test("agrees with the naive rules on every user, role and scope", () => {
  fc.assert(
    fc.property(domain, (some) => {
      const state = stateOfDomain(some);
      const view = viewAccess(state);
      const held: string[] = [];
      const expected: string[] = [];
      for (const user of state.get("Member")?.keys() ?? []) {
        for (const { resource, scope } of view.grantsOf(user)) held.push(`${user} | ${resource} | ${scope}`);
        for (const role of state.get("Role")?.keys() ?? [])
          for (const scope of [...all, "organization"])
            if (naivelyHolds(state, user, role, scope)) expected.push(`${user} | ${role} | ${scope}`);
      }
      expect(held.sort()).toEqual(expected.sort());
      expect(view.members()).toEqual([...new Set(expected.map((line) => line.split(" | ")[0] ?? ""))].sort());
    }),
    { numRuns: 500 },
  );
});

test("the parts of a member's grants are what they come from: the same objects in every view, and together all of them", () => {
  fc.assert(
    fc.property(domain, (some) => {
      const state = stateOfDomain(some);
      const [view, other] = [viewAccess(state), viewAccess(new Map(state))];
      for (const member of view.members()) {
        const parts = view.partsOf(member);
        for (const [index, part] of other.partsOf(member).entries()) expect(part).toBe(parts[index]);
        const cells = parts.flat().map(({ resource, scope }) => `${resource} | ${scope}`);
        expect([...new Set(cells)].sort()).toEqual(grantsOf(state, member).sort());
      }
    }),
    { numRuns: 200 },
  );
});

test("a view of some members says of them what the view of all says, and of nobody else", () => {
  fc.assert(
    fc.property(domain, fc.subarray(["ana", "Ana", "bo", "nobody"]), (some, chosen) => {
      const state = stateOfDomain(some);
      const [all, few] = [viewAccess(state), viewAccess(state, new Set(chosen))];
      expect(few.members()).toEqual(all.members().filter((member) => chosen.includes(member)));
      for (const member of state.get("Member")?.keys() ?? [])
        expect(few.grantsOf(member)).toEqual(chosen.includes(member) ? all.grantsOf(member) : []);
      const holds = (role: string) => (grants: readonly Grant[]) => grants.some(({ resource }) => resource === role);
      for (const role of state.get("Role")?.keys() ?? [])
        for (const view of [all, few])
          expect(view.anyone(holds(role))).toBe(all.members().some((member) => holds(role)(all.grantsOf(member))));
    }),
    { numRuns: 300 },
  );
});

describe("what a change does by itself", () => {
  const dev = entity("Group", "ops", { grants: ["reader on project dev"] });
  const wide = entity("Group", "ops", { grants: ["reader on all projects"] });
  const ana = entity("Member", "ana", { enabled: true, grants: [] });
  const off = entity("Member", "ana", { enabled: false, grants: [] });
  const inOps = membership("ops", "ana");
  const around = [...projectEntities, ...builtIn];

  function effect(changed: Entity, action: "create" | "update" | "delete", before: Entity[], after: Entity[]): string {
    const view = (entities: Entity[]) => viewAccess(stateOf([...around, ...entities]));
    const { gives, takes } = effectOf({ ...changed, action }, view(before), view(after));
    return [...(gives ? ["gives"] : []), ...(takes ? ["takes"] : [])].join(" and ") || "nothing";
  }

  test.each([
    ["a group gets more", effect(dev, "update", [dev], [wide]), "gives"],
    ["a group gets less", effect(dev, "update", [wide], [dev]), "takes"],
    [
      "a group gets other projects",
      effect(dev, "update", [dev], [entity("Group", "ops", { grants: ["reader on project Dev"] })]),
      "gives and takes",
    ],
    ["a group's description", effect(dev, "update", [dev], [{ ...dev, name: "Ops" }]), "nothing"],
    ["somebody joins", effect(inOps, "create", [dev, ana], [dev, ana, inOps]), "gives"],
    ["somebody disabled joins", effect(inOps, "create", [dev, off], [dev, off, inOps]), "nothing"],
    ["somebody leaves", effect(inOps, "delete", [dev, ana, inOps], [dev, ana]), "takes"],
    ["somebody is disabled", effect(ana, "update", [dev, ana, inOps], [dev, off, inOps]), "takes"],
    ["somebody is enabled", effect(ana, "update", [dev, off, inOps], [dev, ana, inOps]), "gives"],
    [
      "a role nobody has implies more",
      effect(entity("Role", "x"), "update", [entity("Role", "x")], [entity("Role", "x", { implies: ["admin"] })]),
      "nothing",
    ],
    [
      "a role a group has implies more",
      effect(
        entity("Role", "x"),
        "update",
        [entity("Role", "x"), entity("Group", "g", { grants: ["x on the domain"] })],
        [entity("Role", "x", { implies: ["reader"] }), entity("Group", "g", { grants: ["x on the domain"] })],
      ),
      "gives",
    ],
    [
      "an application credential goes",
      effect(entity("ApplicationCredential", "backup of ana"), "delete", [ana], [ana]),
      "takes",
    ],
  ])("%s", (_what, found, expected) => expect(found).toBe(expected));

  test("all projects gives the ones to come, even where there is none today", () => {
    const bare = (group: Entity) => viewAccess(stateOf([...builtIn, group]));
    const empty = entity("Group", "ops", { grants: [] });
    const change = { ...wide, action: "update" as const };
    expect(effectOf(change, bare(empty), bare(wide))).toEqual({ gives: true, takes: false });
    expect(effectOf(change, bare(wide), bare(empty))).toEqual({ gives: false, takes: true });
  });

  test("whatever moves for anybody, some change of the step says so", () => {
    fc.assert(
      fc.property(domain, domain, (one, other) => {
        const [before, after] = [stateOfDomain(one), stateOfDomain(other)];
        const [was, is] = [viewAccess(before), viewAccess(after)];
        const moved = accessGroups(was, is, keystone, (name) => name);
        const effects = changedKeys(before, after).map((change) => effectOf(change, was, is));
        if (moved.some(({ gains }) => gains)) expect(effects.some(({ gives }) => gives)).toBe(true);
        if (moved.some(({ loses }) => loses)) expect(effects.some(({ takes }) => takes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** Every entity that is not the same before and after, as a change. */
function changedKeys(before: State, after: State) {
  const sections = new Set([...before.keys(), ...after.keys()]);
  return [...sections].flatMap((section) => {
    const [old, now] = [before.get(section), after.get(section)];
    const locals = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
    return [...locals].flatMap((local) => {
      const [was, is] = [old?.get(local), now?.get(local)];
      const text = (one: Entity | undefined) => JSON.stringify(one?.attributes ?? NO_ATTRIBUTES);
      if (was && is && text(was) === text(is)) return [];
      const action = was ? (is ? ("update" as const) : ("delete" as const)) : ("create" as const);
      const kind = section.startsWith("Membership/") ? "Membership" : section;
      return [{ action, kind, section, local }];
    });
  });
}
