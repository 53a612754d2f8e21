// What the entries of an account's audit log are about: which kinds, attributes and names they mean.
import type { AuditEntry, AuditPage } from "../../generated/types/platform-atomyx.ts";
import type { Activity } from "../../model/driver.ts";
import type { State } from "../../model/entity.ts";
import { type LogWords, readActivity as readLog } from "../http/log.ts";
import { fold } from "./catalogue.ts";
import { productOf, qualified, workspaceOf } from "./names.ts";

/** Reads the log and says what was done to which entity, newest first. `live` is where ids get their names from. */
export function readActivity(
  fetchPage: (cursor: string | undefined) => Promise<AuditPage>,
  live: State,
  self: string | undefined,
): Promise<Activity[]> {
  return readLog(fetchPage, words, live, self);
}

const words: LogWords<AuditEntry> = {
  kinds: {
    workspace: "Workspace",
    product: "Product",
    "product-role": "Role",
    group: "Group",
    member: "Member",
    integration: "Integration",
    "api-key": "ApiKey",
  },
  attributes: {
    roleIds: "roles",
    impliedRoleIds: "implies",
    email: "name",
    callbackUrl: "callback",
    productId: "product",
    ownerId: "owner",
  },
  localsOf: ({ subject, before, after }) => [
    fold(subject.name),
    ...[before, after].map((properties) => formerName(subject, properties)),
  ],
  membershipOf: ({ subject }) => {
    // `ADDRESS in WORKSPACE/GROUP` is what the log calls a membership; addresses hold no blanks.
    const [, address, group] = /^(\S+) in (.*)$/s.exec(subject.name) ?? [];
    return { member: address && fold(address), group: group === undefined ? undefined : fold(group) };
  },
  // A key that is revoked is as good as gone.
  existence: ["revokedAt"],
};

/** The qualified name that goes with a bare one in an entry's properties: a rename leaves the containers as they are. */
function formerName(
  { type, name }: AuditEntry["subject"],
  properties: Readonly<Record<string, unknown>> | null,
): string | undefined {
  if (typeof properties?.email === "string") return fold(properties.email);
  if (typeof properties?.name !== "string") return undefined;
  const container = type === "product-role" ? productOf(name) : workspaceOf(name);
  return container === undefined ? undefined : fold(qualified(container, properties.name));
}
