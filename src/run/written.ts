// Since which commit the files of a target say what they say: the versions of its files along the branch, oldest first, each read for
// what it declares. So neither a line that moves nor a file that is renamed or laid out anew is taken for something new.
// A file that one commit made is not read at all.
import { type ChangedFile, type Mainline, type MainlineCommit, readMainline } from "../git/mainline.ts";
import { type Entity, groupOfSection, type State, stateOf } from "../model/entity.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { type GiftIndex, type GivingStep, indexGifts } from "../plan/gifts.ts";
import { applyRenames, type Rename } from "../plan/rename.ts";
import type { ParsedFile } from "../policy/parse.ts";
import { roughEntities } from "../policy/rough.ts";
import type { Context } from "./context.ts";
import { isPolicyPath } from "./files.ts";
import { parsedByBlob, parseFiles } from "./load.ts";
import { openProgress } from "./progress.ts";
import { loadTools, type Workspace } from "./workspace.ts";

/** Who wrote something, and when. */
export interface Writing {
  readonly commit: MainlineCommit;
  /** The file that said it then, from the repository's root. */
  readonly path: string;
}

export interface Written {
  readonly mainline: Mainline;
  /** Of the files that were read. */
  readonly index: GiftIndex<Writing>;
  /** Of a file (from the root) that one commit made as it is. */
  readonly ofFile: (path: string) => Writing | undefined;
  /** Commits that changed a file, oldest first. */
  readonly commitsOf: (path: string) => readonly MainlineCommit[];
}

export interface WrittenAsked {
  readonly workspace: Workspace;
  readonly commit: string;
  readonly target: Target;
  readonly platform: Platform;
  /** Whether anybody asks about a file, by its path from the root; of the others only the commits are known. */
  readonly isWanted: (path: string) => boolean;
  /** Whether the file is not as the commit has it. */
  readonly isChanged: (path: string) => boolean;
}

/** Reads as much of the history of a target's files as is asked for. */
export async function readWritten(context: Context, asked: WrittenAsked): Promise<Written | undefined> {
  const { workspace, commit, target, platform, isWanted, isChanged } = asked;
  const { repository, folder } = workspace;
  if (!repository) return undefined;
  const own = folder === "" ? target.name : `${folder}/${target.name}`;
  const mainline = await readMainline(repository, commit, own);
  const commits = mainline.commits.map((one) => ({
    ...one,
    files: one.files.filter(({ path }) => isPolicyPath(path)),
  }));
  const touching = new Map<string, MainlineCommit[]>();
  for (const one of commits)
    for (const { path } of one.files) {
      const known = touching.get(path);
      if (known) known.push(one);
      else touching.set(path, [one]);
    }
  const read = filesToRead(touching, isWanted, isChanged);
  const parsed = await parseVersions(context, asked, commits, read);
  const index = indexGifts(stepsOf(commits, read, parsed, platform), platform);
  const ofFile = (path: string) => {
    const [only, ...others] = touching.get(path) ?? [];
    return only && others.length === 0 && !read.has(path) ? { commit: only, path } : undefined;
  };
  return { mainline, index, ofFile, commitsOf: (path) => touching.get(path) ?? [] };
}

/**
 * The files that must be read: those that are asked about and that several commits changed, or whose commit took something out
 * of another file as well, which may be where it comes from; and with each those other files.
 */
function filesToRead(
  touching: ReadonlyMap<string, readonly MainlineCommit[]>,
  isWanted: (path: string) => boolean,
  isChanged: (path: string) => boolean,
): ReadonlySet<string> {
  const read = new Set<string>();
  const sources = new Map<MainlineCommit, readonly string[]>();
  const sourcesOf = (commit: MainlineCommit) => {
    const known = sources.get(commit) ?? commit.files.flatMap(({ path, before }) => (before === null ? [] : [path]));
    sources.set(commit, known);
    return known;
  };
  const queue = [...touching.keys()].filter(isWanted);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (read.has(path)) continue;
    const commits = touching.get(path) ?? [];
    const others = new Set(commits.flatMap(sourcesOf));
    if (commits.length <= 1 && others.size === 0 && !isChanged(path)) continue;
    read.add(path);
    queue.push(...others);
  }
  return read;
}

