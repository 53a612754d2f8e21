// What `apply --merged` came to, for a terminal or a log: what was made, what is held and why, and what to do about that. It
// refuses to call a target done that a fresh read did not prove.
import type { Held, MergedOutcome } from "../model/merged.ts";
import { escapeTerminal, MESSAGE_LENGTH, quoteShell, showName } from "./escape.ts";
import { type Screen, screenOf, wrap } from "./layout.ts";
import { counted } from "./phrase.ts";

export interface MergedTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** List everything. */
  readonly full: boolean;
  /** What the outcomes' changes are, by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** Changes listed without `full`. */
const LISTED = 20;

/** One target's outcome, ending in a newline. */
export function renderMergedText(outcome: MergedOutcome, { color, width, full, names }: MergedTextOptions): string {
  const screen = screenOf(color, width);
  const made = outcome.outcomes.filter(({ status }) => status === "applied");
  const bad = outcome.outcomes.filter(({ status }) => status === "failed" || status === "conflict");
  const name = (id: string) => escapeTerminal(names.get(id) ?? `change ${id}`, MESSAGE_LENGTH);
  const lines = [
    ...headLines(screen, outcome, made.length),
    ...listLines(
      screen,
      made.map(({ change }) => `applied: ${name(change)}`),
      full,
    ),
    ...listLines(
      screen,
      bad.map(({ change, status, cause }) => `${status}: ${name(change)}: ${safe(cause ?? "")}`),
      full,
    ),
    ...heldLines(screen, outcome, full),
  ];
  return `${lines.join("\n")}\n`;
}

function headLines(screen: Screen, outcome: MergedOutcome, made: number): string[] {
  const { target, commit, applied, held, refused, frozen, converged } = outcome;
  const at = escapeTerminal(commit.slice(0, 12));
  const what = made === 0 ? "nothing was changed" : `${counted(made, "change")} made`;
  const head = wrap(screen, [
    { text: showName(target), style: "bold" },
    `: ${what}, ${counted(held.length, "change")} held`,
  ]);
  if (refused !== undefined)
    return [...head, ...wrap(screen, [{ text: safe(refused), style: frozen ? "yellow" : "red" }], "  ")];
  if (converged)
    return [...head, ...wrap(screen, [{ text: `Everything merged up to ${at} is applied.`, style: "green" }], "  ")];
  const base = applied === null ? "none" : escapeTerminal(applied.slice(0, 12));
  return [...head, ...wrap(screen, [`Looked at everything up to ${at}; the applied commit is ${base}.`], "  ")];
}

function listLines(screen: Screen, items: readonly string[], full: boolean): string[] {
  const shown = full ? items : items.slice(0, LISTED);
  const more = items.length - shown.length;
  return [
    ...shown.flatMap((item) => wrap(screen, [item], "  ", "    ")),
    ...(more > 0 ? [`  … and ${counted(more, "more change")} (--full)`] : []),
  ];
}

function heldLines(screen: Screen, { target, held }: MergedOutcome, full: boolean): string[] {
  if (held.length === 0) return [];
  const said = ({ name, why, pull }: Held) =>
    `${pull === undefined ? "" : `pull request ${pull}: `}${safe(name)}: ${safe(why)}`;
  return [
    ...wrap(screen, [{ text: "Held:", style: "yellow" }], "  "),
    ...listLines(screen, held.map(said), full),
    ...wrap(screen, ["Approve it on its pull request, or look at it and apply it by hand:"], "  "),
    `    rolebook plan --target ${quoteShell(target)}`,
  ];
}

function safe(text: string): string {
  return escapeTerminal(text, MESSAGE_LENGTH);
}
