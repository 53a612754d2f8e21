// The controller's log: one JSON object a line, on standard error. Every secret that it was started with is taken out of every line,
// wherever it turns up, and characters that a terminal or an eye would stumble over are written as JSON's own escapes.
import pino, { type Logger } from "pino";
import { redact } from "../git/error.ts";
import { strikeOut } from "../model/strike.ts";

export type Log = Logger;

/** Controls, formats (bidi, zero width), separators, private use, lone halves: the same as is made visible in reports. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/gu;

export interface LogOptions {
  readonly write: (line: string) => void;
  readonly now: () => Date;
  /** What must never be seen: asked for at every line, since settings may come to name more of it. */
  readonly secrets: () => readonly string[];
}

export function openLog({ write, now, secrets }: LogOptions): Log {
  return pino(
    {
      base: null,
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: describeError },
    },
    { write: (line: string) => write(`${harmless(withoutSecrets(line.trimEnd(), secrets()))}\n`) },
  );
}

/** The text without any of the secrets, in whatever form they are. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return strikeOut(redact(text), secrets, "***");
}

/** A line of JSON that means the same, in which nothing is invisible. */
function harmless(line: string): string {
  return line.replace(UNSEEN, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message } = error;
  const hint = "hint" in error && typeof error.hint === "string" ? { hint: error.hint } : {};
  // Where it happened says something of our own errors only; the others say in words what is wrong.
  const stack = ["TypeError", "RangeError", "ReferenceError", "Error"].includes(name) ? { stack: error.stack } : {};
  return { name, message, ...hint, ...stack };
}
