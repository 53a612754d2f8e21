// An Atomyx account to test the driver against: the simulator, seeded with any state, and two states of a small account
// between which everything that can happen happens.
import type { Connection } from "../../../src/model/driver.ts";
import {
  type Attributes,
  type Entity,
  entityAt,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../../src/model/entity.ts";
import { fold, IMMUTABLE, PRODUCT_ADMIN } from "../../../src/platform/atomyx/catalogue.ts";
import {
  nameInProduct,
  nameInWorkspace,
  productOf,
  qualified,
  workspaceOf,
} from "../../../src/platform/atomyx/names.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { parseWorkspaceRole } from "../../../src/platform/atomyx/workspaces.ts";
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  VAULT_CLIENTS,
  VAULT_SECRETS,
} from "../../../src/simulator/server.ts";
import { type VaultDocument, WORKSPACE_ROLES, type WorkspaceGrant } from "../../../src/simulator/vault/records.ts";
import { openTarget } from "../../support/organization.ts";
import type { Harness, LivePlatform } from "../contract.ts";

export function entity(kind: string, name: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  return { kind, section: kind, local: fold(name), name, attributes };
}

export function membership(group: string, member: string): Entity {
  const section = membershipSection(fold(group));
  return { kind: "Membership", section, local: fold(member), name: member, attributes: NO_ATTRIBUTES };
}

/** A product with the role it comes with. */
export function product(name: string, attributes: Attributes = {}): readonly Entity[] {
  const admin = { ...entity("Role", qualified(name, PRODUCT_ADMIN)), status: IMMUTABLE };
  return [entity("Product", name, { type: "Manage", active: true, subscribed: true, ...attributes }), admin];
}

/** The id that the simulator's document of a state has for a name. */
export function idOf(kind: string, name: string): string {
  return `${kind.slice(0, 2)}-${Buffer.from(fold(name)).toString("base64url").slice(0, 80)}`;
}

/** The simulator's document of a state. Ids are made of names; keys are as old as their place in the list. */
export function documentOf(state: State): VaultDocument {
  const of = (kind: string) => [...(state.get(kind)?.values() ?? [])];
  const text = (value: Attributes[string] | undefined) => (typeof value === "string" ? value : "");
  const ids = (kind: string, names: Attributes[string] | undefined) =>
    Array.isArray(names) ? names.map((name: string) => idOf(kind, name)) : [];
  const placed = (kind: string, name: string) => ({
    id: idOf(kind, name),
    workspaceId: idOf("Workspace", workspaceOf(name)),
  });
  return {
    version: 1,
    account: { id: "acme", name: "Acme" },
    workspaces: of("Workspace").map(({ name, attributes }) => ({
      id: idOf("Workspace", name),
      shortname: name,
      purpose: text(attributes.purpose) || "development",
      region: text(attributes.region),
      team: text(attributes.team),
    })),
    products: of("Product").map(({ name, attributes }) => ({
      ...placed("Product", name),
      shortname: nameInWorkspace(name) ?? "",
      type: text(attributes.type),
      tier: text(attributes.tier),
      active: attributes.active !== false,
      subscribed: attributes.subscribed !== false,
    })),
    roles: of("Role").map(({ name, attributes }) => ({
      id: idOf("Role", name),
      productId: idOf("Product", productOf(name) ?? ""),
      name: nameInProduct(name) ?? "",
      description: text(attributes.description),
      impliedRoleIds: ids("Role", attributes.implies),
    })),
    groups: of("Group").map(({ name, attributes }) => ({
      ...placed("Group", name),
      name: nameInWorkspace(name) ?? "",
      description: text(attributes.description),
      roleIds: ids("Role", attributes.roles),
    })),
    members: of("Member").map(({ name, attributes, status }) => ({
      id: idOf("Member", name),
      email: name,
      firstName: text(attributes.firstName),
      lastName: text(attributes.lastName),
      status: status === "invited" ? "invited" : "active",
      workspaces: workspacesOf(attributes.workspaces),
      roleIds: ids("Role", attributes.roles),
    })),
    memberships: Object.fromEntries(
      of("Group").map(({ name, local }) => [
        idOf("Group", name),
        [...(state.get(membershipSection(local))?.values() ?? [])].map((member) => idOf("Member", member.name)),
      ]),
    ),
    integrations: of("Integration").map(({ name, attributes }) => ({
      ...placed("Integration", name),
      productId: attributes.product === undefined ? null : idOf("Product", text(attributes.product)),
      name: nameInWorkspace(name) ?? "",
      callbackUrl: text(attributes.callback),
      environment: text(attributes.environment) || "production",
    })),
    keys: of("ApiKey").map(({ name, attributes }) => ({
      ...placed("ApiKey", name),
      productId: idOf("Product", text(attributes.product)),
      name: nameInWorkspace(name) ?? "",
      purpose: text(attributes.purpose),
      ownerId: attributes.owner === undefined ? null : idOf("Member", text(attributes.owner)),
    })),
  };
}

