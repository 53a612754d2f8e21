// A domain of a real Keystone to test the driver against, and two states of a small domain between which everything that
// can happen happens.
import {
  type Attributes,
  type Entity,
  entityAt,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../../src/model/entity.ts";
import { ownedName } from "../../../src/model/platform.ts";
import { fold } from "../../../src/platform/keystone/catalogue.ts";
import { defaults } from "../../../src/platform/keystone/defaults.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import type { Harness, LivePlatform } from "../contract.ts";
import { openGate } from "./gate.ts";
import { AUDITOR, connectionTo, sharedKeystone, WHOLE_SYSTEM } from "./shared.ts";

export function entity(kind: string, name: string, attributes: Attributes = NO_ATTRIBUTES): Entity {
  return { kind, section: kind, local: fold(name), name, attributes };
}

export function membership(group: string, member: string): Entity {
  const section = membershipSection(fold(group));
  return { kind: "Membership", section, local: fold(member), name: member, attributes: NO_ATTRIBUTES };
}

export function credential(name: string, user: string, attributes: Attributes): Entity {
  return entity("ApplicationCredential", ownedName(name, user), { user, unrestricted: false, ...attributes });
}

/** `admin`, `member` and `reader`, as every Keystone has them. */
export const builtIn: readonly Entity[] = [...(defaults.get("Role")?.values() ?? [])];

const projects = ["dev", "test", "production"].map((name) => entity("Project", name));
const ana = { email: "ana@acme.example", enabled: true, grants: ["reader on project test"] };
const bo = { description: "Second line", email: "bo@acme.example", enabled: true, grants: [] };
const leaver = { email: "lee@acme.example", enabled: true, grants: ["reader on all projects"] };

const nightly = credential("nightly", "ana", {
  project: "test",
  roles: ["reader"],
  expires: "2031-01-31T00:00:00Z",
  description: "The nightly report",
});

const seed: State = stateOf([
  ...projects,
  ...builtIn,
  entity("Role", "operator", { description: "Runs it", implies: ["member", "reader"] }),
  entity("Role", "auditor", { implies: ["reader"] }),
  entity("Role", "old role", { description: "Going away", implies: [] }),
  entity("Group", "Builders", {
    description: "Build things",
    grants: ["member on project dev", "reader on all projects"],
  }),
  entity("Group", "Everyone", { grants: ["reader on project dev"] }),
  entity("Group", "Old group", { description: "Going away", grants: ["old role on the domain"] }),
  entity("Member", "ana", ana),
  entity("Member", "bo", bo),
  entity("Member", "leaver", leaver),
  membership("Builders", "ana"),
  membership("Builders", "bo"),
  membership("Everyone", "bo"),
  membership("Everyone", "leaver"),
  membership("Old group", "bo"),
  credential("ci", "bo", { project: "dev", roles: ["member"] }),
  nightly,
]);

const wanted: readonly Entity[] = [
  ...projects,
  ...builtIn,
  entity("Role", "operator", { description: "Runs all of it", implies: ["reader", "Ünïcode rôle"] }),
  entity("Role", "auditor", { implies: ["reader"] }),
  entity("Role", "Ünïcode rôle", { description: "Two\nlines", implies: ["last of the chain"] }),
  entity("Role", "last of the chain", { implies: ["auditor"] }),
  entity("Group", "Builders", {
    description: "Build things",
    grants: ["operator on all projects", "reader on all projects"],
  }),
  entity("Group", "Everyone", {
    description: "All of us",
    grants: ["reader on project dev", "reader on project test"],
  }),
  entity("Group", "O'Brien & sons / 50%", { grants: ["auditor on the domain", "Ünïcode rôle on project production"] }),
  entity("Member", "ana", { ...ana, description: "On call", grants: ["auditor on project dev", ...ana.grants] }),
  entity("Member", "bo", { ...bo, email: "bo.ng@acme.example", enabled: false }),
  entity("Member", "new+one@acme.example", { email: "new+one@acme.example", enabled: true, grants: [] }),
  membership("Builders", "ana"),
  membership("Everyone", "bo"),
  membership("Everyone", "ana"),
  membership("O'Brien & sons / 50%", "new+one@acme.example"),
  membership("O'Brien & sons / 50%", "ana"),
  nightly,
];

async function start(state: State): Promise<LivePlatform> {
  const { server, seed: fill } = await sharedKeystone();
  const { domain } = await fill(state);
  const gate = await openGate(server.url);
  const admin = { username: "admin", password: server.adminPassword };
  return {
    connection: { ...connectionTo(gate.url, domain.name, admin), retries: 2 },
    readOnly: { ...connectionTo(gate.url, domain.name, AUDITOR, WHOLE_SYSTEM), retries: 2 },
    effectiveWrites: gate.effectiveWrites,
    close: gate.close,
  };
}

export const keystoneHarness: Harness = {
  platform: keystone,
  start,
  seed,
  want: stateOf(wanted),
  // People are disabled and never deleted.
  arrived: stateOf([...wanted, entity("Member", "leaver", { ...leaver, enabled: false, grants: [] })]),
  // Nothing of a membership is on the platform but that it is, and application credentials are their owners' to make.
  impossible: ["Membership update", "ApplicationCredential create", "ApplicationCredential update"],
  withText: (text) => {
    const group = entityAt(seed, "Group", "Builders");
    const rest = [...seed.values()].flatMap((section) => [...section.values()]).filter((other) => other !== group);
    return stateOf([...rest, ...(group ? [{ ...group, attributes: { ...group.attributes, description: text } }] : [])]);
  },
};
