// Answers about access: why a person has it, and who has it. Nouns only; `run` fills them, `report` shows them.
import type { Place } from "./finding.ts";
import type { Path } from "./grant.ts";

/** A path, and where in the files each of its parts is declared; a part that is only live has no place. */
export interface PlacedPath extends Path {
  /** For what is held through no group: the member's own document. */
  readonly membershipPlace?: Place;
  readonly groupPlace?: Place;
  readonly rolePlace?: Place;
}

export interface ExplainedGrant {
  readonly resource: string;
  /** An environment's name, or `organization`. */
  readonly scope: string;
  readonly level: string;
  /** Sorted by group, then role. */
  readonly paths: readonly PlacedPath[];
}

/** What one member holds, and through what. */
export interface Explanation {
  /** The target's name, when there may be several. */
  readonly target?: string;
  /** The address as people see it. */
  readonly member: string;
  /** First and last name, or the address as people see it; empty when not known. */
  readonly name: string;
  /** Whether there is such a member. */
  readonly present: boolean;
  /** Sorted by resource, then scope. */
  readonly grants: readonly ExplainedGrant[];
}

export interface Holder {
  readonly member: string;
  readonly scope: string;
  /** The level held: the one asked for, or one that includes it. */
  readonly level: string;
  readonly paths: readonly PlacedPath[];
}

/** Who holds at least a level on a resource. */
export interface WhoCan {
  /** The target's name, when there may be several. */
  readonly target?: string;
  readonly level: string;
  readonly resource: string;
  /** The environment asked about; null for all scopes. */
  readonly scope: string | null;
  /** Sorted by member, then scope. */
  readonly holders: readonly Holder[];
}
