// Keys as a table for people, and what there is to do below it. It shows what tells keys apart, and has never seen a secret.
import type { KeyLine, KeyLines, KeyStanding } from "../model/key-lines.ts";
import { showName } from "./escape.ts";
import { type Screen, screenOf, tableLines, wrap } from "./layout.ts";
import { counted } from "./phrase.ts";

export interface KeysTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  readonly now: Date;
}

/** The keys of a target, as text ending in a newline. */
export function renderKeys({ target, keys }: KeyLines, options: KeysTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const title = `${showName(target)}: ${keys.length === 0 ? "no keys" : counted(keys.length, "key")}`;
  if (keys.length === 0) return `${title}\n`;
  const rows = keys.map((line) => [
    showName(line.name),
    line.standing,
    line.rotateAt?.slice(0, 10) ?? "-",
    line.ageDays === undefined ? "-" : counted(line.ageDays, "day"),
    showLastUse(line, options.now),
  ]);
  const head = ["Name", "State", "Rotate by", "Age", "Last used"];
  const below = (row: number) => detailLines(screen, keys[row]);
  const lines = [...tableLines(screen, head, rows, below), ...adviceLines(screen, keys)];
  return [screen.paint(title, "bold"), "", ...lines, ""].join("\n");
}

/** What it is for, who answers for it, and what tells it from others. */
function detailLines(screen: Screen, line: KeyLine | undefined): string[] {
  if (!line) return [];
  const uses = Object.values(line.uses).map((use) => showName(use));
  const last = line.lastFour === undefined ? [] : [`…${showName(line.lastFour)}`];
  const id = line.id === undefined ? [] : [`(${showName(line.id)})`];
  const text = [uses.join(", "), showOwner(line), [...last, ...id].join(" ")].filter((part) => part !== "").join("; ");
  return wrap(screen, [{ text, style: "dim" }], "    ", "      ");
}

function showOwner({ owner, ownerThere }: KeyLine): string {
  if (owner === undefined) return "owned by nobody";
  return `owned by ${showName(owner)}${ownerThere === false ? " (not there)" : ""}`;
}

const DAY_MS = 86_400_000;

function showLastUse({ lastUsedAt, id }: KeyLine, now: Date): string {
  if (id === undefined || lastUsedAt === undefined) return "-";
  if (lastUsedAt === null) return "never";
  const days = Math.floor((now.getTime() - Date.parse(lastUsedAt)) / DAY_MS);
  return days <= 0 ? "today" : `${counted(days, "day")} ago`;
}

/** What to do about each standing; every name stands in the table. */
const ADVICE: Readonly<Record<KeyStanding, string | undefined>> = {
  ok: undefined,
  due: "due: rotate it soon: rolebook keys rotate NAME --sink SINK",
  overdue: "overdue: rolebook keys rotate NAME --sink SINK",
  expired: "expired: it opens nothing any more: rolebook keys rotate NAME --sink SINK",
  undeclared: "undeclared: no file speaks of it: declare it (rolebook import), or rolebook keys revoke NAME",
  missing: "missing: declared, and not there: rolebook keys issue NAME --sink SINK",
  rotating: "rotating: a new key is being put in its place: run rolebook keys rotate NAME again to go on",
  several: "several: more than one key has this name: rolebook keys rotate NAME --sink SINK leaves one",
};

function adviceLines(screen: Screen, keys: readonly KeyLine[]): string[] {
  const standings = [...new Set(keys.map(({ standing }) => standing))];
  const advice = standings.flatMap((standing) => ADVICE[standing] ?? []);
  const grace = keys.flatMap(({ name, graceUntil }) =>
    graceUntil === undefined ? [] : [`${showName(name)}: the old key may be revoked from ${graceUntil} on`],
  );
  const gone = keys.some(({ ownerThere }) => ownerThere === false)
    ? ["(not there): nobody of that name is a member; name another owner in its file"]
    : [];
  const lines = [...advice, ...new Set(grace), ...gone];
  return lines.length === 0 ? [] : ["", ...lines.flatMap((line) => wrap(screen, [line], "  ", "    "))];
}
