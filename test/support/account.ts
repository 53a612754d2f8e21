// Generated accounts of an Atomyx Vault: states that are whole (every reference exists), over a small stock of names, so that
// two of them overlap. Used by properties of planning, of files and of access alike.
import fc from "fast-check";
import {
  type Attributes,
  type Entity,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../src/model/entity.ts";
import type { Target } from "../../src/model/settings.ts";
import { fold, IMMUTABLE } from "../../src/platform/atomyx/catalogue.ts";
import { productOf, workspaceOf } from "../../src/platform/atomyx/names.ts";
import { type WorkspaceRole, workspaceRoleSet } from "../../src/platform/atomyx/workspaces.ts";
import { openTarget } from "./organization.ts";

/** An account in plain terms. */
export interface Account {
  readonly workspaces: Readonly<Record<string, { readonly purpose?: string; readonly team?: string }>>;
  readonly products: Readonly<Record<string, { readonly active: boolean; readonly subscribed: boolean }>>;
  /** Without the Admin that every product has. */
  readonly roles: Readonly<Record<string, { readonly description?: string; readonly implies: readonly string[] }>>;
  readonly groups: Readonly<
    Record<
      string,
      { readonly description?: string; readonly roles: readonly string[]; readonly members: readonly string[] }
    >
  >;
  readonly members: Readonly<
    Record<
      string,
      {
        readonly firstName?: string;
        readonly workspaces: readonly WorkspaceRole[];
        readonly roles: readonly string[];
        readonly invited: boolean;
      }
    >
  >;
  readonly integrations: Readonly<Record<string, { readonly product?: string; readonly callback: string }>>;
  readonly keys: Readonly<Record<string, { readonly product: string; readonly owner?: string }>>;
}

export const WORKSPACES = ["acme-dev", "acme-prod", "eu"];
export const PRODUCTS = ["acme-dev/manage", "acme-prod/manage", "acme-prod/submit", "eu/manage"];
/** Names that a phrase or a qualified name could stumble over. */
const OWN_ROLES = ["Viewer", "Editor", "Read/Write", "Ünïcode rôle of it"];
export const ROLES = PRODUCTS.flatMap((product) => OWN_ROLES.map((role) => `${product}/${role}`));
const ADMINS = PRODUCTS.map((product) => `${product}/Admin`);
const GROUPS = ["acme-dev/Everyone", "acme-prod/Everyone", "acme-prod/O'Brien & sons / night", "eu/Éditeurs"];
export const PEOPLE = ["ana", "bo", "chen", "dee"].map((name) => `${name}@acme.example`);
const INTEGRATIONS = ["acme-prod/Ledger", "eu/Ledger"];
const KEYS = ["acme-dev/Shop", "acme-prod/Shop"];

const described = fc.constantFrom({}, {}, { description: "One line." }, { description: "Two\nlines: naïve # no" });
const mostly = (value: boolean) => fc.constantFrom(value, value, value, !value);
const workspaceRole: fc.Arbitrary<WorkspaceRole> = fc.record({
  workspace: fc.constantFrom(...WORKSPACES),
  role: fc.constantFrom("Owner", "Admin", "Member", "Member", "Billing"),
});

/** Roles that one workspace's group may give: most of them of its own. */
const rolesOf = (group: string) =>
  fc.subarray(
    [...ROLES, ...ADMINS].filter((role) => workspaceOf(role) === workspaceOf(group)),
    { maxLength: 4 },
  );

/** Any whole account. */
export const account: fc.Arbitrary<Account> = fc
  .record({
    workspaces: recordOf(WORKSPACES, () =>
      fc.constantFrom({}, { purpose: "production" }, { purpose: "staging", team: "Payments" }),
    ),
    products: recordOf(PRODUCTS, () => fc.record({ active: mostly(true), subscribed: mostly(true) })),
    roles: subset(ROLES, (name) =>
      fc
        .tuple(
          described,
          fc.subarray(
            ROLES.filter((role) => productOf(role) === productOf(name)),
            { maxLength: 2 },
          ),
        )
        .map(([text, implies]) => ({ ...text, implies })),
    ),
    members: subset(PEOPLE, () =>
      fc.record({
        workspaces: fc.array(workspaceRole, { maxLength: 4 }),
        roles: fc.subarray([...ROLES, ...ADMINS], { maxLength: 2 }),
        invited: mostly(false),
      }),
    ),
    groups: subset(GROUPS, (name) =>
      fc
        .tuple(described, rolesOf(name), fc.subarray(PEOPLE))
        .map(([text, roles, members]) => ({ ...text, roles, members })),
    ),
    integrations: subset(INTEGRATIONS, (name) =>
      fc.constantFrom(
        { callback: "https://ledger.acme.example/one" },
        { callback: "https://ledger.acme.example/two", product: `${workspaceOf(name)}/manage` },
      ),
    ),
    keys: subset(KEYS, (name) =>
      fc.constantFrom({}, { owner: PEOPLE[0] ?? "" }, { owner: PEOPLE[1] ?? "" }).map((owner) => ({
        ...owner,
        product: `${workspaceOf(name)}/manage`,
      })),
    ),
  })
  .map(wholeAccount);

/** The account without references to what it does not have. */
export function wholeAccount(some: Account): Account {
  const isThere = (role: string) => role in some.roles || ADMINS.includes(role);
  const mapped = <T>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => T) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
  return {
    ...some,
    roles: mapped(some.roles, (value, self) => ({
      ...value,
      implies: value.implies.filter((role) => role in some.roles && role !== self),
    })),
    groups: mapped(some.groups, (value) => ({
      ...value,
      roles: value.roles.filter(isThere),
      members: value.members.filter((name) => name in some.members),
    })),
    members: mapped(some.members, (value) => ({ ...value, roles: value.roles.filter(isThere) })),
    keys: mapped(some.keys, ({ owner, ...rest }) =>
      owner !== undefined && owner in some.members ? { ...rest, owner } : rest,
    ),
  };
}

