// What a story is told from, of one target: the ledger's applies and looks, and what campaigns decided. What is no record is passed
// over. It looks and never writes.
import { appliedChanges, type Runs, readRuns } from "../git/applied-changes.ts";
import type { Ledger } from "../git/ledger.ts";
import { listObservations, readObservation } from "../git/observations.ts";
import { runOf } from "../git/records.ts";
import { campaignPath, isDecided, listCampaigns } from "../git/review-records.ts";
import type { CampaignStart, DecidedEntry } from "../model/campaign.ts";
import { splitKey } from "../model/entity.ts";
import type { CampaignDecided } from "../model/evidence.ts";
import { compareText } from "../model/finding.ts";
import type { AppliedChange, Difference } from "../model/past.ts";
import type { Provenance } from "../model/review.ts";
import type { AppliedRun, Look, ReviewedEntry } from "../plan/history.ts";
import type { PlanJson } from "../report/plan-json.ts";

export interface StoryRecords {
  readonly runs: Runs;
  /** Oldest first. */
  readonly changes: readonly AppliedChange[];
  /** Oldest first. */
  readonly looks: readonly Look[];
  readonly reviews: readonly ReviewedEntry[];
}

export async function readStoryRecords(ledger: Ledger, target: string): Promise<StoryRecords> {
  const runs = await readRuns(ledger, target);
  const looks = [...(await readLooks(ledger, target)), ...driftOf(runs)];
  return {
    runs,
    changes: appliedChanges(runs.starts, runs.receipts),
    looks: looks.sort((one, other) => compareText(one.at, other.at)),
    reviews: await readReviews(ledger),
  };
}

/** The changes of each receipt, with what the plan moved where all of it was made. */
export function appliedRuns(
  { runs: { starts }, changes }: StoryRecords,
  provenanceOf: (change: AppliedChange) => Provenance,
): AppliedRun[] {
  const plans = new Map(starts.map((start) => [runOf(start), start.plan as Partial<PlanJson>]));
  const byReceipt = new Map<string, AppliedChange[]>();
  const made = new Map<string, Set<string>>();
  for (const change of changes) {
    const list = byReceipt.get(change.receipt);
    if (list) list.push(change);
    else byReceipt.set(change.receipt, [change]);
    const run = runFolder(change.receipt);
    made.set(run, (made.get(run) ?? new Set()).add(change.change.id));
  }
  const last = new Map([...byReceipt.keys()].map((receipt) => [runFolder(receipt), receipt]));
  return [...byReceipt].map(([receipt, list]): AppliedRun => {
    const run = runFolder(receipt);
    const plan = plans.get(run);
    const isAll = last.get(run) === receipt && (plan?.changes ?? []).every(({ id }) => made.get(run)?.has(id));
    const byId = new Map(list.map((one) => [one.change.id, one]));
    const [first] = list;
    const { approval, endedAt } = first as AppliedChange;
    return {
      at: endedAt,
      changes: list.map(({ change }) => change),
      provenanceOf: ({ id }) => provenanceOf(byId.get(id) ?? (first as AppliedChange)),
      ...(approval.reason === undefined ? {} : { reason: approval.reason }),
      ...(isAll && Array.isArray(plan?.access) ? { access: plan.access.filter(isRow) } : {}),
    };
  });
}

function runFolder(receipt: string): string {
  return receipt.slice(0, receipt.lastIndexOf("/"));
}

function isRow(row: Partial<PlanJson["access"][number]> | null): boolean {
  return typeof row?.member === "string" && typeof row.resource === "string" && Array.isArray(row.via);
}

/** What the platform was seen to have otherwise than files say. All texts are read at once, however many looks there are. */
async function readLooks(ledger: Ledger, target: string): Promise<Look[]> {
  const paths = (await listObservations(ledger, target)).map(({ path }) => path);
  const texts = await ledger.readAll(paths);
  const known: Ledger = {
    ...ledger,
    readAll: async (asked) => new Map(asked.flatMap((path) => [[path, texts.get(path) ?? ""] as const])),
  };
  const looks: Look[] = [];
  for (const path of paths) {
    const look = await readObservation(known, target, path);
    if (!look) continue;
    const { at, complete, differences } = look.observation;
    looks.push({ at, differences, isWhole: complete });
  }
  return looks;
}

/** What plans called drift when they were applied. They leave out what they undo. */
function driftOf({ starts }: Runs): Look[] {
  return starts.flatMap(({ startedAt, plan }) => {
    const { drift = [] } = plan as Partial<PlanJson>;
    const differences = drift.map(({ kind, key, name, shape, by }): Difference => {
      const [section, local] = splitKey(key);
      const deed = by ? { since: by.at, by: by.by } : {};
      return { kind, section, local, name, attributes: shape === "missing" ? null : {}, ...deed };
    });
    return differences.length === 0 ? [] : [{ at: startedAt, differences, isWhole: false }];
  });
}

/** What campaigns decided, entry by entry. */
async function readReviews(ledger: Ledger): Promise<ReviewedEntry[]> {
  const decided = (await listCampaigns(ledger)).filter(isDecided);
  const texts = await ledger.readAll(decided.map(({ start }) => decidedPath(start)));
  return decided.flatMap(({ start }) => {
    const decisions = decisionsIn(texts.get(decidedPath(start)), start.id);
    return decisions ? reviewedEntries(start, decisions) : [];
  });
}

function decidedPath({ id }: CampaignStart): string {
  return campaignPath(id, "decided.json");
}

/** What `decided.json` holds; undefined where it is no such record of that campaign. */
export function decisionsIn(
  text: string | undefined,
  id: string,
): Pick<CampaignDecided, "at" | "entries"> | undefined {
  let value: Partial<CampaignDecided> | null;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  if (value?.version !== 1 || value.id !== id || typeof value.at !== "string" || !Array.isArray(value.entries))
    return undefined;
  const { at, entries } = value as CampaignDecided;
  return { at, entries: entries.filter(isDecidedEntry) };
}

function isDecidedEntry(one: Partial<DecidedEntry> | null): boolean {
  return (
    typeof one?.entry === "string" &&
    typeof one.justification === "string" &&
    typeof one.who === "string" &&
    typeof one.decision === "object" &&
    one.decision !== null
  );
}

/** Each at the moment that its approval was given; what nobody approved, when all were taken over. */
export function reviewedEntries(
  start: CampaignStart,
  { at, entries }: Pick<CampaignDecided, "at" | "entries">,
): ReviewedEntry[] {
  const byId = new Map(start.entries.map((entry) => [entry.id, entry]));
  const resources = new Map(start.rows.map(({ id, resource }) => [id, resource]));
  return entries.flatMap((decided) => {
    const entry = byId.get(decided.entry);
    if (!entry) return [];
    const about = entry.rows.flatMap((row) => resources.get(row) ?? []);
    return [{ review: start.id, at: decided.approval?.at ?? at, entry, decided, resources: about }];
  });
}
