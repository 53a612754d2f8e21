// Policy files parsed without the secrets in them: each text is read for keys and tokens first, and whatever is found is crossed out
// before the parser sees it. So no document, finding, plan or cache holds one, whatever the file says.
import type { SecretShape, SecretSpan } from "../model/secret.ts";
import { type ParsedFile, parseFile } from "../policy/parse.ts";
import { cleanText, scanText } from "../policy/secrets.ts";
import { decodeText } from "../policy/text.ts";

/** A file that the rules for vendors' tokens have to be asked about. */
export interface Suspect {
  readonly file: string;
  readonly text: string;
  readonly spans: readonly SecretSpan[];
  readonly platform: string | undefined;
}

/** The parsed file, or what is suspicious about it: see `parseSuspects`. */
export function parseClean(
  file: string,
  bytes: Uint8Array,
  platform: string | undefined,
  shapes: readonly SecretShape[],
): ParsedFile | Suspect {
  const text = decodeText(file, bytes);
  // What cannot be read is told by the parser, which quotes nothing of it.
  if (typeof text !== "string") return parseFile(file, bytes, platform);
  const { spans, suspicious } = scanText(text, shapes);
  if (suspicious) return { file, text, spans, platform };
  return spans.length === 0 ? parseFile(file, bytes, platform) : parseCleaned({ file, text, spans, platform });
}

/** Whether a file is still to be asked about. */
export function isSuspect(read: ParsedFile | Suspect): read is Suspect {
  return "spans" in read;
}

/** The files that were suspicious, parsed. */
export async function parseSuspects(suspects: readonly Suspect[]): Promise<ParsedFile[]> {
  if (suspects.length === 0) return [];
  const { vendorSecrets } = await import("./secrets.ts");
  const found = await vendorSecrets(suspects.map(({ text }) => text));
  // The rules know best what it is.
  return suspects.map((suspect, index) =>
    parseCleaned({ ...suspect, spans: [...(found[index] ?? []), ...suspect.spans] }),
  );
}

function parseCleaned({ file, text, spans, platform }: Suspect): ParsedFile {
  const cleaned = cleanText(file, text, spans);
  const parsed = parseFile(file, new TextEncoder().encode(cleaned.text), platform);
  return { ...parsed, findings: [...cleaned.findings, ...parsed.findings] };
}
