// What is left of a campaign that was closed: files on the ledger that anybody can check without it, and without Rolebook's word for
// anything. Nouns only; every file is JSON but for the roster's files and the page.
import type { DecidedEntry, ProvedEntry } from "./campaign.ts";
import type { Finding } from "./finding.ts";

/** `decided.json`, beside the start and in the evidence: what was decided at the commit that merged the rosters. */
export interface CampaignDecided {
  readonly version: 1;
  readonly id: string;
  /** ISO 8601, UTC: when the decisions were taken over. */
  readonly at: string;
  readonly tool: string;
  /** The pull request of the rosters. */
  readonly pull: number;
  /** The commit that it was merged as. */
  readonly commit: string;
  /** In the order of the campaign's entries. */
  readonly entries: readonly DecidedEntry[];
  /** Entries that were gone before anybody decided. */
  readonly vanished: readonly string[];
  /** What was worth a look: decisions made in seconds, justifications that are all the same. */
  readonly findings: readonly Finding[];
  /** What the decisions rest on. */
  readonly approvals: readonly EvidencedApproval[];
}

/** A review on the host that decisions rest on, and the roster files that it covers. */
export interface EvidencedApproval {
  readonly pull: number;
  readonly review: number;
  readonly login: string;
  /** Members' names that the settings know the login by, sorted. */
  readonly members: readonly string[];
  readonly commit: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** A receipt that is part of the evidence, with the start that it is of. */
export interface EvidencedReceipt {
  /** Both in the evidence's folder. */
  readonly receipt: string;
  readonly start: string;
  /** Where the ledger has them. */
  readonly ledger: { readonly receipt: string; readonly start: string };
}

/** What took something away. */
export interface MadeEntry {
  readonly entry: string;
  /** `applied`: an apply of Rolebook's. `elsewhere`: it was gone before that. `files`: platforms know no ends, so that files say it. */
  readonly how: "applied" | "elsewhere" | "files";
  /** Ids of the changes that did. */
  readonly changes: readonly string[];
  /** The receipt that says so, in the evidence's folder; null where there is none. */
  readonly receipt: string | null;
}

/** Something that was renamed while the campaign ran. */
export interface RenamedSince {
  readonly target: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
}

/** `proof.json`. */
export interface CampaignProof {
  readonly version: 1;
  /** ISO 8601, UTC: when the platforms were read. */
  readonly at: string;
  /** Target -> the commit that was applied by then; null where nothing ever was. */
  readonly applied: Readonly<Record<string, string | null>>;
  /** In the order of the campaign's entries. */
  readonly entries: readonly ProvedEntry[];
  readonly made: readonly MadeEntry[];
  readonly renamed: readonly RenamedSince[];
}

/** `about.json`. */
export interface EvidenceAbout {
  readonly version: 1;
  readonly id: string;
  readonly tool: string;
  readonly closedAt: string;
  readonly commits: {
    /** What the campaign began from. */
    readonly start: string;
    /** What merged the rosters. */
    readonly decided: string;
    /** What merged the edits; null where none were needed. */
    readonly changes: string | null;
  };
  readonly pulls: { readonly roster: number; readonly changes: number | null };
  readonly receipts: readonly EvidencedReceipt[];
  /** The ledger's last commit before the evidence: whatever is older cannot be another any more. */
  readonly ledger: string | null;
}

/** `manifest.json`. */
export interface EvidenceManifest {
  readonly version: 1;
  readonly id: string;
  /** Path -> SHA-256 (hex) of every other file. */
  readonly files: Readonly<Record<string, string>>;
}

/** A file of the evidence, by its path in the folder. */
export interface EvidenceFile {
  readonly path: string;
  readonly text: string;
}
