// The contract every platform's driver keeps. Reading and writing are two types, so that whatever
// holds a Reader cannot write, whatever it is told.
import type { Change } from "./change.ts";
import type { State } from "./entity.ts";
import type { Finding } from "./finding.ts";
import type { KeyReader, KeyRing } from "./keys.ts";
import type { Platform } from "./platform.ts";
import type { Outcome } from "./receipt.ts";
import { RemoteError } from "./remote-error.ts";
import type { Target } from "./settings.ts";

/** Called as work proceeds; `total` is undefined while it is not known. */
export type Progress = (done: number, total: number | undefined) => void;

export interface Connection {
  readonly target: Target;
  /** Values of the environment variables that `target.credentials` names, by credential part. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Overrides for tests and large jobs. Defaults are the client's. */
  readonly connections?: number;
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly userAgent: string;
  /** Told every token that is got and every key that is made, so that none is shown. */
  readonly keep?: (secret: string) => void;
}

/** One complete look at a target. */
export interface LiveRead {
  readonly state: State;
  /** Doubts about completeness (truncated, totals that do not add up). Errors here carry `blocks: "removals"`. */
  readonly findings: readonly Finding[];
  /** Folded name of the member that the credential belongs to, where it belongs to one of the target. */
  readonly self?: string;
  /** HTTP requests it took, tokens and retries included. */
  readonly requests: number;
  /** ISO 8601, UTC: when it ended. Drivers have no clock: said by whoever asked one. */
  readonly at?: string;
}

/** Something that was done on the platform, as its own log tells. All text is the platform's: hostile. */
export interface Activity {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Who did it: an address, a credential's name. */
  readonly by: string;
  /** It was a person, and no program's credential. */
  readonly person: boolean;
  /** What the platform calls it. */
  readonly action: string;
  /** Every key that the entity was known by at the time or is known by now. */
  readonly keys: readonly string[];
  /** Attributes that it changed, `name` for the name; absent when it made or removed the whole. */
  readonly attributes?: readonly string[];
}

/** What a credential may do, as the platform says of it. */
export interface Rights {
  /** Whether it could change anything; undefined when what the platform says does not tell. */
  readonly writes: boolean | undefined;
  /** What that is read from, in the platform's words: `the scope access:read`. */
  readonly because: string;
}

export interface Reader {
  /** Throws `PlatformError` when the platform cannot be read at all. */
  readonly read: (progress?: Progress) => Promise<LiveRead>;
  /**
   * What was done lately and not by this very credential, newest first. `live` is what was read. Absent where the platform
   * keeps no log that can be read; throws `PlatformError` when it cannot be read now.
   */
  readonly activity?: (live: State) => Promise<readonly Activity[]>;
  /** What the credential may do, by what the platform says when it is used; never found out by trying. */
  readonly rights?: () => Promise<Rights>;
  readonly close: () => Promise<void>;
}

export interface Writer {
  /**
   * Makes the changes of ONE phase, in parallel where the platform allows, each preconditioned on what `live` said.
   * Never throws for a change that fails: every change gets exactly one outcome, reported as soon as it is known.
   * A write whose effect is found to be there already (a lost answer) is `applied`.
   */
  readonly write: (changes: readonly Change[], live: State, onOutcome: (outcome: Outcome) => void) => Promise<void>;
  /** HTTP requests so far. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export interface Driver {
  readonly platform: Platform;
  readonly openReader: (connection: Connection) => Reader;
  readonly openWriter: (connection: Connection) => Writer;
  /** Where the platform has keys that programs use (a kind with `keys`): looks at them. */
  readonly openKeys?: (connection: Connection) => KeyReader;
  /** And makes, tries and revokes them. Whatever only looks holds no ring. */
  readonly openKeyRing?: (connection: Connection) => KeyRing;
}

/** The platform refused, failed or could not be reached. Carries no secret. */
export class PlatformError extends RemoteError {
  override name = "PlatformError";
}
