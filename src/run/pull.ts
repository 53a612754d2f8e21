// `rolebook plan --pull-request`: what merging a pull request would do, told on the pull request itself. Reads the platform and
// never writes it; reads the pull request's files as data; goes by the base branch's rules and connections.
import type { Repository } from "../git/repository.ts";
import { type CheckConclusion, HostError, type HostReader, type HostWriter } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import type { PullReport } from "../model/pull-report.ts";
import type { ReviewVerdict } from "../plan/approvals.ts";
import { renderFindings } from "../report/findings.ts";
import { renderPullSummary, renderPullWhole } from "../report/pull-comment.ts";
import { writePullJson } from "../report/pull-json.ts";
import { renderPullText } from "../report/pull-text.ts";
import { type Context, EXIT, type ExitCode, type JudgingOptions, OperatorError, worstExit } from "./context.ts";
import { hostOptions } from "./host.ts";
import { emit, jsonTogether } from "./output.ts";
import { lookAtPulls, type PullLook, type Seen } from "./pull-look.ts";
import { openAround } from "./pull-revision.ts";
import { tellPull } from "./pull-tell.ts";
import { appendToSummary } from "./step-summary.ts";

export interface PullOptions extends JudgingOptions {
  /** Its number, or `all` for every open one. */
  readonly pullRequest: string;
  readonly full: boolean;
  /** Show what would be told, and tell nobody. */
  readonly quiet: boolean;
  readonly connections?: number;
  /** Write the findings to this file as SARIF. */
  readonly sarif?: string;
}

/** Options of `plan` that a plan on a pull request has no use for. */
interface ForeignOptions {
  readonly overwrite?: readonly string[];
  readonly now?: Date;
  readonly offline?: boolean;
}

export interface PullTarget {
  readonly target: string;
  /** What merging would do, beyond what is pending already. */
  readonly plan: Plan;
  /** What is pending on the base branch. */
  readonly pending: Plan;
  readonly verdict: ReviewVerdict;
}

export interface PullOutcome {
  readonly number: number;
  /** Undefined when it touches nothing relevant (then nothing was told), and when it could not be looked at. */
  readonly conclusion: CheckConclusion | undefined;
  readonly targets: readonly PullTarget[];
  /** Why it could not be looked at, or why it could not be told. */
  readonly failure?: Error;
}

/** Plans one pull request or all open ones, and keeps what is told on each true. What fails for one does not stop the rest. */
export async function planPulls(context: Context, options: PullOptions): Promise<readonly PullOutcome[]> {
  const hosts = await openHosts(context, options);
  const outcomes: PullOutcome[] = [];
  for (const seen of await lookAtPulls(context, hosts, options)) outcomes.push(await tell(context, hosts, seen));
  return outcomes;
}

/** Runs `plan --pull-request`. Exit 0: nothing to approve or all approved. 2: approvals are missing. 1: refused. */
export async function runPlanPull(context: Context, options: PullOptions & ForeignOptions): Promise<ExitCode> {
  refuseForeign(options);
  const hosts = await openHosts(context, options);
  const seen = await lookAtPulls(context, hosts, options);
  const looks = seen.flatMap((one) => ("look" in one ? [one.look] : []));
  const reports = looks.flatMap(({ report }) => (report ? [report] : []));
  for (const { pull, report } of looks)
    if (!report) context.err(`Pull request ${pull.number} touches nothing that Rolebook looks after.\n`);
  if (reports.length > 0 || options.output !== undefined)
    emit(context, options.output, render(context, reports, options));
  if (options.sarif !== undefined) emit(context, options.sarif, [sarifOf(context, looks)]);
  appendToSummary(
    context,
    reports.map((report) => (bytes) => summaryOf(report, bytes)),
  );
  const codes: ExitCode[] = [];
  for (const one of seen) {
    const outcome = await tell(context, hosts, one);
    codes.push(exitOf(outcome));
    if (outcome.failure) sayFailure(context, outcome.number, outcome.failure);
  }
  return worstExit(codes);
}

