// Whether what a plan leaves behind hangs together: no change may point at something that will not be
// there, nothing may be deleted while something else still points at it or somebody unmanaged is in it.
import type { Change } from "../model/change.ts";
import { type Entity, entityAt, groupOfSection, MEMBERSHIP, membershipSection, type State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import { GROUP, type KindSpec, kindSpec, MEMBER, type Platform, type Reference } from "../model/platform.ts";
import type { Guarded } from "./guard.ts";
import { pointsElsewhere, referencesIn } from "./leaves.ts";

/** Checks every change, in apply order, against the live state and the state after the whole plan. */
export function guardReferences(changes: readonly Change[], after: State, platform: Platform): Guarded {
  const findings: Finding[] = [];
  const blocked = new Map<string, readonly string[]>();
  const block = (change: Change, code: string, message: string, hint: string) => {
    blocked.set(change.key, [code]);
    const place = change.place ? { place: change.place } : {};
    findings.push({ severity: "error", code, message, key: change.key, hint, blocks: "change", ...place });
  };
  for (const change of changes) {
    const missing = change.action === "delete" ? undefined : missingReference(change, after, platform, blocked);
    if (missing)
      block(
        change,
        "missing-reference",
        `${change.kind} "${change.name}" needs ${missing.kind} "${missing.name}", which is not on the platform`,
        "Bring it back on the platform or take it out of the file.",
      );
  }
  const users = usersOf(after, platform);
  for (const change of changes) {
    if (change.action !== "delete" || change.kind === MEMBERSHIP) continue;
    const user = users.get(`${change.kind}/${change.local}`);
    if (user)
      block(
        change,
        "still-referenced",
        `${change.kind} "${change.name}" is still used by ${user.kind} "${user.name}" on the platform`,
        "Bring the other one under Git and take the reference out first.",
      );
    const left = change.kind === GROUP ? (after.get(membershipSection(change.local))?.size ?? 0) : 0;
    if (left > 0)
      block(
        change,
        "group-has-unmanaged-members",
        `Group "${change.name}" still has ${left} members that Git does not know`,
        "List them in a Membership first (rolebook import shows them), so that their removal is asked for by name.",
      );
  }
  return { findings, blocked };
}

/** The first thing a change points at that will not be there, or that is itself blocked from being created. */
function missingReference(
  change: Change,
  after: State,
  platform: Platform,
  blocked: ReadonlyMap<string, readonly string[]>,
): Reference | undefined {
  const there = ({ kind, name }: Reference) => {
    const local = platform.fold(name);
    return (
      entityAt(after, kind, local) !== undefined && !(blocked.has(`${kind}/${local}`) && change.action === "create")
    );
  };
  return referencesOf(change, platform).find((target) => !there(target));
}

function referencesOf(change: Change, platform: Platform): Reference[] {
  const group = groupOfSection(change.section);
  if (group !== undefined)
    return [
      { kind: GROUP, name: group },
      { kind: MEMBER, name: change.local },
    ];
  return attributeReferences(change.kind, change.after?.attributes ?? {}, platform);
}

function attributeReferences(kind: string, attributes: Entity["attributes"], platform: Platform): Reference[] {
  const spec = kindSpec(platform, kind);
  return Object.entries(spec?.attributes ?? {}).flatMap(([name, attribute]) =>
    referencesIn(attribute, attributes[name]),
  );
}

/**
 * Kind and folded name of everything pointed at -> one entity that points at it. Memberships aside: groups have their own
 * check. Owners aside: what belongs to somebody goes with them, and must not keep them.
 */
function usersOf(state: State, platform: Platform): Map<string, Entity> {
  const users = new Map<string, Entity>();
  for (const spec of platform.kinds) {
    if (!Object.values(spec.attributes).some(pointsElsewhere)) continue;
    for (const entity of state.get(spec.kind)?.values() ?? [])
      for (const { kind, name } of attributeReferences(spec.kind, withoutOwner(entity, spec), platform))
        users.set(`${kind}/${platform.fold(name)}`, entity);
  }
  return users;
}

function withoutOwner({ attributes }: Entity, { owner }: KindSpec): Entity["attributes"] {
  if (owner === undefined) return attributes;
  const { [owner]: _, ...rest } = attributes;
  return rest;
}
