// A look at a platform on its way to the ledger: what an apply leaves behind, and what a look for drift finds. It is taken from a
// read that was made anyway; the platform's log is asked only where something is new that no change of Rolebook's accounts for.

import type { JournalLine } from "../git/journal.ts";
import type { Ledger } from "../git/ledger.ts";
import { fileOf, type NewRecord, readLastObservation } from "../git/observations.ts";
import { listReceipts } from "../git/records.ts";
import type { Change } from "../model/change.ts";
import type { Activity, LiveRead } from "../model/driver.ts";
import type { State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Observation } from "../model/past.ts";
import type { Target } from "../model/settings.ts";
import { type Carried, carryOver, dateNews, isSameLook } from "../plan/dated.ts";
import type { Busy } from "../plan/deeds.ts";
import { splitEnded } from "../plan/expire.ts";
import { differencesOf } from "../plan/observe.ts";
import type { Context } from "./context.ts";
import { withDefaults } from "./desired.ts";
import { isExpected } from "./expected.ts";
import { readActivity } from "./live.ts";
import type { Prepared } from "./prepare.ts";
import { driverOf } from "./workspace.ts";

/** What was seen, and what the files said. */
export interface Look {
  readonly target: Target;
  /** The commit whose files `said` is. */
  readonly commit: string;
  /** Ended access included. */
  readonly said: State;
  readonly read: LiveRead;
  /** Nothing that was read is in doubt. */
  readonly complete: boolean;
  readonly run?: Observation["run"];
  /** Keys of changes that a plan names: whatever is the matter with them was not done behind anybody's back just now. */
  readonly planned: ReadonlySet<string>;
  readonly connections: number | undefined;
}

/** A look as it would be filed. */
export interface NewObservation {
  readonly observation: Observation;
  /** Undefined when the ledger has this very file. */
  readonly file: NewRecord | undefined;
  /** The look before found the very same. */
  readonly known: boolean;
}

/** What a look comes to beside what the ledger has. `activity`: the platform's log, where it was read already. */
export async function observe(
  context: Context,
  ledger: Ledger,
  look: Look,
  activity: () => Promise<readonly Activity[] | undefined> = () => askedActivity(context, look),
): Promise<NewObservation> {
  const { target, commit, read, complete, run } = look;
  const { platform } = driverOf(target);
  const at = new Date(read.at ?? context.now());
  const declared = withDefaults(splitEnded(look.said, at, target.timeZone).active, platform);
  const before = await readLastObservation(ledger, target.name);
  const found = differencesOf(declared, read.state, platform);
  const last = before?.last.observation;
  const known =
    last !== undefined && last.commit === commit && last.complete === complete && isSameLook(found, last.differences);
  const carried = carryOver(found, last?.differences ?? []);
  const differences =
    last && !known && hasStrangers(carried, look)
      ? await dated(ledger, look, declared, carried, { activity, after: Date.parse(last.at), until: at.getTime() })
      : carried.differences;
  const observation: Observation = {
    version: 1,
    target: target.name,
    commit,
    at: at.toISOString(),
    complete,
    ...(run ? { run } : {}),
    differences,
  };
  const file = fileOf(observation, before?.last, before?.root);
  return { observation, file: file.path === before?.last.path ? undefined : file, known };
}

/** How an apply came to its last read. */
export interface Ending {
  readonly run: { readonly path: string; readonly began: string };
  /** What was to be changed. */
  readonly changes: readonly Pick<Change, "key">[];
  readonly converged: boolean;
}

/**
 * What an apply records beside its receipt, in the same commit: what it leaves behind. Nothing where the look before found the very
 * same and all is done. A receipt is worth more than a look: one that cannot be made is said, and stops nothing.
 */
export async function observeEnding(
  context: Context,
  ledger: Ledger,
  after: Prepared,
  of: Pick<Look, "target" | "commit" | "connections">,
  { run, changes, converged }: Ending,
): Promise<NewRecord[]> {
  const planned = new Set([...changes, ...after.plan.changes].map(({ key }) => key));
  try {
    const { file, known } = await observe(context, ledger, lookOf(after, of, run, planned));
    return file && !(known && converged) ? [file] : [];
  } catch (error) {
    if (!isExpected(error)) throw error;
    context.err(`Warning: what ${of.target.name} is like now could not be put on record: ${error.message}\n`);
    return [];
  }
}

/**
 * When a try of an apply began to write (ISO 8601, UTC): where a killed one left its journal, then already. `now` is when this one does.
 */
export function beginningOf(journal: readonly JournalLine[], now: Date): string {
  const intents = journal.flatMap((line) => (line.type === "intent" ? [line.at] : []));
  return [...intents, now.toISOString()].sort(compareText)[0] as string;
}

/** A plan's last read, as what it says of the platform. */
export function lookOf(
  { plan, want, read }: Pick<Prepared, "plan" | "want" | "read">,
  { target, commit, connections }: Pick<Look, "target" | "commit" | "connections">,
  run: Observation["run"],
  planned: ReadonlySet<string>,
): Look {
  return {
    target,
    commit,
    said: want,
    read,
    complete: isWhole(read, plan.findings),
    ...(run ? { run } : {}),
    planned,
    connections,
  };
}

/** Whether nothing that was read is in doubt, by itself or beside what was there before. */
export function isWhole({ findings }: LiveRead, ofPlan: Prepared["plan"]["findings"]): boolean {
  const shrunken = ofPlan.filter(({ code }) => code === "shrunken-read");
  return [...findings, ...shrunken].every(({ severity }) => severity !== "error");
}

function hasStrangers({ news }: Carried, { planned }: Look): boolean {
  for (const key of news) if (!planned.has(key)) return true;
  return false;
}

async function dated(
  ledger: Ledger,
  { target, run }: Look,
  declared: State,
  carried: Carried,
  log: {
    readonly activity: () => Promise<readonly Activity[] | undefined>;
    readonly after: number;
    readonly until: number;
  },
) {
  const activity = await log.activity();
  if (!activity) return carried.differences;
  const receipts = await listReceipts(ledger, target.name);
  const busy: Busy[] = receipts.map((each) => ({ from: Date.parse(each.startedAt), until: Date.parse(each.endedAt) }));
  if (run) busy.push({ from: Date.parse(run.began), until: log.until });
  return dateNews(carried, declared, driverOf(target).platform, { activity, busy, after: log.after });
}

function askedActivity(context: Context, { target, read, connections }: Look) {
  return readActivity(context, target, read.state, connections === undefined ? {} : { connections });
}
