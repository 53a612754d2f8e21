// The access rules against the vendor's worked examples, and against a second, naive implementation of the same
// rules that asks the question one member, resource and scope at a time.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EMPTY_SECTION,
  type Entity,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../../src/model/entity.ts";
import type { Grant } from "../../../src/model/grant.ts";
import { ownerEquivalent, viewAccess } from "../../../src/platform/atomic/access.ts";
import { resources } from "../../../src/platform/atomic/catalogue.ts";
import { defaults } from "../../../src/platform/atomic/defaults.ts";
import { fold } from "../../../src/platform/atomic/ladder.ts";
import { ENVIRONMENTS, organization, stateOfOrganization } from "../../support/organization.ts";
import { entity, membership } from "./harness.ts";

const environments = ["dev", "test"].map((name) => entity("Environment", name));
const ana = entity("Member", "ana@acme.example");

/** What Ana holds, as `resource scope level`. */
function anaHolds(...entities: Entity[]): string[] {
  const view = viewAccess(stateOf([...environments, ana, ...entities]));
  return view.grantsOf("ana@acme.example").map(({ resource, scope, level }) => `${resource} | ${scope} | ${level}`);
}

describe("the vendor's worked examples", () => {
  test("analysts: the exporter in one environment and the audit log need two roles in two groups", () => {
    const roles = [
      entity("Role", "analytics - test", { permissions: { "Analytics exporter": "view" } }),
      entity("Role", "audit log", { permissions: { "Audit log": "view" } }),
    ];
    const groups = [
      entity("Group", "analytics - test", { roles: ["analytics - test"], environments: ["test"] }),
      entity("Group", "audit log", { roles: ["audit log"], environments: "all" }),
    ];
    const both = [membership("analytics - test", "ana@acme.example"), membership("audit log", "ana@acme.example")];
    expect(anaHolds(...roles, ...groups, ...both)).toEqual([
      "Analytics exporter | test | view",
      "Audit log | organization | view",
    ]);
  });

  test("the same in one limited group: the audit log is dead", () => {
    expect(
      anaHolds(
        entity("Role", "analysts", { permissions: { "Analytics exporter": "view", "Audit log": "view" } }),
        entity("Group", "analysts", { roles: ["analysts"], environments: ["test"] }),
        membership("analysts", "ana@acme.example"),
      ),
    ).toEqual(["Analytics exporter | test | view"]);
  });

  test("card approval: viewing card templates is enough", () => {
    expect(
      anaHolds(
        entity("Role", "Approver", { permissions: { "Card template": "view" } }),
        entity("Group", "Approvers", { roles: ["Approver"], environments: "all" }),
        membership("Approvers", "ana@acme.example"),
      ),
    ).toEqual(["Card template | dev | view", "Card template | test | view"]);
  });

  test("insights dashboard: viewing card instances and card templates", () => {
    expect(
      anaHolds(
        entity("Role", "Insights", { permissions: { "Card instance": "view", "Card template": "view" } }),
        entity("Group", "Insights", { roles: ["Insights"], environments: ["dev"] }),
        membership("Insights", "ana@acme.example"),
      ),
    ).toEqual(["Card instance | dev | view", "Card template | dev | view"]);
  });
});

