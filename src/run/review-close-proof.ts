// Proves a campaign's decisions by what was read of the platforms, and records the evidence on the ledger in one commit.
import { posix } from "node:path";
import { claimEvidence } from "../git/evidence-records.ts";
import { LEDGER_REF, openLedger } from "../git/ledger.ts";
import { syncLedger } from "../git/ledger-sync.ts";
import { readRecord, type Start, stableJson } from "../git/records.ts";
import { appliedRef } from "../git/refs.ts";
import { campaignPath } from "../git/review-records.ts";
import type { ProvedEntry, RosterEntry } from "../model/campaign.ts";
import { membershipSection } from "../model/entity.ts";
import type { CampaignProof, EvidenceAbout, EvidencedReceipt, EvidenceFile, MadeEntry } from "../model/evidence.ts";
import type { Finding } from "../model/finding.ts";
import type { Pull } from "../model/host.ts";
import { memo } from "../model/lazy.ts";
import { GROUP, MEMBER, type Platform } from "../model/platform.ts";
import type { Receipt } from "../model/receipt.ts";
import type { ReviewReport } from "../model/review.ts";
import type { Target } from "../model/settings.ts";
import { isUnproved, proveDecisions, revokedBy } from "../plan/review/prove.ts";
import { openScene } from "../plan/review/scene.ts";
import type { NameNow } from "../plan/review/settle.ts";
import { rosterPath } from "../plan/review/verify-decisions.ts";
import type { EvidencedStart } from "../plan/review/verify-files.ts";
import { MANIFEST, manifestOf, PAGE } from "../plan/review/verify-files.ts";
import { renderEvidenceHtml } from "../report/evidence-html.tsx";
import type { ShownEvidence } from "../report/evidence-rows.ts";
import type { CampaignOptions, CampaignsGround } from "./campaign-ground.ts";
import type { Context } from "./context.ts";
import { withDefaults } from "./desired.ts";
import type { ClosedCampaign } from "./review-close-changes.ts";
import { reviewOf } from "./review-ground.ts";

export interface Recorded {
  readonly state: "closed" | "waits";
  readonly why: string;
  readonly findings: readonly Finding[];
}

export async function recordEvidence(
  context: Context,
  ground: CampaignsGround,
  campaign: ClosedCampaign & { readonly pull: Pull | undefined },
  options: CampaignOptions,
  tell: () => Promise<void>,
): Promise<Recorded> {
  const { start, decided, concerned, pull } = campaign;
  const { repository, remote } = ground.host;
  const entries = prove(campaign);
  const unproved = new Set(entries.filter(isUnproved).map(({ entry }) => entry));
  const open = start.entries.filter(({ id }) => unproved.has(id));
  if (open.length > 0) {
    const read = new Set(concerned.targets.map(({ target }) => target.name));
    const count = open.length === 1 ? "1 decision is" : `${open.length} decisions are`;
    return {
      state: "waits",
      why: open.every(({ target }) => read.has(target))
        ? `${count} in the files and not yet so on the platform: apply them`
        : `${count} not proved: a target of the review is not in the settings any more`,
      findings: open.map((entry) => (read.has(entry.target) ? stillThere(entry) : unreadable(entry))),
    };
  }
  await syncLedger(repository, remote);
  const runs = await readRuns(ground, campaign);
  const { made, receipts, files: receiptFiles } = madeOf(campaign, entries, runs);
  const at = concerned.at.toISOString();
  const applied: Record<string, string | null> = {};
  for (const { target } of concerned.targets) applied[target.name] = await repository.readRef(appliedRef(target.name));
  const proof: CampaignProof = { version: 1, at, applied, entries, made, renamed: renamedOf(campaign) };
  const about: EvidenceAbout = {
    version: 1,
    id: start.id,
    tool: `rolebook ${context.version}`,
    closedAt: at,
    commits: { start: start.commit, decided: decided.commit, changes: pull?.mergeCommit ?? null },
    pulls: { roster: decided.pull, changes: pull?.number ?? null },
    receipts,
    ledger: await repository.readRef(LEDGER_REF),
  };
  const files = packEvidence({
    ...{ start, decided, proof, about },
    recorded: await recordedFiles(ground, start.id),
    rosters: await rosterFiles(ground, campaign),
    receipts: receiptFiles,
    report: await reportNow(context, ground, campaign, options),
  });
  // Before it is recorded: what is closed is not looked at again.
  await tell();
  await claimEvidence(repository, remote, { id: start.id, at: concerned.at, files });
  const back = new Set(entries.filter(({ again }) => again).map(({ entry }) => entry));
  return { state: "closed", why: "", findings: start.entries.filter(({ id }) => back.has(id)).map(heldAgain) };
}

