// The commit of a drift pull request: the files with drift adopted, on top of the base branch, proved by reading them again as
// everything else does. It writes objects and moves nothing; what is not proved is not proposed.
import { writeBranchCommit } from "../git/branch.ts";
import type { Repository } from "../git/repository.ts";
import type { LiveRead } from "../model/driver.ts";
import type { FileText } from "../model/edit.ts";
import type { Finding } from "../model/finding.ts";
import type { Target } from "../model/settings.ts";
import { type AdoptStep, adoptDrift, stateAfter } from "../plan/adopt.ts";
import { differingKeys } from "../plan/edited-state.ts";
import type { Named } from "../report/drift-pull.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import type { CommonOptions, Context } from "./context.ts";
import { changedFiles, editWhole, readFiles } from "./edited-files.ts";
import { type Prepared, type PrepareOptions, preparePlan } from "./prepare.ts";
import type { Workspace } from "./workspace.ts";

export interface DriftCommit {
  readonly commit: string;
  /** What the commit says, in order. */
  readonly steps: readonly AdoptStep[];
  /** What it does not, by key. */
  readonly refused: ReadonlyMap<string, Named & { readonly reason: string }>;
}

export interface DriftSource {
  readonly context: Context;
  readonly repository: Repository;
  /** The policies of the base branch. */
  readonly workspace: Workspace;
  /** The base branch's last commit. */
  readonly base: string;
  readonly target: Target;
  readonly prepared: Prepared;
  readonly live: LiveRead;
  readonly prepare: PrepareOptions;
  readonly options: CommonOptions;
}

/** What every commit on a target's drift branch is about. */
export function driftSubject(target: string): string {
  return `drift of ${target}`;
}

/** Makes the commit. A text instead says in one sentence why what it would hold is not proved. */
export async function writeDriftCommit(source: DriftSource): Promise<DriftCommit | string> {
  const { repository, workspace, base, target, prepared, prepare } = source;
  const adoption = adoptDrift({
    target,
    platform: prepared.platform,
    want: prepared.want,
    base: prepared.base,
    live: prepared.live,
    drift: prepared.plan.drift,
    impostors: impostorsIn(prepared.plan.findings),
    now: prepare.now,
  });
  const before = await readFiles(workspace, target);
  const { files, steps, refused } = makeEdits(before, source, adoption.steps);
  for (const { key, ...rest } of adoption.refused) refused.set(key, rest);
  const isNothing =
    steps.length + refused.size === 0 && !prepared.plan.changes.some(({ origin }) => origin === "drift");
  if (isNothing) return { commit: base, steps, refused };
  const commit = await writeBranchCommit(repository, {
    parent: base,
    files: changedFiles(before, files, workspace.folder),
    about: driftSubject(target.name),
    ...messageOf(target, steps, prepared),
  });
  const doubt = steps.length === 0 ? undefined : await doubtIn(source, commit, steps);
  return doubt ?? { commit, steps, refused };
}

function impostorsIn(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.flatMap(({ code, key }) => (code === "identity-changed" && key !== undefined ? [key] : [])));
}

/** Makes each step whole or not at all. */
function makeEdits(before: readonly FileText[], { target, prepared }: DriftSource, wanted: readonly AdoptStep[]) {
  const steps: AdoptStep[] = [];
  const refused = new Map<string, Named & { readonly reason: string }>();
  let files = before;
  for (const step of wanted) {
    const next = editWhole(files, target.name, prepared.platform, step.edits);
    if (typeof next === "string") refused.set(step.key, { kind: step.kind, name: step.name, reason: next });
    else {
      files = next;
      steps.push(step);
    }
  }
  return { files, steps, refused };
}

/** Counts and no names: whatever a platform calls things stays out of what Git shows everywhere. */
function messageOf({ name }: Target, steps: readonly AdoptStep[], { plan }: Prepared) {
  const count = (why: AdoptStep["why"]) => steps.filter((step) => step.why === why).length;
  const reverts = plan.changes.filter(({ origin }) => origin === "drift").length;
  const lines = [
    `Adopted from the platform: ${count("drift")}`,
    `Entries that have ended: ${count("ended")}`,
    `People with another name: ${count("renamed")}`,
    `To be undone on the platform: ${reverts}`,
  ];
  const subject = steps.length === 0 ? `Undo drift of ${name}` : `Adopt drift of ${name}`;
  return { subject, body: lines.join("\n") };
}

/** Reads the commit as any other, and says what is not as intended; undefined when all is. */
async function doubtIn(source: DriftSource, commit: string, steps: readonly AdoptStep[]): Promise<string | undefined> {
  const { context, repository, base, target, prepared, live, prepare, options } = source;
  const workspace = await openWorkspaceAt(context, repository, { tree: commit, commit: base }, options);
  const again = await preparePlan(workspace, target, Promise.resolve(live), prepare);
  const other = differingKeys(again.want, stateAfter(prepared.want, steps, prepared.platform));
  if (other.length > 0) return `the edited files would not say exactly what was meant of ${some(other)}`;
  const known = new Set(prepared.plan.findings.filter(isError).map(({ code, message }) => `${code} ${message}`));
  const fresh = again.plan.findings.filter(
    (finding) => isError(finding) && !known.has(`${finding.code} ${finding.message}`),
  );
  if (fresh.length > 0) return `the edited files would have a mistake: ${some(fresh.map(({ message }) => message))}`;
  const planned = new Set(prepared.plan.changes.map(({ id }) => id));
  const more = again.plan.changes.filter(({ id }) => !planned.has(id));
  if (more.length > 0) return `merging would change the platform: ${some(more.map(({ key }) => key))}`;
  const left = new Set(again.plan.drift.map(({ key }) => key));
  const still = steps.filter(({ key, why }) => why === "drift" && left.has(key));
  return still.length > 0 ? `merging would not settle ${some(still.map(({ key }) => key))}` : undefined;
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

function some(items: readonly string[]): string {
  const shown = items.slice(0, 3).join(", ");
  return items.length > 3 ? `${shown} and ${items.length - 3} more` : shown;
}
