// What single changes give and take, and that no movement of anybody's access goes unlabelled.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Action } from "../../../src/model/change.ts";
import { type Entity, membershipSection, type State, stateOf } from "../../../src/model/entity.ts";
import { viewAccess } from "../../../src/platform/atomic/access.ts";
import { effectOf } from "../../../src/platform/atomic/effect.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { organization, stateOfOrganization } from "../../support/organization.ts";
import { planFor } from "../contract.ts";
import { entity, membership } from "./harness.ts";

const common = [
  entity("Environment", "dev"),
  entity("Environment", "test"),
  entity("Member", "ana@acme.example"),
  entity("Role", "Edit", { permissions: { "Card template": "edit" } }),
  entity("Role", "View", { permissions: { "Card template": "view" } }),
  entity("Role", "Log", { permissions: { "Audit log": "admin" } }),
  entity("Role", "Unused", { permissions: { Tag: "edit" } }),
];
const group = (environments: "all" | readonly string[], ...roles: string[]) =>
  entity("Group", "G", { roles, environments });
const other = entity("Group", "Other", { roles: ["Edit"], environments: "all" });
const inG = membership("G", "ana@acme.example");
const inOther = membership("Other", "ana@acme.example");

function state(...entities: Entity[]): State {
  return stateOf([...common, ...entities]);
}

/** `+` gives, `-` takes. */
function effect(action: Action, kind: string, local: string, before: State, after: State): string {
  const section = kind === "Membership" ? membershipSection("g") : kind;
  const { gives, takes } = effectOf({ action, kind, section, local }, viewAccess(before), viewAccess(after));
  return `${gives ? "+" : ""}${takes ? "-" : ""}`;
}

describe("memberships", () => {
  const join = (before: State, after: State) => effect("create", "Membership", "ana@acme.example", before, after);
  const leave = (before: State, after: State) => effect("delete", "Membership", "ana@acme.example", before, after);

  test("joining gives what the member had not", () => {
    expect(join(state(group("all", "View")), state(group("all", "View"), inG))).toBe("+");
    expect(join(state(group("all", "View"), other, inOther), state(group("all", "View"), other, inOther, inG))).toBe(
      "",
    );
    expect(join(state(group(["dev"], "Log")), state(group(["dev"], "Log"), inG))).toBe("");
  });

  test("leaving takes what no other group keeps giving", () => {
    expect(leave(state(group("all", "View"), inG), state(group("all", "View")))).toBe("-");
    expect(leave(state(group("all", "View"), inG), state(group("all", "View"), other, inOther))).toBe("");
    expect(leave(state(group("all", "Edit"), inG, other, inOther), state(group("all", "Edit"), other))).toBe("-");
  });

  test("an end or a reason moves nothing", () => {
    const same = state(group("all", "View"), inG);
    expect(effect("update", "Membership", "ana@acme.example", same, same)).toBe("");
  });
});

describe("groups", () => {
  const update = (before: State, after: State) => effect("update", "Group", "g", before, after);

  test("roles and environments, whether or not anybody is in it", () => {
    expect(update(state(group("all", "View")), state(group("all", "Edit")))).toBe("+");
    expect(update(state(group("all", "Edit")), state(group("all", "View")))).toBe("-");
    expect(update(state(group(["dev"], "Edit")), state(group(["test"], "Edit")))).toBe("+-");
    expect(update(state(group("all", "Edit")), state(group("all", "Edit", "View")))).toBe("");
    expect(update(state(group(["dev"], "Log")), state(group("all", "Log")))).toBe("+");
    expect(effect("create", "Group", "g", state(), state(group("all", "View")))).toBe("+");
    expect(effect("create", "Group", "g", state(), state(group("all")))).toBe("");
    expect(effect("delete", "Group", "g", state(group("all", "View")), state())).toBe("-");
  });

  test("every environment by name is less than all of them: the next one is not in it", () => {
    expect(update(state(group(["dev", "test"], "Edit")), state(group("all", "Edit")))).toBe("+");
    expect(update(state(group("all", "Edit")), state(group(["dev", "test"], "Edit")))).toBe("-");
    expect(update(state(group(["dev", "test"])), state(group("all")))).toBe("");
  });

  test("without any environment known, taking the limit off still gives", () => {
    const bare = (g: Entity) => stateOf([...common.filter(({ kind }) => kind !== "Environment"), g]);
    expect(update(bare(group(["dev"], "Edit")), bare(group("all", "Edit")))).toContain("+");
  });
});

describe("roles", () => {
  const raised = (name: string, ...rest: Entity[]) =>
    stateOf(
      [...common, ...rest].map((e) =>
        e.name === name ? { ...e, attributes: { permissions: { Tag: "edit", "Card template": "edit" } } } : e,
      ),
    );
  const update = (before: State, after: State, role: string) => effect("update", "Role", role, before, after);

  test("count when a group carries them", () => {
    const g = group("all", "View");
    expect(update(state(g), raised("View", g), "view")).toBe("+");
    expect(update(raised("View", g), state(g), "view")).toBe("-");
    expect(update(state(), raised("View"), "view")).toBe("");
    expect(effect("create", "Role", "unused", stateOf(common.filter(({ name }) => name !== "Unused")), state())).toBe(
      "",
    );
    expect(
      effect("delete", "Role", "view", state(g), stateOf([...common.filter(({ name }) => name !== "View"), g])),
    ).toBe("-");
  });

  test("a level that its resource does not offer moves nothing", () => {
    const debug = (level: string) =>
      state(entity("Role", "Debug", { permissions: { "Request debugger": level } }), group("all", "Debug"));
    expect(update(debug("view"), debug("edit"), "debug")).toBe("");
  });
});

describe("members", () => {
  test("disabling takes what they hold, a person without groups loses nothing", () => {
    const before = state(group("all", "View"), inG);
    const gone = stateOf([...common.filter(({ kind }) => kind !== "Member"), group("all", "View"), inG]);
    expect(effect("delete", "Member", "ana@acme.example", before, gone)).toBe("-");
    expect(effect("create", "Member", "ana@acme.example", gone, before)).toBe("+");
    expect(effect("delete", "Member", "ana@acme.example", state(), gone)).toBe("");
  });
});

test("whatever moves for anybody, some change of the plan says so", () => {
  let [gaining, losing] = [0, 0];
  fc.assert(
    fc.property(organization, organization, (from, to) => {
      const [live, want] = [stateOfOrganization(from), stateOfOrganization(to)];
      const { changes, live: aligned } = planFor(want, live, { state: live, findings: [], requests: 0 }, atomic);
      const [before, after] = [viewAccess(aligned), viewAccess(want)];
      const holds = (view: typeof before, member: string) =>
        new Map(
          view
            .grantsOf(member)
            .map(({ resource, scope, level }) => [`${resource}/${scope}`, atomic.rankOf(resource, level)]),
        );
      const exceeds = (left: Map<string, number>, right: Map<string, number>) =>
        [...left].some(([place, rank]) => rank > (right.get(place) ?? -1));
      const people = [...before.members(), ...after.members()];
      const effects = new Set(changes.map((change) => change.effect));
      if (people.some((member) => exceeds(holds(after, member), holds(before, member)))) {
        gaining += 1;
        expect(effects.has("escalates") || effects.has("mixed")).toBe(true);
      }
      if (people.some((member) => exceeds(holds(before, member), holds(after, member)))) {
        losing += 1;
        expect(effects.has("reduces") || effects.has("mixed")).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
  expect(Math.min(gaining, losing)).toBeGreaterThan(20);
});
