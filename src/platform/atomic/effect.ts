// Whether a change by itself gives people something or takes something away. Pure. What it gives is judged by
// the access after the whole plan, what it takes by the access before it. In doubt it says yes: a change of a
// group or role counts for the people who could be in it, whether or not anybody is.
import type { Change } from "../../model/change.ts";
import { groupOfSection } from "../../model/entity.ts";
import type { Grant } from "../../model/grant.ts";
import type { AccessView } from "../../model/platform.ts";
import { exceeds as exceedsBy } from "../rules/grants.ts";
import { type AtomicView, atomicView, ORGANIZATION } from "./access.ts";
import { fold, rankOf, resourceNamed } from "./ladder.ts";

/** What a change gives and takes. */
export interface EffectOfChange {
  readonly gives: boolean;
  readonly takes: boolean;
}

const NEUTRAL: EffectOfChange = { gives: false, takes: false };

/** See `Platform.effectOf`. The views must come from `viewAccess`. */
export function effectOf(
  change: Pick<Change, "action" | "kind" | "section" | "local">,
  before: AccessView,
  after: AccessView,
): EffectOfChange {
  const [was, is] = [atomicView(before), atomicView(after)];
  switch (change.kind) {
    case "Membership":
      return effectOfMembership(change, was, is);
    case "Member":
      // Names and addresses give and take nothing; what else happens to the person is another change's doing.
      if (change.action === "update") return NEUTRAL;
      return {
        gives: exceeds(is.grantsOf(change.local), was.grantsOf(change.local)),
        takes: exceeds(was.grantsOf(change.local), is.grantsOf(change.local)),
      };
    case "Group":
      return effectOfGroup(change.local, was, is);
    case "Role":
      return effectOfRole(change.local, was, is);
    default:
      return NEUTRAL;
  }
}

function effectOfMembership(
  change: Pick<Change, "action" | "section" | "local">,
  was: AtomicView,
  is: AtomicView,
): EffectOfChange {
  const group = groupOfSection(change.section) ?? "";
  switch (change.action) {
    case "create":
      return {
        gives: exceeds(is.grantsOfGroup(group), was.grantsOf(change.local)) || givesLater(group, change.local, was, is),
        takes: false,
      };
    case "delete":
      return { gives: false, takes: exceeds(was.grantsOfGroup(group), is.grantsOf(change.local)) };
    case "update":
      return NEUTRAL;
    default:
      return change.action satisfies never;
  }
}

/** Whether a group without a limit gives what somebody has everywhere today, but in no such group: they gain what comes later. */
function givesLater(group: string, member: string, was: AtomicView, is: AtomicView): boolean {
  if (is.isLimited(group) !== false) return false;
  const lasting = new Set<string>();
  for (const { resource, scope, level, via } of was.grantsOf(member))
    for (const path of via)
      if (path.group !== undefined && was.isLimited(fold(path.group)) === false)
        for (const lower of levelsUpTo(resource, path.level ?? level)) lasting.add(`${resource}\n${scope}\n${lower}`);
  return is
    .grantsOfGroup(group)
    .some(({ resource, scope, level }) => scope !== ORGANIZATION && !lasting.has(`${resource}\n${scope}\n${level}`));
}

function levelsUpTo(resource: string, level: string): readonly string[] {
  return resourceNamed(resource)?.levels.slice(0, rankOf(resource, level) + 1) ?? [];
}

/** Losing the limit gives future environments too, and gaining one takes them, even where no grant of today moves. */
function effectOfGroup(group: string, was: AtomicView, is: AtomicView): EffectOfChange {
  const [old, now] = [was.grantsOfGroup(group), is.grantsOfGroup(group)];
  const widened = was.isLimited(group) === true && is.isLimited(group) === false;
  const narrowed = was.isLimited(group) === false && is.isLimited(group) === true;
  return {
    gives: exceeds(now, old) || (widened && is.givesAnything(group)),
    takes: exceeds(old, now) || (narrowed && was.givesAnything(group)),
  };
}

function effectOfRole(role: string, was: AtomicView, is: AtomicView): EffectOfChange {
  const [old, now] = [was.permissionsOfRole(role), is.permissionsOfRole(role)];
  return { gives: is.isCarried(role) && raises(now, old), takes: was.isCarried(role) && raises(old, now) };
}

function exceeds(first: readonly Grant[], second: readonly Grant[]): boolean {
  return exceedsBy(first, second, rankOf);
}

type Permissions = ReadonlyMap<string, string> | undefined;

/** Whether the first holds a level that the second does not reach. */
function raises(first: Permissions, second: Permissions): boolean {
  for (const [resource, level] of first ?? []) {
    const other = second?.get(resource);
    if (other === undefined || rankOf(resource, level) > rankOf(resource, other)) return true;
  }
  return false;
}
