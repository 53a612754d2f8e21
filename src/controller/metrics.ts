// What the controller counts, for Prometheus, in a registry of its own. Labels are few and bounded: targets, kinds of work, ends of
// runs; never a name from a platform or from a pull request.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { RunResult, Status, Work } from "../model/status.ts";
import type { WebhookResult } from "./webhooks.ts";

export interface Metrics {
  readonly contentType: string;
  /** Everything as text; `status` says what there is now. */
  readonly text: (status: Status) => Promise<string>;
  /** `target` is empty for work on no one target. */
  readonly ran: (work: Work, target: string, result: RunResult, seconds: number, at: Date) => void;
  readonly webhook: (result: WebhookResult) => void;
}

/** Seconds: from what finds nothing to do, to an apply of thousands of changes. */
const BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600];

export function openMetrics(): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const counters = runCounters(registers);
  const webhooks = new Counter({
    name: "rolebook_webhooks_total",
    help: "Webhook deliveries by what became of them.",
    labelNames: ["result"],
    registers,
  });
  const gauges = statusGauges(registers);
  return {
    contentType: register.contentType,
    text: (status) => {
      gauges(status);
      return register.metrics();
    },
    ran: counters,
    webhook: (result) => webhooks.inc({ result }),
  };
}

function runCounters(registers: Registry[]): Metrics["ran"] {
  const runs = new Counter({
    name: "rolebook_runs_total",
    help: "Runs by kind of work, target and how they ended.",
    labelNames: ["work", "target", "result"],
    registers,
  });
  const durations = new Histogram({
    name: "rolebook_run_duration_seconds",
    help: "How long runs took, by kind of work.",
    labelNames: ["work"],
    buckets: BUCKETS,
    registers,
  });
  const success = new Gauge({
    name: "rolebook_last_success_timestamp_seconds",
    help: "When a kind of work last went well, by target.",
    labelNames: ["work", "target"],
    registers,
  });
  return (work, target, result, seconds, at) => {
    runs.inc({ work, target, result });
    durations.observe({ work }, seconds);
    if (result !== "failed") success.set({ work, target }, at.getTime() / 1000);
  };
}

/** Gauges that are set from the status whenever somebody asks. What a status does not know is not there. */
function statusGauges(registers: Registry[]): (status: Status) => void {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `rolebook_${name}`, help, labelNames, registers });
  const queue = gauge("queue_depth", "Work that waits or runs.", ["state"]);
  const failing = gauge("failing", "Work that failed when it was last tried.", []);
  const behind = gauge("behind_commits", "Commits of the default branch since the one that was applied last.", [
    "target",
  ]);
  const pending = gauge("pending_changes", "Changes that the default branch has and the platform has not.", ["target"]);
  const held = gauge("held_changes", "Changes that were merged and wait.", ["target"]);
  const drift = gauge("drift_entities", "Entities that were changed behind Git's back.", ["target"]);
  const reviews = gauge("reviews_open", "Campaigns of access reviews that are not closed.", ["state"]);
  const overdue = gauge("reviews_overdue", "Campaigns that are not decided, and should be by now.", []);
  const undecided = gauge("review_entries_undecided", "Entries of open campaigns that nobody has decided.", []);
  const still = gauge("apply_stopped", "Why nothing is applied: 1 when it is so.", ["target", "why"]);
  return (status) => {
    for (const one of [behind, pending, held, drift, still]) one.reset();
    for (const state of ["waiting", "running"] as const)
      queue.set({ state }, status.queue.filter((item) => item.state === state).length);
    failing.set(status.queue.filter(({ failures }) => failures > 0).length);
    const { campaigns } = status;
    for (const state of ["deciding", "closing"] as const)
      reviews.set({ state }, campaigns.filter((campaign) => campaign.state === state).length);
    overdue.set(campaigns.filter((campaign) => campaign.overdue && campaign.state === "deciding").length);
    undecided.set(campaigns.reduce((sum, { decided, total }) => sum + total - decided, 0));
    for (const target of status.targets) {
      const label = { target: target.name };
      if (target.behind !== null) behind.set(label, target.behind);
      if (target.pending !== null) pending.set(label, target.pending);
      held.set(label, target.heldTotal);
      if (target.drift) drift.set(label, target.drift.entities);
      still.set({ ...label, why: "paused" }, target.paused ? 1 : 0);
      still.set({ ...label, why: "frozen" }, target.frozen ? 1 : 0);
    }
  };
}
