// What is worth saying about Atomyx policies beyond their shape.
import type { State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { Check } from "../../model/platform.ts";

/** Every check of the platform, in the order of the list in the README. */
export const checks: readonly Check[] = [];

/** See `Platform.checkLive`. */
export function checkLive(_live: State, _want: State): readonly Finding[] {
  return [];
}