export interface EvidenceParts extends Omit<ShownEvidence, "digests"> {
  /** Start and decisions, as the ledger has them. */
  readonly recorded: readonly EvidenceFile[];
  readonly rosters: readonly EvidenceFile[];
  readonly receipts: readonly EvidenceFile[];
  readonly report: ReviewReport;
}

/** Everything that is left of a campaign: its parts as files, the page that shows them, and the digests of all. */
export function packEvidence({ recorded, rosters, receipts, report, ...shown }: EvidenceParts): EvidenceFile[] {
  const { start, decided, proof, about } = shown;
  const files: EvidenceFile[] = [
    { path: "definition.json", text: stableJson(start.definition) },
    ...recorded,
    ...rosters,
    { path: "approvals.json", text: stableJson(decided.approvals) },
    ...receipts,
    { path: "proof.json", text: stableJson(proof) },
    { path: "report.json", text: stableJson(report) },
    { path: "revoked.json", text: stableJson(revokedBy(start, decided, proof, about.closedAt)) },
    { path: "about.json", text: stableJson(about) },
  ];
  const { files: digests } = manifestOf(start.id, files);
  files.push({ path: PAGE, text: renderEvidenceHtml({ ...shown, digests }) });
  return [...files, { path: MANIFEST, text: stableJson(manifestOf(start.id, files)) }];
}

function stillThere({ id, member, target, gives }: RosterEntry): Finding {
  return {
    severity: "warning",
    code: "decision-not-proved",
    message: `${member} still holds on ${target} what was decided otherwise: ${gives.join("; ")}`,
    key: id,
    hint: "Apply what is merged, settle drift of its group, and close the review again.",
  };
}

function heldAgain({ id, member, target, gives }: RosterEntry): Finding {
  return {
    severity: "warning",
    code: "entry-held-again",
    message: `${member} holds again on ${target} what was gone when it was decided, so that nobody reviewed it: ${gives.join("; ")}`,
    key: id,
    hint: "Look at who gave it again, or begin another review of it.",
  };
}

function unreadable({ id, member, target }: RosterEntry): Finding {
  return {
    severity: "warning",
    code: "decision-not-proved",
    message: `Nobody can tell what ${member} holds on ${target}: the settings do not name that target any more`,
    key: id,
    hint: "Have the settings name it until the review is closed: what nobody reads, nobody proves.",
  };
}

function prove({ start, decided, concerned }: ClosedCampaign): ProvedEntry[] {
  const { nameNow, at } = concerned;
  const targets = concerned.targets.map(({ target, prepared: { platform, want, base, live } }) => {
    const scene = openScene({ target, platform, want: withDefaults(want, platform), base, live }, at);
    const { name, timeZone } = target;
    return { name, platform, timeZone, live, want: base, levelWithin: scene.levelWithin };
  });
  return proveDecisions({ start, decided, targets, nameNow, now: at });
}

