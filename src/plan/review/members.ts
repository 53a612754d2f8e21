// Whether somebody is a member of any target, by the states of all of them. Who is disabled is none; where no member of anything is
// known, everybody may be one.
import { entityAt, type State } from "../../model/entity.ts";
import { kindSpec, MEMBER, type Platform } from "../../model/platform.ts";

/** A target, and what is known of it: what was read, or what the files say. */
export interface KnownTarget {
  readonly platform: Platform;
  readonly state: State;
}

export function memberLookup(targets: readonly KnownTarget[]): (name: string) => boolean {
  const lists = targets.map(({ platform, state }) => ({
    fold: platform.fold,
    state,
    flags: Object.entries(kindSpec(platform, MEMBER)?.attributes ?? {}).flatMap(([name, { enables }]) =>
      enables ? [name] : [],
    ),
  }));
  if (lists.every(({ state }) => (state.get(MEMBER)?.size ?? 0) === 0)) return () => true;
  return (name) =>
    lists.some(({ fold, state, flags }) => {
      const entity = entityAt(state, MEMBER, fold(name));
      return entity !== undefined && flags.every((flag) => entity.attributes[flag] !== false);
    });
}