describe("rules", () => {
  const cards = entity("Role", "Cards", { permissions: { "Card template": "edit" } });
  const log = entity("Role", "Log", { permissions: { "Audit log": "admin", "Request debugger": "edit" } });

  test("no environments attribute, as a platform default, is every environment", () => {
    const group = entity("Group", "Cards", { roles: ["Cards"] });
    expect(anaHolds(cards, group, membership("Cards", "ana@acme.example"))).toHaveLength(2);
  });

  test("taking the limit off a group widens it, organization included", () => {
    const limited = entity("Group", "Both", { roles: ["Cards", "Log"], environments: ["dev"] });
    const member = membership("Both", "ana@acme.example");
    expect(anaHolds(cards, log, limited, member)).toEqual(["Card template | dev | edit"]);
    const wide = { ...limited, attributes: { ...limited.attributes, environments: "all" } };
    expect(anaHolds(cards, log, wide, member)).toEqual([
      "Audit log | organization | admin",
      "Card template | dev | edit",
      "Card template | test | edit",
      "Request debugger | organization | view",
    ]);
  });

  test("groups add up, the higher level wins, and every path is told", () => {
    const view = viewAccess(
      stateOf([
        ...environments,
        ana,
        cards,
        entity("Role", "Look", { permissions: { "Card template": "view" } }),
        entity("Group", "B", { roles: ["Look", "Cards"], environments: ["dev"] }),
        entity("Group", "A", { roles: ["Look"], environments: "all" }),
        membership("A", "ana@acme.example"),
        membership("B", "ana@acme.example"),
      ]),
    );
    expect(view.grantsOf("ana@acme.example")).toEqual([
      {
        resource: "Card template",
        scope: "dev",
        level: "edit",
        via: [
          { group: "A", role: "Look", level: "view" },
          { group: "B", role: "Cards" },
          { group: "B", role: "Look", level: "view" },
        ],
      },
      { resource: "Card template", scope: "test", level: "view", via: [{ group: "A", role: "Look" }] },
    ]);
  });

  test("an invited member counts, one who is not in the state holds nothing", () => {
    const invited: Entity = { ...entity("Member", "bo@acme.example"), status: "invited" };
    const view = viewAccess(
      stateOf([
        ...environments,
        invited,
        cards,
        entity("Group", "Cards", { roles: ["cards"], environments: ["DEV"] }),
        membership("Cards", "bo@acme.example"),
        membership("Cards", "gone@acme.example"),
      ]),
    );
    expect(view.grantsOf("bo@acme.example").map(({ scope }) => scope)).toEqual(["dev"]);
    expect(view.grantsOf("gone@acme.example")).toEqual([]);
    expect(view.grantsOf("nobody@acme.example")).toEqual([]);
    expect(view.members()).toEqual(["bo@acme.example"]);
  });

  test("the default Owner can give themselves anything, the default Editor cannot", () => {
    const people = ["owner", "editor"].map((name) => entity("Member", `${name}@acme.example`));
    const entities = [...defaults.values()].flatMap((section) => [...section.values()]);
    const view = viewAccess(
      stateOf([
        ...environments,
        ...entities,
        ...people,
        membership("Owner", "owner@acme.example"),
        membership("Editor", "editor@acme.example"),
      ]),
    );
    expect(ownerEquivalent(view.grantsOf("owner@acme.example"))).toBe(true);
    expect(ownerEquivalent(view.grantsOf("editor@acme.example"))).toBe(false);
    const debuggers = view.grantsOf("owner@acme.example").filter(({ resource }) => resource === "Request debugger");
    expect(debuggers.map(({ level }) => level)).toEqual(["view"]);
  });

  test("viewing roles is not owning them", () => {
    const grant = { resource: "Role", scope: "organization", level: "view", via: [] };
    expect(ownerEquivalent([grant])).toBe(false);
    expect(ownerEquivalent([{ ...grant, level: "edit" }])).toBe(true);
  });
});

/** Whole organizations bent out of shape: levels that are not offered, people and environments that are missing, dangling names. */
const bentState: fc.Arbitrary<State> = fc
  .record({
    state: organization.map(stateOfOrganization),
    levels: fc.array(fc.constantFrom("view", "edit", "admin", "nonsense"), { minLength: 7, maxLength: 7 }),
    drop: fc.func(fc.boolean()),
  })
  .map(({ state, levels, drop }) => {
    let turn = 0;
    const kept = [...state.values()]
      .flatMap((section) => [...section.values()])
      .filter(
        (e) =>
          !(
            (e.kind === "Member" || e.kind === "Role" || e.kind === "Environment") &&
            drop(e.local) &&
            drop(e.kind, e.local)
          ),
      );
    return stateOf(
      kept.map((e) => {
        const { permissions } = e.attributes;
        if (typeof permissions !== "object" || Array.isArray(permissions)) return e;
        const bent = Object.keys(permissions).map((name) => [name, levels[turn++ % levels.length] ?? "view"]);
        return { ...e, attributes: { ...e.attributes, permissions: { ...Object.fromEntries(bent), Unheard: "edit" } } };
      }),
    );
  });

const SCALE = ["view", "edit", "admin"];

/** The rules once more, asked the slow way round. */
function naiveLevel(state: State, member: string, resource: string, scope: string): string | undefined {
  const spec = resources.find(({ name }) => name === resource);
  if (!spec || !state.get("Member")?.has(member)) return undefined;
  let best: string | undefined;
  for (const group of state.get("Group")?.values() ?? []) {
    if (!state.get(membershipSection(group.local))?.has(member)) continue;
    const limit = group.attributes.environments;
    const limited = limit !== "all" && limit !== undefined;
    if (spec.scope === "organization" ? limited || scope !== "organization" : !reaches(state, limit, scope)) continue;
    for (const name of group.attributes.roles as readonly string[]) {
      const role = state.get("Role")?.get(fold(name));
      const granted = (role?.attributes.permissions as Record<string, string> | undefined)?.[resource];
      if (granted === undefined || !SCALE.includes(granted)) continue;
      for (const level of SCALE) {
        if (!spec.levels.includes(level) || SCALE.indexOf(level) > SCALE.indexOf(granted)) continue;
        if (best === undefined || SCALE.indexOf(level) > SCALE.indexOf(best)) best = level;
      }
    }
  }
  return best;
}

function reaches(state: State, limit: unknown, scope: string): boolean {
  if (Array.isArray(limit)) return limit.includes(scope);
  return state.get("Environment")?.has(scope) ?? false;
}

