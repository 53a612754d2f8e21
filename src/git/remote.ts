// Fetch and push of named refs. It fetches beside the local refs and only ever moves them forward; it pushes explicit
// object ids and never forces, so a remote that moved is an answer (`moved`) and not a loss.

import { strikeOut } from "../model/strike.ts";
import { type CommandOptions, type CommandResult, commandError, runGit } from "./command.ts";
import { GitError } from "./error.ts";
import { openHistory } from "./history.ts";
import type { GitCredentials } from "./host-credentials.ts";
import { assertObjectId } from "./objects.ts";
import { openRefs } from "./refs.ts";

export interface FetchedRef {
  readonly ref: string;
  /** Where the remote has it (its objects are here now), or null. */
  readonly remote: string | null;
  /** Where it is here, after the fetch. */
  readonly local: string | null;
  /**
   * `absent`: the remote has no such ref. `same`. `updated`: the local ref moved forward to the remote's.
   * `ahead`: the local one has more, and is still to be pushed. `diverged`: each has what the other lacks; nothing moved.
   */
  readonly state: "absent" | "same" | "updated" | "ahead" | "diverged";
}

export interface RefUpdate {
  /** Full name on the remote. */
  readonly ref: string;
  /** Object id it shall have. */
  readonly to: string;
}

/** `moved`: the remote has something on these refs that a push would lose; fetch, redo and push again. */
export type PushResult = { readonly kind: "pushed" } | { readonly kind: "moved"; readonly refs: readonly string[] };

export interface RemoteLook {
  /** Object ids by full name. */
  readonly refs: ReadonlyMap<string, string>;
  /** The branch that its HEAD names, and that branch's commit; undefined when the remote is empty or does not say. */
  readonly head: { readonly branch: string; readonly commit: string } | undefined;
}

export interface Remotes {
  /** The remote that Rolebook's refs go to unless told otherwise: `origin`, if there is one. */
  readonly remote: () => Promise<string | undefined>;
  /** The URL that Git fetches from; undefined when there is no such remote. May hold a password: it is for parsing, not for showing. */
  readonly remoteUrl: (remote: string) => Promise<string | undefined>;
  /** Brings the whole history here, where the clone has only its end. */
  readonly completeHistory: (remote: string) => Promise<void>;
  /** Moves one ref (null removes it) if the remote has it where `expected` says (null: nowhere), forward or not. For `branch.ts` alone. */
  readonly replaceRef: (remote: string, ref: string, to: string | null, expected: string | null) => Promise<PushResult>;
  /** What a remote has of refs, by full names that may end in `*`, and where its HEAD is. Fetches nothing. Throws `GitError` as below. */
  readonly lookRemote: (remote: string, refs: readonly string[]) => Promise<RemoteLook>;
  /** Brings refs (full names) from a remote, in the order given. Throws `GitError` when the remote cannot be reached. */
  readonly fetchRefs: (remote: string, refs: readonly string[]) => Promise<FetchedRef[]>;
  /**
   * Brings those of the refs (full names) that a remote has here beside everything local, and gives their object ids. `how`:
   * what Git is told besides, such as `--deepen=50`.
   */
  readonly fetchTips: (
    remote: string,
    refs: readonly string[],
    how?: readonly string[],
  ) => Promise<ReadonlyMap<string, string>>;
  /**
   * Brings commits by their ids, where the remote gives what no ref of it holds any more, as hosts do for a while. One that it does
   * not give is not here afterwards either.
   */
  readonly fetchCommits: (remote: string, commits: readonly string[]) => Promise<void>;
  /** Pushes refs, all or nothing where the server can. Throws `GitError` when the remote refuses for another reason than a moved ref. */
  readonly pushRefs: (remote: string, updates: readonly RefUpdate[]) => Promise<PushResult>;
}

/** A server that says nothing for this long is not coming back; a large pack still shows progress within it. */
export const NETWORK: CommandOptions = { silenceMs: 120_000 };

/** Fetches what is named, and nothing beside it. */
export const QUIET_FETCH = [
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--refmap=",
  "--no-auto-maintenance",
];

/** `credentials`: what Git is told besides when it talks to a remote. */
export function openRemotes(root: string, credentials?: GitCredentials): Remotes {
  const runRemote: RunRemote = async (args, options = {}) => {
    const environment = { ...(await credentials?.()) };
    const secrets = secretsOf(environment);
    try {
      const answer = await runGit(root, args, { ...NETWORK, ...options, environment });
      // Of a refusal the server's own words are told.
      return answer.exitCode === 0
        ? answer
        : { ...answer, stdout: strikeOut(answer.stdout, secrets), stderr: strikeOut(answer.stderr, secrets) };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const { hint } = error;
      throw new GitError(strikeOut(error.message, secrets), hint === undefined ? {} : { hint });
    }
  };
  return {
    remote: async () => {
      const { stdout } = await runGit(root, ["remote"]);
      return stdout.split("\n").includes("origin") ? "origin" : undefined;
    },
    remoteUrl: (remote) => readUrl(root, remote),
    completeHistory: (remote) => completeHistory(root, runRemote, remote),
    replaceRef: (remote, ref, to, expected) => replaceRef(runRemote, remote, ref, to, expected),
    lookRemote: (remote, refs) => lookRemote(runRemote, remote, refs),
    fetchRefs: (remote, refs) => fetchRefs(root, runRemote, remote, refs),
    fetchTips: (remote, refs, how) => fetchTips(root, runRemote, remote, refs, how ?? []),
    fetchCommits: (remote, commits) => fetchCommits(runRemote, remote, commits),
    pushRefs: (remote, updates) => pushRefs(runRemote, remote, updates),
  };
}

