// A plan as a value: what would change for a target, for whom, and whether it may go ahead.
import type { Change, Effect } from "./change.ts";
import type { Value } from "./entity.ts";
import type { Finding, Place } from "./finding.ts";
import type { AccessGroup } from "./grant.ts";
import type { DriftMode } from "./settings.ts";

/** What is known of one attribute in the three states; `undefined` is absent. */
export interface ThreeWay {
  /** `description`, or `permissions/Card template` for one entry of a map or set. */
  readonly attribute: string;
  readonly base: Value | undefined;
  readonly want: Value | undefined;
  readonly live: Value | undefined;
}

/** An entity where live, base and desired disagree in a way no change of this plan settles. */
export interface Discrepancy {
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  /** `missing`: live lost it. `extra`: live has it beyond Git's word. `changed`: attributes differ. */
  readonly shape: "missing" | "extra" | "changed";
  readonly attributes: readonly ThreeWay[];
  readonly place?: Place;
}

/** Who did something on the platform, and when, as its own log tells. Display text of the platform's: hostile. */
export interface Deed {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What the platform calls it: `group.updated`. */
  readonly action: string;
}

/** What live has become behind Git's back. */
export interface Drifted extends Discrepancy {
  /** What becomes of it: what its group says, else the target. */
  readonly mode: DriftMode;
  /** Which way it moved people's access, compared with what Git says. */
  readonly effect: Effect;
  /** Who did it last; null when the platform's log was read and tells nothing of it, absent when nobody asked. */
  readonly by?: Deed | null;
}

/**
 * What this commit does beside its changes and somebody must agree to, as the base names them: something that judges plans, or an access
 * review, is less strict than in the base, or somebody has more by Git's word alone.
 */
export interface Weakening {
  /** SHA-256 (hex, first 24 digits) of what is weakened and how; part of the plan's digest. */
  readonly id: string;
  /** One sentence, such as `Guardrail "Two owners" is removed` or `ana@acme.example in Owner is adopted: made by hand`. */
  readonly what: string;
  /** Who must agree, as the base names them; empty when it names nobody. */
  readonly owners: readonly string[];
  readonly place?: Place;
  /**
   * It gives access that no change of the plan shows, to these (folded names): what was made by hand is adopted, or ends later. It
   * takes the approvals of an escalating change. Absent where it is about what judges.
   */
  readonly gives?: readonly string[];
}

/** An edit of the files that live state asks for. */
export interface Proposal {
  readonly kind: "remove-entry" | "rename-member";
  /** One sentence: what to edit, and why. */
  readonly what: string;
  /** Where the entry or document stands. */
  readonly place: Place;
  /** `rename-member`: the new name. */
  readonly to?: string;
}

export interface PlanSummary {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly unmanaged: number;
  readonly drift: number;
  readonly conflicts: number;
  /** People who gain something, and people who lose something; a person may be in both. */
  readonly gaining: number;
  readonly losing: number;
}

export interface Plan {
  readonly target: string;
  readonly platform: string;
  /** The commit desired state was read at; null outside Git. */
  readonly commit: string | null;
  /** Read from a work tree with uncommitted edits: may be shown, never applied. */
  readonly uncommitted: boolean;
  /** The applied commit that is the base; null before the first apply. */
  readonly base: string | null;
  /** SHA-256 (hex) of the target and the ids of all changes: what an approval names. Unrelated churn leaves it as it is. */
  readonly digest: string;
  readonly summary: PlanSummary;
  /** In the order of the apply (see `plan/order.ts`). */
  readonly changes: readonly Change[];
  readonly access: readonly AccessGroup[];
  readonly drift: readonly Drifted[];
  readonly conflicts: readonly Discrepancy[];
  readonly unmanaged: readonly { readonly kind: string; readonly key: string; readonly name: string }[];
  readonly findings: readonly Finding[];
  /** An error forbids everything: the plan may be shown and never applied. Decided in `plan/build.ts` only. */
  readonly refused: boolean;
  /** Whole-plan label. */
  readonly effect: Effect;
  /** Proved by the access rules: no person gains anything, neither now nor when scopes are added. */
  readonly nonEscalating: boolean;
  readonly weakens: readonly Weakening[];
  readonly proposals: readonly Proposal[];
  /** Names of the waivers that this plan makes use of. */
  readonly waivers: readonly string[];
}
