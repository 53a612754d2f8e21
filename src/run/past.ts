// What was true of a target at a moment, by Git and the ledger: nothing is asked of a platform. It says what is not certain, and
// refuses moments of which nothing is known.
import type { Repository } from "../git/repository.ts";
import type { Past } from "../model/past.ts";
import type { Target } from "../model/settings.ts";
import { type Context, OperatorError } from "./context.ts";
import type { Workspace } from "./workspace.ts";

/** What `--at` says: a day (its end, in each target's own time zone), an instant, or the full id of a commit. */
export type AskedMoment =
  | { readonly kind: "day"; readonly text: string }
  | { readonly kind: "instant"; readonly text: string }
  | { readonly kind: "commit"; readonly text: string; readonly commit: string };

/** What was, and where it is known from. */
export interface PastRead extends Past {
  /** The target as the settings of the commit have it. */
  readonly target: Target;
  /** ISO 8601, UTC: when the commit was applied; null before the first apply. */
  readonly appliedAt: string | null;
  /** ISO 8601, UTC: when the platform was read that the answer starts from; null where it was not read by then. */
  readonly seenAt: string | null;
}

export interface PastOptions {
  /** The policy folder. */
  readonly policies: string;
  /** Nothing is fetched. */
  readonly offline?: boolean;
}

/** What a text of `--at` means. Throws `OperatorError` for what is neither a date nor a commit. */
export async function readMoment(_repository: Repository, text: string): Promise<AskedMoment> {
  throw new OperatorError(`"${text}" is neither a date nor a commit`);
}

/** What was true of a target at a moment. Throws `OperatorError` for the future, and for a commit that was never applied. */
export async function readPast(
  _context: Context,
  _workspace: Pick<Workspace, "repository" | "folder" | "shown" | "caches">,
  target: Target,
  _asked: AskedMoment,
  _options: PastOptions,
): Promise<PastRead> {
  throw new OperatorError(`Nothing is known of ${target.name}`);
}