/** What a server could send back of what it was sent: the token, and how it was written. */
function secretsOf(environment: Readonly<Record<string, string>>): string[] {
  return Object.values(environment).flatMap((value) => {
    const basic = /^Authorization: Basic (\S+)$/.exec(value)?.[1];
    return basic === undefined
      ? []
      : [
          basic,
          Buffer.from(basic, "base64")
            .toString()
            .replace(/^[^:]*:/, ""),
        ];
  });
}

/** Runs Git against a remote. */
type RunRemote = (args: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

async function readUrl(root: string, remote: string): Promise<string | undefined> {
  assertRemote(remote);
  const { exitCode, stdout } = await runGit(root, ["remote", "get-url", remote], { answers: [2, 128] });
  return exitCode === 0 ? stdout.trimEnd() : undefined;
}

/** Throws `GitError` for what is no remote's plain name. */
export function assertRemote(remote: string): void {
  if (!/^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/.test(remote))
    throw new GitError(`not a remote's name: ${JSON.stringify(remote)}`);
}

/** Where the last seen value of a remote's ref is kept. */
export function trackingRef(remote: string, ref: string): string {
  return ref.replace(/^refs\//, `refs/rolebook/remotes/${remote}/`);
}

async function fetchRefs(
  root: string,
  runRemote: RunRemote,
  remote: string,
  refs: readonly string[],
): Promise<FetchedRef[]> {
  assertRemote(remote);
  const there = await listRemote(runRemote, remote, refs);
  const look = () => openRefs(root).listRefs(...refs.flatMap((ref) => [ref, trackingRef(remote, ref)]));
  let here = await look();
  // What was seen at the same place before is here already. The plus is for our copy of what the remote says,
  // which follows it wherever it goes.
  const wanted = refs
    .filter((ref) => there.has(ref) && here.get(trackingRef(remote, ref)) !== there.get(ref))
    .map((ref) => `+${ref}:${trackingRef(remote, ref)}`);
  if (wanted.length > 0) {
    await runRemote(["fetch", ...QUIET_FETCH, remote, ...wanted]);
    here = await look();
  }
  const fetched: FetchedRef[] = [];
  for (const ref of refs) {
    const [local, theirs] = [here.get(ref) ?? null, here.get(trackingRef(remote, ref)) ?? null];
    if (!there.has(ref)) fetched.push({ ref, remote: null, local, state: "absent" });
    else if (local === theirs && theirs !== null) fetched.push({ ref, remote: theirs, local, state: "same" });
    else fetched.push(await followRef(root, remote, ref));
  }
  return fetched;
}

async function fetchTips(
  root: string,
  runRemote: RunRemote,
  remote: string,
  refs: readonly string[],
  how: readonly string[],
): Promise<Map<string, string>> {
  assertRemote(remote);
  const found = await fetchThose(runRemote, remote, refs, how);
  const tips = new Map<string, string>();
  if (found.length === 0) return tips;
  // What was fetched counts, and not what the remote had said before: a ref may move between the two.
  const here = await openRefs(root).listRefs(...found.map((ref) => trackingRef(remote, ref)));
  for (const ref of found) {
    const id = here.get(trackingRef(remote, ref));
    if (id !== undefined) tips.set(ref, id);
  }
  return tips;
}

async function fetchCommits(runRemote: RunRemote, remote: string, commits: readonly string[]): Promise<void> {
  assertRemote(remote);
  for (const commit of commits) {
    assertObjectId(commit);
    // One by one: of several that it is asked for together, a server gives all or none.
    try {
      await runRemote(["fetch", ...QUIET_FETCH, remote, commit]);
    } catch (error) {
      const isGone = error instanceof GitError && /not our ref|unadvertised object|remote ref/.test(error.message);
      if (!isGone) throw error;
    }
  }
}

/** Somebody else must remove a ref each time for a try to be lost. */
const MOST_TRIES = 5;

/** Fetches those of the refs that the remote has, and says which. A ref may be gone between being listed and being fetched. */
async function fetchThose(
  runRemote: RunRemote,
  remote: string,
  refs: readonly string[],
  how: readonly string[],
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const there = await listRemote(runRemote, remote, refs);
    const found = refs.filter((ref) => there.has(ref));
    if (found.length === 0) return [];
    const specs = found.map((ref) => `+${ref}:${trackingRef(remote, ref)}`);
    try {
      await runRemote(["fetch", ...QUIET_FETCH, ...how, remote, ...specs]);
      return found;
    } catch (error) {
      const isGone = error instanceof GitError && /couldn't find remote ref/.test(error.message);
      if (!isGone || attempt === MOST_TRIES) throw error;
    }
  }
}

/** Object ids by full name of those of the refs that the remote has. */
async function listRemote(runRemote: RunRemote, remote: string, refs: readonly string[]): Promise<Map<string, string>> {
  const { stdout } = await runRemote(["ls-remote", "--refs", remote, ...refs]);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.slice(line.indexOf("\t") + 1), line.slice(0, line.indexOf("\t"))]));
}

