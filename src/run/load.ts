// The policies of a folder or a commit: files to parsed files by target, through the parse cache.
// Parsing is done in slices, so that network answers keep flowing in between.
import type { Repository } from "../git/repository.ts";
import type { PolicyDocument } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import type { SecretShape } from "../model/secret.ts";
import type { Settings } from "../model/settings.ts";
import type { Steps } from "../model/steps.ts";
import type { Governance } from "../model/waiver.ts";
import { readGovernance } from "../policy/governance.ts";
import { GOVERNANCE, GOVERNANCE_FOLDERS, type ParsedFile } from "../policy/parse.ts";
import { isReservedName, readSettings } from "../policy/settings.ts";
import type { ParseCaches } from "./cache.ts";
import { isSuspect, parseClean, parseSuspects, type Suspect } from "./clean.ts";
import { OperatorError } from "./context.ts";
import { isPolicyPath, type PolicyFile } from "./files.ts";
import { inSlices } from "./slices.ts";

export const SETTINGS_FILE = "rolebook.yaml";

export interface PolicySource {
  /** What findings call the policy folder: as the user typed it. */
  readonly shown: string;
  readonly files: readonly PolicyFile[];
  /** Makes the contents of these blobs ready to `read`; absent when they are always ready. */
  readonly prefetch?: (blobs: readonly string[]) => Promise<void>;
}

export interface LoadedPolicies {
  readonly settings: Settings | undefined;
  /** Targets of the settings that are on no known platform: a finding, and nothing more is said of their files. */
  readonly leftOut: readonly string[];
  readonly byTarget: ReadonlyMap<string, readonly ParsedFile[]>;
  /** Guardrails, waivers, acknowledged identities and reviews, which hold for all targets. */
  readonly governance: Governance;
  /** The files that they are from. */
  readonly governing: readonly ParsedFile[];
  /** Findings of reading and parsing; those of resolving come later. */
  readonly findings: readonly Finding[];
}

export interface LoadTools {
  readonly platforms: readonly { readonly name: string; readonly platform: Platform }[];
  /** Where parsed files are kept. */
  readonly caches: ParseCaches;
  /** Only this target's files; the settings and what governs all targets are always read. */
  readonly target?: string;
  /** Files that are parsed already, by blob and path; see `parsedByBlob`. */
  readonly known?: ReadonlyMap<string, ParsedFile>;
}

/** Parses the settings, every target's files and what governs them. Files of neither are findings. */
export async function loadPolicies(source: PolicySource, tools: LoadTools): Promise<LoadedPolicies> {
  const { settings, leftOut, findings } = await loadSettings(source, tools);
  const byTarget = new Map<string, readonly ParsedFile[]>();
  const all: Finding[] = [...findings];
  for (const target of settings?.targets ?? []) {
    if (tools.target !== undefined && tools.target !== target.name) continue;
    // Its folder is not for targets: that is a finding, and what is in it is read as what it should be.
    if (isReservedName(target.name)) continue;
    const own = ({ path }: PolicyFile) => path.startsWith(`${target.name}/`);
    const parsed = await parseFiles(source, own, target.platform, tools);
    byTarget.set(target.name, parsed);
    for (const file of parsed) all.push(...file.findings);
  }
  const governing = await parseFiles(source, ({ path }) => isGoverning(path), GOVERNANCE, tools);
  for (const file of governing) all.push(...file.findings);
  const read = readGovernance(governing, settings, leftOut);
  all.push(...read.findings);
  if (read.crons.length > 0) all.push(...(await import("./cron.ts")).unreadable(read.crons));
  if (settings) all.push(...strayFiles(source, [...settings.targets.map(({ name }) => name), ...leftOut]));
  return { settings, leftOut, byTarget, governance: read.governance, governing, findings: all };
}

/** Whether a file (below the policy folder) holds what governs all targets. */
export function isGoverning(path: string): boolean {
  return GOVERNANCE_FOLDERS.some((folder) => path.startsWith(`${folder}/`));
}

/** Parses the settings file alone. */
export async function loadSettings(source: PolicySource, tools: LoadTools) {
  const file = source.files.find(({ path }) => path === SETTINGS_FILE);
  if (file) await source.prefetch?.([file.blob]);
  const shown = `${source.shown}/${SETTINGS_FILE}`;
  if (!file) {
    const missing: Finding = {
      severity: "error",
      code: "no-settings",
      message: `There is no ${SETTINGS_FILE} in the policy folder`,
      place: { file: shown, line: 1, column: 1 },
      hint: "`rolebook init` writes one; it names the targets and where their API is.",
    };
    return { settings: undefined, leftOut: [], findings: [missing] };
  }
  const parsed = await settled(parseClean(shown, file.read(), undefined, shapesOf(tools)));
  const read = readSettings(
    parsed,
    tools.platforms.map(({ name }) => name),
  );
  const findings = [...parsed.findings, ...read.findings];
  const document = parsed.documents.find(({ kind }) => kind === "Settings");
  if (!read.settings || !document || !hasCron(read.settings, document)) return { ...read, findings };
  const { checkCron } = await import("./cron.ts");
  return { ...read, findings: [...findings, ...checkCron(read.settings, document)] };
}

