// "Did you mean": the known name nearest to one that is not known. It never guesses far: a wrong hint is worse than none.
import { distance } from "fastest-levenshtein";

/** Candidates one suggester looks at, well under a second; a policy with more misspelt names has other troubles. */
const BUDGET = 2_000_000;

/** Gives the known name nearest to an unknown one, while its budget lasts. */
export type Suggester = (name: string, known: Iterable<string>) => string | undefined;

/** A suggester with a budget of its own, to be shared by one run over many names. */
export function createSuggester(budget: number = BUDGET): Suggester {
  let left = budget;
  return (name, known) => {
    const wanted = name.trim().toLowerCase();
    let best: string | undefined;
    let bestDistance = Math.max(1, Math.min(3, Math.floor(wanted.length / 3))) + 1;
    for (const candidate of known) {
      if (left-- <= 0) break;
      if (Math.abs(candidate.length - wanted.length) > bestDistance) continue;
      const far = distance(wanted, candidate.toLowerCase());
      // The first in code-point order wins a tie, so that the order of files does not matter.
      if (far < bestDistance || (far === bestDistance && best !== undefined && candidate < best)) {
        best = candidate;
        bestDistance = far;
      }
    }
    return best;
  };
}

/** The hint for an unknown name, if there is one to give. */
export function didYouMean(suggestion: string | undefined): { readonly hint?: string } {
  return suggestion === undefined ? {} : { hint: `did you mean \`${suggestion}\`?` };
}
