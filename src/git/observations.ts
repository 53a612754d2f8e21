// What Rolebook saw of a platform and when, on the ledger: one file for each look. A look that found nearly what an earlier one found
// holds only what is new, so that a large organization costs little more than a small one. It files and finds, and passes over what
// is no such record, since nothing can take it off the ledger again.
import { createHash } from "node:crypto";
import { compareText } from "../model/finding.ts";
import type { Difference, Observation } from "../model/past.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import { LEDGER_AUTHOR } from "./records.ts";
import { assertTarget } from "./refs.ts";

/** A look on the ledger. */
export interface FiledObservation {
  readonly path: string;
  readonly observation: Observation;
  /** The file that holds most of it, where that is not its own. */
  readonly on: string | undefined;
}

/** A file that is not on the ledger yet. */
export type NewRecord = LedgerEntry["files"][number];

/** From so many differences on, a file may hold less than all of them. */
const LARGE = 100;
/** And does when it is smaller than the whole by this factor: or else the whole is as good, and easier to read. */
const WORTH_IT = 4;

/** Where a look would be filed, and as what. `last`: the one before it; undefined for the very first. */
export function fileOf(observation: Observation, last: FiledObservation | undefined, root?: Observation): NewRecord {
  const content =
    last && root
      ? written(observation, { path: last.on ?? last.path, differences: root.differences })
      : written(observation);
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 8);
  return { path: `${folderOf(observation.target)}/${timeOf(observation.at)}-${digest}.json`, content };
}

/** Files a look. A second one with the same content at the same instant is the same file, and left alone. */
export async function recordObservation(ledger: Ledger, { target, at, differences }: Observation, file: NewRecord) {
  if ((await ledger.list(folderOf(target))).includes(file.path)) return;
  await ledger.append({
    files: [file],
    subject: `${target}: seen`,
    body: differences.length === 1 ? "1 difference from the files" : `${differences.length} differences from the files`,
    at: new Date(at),
    author: LEDGER_AUTHOR,
  });
}

/** Paths of a target's looks, oldest first, each with its instant (Unix time, ms). */
export async function listObservations(ledger: Ledger, target: string) {
  const paths = (await ledger.list(folderOf(target))).sort(compareText);
  return paths.flatMap((path) => {
    const at = instantOf(path);
    return at === undefined ? [] : [{ path, at }];
  });
}

/** A look by its path; undefined for what is none. */
export async function readObservation(
  ledger: Ledger,
  target: string,
  path: string,
): Promise<FiledObservation | undefined> {
  const file = parse((await ledger.readAll([path])).get(path), target);
  if (!file) return undefined;
  const { on, undone = [], ...observation } = file;
  if (on === undefined) return { path, observation, on };
  if (!on.startsWith(`${folderOf(target)}/`)) return undefined;
  const root = parse((await ledger.readAll([on])).get(on), target);
  // Only a file that stands by itself can be stood on.
  if (!root || root.on !== undefined) return undefined;
  return { path, on, observation: { ...observation, differences: merged(root.differences, undone, file.differences) } };
}

/** The last look, and the one that it stands on, if it does. */
export async function readLastObservation(ledger: Ledger, target: string) {
  const paths = await listObservations(ledger, target);
  for (const { path } of paths.reverse()) {
    const last = await readObservation(ledger, target, path);
    if (!last) continue;
    const root = last.on === undefined ? last : await readObservation(ledger, target, last.on);
    return { last, root: root?.observation };
  }
  return undefined;
}

function folderOf(target: string): string {
  return `${assertTarget(target)}/seen`;
}

/** So that a listing of the folder is in order of time. */
function timeOf(at: string): string {
  return new Date(at).toISOString().replace(/[-:.]/g, "");
}

function instantOf(path: string): number | undefined {
  const [, year, month, day, hour, minute, second, ms] =
    /\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}\.json$/.exec(path) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** What a file holds: a look, less what an earlier file says of it. */
