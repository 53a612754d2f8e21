// Keystone as the rest of Rolebook sees it: its kinds of entities and its rules. Pure; HTTP is in `driver.ts`.
import type { AttributeSpec, KindSpec, Platform } from "../../model/platform.ts";
import { ownerEquivalent, resourcesIn, viewAccess } from "./access.ts";
import { fold, GRANTED } from "./catalogue.ts";
import { checkLive, checks } from "./checks.ts";
import { defaults } from "./defaults.ts";
import { effectOf } from "./effect.ts";
import { grantElement } from "./grants.ts";
import { refuses } from "./refusals.ts";

const description: AttributeSpec = { type: "text" };
const grants: AttributeSpec = { type: "set", element: grantElement };
const policyOnly: AttributeSpec = { type: "text", policyOnly: true };

/**
 * In the order things must exist: roles and projects before the grants that name them, users before their application
 * credentials. A role may imply one that is made in the same phase, so a writer makes roles first and implications then.
 */
const kinds: readonly KindSpec[] = [
  { kind: "Project", folder: "projects", schema: "project", identity: "name", attributes: {}, role: "reference" },
  {
    kind: "Role",
    folder: "roles",
    schema: "role",
    identity: "name",
    attributes: { description, implies: { type: "set", refersTo: "Role" } },
    role: "managed",
  },
  {
    kind: "Group",
    folder: "groups",
    schema: "group",
    identity: "name",
    attributes: {
      description,
      grants,
      owners: { type: "set", policyOnly: true },
      members: policyOnly,
      drift: policyOnly,
      reviewed: policyOnly,
    },
    role: "managed",
  },
  {
    kind: "Member",
    folder: "members",
    schema: "member",
    identity: "name",
    attributes: { email: { type: "text" }, description, enabled: { type: "flag", enables: true }, grants },
    role: "managed",
  },
  {
    kind: "ApplicationCredential",
    folder: "application-credentials",
    schema: "application-credential",
    identity: "name",
    owner: "user",
    attributes: {
      user: { type: "text", refersTo: "Member" },
      description,
      project: { type: "text", refersTo: "Project" },
      roles: { type: "set", refersTo: "Role" },
      expires: { type: "text" },
      unrestricted: { type: "flag" },
    },
    role: "managed",
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

/** The pure half of the Keystone driver. */
export const keystone: Platform = {
  name: "keystone",
  title: "OpenStack Keystone",
  kinds,
  defaults,
  reports: ["multiFactor"],
  scopeKind: "Project",
  credentials: [["username", "password"], ["applicationCredentialId", "applicationCredentialSecret"], ["token"]],
  secrets: [{ what: "a token of Keystone", mark: "gAAAAA", pattern: /\bgAAAAA[\w-]{60,}/ }],
  resources: [],
  resourcesIn,
  fold,
  rankOf: (_role, level) => (level === GRANTED ? 0 : -1),
  checks,
  checkLive,
  access: viewAccess,
  effectOf,
  refuses,
  ownerEquivalent,
};
