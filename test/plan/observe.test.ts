// What is remembered of a live state is enough to tell it again, on every platform, and holds nothing that it should not.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entity, State } from "../../src/model/entity.ts";
import { kindSpec, type Platform } from "../../src/model/platform.ts";
import { differencesOf, withDifferences } from "../../src/plan/observe.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { account, stateOfAccount } from "../support/account.ts";
import { domain, stateOfDomain } from "../support/keystone.ts";
import { organization, stateOfOrganization } from "../support/organization.ts";

const WORLDS: readonly { readonly platform: Platform; readonly state: fc.Arbitrary<State> }[] = [
  { platform: atomic, state: organization.map(stateOfOrganization) },
  { platform: atomyx, state: account.map(stateOfAccount) },
  { platform: keystone, state: domain.map(stateOfDomain) },
];

/** As files have it: with places, and with what only they say. */
function asFiles(state: State, platform: Platform): State {
  return mapped(state, (entity, index) => ({
    ...entity,
    place: { file: "policies/x.yaml", line: index + 1, column: 1 },
    attributes: entity.section.startsWith("Membership/")
      ? { ...entity.attributes, reason: "for now", ...(index % 2 === 0 ? { until: "2099-01-01" } : {}) }
      : {
          ...entity.attributes,
          ...(kindSpec(platform, entity.kind)?.attributes.reviewed ? { reviewed: "2026-01-01" } : {}),
        },
  }));
}

/** As a platform tells it: with ids, versions and facts. */
function asLive(state: State): State {
  return mapped(state, (entity, index) => ({
    ...entity,
    id: `id-${index}`,
    version: `"${index}"`,
    facts: { multiFactor: true, lastActive: null },
    ...(index % 7 === 0 ? { status: "invited" } : {}),
  }));
}

function mapped(state: State, change: (entity: Entity, index: number) => Entity): State {
  let index = 0;
  return new Map(
    [...state].map(([section, entities]) => [
      section,
      new Map([...entities].map(([local, entity]) => [local, change(entity, index++)])),
    ]),
  );
}

/** What a look is about: sections that hold nothing are nothing. */
function plain(state: State): unknown {
  const entities = [...state.values()].flatMap((section) => [...section.values()]);
  return entities
    .map(
      ({ kind, section, local, name, attributes: { reviewed: _, reason: __, until: ___, ...attributes }, status }) => ({
        key: `${section}/${local}`,
        kind,
        name,
        attributes,
        status,
      }),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

describe.each(WORLDS)("a look at $platform.name", ({ platform, state }) => {
  it("is told again by its differences from the files, whatever these say", () => {
    fc.assert(
      fc.property(state, state, (one, other) => {
        const [declared, live] = [asFiles(one, platform), asLive(other)];
        const differences = differencesOf(declared, live, platform);
        expect(plain(withDifferences(declared, differences, platform))).toEqual(plain(live));
        expect(JSON.parse(JSON.stringify(differences))).toEqual(differences);
        expect(JSON.stringify(differences)).not.toMatch(/"id"|"version"|multiFactor|reviewed|"until"|place/);
      }),
    );
  });

  it("is nothing where the platform is what the files say", () => {
    fc.assert(
      fc.property(state, (one) => {
        const live = mapped(one, (entity, index) => ({ ...entity, id: `id-${index}`, facts: { multiFactor: true } }));
        expect(differencesOf(asFiles(one, platform), live, platform)).toEqual([]);
      }),
    );
  });
});
