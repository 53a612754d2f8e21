// What groups must be like, whoever is in them: named after the one role they carry, and owned by somebody.
import { type Entity, entityAt } from "../../model/entity.ts";
import { GROUP, kindSpec, type Platform } from "../../model/platform.ts";
import { referencesIn } from "../leaves.ts";
import type { Breach } from "./breach.ts";
import type { Survey } from "./survey.ts";

const ROLE = "Role";

/** A group that carries one role has its name. */
export function judgeNames(survey: Survey): Breach[] {
  const { platform, state, declared } = survey.ground;
  return [...(state.get(GROUP)?.values() ?? [])].flatMap((group): Breach[] => {
    const roles = rolesOf(group, platform);
    const [role] = roles;
    if (roles.size !== 1 || role === undefined || role === group.local) return [];
    const name = survey.nameOf(ROLE, role);
    const place = entityAt(declared, GROUP, group.local)?.place;
    return [
      {
        subject: `group ${group.local}`,
        group: group.local,
        // With another role it is another breach.
        extent: () => new Map([[role, 0]]),
        describe: () => ({
          text: `group ${group.name} carries one role, ${name}, and is not named after it`,
          values: { group: group.name, role: name },
          ...(place ? { place } : { key: `${GROUP}/${group.local}` }),
        }),
      },
    ];
  });
}

/** Folded names of the roles that a group refers to, however its platform says so. */
function rolesOf(group: Entity, platform: Platform): Set<string> {
  const attributes = Object.entries(kindSpec(platform, GROUP)?.attributes ?? {});
  const references = attributes.flatMap(([name, spec]) => referencesIn(spec, group.attributes[name]));
  return new Set(references.filter(({ kind }) => kind === ROLE).map(({ name }) => platform.fold(name)));
}

/** Every group that a file declares names an owner; what only the platform has cannot say who that is. */
export function judgeOwners({ ground: { declared, state } }: Survey): Breach[] {
  return [...(declared.get(GROUP)?.values() ?? [])].flatMap(({ local, name, attributes, place }): Breach[] => {
    const { owners } = attributes;
    if (!place || !state.get(GROUP)?.has(local) || (Array.isArray(owners) && owners.length > 0)) return [];
    return [
      {
        subject: `group ${local}`,
        group: local,
        describe: () => ({ text: `group ${name} names no owner`, values: { group: name }, place }),
      },
    ];
  });
}
