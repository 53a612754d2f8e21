// Rows of one Keystone domain -> entities of a live state. Pure. It says what does not hang together and what lies
// outside the domain; it repairs nothing and guesses nothing.
import { type Attributes, type Entity, membershipSection, NO_ATTRIBUTES, type State } from "../../model/entity.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import { ownedName } from "../../model/platform.ts";
import { canonicalText, inconsistent, sectionOf } from "../rules/rows.ts";
import { fold, IMMUTABLE } from "./catalogue.ts";
import { type GrantElement, grantSet, type Reach } from "./grants.ts";
import type {
  ApplicationCredentialRow,
  AssignmentRow,
  DomainRows,
  GroupRow,
  ProjectRow,
  RoleRow,
  UserRow,
} from "./rows.ts";

export interface Assembled {
  readonly state: State;
  readonly findings: readonly Finding[];
}

/** Everything by id, for what refers to it. */
interface Ids {
  readonly rows: DomainRows;
  /** Global roles only. */
  readonly roles: ReadonlyMap<string, RoleRow>;
  /** Roles of the domain itself, which Rolebook does not handle. */
  readonly domainRoles: ReadonlyMap<string, RoleRow>;
  readonly projects: ReadonlyMap<string, ProjectRow>;
  readonly users: ReadonlyMap<string, UserRow>;
  readonly groups: ReadonlyMap<string, GroupRow>;
}

/** Puts a whole read of a domain together. */
export function assembleState(rows: DomainRows): Assembled {
  const findings: Finding[] = [];
  const byId = <Row extends { readonly id: string }>(list: readonly Row[]) => new Map(list.map((row) => [row.id, row]));
  const ids: Ids = {
    rows,
    roles: byId(rows.roles.filter(({ domain_id }) => domain_id === null)),
    domainRoles: byId(rows.roles.filter(({ domain_id }) => domain_id !== null)),
    projects: byId(rows.projects),
    users: byId(rows.users),
    groups: byId(rows.groups),
  };
  const grants = assignmentsByHolder(ids, findings);
  const state = new Map<string, ReadonlyMap<string, Entity>>();
  const put = (kind: string, entities: Iterable<Entity>) => state.set(kind, sectionOf(entities, findings));
  put(
    "Project",
    rows.projects.map((row) => projectEntity(row, ids)),
  );
  put("Role", roleEntities(ids, findings));
  put(
    "Group",
    rows.groups.map((row) => groupEntity(row, grants.get(`group ${row.id}`) ?? [])),
  );
  put(
    "Member",
    rows.users.map((row) => userEntity(row, grants.get(`user ${row.id}`) ?? [])),
  );
  put("ApplicationCredential", credentialEntities(ids, findings));
  for (const [section, members] of memberships(ids, findings)) state.set(section, members);
  findings.push(...domainRoleFindings(ids));
  return { state, findings };
}

function entity(kind: string, name: string, id: string, attributes: Attributes, status?: string): Entity {
  const made = { kind, section: kind, local: fold(name), name: canonicalText(name), attributes, id };
  return status === undefined ? made : { ...made, status };
}

/** A text that is empty or not there is an absent attribute: Keystone does not tell them apart, and files cannot say "empty". */
function text<Name extends string>(name: Name, value: string | null | undefined): { readonly [key in Name]?: string } {
  const canonical = canonicalText(value ?? "");
  return canonical === "" ? {} : ({ [name]: canonical } as { readonly [key in Name]?: string });
}

/** A project's parent is kept for grants below projects; a project at the top of the domain has none. */
function projectEntity(row: ProjectRow, { projects }: Ids): Entity {
  const parent = row.parent_id === null ? undefined : projects.get(row.parent_id);
  const attributes = parent ? { parent: canonicalText(parent.name) } : NO_ATTRIBUTES;
  return entity("Project", row.name, row.id, attributes, row.enabled ? undefined : "disabled");
}

function roleEntities({ rows, roles, domainRoles }: Ids, findings: Finding[]): Entity[] {
  const implied = new Map<string, string[]>();
  let dangling = 0;
  for (const { priorRoleId, impliedRoleId } of rows.inferences) {
    const [prior, other] = [roles.get(priorRoleId), roles.get(impliedRoleId)];
    if (prior && other) append(implied, priorRoleId, canonicalText(other.name));
    else if (!domainRoles.has(priorRoleId) && !domainRoles.has(impliedRoleId)) dangling += 1;
  }
  if (dangling > 0)
    findings.push(
      inconsistent(`There are ${dangling} implications of roles that are not in the platform's list of roles`),
    );
  return [...roles.values()].map((row) =>
    entity(
      "Role",
      row.name,
      row.id,
      { ...text("description", row.description), implies: sorted(implied.get(row.id) ?? []) },
      row.options?.immutable === true ? IMMUTABLE : undefined,
    ),
  );
}

function groupEntity(row: GroupRow, grants: readonly GrantElement[]): Entity {
  return entity("Group", row.name, row.id, { ...text("description", row.description), grants: grantSet(grants) });
}

function userEntity(row: UserRow, grants: readonly GrantElement[]): Entity {
  const user = entity("Member", row.name, row.id, {
    ...text("email", row.email),
    ...text("description", row.description),
    enabled: row.enabled,
    grants: grantSet(grants),
  });
  return row.options ? { ...user, facts: { multiFactor: needsSecondFactor(row.options) } } : user;
}

/**
 * Whether nobody comes in as this user by one method alone. Any single rule lets the user in, so one rule of a single
 * method undoes the others. Keystone does not tell which methods it has loaded, so a rule counts as it is written.
 */
