// What a pull request's check showed of the plan of each target: which ids a review that follows it can be of. Written into the
// text of the check run and read back from it. Refuses to guess: what is not whole counts as not shown.

/** The ids that were shown for one target. */
export interface Shown {
  readonly target: string;
  /** Digest of the plan that was shown. */
  readonly digest: string;
  /** Ids of its changes; undefined when there were too many to record one by one: then only the digest counts. */
  readonly changes: readonly string[] | undefined;
  /** Ids of what it weakens of the rules that judge plans. */
  readonly weakens: readonly string[];
}

/** Characters that all records of one check may take: what a check run's text can hold, less room for what people read. */
export const SHOWN_LENGTH = 48_000;

const TARGET = "[a-z0-9][a-z0-9-]*";
const RECORD = new RegExp(`^<!-- rolebook:shown 1 (${TARGET}) ([0-9a-f]{64}) ([\\w-]*|many) ([\\w-]*) -->$`);
const ID = /^[0-9a-f]{24}$/;

/** One line for each target, in the order given. Ids are recorded one by one as long as all fit into `SHOWN_LENGTH`. */
export function writeShown(shown: readonly Shown[]): string {
  let left = SHOWN_LENGTH;
  const lines: string[] = [];
  for (const { target, digest, changes, weakens } of shown) {
    const whole = line(target, digest, changes ? pack(changes) : "many", pack(weakens));
    const short = line(target, digest, "many", pack(weakens));
    const text = whole.length <= left ? whole : short;
    left -= text.length + 1;
    lines.push(text);
  }
  return lines.join("\n");
}

/** What a check's text records, or undefined when it holds no record. A record that does not parse is left out. */
export function readShown(text: string): Shown[] | undefined {
  const found: Shown[] = [];
  for (const row of text.split("\n")) {
    const [, target, digest, changes, weakens] = RECORD.exec(row.trim()) ?? [];
    if (target === undefined || digest === undefined || changes === undefined || weakens === undefined) continue;
    const [ids, weakened] = [changes === "many" ? undefined : unpack(changes), unpack(weakens)];
    if (weakened === undefined || (ids === undefined && changes !== "many")) continue;
    found.push({ target, digest, changes: ids, weakens: weakened });
  }
  return found.length === 0 ? undefined : found;
}

function line(target: string, digest: string, changes: string, weakens: string): string {
  return `<!-- rolebook:shown 1 ${target} ${digest} ${changes} ${weakens} -->`;
}

/** Ids are 24 hexadecimal digits: 16 characters each in base64url, one after the other. `many` has 4 and is never mistaken for ids. */
function pack(ids: readonly string[]): string {
  return Buffer.from(ids.filter((id) => ID.test(id)).join(""), "hex").toString("base64url");
}

function unpack(text: string): string[] | undefined {
  if (text.length % 16 !== 0) return undefined;
  const hex = Buffer.from(text, "base64url").toString("hex");
  return hex.match(/.{24}/g) ?? [];
}
