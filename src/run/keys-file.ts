// A file as a sink: the secret and nothing else in it, readable by its owner only, whole or not there. It refuses places from which
// the secret would find its way into Git.
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { placeOf } from "../git/ignored.ts";
import type { Secret } from "../model/keys.ts";
import { OperatorError } from "./context.ts";
import type { Delivery } from "./keys-sinks.ts";

/** Owner only, to read and to write. */
const MODE = 0o600;

/** Throws `OperatorError` where the file cannot be, or must not be. */
export async function prepareFile(path: string): Promise<void> {
  await freshOf(path);
}

/** Writes beside the file, then renames. */
export async function deliverToFile(path: string, secret: Secret): Promise<Delivery> {
  try {
    const { real, fresh } = await freshOf(path);
    const before = existsSync(real) ? readFileSync(real) : undefined;
    put(real, fresh, Buffer.from(secret.reveal()));
    const undo = async () => {
      if (before) put(real, fresh, before);
      else rmSync(real, { force: true });
    };
    return { kind: "delivered", undo };
  } catch (error) {
    // Until it is renamed, the file is what it was.
    return { kind: "failed", because: error instanceof Error ? error.message : String(error) };
  }
}

/** Where the file really is, and where it is written first. */
async function freshOf(path: string): Promise<{ readonly real: string; readonly fresh: string }> {
  const folder = dirname(path);
  if (!existsSync(folder)) throw new OperatorError(`There is no folder ${folder}`, "Make it, or name another file.");
  const real = existsSync(path) ? realpathSync(path) : join(realpathSync(folder), basename(path));
  if (existsSync(real) && !lstatSync(real).isFile()) throw new OperatorError(`${path} is no file`);
  const place = await placeOf(real);
  if (place.kind === "watched")
    throw new OperatorError(
      `${path} is in a Git work tree, where it would sooner or later be committed`,
      "Name a file outside of it, or one that .gitignore names.",
    );
  // What a killed run leaves beside an ignored file would not be ignored: there, Git's own folder is the place.
  if (place.kind === "outside") return { real, fresh: join(dirname(real), `.${basename(real)}.rolebook-part`) };
  const own = join(place.gitDir, "rolebook");
  mkdirSync(own, { recursive: true });
  return { real, fresh: join(own, `${basename(real)}.part`) };
}

function put(real: string, fresh: string, content: Uint8Array): void {
  rmSync(fresh, { force: true });
  try {
    const file = openSync(fresh, "wx", MODE);
    try {
      fchmodSync(file, MODE);
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, real);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncFolder(dirname(real));
}

/** So that the new name is there after a power failure; where a folder cannot be opened, the system does as it does. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, "r");
    fsyncSync(file);
    closeSync(file);
  } catch {
    // Not on Windows.
  }
}
