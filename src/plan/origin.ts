// When something came about, and what says so: of several that are all needed the last, of several of which one is enough the first.
// What nobody knows stays unknown wherever that could make a difference. Pure.
import type { Provenance } from "../model/review.ts";

/** Where a part comes from. */
export interface Origin {
  /** When it came about, in milliseconds since 1970; of what is not known, the latest that it can be. */
  readonly at: number;
  /** Null for what was always there: nothing has to say where it comes from. */
  readonly provenance: Provenance | null;
}

export const UNMANAGED: Provenance = nobody("unmanaged");
export const UNKNOWN: Provenance = nobody("unknown");

function nobody(how: "unmanaged" | "unknown"): Provenance {
  return Object.freeze({ how, since: null, commit: null, pull: null, author: null, approvers: Object.freeze([]) });
}

/** Was always there. */
export const ALWAYS: Origin = { at: Number.NEGATIVE_INFINITY, provenance: null };
/** No file says it. */
export const BY_HAND: Origin = { at: Number.POSITIVE_INFINITY, provenance: UNMANAGED };

/** It may have come about at any time. */
export const UNTOLD: Origin = { at: Number.POSITIVE_INFINITY, provenance: UNKNOWN };

/** Of two parts that are both needed the one that came last. */
export function later(one: Origin, other: Origin): Origin {
  return other.at > one.at ? other : one;
}

/** Of two parts of which one is enough the one that came first. Where one may have come at any time, nobody knows which. */
function earlier(one: Origin, other: Origin): Origin {
  const at = Math.min(one.at, other.at);
  if (one.provenance === UNKNOWN || other.provenance === UNKNOWN)
    return at === ALWAYS.at ? ALWAYS : { at, provenance: UNKNOWN };
  return other.at < one.at ? other : one;
}

/** The first of several, of which one is enough. */
export function earliest(origins: readonly Origin[]): Origin {
  return origins.reduce((best, origin) => earlier(best, origin));
}
