// "Did you mean": the known name closest to a misspelt one. Suggests nothing rather than something far-fetched.
import { distance } from "fastest-levenshtein";

/**
 * The candidate with the fewest edits to `name`, if that is at most a third of its length; case does not count. Where there is none, the
 * only address that begins with it: `ana` for `ana@acme.example`.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.trim().toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  const addresses = new Map<string, string>();
  for (const candidate of candidates) {
    const folded = candidate.toLowerCase();
    if (folded.startsWith(`${wanted}@`)) addresses.set(folded, candidate);
    if (Math.abs(candidate.length - wanted.length) >= least) continue;
    const edits = distance(wanted, folded);
    if (edits < least) [best, least] = [candidate, edits];
  }
  const [only, ...others] = addresses.values();
  return best ?? (others.length === 0 ? only : undefined);
}

/** For a name that is none of these: the one that may be meant, and all there are. */
export function nearestOf(name: string, all: readonly string[]): string {
  const meant = nearest(name, all);
  return `${meant === undefined ? "" : `Did you mean "${meant}"? `}There ${all.length === 1 ? "is" : "are"} ${all.join(", ")}.`;
}
