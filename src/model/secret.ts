// What a key, a token or a password looks like in a text. Pure and quick, since every policy file is read through it; it never
// decides what to do about one, and nothing that is made here repeats one.

/** The shape of one kind of secret. */
export interface SecretShape {
  /** What it is, as a sentence names it: `an API key of the Vault`. */
  readonly what: string;
  /** Something that stands in every one of them: where it does not, the pattern is not tried. */
  readonly mark: string;
  /** Without flags that remember (`g`, `y`). */
  readonly pattern: RegExp;
}

/** Where a secret stands in a text. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
  readonly what: string;
}

/** Shapes that no platform owns. Whatever has a vendor's prefix is for the rules of `run/secrets.ts` to know. */
const SHAPES: readonly SecretShape[] = [
  {
    what: "a private key",
    mark: "PRIVATE KEY",
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,8000}?-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----)?/,
  },
  ...["AKIA", "ASIA"].map((mark) => ({
    what: "the id of an AWS key",
    mark,
    pattern: new RegExp(`\\b${mark}[A-Z0-9]{16}\\b`),
  })),
  { what: "a JSON Web Token", mark: "eyJ", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*/ },
  { what: "a secret that webhooks are signed with", mark: "whsec_", pattern: /\bwhsec_[A-Za-z0-9+/=]{16,}/ },
  {
    what: "an address with a password in it",
    mark: "://",
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>{}$]{0,200}:[^\s/@"'<>{}$]{3,200}@/i,
  },
];

/** What is public although it is long and random: certificates, public keys. */
const PUBLIC = /-----BEGIN (?:[A-Z0-9]+ ){0,4}(?:CERTIFICATE|PUBLIC KEY)-----[\s\S]{0,8000}?-----END [^\n]{0,80}-----/g;

/** The alphabets that keys are written in, by character code. */
const ALPHABET = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9+/_=-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
/** What follows is a digest or a public key, and says so. */
const NAMED = /(?:\bsha-?(?:1|256|384|512)[-:=]|\b(?:ssh|ecdsa|sk-ssh)-[\w@.-]+ )$/i;
/** Keys of our own files whose values are ids that a platform gave and digests that we did. */
const OWN_KEY = /^[ \t]*(?:-[ \t]+)?["']?(?:id|plan)["']?[ \t]*:[ \t]*["']?$/;

/** Ids that are shorter are many, keys that are shorter are few. */
const LEAST_RANDOM = 28;
/** What is left of a run without words, and without what joins parts. */
const LEAST_BODY = 26;
/** The part of neighbours that are of different classes: words have less, random text of letters and digits twice as much. */
const LEAST_CHANGES = 0.14;
/** Bits for each character: less is a pattern, such as a row of the same letter. */
const LEAST_ENTROPY = 3.5;

/** Everything in a text that looks like a secret, in order and without overlaps. */
export function findSecrets(text: string, shapes: readonly SecretShape[] = []): SecretSpan[] {
  const found: SecretSpan[] = [];
  for (const { what, mark, pattern } of [...SHAPES, ...shapes])
    if (text.includes(mark))
      for (const match of text.matchAll(new RegExp(pattern, `${pattern.flags}g`)))
        found.push({ start: match.index, end: match.index + match[0].length, what });
  return joinSpans([...found, ...randomRuns(text)]);
}

/** Spans in order; what overlaps is one, and is called what the first one is. */
export function joinSpans(spans: readonly SecretSpan[]): SecretSpan[] {
  const joined: SecretSpan[] = [];
  for (const span of [...spans].sort((left, right) => left.start - right.start || right.end - left.end)) {
    const last = joined.at(-1);
    if (last && span.start < last.end) joined[joined.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else joined.push(span);
  }
  return joined;
}

/** The text with every secret crossed out, each line as long as it was. Blanks stay, and so does what marks a comment. */
export function crossOut(text: string, spans: readonly SecretSpan[]): string {
  let clean = "";
  let at = 0;
  for (const { start, end } of spans) {
    clean +=
      text.slice(at, start) + text.slice(start, end).replace(/[^\s#]/gu, (character) => "x".repeat(character.length));
    at = end;
  }
  return clean + text.slice(at);
}

/** What may be told of a secret: the little that a person needs to find out which one it is. */
export function hintOf(secret: string): string {
  return `"${secret.slice(0, 4)}…", ${secret.length} characters`;
}

function randomRuns(text: string): SecretSpan[] {
  const found: SecretSpan[] = [];
  let open: readonly SecretSpan[] | undefined;
  for (const { start, end } of longRuns(text)) {
    if (!isRandom(text.slice(start, end))) continue;
    const line = text.slice(Math.max(text.lastIndexOf("\n", start - 1) + 1, start - 200), start);
    if (NAMED.test(line) || OWN_KEY.test(line)) continue;
    open ??= [...text.matchAll(PUBLIC)].map(({ index, 0: block }) => ({
      start: index,
      end: index + block.length,
      what: "",
    }));
    if (open.some((block) => block.start < end && start < block.end)) continue;
    found.push({ start, end, what: "a key or a token, long and random" });
  }
  return found;
}

/** Stretches of the alphabet that are long enough. Only every 28th character is looked at until one is in the middle of such. */
function* longRuns(text: string): Iterable<{ readonly start: number; readonly end: number }> {
  const isIn = (at: number) => ALPHABET[text.charCodeAt(at)] === 1;
  for (let probe = LEAST_RANDOM - 1; probe < text.length; ) {
    let [start, end] = [probe, probe];
    while (start > 0 && isIn(start - 1) && isIn(probe)) start -= 1;
    while (end < text.length && isIn(end)) end += 1;
    if (end - start >= LEAST_RANDOM && end > probe) yield { start, end };
    probe = end + LEAST_RANDOM;
  }
}

/**
 * Whether a run of characters was made by a machine that rolled dice. Digests and ids in hexadecimal digits could be keys, and
 * are in every repository: they are none. Nor are words, in whatever way they are joined.
 */
export function isRandom(run: string): boolean {
  if (/^sha-?\d+[-=]/i.test(run)) return false;
  const parts = run.split(/[-_/+=]+/).filter((part) => !isOrdinary(part));
  const body = parts.join("");
  if (body.length < LEAST_BODY || !/\d/.test(body) || !/[A-Za-z]/.test(body)) return false;
  const neighbours = body.length - parts.length;
  const changes = parts.reduce((sum, part) => sum + changesIn(part), 0);
  return changes >= neighbours * LEAST_CHANGES && entropyOf(body) >= LEAST_ENTROPY;
}

/** A word, a number, hexadecimal digits: it tells nothing, whatever it stands among. */
function isOrdinary(part: string): boolean {
  return /^(?:[0-9a-f]{6,}|[0-9A-F]{6,})$/.test(part) || (part.length > 2 && changesIn(part) === 0);
}

/** Neighbours of different classes (small, capital, digit). Where a word begins with a capital is no change. */
function changesIn(part: string): number {
  let changes = 0;
  for (let at = 1; at < part.length; at += 1) {
    const [before, here] = [classOf(part.charCodeAt(at - 1)), classOf(part.charCodeAt(at))];
    const beginsWord = here === CAPITAL && classOf(part.charCodeAt(at + 1)) === SMALL;
    if (before !== here && !beginsWord && !(before === CAPITAL && here === SMALL)) changes += 1;
  }
  return changes;
}

const [DIGIT, CAPITAL, SMALL] = [0, 1, 2];

function classOf(code: number): number {
  return code < 58 ? DIGIT : code < 91 ? CAPITAL : SMALL;
}

/** Shannon's, in bits for each character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
