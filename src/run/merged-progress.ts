// What is known while the merges of a target are gone through: where the applied commit is, whose reviews count from there on, and
// what is held so far. Only bookkeeping.
import type { Step } from "../git/walk.ts";
import type { Pull } from "../model/host.ts";
import type { Outcome } from "../model/receipt.ts";
import type { Since } from "../plan/since.ts";
import type { Execution } from "./apply.ts";
import { recordedChanges } from "./apply-outcomes.ts";
import type { HeldItem } from "./merged-held.ts";
import type { Covering } from "./merged-judge.ts";
import type { Reading, StepResult } from "./merged-step.ts";

export interface Progress {
  applied: string;
  /** Merges since the applied commit. */
  coverings: Covering[];
  /** What the steps since the applied commit said, oldest first. */
  since: Since[];
  /** Change -> how many of these merges there were when what they brought was in the plan no more. */
  readonly takenBack: Map<string, number>;
  /** The last look at the platform, when nothing was written since. */
  reading: Reading | undefined;
  held: HeldItem[];
  readonly outcomes: Outcome[];
  readonly pulls: Pull[];
  /** Change or weakening -> the first step whose plan had it, and since which all plans had. */
  readonly origins: Map<string, Step>;
  /** Change -> what it is, for people. */
  readonly names: Map<string, string>;
  /** Why the last step was not made, where that is not for want of approval. */
  refused: string | undefined;
  /** Nothing more is tried: something failed. */
  halted: boolean;
  /** Nothing is left of what was merged up to the last step that was taken. */
  done: boolean;
}

/** `done`: there is nothing to look at. */
export function startProgress(applied: string, done: boolean): Progress {
  return {
    applied,
    coverings: [],
    since: [],
    takenBack: new Map(),
    reading: undefined,
    held: [],
    outcomes: [],
    pulls: [],
    origins: new Map(),
    names: new Map(),
    refused: undefined,
    halted: false,
    done,
  };
}

export interface Absorbing {
  /** The step says nothing else of the target than what was applied last. */
  readonly same: boolean;
  readonly originOf: (id: string) => Step;
}

/** Takes in what came of a step. */
export function absorb(progress: Progress, step: Step, result: StepResult, { same, originOf }: Absorbing): void {
  const { plan, execution } = result;
  const present = new Set([...plan.changes, ...plan.weakens].map(({ id }) => id));
  for (const id of [...progress.origins.keys()].filter((known) => !present.has(known))) {
    progress.origins.delete(id);
    progress.takenBack.set(id, progress.coverings.length);
  }
  // Drift that is undone came with the pull request that asks for it, whichever plan had it first.
  for (const { id, origin } of plan.changes) if (origin !== "drift") originOf(id);
  const recorded = execution?.resumes ? recordedChanges(execution.resumes) : [];
  for (const { id, action, kind, name } of [...recorded, ...plan.changes])
    progress.names.set(id, `${action} ${kind} ${name}`);
  progress.reading = result.reading;
  progress.refused = result.refused;
  progress.done = result.done;
  if (execution) {
    progress.outcomes.push(...execution.receipt.outcomes.filter(({ status }) => status !== "skipped"));
    const trouble = troubleOf(execution);
    if (trouble !== undefined) {
      progress.refused = trouble;
      progress.halted = true;
    }
  }
  if (result.says) progress.since.push(result.says);
  if (result.done) {
    if (!same || execution) progress.applied = step.commit;
    progress.coverings = [];
    progress.since = [];
    progress.takenBack.clear();
    progress.held = [];
    return;
  }
  const held = result.held.map((item): HeldItem => {
    const pull = originOf(item.change).pull?.number;
    return pull === undefined ? item : { ...item, pull };
  });
  const [ids, keys] = [new Set(held.map(({ change }) => change)), new Set(held.map(({ key }) => key))];
  // What an earlier merge asked for and a later one asks for otherwise waits in both.
  progress.held = [...progress.held.filter(({ change, key }) => !ids.has(change) && keys.has(key)), ...held];
}

/** Why nothing after this may be tried. */
function troubleOf({ outcomes, after, published }: Execution): string | undefined {
  const bad = outcomes.filter(({ status }) => status === "failed" || status === "conflict");
  if (bad.length > 0) {
    const said = bad.find(({ cause }) => cause !== undefined)?.cause ?? "the platform did not say why";
    return `${bad.length} of ${outcomes.length} changes could not be made: ${said}`;
  }
  if (!after) return "the platform could not be read again, so nothing is proved";
  if (!published) return "what was done could not be pushed";
  return outcomes.find(({ cause }) => cause === "the apply was told to stop")?.cause;
}
