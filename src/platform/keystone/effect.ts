// Whether a change by itself gives people something or takes something away. Pure. What it gives is judged by the
// access after the whole plan, what it takes by the access before it. In doubt it says yes: a group or role counts for
// those who could be in it, and a grant on all projects for the projects that are still to come.
import type { Change } from "../../model/change.ts";
import { groupOfSection } from "../../model/entity.ts";
import type { Grant } from "../../model/grant.ts";
import type { AccessView } from "../../model/platform.ts";
import { exceeds as exceedsBy } from "../rules/grants.ts";
import { type KeystoneView, keystoneView } from "./access.ts";
import { fold } from "./catalogue.ts";
import { parseGrant } from "./grants.ts";

/** What a change gives and takes. */
export interface EffectOfChange {
  readonly gives: boolean;
  readonly takes: boolean;
}

/** Where new projects get a share without anybody asking. */
const OPEN_ENDED: readonly string[] = ["projects", "below"];

const NEUTRAL: EffectOfChange = { gives: false, takes: false };

/** See `Platform.effectOf`. The views must come from `viewAccess`. */
export function effectOf(
  change: Pick<Change, "action" | "kind" | "section" | "local">,
  before: AccessView,
  after: AccessView,
): EffectOfChange {
  const [was, is] = [keystoneView(before), keystoneView(after)];
  switch (change.kind) {
    case "Membership":
      return effectOfMembership(change, was, is);
    case "Member":
      return effectOfMember(change.local, was, is);
    case "Group":
      return {
        gives: exceeds(is.grantsOfGroup(change.local), was.grantsOfGroup(change.local)) || widens(change, is, was),
        takes: exceeds(was.grantsOfGroup(change.local), is.grantsOfGroup(change.local)) || widens(change, was, is),
      };
    case "Role":
      return effectOfRole(change.local, was, is);
    case "ApplicationCredential":
      // Whatever uses it stops working; only its owner can make one.
      return { gives: false, takes: change.action === "delete" };
    default:
      return NEUTRAL;
  }
}

function effectOfMembership(
  change: Pick<Change, "action" | "section" | "local">,
  was: KeystoneView,
  is: KeystoneView,
): EffectOfChange {
  const group = groupOfSection(change.section) ?? "";
  const [gives, takes] = [is.isActive(change.local), was.isActive(change.local)];
  switch (change.action) {
    case "create":
      return {
        gives:
          gives &&
          (exceeds(is.grantsOfGroup(group), was.grantsOf(change.local)) || givesLater(group, change.local, was, is)),
        takes: false,
      };
    case "delete":
      return { gives: false, takes: takes && exceeds(was.grantsOfGroup(group), is.grantsOf(change.local)) };
    case "update":
      return NEUTRAL;
    default:
      return change.action satisfies never;
  }
}

function effectOfMember(member: string, was: KeystoneView, is: KeystoneView): EffectOfChange {
  const change = { kind: "Member", local: member };
  return {
    gives: exceeds(is.grantsOf(member), was.grantsOf(member)) || (is.isActive(member) && widens(change, is, was)),
    takes: exceeds(was.grantsOf(member), is.grantsOf(member)) || (was.isActive(member) && widens(change, was, is)),
  };
}

/** Whether a group's grants with an open end are none that somebody has already, whatever projects there are today. */
function givesLater(group: string, member: string, was: KeystoneView, is: KeystoneView): boolean {
  const groups = new Set(was.grantsOf(member).flatMap(({ via }) => via.flatMap((path) => path.group ?? [])));
  const lasting = new Set([
    ...was.writtenGrants("Member", member),
    ...[...groups].flatMap((name) => was.writtenGrants("Group", fold(name))),
  ]);
  return is
    .writtenGrants("Group", group)
    .some((text) => OPEN_ENDED.includes(parseGrant(text).on) && !lasting.has(text));
}

/** Whether the first view writes a grant with an open end that the second lacks, whatever projects there are today. */
function widens(change: Pick<Change, "kind" | "local">, first: KeystoneView, second: KeystoneView): boolean {
  const other = new Set(second.writtenGrants(change.kind, change.local));
  return first
    .writtenGrants(change.kind, change.local)
    .some((text) => !other.has(text) && OPEN_ENDED.includes(parseGrant(text).on));
}

function effectOfRole(role: string, was: KeystoneView, is: KeystoneView): EffectOfChange {
  const [old, now] = [was.rolesOf(role), is.rolesOf(role)];
  const lacks = (first: ReadonlySet<string>, second: ReadonlySet<string>) => [...first].some((one) => !second.has(one));
  return { gives: is.isGranted(role) && lacks(now, old), takes: was.isGranted(role) && lacks(old, now) };
}

function exceeds(first: readonly Grant[], second: readonly Grant[]): boolean {
  return exceedsBy(first, second, () => 0);
}
