// Takes known secrets out of a text, in every form that they are commonly written in. The last line of defence: whatever talks to a
// system with a secret makes sure that it is not in its words, and this is for what nobody thought of.
import { Buffer } from "node:buffer";

/** Shorter values are no secrets worth the name, and striking them out would garble ordinary words. */
const LEAST_SECRET = 6;
/** Characters of a form other than the plain one: fewer could be anything. */
const LEAST_FORM = 8;
/** Lines of a secret that has several, which programs show one by one. */
const LEAST_LINE = 24;

export const STRUCK = "[redacted]";

/** The text with `mark` in place of each of the secrets. */
export function strikeOut(text: string, secrets: Iterable<string>, mark: string = STRUCK): string {
  // One may be part of another.
  const forms = [...secrets].flatMap(formsOf).filter((form) => text.includes(form));
  return forms
    .sort((left, right) => right.length - left.length)
    .reduce((clean, form) => clean.replaceAll(form, mark), text);
}

/** How a secret may be written: as it is, in JSON, in an address or a form, in hexadecimal digits, in base64 by itself or in the middle of other bytes. Longest first. */
export function formsOf(secret: string): readonly string[] {
  if (secret.trim().length < LEAST_SECRET) return [];
  const known = FORMS.get(secret);
  if (known) return known;
  const lines = secret.split(/\r?\n|\\n/).filter((line) => line.length >= LEAST_LINE);
  // Basic authentication and addresses encode first what is encoded then once more.
  const written = [secret, encodeURIComponent(secret), inForm(secret)].flatMap((one) => [one, ...encoded(one)]);
  const long = [...written, ...lines].filter((form) => form.length >= LEAST_FORM);
  const plain = [secret, secret.trim(), JSON.stringify(secret).slice(1, -1)];
  const forms = [...new Set([...plain, ...long])].sort((left, right) => right.length - left.length);
  if (FORMS.size >= MOST_FORMS) FORMS.clear();
  FORMS.set(secret, forms);
  return forms;
}

function inForm(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}

function encoded(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString("hex");
  return [
    encodeURIComponent(text),
    inForm(text),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64Of(bytes, before)),
  ];
}

/** A log asks for the same ones at every line. */
const FORMS = new Map<string, readonly string[]>();
const MOST_FORMS = 100;

/** The digits that are the secret's alone where so many bytes stand before it, in both alphabets. */
function base64Of(bytes: Buffer, before: number): string[] {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor(((before + bytes.length) * 8) / 6);
  const own = text.slice(first, last);
  return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
}
