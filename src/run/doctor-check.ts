// How a check is made from what was looked at: fine, a gap, or not known. The words of every check are with whoever makes it.
import type { Check } from "../model/checkup.ts";
import type { Looked } from "../model/host-facts.ts";

export const REPOSITORY = "repository";

/** What is said of a check, whichever way it ends. */
export interface Words {
  readonly id: string;
  readonly about?: string;
  readonly severity?: Check["severity"];
  readonly ok: string;
  readonly gap: string;
  readonly fix: string;
}

export function decided(fine: boolean, { id, about = REPOSITORY, severity = "error", ok, gap, fix }: Words): Check {
  const common = { id, about, severity };
  return fine ? { ...common, state: "ok", message: ok } : { ...common, state: "gap", message: gap, fix };
}

/** Not known: what it would take to look. */
export function undecided(words: Pick<Words, "id" | "about" | "severity">, message: string, fix: string): Check {
  const { id, about = REPOSITORY, severity = "error" } = words;
  return { id, about, severity, state: "unknown", message, fix };
}

/** Judges what was looked at; what was not is not known. `what` is a noun: "the branch's rules". */
export function judged<T>(looked: Looked<T>, what: string, words: Words, isFine: (value: T) => boolean): Check {
  if (looked.known) return decided(isFine(looked.value), words);
  return undecided(words, `${what} could not be looked at: ${looked.why}`, lookingFix(looked.needs));
}

export function lookingFix(needs: string): string {
  return `It takes a token with ${needs}: an administrator's, as in GITHUB_TOKEN=$(gh auth token) rolebook doctor.`;
}
