// Where files declare what gives an access: the membership, the group and the role of a path, and for what is held through no group
// the member's own document. What only the platform has is nowhere; what is renamed in files is found by its old name as well.
import type { PlacedPath } from "../model/answers.ts";
import { type Entity, entityAt, membershipSection, type State } from "../model/entity.ts";
import type { Path } from "../model/grant.ts";
import { memo } from "../model/lazy.ts";
import { GROUP, MEMBER, type Platform } from "../model/platform.ts";

const ROLE = "Role";

/** What files say of a path. */
export interface DeclaredPath {
  readonly placed: PlacedPath;
  /** The membership; for what is held through no group the member. Undefined where no file has it. */
  readonly entry: Entity | undefined;
  /** Folded names by which files know the group and the role. */
  readonly group: string | undefined;
  readonly role: string | undefined;
}

/** A function that finds what a state that comes from files says of a member's (folded name) path. */
export function createPlaces(
  declared: State,
  { fold }: Pick<Platform, "fold">,
): (member: string, path: Path) => DeclaredPath {
  const [members, groups, roles] = [MEMBER, GROUP, ROLE].map((kind) => namesOf(declared, kind)) as [
    Names,
    Names,
    Names,
  ];
  const groupOf = memo((name: string) => groups(fold(name)));
  const roleOf = memo((name: string) => roles(fold(name)));
  return (member, path) => {
    const local = members(member);
    const group = path.group === undefined ? undefined : groupOf(path.group);
    const entry =
      group === undefined ? entityAt(declared, MEMBER, local) : entityAt(declared, membershipSection(group), local);
    const groupPlace = group === undefined ? undefined : entityAt(declared, GROUP, group)?.place;
    const role = path.role === undefined ? undefined : roleOf(path.role);
    const rolePlace = role === undefined ? undefined : entityAt(declared, ROLE, role)?.place;
    const placed = {
      ...path,
      ...(entry?.place ? { membershipPlace: entry.place } : {}),
      ...(groupPlace ? { groupPlace } : {}),
      ...(rolePlace ? { rolePlace } : {}),
    };
    return { placed, entry, group, role };
  };
}

/** A folded name as the platform has it -> the one that files have it under. */
export type Names = (name: string) => string;

/** How files call what the platform may still have under its old name (`previously`). */
export function namesOf(declared: State, kind: string): Names {
  const section = declared.get(kind);
  const renamed = new Map<string, string>();
  for (const { local, previously } of section?.values() ?? [])
    if (previously !== undefined && !section?.has(previously)) renamed.set(previously, local);
  return renamed.size === 0 ? (name) => name : (name) => renamed.get(name) ?? name;
}
