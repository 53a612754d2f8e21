// Drift for a terminal: what the platform has become behind Git's back, and which way each difference
// will go by the target's settings. It shows what is not in Git; it never says who was right.
import type { Plan } from "../model/plan.ts";
import { showName } from "./escape.ts";
import { screenOf, wrap } from "./layout.ts";
import { counted } from "./phrase.ts";
import type { PlanTextOptions } from "./plan-text.ts";
import { unsettledSections } from "./unsettled-text.ts";

/** Drift, conflicts, the edits that files need, and what Git does not manage, as text ending in a newline. */
export function renderDriftText(plan: Plan, options: PlanTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const reverted = plan.changes.filter(({ origin }) => origin === "drift").length;
  const target = showName(plan.target);
  const quiet = plan.drift.length + plan.conflicts.length + reverted === 0;
  const head = quiet
    ? wrap(screen, [{ text: `${target}: no drift.`, style: "green" }])
    : wrap(screen, [{ text: `Drift of ${target}`, style: "bold" }], "", "  ");
  const revert =
    reverted === 0
      ? []
      : [`${counted(reverted, "change")} in the plan would put drift back as Git says: see \`rolebook plan\`.`];
  const sections = [head, ...unsettledSections(screen, plan, options.full), revert].filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
