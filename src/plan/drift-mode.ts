// What becomes of drift: `drift` of the group that it is about, else the target's setting. Pure; decides nothing else.
import { type Entity, entityAt, groupOfSection, type State } from "../model/entity.ts";
import { GROUP } from "../model/platform.ts";
import type { DriftMode } from "../model/settings.ts";

/** The mode of an entity: a group and who is in it go by the group's own, if it has one; a group that Git drops by its last. */
export function driftModeOf(
  { section, local }: Pick<Entity, "section" | "local">,
  want: State,
  base: State,
  target: DriftMode,
): DriftMode {
  const group = section === GROUP ? local : groupOfSection(section);
  if (group === undefined) return target;
  return ownDriftMode(entityAt(want, GROUP, group) ?? entityAt(base, GROUP, group)) ?? target;
}

/** What a group itself says, or undefined. */
export function ownDriftMode(group: Entity | undefined): DriftMode | undefined {
  const mode = group?.attributes.drift;
  return mode === "report" || mode === "propose" || mode === "revert" ? mode : undefined;
}