function workspacesOf(value: Attributes[string] | undefined): readonly WorkspaceGrant[] {
  const texts = Array.isArray(value) ? value : [];
  return texts.map((element: string) => {
    const { workspace, role } = parseWorkspaceRole(element);
    const known = WORKSPACE_ROLES.find((name) => name === role);
    if (!known) throw new TypeError(`the simulator has no workspace role ${role}`);
    return { workspaceId: idOf("Workspace", workspace), role: known };
  });
}

/** A connection to a simulator's account, as its writer or its reader. */
export function connectionTo(url: string, as: "reader" | "writer", overrides: Partial<Connection> = {}): Connection {
  return {
    target: openTarget({
      name: "vault",
      platform: "atomyx",
      url,
      credentials: { clientId: "VAULT_CLIENT_ID", clientSecret: "VAULT_CLIENT_SECRET" },
      environments: ["acme-dev", "acme-prod"],
    }),
    credentials: { clientId: VAULT_CLIENTS[as], clientSecret: VAULT_SECRETS[as] },
    userAgent: "rolebook-test",
    timeoutMs: 2_000,
    ...overrides,
  };
}

/** The same connection with a target of some workspaces only. */
export function limitedTo(connection: Connection, workspaces: string): Connection {
  return { ...connection, target: { ...connection.target, options: { workspaces } } };
}

export interface RunningVault extends LivePlatform {
  readonly simulator: Simulator;
  readonly url: string;
}

/** A simulator on a free port whose account holds this state. */
export async function startVault(state: State, options: SimulatorOptions = {}): Promise<RunningVault> {
  const simulator = createSimulator({ vault: documentOf(state), ...options });
  const url = await simulator.listen();
  let closing: Promise<void> | undefined;
  return {
    simulator,
    url,
    connection: connectionTo(url, "writer", { retries: 2 }),
    readOnly: connectionTo(url, "reader", { retries: 2 }),
    effectiveWrites: () => simulator.counters.view().writes.length,
    close: () => {
      closing ??= simulator.close();
      return closing;
    },
  };
}

const PROD = "acme-prod";
const MANAGE = "acme-prod/manage";
const role = (name: string, attributes: Attributes = {}) => entity("Role", `${MANAGE}/${name}`, attributes);
const names = (...some: string[]) => some.map((name) => `${MANAGE}/${name}`);
const owner = {
  firstName: "Hana",
  lastName: "Sato",
  workspaces: ["Owner of acme-dev", "Owner of acme-prod"],
  roles: [],
};

const estate: readonly Entity[] = [
  entity("Workspace", "acme-dev", { purpose: "development" }),
  ...product("acme-dev/manage", { tier: "Developer" }),
  ...product("acme-prod/submit", { type: "Submit", active: false }),
  entity("Role", "acme-dev/manage/Viewer", { description: "", implies: [] }),
  entity("Group", "acme-dev/Builders", { description: "", roles: ["acme-dev/manage/Viewer"] }),
  entity("Member", "hana@acme.example", owner),
];

