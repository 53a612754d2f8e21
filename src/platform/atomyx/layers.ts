// The four layers of holding something, one by one: an account, membership of the workspace, access to the product there, and
// the right role. All of them hold exactly where the access rules give the resource. Pure; it tells, and decides nothing.
import { EMPTY_SECTION, type Entity, entityAt, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { AccessQuestion, Layer } from "../../model/platform.ts";
import { workspaceRolesOf, workspacesOf } from "./access.ts";
import { fold, isWorkspaceResource, MEMBERSHIP_OF_WORKSPACE, workspaceRoles } from "./catalogue.ts";
import { nameInWorkspace, productOf, qualified, workspaceOf } from "./names.ts";
import { isProductOpen, type ProductRules, productRulesOf, textsOf } from "./products.ts";

/** What a question is about, as far as the state knows it. */
interface Asked {
  readonly state: State;
  readonly who: string;
  readonly member: Entity | undefined;
  readonly resource: string;
  /** Folded shortname. */
  readonly scope: string;
  /** As people see it. */
  readonly workspace: string;
}

/** See `Platform.layers`. */
export function layers(state: State, { member: local, resource, scope }: AccessQuestion): readonly Layer[] {
  const member = entityAt(state, "Member", local);
  const found = entityAt(state, "Workspace", fold(scope));
  const asked: Asked = {
    state,
    who: member?.name ?? local,
    member,
    resource,
    scope: fold(scope),
    workspace: found?.name ?? scope,
  };
  const common = [accountLayer(asked), membershipLayer(asked)];
  if (isWorkspaceResource(resource))
    return resource === MEMBERSHIP_OF_WORKSPACE ? common : [...common, workspaceRoleLayer(asked)];
  const rules = productRulesOf(state);
  const given = givenIn(asked, rules);
  return [...common, productLayer(asked, given, rules), productRoleLayer(asked, given, rules)];
}

function accountLayer({ who, member }: Asked): Layer {
  if (!member)
    return {
      name: "account",
      holds: false,
      because: `${who} has no account here`,
      hint: "Declare them as a Member: applying that invites them.",
    };
  const because =
    member.status === "invited"
      ? `${who} is invited, and has all that is granted once they accept`
      : `${who} has an account`;
  return { name: "account", holds: true, because };
}

function membershipLayer({ state, who, member, scope, workspace }: Asked): Layer {
  const name = "workspace membership";
  if (!entityAt(state, "Workspace", scope))
    return { name, holds: false, because: `there is no workspace ${workspace}`, hint: "Name one that there is." };
  const holds = member !== undefined && workspacesOf(member).has(scope);
  if (!holds)
    return {
      name,
      holds,
      because: `${who} is not in ${workspace}`,
      hint: `Add {workspace: ${workspace}, role: Member} to the workspaces of their Member document.`,
    };
  const roles = rolesIn(member, scope);
  return { name, holds, because: `${who} is ${roles.join(" and ")} of ${workspace}` };
}

function rolesIn(member: Entity | undefined, scope: string): readonly string[] {
  const roles = member ? workspaceRolesOf(member).filter(({ workspace }) => fold(workspace) === scope) : [];
  return roles.map(({ role }) => role).sort(compareText);
}

/** The one of the two kinds of role that workspaces have; products do not come into it. */
function workspaceRoleLayer({ who, member, scope, workspace, resource }: Asked): Layer {
  const name = "workspace role";
  const needed = Object.keys(workspaceRoles).filter((role) => workspaceRoles[role]?.includes(resource));
  const held = rolesIn(member, scope);
  const right = held.filter((role) => needed.some((one) => fold(one) === fold(role)));
  if (right.length > 0) return { name, holds: true, because: `${right.join(" and ")} controls it` };
  const because = `${resource} takes the role ${needed.join(" or ")} in ${workspace}`;
  return { name, holds: false, because, hint: `Make ${who} one, if that is what they are to do.` };
}

/** A role that somebody is given in a workspace, and through what. */
interface Given {
  readonly role: string;
  readonly through: string;
}

/** Roles of products of the workspace that the member is assigned: by groups of the workspace, and directly. */
function givenIn({ state, member, scope }: Asked, { roleNamed }: ProductRules): readonly Given[] {
  if (!member) return [];
  const groups = [...(state.get("Group")?.values() ?? [])].filter(
    (group) =>
      fold(workspaceOf(group.name)) === scope &&
      (state.get(`Membership/${group.local}`) ?? EMPTY_SECTION).has(member.local),
  );
  const through = [
    ...textsOf(member, "roles").map((role) => ({ role, through: "a direct assignment" })),
    ...groups.flatMap((group) => textsOf(group, "roles").map((role) => ({ role, through: `group ${group.name}` }))),
  ];
  return through.flatMap(({ role, through }) => {
    const entity = roleNamed(role);
    return entity && fold(workspaceOf(entity.name)) === scope ? [{ role: entity.local, through }] : [];
  });
}

function productLayer(
  { state, who, scope, workspace, resource }: Asked,
  given: readonly Given[],
  rules: ProductRules,
): Layer {
  const name = "product access";
  const product = productOf(qualified(scope, resource)) ?? "";
  const shown = nameInWorkspace(product) ?? resource;
  const entity = entityAt(state, "Product", fold(product));
  if (!entity)
    return {
      name,
      holds: false,
      because: `${workspace} has no product ${shown}`,
      hint: "Ask for a workspace that has it.",
    };
  if (!isProductOpen(entity)) return { name, holds: false, ...closedProduct(entity) };
  const ways = given.filter(({ role }) => productOf(role) === fold(product) && rules.rolesOf(role).size > 0);
  if (ways.length > 0) return { name, holds: true, because: `${shown} is open to ${who} through ${listed(ways)}` };
  return {
    name,
    holds: false,
    because: `no group of ${workspace} that ${who} is in gives a role of ${shown}, and none is assigned directly`,
    hint: `List ${who} in a Membership of a group that gives one.`,
  };
}

/** Nobody is let into it, whoever is assigned. */
function closedProduct({ name, attributes }: Entity): Pick<Layer, "because" | "hint"> {
  const inactive = attributes.active === false;
  const unsubscribed = attributes.subscribed === false;
  const what = [...(inactive ? ["is not active"] : []), ...(unsubscribed ? ["has no subscription in force"] : [])];
  const hint = unsubscribed ? "The subscription is renewed in the Vault." : "Set active: true in its Product document.";
  return { because: `product ${name} ${what.join(" and ")}, so it opens nothing`, hint };
}

function productRoleLayer({ who, scope, resource }: Asked, given: readonly Given[], rules: ProductRules): Layer {
  const name = "product role";
  const wanted = rules.roleNamed(qualified(scope, resource));
  if (!wanted)
    return {
      name,
      holds: false,
      because: `there is no role ${qualified(scope, resource)}`,
      hint: "Name one that there is.",
    };
  const ways = given.filter(({ role }) => rules.rolesOf(role).has(wanted.local));
  if (ways.length > 0) return { name, holds: true, because: `${wanted.name} comes from ${listed(ways)}` };
  return {
    name,
    holds: false,
    because: `nothing that ${who} is assigned is ${wanted.name} or includes it`,
    hint: `List ${who} in a Membership of a group that gives it.`,
  };
}

function listed(ways: readonly Given[]): string {
  return [...new Set(ways.map(({ through }) => through))].sort(compareText).join(" and ");
}
