// The issue that tells everybody of an emergency: who applied what without approval, why, and what to do now. Names and the
// reason are other people's text and never markup.
import type { Change } from "../model/change.ts";
import type { Approval, Receipt } from "../model/receipt.ts";
import { escapeTerminal } from "./escape.ts";
import { code, list, type Phrase, paragraph, phrase, quote, stringify, strong } from "./markdown.ts";
import { counted } from "./phrase.ts";
import { countOutcomes } from "./receipt-json.ts";

/** Changes that are listed one by one: an issue is read, and the ledger has them all. */
const LISTED = 50;

/** The first line of the issue, by which it is found again. `run`: the folder of the run on the ledger. */
export function breakGlassMarker(run: string): string {
  return `<!-- rolebook:break-glass ${run} -->`;
}

/** What the issue is about. */
export interface Emergency {
  readonly target: string;
  readonly commit: string;
  readonly approval: Approval;
  /** The plan as the ledger has it. */
  readonly plan: object;
}

/** The issue for one run. `receipt`: its last one, if it got that far. */
export function breakGlassIssue(
  run: string,
  { target, commit, approval, plan }: Emergency,
  receipt: Receipt | undefined,
): { readonly title: string; readonly body: string } {
  const { by, at, reason = "", despite, changes } = approval;
  const known = new Map(((plan as { readonly changes?: readonly Change[] }).changes ?? []).map((one) => [one.id, one]));
  const outcomes = receipt && countOutcomes(receipt.outcomes);
  const made = outcomes
    ? `${outcomes.applied} applied, ${outcomes.failed + outcomes.conflict + outcomes.skipped} not.`
    : "The run has left no receipt: it may have been ended before it was done.";
  const lines = changes.slice(0, LISTED).map((id): Phrase => {
    const change = known.get(id);
    return change
      ? phrase(`${change.action} ${change.kind} `, code(change.name), ` (${change.effect})`)
      : phrase("change ", code(id));
  });
  const more = changes.length - lines.length;
  const blocks = [
    paragraph(
      strong("Nobody approved this."),
      " ",
      code(by),
      " made ",
      counted(changes.length, "change"),
      " to ",
      code(target),
      " at ",
      code(at),
      ", at commit ",
      code(commit.slice(0, 12)),
      ", as a member whom the settings name for emergencies. The reason:",
    ),
    quote(paragraph(reason)),
    ...(despite === undefined ? [] : [paragraph("The target was frozen at the time: ", despite)]),
    paragraph(made, " ", "On the ledger it is ", code(run), "."),
    list(more > 0 ? [...lines, phrase(`and ${more} more`)] : lines),
    paragraph(
      "Look at it with somebody who owns the target. What shall not stay is undone by a pull request; close this when that is decided.",
    ),
  ];
  return {
    title: `Break glass: ${escapeTerminal(target)} was applied to without approval`,
    body: `${breakGlassMarker(run)}\n${stringify(blocks)}`,
  };
}
