// `rolebook doctor`: whether two-person control really holds: the repository's rules, the workflows, the credentials. Only looks.
import { type HostOptions, openHostReader } from "../git/host.ts";
import { gitCredentials } from "../git/host-credentials.ts";
import { inspectHost } from "../git/host-inspect.ts";
import { LEDGER_REF, openLedger } from "../git/ledger.ts";
import type { Repository } from "../git/repository.ts";
import { type Check, checkupOf } from "../model/checkup.ts";
import type { HostIdentity } from "../model/host.ts";
import type { Settings, Target } from "../model/settings.ts";
import { checkupToJson } from "../report/doctor-json.ts";
import { checkupText } from "../report/doctor-text.ts";
import { fetchForLook } from "./apply-record.ts";
import { type Context, EXIT, type ExitCode, type JudgingOptions, OperatorError } from "./context.ts";
import { decided } from "./doctor-check.ts";
import { checkCodeowners } from "./doctor-codeowners.ts";
import { checkHost } from "./doctor-host.ts";
import { checkOwned, checkPeople } from "./doctor-people.ts";
import { checkApplied, checkLedger, checkRights } from "./doctor-records.ts";
import { checkWorkflows } from "./doctor-workflows.ts";
import { attempt, exitWith, type Failure, isFailure, tellFailures } from "./failures.ts";
import { hostOptions } from "./host.ts";
import { workflowVariables } from "./init-workflows.ts";
import { emit } from "./output.ts";
import { chooseTargets, driverOf, openWorkspace } from "./workspace.ts";

/** Runs `doctor`. Exit 1 for a gap in what two-person control rests on; with `strict` for anything that is not well or not known. */
export async function runDoctor(context: Context, options: JudgingOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, { policies: options.policies }, { git: true });
  const { repository: plain, commit, policies } = workspace;
  if (!plain || commit === null)
    throw new OperatorError("doctor needs policies that are committed in a Git repository", "git init, then commit.");
  if (!policies.settings)
    throw new OperatorError(
      "The settings have errors, so nothing can be judged by them",
      "`rolebook validate` lists them.",
    );
  const targets = chooseTargets(policies, options.target);
  const host = await hostOptions(context, plain);
  // Git fetches with the host's token, where the clone has no credential of its own.
  const { openRepository } = await import("../git/repository.ts");
  const repository = (await openRepository(plain.root, gitCredentials(host))) ?? plain;
  const failures: Failure[] = [];
  for (const { name } of targets) {
    const fetched = await attempt(name, () => fetchForLook(context, repository, name));
    if (isFailure(fetched)) failures.push(fetched);
  }
  const checks = [
    ...(await lookAtHost(host, policies.settings, targets)),
    checkCodeowners(workspace),
    ...checkWorkflows(await readWorkflows(repository, commit), workflowVariables(policies.settings)),
    ...(await lookAtRecords(context, repository, targets)),
  ];
  const checkup = checkupOf(checks);
  const color = context.terminal.color && options.output === undefined;
  const text =
    options.format === "json"
      ? `${JSON.stringify(checkupToJson(checkup))}\n`
      : checkupText(checkup, { color, width: context.terminal.width });
  emit(context, options.output, [text]);
  const counts = ({ state, severity }: Check) =>
    options.strict ? state !== "ok" : state === "gap" && severity === "error";
  tellFailures(context, failures, targets.length);
  return exitWith([checks.some(counts) ? EXIT.refused : EXIT.done], failures);
}

async function lookAtHost(host: HostOptions, settings: Settings, targets: readonly Target[]): Promise<Check[]> {
  const reader = openHostReader(host);
  const { defaultBranch } = await reader.repository();
  const ledgerBranch = LEDGER_REF.replace(/^refs\/heads\//, "");
  const facts = await inspectHost(host, [defaultBranch, ledgerBranch]);
  const credentials = [...new Set(targets.flatMap((target) => Object.values(target.credentials)))];
  const fold = (target: Target) => driverOf(target).platform.fold;
  return [
    ...checkHost(facts, { defaultBranch, ledgerBranch, credentials }),
    ...checkIdentity(await reader.self()),
    checkOwned(targets),
    ...checkPeople(settings, targets, fold, facts.writers),
  ];
}

/** Checks made as Actions can be made by every workflow that may write checks, also by one on somebody's branch. */
function checkIdentity({ app }: HostIdentity): Check[] {
  if (app === undefined) return [];
  return [
    decided(app !== "github-actions", {
      id: "identity.app",
      severity: "warning",
      ok: `Checks are made by an app of their own, ${app}`,
      gap: "Checks are made as github-actions, as whoever may push a workflow can make them: with another text than reviewers saw in the comment",
      fix: "Use a GitHub App: ROLEBOOK_APP_ID and ROLEBOOK_APP_PRIVATE_KEY.",
    }),
  ];
}

async function lookAtRecords(context: Context, repository: Repository, targets: readonly Target[]): Promise<Check[]> {
  const ledger = openLedger(repository);
  // The platforms are asked side by side, while Git is.
  const looking = targets.map((target) => ({ target, rights: checkRights(context, target) }));
  const checks: Check[] = [await checkLedger(ledger)];
  for (const { target, rights } of looking) checks.push(await checkApplied(repository, ledger, target), await rights);
  return checks;
}

const WORKFLOWS = ".github/workflows";

async function readWorkflows(repository: Repository, commit: string): Promise<Map<string, string>> {
  const files = (await repository.listTree(commit, WORKFLOWS)).filter(({ path }) => /\.ya?ml$/.test(path));
  const blobs = await repository.readBlobs(files.map(({ blob }) => blob));
  return new Map(
    files.map(({ path, blob }) => [path.slice(WORKFLOWS.length + 1), blobs.get(blob)?.toString("utf8") ?? ""]),
  );
}
