// Which step gave what: the index against a look through all steps, over generated histories; and renames, case by case.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EntityView } from "../../src/model/change.ts";
import { type Entity, entityAt, groupOfSection, type State } from "../../src/model/entity.ts";
import { type AttributeSpec, kindSpec } from "../../src/model/platform.ts";
import { viewsOfStep } from "../../src/plan/changes.ts";
import { ALL, type Gift, type GivingStep, giftAt, indexGifts, piecesIn } from "../../src/plan/gifts.ts";
import { comparedAttributes } from "../../src/plan/leaves.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { organization, stateOfOrganization } from "../support/organization.ts";

type Step = GivingStep<number>;

/** What was done between two states, as an apply numbered `source`. */
function stepsBetween(before: State, after: State, source: number): Step[] {
  const steps: Step[] = [];
  for (const section of new Set([...before.keys(), ...after.keys()]))
    for (const local of new Set([...(before.get(section)?.keys() ?? []), ...(after.get(section)?.keys() ?? [])])) {
      const [was, is] = [entityAt(before, section, local), entityAt(after, section, local)];
      const group = groupOfSection(section);
      // The platform takes the memberships of what is deleted with it.
      if (!is && group !== undefined && !(entityAt(after, "Group", group) && entityAt(after, "Member", local)))
        continue;
      const [one, other] = viewsOfStep({ before: was, after: is });
      if (was && is && JSON.stringify(one) === JSON.stringify(other)) continue;
      const { kind } = (is ?? was) as Entity;
      steps.push({ kind, section, local, before: one, after: other, source });
    }
  return steps;
}

/** Whether a side of a step has a piece at a rank; undefined where it does not speak of the attribute. */
function has(view: EntityView | null, name: string, spec: AttributeSpec, piece: string, rank: number) {
  if (!view) return false;
  const value = view.attributes[name];
  const pieces = piecesIn(spec, value, atomic.fold);
  const found = pieces.get(piece) ?? (spec.type === "scope" ? pieces.get(ALL) : undefined);
  if (!found) return false;
  return spec.type !== "map" || atomic.rankOf(found.text, String(found.value)) >= rank;
}

/** The last step that gave a piece that no step took since. */
function giver(steps: readonly Step[], at: Pick<Step, "section" | "local">, name: string, piece: string, rank: number) {
  const spec = kindSpec(atomic, at.section)?.attributes[name];
  if (!spec) return undefined;
  for (const { section, local, before, after, source } of [...steps].reverse()) {
    if (section !== at.section || local !== at.local) continue;
    const silent = before && after && before.attributes[name] === undefined && after.attributes[name] === undefined;
    if (silent) continue;
    const changes = spec.type === "text" && before?.attributes[name] !== after?.attributes[name];
    if (!has(after, name, spec, piece, rank)) return undefined;
    if (changes || !has(before, name, spec, piece, rank)) return source;
  }
  return undefined;
}

/** Of a scope that is held by its name, or as one of all. */
function since(gifts: readonly (Gift<number> | undefined)[]): number | undefined {
  const held = gifts.filter((gift) => gift !== undefined);
  return held.some(({ source }) => source === undefined)
    ? undefined
    : Math.min(...held.map(({ source }) => source ?? 0));
}

