// Whether a target is frozen: times in which nothing is applied, by its settings.
import type { Freeze, Target } from "../model/settings.ts";

/** The window that an instant is in, or undefined. */
export function frozenBy(_target: Target, _now: Date): Freeze | undefined {
  return undefined;
}
