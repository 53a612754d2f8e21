// The secrets that a process has come by, so that nothing it shows has one in it, whatever went wrong. Commands note what they read;
// the process's edge strikes it out. It is no reason to show anything that might hold one.
import { strikeOut } from "../model/strike.ts";

export interface KeptSecrets {
  /** Notes a secret: the value of a variable, a token that was got for it, a key that was made. */
  readonly keep: (secret: string) => void;
  /** The text without any of them. */
  readonly strike: (text: string) => string;
  /** The same, and without the value of any variable that is named like a secret: a bug may show what nobody has read yet. */
  readonly strikeBug: (text: string) => string;
}

/** Names of variables that hold secrets. Their values are struck out of bugs alone: some hold ordinary words. */
const LIKE_SECRETS = /SECRET|TOKEN|PASS(?:WORD|PHRASE)|PRIVATE_?KEY|API_?KEY/i;

/** Tokens come and go while a process runs for months; the oldest are valid no more. */
const MOST_KEPT = 200;

export function keepSecrets(environment: Readonly<Record<string, string | undefined>>): KeptSecrets {
  const kept = new Set<string>();
  return {
    keep: (secret) => {
      kept.delete(secret);
      kept.add(secret);
      for (const oldest of kept) {
        if (kept.size <= MOST_KEPT) break;
        kept.delete(oldest);
      }
    },
    strike: (text) => strikeOut(text, kept),
    strikeBug: (text) => {
      const named = Object.entries(environment).flatMap(([name, value]) =>
        value !== undefined && LIKE_SECRETS.test(name) ? value : [],
      );
      return strikeOut(text, [...kept, ...named]);
    },
  };
}
