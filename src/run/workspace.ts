// The policy folder and the repository around it, as one command sees them: what is in the work tree,
// what is committed, and whether the two are the same.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Repository } from "../git/repository.ts";
import type { Finding } from "../model/finding.ts";
import type { SecretShape } from "../model/secret.ts";
import type { Target } from "../model/settings.ts";
import { drivers } from "../platform/index.ts";
import { openParseCaches, type ParseCaches } from "./cache.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { listFolder } from "./files.ts";
import {
  type LoadedPolicies,
  loadPolicies,
  loadSettings,
  type PolicySource,
  SETTINGS_FILE,
  sameSource,
  sourceOfCommit,
} from "./load.ts";

export interface Workspace {
  /** Undefined outside Git: files can be checked and planned, nothing can be deleted or applied. */
  readonly repository: Repository | undefined;
  /** The policy folder relative to the repository's root. */
  readonly folder: string;
  /** The policy folder as the user typed it. */
  readonly shown: string;
  /** HEAD, or null outside Git and before the first commit. */
  readonly commit: string | null;
  /** The work tree differs from HEAD below the policy folder. */
  readonly uncommitted: boolean;
  readonly source: PolicySource;
  readonly policies: LoadedPolicies;
  readonly caches: ParseCaches;
}

export interface WorkspaceUse {
  readonly git: boolean;
  /** Called with each target as soon as the settings are read and before anything else is, so that slow work can start. */
  readonly onTarget?: (target: Target) => Promise<void>;
}

/** Opens the policy folder in the work tree. `git: false` leaves Git alone entirely (validate, fmt). Throws `OperatorError` when there is no such folder. */
export async function openWorkspace(context: Context, options: CommonOptions, use: WorkspaceUse): Promise<Workspace> {
  const path = resolve(context.cwd, options.policies);
  if (!existsSync(path))
    throw new OperatorError(
      `There is no policy folder at ${options.policies}`,
      "Name it with --policies, or start one with `rolebook init`.",
    );
  if (use.onTarget) await announceTargets(path, options, use.onTarget);
  const repository = use.git ? await (await import("../git/repository.ts")).openRepository(path) : undefined;
  const commit = (await repository?.head()) ?? null;
  const folder = repository?.pathInside(path) ?? "";
  const listing = listFolder(path, options.policies);
  const worktree: PolicySource = { shown: options.policies, files: listing.files };
  const { source, uncommitted } = await compareWithHead(worktree, repository, commit, folder);
  const gitFolder = repository?.gitDir ?? findGitFolder(path);
  const cacheFolder = gitFolder === undefined ? undefined : join(gitFolder, "rolebook", "parsed");
  const caches = openParseCaches(cacheFolder, context.build);
  const loaded = await loadPolicies(source, loadTools(caches, options.target));
  const policies = { ...loaded, findings: [...listing.findings, ...loaded.findings] };
  return { repository, folder, shown: options.policies, commit, uncommitted, source, policies, caches };
}

async function announceTargets(path: string, options: CommonOptions, onTarget: (target: Target) => Promise<void>) {
  const file = join(path, SETTINGS_FILE);
  if (!existsSync(file)) return;
  const only = { path: SETTINGS_FILE, blob: "", read: () => readFileSync(file) };
  const { settings } = await loadSettings(
    { shown: options.policies, files: [only] },
    loadTools(openParseCaches(undefined, undefined), undefined),
  );
  for (const target of settings?.targets ?? [])
    if (options.target === undefined || options.target === target.name) await onTarget(target);
  // One turn, in which what was started gets as far as the network.
  await setImmediate();
}

/** What `loadPolicies` needs besides the files. */
export function loadTools(caches: ParseCaches, target: string | undefined) {
  const only = target === undefined ? {} : { target };
  return { platforms: drivers, caches, ...only };
}

/** Bytes can differ from HEAD while Git calls the tree clean (line-end conversion); then HEAD's content is what counts. */
async function compareWithHead(
  worktree: PolicySource,
  repository: Repository | undefined,
  commit: string | null,
  folder: string,
) {
  if (!repository || commit === null) return { source: worktree, uncommitted: repository !== undefined };
  const head = await sourceOfCommit(repository, commit, folder, worktree.shown);
  if (sameSource(worktree, head)) return { source: worktree, uncommitted: false };
  const dirty = await repository.dirtyPaths(folder);
  return dirty.length === 0 ? { source: head, uncommitted: false } : { source: worktree, uncommitted: true };
}

/** The nearest `.git` folder, found without starting Git. */
function findGitFolder(from: string): string | undefined {
  for (let folder = from, parent = resolve(folder, ".."); ; folder = parent, parent = resolve(folder, "..")) {
    if (existsSync(join(folder, ".git", "HEAD"))) return join(folder, ".git");
    if (parent === folder) return undefined;
  }
}

/** The targets a command works on: the one named, or all. Throws `OperatorError` for a name that is not in the settings. */
export function chooseTargets(policies: LoadedPolicies, name: string | undefined): readonly Target[] {
  const targets = policies.settings?.targets ?? [];
  if (name === undefined) return targets;
  const target = targets.find((candidate) => candidate.name === name);
  if (target) return [target];
  // What is wrong with them is a finding already.
  if (!policies.settings || policies.leftOut.includes(name)) return [];
  throw new OperatorError(
    `There is no target "${name}" in the settings`,
    `Targets: ${targets.map((known) => known.name).join(", ")}.`,
  );
}

/** The driver of a target's platform; settings with an unknown platform never get this far. */
export function driverOf(target: Target) {
  const driver = drivers.find(({ name }) => name === target.platform);
  if (!driver)
    throw new OperatorError(
      `There is no platform "${target.platform}"`,
      `Platforms: ${drivers.map(({ name }) => name).join(", ")}.`,
    );
  return driver;
}

/** What the keys of every platform look like: one may be pasted into what is another's. */
export function secretShapes(): SecretShape[] {
  return drivers.flatMap(({ platform }) => platform.secrets ?? []);
}

/** Errors among findings. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === "error");
}