async function lookRemote(runRemote: RunRemote, remote: string, refs: readonly string[]): Promise<RemoteLook> {
  assertRemote(remote);
  const { stdout } = await runRemote(["ls-remote", "--symref", remote, "HEAD", ...refs]);
  const found = new Map<string, string>();
  let branch: string | undefined;
  for (const line of stdout.split("\n").filter((text) => text !== "")) {
    const [value = "", name = ""] = line.split("\t");
    if (!value.startsWith("ref: ")) found.set(name, value);
    else if (name === "HEAD") branch = value.slice("ref: ".length);
  }
  const commit = found.get("HEAD");
  const head = branch?.startsWith("refs/heads/") && commit !== undefined ? { branch, commit } : undefined;
  found.delete("HEAD");
  return { refs: found, head };
}

/** Moves the local ref forward to the remote's where that loses nothing. */
async function followRef(root: string, remote: string, ref: string): Promise<FetchedRef> {
  const { readRef, moveRef } = openRefs(root);
  const { isAncestor } = openHistory(root);
  const local = await readRef(ref);
  const theirs = await readRef(trackingRef(remote, ref));
  if (theirs === null) return { ref, remote: null, local, state: "absent" };
  if (local === theirs) return { ref, remote: theirs, local, state: "same" };
  if (local === null || (await isAncestor(local, theirs))) {
    await moveRef(ref, theirs, local);
    return { ref, remote: theirs, local: theirs, state: "updated" };
  }
  const ahead = await isAncestor(theirs, local);
  return { ref, remote: theirs, local, state: ahead ? "ahead" : "diverged" };
}

async function completeHistory(root: string, runRemote: RunRemote, remote: string): Promise<void> {
  assertRemote(remote);
  const { stdout } = await runGit(root, ["rev-parse", "--is-shallow-repository"]);
  if (stdout.trim() !== "true") return;
  const quiet = ["--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"];
  await runRemote(["fetch", ...quiet, "--unshallow", remote]);
}

async function replaceRef(
  runRemote: RunRemote,
  remote: string,
  ref: string,
  to: string | null,
  expected: string | null,
): Promise<PushResult> {
  assertRemote(remote);
  for (const id of [to, expected]) if (id !== null) assertObjectId(id);
  const quiet = ["--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed"];
  const args = ["push", ...quiet, `--force-with-lease=${ref}:${expected ?? ""}`, remote, `${to ?? ""}:${ref}`];
  const answer = await runRemote(args, { answers: [1, 128] });
  // Somebody else has removed it already.
  const isGone = to === null && /remote ref does not exist/.test(answer.stderr + answer.stdout);
  return isGone ? { kind: "moved", refs: [ref] } : pushResult(answer);
}

async function pushRefs(runRemote: RunRemote, remote: string, updates: readonly RefUpdate[]): Promise<PushResult> {
  assertRemote(remote);
  for (const { to } of updates) assertObjectId(to);
  if (updates.length === 0) return { kind: "pushed" };
  const quiet = ["--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed"];
  const specs = updates.map(({ ref, to }) => `${to}:${ref}`);
  const push = (atomic: readonly string[]) =>
    runRemote(["push", ...quiet, ...atomic, remote, ...specs], { answers: [1, 128] });
  let answer = await push(["--atomic"]);
  if (answer.exitCode !== 0 && /does not support --atomic/.test(answer.stderr)) answer = await push([]);
  return pushResult(answer);
}

/** Reasons, of ours or the server's, that mean: the ref is not where you think. */
const MOVED =
  /fetch first|non-fast-forward|needs force|stale info|failed to update ref|cannot lock ref|incorrect old value|already exists|atomic transaction failed/;

/** Reads `push --porcelain`: a line a ref, `flag TAB from:to TAB summary (reason)`, `!` for a refused one. */
export function pushResult(answer: CommandResult): PushResult {
  if (answer.exitCode === 0) return { kind: "pushed" };
  const refused = answer.stdout.split("\n").filter((line) => line.startsWith("!\t"));
  // Refs that only fell with the others are not the reason.
  const reasons = refused.filter((line) => !/atomic push fail/.test(line));
  if (reasons.length === 0 || !reasons.every((line) => MOVED.test(line)))
    throw commandError(["push"], [...reasons.map((line) => `error: ${line.slice(2)}`), answer.stderr].join("\n"));
  return { kind: "moved", refs: reasons.map((line) => line.split("\t")[1]?.split(":")[1] ?? "") };
}
