// Names for changes and plans: the same content has the same name on any machine, on any day.
import { createHash } from "node:crypto";
import { configure } from "safe-stable-stringify";
import { compareText } from "../model/finding.ts";

/** Keys sorted by code unit, no limit of depth or breadth, and never a silent replacement. */
const stringify = configure({ deterministic: true, strict: true });

/** SHA-256 of the JSON of `value` with sorted keys, in hex. */
export function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(stringify(value) ?? "")
    .digest("hex");
}

/** The id of a change: the first 24 hex digits of the digest of what it does to what. */
export function changeId(target: string, key: string, action: string, before: unknown, after: unknown): string {
  return digestOf([target, key, action, before, after]).slice(0, 24);
}

/**
 * The digest of a plan: its target, the ids of its changes and of what it weakens, in no order. The commit is not in it, so
 * that a file beside the policies can name the digest, and unrelated commits leave it as it is.
 */
export function planDigest(target: string, changeIds: readonly string[], weakeningIds: readonly string[] = []): string {
  const weakens = weakeningIds.length === 0 ? [] : [[...weakeningIds].sort(compareText)];
  return digestOf(["rolebook plan 1", target, [...changeIds].sort(compareText), ...weakens]);
}
