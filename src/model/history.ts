// The story of an access: what happened to somebody's or a group's access, step by step. Nouns only; `plan` tells it from records,
// `report` shows it.
import type { Action, Origin } from "./change.ts";
import type { Provenance } from "./review.ts";

/** One piece of an attribute that a step gave, took or changed. */
export interface StoryDetail {
  readonly attribute: string;
  /** An element or an entry's name; empty for a whole value. */
  readonly part: string;
  /** Null where it was not there, or is not there any more. An element of a set is its own name. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What a step did to one entity. */
export interface StoryDeed {
  readonly kind: string;
  /** `ana@acme.example in Card creators`, or a name. */
  readonly name: string;
  readonly action: Action;
  /** Why: asked for by files, drift undone, its end passed. */
  readonly origin: Origin;
  /** What it was called before, where the step renamed it. */
  readonly renamedFrom?: string;
  readonly details: readonly StoryDetail[];
}

/** How somebody's level on a resource in a scope moved; of a group, how many people's did. */
export interface StoryMove {
  readonly resource: string;
  readonly scope: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly people: number;
}

/** What somebody saw that files did not say. */
export interface StoryDrift {
  readonly kind: string;
  readonly name: string;
  /** `missing`: files say it, and the platform did not have it. `other`: the platform had it, or had it otherwise. */
  readonly shape: "missing" | "other";
  /** Who did that, by the platform's own log; null when that is not known. */
  readonly by: string | null;
}

/** What a campaign decided of it. */
export interface StoryReview {
  readonly review: string;
  readonly member: string;
  /** Groups, or roles held directly. */
  readonly through: readonly string[];
  /** `keep`, `revoke`, `reduce to view`, `until 2027-01-31`. */
  readonly decision: string;
  readonly justification: string;
  readonly by: "reviewer" | "fallback" | "default";
  /** Empty for the default. */
  readonly who: string;
  readonly pull: number | null;
}

export type StoryEvent = { /** ISO 8601, UTC. */ readonly at: string } & (
  | {
      /** An apply did it. */
      readonly event: "applied";
      readonly deeds: readonly StoryDeed[];
      /** What people gained and lost by the whole apply; null where it did less than was planned, so that nobody worked it out. */
      readonly moves: readonly StoryMove[] | null;
      readonly provenance: Provenance;
      /** Of an emergency: why. */
      readonly reason?: string;
    }
  | {
      /** Files began to say what the platform had already. */
      readonly event: "adopted";
      /** Names of what it was, sorted. */
      readonly names: readonly string[];
      readonly provenance: Provenance;
    }
  | { readonly event: "drifted" | "settled"; readonly drift: StoryDrift }
  | { readonly event: "reviewed"; readonly review: StoryReview }
);

/** A member's or a group's, on one target. */
export interface Story {
  readonly target: string;
  readonly subject: "member" | "group";
  /** As people see it now, or saw it last. */
  readonly name: string;
  /** What it was called before, the last name first. */
  readonly formerly: readonly string[];
  /** By time; the oldest first. */
  readonly events: readonly StoryEvent[];
}
