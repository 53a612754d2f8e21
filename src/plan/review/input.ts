// Everything the report of an access review is built from, as one value: what each target holds beside what its files say, what
// judges it, where it comes from, and the reviews before. Nothing happens here.
import type { CampaignStart, RevokedGrant } from "../../model/campaign.ts";
import type { PolicyDocument } from "../../model/document.ts";
import type { State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import type { KeyLine } from "../../model/key-lines.ts";
import type { AccessView, Platform } from "../../model/platform.ts";
import type { Provenance, ReviewReport, ReviewRepository, RowException } from "../../model/review.ts";
import type { Person, Target } from "../../model/settings.ts";

/** Days without activity after which somebody counts as dormant. */
export const DORMANT_DAYS = 90;
/** Days after a revoke in which giving it again is called out. */
export const REGRANT_DAYS = 90;

/** One path of one grant, by which somebody asks where it comes from. */
export interface PathQuestion {
  /** Folded name. */
  readonly member: string;
  readonly path: Path;
  readonly resource: string;
  readonly scope: string;
  /** What the path gives. */
  readonly level: string;
}

/** Where paths come from. */
export interface Provenances {
  readonly ofPath: (asked: PathQuestion) => Provenance;
}

/** What guardrails say of one member's access. */
export interface PersonJudgement {
  /** What a guardrail forbids and no exception allows. */
  readonly breaches: readonly { readonly guardrail: string; readonly text: string; readonly touches: Touch }[];
  /** What a guardrail would forbid, were it not for an exception in force. */
  readonly exceptions: readonly { readonly exception: RowException; readonly touches: Touch }[];
  /** What a guardrail forbids since an exception ended. */
  readonly ended: readonly { readonly exception: RowException; readonly touches: Touch }[];
}

/** Whether one of the member's grants is part of what is said. */
export type Touch = (grant: Grant) => boolean;

/** One target as it is reviewed. */
export interface ReviewedTarget {
  readonly target: Target;
  readonly platform: Platform;
  /** The commit whose files are spoken of; null outside Git. */
  readonly commit: string | null;
  /** What is held: as the platform was read, as the files say, or as it was then. */
  readonly live: State;
  /**
   * What the files say, with places and with entries that have ended; what every target comes with; and of the platform what no file
   * can declare (`besideLive`).
   */
  readonly declared: State;
  /** The documents that say so, for the lines in them; without those, places are where documents begin. */
  readonly documents?: readonly PolicyDocument[];
  /** Keys of the entries among `declared` that have ended. */
  readonly ended: ReadonlySet<string>;
  /** Of `live`. */
  readonly liveView: AccessView;
  /** Of `declared`. */
  readonly declaredView: AccessView;
  readonly provenances: Provenances;
  /** Folded name -> what guardrails say of them; nobody of whom they say nothing. */
  readonly judgements: ReadonlyMap<string, PersonJudgement>;
  readonly keys: readonly KeyLine[];
}

/** A review that began before. */
export interface PastReview {
  readonly start: CampaignStart;
  /** Names of the targets that it looked at. */
  readonly targets: readonly string[];
  /** Decisions that took something away; 0 while it is not closed. */
  readonly revoked: number;
}

export interface ReviewInput {
  readonly source: ReviewReport["source"];
  /** The instant that ends and ages are judged by. */
  readonly now: Date;
  /** `rolebook 0.1.0`. */
  readonly tool: string;
  /** Where the files can be looked at on the web, when that is known. */
  readonly repository?: ReviewRepository;
  /** In the settings' order. */
  readonly targets: readonly ReviewedTarget[];
  /** Who is who on the Git host. */
  readonly people: readonly Person[];
  /** Oldest first. */
  readonly past: readonly PastReview[];
  /** What closed reviews took away. */
  readonly revoked: readonly RevokedGrant[];
  /** What is not certain. */
  readonly findings: readonly Finding[];
  /** `DORMANT_DAYS` if left out. */
  readonly dormantDays?: number;
}