function renamedOf({ start, concerned: { nameNow } }: ClosedCampaign): CampaignProof["renamed"] {
  const renamed = new Map<string, CampaignProof["renamed"][number]>();
  const note = (target: string, kind: string, from: string) => {
    const to = nameNow(target, kind, from);
    if (to !== from) renamed.set(JSON.stringify([target, kind, from]), { target, kind, from, to });
  };
  for (const { target, member, groups, roles } of start.entries) {
    note(target, MEMBER, member);
    for (const group of groups) note(target, GROUP, group);
    for (const role of roles) note(target, "Role", role);
  }
  return [...renamed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** An apply, with its files and where the ledger has them. */
export interface Run {
  readonly path: { readonly receipt: string; readonly start: string };
  readonly text: { readonly receipt: string; readonly start: string };
  readonly receipt: Receipt;
  readonly start: EvidencedStart;
}

/** Applies of the campaign's targets since it was decided, oldest first. */
async function readRuns(
  { host: { repository } }: CampaignsGround,
  { decided, concerned }: ClosedCampaign,
): Promise<Run[]> {
  const ledger = openLedger(repository);
  const runs: Run[] = [];
  for (const { target } of concerned.targets) {
    const paths = await ledger.list(target.name);
    const texts = await ledger.readAll(paths.filter((path) => /\/(?:start|receipt(?:-\d+)?)\.json$/.test(path)));
    for (const [path, text] of texts) {
      const start = `${path.slice(0, path.lastIndexOf("/"))}/start.json`;
      const startText = texts.get(start);
      if (path === start || startText === undefined) continue;
      const run = runIn(target.name, text, startText);
      // What is no record is passed over: whoever may push can put anything there.
      if (!run || Date.parse(run.receipt.endedAt) < Date.parse(decided.at)) continue;
      runs.push({ path: { receipt: path, start }, text: { receipt: text, start: startText }, ...run });
    }
  }
  return runs.sort((a, b) => Date.parse(a.receipt.endedAt) - Date.parse(b.receipt.endedAt));
}

function runIn(target: string, text: string, startText: string): Pick<Run, "receipt" | "start"> | undefined {
  const receipt = readRecord<Receipt>(text, target, "receipt");
  const start = readRecord<Start>(startText, target, "start");
  // Safe: of a start's plan no more is taken than that its changes are objects.
  return receipt && start && { receipt, start: start as unknown as EvidencedStart };
}

/** What of a campaign names what was made. */
export interface MadeOf extends Pick<ClosedCampaign, "start" | "decided"> {
  readonly concerned: {
    readonly targets: readonly {
      readonly target: Pick<Target, "name">;
      readonly prepared: { readonly platform: Platform };
    }[];
    readonly nameNow: NameNow;
  };
}

/** Which apply took each entry away, by the changes that it made; with the files of those applies. */
export function madeOf(campaign: MadeOf, proved: readonly ProvedEntry[], runs: readonly Run[]) {
  const { start, decided, concerned } = campaign;
  const results = new Map(proved.map(({ entry, result }) => [entry, result]));
  const entries = new Map(start.entries.map((entry) => [entry.id, entry]));
  const names = new Map<Run, EvidencedReceipt>();
  const files: EvidenceFile[] = [];
  const take = (run: Run): string => {
    const known = names.get(run);
    if (known) return known.receipt;
    const number = names.size + 1;
    const one = { receipt: `receipts/${number}.json`, start: `receipts/${number}-start.json`, ledger: run.path };
    names.set(run, one);
    files.push({ path: one.receipt, text: run.text.receipt }, { path: one.start, text: run.text.start });
    return one.receipt;
  };
  const appliedIn = memo(appliedChanges);
  const made = decided.entries.flatMap(({ entry: id, decision }): MadeEntry[] => {
    const entry = entries.get(id);
    const platform = concerned.targets.find(({ target }) => target.name === entry?.target)?.prepared.platform;
    if (!entry || !platform || decision.decision === "keep" || results.get(id) === "vanished") return [];
    const own = runs.filter(({ receipt }) => receipt.target === entry.target);
    const last = own.at(-1);
    if (decision.decision === "until" && last) return [{ entry: id, how: "files", changes: [], receipt: take(last) }];
    const keys = [...keysOf(entry, platform, campaign)];
    for (const run of [...own].reverse()) {
      const changes = keys.flatMap((key) => appliedIn(run).get(key) ?? []);
      if (changes.length > 0) return [{ entry: id, how: "applied", changes: changes.sort(), receipt: take(run) }];
    }
    return [{ entry: id, how: "elsewhere", changes: [], receipt: null }];
  });
  return { made, receipts: [...names.values()], files };
}

/** Key -> ids of the changes that an apply made. Asked for of each entry: there may be thousands of both. */
function appliedChanges({ receipt, start }: Run): ReadonlyMap<string, readonly string[]> {
  const applied = new Set(receipt.outcomes.flatMap(({ status, change }) => (status === "applied" ? [change] : [])));
  const byKey = new Map<string, string[]>();
  for (const { id, key } of start.plan.changes ?? []) {
    if (!applied.has(id)) continue;
    const known = byKey.get(key);
    if (known) known.push(id);
    else byKey.set(key, [id]);
  }
  return byKey;
}

/** Keys of the changes that take an entry away, by the names of then and of now. */
function keysOf(entry: RosterEntry, { fold }: Platform, { concerned: { nameNow } }: MadeOf): ReadonlySet<string> {
  const both = (kind: string, name: string) => [fold(name), fold(nameNow(entry.target, kind, name))];
  const members = both(MEMBER, entry.member);
  const sections = entry.groups.flatMap((group) => both(GROUP, group)).map(membershipSection);
  return new Set(
    members.flatMap((member) => [
      ...sections.map((section) => `${section}/${member}`),
      ...(entry.roles.length > 0 ? [`${MEMBER}/${member}`] : []),
    ]),
  );
}

/** Start and decisions, byte for byte. */
async function recordedFiles({ host: { repository } }: CampaignsGround, id: string): Promise<EvidenceFile[]> {
  const names = ["start.json", "decided.json"];
  const texts = await openLedger(repository).readAll(names.map((name) => campaignPath(id, name)));
  return names.map((path) => ({ path, text: texts.get(campaignPath(id, path)) ?? "" }));
}

/** The roster files as they were merged, byte for byte. */
async function rosterFiles(
  { host: { repository }, workspace }: CampaignsGround,
  { start, decided }: ClosedCampaign,
): Promise<EvidenceFile[]> {
  const folder = `${workspace.folder === "" ? "" : `${workspace.folder}/`}reviews/${start.id}`;
  // What stands deeper is no roster, and might have the name of one.
  const files = (await repository.listTree(decided.commit, folder)).filter(
    ({ path, mode }) => posix.dirname(path) === folder && mode.startsWith("100"),
  );
  const blobs = await repository.readBlobs(files.map(({ blob }) => blob));
  return files.map(({ path, blob }) => ({ path: rosterPath(path), text: blobs.get(blob)?.toString("utf8") ?? "" }));
}

/** The report of what was just read, of the campaign's targets alone. */
async function reportNow(
  context: Context,
  { workspace }: CampaignsGround,
  { concerned }: ClosedCampaign,
  options: CampaignOptions,
) {
  const { settings } = workspace.policies;
  const targets = concerned.targets.map(({ target }) => target);
  const own = settings
    ? { ...workspace, policies: { ...workspace.policies, settings: { ...settings, targets } } }
    : workspace;
  const asked = { policies: options.policies, files: false, offline: true, now: concerned.at };
  const { report } = await reviewOf(context, own, asked, async (target) => {
    const found = concerned.targets.find((one) => one.target.name === target.name);
    if (!found) throw new Error(`${target.name} is not part of the review`);
    return found.live;
  });
  return report;
}
