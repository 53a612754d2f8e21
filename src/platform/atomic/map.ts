// Rows of the platform's API -> entities of a live state. Pure. Takes rows one at a time, so that pages need not
// be kept, and says what does not hang together; it repairs nothing and guesses nothing.

import type { Environment, Group, Member, Membership, Role } from "../../generated/types/platform-atomic.ts";
import { type Attributes, type Entity, membershipSection, NO_ATTRIBUTES, type State } from "../../model/entity.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import { levels } from "./catalogue.ts";
import { fold, resourceNamed } from "./ladder.ts";

export type EnvironmentRow = Pick<Environment, "id" | "name">;
export type RoleRow = Pick<Role, "id" | "name" | "description" | "permissions" | "etag">;
export type GroupRow = Pick<Group, "id" | "name" | "description" | "roleIds" | "environmentIds" | "etag">;
export type MemberRow = Pick<Member, "id" | "email" | "firstName" | "lastName" | "status" | "etag">;
export type MembershipRow = Pick<Membership, "groupId" | "memberId">;

/** Id -> entity, in the order of arrival. */
export type ById = ReadonlyMap<string, Entity>;

/** A sink for rows with an id, kept as entities. */
export interface EntitySink<Row> {
  readonly add: (row: Row) => boolean;
  readonly byId: ById;
}

/** Keeps rows as entities by id; a row with an id it has already changes nothing. */
export function sinkOf<Row extends { readonly id: string }>(toEntity: (row: Row) => Entity): EntitySink<Row> {
  const byId = new Map<string, Entity>();
  return {
    byId,
    add: (row) => {
      if (byId.has(row.id)) return false;
      byId.set(row.id, toEntity(row));
      return true;
    },
  };
}

/** Group id -> ids of its members. */
export interface MembershipSink {
  readonly add: (row: MembershipRow) => boolean;
  readonly byGroup: ReadonlyMap<string, ReadonlySet<string>>;
}

export function membershipSink(): MembershipSink {
  const byGroup = new Map<string, Set<string>>();
  return {
    byGroup,
    add: ({ groupId, memberId }) => {
      const members = byGroup.get(groupId);
      if (!members) byGroup.set(groupId, new Set([memberId]));
      else if (members.has(memberId)) return false;
      else members.add(memberId);
      return true;
    },
  };
}

/** Text as it is compared: trimmed, composed. */
export function canonicalText(text: string): string {
  return text.trim().normalize("NFC");
}

function live(kind: string, name: string, id: string, attributes: Attributes): Entity {
  return { kind, section: kind, local: fold(name), name: canonicalText(name), attributes, id };
}

export function environmentEntity(row: EnvironmentRow): Entity {
  return live("Environment", row.name, row.id, NO_ATTRIBUTES);
}

export function roleEntity(row: RoleRow): Entity {
  const attributes = { description: canonicalText(row.description), permissions: permissionMap(row.permissions) };
  return { ...live("Role", row.name, row.id, attributes), version: row.etag };
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
  return { ...live("Group", row.name, row.id, attributes), version: row.etag };
}

/** A first or last name that the platform does not have is an absent attribute. `status` is left out for active members. */
export function memberEntity(row: MemberRow): Entity {
  const attributes: Record<string, string> = {};
  const [firstName, lastName] = [canonicalText(row.firstName), canonicalText(row.lastName)];
  if (firstName !== "") attributes.firstName = firstName;
  if (lastName !== "") attributes.lastName = lastName;
  const member = { ...live("Member", row.email, row.id, attributes), version: row.etag };
  return row.status === "active" ? member : { ...member, status: row.status };
}

export interface LiveRows {
  readonly environments: ById;
  readonly roles: ById;
  /** As `groupEntity` makes them. */
  readonly groups: ById;
  /** Disabled ones too. */
  readonly members: ById;
  readonly memberships: MembershipSink["byGroup"];
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
    const section = membershipsOf(group, rows, findings);
    if (section.size > 0) state.set(membershipSection(group.local), section);
  }
  findings.push(...unknownGroups(rows), ...unknownResources(rows.roles));
  return { state, disabled, findings };
}

function splitMembers(members: ById): [Entity[], Entity[]] {
  const [present, away]: [Entity[], Entity[]] = [[], []];
  for (const member of members.values()) (member.status === "disabled" ? away : present).push(member);
  return [present, away];
}

/** Two things that people know by one name cannot be told apart in a file, so nothing may be changed. */
function sectionOf(entities: Iterable<Entity>, findings: Finding[]): ReadonlyMap<string, Entity> {
  const section = new Map<string, Entity>();
  for (const entity of entities) {
    const other = section.get(entity.local);
    if (other)
      findings.push({
        severity: "error",
        code: "ambiguous-name",
        message: `The platform has two of kind ${entity.kind} with the name "${entity.name}" (${other.id} and ${entity.id})`,
        key: `${entity.section}/${entity.local}`,
        hint: "Rename or remove one of them on the platform.",
      });
    else section.set(entity.local, entity);
  }
  return section;
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

function membershipsOf(group: Entity, rows: LiveRows, findings: Finding[]): ReadonlyMap<string, Entity> {
  const section = new Map<string, Entity>();
  const name = membershipSection(group.local);
  let missing = 0;
  for (const id of rows.memberships.get(group.id ?? "") ?? []) {
    const member = rows.members.get(id);
    if (!member) missing += 1;
    else section.set(member.local, membershipEntity(name, member));
  }
  if (missing > 0)
    findings.push(
      inconsistent(
        `Group "${group.name}" has ${missing} members who are not in the platform's list of members`,
        `Group/${group.local}`,
      ),
    );
  return section;
}

/** The id is the member's, which is what writes need. A disabled member's membership says so, and gives nothing. */
function membershipEntity(section: string, member: Entity): Entity {
  const entity = { kind: "Membership", section, local: member.local, name: member.name, attributes: NO_ATTRIBUTES };
  const id = member.id ?? "";
  return member.status === "disabled" ? { ...entity, id, status: "disabled" } : { ...entity, id };
}

function unknownGroups(rows: LiveRows): Finding[] {
  const unknown = [...rows.memberships.keys()].filter((id) => !rows.groups.has(id)).length;
  if (unknown === 0) return [];
  return [inconsistent(`There are memberships in ${unknown} groups that are not in the platform's list of groups`)];
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

/** A finding about a read that cannot be trusted to be whole. */
export function inconsistent(message: string, key?: string, code = "inconsistent-read"): Finding {
  const hint = "Try again; while it lasts, nothing is taken away from anybody.";
  return { severity: "error", code, message, hint, blocks: "removals", ...(key === undefined ? {} : { key }) };
}
