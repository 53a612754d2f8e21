// What Atomyx leaves to somebody else.
import type { Entity } from "../../model/entity.ts";
import type { Refusal } from "../../model/platform.ts";

/** See `Platform.refuses`. */
export function refuses(_live: Entity | undefined, _want: Entity | undefined): Refusal | undefined {
  return undefined;
}
