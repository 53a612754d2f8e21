// A policy file in its canonical layout, every comment kept. It proves its own work: what would lose a comment or
// change what the documents say is not done, and said. A file with errors is left alone.
import type { Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import { arrange } from "./arrange.ts";
import { type CommentedFile, readCommented } from "./comments.ts";
import { plainOf, printDocuments } from "./layout.ts";
import type { Clock } from "./memberships.ts";
import { GOVERNANCE, parseFile } from "./parse.ts";
import { writeEnds } from "./spans.ts";

/** What a file's kinds are: a platform's, those that govern all targets, or (undefined) the settings. */
export type FileKinds = Platform | typeof GOVERNANCE | undefined;

export interface Formatted {
  /** The text as it came when it could not be formatted. */
  readonly text: string;
  readonly findings: readonly Finding[];
}

/**
 * Formats a policy file's text. With a clock, memberships that say how long (`for: 14d`) say until when instead: the one
 * thing that formatting changes about what a file says. Idempotent.
 */
export function formatFile(file: string, text: string, kinds: FileKinds, clock?: Clock): Formatted {
  const platform = kinds === GOVERNANCE ? undefined : kinds;
  const name = kinds === GOVERNANCE ? GOVERNANCE : kinds?.name;
  const { findings } = parseFile(file, new TextEncoder().encode(text), name);
  if (findings.some(({ severity }) => severity === "error")) return { text, findings };
  const before = readArranged(text, platform, clock);
  const formatted = printDocuments(before.documents);
  const after = readArranged(formatted, platform, undefined);
  if (meaningOf(before) === meaningOf(after)) return { text: formatted, findings };
  const message = "The file cannot be formatted without losing a comment or changing what it says";
  const place = { file, line: 1, column: 1 };
  const hint = "Simplify its layout by hand: one key a line, comments on lines of their own.";
  return { text, findings: [...findings, { severity: "warning", code: "not-formatted", message, place, hint }] };
}

function readArranged(text: string, platform: Platform | undefined, clock: Clock | undefined): CommentedFile {
  const commented = readCommented(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"));
  for (const document of commented.documents) {
    if (platform && clock) writeEnds(document.root, clock);
    arrange(document.root, platform);
  }
  return commented;
}

/** Equal texts mean equal documents (but for order without meaning) and the same comments. */
function meaningOf({ documents, comments }: CommentedFile): string {
  const values = documents.map(({ root }) => plainOf(root)).filter((value) => value !== null);
  return JSON.stringify([values, [...comments].sort()]);
}
