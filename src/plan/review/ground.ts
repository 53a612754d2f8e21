// One target of a review, looked at for everything that is built of it: people and their groups, ladders, where files say what, who
// owns where. Worked out once, and shared by people who hold the same. It judges nothing.
import { createHash } from "node:crypto";
import type { PlacedPath } from "../../model/answers.ts";
import { EMPTY_SECTION, type Entity, entityAt, membershipSection } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import { lazy, memo } from "../../model/lazy.ts";
import { GROUP, MEMBER, type ResourceSpec, resourcesOf, scopesOf } from "../../model/platform.ts";
import type { Person } from "../../model/settings.ts";
import { createPlaces, type DeclaredPath, namesOf } from "../places.ts";
import type { ReviewedTarget } from "./input.ts";
import { createLines } from "./lines.ts";

/** The scope of what has no environment or project, as grants spell it. */
const ORGANIZATION = "organization";

export interface ReviewGround {
  readonly reviewed: ReviewedTarget;
  /** As people see them. */
  readonly nameOf: (member: string) => string;
  readonly entityOf: (member: string) => Entity | undefined;
  /** Folded names of the groups that somebody is in. */
  readonly groupsOf: (member: string) => readonly string[];
  /** A group as people see it. */
  readonly groupName: (group: string) => string;
  readonly loginOf: (member: string) => string | undefined;
  /** What files say of a path that gives somebody a grant. */
  readonly declaredPath: (member: string, path: Path) => DeclaredPath;
  /** The same with the very lines that give it. */
  readonly placedPath: (member: string, declared: DeclaredPath, grant: Grant) => PlacedPath;
  /** What files give somebody of a resource in a scope, ended entries included. */
  readonly declaredLevel: (member: string, grant: Pick<Grant, "resource" | "scope">) => string | undefined;
  /** 0 to 1. */
  readonly strengthOf: (grant: Pick<Grant, "resource" | "level">) => number;
  /** At the top of a ladder that has more than one rung, or enough by itself to take anything. */
  readonly isTop: (grant: Grant) => boolean;
  /** Whether a grant is what lets somebody with these grants give themselves anything, alone or together with others. */
  readonly makesOwner: (grants: readonly Grant[], grant: Grant) => boolean;
  /** Whether somebody with these grants could give themselves anything in a scope. */
  readonly ownsIn: (grants: readonly Grant[], scope: string) => boolean;
  /** Display names of all scopes, `organization` last where anything has it. */
  readonly scopes: () => readonly string[];
}

export function openGround(reviewed: ReviewedTarget, people: readonly Person[]): ReviewGround {
  const { platform, live, declared, liveView, declaredView } = reviewed;
  const entityOf = (member: string) => entityAt(live, MEMBER, member);
  const memberships = lazy(() => groupsByMember(reviewed));
  const resources = lazy(() => new Map(resourcesOf(platform, live).map((spec) => [spec.name, spec])));
  const declaredName = namesOf(declared, MEMBER);
  const levels = memo((grants: readonly Grant[]) => new Map(grants.map((grant) => [cellOf(grant), grant.level])));
  const owned = memo(
    (grants: readonly Grant[]): ReadonlySet<string> | boolean =>
      platform.ownerEquivalent(grants) && (platform.ownerScopes ? new Set(platform.ownerScopes(grants)) : true),
  );
  const owning = memo((grants: readonly Grant[]) => owningAmong(grants, platform));
  return {
    reviewed,
    nameOf: (member) => entityOf(member)?.name ?? member,
    entityOf,
    groupsOf: (member) => memberships().get(member) ?? [],
    groupName: (group) => entityAt(live, GROUP, group)?.name ?? group,
    loginOf: findLogins(reviewed, people),
    declaredPath: createPlaces(declared, platform),
    placedPath: createPlacing(reviewed),
    declaredLevel: (member, grant) => levels(declaredView.grantsOf(declaredName(member))).get(cellOf(grant)),
    strengthOf: (grant) => strengthIn(resources().get(grant.resource), grant.level),
    isTop: (grant) => {
      const ladder = resources().get(grant.resource)?.levels ?? [];
      return (ladder.length > 1 && grant.level === ladder.at(-1)) || platform.ownerEquivalent([grant]);
    },
    makesOwner: (grants, grant) => owning(grants).has(grant),
    ownsIn: (grants, scope) => {
      const scopes = owned(grants);
      return typeof scopes === "boolean" ? scopes : scopes.has(scope);
    },
    scopes: lazy(() => {
      const held = new Set(scopesOf(platform, live));
      for (const member of liveView.members()) for (const { scope } of liveView.grantsOf(member)) held.add(scope);
      const last = held.delete(ORGANIZATION) ? [ORGANIZATION] : [];
      return [...[...held].sort(compareText), ...last];
    }),
  };
}