/** Content -> what it declares; nothing for what cannot be had or is broken. */
async function parseVersions(
  context: Context,
  { workspace, target, platform }: WrittenAsked,
  commits: readonly MainlineCommit[],
  read: ReadonlySet<string>,
): Promise<(blob: string) => ParsedFile | undefined> {
  const { repository, source, policies, caches, shown } = workspace;
  const parsed = new Map<string, ParsedFile>();
  for (const [key, file] of parsedByBlob(source, policies)) parsed.set(key.slice(0, key.indexOf(" ")), file);
  const wanted = new Set(
    commits.flatMap(({ files }) =>
      files.flatMap(({ path, after }) => (after !== null && read.has(path) ? [after] : [])),
    ),
  );
  const missing = [...wanted].filter((blob) => !parsed.has(blob));
  if (!repository || missing.length === 0) return (blob) => parsed.get(blob);
  const progress = openProgress(context, `Reading the history of ${target.name}`);
  try {
    const contents = await repository.readBlobs(missing);
    const files = missing.flatMap((blob) => {
      const bytes = contents.get(blob);
      return bytes ? [{ path: blob, blob, read: () => bytes }] : [];
    });
    progress.update(0, files.length);
    const tools = loadTools(caches, undefined);
    const fresh = await parseFiles({ shown, files }, () => true, platform.name, tools);
    for (const [index, file] of fresh.entries()) parsed.set(files[index]?.blob ?? "", file);
  } finally {
    progress.stop();
  }
  return (blob) => parsed.get(blob);
}

interface Version {
  readonly path: string;
  readonly entities: ReadonlyMap<string, Entity>;
}

/** What each commit gave and took. */
function* stepsOf(
  commits: readonly MainlineCommit[],
  read: ReadonlySet<string>,
  parsed: (blob: string) => ParsedFile | undefined,
  platform: Platform,
): Iterable<GivingStep<Writing>> {
  const now = new Map<string, Version>();
  for (const commit of commits) {
    const files = commit.files.filter(({ path }) => read.has(path));
    if (files.length === 0) continue;
    const before = files.flatMap(({ path }) => now.get(path) ?? []);
    const after = files.flatMap((file) => versionOf(file, parsed, platform) ?? []);
    for (const { path } of files) now.delete(path);
    for (const version of after) now.set(version.path, version);
    yield* stepsBetween(before, after, commit, platform);
  }
}

function versionOf(
  { path, after }: ChangedFile,
  parsed: (blob: string) => ParsedFile | undefined,
  platform: Platform,
): Version | undefined {
  if (after === null) return undefined;
  return { path, entities: roughEntities(parsed(after)?.documents ?? [], platform) };
}

function* stepsBetween(
  before: readonly Version[],
  after: readonly Version[],
  commit: MainlineCommit,
  platform: Platform,
): Iterable<GivingStep<Writing>> {
  const said = new Map(before.flatMap(({ entities }) => [...entities]));
  const says = new Map(
    after.flatMap(({ path, entities }) => Array.from(entities, ([key, entity]) => [key, { path, entity }] as const)),
  );
  const renames = renamesIn(said, says);
  const aligned: ReadonlyMap<string, Entity> =
    renames.length === 0 ? said : byKey(applyRenames(stateOf(said.values()), renames, platform));
  const at = (path: string): Writing => ({ commit, path });
  const changed = [...says].filter(([key, { entity }]) => !isSame(aligned.get(key), entity));
  const isRename = (key: string, { entity }: { readonly entity: Entity }) => {
    const was = aligned.get(key);
    return (
      was !== undefined && groupOfSection(entity.section) === undefined && platform.fold(was.name) !== entity.local
    );
  };
  // What is renamed comes first: the rest is known by the new names.
  const ordered = [...changed.filter((one) => isRename(...one)), ...changed.filter((one) => !isRename(...one))];
  for (const [key, { path, entity }] of ordered) {
    const was = aligned.get(key) ?? null;
    const { kind, section, local } = entity;
    yield { kind, section, local, before: was, after: entity, source: at(path) };
  }
  const [{ path = "" } = {}] = before;
  for (const [key, was] of aligned)
    if (!says.has(key))
      yield { kind: was.kind, section: was.section, local: was.local, before: was, after: null, source: at(path) };
}

/** What a commit renamed: who says what they were called before, and was called so until then. */
function renamesIn(
  said: ReadonlyMap<string, Entity>,
  says: ReadonlyMap<string, { readonly entity: Entity }>,
): Rename[] {
  const renames: Rename[] = [];
  for (const { entity } of says.values()) {
    const { kind, section, local, name, previously: from } = entity;
    if (from === undefined || from === local || says.has(`${section}/${from}`)) continue;
    if (said.has(`${section}/${from}`) && !said.has(`${section}/${local}`))
      renames.push({ kind, from, to: local, name });
  }
  return renames;
}

function byKey(state: State): Map<string, Entity> {
  const entities = [...state.values()].flatMap((section) => [...section.values()]);
  return new Map(entities.map((entity) => [`${entity.section}/${entity.local}`, entity]));
}

function isSame(was: Entity | undefined, is: Entity): boolean {
  if (!was || was.name !== is.name) return false;
  return was.attributes === is.attributes || JSON.stringify(was.attributes) === JSON.stringify(is.attributes);
}
