// Rows of an account -> entities of a live state: ids become qualified names. Pure. It says what does not hang together;
// it repairs nothing and guesses nothing. What belongs to a workspace outside the target is neither shown nor touched.
//
// An API key that was revoked is gone; one that has expired is still there until somebody revokes it: whether time has
// passed must not make an entity appear or vanish, and `rolebook keys` is what tells.
import { type Entity, membershipSection, type State } from "../../model/entity.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import { type Known, membershipSink } from "../rules/membership-sink.ts";
import { canonicalText, factsOf, inconsistent, sectionOf } from "../rules/rows.ts";
import { fold, IMMUTABLE, SUPER_ADMIN } from "./catalogue.ts";
import { keyEntities } from "./live-keys.ts";
import { lostRows, type Mapping, managed, text } from "./mapping.ts";
import { qualified } from "./names.ts";
import { type Placed, placeRows } from "./places.ts";
import type { AccountRows, GroupRow, IntegrationRow, MemberRow, ProductRow, RoleRow, WorkspaceRow } from "./rows.ts";
import { type WorkspaceRole, workspaceRoleSet, workspaceRoleText } from "./workspaces.ts";

export interface Assembled {
  readonly state: State;
  readonly findings: readonly Finding[];
}

/** Puts a whole read of an account together; `limit` names the workspaces (folded) that the target is limited to. */
export function assembleState(rows: AccountRows, limit?: ReadonlySet<string>): Assembled {
  const places = placeRows(rows);
  const shows = (id: string) => {
    const workspace = places.workspaces.get(id);
    return workspace !== undefined && (limit?.has(fold(workspace.name)) ?? true);
  };
  const mapping: Mapping = { ...places, shows, findings: [] };
  const { findings } = mapping;
  const state = new Map<string, ReadonlyMap<string, Entity>>();
  const put = (kind: string, entities: Iterable<Entity>) => state.set(kind, sectionOf(entities, findings));
  const shown = <Row>(all: ReadonlyMap<string, Placed<Row>>) =>
    [...all.values()].filter(({ workspaceId }) => shows(workspaceId));
  put("Workspace", shown(places.workspaces).map(workspaceEntity));
  put("Product", shown(places.products).map(productEntity));
  put(
    "Role",
    shown(places.roles).map((role) => roleEntity(role, mapping)),
  );
  const groups = new Map(shown(places.groups).map((group) => [group.row.id, groupEntity(group, mapping)]));
  put("Group", groups.values());
  const keys = keyEntities(rows["api-keys"], mapping);
  const everyone = new Map(rows.members.map((row) => [row.id, memberEntity(row, mapping)]));
  const involved = new Set(keys.owners);
  for (const [section, members] of memberships(rows, { groups, members: everyone }, mapping)) {
    state.set(section, members);
    for (const { id } of members.values()) if (id !== undefined) involved.add(id);
  }
  const present = rows.members.filter((row) => isShown(row, involved, mapping));
  put(
    "Member",
    present.map(({ id }) => everyone.get(id) as Entity),
  );
  put("Integration", integrationEntities(rows.integrations, mapping));
  put("ApiKey", keys.entities);
  for (const [what, count] of places.lost) findings.push(lostRows(what, count));
  return { state, findings };
}

function workspaceEntity({ row, name }: Placed<WorkspaceRow>): Entity {
  const attributes = { ...text("purpose", row.purpose), ...text("region", row.region), ...text("team", row.team) };
  return managed("Workspace", name, attributes, row.id, row.etag);
}

/** The types that files know by name. */
const TYPES = ["Manage", "Submit", "Prepare", "Layout"];

function productEntity({ row, name }: Placed<ProductRow>): Entity {
  const type = TYPES.find((known) => fold(known) === fold(row.type)) ?? "other";
  const { active, subscribed } = row;
  return managed("Product", name, { type, ...text("tier", row.tier), active, subscribed }, row.id, row.etag);
}

/** A built-in role includes every other one of its product by being what it is: a list of them would change by itself. */
function roleEntity({ row, name }: Placed<RoleRow>, mapping: Mapping): Entity {
  const description = canonicalText(row.description);
  // Nobody can change what an Admin is: where it says nothing, an import has nothing to write.
  const said = description === "" ? {} : { description };
  if (row.builtIn) return { ...managed("Role", name, said, row.id, row.etag), status: IMMUTABLE };
  const implies = roleNames(row.impliedRoleIds, `Role "${name}"`, `Role/${fold(name)}`, mapping);
  return managed("Role", name, { description, implies }, row.id, row.etag);
}

function groupEntity({ row, name }: Placed<GroupRow>, mapping: Mapping): Entity {
  const roles = roleNames(row.roleIds, `Group "${name}"`, `Group/${fold(name)}`, mapping);
  return managed("Group", name, { description: canonicalText(row.description), roles }, row.id, row.etag);
}

/** Names of roles, sorted by fold. An id that leads nowhere stays as it is, so that a list never looks shorter than it is. */
function roleNames(ids: readonly string[], who: string, key: string, { roles, findings }: Mapping): readonly string[] {
  const missing = ids.filter((id) => !roles.has(id));
  if (missing.length > 0)
    findings.push(
      inconsistent(
        `${who} refers to ${missing.map((id) => `role ${id}`).join(", ")}, not in the platform's lists`,
        key,
      ),
    );
  return sorted(ids.map((id) => roles.get(id)?.name ?? id));
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((left, right) => compareText(fold(left), fold(right)));
}

