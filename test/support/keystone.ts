// Generated organizations of a Keystone domain: states that are whole (every reference exists), over a small stock of
// names, so that two of them overlap. Used by properties of planning, of files, of access and of the real Keystone alike.
import fc from "fast-check";
import {
  type Attributes,
  type Entity,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../src/model/entity.ts";
import { ownedName } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { fold } from "../../src/platform/keystone/catalogue.ts";
import { type GrantElement, grantSet } from "../../src/platform/keystone/grants.ts";
import { openTarget } from "./organization.ts";

/** A domain in plain terms. */
export interface Domain {
  readonly roles: Readonly<Record<string, { readonly description?: string; readonly implies: readonly string[] }>>;
  readonly groups: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly grants: readonly GrantElement[];
        readonly members: readonly string[];
      }
    >
  >;
  readonly members: Readonly<
    Record<string, { readonly email?: string; readonly enabled: boolean; readonly grants: readonly GrantElement[] }>
  >;
}

/** Project -> the project it is below, if any. */
export const PROJECTS: Readonly<Record<string, string | undefined>> = {
  dev: undefined,
  "dev-web": "dev",
  "dev-web-eu": "dev-web",
  Dev: undefined,
  production: undefined,
  'the "old" one': undefined,
};
/** Names that differ in case alone, and names that would make the phrase of a grant ambiguous. */
const ROLES = ["auditor", "Auditor", "operator", "on call", "audit on project dev", '"quoted"', "Ünïcode rôle"];
const GROUPS = ["developers", "Developers", "night shift", "O'Brien & sons", "everyone"];
const PEOPLE = ["ana", "Ana", "bo", "chen", "dee", "eve of dev"];

const role = fc.constantFrom(...ROLES);
const project = fc.constantFrom(...Object.keys(PROJECTS));
const grant: fc.Arbitrary<GrantElement> = fc.oneof(
  fc.record({ role, on: fc.constant("project" as const), project }),
  fc.record({ role, on: fc.constant("below" as const), project }),
  fc.record({ role, on: fc.constantFrom("projects" as const, "domain" as const) }),
);
const grants = (maxLength: number) => fc.array(grant, { maxLength });
const described = fc.constantFrom({}, {}, { description: "One line." }, { description: "Two\nlines: naïve # no" });

/** Any whole domain. */
export const domain: fc.Arbitrary<Domain> = fc
  .record({
    roles: subset(
      ROLES,
      fc.tuple(described, fc.subarray(ROLES, { maxLength: 2 })).map(([text, implies]) => ({ ...text, implies })),
    ),
    members: subset(
      PEOPLE,
      fc
        .tuple(fc.constantFrom({}, { email: "one@acme.example" }), fc.integer({ max: 4, min: 0 }), grants(2))
        .map(([text, some, given]) => ({ ...text, enabled: some > 0, grants: some < 3 ? given : [] })),
    ),
    groups: subset(
      GROUPS,
      fc
        .tuple(described, grants(4), fc.subarray(PEOPLE))
        .map(([text, given, members]) => ({ ...text, grants: given, members })),
    ),
  })
  .map(whole);

/** The domain without references to what it does not have. */
export function whole({ roles, groups, members }: Domain): Domain {
  const there = (given: readonly GrantElement[]) => given.filter(({ role: name }) => name in roles);
  const mapped = <T>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => T) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
  return {
    roles: mapped(roles, (value, self) => ({
      ...value,
      implies: value.implies.filter((name) => name in roles && name !== self),
    })),
    groups: mapped(groups, (value) => ({
      ...value,
      grants: there(value.grants),
      members: value.members.filter((name) => name in members),
    })),
    members: mapped(members, (value) => ({ ...value, grants: there(value.grants) })),
  };
}

function subset<T>(names: readonly string[], value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc
    .subarray([...names])
    .chain((chosen) =>
      fc.tuple(fc.constant(chosen), fc.array(value, { minLength: chosen.length, maxLength: chosen.length })),
    )
    .map(([chosen, values]) => Object.fromEntries(chosen.map((name, index) => [name, values[index] as T])));
}

export function entity(kind: string, name: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  return { kind, section: kind, local: fold(name), name, attributes };
}

export function membership(group: string, member: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  const section = membershipSection(fold(group));
  return { kind: "Membership", section, local: fold(member), name: member, attributes };
}

export function credential(name: string, user: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  return entity("ApplicationCredential", ownedName(name, user), { user, ...attributes });
}

/** The projects, which know what they are below. */
export const projectEntities: readonly Entity[] = Object.entries(PROJECTS).map(([name, parent]) =>
  entity("Project", name, parent === undefined ? NO_ATTRIBUTES : { parent }),
);

/** The domain as a state, projects included. */
export function stateOfDomain({ roles, groups, members }: Domain): State {
  const sorted = (names: readonly string[]) => [...names].sort((a, b) => (fold(a) < fold(b) ? -1 : 1));
  return stateOf([
    ...projectEntities,
    ...Object.entries(roles).map(([name, { implies, ...rest }]) =>
      entity("Role", name, { ...rest, implies: sorted(implies) }),
    ),
    ...Object.entries(groups).map(([name, { grants: given, members: _, ...rest }]) =>
      entity("Group", name, { ...rest, grants: grantSet(given) }),
    ),
    ...Object.entries(members).map(([name, { grants: given, ...rest }]) =>
      entity("Member", name, { ...rest, grants: grantSet(given) }),
    ),
    ...Object.entries(groups).flatMap(([name, group]) => group.members.map((member) => membership(name, member))),
  ]);
}

/** A Keystone target with limits wide open. */
export function openDomain(overrides: Partial<Target> = {}): Target {
  return openTarget({ platform: "keystone", environments: Object.keys(PROJECTS), ...overrides });
}
