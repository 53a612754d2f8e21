// What many worlds begin with (import, commit, apply by real processes) is done once in a run of the tests and copied after that,
// byte for byte. A repository names the address of its simulator, so what was begun belongs to a port, and a port to one
// worker of vitest at a time. Nothing is kept from one run to the next.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Names the folder of the run. */
const FOLDER = "ROLEBOOK_BEGUN";

/** Below what systems give to whoever asks for any port. */
const PORTS = { first: 20_000, count: 10_000 };
/** Each try meets a port that somebody else has. */
const MOST_TRIES = 50;

/** What vitest calls before the first worker starts. */
export function setup(): void {
  process.env[FOLDER] = mkdtempSync(join(tmpdir(), "rolebook-begun-"));
}

/** And after the last one has ended. */
export function teardown(): void {
  const folder = process.env[FOLDER];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** An address, and what was begun there. */
export interface Place {
  readonly url: string;
  /** A folder to begin with, or undefined: nobody has begun like this here. `what` says everything that decides its content but the address. */
  readonly begun: (what: string) => string | undefined;
  /** Keeps a copy of a folder for the next one. */
  readonly keep: (what: string, folder: string) => void;
  /** The address is free again. */
  readonly leave: () => void;
}

const taken = new Set<number>();

/** Takes an address that no other world that runs has; `listen` makes it one's own. */
export async function takePlace(listen: (port: number) => Promise<string>): Promise<Place> {
  const root = process.env[FOLDER];
  if (root === undefined) {
    const url = await listen(0);
    return { url, begun: () => undefined, keep: () => undefined, leave: () => undefined };
  }
  let number = 0;
  while (taken.has(number)) number += 1;
  taken.add(number);
  const folder = join(root, `${process.env.VITEST_POOL_ID ?? process.pid}-${number}`);
  mkdirSync(folder, { recursive: true });
  const url = await listenAgain(folder, listen);
  const at = (what: string) => join(folder, createHash("sha256").update(`${url}\n${what}`).digest("hex").slice(0, 16));
  return {
    url,
    begun: (what) => (existsSync(at(what)) ? at(what) : undefined),
    keep: (what, from) => {
      const half = `${at(what)}-half`;
      cpSync(from, half, { recursive: true, preserveTimestamps: true });
      renameSync(half, at(what));
    },
    leave: () => taken.delete(number),
  };
}

/** Listens where this place listened the last time; elsewhere, if somebody has that port now. */
async function listenAgain(folder: string, listen: (port: number) => Promise<string>): Promise<string> {
  const file = join(folder, "port");
  let port = existsSync(file) ? Number(readFileSync(file, "utf8")) : anyPort(0);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const url = await listen(port);
      writeFileSync(file, String(port));
      return url;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || attempt === MOST_TRIES) throw error;
      port = anyPort(attempt);
    }
  }
}

function anyPort(attempt: number): number {
  return PORTS.first + ((process.pid * 7 + attempt * 101) % PORTS.count);
}
