// Real repositories in temporary folders, made with the plain `git` command, for tests of the near side.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { openRepository, type Repository } from "../../src/git/repository.ts";

/** A fresh folder that is gone after the test. */
export function scratchFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "rolebook-test-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ana Li",
  GIT_AUTHOR_EMAIL: "ana@acme.example",
  GIT_COMMITTER_NAME: "Ana Li",
  GIT_COMMITTER_EMAIL: "ana@acme.example",
};

/** Runs git and gives its trimmed output; throws when it fails. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: folder, env: ENVIRONMENT, encoding: "utf8", stdio: "pipe" }).trim();
}

/** The same at a moment, for commits whose date matters. */
export function gitAt(folder: string, instant: string, ...args: string[]): string {
  const env = { ...ENVIRONMENT, GIT_AUTHOR_DATE: instant, GIT_COMMITTER_DATE: instant };
  return execFileSync("git", args, { cwd: folder, env, encoding: "utf8", stdio: "pipe" }).trim();
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A repository on branch main, with one commit of these files if there are any. */
export function initRepository(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = scratchFolder();
  git(folder, "init", "--quiet", "--initial-branch=main");
  git(folder, "config", "user.name", "Ana Li");
  git(folder, "config", "user.email", "ana@acme.example");
  if (Object.keys(files).length > 0) commitFiles(folder, files);
  return folder;
}

export function commitFiles(
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
  message = "change",
): string {
  writeFiles(folder, files);
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "-m", message);
  return git(folder, "rev-parse", "HEAD");
}

/** An empty bare repository, to be a remote. */
export function initBare(): string {
  const folder = scratchFolder();
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main");
  return folder;
}

export function clone(remote: string, ...options: string[]): string {
  const folder = scratchFolder();
  git(folder, "clone", "--quiet", ...options, remote, "work");
  const work = join(folder, "work");
  git(work, "config", "user.name", "Bo Berg");
  git(work, "config", "user.email", "bo@acme.example");
  return work;
}

/** Opens a repository that must be there. */
export async function open(folder: string): Promise<Repository> {
  const repository = await openRepository(folder);
  if (!repository) throw new Error(`no repository at ${folder}`);
  return repository;
}
