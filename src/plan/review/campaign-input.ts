// What a campaign's decisions are judged by: its beginning, which no edit of a file can change; the roster files of one commit; the
// host's reviews; who is who; and, where the platforms were read, what is held now. Types and times only.
import type { CampaignStart, DecidedEntry, Decision, ReviewRules, RosterFile } from "../../model/campaign.ts";
import type { ReviewerProgress } from "../../model/campaign-report.ts";
import type { Finding, Place } from "../../model/finding.ts";
import type { Grant } from "../../model/grant.ts";
import type { Review } from "../../model/host.ts";
import type { Person } from "../../model/settings.ts";
import { addDays, endOfAccess } from "../../model/until.ts";

/** A roster file of the commit that is judged. */
export interface RosterVersion {
  readonly roster: RosterFile;
  /** From the repository's root. */
  readonly path: string;
  /** Of its bytes, in hex. */
  readonly sha256: string;
}

/** A review of the campaign's pull request. */
export interface RosterReview {
  readonly review: Review;
  /** Paths of the roster files that were, at the commit it was given for, byte for byte what they are now. */
  readonly covers: ReadonlySet<string>;
}

/** What must be known of a target to judge a decision. */
export interface CampaignPlatform {
  readonly fold: (name: string) => string;
  readonly rankOf: (resource: string, level: string) => number;
  /** The levels of a resource, lowest first; empty for one that is not there any more. */
  readonly levelsOf: (resource: string) => readonly string[];
  readonly timeZone: string;
}

/** What is held on a target now. */
export interface HeldNow {
  /** By folded name; nobody's is empty. */
  readonly grantsOf: (member: string) => readonly Grant[];
  /** The same as files say it; absent where nobody asked them. */
  readonly saidOf?: (member: string) => readonly Grant[];
  /** What somebody or something of the campaign's beginning is called now: the same, where nobody renamed it. */
  readonly nameNow: (kind: string, name: string) => string;
}

export interface CampaignInput {
  readonly start: CampaignStart;
  readonly rosters: readonly RosterVersion[];
  /** The number of the campaign's pull request; null while there is none. */
  readonly pull: number | null;
  readonly reviews: readonly RosterReview[];
  readonly people: readonly Person[];
  /** Who is who by what was applied last to the campaign's targets, where that is another commit. */
  readonly former?: readonly (readonly Person[])[];
  /** As they were when the campaign began. */
  readonly settings: ReviewRules["settings"];
  readonly now: Date;
  /** Whether somebody is a member still, of any target. */
  readonly isMember: (name: string) => boolean;
  /** By target; a target that is gone from the settings is absent. */
  readonly platforms: ReadonlyMap<string, CampaignPlatform>;
  /** By target; absent for those that were not read. */
  readonly held: ReadonlyMap<string, HeldNow>;
}

/** A decision as it stands in a file, approved or not. */
export interface FilledDecision {
  readonly decision: Decision;
  readonly place: Place;
}

/** What a campaign has come to. */
export interface CampaignState {
  /** `open`: reviewers decide. `escalated`: the last day has passed, and the fallback may. `over`: so has theirs. */
  readonly phase: "open" | "escalated" | "over";
  /** In the order of the campaign's entries; with the defaults, once it is over. */
  readonly decided: readonly DecidedEntry[];
  /** Ids of entries without a decision that counts. Empty: everything is settled. */
  readonly undecided: readonly string[];
  /** By id of the entry: what files say that could be made of what it gave, whoever approved it. */
  readonly filled: ReadonlyMap<string, FilledDecision>;
  /** Ids of entries that nobody holds any more, and that nobody need decide. */
  readonly vanished: readonly string[];
  /** By reviewer. */
  readonly progress: readonly ReviewerProgress[];
  readonly findings: readonly Finding[];
}

/** The instants (Unix time, ms) at which a campaign's reviewers and then its fallback have had their time. */
export function deadlinesOf(due: string, { escalateDays }: ReviewRules["settings"]) {
  const end = (day: string) => endOfAccess(day, "UTC") ?? Number.POSITIVE_INFINITY;
  return { due: end(due), over: end(addDays(due, escalateDays)) };
}
