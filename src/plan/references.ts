// Whether what a plan leaves behind hangs together: no change may point at something that will not be
// there, nothing may be deleted while something else still points at it or somebody unmanaged is in it.
import type { Change } from "../model/change.ts";
import {
  type Entity,
  entityAt,
  groupOfSection,
  keyOf,
  MEMBERSHIP,
  membershipSection,
  type State,
} from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import { GROUP, type KindSpec, kindSpec, MEMBER, type Platform, type Reference } from "../model/platform.ts";
import type { Guarded } from "./guard.ts";
import { canPoint, pointedAt } from "./leaves.ts";

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

/**
 * Holds back what cannot be made while other changes are held: a deletion of what is then still used, a creation that needs what is
 * not made. Each takes over the codes of what is in its way, so that nobody is told it would go ahead. `reachedBy` says
 * what comes of some of the changes.
 */
export function holdDependents(
  changes: readonly Change[],
  reachedBy: (made: readonly Change[]) => State,
  platform: Platform,
): readonly Change[] {
  let judged = changes;
  for (;;) {
    const held = new Map(judged.flatMap(({ key, blockedBy }) => (blockedBy ? [[key, blockedBy] as const] : [])));
    if (held.size === 0 || held.size === judged.length) return judged;
    const reached = reachedBy(judged.filter(({ blockedBy }) => !blockedBy));
    const users = usersOf(reached, platform);
    const next = judged.map((change) => {
      if (change.blockedBy) return change;
      const codes = obstacles(change, reached, users, platform).flatMap((key) => held.get(key) ?? []);
      return codes.length === 0 ? change : { ...change, blockedBy: [...new Set(codes)].sort(compareText) };
    });
    if (next.every((change, index) => change === judged[index])) return judged;
    judged = next;
  }
}

/** Keys of what keeps a change from being made in a state: what still uses or fills the deleted, what is needed and missing. */
function obstacles(
  change: Change,
  reached: State,
  users: ReadonlyMap<string, Entity>,
  platform: Platform,
): readonly string[] {
  if (change.action !== "delete")
    return referencesOf(change, reached, platform)
      .map(({ kind, name }) => ({ kind, local: platform.fold(name) }))
      .filter(({ kind, local }) => entityAt(reached, kind, local) === undefined)
      .map(({ kind, local }) => `${kind}/${local}`);
  if (change.kind === MEMBERSHIP) return [];
  const user = users.get(`${change.kind}/${change.local}`);
  const members = change.kind === GROUP ? [...(reached.get(membershipSection(change.local))?.values() ?? [])] : [];
  return [...(user ? [user] : []), ...members].map(keyOf);
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
  return referencesOf(change, after, platform).find((target) => !there(target));
}

function referencesOf(change: Change, state: State, platform: Platform): Reference[] {
  const group = groupOfSection(change.section);
  if (group !== undefined)
    return [
      { kind: GROUP, name: group },
      { kind: MEMBER, name: change.local },
    ];
  const spec = kindSpec(platform, change.kind);
  return spec && change.after ? pointedAt(spec, change.after, state) : [];
}

/**
 * Kind and folded name of everything pointed at -> one entity that points at it. Memberships aside: groups have their own
 * check. Owners aside: what belongs to somebody goes with them, and must not keep them.
 */
function usersOf(state: State, platform: Platform): Map<string, Entity> {
  const users = new Map<string, Entity>();
  for (const spec of platform.kinds) {
    if (!canPoint(spec)) continue;
    for (const entity of state.get(spec.kind)?.values() ?? [])
      for (const { kind, name } of pointedAt(spec, { ...entity, attributes: withoutOwner(entity, spec) }, state))
        users.set(`${kind}/${platform.fold(name)}`, entity);
  }
  return users;
}

function withoutOwner({ attributes }: Entity, { owner }: KindSpec): Entity["attributes"] {
  if (owner === undefined) return attributes;
  const { [owner]: _, ...rest } = attributes;
  return rest;
}
