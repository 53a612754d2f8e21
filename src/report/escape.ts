// Makes text from files and platforms harmless where it is shown. Every value passes here, or through
// Markdown's tree, before it meets an eye. It refuses to drop anything: what is unsafe becomes visible, not gone.

/** Controls, formats (bidi, zero width, tags), odd spaces and separators, private use, lone surrogates, and all that renders as nothing. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}/gu;

/** Marks beyond four on one letter spill over the lines above and below. */
const STACKED_MARKS = /(?<=\p{M}{4})\p{M}/gu;

/** What a continuous-integration log takes for a command, wherever it stands in a line. */
const LOG_COMMAND = /:(?=:)|#(?=#\[)/g;

const PLAIN = /^[ -9;-~]*$/;

/** Names and addresses are clipped to this many characters: a screen line and a half. */
export const NAME_LENGTH = 120;

/** Messages and lines of text: a paragraph. */
export const MESSAGE_LENGTH = 2000;

/**
 * Text safe to print at a terminal or in a log: one line, no control codes, nothing invisible, nothing that reorders,
 * no log commands. `\n`, `\t` and `<U+202E>` stand for what was there. Idempotent. At most `maximum` characters come back;
 * text that was longer ends in how many characters are missing.
 */
export function escapeTerminal(text: string, maximum: number = NAME_LENGTH): string {
  if (text.length > maximum) return clip(text, maximum);
  const escaped = escapeAll(text);
  return escaped.length > maximum ? clip(text, maximum) : escaped;
}

/** Colours that our own screens put on, and nothing else that begins with an escape. */
const PAINT = /(\u001b\[(?:[012]|22|3\d)m)/;

/** Lines for a terminal or a log, whatever is in them: line ends stay, and our colours where it is painted; all else is as `escapeTerminal` makes it. */
export function escapeLines(text: string, painted: boolean): string {
  return text
    .split("\n")
    .map((line) =>
      (painted ? line.split(PAINT) : [line]).map((part, index) => (index % 2 === 1 ? part : escapeAll(part))).join(""),
    )
    .join("\n");
}

/**
 * A result on its way to a log that acts on what it reads. JSON may hold any text: what nobody would see, and what a log would take
 * for a command, is written as JSON's own escapes. Everything else that is a result has neither.
 */
export function escapeResult(text: string): string {
  return text.replace(UNSEEN, (character) => character.split("").map(codeUnit).join("")).replaceAll("##[", "#\\u0023[");
}

/** As `INVISIBLE`, but for what only looks odd, and for controls that JSON escapes by itself and our own lines use. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/gu;

function codeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function escapeAll(text: string): string {
  if (PLAIN.test(text) && !text.includes("##[")) return text;
  return text.replace(INVISIBLE, visible).replace(STACKED_MARKS, visible).replace(LOG_COMMAND, "$&\\");
}

function visible(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `<U+${hex}>`;
}

/** Keeps as many whole characters from the start as leave room for the note of what is missing. */
function clip(text: string, maximum: number): string {
  const room = maximum - "…(+9999999 characters)".length;
  let kept = 0;
  let beyond = Math.min(text.length, room) + 1;
  while (beyond - kept > 1) {
    const middle = (kept + beyond) >> 1;
    if (escapeAll(text.slice(0, middle)).length <= room) kept = middle;
    else beyond = middle;
  }
  if (/[\uD800-\uDBFF]/.test(text.charAt(kept - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(kept))) kept -= 1;
  return `${escapeAll(text.slice(0, kept))}…(+${text.length - kept} characters)`;
}

/** Punctuation that our own lines use, and words that stand for something in them. */
const AMBIGUOUS =
  /[,;:"\\<>|()]|->|^\s|\s$| {2}|^$| and [\d,]+ more|^(?:all (?:environments|projects).*|all [a-z]+s(?: except .*)?|organization-wide|none|absent)$/i;

/** A name as people read it, quoted when it could be taken for several names, for punctuation or for nothing. */
export function showName(name: string, maximum: number = NAME_LENGTH): string {
  const escaped = escapeTerminal(name, maximum);
  return AMBIGUOUS.test(escaped) ? `"${escaped.replaceAll('"', '\\"')}"` : escaped;
}

/** The message of a workflow command (`::error ...::message`). */
export function escapeAnnotation(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** A property of a workflow command (`file=...`, `title=...`). */
export function escapeAnnotationProperty(text: string): string {
  return escapeAnnotation(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** One word of a POSIX shell, for commands that are shown to be copied. */
export function quoteShell(word: string): string {
  const safe = escapeTerminal(word, MESSAGE_LENGTH);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
