// A plan as a value: what would change for a target, for whom, and whether it may go ahead.
import type { Change } from "./change.ts";
import type { Value } from "./entity.ts";
import type { Finding, Place } from "./finding.ts";
import type { AccessGroup } from "./grant.ts";

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
  readonly drift: readonly Discrepancy[];
  readonly conflicts: readonly Discrepancy[];
  readonly unmanaged: readonly { readonly kind: string; readonly key: string; readonly name: string }[];
  readonly findings: readonly Finding[];
  /** An error forbids everything: the plan may be shown and never applied. Decided in `plan/build.ts` only. */
  readonly refused: boolean;
  /** Whole-plan label. */
  readonly effect: "escalates" | "reduces" | "mixed" | "neutral";
}
