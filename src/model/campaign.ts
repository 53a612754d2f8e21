// An access review as a campaign: what is reviewed by whom until when, what was decided, and what was proved of it. Nouns only.
import type { Json } from "./document.ts";
import type { Place } from "./finding.ts";
import type { ReviewFigures, RiskLevel } from "./review.ts";

/** What a campaign is about: what fits every part that is there. Names are as files write them. */
export interface ReviewScope {
  readonly targets?: readonly string[];
  /** Only what one of these groups gives. */
  readonly groups?: readonly string[];
  readonly resources?: readonly string[];
  /** Only at one of these levels. */
  readonly levels?: readonly string[];
  /** Environments, workspaces, projects, or `organization`. */
  readonly scopes?: readonly string[];
  /** Only people who could give themselves anything. */
  readonly ownerEquivalent?: true;
  /** Only what somebody has since then: a date, or the last closed campaign of this definition. */
  readonly changedSince?: "last-review" | string;
}

export interface Reviewers {
  /** `group-owners`: whoever owns the groups that give it. `named`: those of `named`, in turn. */
  readonly from: "group-owners" | "named";
  /** Members' names. */
  readonly named: readonly string[];
  /** Who decides what nobody else may, or did not in time. Members' names. */
  readonly fallback: readonly string[];
}

/** What becomes of what nobody decided in time. */
export type OverdueDefault = "keep" | "revoke";

/** A document of kind `Review`: one campaign, or one that comes again and again. */
export interface ReviewDefinition {
  /** Lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly description?: string;
  readonly scope: ReviewScope;
  readonly reviewers: Reviewers;
  /** The last day to decide, inclusive (UTC), of the one campaign; instead of `schedule`. */
  readonly due?: string;
  /** When a campaign begins (a cron expression in UTC), and how many days there are to decide. */
  readonly schedule?: { readonly cron: string; readonly days: number };
  /** Instead of what the settings say. */
  readonly overdue?: OverdueDefault;
  readonly place: Place;
}

/** `reviews` of the settings. */
export interface ReviewSettings {
  /** What becomes of what neither the reviewer nor the fallback decided; `keep` if left out. */
  readonly overdue: OverdueDefault;
  /** Days after the due date in which the fallback decides; 7 if left out. */
  readonly escalateDays: number;
  /** When reviewers are reminded, as a cron expression in UTC; every morning if left out. */
  readonly remind: string;
}

/** What says, of one commit, which campaigns there are and what holds for them. */
export interface ReviewRules {
  readonly definitions: readonly ReviewDefinition[];
  readonly settings: Pick<ReviewSettings, "overdue" | "escalateDays">;
}

export type Decision =
  | { readonly decision: "keep" }
  | { readonly decision: "revoke" }
  /** No resource of the entry above this level. */
  | { readonly decision: "reduce"; readonly level: string }
  /** As files write ends: a date or an instant. */
  | { readonly decision: "until"; readonly until: string };

/**
 * What is decided as one: everything that a person holds through the very same groups (or directly), since files can only give or
 * take that together. It stands for one or more rows of the report.
 */
export interface RosterEntry {
  /** SHA-256 (hex, first 16 digits) of target, member (folded) and sources (folded): the same in every campaign. */
  readonly id: string;
  readonly target: string;
  /** As people see it. */
  readonly member: string;
  /** Display names of the groups, sorted. Empty for what is held directly. */
  readonly groups: readonly string[];
  /** Display names of roles that are held directly, sorted. */
  readonly roles: readonly string[];
  /** Ids of the report's rows that it stands for, sorted. */
  readonly rows: readonly string[];
  /** What it gives, in words, one line each: `Card template: edit in dev, test`. Sorted. */
  readonly gives: readonly string[];
  readonly risk: RiskLevel;
  readonly recommendation: Decision;
  /** Why, in one sentence without a full stop. */
  readonly because: string;
  /** Who decides: a member's name. */
  readonly reviewer: string;
  /** Who must not decide: the person, and whoever granted it. Members' names or Git identities, sorted. */
  readonly barred: readonly string[];
}

