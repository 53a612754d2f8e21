// What the controller remembers between looks, and the status made from it. All of it may be lost at any time: then everything is
// looked at once more, and nothing else changes. Its size is bounded by what is open and by fixed numbers, never by time.
import type { CheckConclusion, Pull } from "../model/host.ts";
import type { MergedOutcome } from "../model/merged.ts";
import type { Settings, Target } from "../model/settings.ts";
import type { CampaignStatus, ErrorStatus, HeldStatus, Status, TargetStatus } from "../model/status.ts";
import type { DriftOutcome } from "../run/drift-propose.ts";
import { isPaused } from "./clone.ts";
import { frozenNow } from "./frozen.ts";
import type { Waiting } from "./queue.ts";
import type { Sight } from "./sight.ts";

export interface TargetMemory {
  /** What an apply was last asked for on account of; see `loop.ts`. */
  print?: string;
  /** The tip that drift was last looked for at. */
  driftTip?: string;
  outcome?: MergedOutcome;
  pending?: number;
  drift?: { readonly outcome: DriftOutcome; readonly at: string };
  appliedAt?: string;
}

export interface PullMemory {
  pull: Pull;
  /** What it was last planned on account of. */
  print?: string;
  /** The reviews, as they were last read, in few words. */
  reviews: string;
  planned: boolean;
  /** Null when it touches nothing relevant. */
  conclusion: CheckConclusion | null;
}

export interface Memory {
  sight: Sight | undefined;
  /** As they could last be read: while those at the tip cannot, they say whom to tell, and what must not be seen. */
  settings: Settings | undefined;
  lookedAt: string | undefined;
  repository: { readonly name: string; readonly url: string | null };
  readonly targets: Map<string, TargetMemory>;
  readonly pulls: Map<number, PullMemory>;
  /** Pull requests that are merged and of which something is held -> their reviews in few words. */
  readonly heldReviews: Map<number, string>;
  /** Campaigns of access reviews that are not closed, as they were last looked at. */
  campaigns: readonly Omit<CampaignStatus, "overdue">[];
  /** What they were last looked at on account of; see `loop.ts`. */
  campaignPrint?: string;
  /** Latest first. */
  readonly errors: ErrorStatus[];
  stopping: boolean;
}

/** Errors that are shown: the log has all. */
export const MOST_ERRORS = 20;
/** Held changes that are shown of one target: the issue on the host has all. */
const MOST_HELD = 20;

export function openMemory(): Memory {
  return {
    sight: undefined,
    settings: undefined,
    lookedAt: undefined,
    repository: { name: "", url: null },
    targets: new Map(),
    pulls: new Map(),
    heldReviews: new Map(),
    campaigns: [],
    errors: [],
    stopping: false,
  };
}

/** A target's part of the memory, made when it is not there. */
export function memoryOf(memory: Memory, target: string): TargetMemory {
  const known = memory.targets.get(target) ?? {};
  memory.targets.set(target, known);
  return known;
}

export function rememberError(memory: Memory, error: ErrorStatus): void {
  memory.errors.unshift(error);
  memory.errors.length = Math.min(memory.errors.length, MOST_ERRORS);
}

export interface Around {
  readonly tool: string;
  readonly now: Date;
  readonly webhooks: boolean;
  /** Shown while the host has not told the repository's name. */
  readonly url: string;
  readonly queue: readonly Waiting[];
  readonly next: { readonly look: Date | null; readonly drift: Date | null };
}

/** The status at one moment. */
export function statusOf(memory: Memory, around: Around): Status {
  const { sight, lookedAt, repository } = memory;
  const iso = (instant: Date | null) => instant?.toISOString() ?? null;
  return {
    version: 1,
    tool: around.tool,
    at: around.now.toISOString(),
    state: memory.stopping ? "stopping" : lookedAt === undefined ? "starting" : "running",
    repository: repository.name === "" ? { name: around.url, url: null } : repository,
    branch: sight?.refs.branch ?? null,
    tip: sight?.refs.tip ?? null,
    webhooks: around.webhooks,
    lookedAt: lookedAt ?? null,
    nextLook: iso(around.next.look),
    nextDrift: iso(around.next.drift),
    targets: (sight?.settings?.targets ?? [])
      .filter(({ name }) => memory.targets.has(name))
      .map((target) => targetStatus(memory, target, around.now)),
    pulls: [...memory.pulls.values()].map(({ pull, conclusion, planned }) => ({
      number: pull.number,
      title: pull.title,
      conclusion,
      planned,
    })),
    campaigns: memory.campaigns.map((campaign) => ({ ...campaign, overdue: isOver(campaign.due, around.now) })),
    receipts: sight?.receipts ?? [],
    queue: around.queue.map(({ key, state, at, failures }) => ({
      key,
      state,
      at: new Date(at).toISOString(),
      failures,
    })),
    errors: [...memory.errors],
  };
}

/** Whether a day has ended in UTC. */
function isOver(day: string, now: Date): boolean {
  return now.toISOString().slice(0, 10) > day;
}

function targetStatus(memory: Memory, target: Target, now: Date): TargetStatus {
  const { sight } = memory;
  const { outcome, pending, drift, appliedAt } = memoryOf(memory, target.name);
  const held = outcome?.held ?? [];
  return {
    name: target.name,
    platform: target.platform,
    applied: sight?.refs.applied.get(target.name) ?? null,
    behind: sight?.behind.get(target.name) ?? null,
    pending: pending ?? null,
    held: held
      .slice(0, MOST_HELD)
      .map(({ change, name, why, pull }): HeldStatus => ({ change, name, why, pull: pull ?? null })),
    heldTotal: held.length,
    refused: outcome?.refused ?? null,
    drift: drift
      ? {
          at: drift.at,
          entities: drift.outcome.drift,
          escalates: drift.outcome.escalates,
          pull: drift.outcome.pull ?? null,
        }
      : null,
    paused: sight !== undefined && isPaused(sight.refs, target.name),
    frozen: frozenNow(target, now),
    appliedAt: appliedAt ?? null,
  };
}
