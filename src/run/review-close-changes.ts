// Has the files say what was decided: by the smallest edits, in one commit on a branch of Rolebook's own, as one pull request that is
// planned, approved, merged and applied like any other. What is not proved by reading the files again is not proposed.
import { type BranchFile, fetchBranch, isOwnBranch, ownBranchRef, writeBranchCommit } from "../git/branch.ts";
import { appliedRef } from "../git/refs.ts";
import { campaignBranch } from "../git/review-records.ts";
import type { CampaignStart } from "../model/campaign.ts";
import type { CampaignDecided } from "../model/evidence.ts";
import type { Finding, Place } from "../model/finding.ts";
import type { Pull } from "../model/host.ts";
import { digestOf } from "../plan/digest.ts";
import { differingKeys } from "../plan/edited-state.ts";
import { type Settlement, type SettleStep, stateAfterSteps } from "../plan/review/settle.ts";
import { changesTitle, digestInBody, renderReviewChanges } from "../report/review-changes.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import type { CampaignOptions, CampaignsGround } from "./campaign-ground.ts";
import { type Context, OperatorError } from "./context.ts";
import { desiredSteps } from "./desired.ts";
import { changedFiles, editWhole, readFiles } from "./edited-files.ts";
import { sameText } from "./host.ts";
import { openOnce, pushBranch } from "./proposing.ts";
import type { Concerned } from "./review-close-ground.ts";
import { type SettledDecision, settleCampaign } from "./review-settle.ts";
import { inSlices } from "./slices.ts";

export interface ClosedCampaign {
  readonly start: CampaignStart;
  readonly decided: CampaignDecided;
  readonly concerned: Concerned;
  /** Where each entry's decision stands in the files that were merged. */
  readonly places: ReadonlyMap<string, Place>;
}

export interface Proposed {
  /** `made`: the files say all of it, and what was merged of it is applied. */
  readonly state: "made" | "waits" | "refused";
  readonly why: string;
  readonly pull: Pull | undefined;
  readonly findings: readonly Finding[];
}

/** The branch of the pull request that makes what was decided. */
export function changesBranch(id: string): string {
  return `${campaignBranch(id)}-changes`;
}

export async function proposeChanges(
  context: Context,
  ground: CampaignsGround,
  campaign: ClosedCampaign,
  options: CampaignOptions,
): Promise<Proposed> {
  const { start } = campaign;
  const settled = settle(campaign);
  const branch = changesBranch(start.id);
  const { host } = ground;
  const pulls = (await host.reader.pullsOfBranch(branch)).filter(({ base }) => base.branch === host.baseBranch);
  const { login } = await host.reader.self();
  const own = pulls.filter(({ author }) => author === login);
  const merged = own.find(({ mergedAt }) => mergedAt !== null);
  if (settled.steps.length === 0) {
    const findings = settled.findings;
    if (findings.length > 0)
      return { state: "refused", why: "some of what was decided cannot be made", pull: merged, findings };
    return waitForApply(ground, campaign, merged);
  }
  const edited = await editFilesOf(ground, settled.steps, campaign);
  const findings = [...settled.findings, ...edited.findings];
  if (edited.files.length === 0)
    return { state: "refused", why: "some of what was decided cannot be made", pull: merged, findings };
  const wanted = { id: start.id, decided: campaign.decided, steps: edited.steps, findings };
  const { base } = ground;
  const commit = await writeBranchCommit(host.repository, {
    parent: base,
    files: edited.files,
    about: subjectOf(start.id),
    subject: changesTitle(start.id),
    body: `Edits: ${edited.steps.flatMap(({ edits }) => edits).length}, decided on pull request ${campaign.decided.pull}`,
  });
  await demandMeaning(context, ground, campaign, edited.steps, commit, options);
  return keepChanges(ground, wanted, { branch, commit, files: edited.files, own });
}

function subjectOf(id: string): string {
  return `changes of review ${id}`;
}

/** What is left to do for the decisions, as things are now. What nobody decided is told where the review is defined. */
function settle({ start, decided, concerned, places }: ClosedCampaign): Settlement {
  const decisions = new Map(
    decided.entries.map(({ entry, decision, by }): [string, SettledDecision] => {
      const place = by === "default" ? start.definition.place : places.get(entry);
      return [entry, { decision, reviewed: by !== "default", place }];
    }),
  );
  return settleCampaign(start, decisions, concerned, decided.at.slice(0, 10));
}

interface Edited {
  readonly steps: readonly SettleStep[];
  readonly files: readonly BranchFile[];
  readonly findings: readonly Finding[];
}

/** Makes each person's edits whole or not at all. */
async function editFilesOf(
  { workspace }: CampaignsGround,
  wanted: readonly SettleStep[],
  { concerned, places }: ClosedCampaign,
): Promise<Edited> {
  const steps: SettleStep[] = [];
  const files: BranchFile[] = [];
  const findings: Finding[] = [];
  for (const { target, prepared } of concerned.targets) {
    const before = await readFiles(workspace, target);
    let now = before;
    for (const step of wanted.filter((one) => one.target === target.name)) {
      const next = editWhole(now, target.name, prepared.platform, step.edits);
      if (typeof next === "string") findings.push(unedited(step, next, places));
      else {
        now = next;
        steps.push(step);
      }
    }
    files.push(...changedFiles(before, now, workspace.folder));
  }
  return { steps, files, findings };
}

