// Who was behind each name when it was first seen: name -> the platform's stable id, on the ledger. A record never changes, so
// every sighting of something new is a record of its own, and all of them in order are what is known. Judges nothing.
import { createHash } from "node:crypto";
import { compareText } from "../model/finding.ts";
import type { Ledger } from "./ledger.ts";
import { LEDGER_AUTHOR, stableJson } from "./records.ts";
import { assertTarget } from "./refs.ts";

/** What one apply saw that was not known before. */
interface Sighting {
  readonly version: 1;
  readonly target: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Folded name -> stable id. */
  readonly identities: Readonly<Record<string, string>>;
}

/** Folded name -> stable id, as last recorded; empty where nothing ever was. */
export async function readIdentities(ledger: Ledger, target: string): Promise<ReadonlyMap<string, string>> {
  const paths = (await ledger.list(folderOf(target))).sort(compareText);
  const known = new Map<string, string>();
  if (paths.length === 0) return known;
  const texts = await ledger.readAll(paths);
  for (const path of paths) {
    for (const [name, id] of Object.entries(readSighting(texts.get(path)) ?? {}))
      if (typeof id === "string") known.set(name, id);
  }
  return known;
}

/** What is no sighting tells nothing, and is in nobody's way: it cannot be taken off the ledger again. */
function readSighting(text: string | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    const { identities } = (value ?? {}) as { readonly identities?: unknown };
    return identities !== null && typeof identities === "object" ? identities : undefined;
  } catch {
    return undefined;
  }
}

/** Records what of `seen` is new or has changed, and returns the record's path; undefined, and no commit, when nothing has. */
export async function recordIdentities(
  ledger: Ledger,
  target: string,
  seen: ReadonlyMap<string, string>,
  at: Date,
): Promise<string | undefined> {
  const known = await readIdentities(ledger, target);
  const fresh = [...seen].filter(([name, id]) => known.get(name) !== id);
  if (fresh.length === 0) return undefined;
  const sighting: Sighting = { version: 1, target, at: at.toISOString(), identities: Object.fromEntries(fresh) };
  const content = stableJson(sighting);
  const path = `${folderOf(target)}/${timeOf(sighting)}-${nameOf(content)}.json`;
  await ledger.append({
    files: [{ path, content }],
    subject: `${target}: who is who`,
    body: fresh.length === 1 ? "1 name recorded" : `${fresh.length} names recorded`,
    at,
    author: LEDGER_AUTHOR,
  });
  return path;
}

function folderOf(target: string): string {
  return `${assertTarget(target)}/identities`;
}

/** So that a listing of the folder is in order of time. */
function timeOf({ at }: Sighting): string {
  return at.replace(/[-:.]/g, "");
}

/** Two machines may see different things in one millisecond, and records never share a path unless they are the same. */
function nameOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 8);
}