/** Those that are enough by themselves, and those without which it would not be so; where none is either, it is all of them. */
function owningAmong(grants: readonly Grant[], { ownerEquivalent }: ReviewedTarget["platform"]): ReadonlySet<Grant> {
  if (!ownerEquivalent(grants)) return new Set();
  const enough = grants.filter((grant) => ownerEquivalent([grant]));
  if (enough.length > 0) return new Set(enough);
  const needed = grants.filter((grant) => !ownerEquivalent(grants.filter((other) => other !== grant)));
  return new Set(needed.length > 0 ? needed : grants);
}

/** A resource and a scope as one text. */
export function cellOf({ resource, scope }: Pick<Grant, "resource" | "scope">): string {
  return `${resource}\n${scope}`;
}

/** The id of what a member (folded name) holds of a resource in a scope: the same in every report. */
export function rowId(target: string, member: string, { resource, scope }: Pick<Grant, "resource" | "scope">): string {
  return createHash("sha256").update(`${target}\n${member}\n${resource}\n${scope}`).digest("hex").slice(0, 24);
}

/** A function that puts the lines that give an access in the place of where documents begin. */
function createPlacing(reviewed: ReviewedTarget): ReviewGround["placedPath"] {
  const { fold } = reviewed.platform;
  const lines = createLines(reviewed);
  return (member, { placed, entry, group, role }, grant) => {
    const at = { live: member, reader: member };
    const ofMember =
      group === undefined && entry?.place
        ? lines.ofHolder({ kind: MEMBER, local: entry.local, ...at }, placed, grant)
        : undefined;
    const ofGroup =
      group !== undefined && placed.groupPlace
        ? lines.ofHolder({ kind: GROUP, local: group, ...at, live: fold(placed.group ?? "") }, placed, grant)
        : undefined;
    const ofRole = role !== undefined && placed.rolePlace ? lines.ofRole(role, grant.resource) : undefined;
    if (!ofMember && !ofGroup && !ofRole) return placed;
    return {
      ...placed,
      ...(ofMember ? { membershipPlace: ofMember } : {}),
      ...(ofGroup ? { groupPlace: ofGroup } : {}),
      ...(ofRole ? { rolePlace: ofRole } : {}),
    };
  };
}

/** A level that no ladder has counts as the highest: what is not known is not made little of. */
function strengthIn(spec: ResourceSpec | undefined, level: string): number {
  const ladder = spec?.levels ?? [];
  const rung = ladder.indexOf(level);
  return rung < 0 ? 1 : (rung + 1) / ladder.length;
}

function groupsByMember({ live }: ReviewedTarget): ReadonlyMap<string, readonly string[]> {
  const members = live.get(MEMBER) ?? EMPTY_SECTION;
  const found = new Map<string, string[]>();
  for (const { local: group } of live.get(GROUP)?.values() ?? [])
    for (const member of live.get(membershipSection(group))?.keys() ?? []) {
      if (!members.has(member)) continue;
      const known = found.get(member);
      if (known) known.push(group);
      else found.set(member, [group]);
    }
  return found;
}

/** Who is who on the Git host, by a member's name or address. */
function findLogins({ platform, live }: ReviewedTarget, people: readonly Person[]): ReviewGround["loginOf"] {
  const { fold } = platform;
  const logins = new Map<string, string>();
  for (const { login, members } of people)
    for (const member of members) if (!logins.has(fold(member))) logins.set(fold(member), login);
  return (member) => {
    const email = entityAt(live, MEMBER, member)?.attributes.email;
    return logins.get(member) ?? (typeof email === "string" ? logins.get(fold(email)) : undefined);
  };
}
