// Where a command's result goes: standard output, or a file that is either whole or not there.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { type Context, OperatorError } from "./context.ts";

/** Writes a result, piece by piece. A file is written beside its name first and renamed when complete. */
export function emit(context: Context, output: string | undefined, pieces: Iterable<string>): void {
  if (output === undefined) {
    for (const piece of pieces) context.out(piece);
    return;
  }
  const path = resolve(context.cwd, output);
  const fresh = `${path}.${process.pid}.part`;
  try {
    const file = openSync(fresh, "w");
    try {
      for (const piece of pieces) writeSync(file, context.secrets?.strike(piece) ?? piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new OperatorError(`${output} cannot be written: ${error instanceof Error ? error.message : error}`);
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
