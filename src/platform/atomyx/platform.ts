// Atomyx as the rest of Rolebook sees it: its kinds of entities and its rules. Pure; HTTP is in `driver.ts`.
import type { AttributeSpec, KindSpec, Platform } from "../../model/platform.ts";
import { ownerEquivalent, ownerScopes, resourcesIn, viewAccess } from "./access.ts";
import { fold, GRANTED } from "./catalogue.ts";
import { checkLive, checks } from "./checks.ts";
import { defaults } from "./defaults.ts";
import { effectOf } from "./effect.ts";
import { layers } from "./layers.ts";
import { workspaceOf } from "./names.ts";
import { roleRestsOn } from "./products.ts";
import { refuses } from "./refusals.ts";
import { workspaceElement } from "./workspaces.ts";

const text: AttributeSpec = { type: "text" };
const policyOnly: AttributeSpec = { type: "text", policyOnly: true };
const person: AttributeSpec = { type: "text", refersTo: "Member" };
const personInGit: AttributeSpec = { type: "text", refersTo: "Member", policyOnly: true };
const product: AttributeSpec = { type: "text", refersTo: "Product" };
const roles: AttributeSpec = { type: "set", refersTo: "Role" };
const workspaces: AttributeSpec = { type: "set", element: workspaceElement, isPlace: true };

/** What has a workspace's shortname in front of its own name needs that workspace. */
const inWorkspace: KindSpec["restsOn"] = (name) => [{ kind: "Workspace", name: workspaceOf(name) }];

/** What people set up: in the order things must exist, workspaces before the products in them, products before their roles. */
const containers: readonly KindSpec[] = [
  {
    kind: "Workspace",
    folder: "workspaces",
    schema: "workspace",
    identity: "name",
    attributes: {
      purpose: text,
      region: text,
      team: text,
      setUpOwner: personInGit,
      billingOwner: personInGit,
      integrationOwner: personInGit,
      operationsOwner: personInGit,
      reviewed: policyOnly,
    },
    role: "managed",
  },
  {
    kind: "Product",
    folder: "products",
    schema: "product",
    identity: "name",
    restsOn: inWorkspace,
    attributes: { type: text, tier: text, active: { type: "flag" }, subscribed: { type: "flag" } },
    role: "managed",
  },
  {
    kind: "Role",
    folder: "roles",
    schema: "role",
    identity: "name",
    restsOn: roleRestsOn,
    attributes: { description: text, implies: roles },
    role: "managed",
  },
  {
    kind: "Group",
    folder: "groups",
    schema: "group",
    identity: "name",
    restsOn: inWorkspace,
    attributes: {
      description: text,
      roles,
      owners: { type: "set", policyOnly: true },
      members: policyOnly,
      drift: policyOnly,
      reviewed: policyOnly,
    },
    role: "managed",
  },
];

/** Who and what uses them. */
const users: readonly KindSpec[] = [
  {
    kind: "Member",
    folder: "members",
    schema: "member",
    identity: "email",
    attributes: { firstName: text, lastName: text, workspaces, roles },
    role: "managed",
  },
  {
    kind: "Integration",
    folder: "integrations",
    schema: "integration",
    identity: "name",
    restsOn: inWorkspace,
    attributes: { description: text, product, callback: text, environment: text, owner: personInGit },
    role: "managed",
  },
  {
    kind: "ApiKey",
    folder: "api-keys",
    schema: "api-key",
    identity: "name",
    restsOn: inWorkspace,
    attributes: { product, purpose: text, owner: person, rotateEvery: policyOnly },
    role: "managed",
    keys: { owner: "owner", rotateEvery: "rotateEvery", scopeOf: workspaceOf },
  },
  {
    kind: "Membership",
    folder: "memberships",
    schema: "membership",
    identity: "group",
    attributes: { until: policyOnly, reason: policyOnly },
    role: "managed",
  },
];

/** The pure half of the Atomyx driver. */
export const atomyx: Platform = {
  name: "atomyx",
  title: "Atomyx",
  kinds: [...containers, ...users],
  defaults,
  reports: ["multiFactor", "lastActive"],
  scopeKind: "Workspace",
  credentials: [["clientId", "clientSecret"]],
  secrets: [{ what: "an API key of a Vault workspace", mark: "avk_", pattern: /\bavk_[dsp]_[A-Za-z0-9]{16,}/ }],
  resources: [],
  resourcesIn,
  fold,
  rankOf: (_resource, level) => (level === GRANTED ? 0 : -1),
  checks,
  checkLive,
  access: viewAccess,
  layers,
  effectOf,
  refuses,
  ownerEquivalent,
  ownerScopes,
};