/** A name by which files speak of something, and the platform's stable id of it. */
export interface StableName {
  readonly target: string;
  readonly kind: string;
  readonly name: string;
  readonly id: string;
}

/** What the ledger has of a campaign that began: `reviews/<id>/start.json`. Nothing that is edited later can change it. */
export interface CampaignStart {
  readonly version: 1;
  /** `<definition>` for a one-off, `<definition>-<date>` (UTC) for one of a schedule. */
  readonly id: string;
  readonly definition: ReviewDefinition;
  /** What held for all reviews by then; absent of campaigns that began before it was kept: what holds now. */
  readonly settings?: ReviewRules["settings"];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The last day to decide, inclusive (UTC). */
  readonly due: string;
  readonly tool: string;
  /** The commit of the default branch that it began from. */
  readonly commit: string;
  readonly entries: readonly RosterEntry[];
  /**
   * What the platform knows the entries' groups, roles and members by, where it has ids: so that who is called otherwise later is
   * still found. Sorted by target, kind and name.
   */
  readonly names?: readonly StableName[];
  /** The report's figures by then. */
  readonly figures: ReviewFigures;
  /** Id, level and names of every row by then: what the next review compares with. */
  readonly rows: readonly {
    readonly id: string;
    readonly target: string;
    readonly member: string;
    readonly resource: string;
    readonly scope: string;
    readonly level: string;
  }[];
}

/** One entry of a roster file, as somebody edited it. */
export interface RosterLine {
  readonly entry: string;
  readonly decision: Decision | undefined;
  readonly justification: string;
  /** Everything else that the file says of the entry; absent where nobody kept it. */
  readonly shown?: Json;
  /** Of its `decision`, or of the entry where there is none. */
  readonly place: Place;
}

/** A roster file: `policies/reviews/<id>/<reviewer>.yaml`. */
export interface RosterFile {
  readonly review: string;
  readonly reviewer: string;
  readonly lines: readonly RosterLine[];
  /** As findings call it. */
  readonly file: string;
}

/** A decision that counts: by somebody who may, with the approval that makes it theirs. */
export interface DecidedEntry {
  readonly entry: string;
  readonly decision: Decision;
  readonly justification: string;
  /**
   * `reviewer`: whose entry it was. `fallback`: it was overdue, or the reviewer had left. `default`: nobody decided in time.
   */
  readonly by: "reviewer" | "fallback" | "default";
  /** A member's name; empty for the default. */
  readonly who: string;
  /** The review on the host that makes it theirs; absent for the default. */
  readonly approval?: {
    readonly pull: number;
    readonly review: number;
    readonly login: string;
    readonly commit: string;
    /** ISO 8601, UTC. */
    readonly at: string;
  };
  /** SHA-256 (hex) of the roster file that says it; absent for the default. */
  readonly file?: { readonly path: string; readonly sha256: string };
}

/** What became of a decision, by a fresh read of the platform after everything was applied. */
export interface ProvedEntry {
  readonly entry: string;
  /**
   * `gone`: nothing of the entry is held any more through its groups. `reduced`, `ends`, `kept`: as decided. `vanished`: it was gone
   * before anybody decided. `still-there`: not as decided.
   */
  readonly result: "gone" | "reduced" | "ends" | "kept" | "vanished" | "still-there";
  /** What is held of the entry's rows now: row id -> level. */
  readonly holds: Readonly<Record<string, string>>;
  /** Vanished before it was decided, and held again through what had given it: nobody reviewed that. */
  readonly again?: true;
}

/** A grant that a closed campaign took away. */
export interface RevokedGrant {
  readonly review: string;
  /** ISO 8601, UTC: when the campaign was closed. */
  readonly at: string;
  readonly target: string;
  readonly member: string;
  readonly resource: string;
  readonly scope: string;
  /** The level it had. */
  readonly level: string;
}
