// What a drift pull request or issue remembers about itself, in comments that nobody sees: which drift it is about, and who did
// what, for when the platform's log has forgotten. What does not read back counts as not there.
import type { Deed } from "../model/plan.ts";

export interface DriftState {
  /** SHA-256 (hex) of the drift; empty when it is gone. */
  readonly digest: string;
  /** SHA-256 (hex) of what would be undone on the platform; empty when that is nothing. */
  readonly reverts: string;
  /** Key -> who did it. */
  readonly deeds: ReadonlyMap<string, Deed>;
}

/** Characters the deeds may take of a text that holds about 65,000. */
const DEEDS_LENGTH = 4_000;

const STATE = /^<!-- rolebook:drift-state 1 ([0-9a-f]{64}|gone) ([0-9a-f]{64}|none) ([\w-]*) -->$/m;

/** The first line of what is about a target's drift. `what` tells the pull request, the issue and the comment apart. */
export function driftMarker(what: "pull" | "escalation" | "left-alone", target: string): string {
  return `<!-- rolebook:drift-${what} ${target} -->`;
}

export function writeDriftState({ digest, reverts, deeds }: DriftState): string {
  const known = JSON.stringify([...deeds].map(([key, { by, at, action }]) => [key, by, at, action]));
  const text = Buffer.from(known, "utf8").toString("base64url");
  const kept = deeds.size === 0 || text.length > DEEDS_LENGTH ? "" : text;
  return `<!-- rolebook:drift-state 1 ${digest === "" ? "gone" : digest} ${reverts === "" ? "none" : reverts} ${kept} -->`;
}

export function readDriftState(body: string): DriftState | undefined {
  const [, digest, reverts, text] = STATE.exec(body.replaceAll("\r\n", "\n")) ?? [];
  if (digest === undefined || reverts === undefined || text === undefined) return undefined;
  return {
    digest: digest === "gone" ? "" : digest,
    reverts: reverts === "none" ? "" : reverts,
    deeds: readDeeds(text),
  };
}

function readDeeds(text: string): ReadonlyMap<string, Deed> {
  const deeds = new Map<string, Deed>();
  try {
    const rows: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8") || "[]");
    for (const row of Array.isArray(rows) ? rows : []) {
      const [key, by, at, action] = Array.isArray(row) ? (row as unknown[]) : [];
      if ([key, by, at, action].every((part) => typeof part === "string"))
        deeds.set(key as string, { by: by as string, at: at as string, action: action as string });
    }
  } catch {
    // Somebody has edited it.
  }
  return deeds;
}