describe("the index of what was given", () => {
  it("agrees with a look through all steps, also where somebody else changed things in between", () => {
    const applies = fc.array(fc.tuple(organization, fc.boolean()), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(applies, (list) => {
        const steps: Step[] = [];
        let state: State = new Map();
        for (const [source, [next, isByHand]] of list.entries()) {
          const after = stateOfOrganization(next);
          if (!isByHand) steps.push(...stepsBetween(state, after, source));
          state = after;
        }
        const index = indexGifts(steps, atomic);
        for (const [section, entities] of state)
          for (const [local, entity] of entities) {
            const made = steps.findLast((step) => step.section === section && step.local === local && !step.before);
            if (list.every(([, isByHand]) => !isByHand))
              expect(index.madeBy(section, local)?.source).toBe(made?.source);
            const spec = kindSpec(atomic, entity.kind);
            for (const [name, attribute] of spec && spec.kind !== "Membership" ? comparedAttributes(spec) : [])
              for (const [piece, { text, value }] of piecesIn(attribute, entity.attributes[name], atomic.fold)) {
                const pieces = index.piecesOf(section, local, name);
                const top = attribute.type === "map" ? atomic.rankOf(text, String(value)) : 0;
                for (let rank = 0; rank <= top; rank++) {
                  const everywhere =
                    attribute.type === "scope" && piece !== ALL ? giftAt(pieces.get(ALL), 0) : undefined;
                  const gifts = [giftAt(pieces.get(piece), rank), everywhere];
                  const found = gifts.every((gift) => !gift) ? undefined : since(gifts);
                  expect([section, local, name, piece, rank, found]).toEqual([
                    section,
                    local,
                    name,
                    piece,
                    rank,
                    giver(steps, { section, local }, name, piece, rank),
                  ]);
                }
              }
          }
      }),
      { numRuns: 300 },
    );
  });
});

const view = (name: string, attributes: EntityView["attributes"] = {}): EntityView => ({ name, attributes });

describe("what is renamed", () => {
  const create = (kind: string, section: string, name: string, attributes = {}, source = 1): Step => ({
    kind,
    section,
    local: atomic.fold(name),
    before: null,
    after: view(name, attributes),
    source,
  });

  it("keeps what it was given: a group its people, a role the groups that have it, a person their groups", () => {
    const rename = (kind: string, from: string, to: string, source: number): Step => ({
      kind,
      section: kind,
      local: atomic.fold(to),
      before: view(from),
      after: view(to),
      source,
    });
    const index = indexGifts(
      [
        create("Role", "Role", "Editor", { permissions: { Stream: "edit" } }),
        create("Group", "Group", "Makers", { roles: ["Editor"], environments: ["dev"] }, 2),
        create("Membership", "Membership/makers", "ana@acme.example", {}, 3),
        rename("Role", "Editor", "Writer", 4),
        rename("Group", "Makers", "Builders", 5),
        rename("Member", "ana@acme.example", "ana.li@acme.example", 6),
      ],
      atomic,
    );
    const at = (section: string, local: string, name: string, piece: string) =>
      giftAt(index.piecesOf(section, local, name).get(piece), 0)?.source;
    expect(index.madeBy("Membership/builders", "ana.li@acme.example")?.source).toBe(3);
    expect(index.madeBy("Membership/makers", "ana@acme.example")).toBeUndefined();
    expect(at("Group", "builders", "roles", "writer")).toBe(2);
    expect(at("Group", "builders", "environments", "dev")).toBe(2);
    expect(at("Role", "writer", "permissions", "Stream")).toBe(1);
  });

  it("takes nothing over from what had its new name and is gone", () => {
    const index = indexGifts(
      [
        create("Membership", "Membership/old", "ana@acme.example", {}, 1),
        { kind: "Group", section: "Group", local: "old", before: view("Old"), after: null, source: 2 },
        create("Membership", "Membership/new", "bo@acme.example", {}, 3),
        { kind: "Group", section: "Group", local: "old", before: view("New"), after: view("Old"), source: 4 },
      ],
      atomic,
    );
    expect(index.madeBy("Membership/old", "ana@acme.example")).toBeUndefined();
    expect(index.madeBy("Membership/old", "bo@acme.example")?.source).toBe(3);
  });

  it("is renamed inside composite elements as well", () => {
    const element = kindSpec(keystone, "Group")?.attributes.grants?.element;
    const text = (role: string) => element?.format({ role, project: "dev" }) ?? "";
    const index = indexGifts(
      [
        {
          kind: "Group",
          section: "Group",
          local: "ops",
          before: null,
          after: view("ops", { grants: [text("member")] }),
          source: 1,
        },
        { kind: "Role", section: "Role", local: "worker", before: view("member"), after: view("worker"), source: 2 },
      ],
      keystone,
    );
    expect(giftAt(index.piecesOf("Group", "ops", "grants").get(keystone.fold(text("worker"))), 0)?.source).toBe(1);
  });
});
