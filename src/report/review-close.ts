// What became of campaigns that were to be closed, and of evidence that was checked, for people and for programs.
import type { Finding } from "../model/finding.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import { findingLines } from "./findings-text.ts";
import { screenOf, wrap } from "./layout.ts";

export interface ClosingOutcome {
  readonly id: string;
  readonly state: "closed" | "waits" | "refused";
  readonly why: string;
  readonly pull: { readonly number: number; readonly url: string } | null;
  readonly findings: readonly Finding[];
}

interface Looks {
  readonly color: boolean;
  readonly width: number;
}

const WORDS = { closed: "closed", waits: "waits", refused: "not closed" } as const;

export function renderCloseText(outcomes: readonly ClosingOutcome[], { color, width }: Looks): string {
  if (outcomes.length === 0) return "No campaign is open.\n";
  const screen = screenOf(color, width);
  return outcomes
    .map(({ id, state, why, pull, findings }) => {
      const where = pull && state !== "closed" ? ` (${escapeTerminal(pull.url)})` : "";
      const head = wrap(screen, [
        { text: `Review ${showName(id)} `, style: "bold" },
        `${WORDS[state]}: ${escapeTerminal(why, MESSAGE_LENGTH)}${where}`,
      ]);
      return `${[...head, ...findingLines(screen, findings)].join("\n")}\n`;
    })
    .join("\n");
}

export function renderCloseJson(outcomes: readonly ClosingOutcome[]): string {
  return `${JSON.stringify({ version: 1, campaigns: outcomes }, null, 2)}\n`;
}

export interface CheckedEvidence {
  readonly id: string;
  readonly findings: readonly Finding[];
  /** The ledger was compared as well. */
  readonly ledger: boolean;
  readonly files: number;
}

export function renderVerifyText({ id, findings, ledger, files }: CheckedEvidence, { color, width }: Looks): string {
  const screen = screenOf(color, width);
  const isGood = findings.every(({ severity }) => severity !== "error");
  const beside = ledger ? "and it is what the ledger has" : "by itself; no ledger was compared";
  const head = isGood
    ? `The evidence of review ${showName(id)} holds: ${files} files, ${beside}.`
    : `The evidence of review ${showName(id === "" ? "unknown" : id)} does not hold.`;
  return `${[...wrap(screen, [{ text: head, style: isGood ? "green" : "red" }]), ...findingLines(screen, findings)].join("\n")}\n`;
}

export function renderVerifyJson(checked: CheckedEvidence): string {
  const { id, findings, ledger, files } = checked;
  const holds = findings.every(({ severity }) => severity !== "error");
  return `${JSON.stringify({ version: 1, id, holds, ledger, files, findings }, null, 2)}\n`;
}
