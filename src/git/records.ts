// What Rolebook keeps on its ledger: for every run of an apply one folder, with the start (what was approved, by whom)
// and the receipts (what really happened). It judges nothing; it files and finds,
// and passes over what is no record.
import { dirname } from "node:path/posix";
import { compareText } from "../model/finding.ts";
import type { Approval, Receipt } from "../model/receipt.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import { assertTarget } from "./refs.ts";

/** An apply that began: recorded before its first write, so that a killed one can be finished by what was approved. */
export interface Start {
  readonly version: 1;
  readonly target: string;
  readonly digest: string;
  readonly commit: string;
  /** ISO 8601, UTC. Receipts of the run, and of the runs that resume it, carry the same. */
  readonly startedAt: string;
  readonly approval: Approval;
  /** The plan that was approved. */
  readonly plan: object;
}

/** Records a start and returns the path of its file. */
export async function recordStart(ledger: Ledger, start: Omit<Start, "version">): Promise<string> {
  const path = `${runOf(start)}/start.json`;
  const { approval } = start;
  // A file of its own, so that emergencies are found among all runs by their paths alone.
  const emergency =
    approval.how === "break-glass" ? [{ path: `${runOf(start)}/${EMERGENCY}`, content: stableJson(approval) }] : [];
  await ledger.append({
    files: [{ path, content: stableJson({ ...start, version: 1 }) }, ...emergency],
    subject: `${start.target}: start ${start.digest.slice(0, 8)}`,
    body: describeApproval(approval),
    at: new Date(start.startedAt),
    author: LEDGER_AUTHOR,
  });
  return path;
}

/** Who said yes, and where, in the words of a commit. */
function describeApproval({ how, by, changes, evidence = [] }: Approval): string {
  if (how === "break-glass") return `${changes.length} changes approved by nobody, made by ${by} in an emergency`;
  const pulls = [...new Set(evidence.map(({ pull }) => pull))].sort((a, b) => a - b);
  const where = pulls.length === 0 ? "" : `, on pull request ${pulls.join(", ")}`;
  return `${changes.length} changes approved by ${by}${where}`;
}

/**
 * Records a receipt in the folder of the run it belongs to, and returns its path: `receipt.json`, or when an
 * earlier attempt of the same run left one, `receipt-2.json` and so on. `beside`: what is recorded with it, or not at all.
 */
export async function recordReceipt(
  ledger: Ledger,
  receipt: Receipt,
  beside: LedgerEntry["files"] = [],
): Promise<string> {
  const folder = runOf(receipt);
  const taken = new Set(await ledger.list(folder));
  let path = pathOfReceipt(folder, 1);
  for (let attempt = 2; taken.has(path); attempt += 1) path = pathOfReceipt(folder, attempt);
  const counts = countOutcomes(receipt);
  await ledger.append({
    files: [{ path, content: stableJson(receipt) }, ...beside],
    subject: `${receipt.target}: ${receipt.converged ? "converged" : "stopped"} ${receipt.digest.slice(0, 8)}`,
    body: counts === "" ? "nothing was written" : counts,
    at: new Date(receipt.endedAt),
    author: LEDGER_AUTHOR,
  });
  return path;
}

/** Where the receipt of an attempt (from 1) of a run is. */
export function pathOfReceipt(run: string, attempt: number): string {
  return `${run}/receipt${attempt === 1 ? "" : `-${attempt}`}.json`;
}

/** The latest start of a target (of one plan digest, if given) that was not followed by a receipt that says it converged. */
export async function openStart(ledger: Ledger, target: string, digest?: string): Promise<Start | undefined> {
  const starts = await readRecords<Start>(ledger, target, "start");
  const receipts = await readRecords<Receipt>(ledger, target, "receipt");
  const open = starts.filter(
    (start) =>
      (digest === undefined || start.digest === digest) &&
      !receipts.some(
        (receipt) => receipt.converged && receipt.digest === start.digest && receipt.startedAt >= start.startedAt,
      ),
  );
  return open.at(-1);
}

/** All starts of a target, oldest first. */
export async function listStarts(ledger: Ledger, target: string): Promise<Start[]> {
  return readRecords<Start>(ledger, target, "start");
}