function unedited({ target, member, entries }: SettleStep, why: string, places: ReadonlyMap<string, Place>): Finding {
  const place = places.get(entries[0] ?? "");
  return {
    severity: "error",
    code: "decision-cannot-be-made",
    message: `What was decided of ${member === "" ? target : member} cannot be written into the files: ${why}`,
    key: entries[0] ?? target,
    hint: "Edit the files by hand, and close the review again.",
    ...(place ? { place } : {}),
  };
}

/** The edited files, read again as anything else is, mean exactly what the steps say. */
async function demandMeaning(
  context: Context,
  { host, base }: CampaignsGround,
  { concerned }: ClosedCampaign,
  steps: readonly SettleStep[],
  commit: string,
  { policies }: CampaignOptions,
): Promise<void> {
  const workspace = await openWorkspaceAt(context, host.repository, { tree: commit, commit: base }, { policies });
  for (const { target, prepared } of concerned.targets) {
    const own = steps.filter((step) => step.target === target.name);
    const again = await inSlices(desiredSteps(workspace, target, concerned.at));
    const [first] = differingKeys(again.state, stateAfterSteps(prepared.want, own, prepared));
    if (first !== undefined)
      throw new OperatorError(
        `The edited files would not say exactly what was decided of ${first}`,
        "Make that decision by hand, and close the review again.",
      );
  }
}

interface ChangesAt {
  readonly branch: string;
  readonly commit: string;
  readonly files: readonly BranchFile[];
  /** Pull requests of that branch that Rolebook opened, newest first. */
  readonly own: readonly Pull[];
}

/** Opens the pull request, or keeps it true; what people made of the branch is left alone, and so is their no. */
async function keepChanges(
  ground: CampaignsGround,
  wanted: {
    readonly id: string;
    readonly decided: CampaignDecided;
    readonly steps: readonly SettleStep[];
    readonly findings: readonly Finding[];
  },
  at: ChangesAt,
): Promise<Proposed> {
  const { host, base } = ground;
  const { repository, remote, writer } = host;
  const { findings, id } = wanted;
  const digest = digestOf(["rolebook review changes 1", id, wanted.steps]);
  const body = renderReviewChanges({ id, pull: wanted.decided.pull, digest, steps: wanted.steps, findings });
  const title = changesTitle(id);
  const open = at.own.find(({ state }) => state === "open");
  const waits = (pull: Pull): Proposed => ({
    state: "waits",
    why: `#${pull.number} is to be approved, merged and applied`,
    pull,
    findings,
  });
  const no = at.own.find(({ state, mergedAt }) => state === "closed" && mergedAt === null);
  if (!open && no && digestInBody(id, no.body) === digest)
    return {
      state: "refused",
      why: `#${no.number}, which makes what was decided, was closed without a merge: reopen it`,
      pull: no,
      findings,
    };
  const tip = await fetchBranch(repository, remote, ownBranchRef(at.branch));
  const isOwn = tip === null || (await isOwnBranch(repository, tip, base, subjectOf(id)));
  if (open && !isOwn) return waits(open);
  if (!isOwn)
    return {
      state: "refused",
      why: `${at.branch} has commits that are not Rolebook's own: delete it`,
      pull: undefined,
      findings,
    };
  // What says the same already keeps its approvals.
  const isSame = open !== undefined && tip !== null && (await saysAlready(ground, tip, at.files));
  if (!isSame) await pushBranch(host, at.branch, at.commit, tip);
  const pull = open ?? (await openOnce(host, { title, body, head: at.branch }));
  if (open && (open.title !== title || !sameText(open.body, body))) await writer.editPull(open.number, { title, body });
  return waits(pull);
}

/** Whether a commit has each of the files as it is wanted, and nothing else that the base does not have. */
async function saysAlready(
  { host: { repository }, base }: CampaignsGround,
  tip: string,
  files: readonly BranchFile[],
): Promise<boolean> {
  const [there, before] = await Promise.all([tip, base].map((commit) => repository.listTree(commit, "")));
  const wanted = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const old = new Map((before ?? []).map(({ path, blob }) => [path, blob]));
  const own = new Map((there ?? []).map(({ path, blob }) => [path, blob]));
  for (const path of new Set([...old.keys(), ...own.keys()]))
    if (!wanted.has(path) && old.get(path) !== own.get(path)) return false;
  const blobs = [...wanted.keys()].flatMap((path) => own.get(path) ?? []);
  const texts = await repository.readBlobs(blobs);
  return [...wanted].every(([path, bytes]) => {
    const blob = own.get(path);
    if (bytes === null || blob === undefined) return bytes === null && blob === undefined;
    return texts.get(blob)?.equals(bytes) === true;
  });
}

/** The files say everything. What was merged for it has to be applied as well. */
async function waitForApply(
  { host: { repository } }: CampaignsGround,
  { concerned }: ClosedCampaign,
  merged: Pull | undefined,
): Promise<Proposed> {
  for (const { target } of merged?.mergeCommit ? concerned.targets : []) {
    const applied = await repository.readRef(appliedRef(target.name));
    if (applied !== null && (await repository.isAncestor(merged?.mergeCommit ?? "", applied))) continue;
    return {
      state: "waits",
      why: `#${merged?.number} is merged, and to be applied to ${target.name}`,
      pull: merged,
      findings: [],
    };
  }
  return { state: "made", why: "", pull: merged, findings: [] };
}
