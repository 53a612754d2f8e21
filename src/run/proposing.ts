// What Rolebook proposes by itself, it proposes as a pull request from a branch of its own: where that goes to, the branch moved by
// compare-and-swap, the pull request opened once. It decides nothing about what is proposed, and forces nobody's work away.
import { fetchBranch, moveRemoteBranch, ownBranchRef } from "../git/branch.ts";
import { openHostReader, openHostWriter } from "../git/host.ts";
import { gitCredentials } from "../git/host-credentials.ts";
import type { Repository } from "../git/repository.ts";
import { HostError, type HostReader, type HostWriter, type Pull } from "../model/host.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { hostOptions } from "./host.ts";
import type { Workspace } from "./workspace.ts";

export interface ProposingHost {
  readonly reader: HostReader;
  readonly writer: HostWriter;
  readonly repository: Repository;
  /** The Git remote. */
  readonly remote: string;
  /** The branch that pull requests go to. */
  readonly baseBranch: string;
}

/** The branch moved while it was looked at: look again. */
export class BranchMovedError extends Error {}

/** The repository around the working directory with all of its history, and its Git host. */
export async function openProposing(context: Context): Promise<ProposingHost> {
  const { openRepository } = await import("../git/repository.ts");
  const plain = await openRepository(context.cwd);
  if (!plain) throw new OperatorError("This is no Git repository", "Run it in a clone of the policy repository.");
  const remote = await plain.remote();
  if (remote === undefined)
    throw new OperatorError(
      "This clone has no remote called origin",
      "Pull requests are proposed there: git remote add origin URL.",
    );
  const options = await hostOptions(context, plain);
  const repository = (await openRepository(context.cwd, gitCredentials(options))) ?? plain;
  const [reader, writer] = [openHostReader(options), openHostWriter(options)];
  const { defaultBranch } = await reader.repository();
  await repository.completeHistory(remote);
  return { reader, writer, repository, remote, baseBranch: defaultBranch };
}

/** The policies at the tip of the base branch, as they are on the remote now. */
export async function openBaseBranch(
  context: Context,
  host: ProposingHost,
  options: CommonOptions,
): Promise<{ readonly base: string; readonly workspace: Workspace }> {
  const { repository, remote, baseBranch } = host;
  const there = await repository.fetchTips(remote, [`refs/heads/${baseBranch}`]);
  const base = there.get(`refs/heads/${baseBranch}`);
  if (base === undefined) throw new OperatorError(`${remote} has no branch ${baseBranch}`);
  return { base, workspace: await openWorkspaceAt(context, repository, { tree: base, commit: base }, options) };
}

/** Moves a branch of Rolebook's own from where it was seen (null: nowhere); false when it was there already. Throws `BranchMovedError`. */
export async function pushBranch(
  { repository, remote }: Pick<ProposingHost, "repository" | "remote">,
  branch: string,
  commit: string | null,
  seen: string | null,
): Promise<boolean> {
  if (seen === commit) return false;
  const result = await moveRemoteBranch(repository, remote, ownBranchRef(branch), commit, seen);
  if (result.kind === "pushed") return true;
  // Another run may have come to the very same.
  if ((await fetchBranch(repository, remote, ownBranchRef(branch))) === commit) return false;
  throw new BranchMovedError(`${branch} moved`);
}

/** Of two runs that open it at once the host lets one: the other finds it open. */
export async function openOnce(
  { reader, writer, baseBranch }: Pick<ProposingHost, "reader" | "writer" | "baseBranch">,
  { title, body, head }: { readonly title: string; readonly body: string; readonly head: string },
): Promise<Pull> {
  try {
    return await writer.openPull({ title, body, head, base: baseBranch });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const [there] = await reader.openPulls({ head, base: baseBranch });
    if (!there) throw error;
    return there;
  }
}