/** The start of a run by its folder; undefined for what is none. */
export async function readStart(ledger: Ledger, target: string, run: string): Promise<Start | undefined> {
  const start = readRecord<Start>(await ledger.read(`${run}/start.json`), target, "start");
  return start && runOf(start) === run ? start : undefined;
}

/** The receipt of a target that ended last. */
export async function latestReceipt(ledger: Ledger, target: string): Promise<Receipt | undefined> {
  return (await listReceipts(ledger, target)).at(-1);
}

/** All receipts of a target, by the time they ended, oldest first. */
export async function listReceipts(ledger: Ledger, target: string): Promise<Receipt[]> {
  const receipts = await readRecords<Receipt>(ledger, target, "receipt");
  return receipts.sort((left, right) => compareText(left.endedAt, right.endedAt));
}

/** The starts of all targets that nobody approved, by their paths. */
export async function listEmergencies(ledger: Ledger): Promise<Start[]> {
  const folders = (await ledger.list("")).filter((path) => path.endsWith(`/${EMERGENCY}`)).map((path) => dirname(path));
  const paths = folders.map((folder) => `${folder}/start.json`);
  const texts = await ledger.readAll(paths);
  return paths.flatMap((path) => readRecord<Start>(texts.get(path), path.slice(0, path.indexOf("/")), "start") ?? []);
}

const EMERGENCY = "break-glass.json";

/** Who signs the ledger's commits. The people concerned are named inside the records, where nothing rewrites them. */
export const LEDGER_AUTHOR = "Rolebook <rolebook@localhost>";

/** `<target>/<time>-<digest>`, so that a folder listing is in order of time. */
export function runOf(run: Pick<Start, "target" | "startedAt" | "digest">): string {
  const time = new Date(run.startedAt).toISOString().replace(/[-:.]/g, "");
  return `${assertTarget(run.target)}/${time}-${run.digest.slice(0, 8)}`;
}

/** Records of a target, in the order of their runs. */
async function readRecords<Kind extends Start | Receipt>(ledger: Ledger, target: string, name: "start" | "receipt") {
  const file = new RegExp(`/${name}(?:-\\d+)?\\.json$`);
  const paths = (await ledger.list(assertTarget(target))).filter((path) => file.test(path));
  const texts = await ledger.readAll(paths);
  const records = paths.flatMap((path) => readRecord<Kind>(texts.get(path), target, name) ?? []);
  return records.sort((left, right) => compareText(left.startedAt, right.startedAt));
}

/**
 * A record of a target; undefined for what is none. Whoever may push can put anything on the ledger, and nothing can take it away
 * again: what is no record must not stand in anybody's way.
 */
export function readRecord<Kind extends Start | Receipt>(
  text: string | undefined,
  target: string,
  name: "start" | "receipt",
): Kind | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.target !== target) return undefined;
  if (!hasTexts(value, ["digest", "commit", "startedAt"])) return undefined;
  if (Number.isNaN(Date.parse(String(value.startedAt)))) return undefined;
  const { approval } = value;
  if (!isObject(approval) || !hasTexts(approval, ["by", "how"]) || !isTexts(approval.changes)) return undefined;
  if (approval.weakens !== undefined && !isTexts(approval.weakens)) return undefined;
  const whole =
    name === "start"
      ? isObject(value.plan) && isObjects(value.plan.changes ?? [])
      : hasTexts(value, ["endedAt"]) && typeof value.converged === "boolean" && isObjects(value.outcomes);
  return whole ? (value as unknown as Kind) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every(isObject);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function hasTexts(value: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  return keys.every((key) => typeof value[key] === "string");
}

function countOutcomes(receipt: Receipt): string {
  const counts = new Map<string, number>();
  for (const { status } of receipt.outcomes) counts.set(status, (counts.get(status) ?? 0) + 1);
  return ["applied", "skipped", "failed", "conflict"]
    .filter((status) => counts.has(status))
    .map((status) => `${counts.get(status)} ${status}`)
    .join(", ");
}

/** Pretty-printed, keys by code point, a newline at the end: one value, one text. */
export function stableJson(value: object): string {
  const sorted = (_key: string, item: unknown) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => compareText(left, right)))
      : item;
  return `${JSON.stringify(value, sorted, 2)}\n`;
}
