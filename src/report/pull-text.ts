// What merging a pull request would do, for a terminal: the same words as its comment, and each target's plan in full view.
import type { PlannedTarget, PullReport } from "../model/pull-report.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import { findingLines } from "./findings-text.ts";
import { type Screen, type Style, screenOf, wrap } from "./layout.ts";
import { counted, sentences } from "./phrase.ts";
import { renderPlanText } from "./plan-text.ts";
import { isEmptyPlan } from "./plan-words.ts";
import { describeNeed, describePull, describeVerdict, plannedIn } from "./pull-words.ts";

export interface PullTextOptions {
  readonly color: boolean;
  readonly width: number;
  readonly full: boolean;
}

const STYLES: Readonly<Record<PullReport["conclusion"], Style>> = {
  failure: "red",
  action_required: "yellow",
  neutral: "dim",
  success: "green",
};

/** Paths and names shown without `full`. */
const SHOWN = 20;

/** The whole report as text, ending in a newline. */
export function renderPullText(report: PullReport, options: PullTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const { number, head, base } = report;
  const source = `at ${head.slice(0, 12)}, on top of ${showName(base.branch)} at ${base.commit.slice(0, 12)}`;
  const lines = [
    ...wrap(screen, [{ text: `Pull request ${number}`, style: "bold" }, ` ${source}`], "", "  "),
    ...wrap(screen, [{ text: `${describePull(report)}.`, style: "bold" }], "", "  "),
    ...wrap(screen, [{ text: describeVerdict(report), style: STYLES[report.conclusion] }], "", "  "),
    ...unmergedLines(screen, report, options.full),
    ...needLines(screen, report),
    ...findingLines(screen, report.findings),
  ];
  const targets = report.targets.map((target) => {
    if (target.state === "planned") return planText(target, options);
    const why = escapeTerminal(sentences(target.why, target.hint), MESSAGE_LENGTH);
    return `${wrap(screen, [{ text: `${showName(target.target)}: `, style: "bold" }, why], "", "  ").join("\n")}\n`;
  });
  return [`${lines.join("\n")}\n`, ...targets].join("\n");
}

function planText({ target, plan, pending, own, scopes }: PlannedTarget, options: PullTextOptions): string {
  const waiting = pending.changes.filter(({ id }) => !own.has(id)).length;
  const apart =
    waiting === 0 ? "" : `Pending on the base branch already, and not part of this: ${counted(waiting, "change")}.\n`;
  const text = isEmptyPlan(plan)
    ? `${showName(target)}: nothing changes.\n`
    : renderPlanText(plan, { ...options, ...scopes, asking: true, merging: true });
  return text + apart;
}

function unmergedLines(screen: Screen, { unmerged }: PullReport, full: boolean): string[] {
  if (unmerged === undefined || unmerged === "unrelated") return [];
  const shown = full ? unmerged : unmerged.slice(0, SHOWN);
  const rest = unmerged.length - shown.length;
  return [
    ...shown.flatMap((path) => wrap(screen, [{ text: showName(path), solid: true }], "  ", "    ")),
    ...(rest === 0 ? [] : [`  … and ${counted(rest, "more file")}; --full shows all`]),
  ];
}

function needLines(screen: Screen, report: PullReport): string[] {
  return plannedIn(report).flatMap(({ target, needs, hopeless, discounted }) => [
    ...needs.flatMap((need) => {
      const who = need.approvers.map(({ member, login }) => showName(login ?? member)).join(", ");
      const of = need.approved ? "" : ` of ${who === "" ? "nobody: the base branch names no owner" : who}`;
      const by = need.by.length === 0 ? "" : ` (given by ${need.by.map((login) => showName(login)).join(", ")})`;
      const against = need.against.map((login) => showName(login)).join(", ");
      const stands = against === "" ? "" : `; against it: ${against}`;
      return wrap(screen, [`${showName(target)}: ${describeNeed(need)}${of}${by}${stands}`], "  ", "    ");
    }),
    ...hopeless.flatMap(({ message, hint }) =>
      wrap(
        screen,
        [{ text: "Nobody can approve it: ", style: "red" }, escapeTerminal(sentences(message, hint), MESSAGE_LENGTH)],
        "  ",
        "    ",
      ),
    ),
    ...discounted.flatMap(({ login, why }) =>
      wrap(
        screen,
        [`The review of ${showName(login)} does not count: ${escapeTerminal(sentences(why), MESSAGE_LENGTH)}`],
        "  ",
        "    ",
      ),
    ),
  ]);
}
