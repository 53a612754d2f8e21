// Refs, moved by compare-and-swap only: whoever moves one says where it was. Nothing is ever forced.
import { runGit } from "./command.ts";
import { GitError, RefMovedError } from "./error.ts";
import { assertObjectId } from "./objects.ts";

export interface Refs {
  /** The object id a ref (full name) points at, or null when there is no such ref. */
  readonly readRef: (ref: string) => Promise<string | null>;
  /** Ids by full name of all refs that have one of these names, or are below one such as `refs/rolebook/`; sorted by name. */
  readonly listRefs: (...names: readonly string[]) => Promise<Map<string, string>>;
  /**
   * Moves a ref, or makes it (`expected` null), or removes it (`to` null), if it still is where `expected` says.
   * Throws `RefMovedError` when it is not.
   */
  readonly moveRef: (ref: string, to: string | null, expected: string | null) => Promise<void>;
}

const TARGET = /^[a-z0-9][a-z0-9-]*$/;

/** The ref of a target's last applied commit. Throws for a name that is no target's. */
export function appliedRef(target: string): string {
  return `refs/rolebook/applied/${assertTarget(target)}`;
}

/** A target's name, safe in refs and paths. Throws `GitError` otherwise. */
export function assertTarget(target: string): string {
  if (!TARGET.test(target)) throw new GitError(`not a target's name: ${JSON.stringify(target)}`);
  return target;
}

export function openRefs(root: string): Refs {
  return {
    readRef: (ref) => readRef(root, ref),
    listRefs: (...names) => listRefs(root, names),
    moveRef: (ref, to, expected) => moveRef(root, ref, to, expected),
  };
}

function assertRef(ref: string): void {
  if (!/^refs\/[^\s~^:?*[\\]+$/.test(ref) || ref.includes("..") || ref.includes("@{"))
    throw new GitError(`not a full ref name: ${JSON.stringify(ref)}`);
}

async function readRef(root: string, ref: string): Promise<string | null> {
  assertRef(ref);
  const answer = await runGit(root, ["show-ref", "--verify", "--hash", "--", ref], { answers: [1, 128] });
  if (answer.exitCode === 0) return answer.stdout.trim();
  if (/not a valid ref/.test(answer.stderr)) return null;
  throw new GitError(`git cannot read ${ref}: ${answer.stderr.trim()}`);
}

async function listRefs(root: string, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) throw new GitError("no names of refs to list"); // Git would list them all
  const { stdout } = await runGit(root, ["for-each-ref", "--format=%(objectname) %(refname)", "--", ...names]);
  const refs = new Map<string, string>();
  for (const line of stdout.split("\n"))
    if (line !== "") refs.set(line.slice(line.indexOf(" ") + 1), line.split(" ")[0] as string);
  return refs;
}

async function moveRef(root: string, ref: string, to: string | null, expected: string | null): Promise<void> {
  assertRef(ref);
  if (to !== null) assertObjectId(to);
  if (expected !== null) assertObjectId(expected);
  if (to === expected) return;
  const args = ["update-ref", "--no-deref", "-m", "rolebook"];
  // An empty old value means "must not exist yet", for SHA-1 and SHA-256 repositories alike.
  if (to === null) args.push("-d", ref, expected ?? "");
  else args.push("--create-reflog", ref, to, expected ?? "");
  try {
    await runGit(root, args);
  } catch (error) {
    const actual = await readRef(root, ref);
    if (actual !== expected) throw new RefMovedError(ref, expected, actual);
    throw error;
  }
}
