// Looks at pull requests: which there are, what merging each would do, and what its reviews say. Reads Git, the platforms and the
// host, and writes none of them.
import { GitError } from "../git/error.ts";
import type { Repository } from "../git/repository.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import { HostError, type HostReader, type Pull } from "../model/host.ts";
import type { PullReport } from "../model/pull-report.ts";
import { concludePull } from "../plan/conclude.ts";
import { type Context, OperatorError } from "./context.ts";
import type { PullOptions, PullTarget } from "./pull.ts";
import { type Ground, openGround } from "./pull-ground.ts";
import { openPull, type PulledTarget, planPull } from "./pull-plan.ts";
import { fetchPulls, type PullRevision, readRevision } from "./pull-revision.ts";
import { readReviews } from "./reviews.ts";

/** One pull request, looked at. */
export interface PullLook {
  readonly pull: Pull;
  /** The commit that was read. */
  readonly head: string;
  /** Undefined when it touches nothing relevant. */
  readonly report: PullReport | undefined;
  readonly targets: readonly PullTarget[];
  /** Everything that was found, of the files and of the plans. */
  readonly findings: readonly Finding[];
  readonly touched: ReadonlySet<string>;
  /** Ids of reviews to be dismissed. */
  readonly stale: readonly number[];
}

/** What became of one pull request: a look, or why there is none. */
export type Seen = { readonly look: PullLook } | { readonly number: number; readonly failure: Error };

/** Looks at the pull requests that are asked for, one after the other; one that cannot be looked at does not stop the rest. */
export async function lookAtPulls(
  context: Context,
  { reader: host, repository }: { readonly reader: HostReader; readonly repository: Repository },
  options: PullOptions,
): Promise<readonly Seen[]> {
  const { defaultBranch: branch } = await host.repository();
  const pulls = await choosePulls(context, host, branch, options);
  if (pulls.length === 0) return [];
  const { base, heads } = await fetchPulls(context, repository, options, { branch, pulls });
  const ground = await openGround(context, base, options);
  const seen: Seen[] = [];
  for (const pull of pulls) {
    const { number } = pull;
    const head = heads.get(number);
    const failure = new GitError(`${base.remote} has no commits of pull request ${number}`);
    seen.push(
      head === undefined
        ? { number, failure }
        : await lookAtPull(host, ground, pull, head, options).then(
            (look) => ({ look }),
            (error: unknown) => ({ number, failure: expected(error) }),
          ),
    );
  }
  return seen;
}

/** Whether merging it applies anything: only what comes onto the default branch does. */
async function choosePulls(context: Context, host: HostReader, branch: string, { pullRequest }: PullOptions) {
  if (pullRequest === "all") return host.openPulls({ base: branch });
  if (!/^[1-9]\d{0,9}$/.test(pullRequest))
    throw new OperatorError(`"${pullRequest}" is not a pull request's number`, "Give its number, or all.");
  const pull = await host.pull(Number(pullRequest));
  if (pull.state === "open" && pull.base.branch === branch) return [pull];
  const why = pull.state === "open" ? "does not go into the default branch" : "is not open any more";
  context.err(`Pull request ${pull.number} ${why}: there is nothing to plan.\n`);
  return [];
}

/** Errors of Git, the host and the operator's doing are one pull request's; anything else is ours. */
function expected(error: unknown): Error {
  if (error instanceof GitError || error instanceof HostError || error instanceof OperatorError) return error;
  throw error;
}

async function lookAtPull(
  host: HostReader,
  ground: Ground,
  pull: Pull,
  head: string,
  options: PullOptions,
): Promise<PullLook> {
  const revision = await readRevision(ground.tip, pull, head);
  const { merged, touched } = revision;
  const nothing = { pull, head, report: undefined, targets: [], findings: [], touched, stale: [] };
  if ("unmerged" in merged) {
    if (touched.size === 0) return nothing;
    return {
      ...nothing,
      report: reportOf(ground, revision, { targets: [], findings: [], unmerged: merged.unmerged }, options),
    };
  }
  const reviewed = { ...pull, head: { ...pull.head, commit: head } };
  const opened = await openPull(ground, revision, merged);
  if (!opened) return nothing;
  const only = options.target === undefined ? {} : { target: options.target };
  const reviews = await readReviews(host, reviewed);
  const { targets, findings } = await planPull(ground, pull, opened, { ...only, reviews });
  const all = sortFindings([
    ...findings,
    ...targets.flatMap(({ report }) => (report.state === "planned" ? report.plan.findings : [])),
  ]);
  const said = new Set(
    targets.flatMap(({ report }) => (report.state === "planned" ? report.plan.findings.map(textOf) : [])),
  );
  const general = sortFindings(findings).filter((finding) => !said.has(textOf(finding)));
  const reports = targets.map(({ report }) => report);
  return {
    ...nothing,
    report: reportOf(ground, revision, { targets: reports, findings: general, unmerged: undefined }, options),
    targets: targets.flatMap(pullTarget),
    findings: all,
    stale: [...new Set(targets.flatMap(({ verdict }) => verdict?.stale ?? []))],
  };
}

function textOf(finding: Finding): string {
  return JSON.stringify(finding);
}

function reportOf(
  { tip }: Ground,
  { pull, head }: PullRevision,
  parts: Pick<PullReport, "targets" | "findings" | "unmerged">,
  { strict }: PullOptions,
): PullReport {
  const base = { branch: tip.branch, commit: tip.commit };
  return { number: pull.number, head, base, conclusion: concludePull(parts, strict), ...parts };
}

function pullTarget({ report, verdict }: PulledTarget): PullTarget[] {
  if (report.state !== "planned" || !verdict) return [];
  const { target, plan, pending } = report;
  return [{ target, plan, pending, verdict }];
}
