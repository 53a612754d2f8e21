// An Atomic organization to test the driver against: the simulator, seeded with any state, and two states of a small
// organization between which everything that can happen happens.
import type { Connection } from "../../../src/model/driver.ts";
import {
  type Attributes,
  type Entity,
  groupOfSection,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../../src/model/entity.ts";
import { fold } from "../../../src/platform/atomic/ladder.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import type { StateDocument } from "../../../src/simulator/records.ts";
import {
  CLIENTS,
  createSimulator,
  LOCAL_SECRETS,
  type Simulator,
  type SimulatorOptions,
} from "../../../src/simulator/server.ts";
import { OPEN_LIMITS } from "../../support/organization.ts";
import type { Harness, LivePlatform } from "../contract.ts";

export function entity(kind: string, name: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  return { kind, section: kind, local: fold(name), name, attributes };
}

export function membership(group: string, member: string): Entity {
  const section = membershipSection(fold(group));
  return { kind: "Membership", section, local: fold(member), name: member, attributes: NO_ATTRIBUTES };
}

/** The simulator's document of a state. Ids are made of names. */
export function documentOf(state: State): StateDocument {
  const of = (kind: string) => [...(state.get(kind)?.values() ?? [])];
  const ids = (kind: string, names: Attributes[string] | undefined) =>
    Array.isArray(names) ? names.map((name: string) => idOf(kind, name)) : [];
  const text = (value: Attributes[string] | undefined) => (typeof value === "string" ? value : "");
  return {
    version: 1,
    organisation: { id: "acme", name: "Acme" },
    environments: of("Environment").map(({ name }, index) => ({
      id: `Env${index}xyz`,
      name,
      created: "2024-01-01T00:00:00.000Z",
      organisationName: "Acme",
    })),
    roles: of("Role").map(({ name, attributes }) => ({
      id: idOf("Role", name),
      name,
      description: text(attributes.description),
      permissions: Object.entries(attributes.permissions ?? {}).map(([resource, level]) => ({ resource, level })),
    })),
    groups: of("Group").map(({ name, attributes }) => ({
      id: idOf("Group", name),
      name,
      description: text(attributes.description),
      roleIds: ids("Role", attributes.roles),
      environmentIds: environmentIds(state, attributes.environments),
    })),
    members: of("Member").map(({ name, attributes, status }) => ({
      id: idOf("Member", name),
      email: name,
      firstName: text(attributes.firstName),
      lastName: text(attributes.lastName),
      status: status === "invited" || status === "disabled" ? status : "active",
    })),
    memberships: Object.fromEntries(
      of("Group").map(({ name, local }) => [
        idOf("Group", name),
        [...(state.get(membershipSection(local))?.values() ?? [])].map((member) => idOf("Member", member.name)),
      ]),
    ),
  };
}

function idOf(kind: string, name: string): string {
  return `${kind.slice(0, 2)}-${Buffer.from(fold(name)).toString("base64url").slice(0, 60)}`;
}

function environmentIds(state: State, value: Attributes[string] | undefined): string[] {
  const names = [...(state.get("Environment")?.keys() ?? [])];
  return Array.isArray(value) ? value.map((name: string) => `Env${names.indexOf(fold(name))}xyz`) : [];
}

/** A connection to a simulator, as its writer or its reader. */
export function connectionTo(url: string, as: "reader" | "writer", overrides: Partial<Connection> = {}): Connection {
  return {
    target: {
      name: "acme",
      platform: "atomic",
      url,
      organization: "acme",
      credentials: { clientId: "ACME_CLIENT_ID", clientSecret: "ACME_CLIENT_SECRET" },
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
      place: { file: "rolebook.yaml", line: 1, column: 1 },
    },
    credentials: { clientId: CLIENTS[as], clientSecret: LOCAL_SECRETS[as] },
    userAgent: "rolebook-test",
    timeoutMs: 2_000,
    ...overrides,
  };
}

export interface RunningSimulator extends LivePlatform {
  readonly simulator: Simulator;
  readonly url: string;
}

/** A simulator on a free port that holds this state. */
export async function startSimulator(state: State, options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const simulator = createSimulator({ seed: documentOf(state), ...options });
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

const environments = ["dev", "test", "production"].map((name) => entity("Environment", name));
const editor = { "Card template": "edit", Theme: "view" };

export const seed: State = stateOf([
  ...environments,
  entity("Role", "Card editor", { description: "Edits cards", permissions: editor }),
  entity("Role", "Card viewer", { description: "", permissions: { "Card template": "view" } }),
  entity("Role", "Old role", { description: "Going away", permissions: { Tag: "view" } }),
  entity("Group", "Card creators", {
    description: "Make cards",
    roles: ["Card editor"],
    environments: ["dev", "test"],
  }),
  entity("Group", "Everyone", { description: "", roles: ["Card viewer"], environments: "all" }),
  entity("Group", "Old group", { description: "Going away", roles: ["Old role"], environments: "all" }),
  entity("Member", "ana@acme.example", { firstName: "Ana", lastName: "Li" }),
  entity("Member", "bo@acme.example", { firstName: "Bo", lastName: "Ng" }),
  entity("Member", "leaver@acme.example", { firstName: "Lee", lastName: "Ver" }),
  membership("Card creators", "ana@acme.example"),
  membership("Everyone", "bo@acme.example"),
  membership("Everyone", "leaver@acme.example"),
  membership("Old group", "bo@acme.example"),
]);

const want: State = stateOf([
  ...environments,
  entity("Role", "Card editor", {
    description: "Edits and publishes",
    permissions: { "Card template": "admin", Stream: "view" },
  }),
  entity("Role", "Card viewer", { description: "", permissions: { "Card template": "view" } }),
  entity("Role", "Ünïcode rôle", {
    description: "Two\nlines",
    permissions: { "Audit log": "admin", Connectors: "edit" },
  }),
  entity("Group", "Card creators", {
    description: "Make cards",
    roles: ["Card editor", "Ünïcode rôle"],
    environments: "all",
  }),
  entity("Group", "Everyone", {
    description: "All of us",
    roles: ["Card viewer"],
    environments: ["production", "test"],
  }),
  entity("Group", "O'Brien & sons / 50%", {
    description: "",
    roles: ["Card viewer", "Ünïcode rôle"],
    environments: ["dev"],
  }),
  entity("Member", "ana@acme.example", { firstName: "Ana", lastName: "Øre" }),
  entity("Member", "bo@acme.example", { firstName: "Bo", lastName: "Ng" }),
  entity("Member", "new+one@acme.example", { firstName: "New", lastName: "One" }),
  membership("Card creators", "ana@acme.example"),
  membership("Card creators", "bo@acme.example"),
  membership("Everyone", "bo@acme.example"),
  membership("O'Brien & sons / 50%", "new+one@acme.example"),
  membership("O'Brien & sons / 50%", "ana@acme.example"),
]);

export const atomicHarness: Harness = {
  platform: atomic,
  start: startSimulator,
  seed,
  want,
  // Nothing of a membership is on the platform but that it is.
  impossible: ["Membership update"],
  withText: (text) => {
    const changed = [...seed.values()]
      .flatMap((section) => [...section.values()])
      .map((old) =>
        old.kind === "Role" && old.name === "Card editor" && groupOfSection(old.section) === undefined
          ? { ...old, attributes: { ...old.attributes, description: text } }
          : old,
      );
    return stateOf(changed);
  },
};
