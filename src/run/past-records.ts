// What the ledger has of a target's past: which applies there were and what they said they did, and which looks. Reads the ledger
// and Git; what it comes to is `plan/past.ts`'s.

import type { Ledger } from "../git/ledger.ts";
import { type FiledObservation, listObservations, readObservation } from "../git/observations.ts";
import { listReceipts, readStart, runOf } from "../git/records.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Attempt } from "../plan/past.ts";
import type { RecordedChange } from "../plan/past-steps.ts";
import { recordedChanges } from "./apply-outcomes.ts";

/** Everything that is cheap to know of all of a target's past. */
export interface Records {
  readonly ledger: Ledger;
  readonly target: string;
  /** By the time they ended, oldest first. */
  readonly receipts: readonly Receipt[];
  /** Folders of applies that began to write, oldest first. */
  readonly runs: readonly { readonly path: string; readonly at: number }[];
  /** Oldest first. */
  readonly looks: readonly { readonly path: string; readonly at: number }[];
}

/** Between two instants (Unix time, ms); what is at the first belongs to what was before. */
export interface Span {
  readonly after: number;
  readonly until: number;
}

export async function readRecords(ledger: Ledger, target: string): Promise<Records> {
  const [receipts, looks] = [await listReceipts(ledger, target), await listObservations(ledger, target)];
  const runs = (await ledger.list(target)).flatMap((path) => {
    const [, run, year, month, day, hour, minute, second, ms] =
      /^([a-z0-9-]+\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]+)\/start\.json$/.exec(path) ?? [];
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
    return run === undefined || Number.isNaN(at) ? [] : [{ path: run, at }];
  });
  return { ledger, target, receipts, runs, looks };
}

/** The looks around a moment. */
export interface Around {
  /** The last by then that is whole, and incomplete ones after it, oldest first. */
  readonly before: readonly FiledObservation[];
  /** The first after it that is whole. */
  readonly next: FiledObservation | undefined;
}

export async function looksAround({ ledger, target, looks }: Records, at: number): Promise<Around> {
  const before: FiledObservation[] = [];
  for (const { path } of looks.filter((look) => look.at <= at).reverse()) {
    const look = await readObservation(ledger, target, path);
    if (look) before.unshift(look);
    if (look?.observation.complete) break;
  }
  const whole = before[0]?.observation.complete === true;
  for (const { path } of looks.filter((look) => look.at > at)) {
    const next = await readObservation(ledger, target, path);
    if (next?.observation.complete) return { before: whole ? before : [], next };
  }
  return { before: whole ? before : [], next: undefined };
}

/** The tries of applies that reach into a span, in order of time. `look`: the last look in it, which tells when its own try began. */
export async function attemptsIn(records: Records, span: Span, looks: readonly FiledObservation[]): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const byRun = new Map<string, Receipt[]>();
  for (const receipt of records.receipts) byRun.set(runOf(receipt), [...(byRun.get(runOf(receipt)) ?? []), receipt]);
  for (const { path, at } of records.runs) {
    if (at > span.until) continue;
    const receipts = byRun.get(path) ?? [];
    const closed = receipts.length > 0 ? endOf(receipts.at(-1)) : overtaken(records, at);
    if (closed !== null && closed <= span.after) continue;
    const start = await readStart(records.ledger, records.target, path);
    if (!start) continue;
    const changes = recordedChanges(start);
    if (receipts.length > 0) attempts.push(...triesOf(path, at, changes, receipts, looks));
    else {
      const approved = new Set(start.approval.changes);
      const unsure = changes.filter(({ id }) => approved.has(id));
      attempts.push({ run: path, from: at, to: closed, found: changes, made: [], unsure, unread: false });
    }
  }
  return attempts.sort((a, b) => a.from - b.from);
}

/** When a try that left no receipt was over at the latest: another apply of the target had begun. */
function overtaken({ runs, receipts }: Records, at: number): number | null {
  const later = [...runs.map((run) => run.at), ...receipts.map(({ startedAt }) => Date.parse(startedAt))];
  const first = Math.min(...later.filter((other) => other > at));
  return Number.isFinite(first) ? first : null;
}

function endOf(receipt: Receipt | undefined): number | null {
  return receipt ? Date.parse(receipt.endedAt) : null;
}

function triesOf(
  run: string,
  at: number,
  changes: readonly RecordedChange[],
  receipts: readonly Receipt[],
  looks: readonly FiledObservation[],
): Attempt[] {
  const known = new Set<string>();
  let from = at;
  return receipts.map((receipt, index): Attempt => {
    const to = Date.parse(receipt.endedAt);
    const own = looks.find(({ observation }) => {
      const seen = Date.parse(observation.at);
      return observation.run?.path === run && seen >= from && seen <= to;
    });
    if (index > 0 && own?.observation.run) from = Math.max(from, Date.parse(own.observation.run.began));
    const ids = (wanted: (outcome: Receipt["outcomes"][number]) => boolean) =>
      new Set(
        receipt.outcomes.filter((outcome) => wanted(outcome) && !known.has(outcome.change)).map(({ change }) => change),
      );
    const applied = ids(({ status }) => status === "applied");
    // What failed may have been a lost answer; what is there and was not made by this apply came about some time.
    const open = ids(
      ({ status, cause }) => status === "failed" || (status === "skipped" && /^found in effect/.test(cause ?? "")),
    );
    const attempt = {
      run,
      from,
      to,
      found: index === 0 ? changes : [],
      made: changes.filter(({ id }) => applied.has(id)),
      unsure: changes.filter(({ id }) => open.has(id)),
      unread: !receipt.converged && !own,
    };
    for (const id of applied) known.add(id);
    from = to;
    return attempt;
  });
}
