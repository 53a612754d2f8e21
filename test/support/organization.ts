// Generated organizations: states of an Atomic target that are whole (every reference exists), and
// changed versions of them. Used by properties of planning, of files and of the simulator alike.
import fc from "fast-check";
import {
  type Attributes,
  type Entity,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../src/model/entity.ts";
import type { Limits, Target } from "../../src/model/settings.ts";
import { resources } from "../../src/platform/atomic/catalogue.ts";

/** A whole organization in plain terms. */
export interface Organization {
  readonly roles: Readonly<
    Record<
      string,
      { readonly description?: string | undefined; readonly permissions: Readonly<Record<string, string>> }
    >
  >;
  readonly groups: Readonly<
    Record<
      string,
      {
        readonly description?: string | undefined;
        readonly roles: readonly string[];
        readonly environments: "all" | readonly string[];
        readonly members: readonly string[];
      }
    >
  >;
  readonly members: Readonly<Record<string, { readonly firstName: string; readonly lastName: string }>>;
}

export const ENVIRONMENTS = ["dev", "test", "staging", "production"] as const;
const ROLES = ["Card editor", "Theme viewer", "Auditor", "Support", "Ünïcode rôle", "r6"];
const GROUPS = ["Card creators", "Analysts", "Everyone", "Night shift", "O'Brien & sons", "g6"];
const PEOPLE = ["ana", "bo", "chen", "dee", "eve", "fay", "gus", "hal"].map((name) => `${name}@acme.example`);

const permission = fc
  .constantFrom(...resources)
  .chain((resource) => fc.tuple(fc.constant(resource.name), fc.constantFrom(...resource.levels)));
const permissions = fc
  .array(permission, { minLength: 1, maxLength: 6 })
  .map((pairs) => Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1))));
const description = fc.option(fc.constantFrom("", "One line.", "Two\nlines.", "naïve: yes # no"), { nil: undefined });

/** Any whole organization over a small stock of names, so that two of them overlap. */
export const organization: fc.Arbitrary<Organization> = fc
  .record({
    roles: subset(ROLES, fc.record({ description, permissions })),
    members: subset(
      PEOPLE,
      fc.record({ firstName: fc.constantFrom("Ana", "Bo", "Li"), lastName: fc.constantFrom("Ng", "Øre") }),
    ),
    groups: subset(
      GROUPS,
      fc.record({
        description,
        roles: fc.subarray(ROLES),
        environments: fc.oneof(fc.constant("all" as const), fc.subarray([...ENVIRONMENTS], { minLength: 1 })),
        members: fc.subarray(PEOPLE),
      }),
    ),
  })
  .map(({ roles, members, groups }) => ({
    roles,
    members,
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, group]) => [
        name,
        {
          ...group,
          roles: group.roles.filter((role) => role in roles),
          members: group.members.filter((member) => member in members),
        },
      ]),
    ),
  }));

function subset<T>(names: readonly string[], value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc
    .subarray([...names])
    .chain((chosen) =>
      fc.tuple(fc.constant(chosen), fc.array(value, { minLength: chosen.length, maxLength: chosen.length })),
    )
    .map(([chosen, values]) => Object.fromEntries(chosen.map((name, index) => [name, values[index] as T])));
}

export function fold(name: string): string {
  return name.trim().normalize("NFC").toLowerCase();
}

function entity(kind: string, name: string, attributes: Attributes): Entity {
  return { kind, section: kind, local: fold(name), name, attributes };
}

/** The organization as a state, environments included. */
export function stateOfOrganization({ roles, groups, members }: Organization): State {
  const described = (text: string | undefined) => (text === undefined ? {} : { description: text });
  return stateOf([
    ...ENVIRONMENTS.map((name) => entity("Environment", name, NO_ATTRIBUTES)),
    ...Object.entries(roles).map(([name, role]) =>
      entity("Role", name, { ...described(role.description), permissions: role.permissions }),
    ),
    ...Object.entries(groups).map(([name, group]) =>
      entity("Group", name, {
        ...described(group.description),
        roles: [...group.roles].sort((a, b) => (fold(a) < fold(b) ? -1 : 1)),
        environments: group.environments === "all" ? "all" : [...group.environments].sort(),
      }),
    ),
    ...Object.entries(members).map(([email, names]) => entity("Member", email, names)),
    ...Object.entries(groups).flatMap(([name, group]) =>
      group.members.map(
        (email): Entity => ({
          kind: "Membership",
          section: membershipSection(fold(name)),
          local: fold(email),
          name: email,
          attributes: NO_ATTRIBUTES,
        }),
      ),
    ),
  ]);
}

const WIDE = { share: 1, count: 1_000_000 };

/** Limits that nothing runs into. */
export const OPEN_LIMITS: Limits = { target: WIDE, group: WIDE, scope: WIDE, owners: WIDE };

/** A target with limits wide open, so that properties are about planning and not about budgets. */
export function openTarget(overrides: Partial<Target> = {}): Target {
  return {
    name: "acme",
    platform: "atomic",
    url: "http://127.0.0.1:1",
    organization: "acme",
    credentials: {},
    environments: [...ENVIRONMENTS],
    drift: "report",
    limits: OPEN_LIMITS,
    owners: [],
    minimumOwners: 1,
    breakGlass: [],
    approvers: [],
    timeZone: "UTC",
    warnDays: 14,
    approvals: { escalating: 1, reducing: 1, neutral: 1, weakening: 1 },
    scopeOwners: {},
    freeze: [],
    place: { file: "policies/rolebook.yaml", line: 1, column: 1 },
    ...overrides,
  };
}