/** Whether there is any cron expression to check: its library is not loaded for the schedule that everybody has. */
function hasCron({ targets }: Settings, { value }: PolicyDocument): boolean {
  return (
    value.schedule !== undefined ||
    value.reviews !== undefined ||
    targets.some(({ freeze }) => freeze.some(({ cron }) => cron !== undefined))
  );
}

/** Parses some of the files of a source as those of a platform; each must have a path of its own. */
export async function parseFiles(
  source: PolicySource,
  isOne: (file: PolicyFile) => boolean,
  platform: string,
  tools: LoadTools,
): Promise<ParsedFile[]> {
  const files = source.files.filter(isOne);
  if (files.length === 0) return [];
  const cache = tools.caches(platform);
  const parsedAlready = ({ blob, path }: PolicyFile) => tools.known?.get(`${blob} ${source.shown}/${path}`);
  const missing = files.filter((file) => !parsedAlready(file) && !cache.has(file.blob));
  await source.prefetch?.(missing.map(({ blob }) => blob));
  const shapes = shapesOf(tools);
  const fresh = new Map<string, string>();
  const read = await inSlices(readSteps());
  const asked = await parseSuspects(read.filter(isSuspect));
  const parsed = read.map((one) => (isSuspect(one) ? (asked.shift() as ParsedFile) : one));
  for (const file of parsed) {
    const blob = fresh.get(file.file);
    if (blob !== undefined) cache.put(blob, file);
  }
  cache.save();
  return parsed;

  function* readSteps(): Steps<(ParsedFile | Suspect)[]> {
    const read: (ParsedFile | Suspect)[] = [];
    for (const file of files) {
      const shown = `${source.shown}/${file.path}`;
      const known = parsedAlready(file) ?? cache.get(file.blob, shown);
      if (!known) fresh.set(shown, file.blob);
      read.push(known ?? parseClean(shown, file.read(), platform, shapes));
      yield;
    }
    return read;
  }
}

/** What the keys of every platform look like: one may be pasted into the files of another. */
function shapesOf({ platforms }: LoadTools): SecretShape[] {
  return platforms.flatMap(({ platform }) => platform.secrets ?? []);
}

async function settled(read: ParsedFile | Suspect): Promise<ParsedFile> {
  if (!isSuspect(read)) return read;
  const [parsed] = await parseSuspects([read]);
  return parsed as ParsedFile;
}

/** The parsed files of a source, for another load to take over what has the same content at the same path. */
export function parsedByBlob(
  source: PolicySource,
  { byTarget, governing }: LoadedPolicies,
): ReadonlyMap<string, ParsedFile> {
  const blobs = new Map(source.files.map(({ path, blob }) => [`${source.shown}/${path}`, blob]));
  const parsed = new Map<string, ParsedFile>();
  for (const files of [...byTarget.values(), governing])
    for (const file of files) parsed.set(`${blobs.get(file.file)} ${file.file}`, file);
  return parsed;
}

function strayFiles({ files, shown }: PolicySource, targets: readonly string[]): Finding[] {
  const names = new Set(targets);
  return files
    .filter(({ path }) => path !== SETTINGS_FILE && !isGoverning(path) && !names.has(path.split("/")[0] ?? ""))
    .map(({ path }) => ({
      severity: "error",
      code: "file-of-no-target",
      message: "This file belongs to no target, so nothing in it would have any effect",
      place: { file: `${shown}/${path}`, line: 1, column: 1 },
      hint: `Targets in the settings: ${[...names].join(", ")}. Move it to a target's folder, or name the target in ${SETTINGS_FILE}.`,
    }));
}

/** The policy files of a commit. `folder` is relative to the repository's root; contents are fetched only for the blobs that are asked for, in one go. */
export async function sourceOfCommit(
  repository: Repository,
  commit: string,
  folder: string,
  shown: string,
): Promise<PolicySource> {
  const entries = await repository.listTree(commit, folder);
  const prefix = folder === "" ? "" : `${folder}/`;
  const contents = new Map<string, Uint8Array>();
  const files = entries
    .map(({ path, blob, mode }) => ({ path: path.slice(prefix.length), blob, mode }))
    .filter(({ path, mode }) => isPolicyPath(path) && mode.startsWith("100"))
    .map(({ path, blob }) => ({ path, blob, read: () => contentOf(contents, blob) }));
  const prefetch = async (blobs: readonly string[]) => {
    const missing = [...new Set(blobs)].filter((blob) => !contents.has(blob));
    if (missing.length === 0) return;
    for (const [id, bytes] of await repository.readBlobs(missing)) contents.set(id, bytes);
  };
  return { shown, files, prefetch };
}

function contentOf(contents: ReadonlyMap<string, Uint8Array>, blob: string): Uint8Array {
  const bytes = contents.get(blob);
  if (!bytes)
    throw new OperatorError(
      `Git does not have the content of ${blob}`,
      "Fetch the whole history (git fetch --unshallow), then try again.",
    );
  return bytes;
}

/** Whether two sources hold the same files with the same contents, so that one stands for the other. */
export function sameSource(left: PolicySource, right: PolicySource): boolean {
  if (left.files.length !== right.files.length) return false;
  const blobs = new Map(left.files.map(({ path, blob }) => [path, blob]));
  return right.files.every(({ path, blob }) => blobs.get(path) === blob);
}
