// Generated organizations in which managing access is common and hangs by few threads: small stocks of names, permissions that
// are mostly owner-equivalent. What a lock-out is found in, over every platform.
import fc from "fast-check";
import type { State } from "../../src/model/entity.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import type { GrantElement } from "../../src/platform/keystone/grants.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { type Account, openAccount, PRODUCTS, stateOfAccount, WORKSPACES, wholeAccount } from "./account.ts";
import { type Domain, openDomain, stateOfDomain, whole } from "./keystone.ts";
import { type Organization, openTarget, stateOfOrganization } from "./organization.ts";

/** A platform, and states of it. */
export interface OwnedWorld {
  readonly platform: Platform;
  readonly target: (overrides: Partial<Target>) => Target;
  readonly state: fc.Arbitrary<State>;
  /** Names that people may have. */
  readonly people: readonly string[];
}

const PEOPLE = ["ana@acme.example", "bo@acme.example", "chen@acme.example", "dee@acme.example"];
const GROUPS = ["One", "Two", "Three"];
const ROLES = ["Boss", "Chief", "Clerk"];

const names = (from: readonly string[]) => fc.subarray([...from]);
const most = (from: readonly string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([...from]) },
    { weight: 1, arbitrary: fc.subarray([...from], { minLength: from.length - 1 }) },
  );
const recordOf = <T>(chosen: readonly string[], value: fc.Arbitrary<T>) =>
  fc
    .array(value, { minLength: chosen.length, maxLength: chosen.length })
    .map((values) => Object.fromEntries(chosen.map((name, index) => [name, values[index] as T])));

const permissions = fc.constantFrom<Readonly<Record<string, string>>>(
  { Role: "edit" },
  { "Workbench member group": "edit", Theme: "view" },
  { Role: "view", "Workbench member group assignment": "edit" },
  { Role: "view" },
  { Theme: "edit" },
);

const organization: fc.Arbitrary<Organization> = fc
  .tuple(most(ROLES), most(GROUPS), most(PEOPLE))
  .chain(([roles, groups, members]) =>
    fc.record({
      roles: recordOf(
        roles,
        permissions.map((given) => ({ permissions: given })),
      ),
      members: recordOf(members, fc.record({ firstName: fc.constantFrom("Ana", "Bo"), lastName: fc.constant("Ng") })),
      groups: recordOf(
        groups,
        fc.record({
          roles: names(roles),
          environments: fc.constantFrom<"all" | readonly string[]>("all", "all", ["dev"], ["dev", "test"]),
          members: names(members),
        }),
      ),
    }),
  );

const KEYSTONE_ROLES = ["admin", "boss", "clerk"];
const grant: fc.Arbitrary<GrantElement> = fc.record({
  role: fc.constantFrom(...KEYSTONE_ROLES),
  on: fc.constantFrom("domain" as const, "domain" as const, "projects" as const),
});

const domain: fc.Arbitrary<Domain> = fc
  .record({
    // Keystone lets no role imply admin unless told otherwise; whoever tells it must not be locked out either.
    roles: most(KEYSTONE_ROLES).chain((roles) =>
      recordOf(
        roles,
        names(KEYSTONE_ROLES).map((implies) => ({ implies })),
      ),
    ),
    members: most(PEOPLE).chain((members) =>
      recordOf(
        members,
        fc.record({ enabled: fc.constantFrom(true, true, true, false), grants: fc.array(grant, { maxLength: 1 }) }),
      ),
    ),
    groups: most(GROUPS).chain((groups) =>
      recordOf(groups, fc.record({ grants: fc.array(grant, { maxLength: 2 }), members: names(PEOPLE) })),
    ),
  })
  .map(whole);

const OWN_ROLES = PRODUCTS.slice(0, 2).flatMap((product) => ["Boss", "Clerk"].map((role) => `${product}/${role}`));
const everyProduct = Object.fromEntries(PRODUCTS.map((product) => [product, { active: true, subscribed: true }]));
const everyWorkspace = Object.fromEntries(WORKSPACES.map((workspace) => [workspace, {}]));
const workspaceRole = fc.record({
  workspace: fc.constantFrom("acme-dev", "acme-dev", "acme-prod"),
  role: fc.constantFrom("Owner", "Admin", "Admin", "Member", "Billing"),
});

/** Ownership is a workspace role of each member; groups are what some access hangs by. */
const account: fc.Arbitrary<Account> = fc
  .record({
    workspaces: fc.constant(everyWorkspace),
    products: fc
      .constantFrom(true, true, true, false)
      .map((active) => ({ ...everyProduct, "acme-dev/manage": { active, subscribed: true } })),
    roles: most(OWN_ROLES).chain((roles) => recordOf(roles, fc.constant({ implies: [] }))),
    members: most(PEOPLE).chain((members) =>
      recordOf(
        members,
        fc.record({
          workspaces: fc.array(workspaceRole, { maxLength: 2 }),
          roles: fc.subarray(OWN_ROLES, { maxLength: 1 }),
          // Whoever is only invited is no owner yet; that is looked at where owners are counted.
          invited: fc.constant(false),
        }),
      ),
    ),
    groups: most(["acme-dev/One", "acme-prod/Two"]).chain((groups) =>
      recordOf(groups, fc.record({ roles: fc.subarray(OWN_ROLES), members: names(PEOPLE) })),
    ),
    integrations: fc.constant({}),
    keys: fc.constant({}),
  })
  .map(wholeAccount);

export const ownedAtomic: OwnedWorld = {
  platform: atomic,
  target: openTarget,
  state: organization.map(stateOfOrganization),
  people: PEOPLE,
};

export const ownedKeystone: OwnedWorld = {
  platform: keystone,
  target: openDomain,
  state: domain.map(stateOfDomain),
  people: PEOPLE,
};

export const ownedAtomyx: OwnedWorld = {
  platform: atomyx,
  target: openAccount,
  state: account.map(stateOfAccount),
  people: PEOPLE,
};