/** An option that would be passed over in silence is worse than one that is refused. */
function refuseForeign(options: PullOptions & ForeignOptions): void {
  const refuse = (option: string, why: string) => {
    throw new OperatorError(`${option} does not go with --pull-request`, why);
  };
  if (options.overwrite && options.overwrite.length > 0)
    refuse("--overwrite", "A conflict is settled by an apply, or in the files.");
  if (options.now) refuse("--now", "Reviews are of what is shown now.");
  if (options.offline)
    refuse("--offline", "What was applied last is asked of the remote, or the plan is not what an apply would find.");
  if (options.target !== undefined && !options.quiet)
    refuse("--target", "What is told is about every target that is touched; add --quiet to look at one alone.");
}

/** Where the pull requests are: the clone, and the host as far as it is to be told anything. */
interface Opened {
  readonly repository: Repository;
  readonly reader: HostReader;
  /** Without one nothing is told. */
  readonly writer: HostWriter | undefined;
}

async function openHosts(context: Context, options: PullOptions): Promise<Opened> {
  const { openHostReader, openHostWriter } = await import("../git/host.ts");
  const { gitCredentials } = await import("../git/host-credentials.ts");
  const connection = await hostOptions(context, await openAround(context, options));
  // Git fetches with the host's token, where the clone has no credential of its own.
  const repository = await openAround(context, options, gitCredentials(connection));
  const writer = options.quiet ? undefined : openHostWriter(connection);
  return { repository, reader: openHostReader(connection), writer };
}

async function tell(context: Context, { reader, writer }: Opened, seen: Seen): Promise<PullOutcome> {
  if (!("look" in seen)) return { ...seen, conclusion: undefined, targets: [] };
  const { pull, report, targets } = seen.look;
  const outcome = { number: pull.number, conclusion: report?.conclusion, targets };
  if (!writer) return outcome;
  if (pull.fork && isJobOfPull(context)) return { ...outcome, failure: forksJob() };
  try {
    await tellPull({ reader, writer }, seen.look);
    return outcome;
  } catch (error) {
    if (error instanceof HostError) return { ...outcome, failure: error };
    throw error;
  }
}

/** A job that a pull request itself says what to do: of a fork, its token reads only, and nobody has looked at what it runs. */
function isJobOfPull({ environment }: Context): boolean {
  return environment.GITHUB_EVENT_NAME === "pull_request";
}

function forksJob(): OperatorError {
  return new OperatorError(
    "It comes from a fork, and this job is the fork's own: nothing is told on the pull request from here",
    "Plan it in a job on pull_request_target, which is the default branch's (`rolebook init --action` writes it), or with --quiet.",
  );
}

function exitOf({ conclusion, failure }: PullOutcome): ExitCode {
  if (failure || conclusion === "failure") return EXIT.refused;
  return conclusion === "action_required" ? EXIT.changes : EXIT.done;
}

function sayFailure(context: Context, number: number, failure: Error): void {
  const hint = "hint" in failure && typeof failure.hint === "string" ? `${failure.hint}\n` : "";
  context.err(`Pull request ${number}: ${failure.message}${/[.!?]$/.test(failure.message) ? "" : "."}\n${hint}`);
}

function render(context: Context, reports: readonly PullReport[], options: PullOptions): Iterable<string> {
  if (options.format === "json") return jsonTogether(reports.map((report) => writePullJson(report)));
  if (options.format === "markdown") return reports.map((report) => renderPullWhole(report));
  const { color, width } = context.terminal;
  const text = { color: color && options.output === undefined, width, full: options.full };
  return reports.map((report, index) => `${index > 0 ? "\n" : ""}${renderPullText(report, text)}`);
}

function sarifOf(context: Context, looks: readonly PullLook[]): string {
  const { width } = context.terminal;
  const findings = looks.flatMap((look) => look.findings);
  return renderFindings(findings, "sarif", { color: false, width, strict: false, version: context.version });
}

/** Less than this says nothing. */
const LEAST_LENGTH = 5_000;

/** The whole plan, or what of it so many bytes hold. */
function summaryOf(report: PullReport, bytes: number): string {
  const whole = `${renderPullWhole(report)}\n`;
  if (Buffer.byteLength(whole) <= bytes) return whole;
  // A character takes up to three bytes.
  const length = Math.floor(bytes / 3) - 1;
  return length < LEAST_LENGTH ? "" : `${renderPullSummary(report, length)}\n`;
}
