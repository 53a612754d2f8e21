// What doctor found, for people: the verdict, then what to mend with how, then what could not be looked at; what is well in one
// line each. It refuses to call anything proved that was not seen.
import type { Check, CheckState, Checkup } from "../model/checkup.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { type Piece, type Screen, type Style, screenOf, wrap } from "./layout.ts";
import { counted } from "./phrase.ts";

/** From what asks for something to what asks for nothing. */
const STATES: readonly CheckState[] = ["gap", "unknown", "ok"];

/** Gaps first, what two-person control rests on before what helps; else as they came. */
export function sortChecks(checks: readonly Check[]): Check[] {
  const rank = ({ state, severity }: Check) => STATES.indexOf(state) * 2 + (severity === "error" ? 0 : 1);
  return [...checks].sort((left, right) => rank(left) - rank(right));
}

export function checkupText(
  { checks, proved }: Checkup,
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const screen = screenOf(color, width);
  const sorted = sortChecks(checks);
  const parts = STATES.flatMap((state) => {
    const lines = sorted.filter((check) => check.state === state).flatMap((check) => checkLines(screen, check));
    return lines.length === 0 ? [] : [["", ...lines].join("\n")];
  });
  return `${verdict(screen, checks, proved)}\n${parts.map((part) => `${part}\n`).join("")}`;
}

function verdict(screen: Screen, checks: readonly Check[], proved: boolean): string {
  const count = (state: CheckState) =>
    checks.filter((check) => check.state === state && check.severity === "error").length;
  const helping = checks.filter(({ state, severity }) => state === "gap" && severity === "warning").length;
  const more = helping === 0 ? "" : ` ${counted(helping, "thing")} could be better.`;
  if (proved) return `${screen.paint("Two-person control holds.", "green")}${more}`;
  const [gaps, unknown] = [count("gap"), count("unknown")];
  const why = [
    ...(gaps === 0 ? [] : [counted(gaps, "gap")]),
    ...(unknown === 0 ? [] : [`${counted(unknown, "thing")} that could not be looked at`]),
  ].join(", ");
  const text = gaps === 0 ? "It is not proved that two-person control holds" : "Two-person control does not hold";
  return `${screen.paint(text, gaps === 0 ? "yellow" : "red")}: ${why}.${more}`;
}

const STYLES: Readonly<Record<CheckState, Style>> = { gap: "red", unknown: "yellow", ok: "green" };

function checkLines(screen: Screen, { id, about, state, severity, message, fix }: Check): string[] {
  const style = state === "gap" && severity === "warning" ? "yellow" : STYLES[state];
  const lines = wrap(
    screen,
    [
      { text: state.padEnd(7), style },
      `  ${about === "repository" ? "" : `${escapeTerminal(about)}: `}${escapeTerminal(message, MESSAGE_LENGTH)}  `,
      ...(state === "ok" ? [] : [{ text: `(${id})`, style: "dim" } satisfies Piece]),
    ],
    "",
    "         ",
  );
  if (fix === undefined) return lines;
  return [...lines, ...wrap(screen, [escapeTerminal(fix, MESSAGE_LENGTH)], "         fix: ", "              ")];
}
