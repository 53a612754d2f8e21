// What `apply` is asked, and what making a plan of one target takes.
import type { Repository } from "../git/repository.ts";
import type { Change } from "../model/change.ts";
import type { Target } from "../model/settings.ts";
import type { ApproveOptions } from "./apply-approve.ts";
import type { RemoteBefore } from "./apply-record.ts";
import type { CommonOptions, Context } from "./context.ts";
import type { PrepareOptions } from "./prepare.ts";
import type { Workspace } from "./workspace.ts";

export interface ApplyOptions extends CommonOptions, ApproveOptions {
  readonly format: "human" | "json";
  readonly overwrite: readonly string[];
  readonly full: boolean;
  /** Do not fetch from or push to the remote. */
  readonly offline: boolean;
  readonly connections?: number;
}

/** What making a plan takes. */
export interface Job {
  readonly context: Context;
  /** The policies at the commit. */
  readonly workspace: Workspace;
  readonly repository: Repository;
  readonly commit: string;
  readonly target: Target;
  readonly options: Pick<ApplyOptions, "connections" | "overwrite">;
  /** Undefined where there is no remote, or it shall be left alone. */
  readonly before: RemoteBefore | undefined;
  /** Changes that may be left without the target counting as not converged: they wait for something of their own. */
  readonly mayWait?: (change: Change) => boolean;
  /** Waivers hold for the plan with this digest, too. */
  readonly unfinished?: PrepareOptions["unfinished"];
  /** What was merged since the last apply. */
  readonly since?: PrepareOptions["since"];
}
