// Where a command's result goes: standard output, or a file that is either whole or not there. What is no file (a pipe, a device)
// is written into, and never replaced by one.
import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { type Context, OperatorError, UsageError } from "./context.ts";

/** Writes a result, piece by piece. A file is written beside its name first and renamed when complete. */
export function emit(context: Context, output: string | undefined, pieces: Iterable<string>): void {
  if (output === undefined) {
    for (const piece of pieces) context.out(piece);
    return;
  }
  if (output === "") throw new UsageError("--output names no file", "Say which: --output report.json, say.");
  const shown = withoutSecrets(context, pieces);
  const path = resolve(context.cwd, output);
  const there = lookAt(path, output);
  if (there?.isDirectory()) throw new OperatorError(`${output} is a folder`, "Name a file in it.");
  if (there && !there.isFile()) writeInto(path, output, shown, false);
  else replace(there ? realpathSync(path) : path, output, shown);
}

function* withoutSecrets(context: Context, pieces: Iterable<string>): Iterable<string> {
  for (const piece of pieces) yield context.secrets?.strike(piece) ?? piece;
}

/** What stands there; of a link, what it leads to. */
function lookAt(path: string, output: string): Stats | undefined {
  return onDisk(path, output, () => statSync(path, { throwIfNoEntry: false }));
}

function replace(path: string, output: string, pieces: Iterable<string>): void {
  const fresh = `${path}.${process.pid}.part`;
  let complete = false;
  try {
    writeInto(fresh, output, pieces, true);
    onDisk(path, output, () => renameSync(fresh, path));
    complete = true;
  } finally {
    if (!complete) remove(fresh);
  }
}

function remove(fresh: string): void {
  try {
    rmSync(fresh, { force: true });
  } catch {
    // It is not there, or cannot be taken away: what went wrong before is what people have to hear.
  }
}

function writeInto(path: string, output: string, pieces: Iterable<string>, lasting: boolean): void {
  const file = onDisk(path, output, () => openSync(path, "w"));
  try {
    for (const piece of pieces) onDisk(path, output, () => writeSync(file, piece));
    if (lasting) onDisk(path, output, () => fsyncSync(file));
  } finally {
    closeSync(file);
  }
}

/** Does something on the disk; what goes wrong there is said in words. */
function onDisk<T>(path: string, output: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const [why, hint] = reasonOf(code, dirname(path)) ?? [message, undefined];
    throw new OperatorError(`${output} cannot be written: ${why}`, hint);
  }
}

function reasonOf(code: string | undefined, folder: string): readonly [why: string, hint: string] | undefined {
  switch (code) {
    case "ENOENT":
      return [`there is no folder ${folder}`, "Make it first, or name another one."];
    case "ENOTDIR":
      return [`${folder} is no folder`, "Name a file in a folder."];
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return ["that is not allowed here", "Name a folder that you may write to."];
    case "ENOSPC":
      return ["the disk is full", "Make room, or name a file on another disk."];
    default:
      return undefined;
  }
}

/**
 * Several results as one: alone when there is one, as a JSON array when there are more, or when more were `asked` for, of which
 * some failed.
 */
export function* jsonTogether(
  documents: readonly Iterable<string>[],
  asked: number = documents.length,
): Iterable<string> {
  if (documents.length === 1 && asked === 1) yield* documents[0] ?? [];
  else {
    yield "[";
    for (const [index, document] of documents.entries()) {
      if (index > 0) yield ",";
      yield* document;
    }
    yield "]\n";
  }
}
