// What a change of the files agrees to: what is on the platform already, and Git has not said until now. Nothing changes there, so no
// change of a plan shows it and no approval is asked for it. Pure; it only lists, and does not say whether that is good.
import { EMPTY_SECTION, type Entity, entityAt, groupOfSection, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { GROUP, type KindSpec, kindSpec, type Platform } from "../model/platform.ts";
import { comparedAttributes, leavesOf, sameLeaf } from "./leaves.ts";

export interface AgreedInput {
  /** What the files say without the change, and with it. */
  readonly before: State;
  readonly after: State;
  readonly live: State;
  readonly platform: Platform;
  /** Keys that the plan changes on the platform: those are shown and approved there. */
  readonly changed: ReadonlySet<string>;
}

/** Entities that are live and that the files come to speak of, or to speak of as they are; sorted by key. Removals are none. */
export function agreedTo({ before, after, live, platform, changed }: AgreedInput): Entity[] {
  const agreed: [key: string, entity: Entity][] = [];
  for (const [section, entities] of after) {
    const [was, is] = [before.get(section) ?? EMPTY_SECTION, live.get(section)];
    if (!is || was === entities || isRenamed(section, after)) continue;
    const spec = groupOfSection(section) === undefined ? kindSpec(platform, section) : undefined;
    for (const local of entities.keys()) {
      const key = `${section}/${local}`;
      if (!is.has(local) || changed.has(key) || (was.has(local) && !spec)) continue;
      const [old, entity] = [was.get(local), entities.get(local)];
      if (entity && (!old || (spec && !saysSame(spec, old, entity, platform)))) agreed.push([key, entity]);
    }
  }
  return agreed.sort(([one], [other]) => compareText(one, other)).map(([, entity]) => entity);
}

/** Who was in a group of another name is nobody new. */
function isRenamed(section: string, after: State): boolean {
  const group = groupOfSection(section);
  return group !== undefined && entityAt(after, GROUP, group)?.previously !== undefined;
}

function saysSame(spec: KindSpec, one: Entity, other: Entity, { fold }: Platform): boolean {
  return comparedAttributes(spec).every(([name, attribute]) => {
    const [left, right] = [one, other].map(({ attributes }) => leavesOf(attribute, attributes[name], fold));
    return (
      left?.size === right?.size &&
      [...(left ?? [])].every(([part, value]) => sameLeaf(attribute, value, right?.get(part), fold))
    );
  });
}