describe("properties", () => {
  test("agrees with the naive rules on every member, resource and scope", () => {
    let held = 0;
    fc.assert(
      fc.property(bentState, (state) => {
        const view = viewAccess(state);
        const people = [...(state.get("Member")?.keys() ?? []), "nobody@acme.example"];
        for (const member of people) {
          const grants = new Map(
            view.grantsOf(member).map((grant) => [`${grant.resource}/${grant.scope}`, grant.level]),
          );
          for (const { name } of resources)
            for (const scope of [...ENVIRONMENTS, "organization"]) {
              const level = naiveLevel(state, member, name, scope);
              expect(grants.get(`${name}/${scope}`), `${member} ${name} ${scope}`).toBe(level);
              if (level !== undefined) grants.delete(`${name}/${scope}`);
              if (level !== undefined) held += 1;
            }
          expect([...grants.keys()]).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
    expect(held).toBeGreaterThan(300);
  });

  test("grants are sorted, each place once, paths sorted and true", () => {
    fc.assert(
      fc.property(bentState, (state) => {
        const view = viewAccess(state);
        for (const member of view.members()) {
          const grants = view.grantsOf(member);
          const places = grants.map(({ resource, scope }) => `${resource}\n${scope}`);
          expect(places).toEqual([...new Set(places)].sort());
          for (const grant of grants) expectTruePaths(state, member, grant);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("people with the same paths get the same array, in any order of entities", () => {
    fc.assert(
      fc.property(bentState, fc.infiniteStream(fc.nat()), (state, numbers) => {
        const view = viewAccess(state);
        const shuffled = [...state.values()]
          .flatMap((section) => [...section.values()])
          .map((e) => [numbers.next().value ?? 0, e] as const)
          .sort(([a], [b]) => a - b);
        const other = viewAccess(
          new Map([...stateOf(shuffled.map(([, e]) => e)), ["Environment", state.get("Environment") ?? EMPTY_SECTION]]),
        );
        expect(other.members()).toEqual(view.members());
        const byText = new Map<string, readonly Grant[]>();
        for (const member of view.members()) {
          const grants = view.grantsOf(member);
          expect(other.grantsOf(member)).toEqual(grants);
          expect(other.partsOf(member)).toEqual(view.partsOf(member));
          const text = JSON.stringify(grants);
          expect(byText.get(text) ?? grants).toBe(grants);
          byText.set(text, grants);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Each path is a group the member is in and a role it carries that gives at most the level; one of them gives it. */
function expectTruePaths(state: State, member: string, { resource, scope, level, via }: Grant): void {
  expect(via.map(({ group, role }) => `${group}\n${role}`)).toEqual(
    via.map(({ group, role }) => `${group}\n${role}`).sort(),
  );
  const given = via.map(({ group = "", role = "", level: less }) => {
    const alone = stateOf([
      ...[...(state.get("Environment")?.values() ?? [])],
      entity("Member", member),
      state.get("Role")?.get(fold(role)) as Entity,
      state.get("Group")?.get(fold(group)) as Entity,
      { ...membership(group, member), attributes: NO_ATTRIBUTES },
    ]);
    expect(state.get(membershipSection(fold(group)))?.has(member)).toBe(true);
    const one = naiveLevel(alone, member, resource, scope);
    expect(less).toBe(one === level ? undefined : one);
    return one;
  });
  expect(given).not.toContain(undefined);
  expect(given).toContain(level);
  for (const one of given) expect(SCALE.indexOf(one ?? "")).toBeLessThanOrEqual(SCALE.indexOf(level));
}

describe("scale", () => {
  test("100,000 people with 297,000 memberships are indexed at once, and only on need", () => {
    const people = Array.from({ length: 100_000 }, (_, n) => entity("Member", `member${n}@acme.example`));
    const groups = Array.from({ length: 4_600 }, (_, n) =>
      entity("Group", `Group ${n}`, { roles: ["Cards"], environments: "all" }),
    );
    const sections = new Map<string, ReadonlyMap<string, Entity>>(
      stateOf([
        ...environments,
        ...people,
        ...groups,
        entity("Role", "Cards", { permissions: { "Card template": "edit" } }),
      ]),
    );
    const members = groups.map(() => new Map<string, Entity>());
    for (let n = 0; n < 297_000; n += 1) {
      const person = people[n % 100_000] as Entity;
      members[(n * 7919) % 4_600]?.set(person.local, person);
    }
    for (const [n, group] of groups.entries()) sections.set(membershipSection(group.local), members[n] ?? new Map());
    const view = viewAccess(sections);
    expect(view.grantsOf("member7@acme.example").length).toBeGreaterThan(0);
    expect(view.members()).toHaveLength(100_000);
    // A quadratic index would take many minutes; how long this one takes, the benchmark says.
  }, 120_000);
});