export const seed: State = stateOf([
  ...estate,
  entity("Workspace", PROD, { purpose: "production", region: "eu-west", team: "Payments" }),
  ...product(MANAGE, { tier: "Enterprise" }),
  role("Viewer", { description: "Sees payments", implies: [] }),
  role("Editor", { description: "Enters payments", implies: names("Viewer") }),
  role("Old one", { description: "Going away", implies: [] }),
  role("Old two", { description: "", implies: names("Old one") }),
  entity("Group", "acme-prod/Payment editors", { description: "Enter payments", roles: names("Editor") }),
  entity("Group", "acme-prod/Everyone", { description: "", roles: names("Viewer") }),
  entity("Group", "acme-prod/Old group", { description: "Going away", roles: names("Old two") }),
  entity("Member", "ana@acme.example", {
    firstName: "Ana",
    lastName: "Li",
    workspaces: ["Member of acme-dev", "Member of acme-prod"],
    roles: [],
  }),
  entity("Member", "bo@acme.example", {
    firstName: "Bo",
    workspaces: ["Billing of acme-prod", "Member of acme-prod"],
    roles: names("Old one"),
  }),
  entity("Member", "leaver@acme.example", { workspaces: ["Admin of acme-prod"], roles: [] }),
  membership("acme-prod/Payment editors", "ana@acme.example"),
  membership("acme-prod/Everyone", "bo@acme.example"),
  membership("acme-prod/Everyone", "leaver@acme.example"),
  membership("acme-prod/Old group", "bo@acme.example"),
  membership("acme-dev/Builders", "ana@acme.example"),
  entity("Integration", "acme-prod/Ledger", {
    product: MANAGE,
    callback: "https://ledger.acme.example/vault",
    environment: "production",
  }),
  entity("Integration", "acme-prod/Old hook", {
    callback: "https://old.acme.example/",
    environment: "production",
  }),
  entity("ApiKey", "acme-prod/Web shop", { product: MANAGE, purpose: "production", owner: "leaver@acme.example" }),
  entity("ApiKey", "acme-prod/Old key", { product: MANAGE, purpose: "production", owner: "ana@acme.example" }),
]);

const want: State = stateOf([
  ...estate.filter(({ kind, name }) => kind !== "Product" || name !== "acme-prod/submit"),
  entity("Product", "acme-prod/submit", { type: "Submit", active: true, subscribed: true }),
  entity("Workspace", PROD, { purpose: "production", region: "us-east", team: "Payments Worldwide" }),
  ...product(MANAGE, { tier: "Enterprise" }),
  role("Viewer", { description: "Sees payments", implies: [] }),
  role("Editor", { description: "Enters and corrects payments", implies: names("Ünïcode rôle / 2", "Viewer").sort() }),
  role("Ünïcode rôle / 2", { description: "Two\nlines", implies: names("Last of the chain") }),
  role("Last of the chain", { description: "", implies: names("Viewer") }),
  entity("Group", "acme-prod/Payment editors", {
    description: "Enter payments",
    roles: names("Editor", "Last of the chain"),
  }),
  entity("Group", "acme-prod/Everyone", { description: "All of us", roles: names("Viewer") }),
  entity("Group", "acme-prod/O'Brien & sons / 50%", { description: "", roles: names("Admin", "Ünïcode rôle / 2") }),
  entity("Member", "ana@acme.example", {
    firstName: "Ana",
    lastName: "Øre",
    workspaces: ["Admin of acme-prod", "Member of acme-dev"],
    roles: names("Viewer"),
  }),
  entity("Member", "bo@acme.example", { firstName: "Bo", workspaces: ["Member of acme-prod"], roles: [] }),
  entity("Member", "new+one@acme.example", {
    firstName: "New",
    lastName: "One",
    workspaces: ["Member of acme-prod"],
    roles: names("Last of the chain"),
  }),
  membership("acme-prod/Payment editors", "ana@acme.example"),
  membership("acme-prod/Payment editors", "bo@acme.example"),
  membership("acme-prod/Everyone", "bo@acme.example"),
  membership("acme-prod/O'Brien & sons / 50%", "new+one@acme.example"),
  membership("acme-prod/O'Brien & sons / 50%", "ana@acme.example"),
  membership("acme-dev/Builders", "ana@acme.example"),
  entity("Integration", "acme-prod/Ledger", {
    product: "acme-prod/submit",
    callback: "https://ledger.acme.example/2",
    environment: "production",
  }),
  entity("Integration", "acme-prod/Näw hook", {
    callback: "https://new.acme.example/",
    environment: "production",
  }),
  entity("ApiKey", "acme-prod/Web shop", { product: MANAGE, purpose: "production", owner: "ana@acme.example" }),
]);

export const atomyxHarness: Harness = {
  platform: atomyx,
  start: startVault,
  seed,
  want,
  // Workspaces and products come and go in the Vault, and somebody has to receive a new key. Nothing of a membership is on
  // the platform but that it is.
  impossible: [
    "Workspace create",
    "Workspace delete",
    "Product create",
    "Product delete",
    "ApiKey create",
    "Membership update",
  ],
  withText: (value) => {
    const group = entityAt(seed, "Group", "acme-prod/payment editors");
    const rest = [...seed.values()].flatMap((section) => [...section.values()]).filter((other) => other !== group);
    return stateOf([
      ...rest,
      ...(group ? [{ ...group, attributes: { ...group.attributes, description: value } }] : []),
    ]);
  },
};
