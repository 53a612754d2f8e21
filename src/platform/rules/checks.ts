// Checks of the desired state that mean the same on every platform with groups. Pure; each platform lists those it has.
import { type PolicyDocument, placeOf } from "../../model/document.ts";
import { type Entity, membershipSection, type State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";

/** A group that nobody is in. */
export function* groupWithoutMembers(document: PolicyDocument, group: Entity, state: State): Iterable<Finding> {
  // Who is in it is not for files to say.
  if (group.attributes.members === "idp") return;
  if ((state.get(membershipSection(group.local))?.size ?? 0) > 0) return;
  yield {
    severity: "warning",
    code: "group-without-members",
    message: `Group "${group.name}" has no members`,
    place: placeOf(document, ["name"]),
    hint: `Add a Membership document with group: ${group.name}, or remove the group.`,
  };
}
