// Who holds what in which workspace, by the four layers: an account, membership of the workspace, access to the product
// there, and the right role. All four or nothing. Pure, lazy and memoized; people with the same roles share one answer.
//
// Somebody who is invited is judged by what they will hold: to give an account everything before it is accepted must not
// look like giving nothing. Who can act today is told from `status`, as on every platform.
import { EMPTY_SECTION, type Entity, type Section, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import { lazy } from "../../model/lazy.ts";
import type { AccessView, ResourceSpec } from "../../model/platform.ts";
import { compareGrants, NO_GRANTS } from "../rules/grants.ts";
import { indexPeople } from "../rules/people.ts";
import {
  escalating,
  fold,
  GRANTED,
  MEMBERSHIP_OF_WORKSPACE,
  SUPER_ADMIN,
  workspaceResources,
  workspaceRoles,
} from "./catalogue.ts";
import { workspaceOf } from "./names.ts";
import { type ProductRules, productRulesOf, textsOf } from "./products.ts";
import { parseWorkspaceRole, type WorkspaceRole } from "./workspaces.ts";

/** What a state's groups, roles and products give, besides what its people hold. For the rules beside this file. */
export interface AtomyxView extends AccessView, ProductRules {
  /** What a group gives each of its members who is in its workspace, sorted like a member's grants. */
  readonly grantsOfGroup: (group: string) => readonly Grant[];
  /** Whether there is such a member, in the workspace that the group belongs to. */
  readonly counts: (member: string, group: string) => boolean;
  /** Whether any group or member is given the role, be it through another one that includes it. */
  readonly isGiven: (role: string) => boolean;
  /** The entity as it is in the state. */
  readonly entityOf: (kind: string, local: string) => Entity | undefined;
}

const views = new WeakMap<AccessView, AtomyxView>();

/** The access view of a state: desired, live or any other; of everyone, or of some members. */
export function viewAccess(state: State, among?: ReadonlySet<string>): AccessView {
  const products = productRulesOf(state);
  const workspaces = state.get("Workspace") ?? EMPTY_SECTION;
  const shared = sharedGrants(state);
  const entityOf = (kind: string, local: string) => state.get(kind)?.get(local);
  const grantsOfGroup = (local: string) => {
    const group = entityOf("Group", local);
    return group ? remember(group, shared, () => giveGroup(group, products, workspaces)) : NO_GRANTS;
  };
  const ownGrants = (member: Entity) => remember(member, shared, () => shareOwn(member, shared, products, workspaces));
  const counts = (member: Entity, group: Entity) => workspacesOf(member).has(fold(workspaceOf(group.name)));
  const people = indexPeople(state, { grantsOfGroup, ownGrants, counts, rankOf: () => 0 }, among);
  const given = lazy(() => givenRoles(state, products));
  const view: AtomyxView = {
    ...people,
    ...products,
    grantsOfGroup,
    counts: (member, group) => {
      const [person, entity] = [entityOf("Member", member), entityOf("Group", group)];
      return person !== undefined && entity !== undefined && counts(person, entity);
    },
    isGiven: (role) => given().has(role),
    entityOf,
  };
  views.set(view, view);
  return view;
}

/** The view with its groups and roles; a view that `viewAccess` did not make is a bug of the caller. */
export function atomyxView(view: AccessView): AtomyxView {
  const found = views.get(view);
  if (!found) throw new TypeError("not a view of an Atomyx state");
  return found;
}

/** Whether someone with these grants can give themselves anything in some workspace. */
export function ownerEquivalent(grants: readonly Grant[]): boolean {
  return grants.some(({ resource }) => escalating.includes(resource));
}

/** The workspaces in which someone with these grants can give themselves anything. */
export function ownerScopes(grants: readonly Grant[]): readonly string[] {
  const owned = grants.filter(({ resource }) => escalating.includes(resource)).map(({ scope }) => scope);
  return [...new Set(owned)].sort(compareText);
}

/** What workspaces control, and the roles of products by the names they have within a workspace. */
export function resourcesIn(state: State): readonly ResourceSpec[] {
  const { resourceOf } = productRulesOf(state);
  const byName = new Map<string, ResourceSpec>();
  for (const role of [...(state.get("Role")?.values() ?? [])].sort((a, b) => compareText(a.name, b.name))) {
    const name = resourceOf(role);
    if (name === undefined || byName.has(name)) continue;
    const about = typeof role.attributes.description === "string" ? role.attributes.description : "";
    byName.set(name, { name, aliases: [], levels: [GRANTED], scope: "environment", about });
  }
  return [...workspaceResources, ...byName.values()].sort((left, right) => compareText(left.name, right.name));
}

/** What a member is in each workspace; the vendor's own staff have their role from nobody's account. */
export function workspaceRolesOf(member: Entity): readonly WorkspaceRole[] {
  return textsOf(member, "workspaces")
    .map(parseWorkspaceRole)
    .filter(({ role }) => fold(role) !== fold(SUPER_ADMIN));
}

const memberWorkspaces = new WeakMap<Entity, ReadonlySet<string>>();

/** Folded shortnames of the workspaces that a member is in. */
export function workspacesOf(member: Entity): ReadonlySet<string> {
  const known = memberWorkspaces.get(member);
  if (known) return known;
  const found = new Set(workspaceRolesOf(member).map(({ workspace }) => fold(workspace)));
  memberWorkspaces.set(member, found);
  return found;
}

/** What there is, and what people with the same roles share in it. */
interface Shared {
  readonly roles: Section;
  readonly products: Section;
  readonly workspaces: Section;
  /** Workspace roles and direct roles of a member -> what they give. */
  readonly own: Map<string, readonly Grant[]>;
}

const sharings = new WeakMap<Section, Shared>();

/** One object for all states with the same workspaces, products and roles, as far as one is remembered. */
function sharedGrants(state: State): Shared {
  const [roles, products, workspaces] = ["Role", "Product", "Workspace"].map(
    (kind) => state.get(kind) ?? EMPTY_SECTION,
  );
  if (!roles || !products || !workspaces) throw new TypeError("three kinds have three sections");
  const last = sharings.get(workspaces);
  if (last?.roles === roles && last.products === products) return last;
  const shared = { roles, products, workspaces, own: new Map<string, readonly Grant[]>() };
  sharings.set(workspaces, shared);
  return shared;
}

/** What an entity gave the last time: states before and after a plan share most entities, and so their grants. */
const computed = new WeakMap<Entity, { readonly shared: Shared; readonly grants: readonly Grant[] }>();

function remember(entity: Entity, shared: Shared, compute: () => readonly Grant[]): readonly Grant[] {
  const last = computed.get(entity);
  if (last?.shared === shared) return last.grants;
  const grants = compute();
  computed.set(entity, { shared, grants });
  return grants;
}

function shareOwn(member: Entity, shared: Shared, products: ProductRules, workspaces: Section): readonly Grant[] {
  const key = JSON.stringify([textsOf(member, "workspaces"), textsOf(member, "roles")]);
  const grants = shared.own.get(key) ?? giveMember(member, products, workspaces);
  shared.own.set(key, grants);
  return grants;
}

/** Grants that are put together: resource and scope -> what gives it. */
class Cells {
  readonly #cells = new Map<
    string,
    { readonly resource: string; readonly scope: string; readonly from: Set<string> }
  >();

  add(resource: string, scope: string, from: string): void {
    const key = JSON.stringify([resource, scope]);
    const cell = this.#cells.get(key) ?? { resource, scope, from: new Set<string>() };
    cell.from.add(from);
    this.#cells.set(key, cell);
  }

  grants(path: (from: string) => Path): readonly Grant[] {
    if (this.#cells.size === 0) return NO_GRANTS;
    return [...this.#cells.values()]
      .map(({ resource, scope, from }) => ({
        resource,
        scope,
        level: GRANTED,
        via: [...from].sort(compareText).map(path),
      }))
      .sort(compareGrants);
  }
}

/** A group gives roles of its own workspace and of no other. */
function giveGroup(group: Entity, products: ProductRules, workspaces: Section): readonly Grant[] {
  const workspace = workspaces.get(fold(workspaceOf(group.name)));
  const cells = new Cells();
  if (workspace)
    for (const role of textsOf(group, "roles")) addRole(cells, role, new Set([workspace.local]), products, workspaces);
  return cells.grants((role) => ({ group: group.name, role }));
}

/** What a member holds through no group: workspace roles, and product roles of the workspaces that they are in. */
function giveMember(member: Entity, products: ProductRules, workspaces: Section): readonly Grant[] {
  const cells = new Cells();
  for (const text of textsOf(member, "workspaces")) {
    const { role, workspace } = parseWorkspaceRole(text);
    const scope = workspaces.get(fold(workspace))?.name;
    if (scope === undefined || fold(role) === fold(SUPER_ADMIN)) continue;
    for (const resource of [MEMBERSHIP_OF_WORKSPACE, ...(controlledBy(role) ?? [])]) cells.add(resource, scope, text);
  }
  for (const role of textsOf(member, "roles")) addRole(cells, role, workspacesOf(member), products, workspaces);
  return cells.grants((role) => ({ role }));
}

const controlled = new Map(Object.entries(workspaceRoles).map(([role, resources]) => [fold(role), resources]));

/** What a workspace role controls; undefined for one that the catalogue does not know, which is membership alone. */
function controlledBy(role: string): readonly string[] | undefined {
  return controlled.get(fold(role));
}

/** What a product role opens, where its product opens anything and somebody is in its workspace. */
function addRole(
  cells: Cells,
  name: string,
  within: ReadonlySet<string>,
  products: ProductRules,
  workspaces: Section,
): void {
  const workspace = fold(workspaceOf(name));
  const scope = workspaces.get(workspace)?.name;
  const given = products.roleNamed(name);
  if (scope === undefined || !given || !within.has(workspace) || !products.isOpen(given.local)) return;
  for (const role of products.rolesOf(given.local)) {
    const resource = products.resourceNamed(role);
    if (resource !== undefined) cells.add(resource, scope, given.name);
  }
}

function givenRoles(state: State, { rolesOf }: ProductRules): ReadonlySet<string> {
  const given = new Set<string>();
  for (const kind of ["Group", "Member"])
    for (const entity of state.get(kind)?.values() ?? [])
      for (const role of textsOf(entity, "roles")) for (const included of rolesOf(fold(role))) given.add(included);
  return given;
}
