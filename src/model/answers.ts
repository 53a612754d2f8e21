// Answers about access: why a person has it, and who has it. Nouns only; `run` fills them, `report` shows them.
import type { Finding, Place } from "./finding.ts";
import type { Path } from "./grant.ts";
import type { Layer } from "./platform.ts";

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

/** A group that would give somebody an access, were they in it as well. */
export interface Offer {
  readonly group: string;
  readonly level: string;
}

/** Where somebody does not hold what was asked about, and what that takes. */
export interface Denial {
  readonly resource: string;
  /** An environment's name, or `organization`. */
  readonly scope: string;
  /** Every condition, in the platform's order; empty where nothing but groups gives access. */
  readonly layers: readonly Layer[];
  /** Sorted by group. */
  readonly offers: readonly Offer[];
}

/** Of an answer about the past: when, and where it is known from. Places are lines of the commit's files. */
export interface AnswerPast {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What was applied by then; null before the first apply. */
  readonly commit: string | null;
  /** ISO 8601, UTC: when it was; null before the first apply. */
  readonly appliedAt: string | null;
  /** ISO 8601, UTC: when the platform was read that the answer starts from; null where it was not read by then. */
  readonly seenAt: string | null;
  /** What is not certain. */
  readonly findings: readonly Finding[];
}

/** What one member holds, and through what. */
export interface Explanation {
  /** The target's name, when there may be several. */
  readonly target?: string;
  /** Absent for what is so now. */
  readonly past?: AnswerPast;
  /** The address as people see it. */
  readonly member: string;
  /** First and last name, or the address as people see it; empty when not known. */
  readonly name: string;
  /** Whether there is such a member. */
  readonly present: boolean;
  /** Sorted by resource, then scope. */
  readonly grants: readonly ExplainedGrant[];
  /** Where a resource that was asked about is not held, sorted by scope; empty where none was. */
  readonly denied: readonly Denial[];
}

/** Who was asked about, on every target. */
export interface AskedPerson {
  /** As asked. */
  readonly member: string;
  /** On the Git host, where the settings say it. */
  readonly login?: string;
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
  /** Absent for what is so now. */
  readonly past?: AnswerPast;
  readonly level: string;
  readonly resource: string;
  /** The environment asked about; null for all scopes. */
  readonly scope: string | null;
  /** Sorted by member, then scope. */
  readonly holders: readonly Holder[];
}
