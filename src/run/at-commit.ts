// The policies of a commit or tree, read from Git as data: no work tree is needed, none is touched, and nothing of what is read
// is ever run. What plans on pull requests, applies of merges and drift pull requests start from.
import { isAbsolute, join, normalize, resolve } from "node:path";
import type { Repository } from "../git/repository.ts";
import { openParseCaches } from "./cache.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { loadPolicies, sourceOfCommit } from "./load.ts";
import { loadTools, type Workspace } from "./workspace.ts";

export interface Revision {
  /** Object id of a commit or of a tree: what is read. */
  readonly tree: string;
  /** The commit that plans name. */
  readonly commit: string;
}

/** The policy folder as a path from the repository's root. Throws `OperatorError` when it is outside. */
export function policyFolder(context: Context, repository: Repository, policies: string): string {
  const folder =
    repository.bare && !isAbsolute(policies)
      ? normalize(policies).replace(/\/$/, "")
      : repository.pathInside(resolve(context.cwd, policies));
  if (folder === undefined || folder.startsWith(".."))
    throw new OperatorError(`${policies} is not in the repository`, "Name the policy folder with --policies.");
  return folder === "." ? "" : folder;
}

/** Loads the policies as they are at a revision. The folder may be missing there: then there are no settings. */
export async function openWorkspaceAt(
  context: Context,
  repository: Repository,
  revision: Revision,
  options: CommonOptions,
): Promise<Workspace> {
  const folder = policyFolder(context, repository, options.policies);
  const source = await sourceOfCommit(repository, revision.tree, folder, options.policies);
  const caches = openParseCaches(join(repository.gitDir, "rolebook", "parsed"), context.build);
  const policies = await loadPolicies(source, loadTools(caches, options.target));
  const { commit } = revision;
  return { repository, folder, shown: options.policies, commit, uncommitted: false, source, policies, caches };
}
