// Rows of the platform's API -> entities of a live state. Pure. Takes rows one at a time, so that pages need not
// be kept, and says what does not hang together; it repairs nothing and guesses nothing.

import type { Environment, Group, Member, Role } from "../../generated/types/platform-atomic.ts";
import { type Attributes, type Entity, membershipSection, NO_ATTRIBUTES, type State } from "../../model/entity.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import type { Memberships } from "../rules/membership-sink.ts";
import { canonicalText, factsOf, inconsistent, sectionOf } from "../rules/rows.ts";
import type { ById } from "../rules/sinks.ts";
import { levels } from "./catalogue.ts";
import { fold, resourceNamed } from "./ladder.ts";

export type EnvironmentRow = Pick<Environment, "id" | "name">;
export type RoleRow = Pick<Role, "id" | "name" | "description" | "permissions" | "etag">;
export type GroupRow = Pick<Group, "id" | "name" | "description" | "roleIds" | "environmentIds" | "etag">;
export type MemberRow = Pick<
  Member,
  "id" | "email" | "firstName" | "lastName" | "status" | "multiFactor" | "lastActiveAt" | "etag"
>;

export function environmentEntity({ id, name }: EnvironmentRow): Entity {
  const [kind, section] = ["Environment", "Environment"];
  return { kind, section, local: fold(name), name: canonicalText(name), attributes: NO_ATTRIBUTES, id };
}

/** Literals rather than spreads, here and below: there are hundreds of thousands of them in a large read. */
function managed(kind: string, name: string, attributes: Attributes, id: string, version: string): Entity {
  return { kind, section: kind, local: fold(name), name: canonicalText(name), attributes, id, version };
}

export function roleEntity(row: RoleRow): Entity {
  const attributes = { description: canonicalText(row.description), permissions: permissionMap(row.permissions) };
  return managed("Role", row.name, attributes, row.id, row.etag);
}

/** Resource -> level as granted, under catalogue names where there is one, keys sorted; of two levels for one resource the higher. */
export function permissionMap(rows: readonly RoleRow["permissions"][number][]): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const { resource, level } of rows) {
    const name = resourceNamed(resource)?.name ?? canonicalText(resource);
    const known = found.get(name);
    if (known === undefined || levels.indexOf(level) > levels.indexOf(known)) found.set(name, level);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => compareText(a, b)));
}

/** References stay ids here, since what they point at may come later; see `nameReferences`. */
export function groupEntity(row: GroupRow): Entity {
  const attributes = {
    description: canonicalText(row.description),
    roles: row.roleIds,
    environments: row.environmentIds.length === 0 ? "all" : row.environmentIds,
  };
  return managed("Group", row.name, attributes, row.id, row.etag);
}

/** A first or last name that the platform does not have is an absent attribute. `status` is left out for active members. */
export function memberEntity(row: MemberRow): Entity {
  const attributes: Record<string, string> = {};
  const [firstName, lastName] = [canonicalText(row.firstName), canonicalText(row.lastName)];
  if (firstName !== "") attributes.firstName = firstName;
  if (lastName !== "") attributes.lastName = lastName;
  const member = managed("Member", row.email, attributes, row.id, row.etag);
  const facts = factsOf(row.multiFactor, row.lastActiveAt);
  if (row.status === "active") return facts ? { ...member, facts } : member;
  return facts ? { ...member, status: row.status, facts } : { ...member, status: row.status };
}

export interface LiveRows {
  readonly environments: ById;
  readonly roles: ById;
  /** As `groupEntity` makes them. */
  readonly groups: ById;
  /** Disabled ones too. */
  readonly members: ById;
  readonly memberships: Memberships;
}

export interface Assembled {
  /** Without disabled members, who are as good as not there. */
  readonly state: State;
  /** Folded address -> disabled member: inviting one of these means enabling them again. */
  readonly disabled: ReadonlyMap<string, Entity>;
  readonly findings: readonly Finding[];
}

/** Puts a whole read together. */
export function assembleState(rows: LiveRows): Assembled {
  const findings: Finding[] = [];
  const state = new Map<string, ReadonlyMap<string, Entity>>();
  const disabled = new Map<string, Entity>();
  const [present, away] = splitMembers(rows.members);
  for (const member of away) disabled.set(member.local, member);
  state.set("Environment", sectionOf(rows.environments.values(), findings));
  state.set("Role", sectionOf(rows.roles.values(), findings));
  const groups = [...rows.groups.values()].map((group) => nameReferences(group, rows, findings));
  state.set("Group", sectionOf(groups, findings));
  state.set("Member", sectionOf(present, findings));
  for (const group of groups) {
    const section = rows.memberships.byGroup.get(group.id ?? "");
    if (section && section.size > 0) state.set(membershipSection(group.local), section);
  }
  findings.push(...danglingMembers(rows), ...unknownResources(rows.roles));
  return { state, disabled, findings };
}

function splitMembers(members: ById): [Entity[], Entity[]] {
  const [present, away]: [Entity[], Entity[]] = [[], []];
  for (const member of members.values()) (member.status === "disabled" ? away : present).push(member);
  return [present, away];
}

/** Ids of roles and environments to names. An id that leads nowhere stays as it is, so that a limit never looks like none. */
function nameReferences(group: Entity, rows: LiveRows, findings: Finding[]): Entity {
  const missing: string[] = [];
  const name = (ids: readonly string[], known: ById, kind: string) =>
    ids
      .map((id) => {
        const found = known.get(id);
        if (!found) missing.push(`${kind} ${id}`);
        return found ?? { name: id, local: fold(id) };
      })
      .sort((a, b) => compareText(a.local, b.local))
      .map((entity) => entity.name);
  const { roles, environments } = group.attributes;
  const attributes: Attributes = {
    ...group.attributes,
    roles: name(Array.isArray(roles) ? roles : [], rows.roles, "role"),
    environments: Array.isArray(environments) ? name(environments, rows.environments, "environment") : "all",
  };
  if (missing.length > 0)
    findings.push(
      inconsistent(
        `Group "${group.name}" refers to ${missing.join(", ")}, not in the platform's lists`,
        `Group/${group.local}`,
      ),
    );
  return { ...group, attributes };
}

function danglingMembers(rows: LiveRows): Finding[] {
  const findings: Finding[] = [];
  let groups = 0;
  for (const [id, missing] of rows.memberships.dangling) {
    const group = rows.groups.get(id);
    if (!group) groups += 1;
    else
      findings.push(
        inconsistent(
          `Group "${group.name}" has ${missing.size} members who are not in the platform's list of members`,
          `Group/${group.local}`,
        ),
      );
  }
  if (groups > 0)
    findings.push(
      inconsistent(`There are memberships in ${groups} groups that are not in the platform's list of groups`),
    );
  return findings;
}

function unknownResources(roles: ById): Finding[] {
  const findings: Finding[] = [];
  for (const role of roles.values())
    for (const resource of Object.keys(role.attributes.permissions ?? {}))
      if (!resourceNamed(resource))
        findings.push({
          severity: "warning",
          code: "unknown-resource",
          message: `Role "${role.name}" has a permission on "${resource}" on the platform, which this version of Rolebook does not know: nobody's access to it is shown`,
          key: `Role/${role.local}`,
        });
  return findings;
}
