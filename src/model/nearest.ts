// "Did you mean": the known name closest to a misspelt one. Suggests nothing rather than something far-fetched.
import { distance } from "fastest-levenshtein";

/** The candidate with the fewest edits to `name`, if that is at most a third of its length; case does not count. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.trim().toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= least) continue;
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}
