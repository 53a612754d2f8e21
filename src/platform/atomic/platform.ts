// Atomic as the rest of Rolebook sees it: its kinds of entities, its catalogue, its rules. Pure; HTTP is in `driver.ts`.
import type { KindSpec, Platform } from "../../model/platform.ts";
import { ownerEquivalent, viewAccess } from "./access.ts";
import { resources } from "./catalogue.ts";
import { checks } from "./checks.ts";
import { defaults } from "./defaults.ts";
import { effectOf } from "./effect.ts";
import { fold, rankOf } from "./ladder.ts";

/** In the order things must exist: a role before the group that carries it, a group before who is in it. */
const kinds: readonly KindSpec[] = [
  {
    kind: "Environment",
    folder: "environments",
    schema: "environment",
    identity: "name",
    attributes: {},
    role: "reference",
  },
  {
    kind: "EnvironmentScope",
    folder: "environment-scopes",
    schema: "environment-scope",
    identity: "name",
    attributes: { environments: { type: "set", refersTo: "Environment" } },
    role: "policy",
  },
  {
    kind: "Role",
    folder: "roles",
    schema: "role",
    identity: "name",
    attributes: { description: { type: "text" }, permissions: { type: "map" } },
    role: "managed",
  },
  {
    kind: "Group",
    folder: "groups",
    schema: "group",
    identity: "name",
    attributes: {
      description: { type: "text" },
      roles: { type: "set", refersTo: "Role" },
      environments: { type: "scope", refersTo: "Environment" },
      owners: { type: "set", policyOnly: true },
      members: { type: "text", policyOnly: true },
      drift: { type: "text", policyOnly: true },
      reviewed: { type: "text", policyOnly: true },
    },
    role: "managed",
  },
  {
    kind: "Member",
    folder: "members",
    schema: "member",
    identity: "email",
    attributes: { firstName: { type: "text" }, lastName: { type: "text" } },
    role: "managed",
  },
  {
    kind: "Membership",
    folder: "memberships",
    schema: "membership",
    identity: "group",
    attributes: { until: { type: "text", policyOnly: true }, reason: { type: "text", policyOnly: true } },
    role: "managed",
  },
];

/** The pure half of the Atomic driver. */
export const atomic: Platform = {
  name: "atomic",
  title: "Atomic",
  kinds,
  defaults,
  reports: ["multiFactor", "lastActive"],
  scopeKind: "Environment",
  credentials: [["clientId", "clientSecret"]],
  resources,
  fold,
  rankOf,
  checks,
  access: viewAccess,
  effectOf,
  ownerEquivalent,
};
