// How rules speak: of what somebody holds, of selectors, of many names; and which line causes what they speak of.
import { entityAt, membershipSection } from "../../model/entity.ts";
import type { Place } from "../../model/finding.ts";
import type { Path } from "../../model/grant.ts";
import type { PermissionSelector } from "../../model/guardrail.ts";
import { GROUP, MEMBER } from "../../model/platform.ts";
import type { Hold } from "./selection.ts";
import type { Survey } from "./survey.ts";

/** The scope of what has no environment or project, as grants spell it. */
const ORGANIZATION = "organization";
/** Names in a text before the rest is a number. */
const SHOWN_NAMES = 5;

/** `Card template admin`; without the level where levels say nothing. */
export function permissionText({ resource, level }: Pick<Hold, "resource" | "level">, survey: Survey): string {
  return survey.hasLevels() ? `${resource} ${level}` : resource;
}

/** `Card template admin in production through Publishers`. */
export function holdText(hold: Hold, survey: Survey): string {
  return `${permissionText(hold, survey)} ${scopeText(hold.scope)} ${pathText(hold.path)}`;
}

export function scopeText(scope: string): string {
  return scope === ORGANIZATION ? "organization-wide" : `in ${scope}`;
}

function pathText({ group }: Path): string {
  return group === undefined ? "directly" : `through ${group}`;
}

/** What selectors ask for: `Card template edit in production or owner-equivalent access`. */
export function selectorsText(selectors: readonly PermissionSelector[]): string {
  return selectors
    .map(({ resource, level, scopes, ownerEquivalent }) =>
      [
        resource ?? (ownerEquivalent === true && level === undefined ? "" : "anything"),
        level ?? "",
        scopes ? `in ${namesText(scopes)}` : "",
        ownerEquivalent !== true ? "" : resource === undefined ? "owner-equivalent access" : "as an owner",
      ]
        .filter((text) => text !== "")
        .join(" "),
    )
    .join(" or ");
}

/** The first names, and how many more there are. */
export function namesText(names: readonly string[]): string {
  const rest = names.length - SHOWN_NAMES;
  return `${names.slice(0, SHOWN_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** `1 person`, `3 people`. */
export function peopleText(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}

/** Placeholders about holds: the first one's permission and scope, and every path. */
export function holdValues(holds: readonly Hold[], survey: Survey): Record<string, string> {
  const [hold] = holds;
  if (!hold) return {};
  const { group, role } = hold.path;
  return {
    permission: permissionText(hold, survey),
    scope: hold.scope,
    paths: namesText([...new Set(holds.map(({ path }) => path.group ?? "directly"))]),
    ...(group === undefined ? {} : { group }),
    ...(role === undefined ? {} : { role }),
  };
}

export interface Cause {
  readonly place?: Place;
  readonly key?: string;
}

/**
 * The line that gives somebody what the paths lead to: what the plan changes first (their membership, a group, a role), else a
 * declared membership, the member's document or a group's; the key of what there is where no file says it.
 */
export function causeOf(member: string, paths: readonly Path[], survey: Survey): Cause {
  const { declared, platform } = survey.ground;
  const local = (name: string | undefined) => (name === undefined ? [] : [platform.fold(name)]);
  const memberships = paths.flatMap(({ group }) =>
    local(group).map((name) => [membershipSection(name), member] as const),
  );
  const groups = paths.flatMap(({ group }) => local(group).map((name) => [GROUP, name] as const));
  const roles = paths.flatMap(({ role }) => local(role).map((name) => ["Role", name] as const));
  const changed = [...memberships, ...groups, ...roles].filter(([section, name]) =>
    survey.changed().has(`${section}/${name}`),
  );
  for (const [section, name] of [...changed, ...memberships, [MEMBER, member] as const, ...groups]) {
    const place = entityAt(declared, section, name)?.place;
    if (place) return { place };
  }
  const [section, name] = changed[0] ?? memberships[0] ?? [MEMBER, member];
  return { key: `${section}/${name}` };
}