function recordOf<T>(names: readonly string[], value: (name: string) => fc.Arbitrary<T>) {
  return fc
    .tuple(...names.map(value))
    .map((values) => Object.fromEntries(names.map((name, index) => [name, values[index] as T])));
}

function subset<T>(names: readonly string[], value: (name: string) => fc.Arbitrary<T>) {
  return fc.subarray([...names]).chain((chosen) => recordOf(chosen, value));
}

export function entity(kind: string, name: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  return { kind, section: kind, local: fold(name), name, attributes };
}

/** A product's own Admin, as the platform tells it. */
export function adminOf(product: string): Entity {
  return { ...entity("Role", `${product}/Admin`), status: IMMUTABLE };
}

export function membership(group: string, member: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  const section = membershipSection(fold(group));
  return { kind: "Membership", section, local: fold(member), name: member, attributes };
}

const sorted = (names: readonly string[]) => [...names].sort((a, b) => (fold(a) < fold(b) ? -1 : 1));

/** The account as a state. */
export function stateOfAccount(some: Account): State {
  const { workspaces, products, roles, groups, members, integrations, keys } = some;
  const each = <T>(record: Readonly<Record<string, T>>, make: (name: string, value: T) => Entity) =>
    Object.entries(record).map(([name, value]) => make(name, value));
  return stateOf([
    ...each(workspaces, (name, value) => entity("Workspace", name, value)),
    ...each(products, (name, value) => entity("Product", name, value)),
    ...Object.keys(products).map(adminOf),
    ...each(roles, (name, { implies, ...rest }) => entity("Role", name, { ...rest, implies: sorted(implies) })),
    ...each(groups, (name, { roles: given, members: _, ...rest }) =>
      entity("Group", name, { ...rest, roles: sorted(given) }),
    ),
    ...each(members, (name, { workspaces: held, roles: given, invited, ...rest }) => ({
      ...entity("Member", name, { ...rest, workspaces: workspaceRoleSet(held), roles: sorted(given) }),
      ...(invited ? { status: "invited" } : {}),
    })),
    ...each(integrations, (name, value) => entity("Integration", name, value)),
    ...each(keys, (name, value) => entity("ApiKey", name, { ...value, purpose: "production" })),
    ...Object.entries(groups).flatMap(([name, group]) => group.members.map((member) => membership(name, member))),
  ]);
}

/** An Atomyx target with limits wide open. */
export function openAccount(overrides: Partial<Target> = {}): Target {
  return openTarget({ platform: "atomyx", environments: WORKSPACES, ...overrides });
}
