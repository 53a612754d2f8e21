// What a workflow of ours must be, as checks over its text: pinned, with least permissions, one at a time, bounded, and with
// nothing that a stranger wrote anywhere near a shell or a credential. Each check returns one line a violation.
import { load } from "js-yaml";

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly if?: string;
  readonly uses?: string;
  readonly environment?: string | { readonly name: string };
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly "timeout-minutes"?: unknown;
  readonly env?: unknown;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly on: string | readonly string[] | Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly env?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Events at which GitHub takes the workflow itself from the pull request. */
const THEIRS = ["pull_request", "pull_request_review", "pull_request_review_comment"];

export function parseWorkflow(text: string): Workflow {
  return load(text) as Workflow;
}

export function triggersOf({ on }: Workflow): string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? [...on] : Object.keys(on);
}

export function environmentOf({ environment }: Job): string | undefined {
  return typeof environment === "string" ? environment : environment?.name;
}

/** Everything that is wrong with a workflow. */
export function checkWorkflow(text: string): string[] {
  const workflow = parseWorkflow(text);
  const jobs = Object.entries(workflow.jobs);
  return [
    ...checkPins(text),
    ...(typeof workflow.permissions === "object" ? [] : ["the workflow says nothing of permissions, or says all"]),
    ...(usesSecrets(workflow.env) ? ["a secret is in the environment of the whole workflow"] : []),
    ...jobs.flatMap(([name, job]) => checkJob(workflow, job).map((violation) => `${name}: ${violation}`)),
  ].sort();
}

/** Everything that is wrong with a composite action. */
export function checkAction(text: string): string[] {
  const { runs } = load(text) as { readonly runs: { readonly using: string; readonly steps: readonly Step[] } };
  return [
    ...checkPins(text),
    ...(runs.using === "composite" ? [] : ["it is no composite action"]),
    ...runs.steps.flatMap((step) => checkRun(step)),
    ...runs.steps.flatMap(({ run, shell }) =>
      run !== undefined && shell === undefined ? ["a step has no shell"] : [],
    ),
    ...(/\bsecrets\s*[.[]/.test(text) ? ["it reads a secret"] : []),
  ].sort();
}

/** An action of another repository is named by a whole commit id, with the version it is beside it. */
function checkPins(text: string): string[] {
  return [...text.matchAll(/^[ \t-]*uses:[ \t]*(\S+)(.*)$/gm)].flatMap(([, action = "", rest = ""]) => {
    if (action.startsWith("./")) return [];
    if (!/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action)) return [`${action} is not pinned by a commit id`];
    return action.startsWith("actions/") && !/^ # v\d+\.\d+\.\d+$/.test(rest)
      ? [`${action} does not say which version it is`]
      : [];
  });
}

function checkJob(workflow: Workflow, job: Job): string[] {
  const steps = job.steps ?? [];
  const theirs = triggersOf(workflow).some((event) => THEIRS.includes(event));
  const violations: string[] = [];
  const refuse = (when: boolean, what: string) => {
    if (when) violations.push(what);
  };
  refuse(job.permissions === undefined, "no permissions");
  refuse(typeof job.permissions === "string", "permissions for everything");
  refuse(job.concurrency === undefined && workflow.concurrency === undefined, "no concurrency group");
  refuse(typeof job["timeout-minutes"] !== "number", "no timeout");
  refuse(usesSecrets(job.env), "a secret is in the environment of the whole job");
  const secret = steps.some((step) => usesSecrets(step));
  refuse(secret && environmentOf(job) === undefined, "a secret in a job without an environment");
  refuse(
    steps.some((step) => step.uses !== undefined && usesSecrets(step)),
    "a secret is handed to an action",
  );
  refuse(theirs && (secret || environmentOf(job) !== undefined), "a credential where the pull request is the workflow");
  refuse(
    theirs && JSON.stringify(job.permissions ?? "").includes("write"),
    "may write where the pull request is the workflow",
  );
  return [...violations, ...steps.flatMap((step) => [...checkRun(step), ...checkCheckout(workflow, step)])];
}

/** Not only what a stranger may have written: no expression at all, so that nobody has to know which ones are safe. */
function checkRun({ run }: Step): string[] {
  return run?.includes(`\${{`) ? ["an expression inside a script"] : [];
}

const DEFAULT_BRANCH = `\${{ github.event.repository.default_branch }}`;

function checkCheckout(workflow: Workflow, step: Step): string[] {
  if (!step.uses?.startsWith("actions/checkout@")) return [];
  const given = step.with ?? {};
  const trusted = triggersOf(workflow).includes("pull_request_target");
  return [
    ...(typeof given["persist-credentials"] === "boolean"
      ? []
      : ["a checkout does not say whether it keeps the token"]),
    ...(given.ref === undefined || given.ref === DEFAULT_BRANCH
      ? []
      : ["checks out something else than the default branch"]),
    ...(given.repository === undefined ? [] : ["checks out another repository"]),
    ...(trusted && given.ref === undefined ? ["pull_request_target does not say what it checks out"] : []),
    ...(trusted && given["persist-credentials"] === true ? ["the token is kept on disk"] : []),
  ];
}

function usesSecrets(value: unknown): boolean {
  return /\bsecrets\s*[.[]/.test(JSON.stringify(value ?? ""));
}
