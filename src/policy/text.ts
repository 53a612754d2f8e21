// Bytes to text, and offsets to places. It refuses what is not UTF-8 and what is too large to be a policy file,
// and knows nothing of YAML.
import type { Finding, Place } from "../model/finding.ts";

/**
 * The largest file that is read. A policy file of 2 MiB lists some 60,000 memberships and takes about a second to parse;
 * anything larger is a mistake (an export, an archive), and must not hold up a check of the rest.
 */
export const MAX_FILE_BYTES = 2 * 1024 * 1024;

const DECODER = new TextDecoder("utf-8", { fatal: true });
const LENIENT_DECODER = new TextDecoder("utf-8");

/** The text of a file without its byte order mark, or the finding that says why there is none. */
export function decodeText(file: string, bytes: Uint8Array): string | Finding {
  if (bytes.length > MAX_FILE_BYTES) {
    return {
      severity: "error",
      code: "too-large",
      message: `The file has ${bytes.length} bytes; at most ${MAX_FILE_BYTES} are read`,
      place: { file, line: 1, column: 1 },
      hint: "Split it: documents may be spread over files in any way.",
    };
  }
  try {
    return DECODER.decode(bytes);
  } catch {
    return notUtf8(file, bytes);
  }
}

function notUtf8(file: string, bytes: Uint8Array): Finding {
  const offset = firstInvalidByte(bytes);
  const before = LENIENT_DECODER.decode(bytes.subarray(0, offset));
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const byte = (bytes[offset] ?? 0).toString(16).padStart(2, "0");
  return {
    severity: "error",
    code: "not-utf-8",
    message: utf16 ? "The file is UTF-16, not UTF-8" : `Byte 0x${byte} is not UTF-8`,
    place: placeIn(file, lineStartsOf(before), before.length),
    hint: "Save the file as UTF-8.",
  };
}

/** Offset of the first byte that no UTF-8 sequence explains; the length when there is none. */
function firstInvalidByte(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes, offset);
    if (length === 0) return offset;
    offset += length;
  }
  return offset;
}

/** Length of the well-formed UTF-8 sequence at an offset, or 0 (RFC 3629: no overlong forms, no surrogates). */
function sequenceLength(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let index = 1; index < length; index++) if (((bytes[offset + index] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[offset + 1] ?? 0;
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  return length;
}

/** Offsets at which lines start. A line ends with LF, CR LF or a lone CR, as YAML has it. */
export function lineStartsOf(text: string): number[] {
  const starts = [0];
  if (!text.includes("\r")) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    return starts;
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  return starts;
}

/** The place of an offset. */
export function placeIn(file: string, lineStarts: readonly number[], offset: number): Place {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { file, line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}