interface SeenFile extends Observation {
  /** The file whose differences hold here too, but for those that are listed here. */
  readonly on?: string;
  /** Sections and locals of those that hold no more. */
  readonly undone?: readonly (readonly [section: string, local: string])[];
}

const keyOf = ({ section, local }: Pick<Difference, "section" | "local">) => JSON.stringify([section, local]);

function written(
  observation: Observation,
  root?: { readonly path: string; readonly differences: readonly Difference[] },
) {
  const { differences, ...head } = observation;
  if (!root || differences.length < LARGE) return textOf(head, differences);
  const known = new Map(root.differences.map((difference) => [keyOf(difference), lineOf(difference)]));
  const fresh = differences.filter((difference) => known.get(keyOf(difference)) !== lineOf(difference));
  const here = new Set(differences.map(keyOf));
  const undone = [...known.keys()].filter((key) => !here.has(key)).sort(compareText);
  if ((fresh.length + undone.length) * WORTH_IT > differences.length) return textOf(head, differences);
  return textOf({ ...head, on: root.path, undone: undone.map((key) => JSON.parse(key)) }, fresh);
}

function merged(
  root: readonly Difference[],
  undone: readonly (readonly [string, string])[],
  fresh: readonly Difference[],
): readonly Difference[] {
  const known = new Map(root.map((difference) => [keyOf(difference), difference]));
  for (const [section, local] of undone) known.delete(keyOf({ section, local }));
  for (const difference of fresh) known.set(keyOf(difference), difference);
  return [...known.values()].sort((a, b) => compareText(a.section, b.section) || compareText(a.local, b.local));
}

/** One line a difference: small, and what changed from one look to the next is a line. */
function textOf(head: object, differences: readonly Difference[]): string {
  const lines = differences.map((difference) => `    ${lineOf(difference)}`).join(",\n");
  const list = lines === "" ? "[]" : `[\n${lines}\n  ]`;
  return `{\n${Object.entries(sorted(head))
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`)
    .join("")}  "differences": ${list}\n}\n`;
}

function lineOf(difference: Difference): string {
  return JSON.stringify(sorted(difference));
}

/** Keys by code point, all the way down. */
function sorted(value: object): object {
  const entries = Object.entries(value).sort(([left], [right]) => compareText(left, right));
  return Object.fromEntries(
    entries.map(([name, item]) => [
      name,
      item !== null && typeof item === "object" && !Array.isArray(item) ? sorted(item) : item,
    ]),
  );
}

function parse(text: string | undefined, target: string): SeenFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.version !== 1 || value.target !== target) return undefined;
  const { commit, at, complete, run, on, undone, differences } = value;
  if (typeof commit !== "string" || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  if (typeof at !== "string" || Number.isNaN(Date.parse(at)) || typeof complete !== "boolean") return undefined;
  if (run !== undefined && !(isObject(run) && typeof run.path === "string" && isInstant(run.began))) return undefined;
  if (on !== undefined && typeof on !== "string") return undefined;
  if (undone !== undefined && !(Array.isArray(undone) && undone.every(isKey))) return undefined;
  if (!Array.isArray(differences) || !differences.every(isDifference)) return undefined;
  return value as unknown as SeenFile;
}

function isKey(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string");
}

function isDifference(value: unknown): boolean {
  if (!isObject(value) || !["kind", "section", "local", "name"].every((part) => typeof value[part] === "string"))
    return false;
  const { attributes, status, since, by } = value;
  if (![status, by].every((text) => text === undefined || typeof text === "string")) return false;
  if (since !== undefined && !isInstant(since)) return false;
  return attributes === null || (isObject(attributes) && Object.values(attributes).every(isAttribute));
}

function isAttribute(value: unknown): boolean {
  if (typeof value === "string" || typeof value === "boolean") return true;
  const texts = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [undefined];
  return texts.every((text) => typeof text === "string");
}

function isInstant(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