function needsSecondFactor(options: NonNullable<UserRow["options"]>): boolean {
  const rules = options.multi_factor_auth_rules ?? [];
  const enabled = options.multi_factor_auth_enabled ?? true;
  return enabled && rules.length > 0 && rules.every((methods) => new Set(methods).size > 1);
}

function credentialEntities({ rows, users, projects }: Ids, findings: Finding[]): Entity[] {
  const made: Entity[] = [];
  let dangling = 0;
  for (const row of rows.applicationCredentials) {
    const user = users.get(row.userId);
    if (!user) dangling += 1;
    else made.push(credentialEntity(row, user, projects.get(row.projectId)?.name ?? row.projectId));
  }
  if (dangling > 0)
    findings.push(
      inconsistent(
        `There are ${dangling} application credentials of users who are not in the platform's list of users`,
      ),
    );
  return made;
}

function credentialEntity(row: ApplicationCredentialRow, user: UserRow, project: string): Entity {
  const attributes = {
    user: canonicalText(user.name),
    ...text("description", row.description),
    project: canonicalText(project),
    roles: sorted(row.roles.map(({ name }) => canonicalText(name))),
    ...(row.expires_at === null ? {} : { expires: instantOf(row.expires_at) }),
    unrestricted: row.unrestricted,
  };
  const name = ownedName(canonicalText(row.name), canonicalText(user.name));
  return entity("ApplicationCredential", name, row.id, attributes);
}

/** `2027-01-31T00:00:00.000000` (UTC, no offset) as files write it: `2027-01-31T00:00:00Z`. */
function instantOf(expiry: string): string {
  return `${expiry.replace(/\.\d+$/, "").replace(/Z$/, "")}Z`;
}

/** `user ID` or `group ID` -> what is assigned to it. */
function assignmentsByHolder(ids: Ids, findings: Finding[]): ReadonlyMap<string, GrantElement[]> {
  const holders = new Map<string, GrantElement[]>();
  const outside = { holders: 0, scopes: 0 };
  let dangling = 0;
  for (const row of ids.rows.assignments) {
    const { kind, id } = row.actor;
    const known = kind === "user" ? ids.users.has(id) : ids.groups.has(id);
    const reach = reachOf(row, ids);
    const role = ids.roles.get(row.roleId);
    if (!role && ids.domainRoles.has(row.roleId)) continue;
    if (!known) outside.holders += 1;
    else if (!reach) outside.scopes += 1;
    else if (!role) dangling += 1;
    else append(holders, `${kind} ${id}`, { role: canonicalText(role.name), ...reach });
  }
  if (dangling > 0)
    findings.push(
      inconsistent(`There are ${dangling} assignments of roles that are not in the platform's list of roles`),
    );
  if (outside.holders > 0) findings.push(foreign(outside.holders, "to users or groups that are not of this domain"));
  if (outside.scopes > 0) findings.push(foreign(outside.scopes, "on projects or domains outside this domain"));
  return holders;
}

function reachOf({ scope, inherited }: AssignmentRow, { rows, projects }: Ids): Reach | undefined {
  if (scope.kind === "domain")
    return scope.id === rows.domain.id ? { on: inherited ? "projects" : "domain" } : undefined;
  const project = projects.get(scope.id);
  return project && { on: inherited ? "below" : "project", project: canonicalText(project.name) };
}

function foreign(count: number, what: string): Finding {
  return {
    severity: "warning",
    code: "foreign-assignment",
    message: `There ${count === 1 ? "is 1 role assignment" : `are ${count} role assignments`} ${what}: neither shown nor touched`,
    hint: "A target is one domain; look at them with: openstack role assignment list --names",
  };
}

function memberships(
  { rows, users, groups }: Ids,
  findings: Finding[],
): ReadonlyMap<string, ReadonlyMap<string, Entity>> {
  const sections = new Map<string, Map<string, Entity>>();
  const strangers = new Map<string, number>();
  let groupless = 0;
  for (const { groupId, userId } of rows.memberships) {
    const [group, user] = [groups.get(groupId), users.get(userId)];
    if (!group) groupless += 1;
    else if (!user) strangers.set(groupId, (strangers.get(groupId) ?? 0) + 1);
    else {
      const section = membershipSection(fold(group.name));
      const [local, name] = [fold(user.name), canonicalText(user.name)];
      const members = sections.get(section) ?? new Map<string, Entity>();
      sections.set(section, members);
      members.set(local, { kind: "Membership", section, local, name, attributes: NO_ATTRIBUTES, id: user.id });
    }
  }
  for (const [id, count] of strangers) {
    const name = canonicalText(groups.get(id)?.name ?? id);
    const message = `Group "${name}" has ${count} members who are not in the platform's list of users of the domain`;
    findings.push(inconsistent(message, `Group/${fold(name)}`));
  }
  if (groupless > 0)
    findings.push(
      inconsistent(`There are ${groupless} memberships in groups that are not in the platform's list of groups`),
    );
  return sections;
}

/** A domain's own roles only stand for others; what they bring is not part of the access that is shown. */
function domainRoleFindings({ domainRoles, rows }: Ids): Finding[] {
  if (domainRoles.size === 0) return [];
  const used = rows.assignments.filter(({ roleId }) => domainRoles.has(roleId)).length;
  const names = [...domainRoles.values()].map(({ name }) => canonicalText(name)).sort(compareText);
  const message = `The domain has roles of its own (${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}): ${
    used === 0 ? "nobody is assigned one" : `what ${used} assignments of them give is neither shown nor touched`
  }`;
  return [
    { severity: "warning", code: "domain-role", message, hint: "Use global roles for what Rolebook is to look after." },
  ];
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((left, right) => compareText(fold(left), fold(right)));
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
