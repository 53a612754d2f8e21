// Plans and receipts on their way out, in the format that was asked for. Decides nothing.
import type { Plan } from "../model/plan.ts";
import { scopeWord } from "../model/platform.ts";
import type { Receipt } from "../model/receipt.ts";
import { renderDriftText } from "../report/drift-text.ts";
import { writePlanJson } from "../report/plan-json.ts";
import { renderPlanMarkdown } from "../report/plan-markdown.ts";
import { renderPlanText } from "../report/plan-text.ts";
import { receiptToJson } from "../report/receipt-json.ts";
import { renderReceiptText } from "../report/receipt-text.ts";
import { type Context, DEFAULT_POLICIES } from "./context.ts";
import { jsonTogether } from "./output.ts";
import type { Prepared } from "./prepare.ts";

export type PlanFormat = "human" | "json" | "markdown";

interface ShowOptions {
  readonly format: string;
  readonly full: boolean;
  readonly output?: string;
  readonly policies: string;
  readonly overwrite?: readonly string[];
  /** A question at the terminal follows the plan. */
  readonly asking?: boolean;
}

interface PlansOptions extends ShowOptions {
  readonly format: PlanFormat;
  /** How many targets were asked about; of some there may be no plan. */
  readonly asked: number;
}

/** One plan as text for a terminal. */
export function showPlan(context: Context, prepared: Prepared, options: ShowOptions): string {
  return renderPlanText(prepared.plan, textOptions(context, prepared, options));
}

/** Plans as text, one JSON document (an array when there are several), or Markdown. */
export function renderPlans(context: Context, plans: readonly Prepared[], options: PlansOptions): Iterable<string> {
  switch (options.format) {
    case "json":
      return jsonTogether(
        plans.map(({ plan }) => writePlanJson(plan)),
        options.asked,
      );
    case "markdown":
      return plans.map((prepared) =>
        renderPlanMarkdown(prepared.plan, {
          environments: prepared.environments,
          scopeWord: scopeWord(prepared.platform),
          rankOf: prepared.platform.rankOf,
        }),
      );
    case "human":
      return plans.map((prepared, index) => `${index > 0 ? "\n" : ""}${showPlan(context, prepared, options)}`);
    default:
      return options.format satisfies never;
  }
}

/** What drifted; JSON and Markdown are those of the plan, which hold the drift too. */
export function renderDrifts(context: Context, plans: readonly Prepared[], options: PlansOptions): Iterable<string> {
  if (options.format !== "human") return renderPlans(context, plans, options);
  return plans.map((prepared) => renderDriftText(prepared.plan, textOptions(context, prepared, options)));
}

function textOptions(context: Context, prepared: Prepared, options: ShowOptions) {
  const { color, width } = context.terminal;
  const { environments, platform } = prepared;
  return {
    color: color && options.output === undefined,
    width,
    environments,
    scopeWord: scopeWord(platform),
    full: options.full,
    rankOf: platform.rankOf,
    rerun: rerunArguments(options),
    asking: options.asking ?? false,
  };
}

/** What an apply must be told again to build the same plan. */
function rerunArguments({ policies, overwrite }: ShowOptions): string[] {
  const folder = policies === DEFAULT_POLICIES ? [] : ["--policies", policies];
  return [...folder, ...(overwrite ?? []).flatMap((key) => ["--overwrite", key])];
}

/** What an apply did. `plan` names the changes that the receipt knows by id. */
export function showReceipt(context: Context, receipt: Receipt, plan: Plan, options: ShowOptions): string {
  if (options.format === "json") return `${JSON.stringify(receiptToJson(receipt, plan.changes))}\n`;
  const { color, width } = context.terminal;
  return `\n${renderReceiptText(receipt, plan.changes, { color, width, full: options.full })}`;
}
