// What an apply really did, for people: the counts, each change that was not made and why, whether a fresh read
// agrees, and what to do next. It refuses to call an apply done that a fresh read did not confirm.
import type { Change } from "../model/change.ts";
import type { Approval, Outcome, OutcomeStatus, Receipt, ReviewEvidence } from "../model/receipt.ts";
import { escapeTerminal, MESSAGE_LENGTH, quoteShell, showName } from "./escape.ts";
import { type Screen, type Style, screenOf, wrap } from "./layout.ts";
import { counted, folded, grouped, listed } from "./phrase.ts";
import { countOutcomes } from "./receipt-json.ts";

export interface ReceiptTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** List every change that was not made. */
  readonly full: boolean;
}

/** Outcomes of one cause listed without `full`. */
const LISTED = 20;

const STYLES: Readonly<Record<OutcomeStatus, Style>> = {
  applied: "green",
  skipped: "yellow",
  failed: "red",
  conflict: "red",
};

const NOT_MADE = ["failed", "conflict", "skipped"] as const;

const TITLES: Readonly<Record<(typeof NOT_MADE)[number], string>> = {
  failed: "Failed",
  conflict: "Conflicts: live moved after the plan, so nothing was forced",
  skipped: "Skipped",
};

/** The receipt as text, ending in a newline. `changes` are the plan's, to name what the outcomes are about. */
export function renderReceiptText(receipt: Receipt, changes: readonly Change[], options: ReceiptTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const known = new Map(changes.map((change) => [change.id, change]));
  const sections = [
    headLines(screen, receipt),
    ...NOT_MADE.map((status) => notMadeLines(screen, receipt.outcomes, status, known, options.full)),
    lastLines(screen, receipt),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines(screen: Screen, receipt: Receipt): string[] {
  const counts = countOutcomes(receipt.outcomes);
  const parts = (["applied", ...NOT_MADE] as const)
    .filter((status) => status === "applied" || counts[status] > 0)
    .map((status) => screen.paint(`${grouped(counts[status])} ${wordOf(status, counts[status])}`, STYLES[status]));
  if (receipt.approval.how === "none")
    return wrap(screen, [
      { text: `${showName(receipt.target)}: nothing to change`, style: "bold" },
      `; commit ${escapeTerminal(receipt.commit.slice(0, 12))} is the base of the next plan.`,
    ]);
  const approval = approvedBy(receipt.approval);
  return [
    `${screen.paint(`Applied to ${showName(receipt.target)}`, "bold")}: ${parts.join(", ")}`,
    ...wrap(screen, [{ text: `${approval}, at commit ${escapeTerminal(receipt.commit.slice(0, 12))}`, style: "dim" }]),
    ...ruleLines(screen, receipt),
  ];
}

function approvedBy({ by, how, evidence = [], ended, reason = "", despite }: Approval): string {
  switch (how) {
    case "terminal":
      return `Approved by ${showName(by)} at the terminal`;
    case "digest":
      return `Approved by ${showName(by)} by plan digest`;
    case "reviews": {
      const over = ended ? `${counted(ended.length, "end of access", "ends of access")} approved earlier` : "";
      const reviews = describeEvidence(evidence);
      return `Approved by ${[reviews, over].filter((part) => part !== "").join(", and by ") || escapeTerminal(by, MESSAGE_LENGTH)}`;
    }
    case "break-glass": {
      const frozen = despite === undefined ? "" : `, in spite of a freeze (${escapeTerminal(despite, MESSAGE_LENGTH)})`;
      return `Approved by nobody; made by ${showName(by)} in an emergency (${escapeTerminal(reason, MESSAGE_LENGTH)})${frozen}`;
    }
    case "none":
      return "Nothing was to be approved";
    default:
      return how satisfies never;
  }
}

/** `reviews of hana (pull requests 3 and 4) and noor (pull request 4)`. */
function describeEvidence(evidence: readonly ReviewEvidence[]): string {
  const pulls = new Map<string, Set<number>>();
  for (const { login, pull } of evidence) pulls.set(login, (pulls.get(login) ?? new Set()).add(pull));
  const people = [...pulls].map(([login, numbers]) => {
    const sorted = [...numbers].sort((a, b) => a - b);
    return `${showName(login)} (pull request${sorted.length === 1 ? "" : "s"} ${listed(sorted.map(String))})`;
  });
  return people.length === 0 ? "" : `the reviews of ${listed(people)}`;
}

/** What was agreed to beside the changes: which rules were lifted for this once, and what the plan was shown to weaken or to give. */
function ruleLines(screen: Screen, { waivers, approval }: Receipt): string[] {
  const weakened = approval.weakens?.length ?? 0;
  return [
    ...(waivers?.length ? wrap(screen, [`Waivers spent: ${folded(waivers, waivers.length)}`], "", "  ") : []),
    ...(weakened > 0
      ? wrap(screen, [
          `Agreed to ${counted(weakened, "thing", "things")} beside the changes: rules weakened, or access given by Git's word alone`,
        ])
      : []),
  ];
}

function wordOf(status: OutcomeStatus, count: number): string {
  return status === "conflict" && count !== 1 ? "conflicts" : status;
}

function notMadeLines(
  screen: Screen,
  outcomes: readonly Outcome[],
  status: (typeof NOT_MADE)[number],
  known: ReadonlyMap<string, Change>,
  full: boolean,
): string[] {
  const matching = outcomes.filter((outcome) => outcome.status === status);
  if (matching.length === 0) return [];
  const causes = new Map<string, Outcome[]>();
  for (const outcome of matching) {
    const cause = outcome.cause ?? "no cause was given";
    causes.set(cause, [...(causes.get(cause) ?? []), outcome]);
  }
  const lines = [...causes].flatMap(([cause, alike]) => {
    const shown = full ? alike : alike.slice(0, LISTED);
    const more = alike.length - shown.length;
    return [
      ...wrap(screen, [{ text: escapeTerminal(cause, MESSAGE_LENGTH), style: STYLES[status] }], "  ", "    "),
      ...shown.flatMap((outcome) => wrap(screen, [describeChange(outcome, known)], "    ", "      ")),
      ...(more > 0 ? [`    … and ${counted(more, "more change")} (--full)`] : []),
    ];
  });
  return [...wrap(screen, [{ text: TITLES[status], style: "bold" }, ` (${grouped(matching.length)})`]), "", ...lines];
}

function describeChange({ change }: Outcome, known: ReadonlyMap<string, Change>): string {
  const about = known.get(change);
  return about ? `${about.action} ${showName(about.kind)} ${showName(about.name)}` : `change ${escapeTerminal(change)}`;
}

function lastLines(screen: Screen, receipt: Receipt): string[] {
  const counts = countOutcomes(receipt.outcomes);
  if (receipt.converged)
    return wrap(screen, [
      { text: "Converged: a fresh read of the platform leaves nothing to change.", style: "green" },
    ]);
  const left = counts.failed + counts.conflict + counts.skipped;
  const why =
    left > 0
      ? `${counted(left, "change was", "changes were")} not made`
      : "a fresh read still finds something to change or to decide";
  return [
    ...wrap(screen, [{ text: `Not converged: ${why}.`, style: "red" }]),
    "To see what is left and approve it (what is done is not repeated):",
    `  rolebook plan --target ${quoteShell(receipt.target)}`,
  ];
}
