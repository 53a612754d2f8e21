// A policy file in its canonical layout, every comment kept. It proves its own work: what would lose a comment or
// change what the documents say is not done, and said. A file with errors is left alone.
import type { Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import { arrange } from "./arrange.ts";
import { type CommentedFile, readCommented } from "./comments.ts";
import { plainOf, printDocuments } from "./layout.ts";
import { parseFile } from "./parse.ts";

export interface Formatted {
  /** The text as it came when it could not be formatted. */
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** Formats a policy file's text; without a platform it is the settings' file. Idempotent. */
export function formatFile(file: string, text: string, platform: Platform | undefined): Formatted {
  const { findings } = parseFile(file, new TextEncoder().encode(text), platform?.name);
  if (findings.some(({ severity }) => severity === "error")) return { text, findings };
  const before = readArranged(text, platform);
  const formatted = printDocuments(before.documents);
  const after = readArranged(formatted, platform);
  if (meaningOf(before) === meaningOf(after)) return { text: formatted, findings };
  const message = "The file cannot be formatted without losing a comment or changing what it says";
  const place = { file, line: 1, column: 1 };
  const hint = "Simplify its layout by hand: one key a line, comments on lines of their own.";
  return { text, findings: [...findings, { severity: "warning", code: "not-formatted", message, place, hint }] };
}

function readArranged(text: string, platform: Platform | undefined): CommentedFile {
  const commented = readCommented(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"));
  for (const document of commented.documents) arrange(document.root, platform);
  return commented;
}

/** Equal texts mean equal documents (but for order without meaning) and the same comments. */
function meaningOf({ documents, comments }: CommentedFile): string {
  const values = documents.map(({ root }) => plainOf(root)).filter((value) => value !== null);
  return JSON.stringify([values, [...comments].sort()]);
}