/** What a member has in workspaces of the target, and whether they have anything in others. */
export function elementsOf(
  row: MemberRow,
  { workspaces, roles, shows }: Pick<Mapping, "workspaces" | "roles" | "shows">,
) {
  const isOwn = (workspaceId: string) => !workspaces.has(workspaceId) || shows(workspaceId);
  const isOwnRole = (id: string) => {
    const role = roles.get(id);
    return role === undefined || isOwn(role.workspaceId);
  };
  const own = {
    workspaces: row.workspaces.filter(({ workspaceId }) => isOwn(workspaceId)),
    roleIds: row.roleIds.filter(isOwnRole),
  };
  const foreign = {
    workspaces: row.workspaces.filter(({ workspaceId }) => !isOwn(workspaceId)),
    roleIds: row.roleIds.filter((id) => !isOwnRole(id)),
  };
  return { own, foreign };
}

/** Somebody who is only in other workspaces is not shown, unless something of the target names them. */
function isShown(row: MemberRow, involved: ReadonlySet<string>, mapping: Mapping): boolean {
  const { own, foreign } = elementsOf(row, mapping);
  const [inside, outside] = [own, foreign].map(({ workspaces, roleIds }) => workspaces.length + roleIds.length > 0);
  return inside === true || outside === false || involved.has(row.id);
}

function memberEntity(row: MemberRow, mapping: Mapping): Entity {
  const { own } = elementsOf(row, mapping);
  const email = canonicalText(row.email);
  const key = `Member/${fold(email)}`;
  const lost = own.workspaces.filter(({ workspaceId }) => !mapping.workspaces.has(workspaceId)).length;
  if (lost > 0)
    mapping.findings.push(
      inconsistent(`Member "${email}" is in ${lost} workspaces that are not in the platform's list of workspaces`, key),
    );
  const roles = roleNames(own.roleIds, `Member "${email}"`, key, mapping);
  const attributes = {
    ...text("firstName", row.firstName),
    ...text("lastName", row.lastName),
    workspaces: workspaceRoleSet(withoutStaff(email, placedRoles(own.workspaces, mapping), mapping.findings)),
    roles,
  };
  const member = managed("Member", email, attributes, row.id, row.etag);
  const facts = factsOf(row.twoFactorEnabled, row.lastActiveAt);
  const told = facts ? { ...member, facts } : member;
  return row.status === "active" ? told : { ...told, status: row.status };
}

function placedRoles(elements: MemberRow["workspaces"], { workspaces }: Mapping): readonly WorkspaceRole[] {
  return elements.map(({ workspaceId, role }) => ({
    workspace: workspaces.get(workspaceId)?.name ?? workspaceId,
    role: canonicalText(role),
  }));
}

/** What the vendor's own staff have is given and taken by no account, so it is told and not compared. */
function withoutStaff(email: string, roles: readonly WorkspaceRole[], findings: Finding[]): readonly WorkspaceRole[] {
  const [staff, rest] = [roles.filter(isVendorStaff), roles.filter((role) => !isVendorStaff(role))];
  if (staff.length > 0)
    findings.push({
      severity: "warning",
      code: "super-admin",
      message: `"${email}" is ${staff.map(workspaceRoleText).join(", ")} on the platform, as only the vendor's own staff are: neither shown nor touched`,
      key: `Member/${fold(email)}`,
      hint: "Ask the vendor why that is so; no account can give or take it.",
    });
  return rest;
}

/** Whether a role is one that no account gives, takes or sends. */
export function isVendorStaff({ role }: { readonly role: string }): boolean {
  return fold(role) === fold(SUPER_ADMIN);
}

/** Sections of shown groups; what others of the account have in them is somebody else's. */
function memberships(
  rows: AccountRows,
  known: Known,
  { groups: places, shows, findings }: Mapping,
): ReadonlyMap<string, ReadonlyMap<string, Entity>> {
  const sink = membershipSink(() => known);
  for (const row of rows.memberships) {
    const group = places.get(row.groupId);
    if (!group || shows(group.workspaceId)) sink.add(row);
  }
  const { byGroup, dangling } = sink.finish(known);
  let lost = 0;
  for (const [id, missing] of dangling) {
    const group = known.groups.get(id);
    if (!group) lost += 1;
    else
      findings.push(
        inconsistent(
          `Group "${group.name}" has ${missing.size} members who are not in the platform's list of members`,
          `Group/${group.local}`,
        ),
      );
  }
  if (lost > 0)
    findings.push(
      inconsistent(`There are memberships in ${lost} groups that are not in the platform's list of groups`),
    );
  const sections = new Map<string, ReadonlyMap<string, Entity>>();
  for (const [id, members] of byGroup) {
    const group = known.groups.get(id);
    if (group && members.size > 0) sections.set(membershipSection(group.local), members);
  }
  return sections;
}

function integrationEntities(rows: readonly IntegrationRow[], mapping: Mapping): Entity[] {
  const { workspaces, products, shows, findings } = mapping;
  const made: Entity[] = [];
  let lost = 0;
  for (const row of rows) {
    const workspace = workspaces.get(row.workspaceId);
    if (!workspace) lost += 1;
    if (!workspace || !shows(row.workspaceId)) continue;
    const name = qualified(workspace.name, canonicalText(row.name));
    const product = row.productId === null ? undefined : (products.get(row.productId)?.name ?? row.productId);
    if (row.productId !== null && !products.has(row.productId))
      findings.push(
        inconsistent(
          `Integration "${name}" refers to product ${row.productId}, not in the platform's lists`,
          `Integration/${fold(name)}`,
        ),
      );
    const attributes = {
      ...(product === undefined ? {} : { product }),
      callback: canonicalText(row.callbackUrl),
      ...text("environment", row.environment),
    };
    made.push(managed("Integration", name, attributes, row.id, row.etag));
  }
  if (lost > 0) findings.push(lostRows("integrations of workspaces", lost));
  return made;
}
