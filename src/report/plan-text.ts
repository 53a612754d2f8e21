// A plan for a terminal: people first, then the changes, then what is not settled, and last what to type
// next. It refuses to soften: an uncommitted or refused plan says so at both ends.
import type { Change, Effect } from "../model/change.ts";
import { compareText } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import { changeItemLines, EFFECT_STYLES } from "./changes-text.ts";
import { conflictWays, discrepancyLines } from "./discrepancies-text.ts";
import { escapeTerminal, MESSAGE_LENGTH, quoteShell, showName } from "./escape.ts";
import { findingLines } from "./findings-text.ts";
import type { RankOf } from "./fold-access.ts";
import { foldChanges } from "./fold-changes.ts";
import { type Screen, type Style, screenOf, wrap } from "./layout.ts";
import { describePeople, peopleLines } from "./people-text.ts";
import { counted, folded, grouped, type KnownScopes } from "./phrase.ts";

export interface PlanTextOptions extends KnownScopes {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** `--full`: nothing is folded. */
  readonly full: boolean;
  /** `Platform.rankOf`. */
  readonly rankOf?: RankOf;
  /** Arguments the plan was made with that its apply needs as well (`--overwrite KEY`). */
  readonly rerun?: readonly string[];
  /** A question follows, so no command is given. */
  readonly asking?: boolean;
}

/** Change items shown without `full`. */
const ITEMS_SHOWN = 200;

/** Names shown of each unmanaged kind, and of what is blocked. */
const NAMES_SHOWN = 3;

/** The whole plan as text, ending in a newline. */
export function renderPlanText(plan: Plan, options: PlanTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const sections = [
    headerLines(screen, plan),
    ...(plan.changes.length === 0 ? [] : [peopleSection(screen, plan, options), changesSection(screen, plan, options)]),
    driftSection(screen, plan),
    conflictsSection(screen, plan),
    unmanagedSection(screen, plan, options.full),
    findingsSection(screen, plan),
    blockedSection(screen, plan, options.full),
    lastLines(screen, plan, options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** What no change of the plan settles: drift, conflicts, and what Git does not manage. */
export function driftSections(screen: Screen, plan: Plan, options: PlanTextOptions): string[][] {
  return [
    driftSection(screen, plan),
    conflictsSection(screen, plan),
    unmanagedSection(screen, plan, options.full),
    findingsSection(screen, plan),
  ];
}

/** Nothing to change and nothing to tell. */
export function isEmptyPlan({ changes, drift, conflicts, unmanaged, findings }: Plan): boolean {
  return [changes, drift, conflicts, unmanaged, findings].every((part) => part.length === 0);
}

/** `commit 3f2a91c7d0e1 (with uncommitted edits)`. */
export function describeSource({ commit, uncommitted }: Pick<Plan, "commit" | "uncommitted">): string {
  if (commit === null) return uncommitted ? "files that are not committed" : "files outside Git";
  return `commit ${commit.slice(0, 12)}${uncommitted ? " with uncommitted edits" : ""}`;
}

function headerLines(screen: Screen, plan: Plan): string[] {
  if (isEmptyPlan(plan))
    return wrap(
      screen,
      [
        { text: `${showName(plan.target)}: nothing to change.`, style: "green" },
        ` Live is as ${describeSource(plan)} ${plan.commit === null ? "say" : "says"}.`,
      ],
      "",
      "  ",
    );
  const base = plan.base === null ? "nothing was applied before" : `last applied ${plan.base.slice(0, 12)}`;
  const lines = wrap(
    screen,
    [
      { text: `Plan for ${showName(plan.target)}`, style: "bold" },
      ` (${showName(plan.platform)}) at ${describeSource(plan)}, ${base}`,
    ],
    "",
    "  ",
  );
  return [...lines, ...bannerLines(screen, plan)];
}

function bannerLines(screen: Screen, { uncommitted, refused }: Plan): string[] {
  if (uncommitted)
    return wrap(screen, [{ text: "UNCOMMITTED EDITS: this plan can be looked at, never applied.", style: "yellow" }]);
  if (refused)
    return wrap(screen, [{ text: "REFUSED: this plan has errors and can be looked at, never applied.", style: "red" }]);
  return [];
}

function heading(screen: Screen, title: string, style: Style = "bold", note = ""): string[] {
  return wrap(screen, [{ text: title, style }, note], "", "  ");
}

const EFFECTS: Readonly<Record<Effect, string>> = {
  escalates: "This plan escalates: it gives access and takes none.",
  reduces: "This plan reduces: it takes access and gives none.",
  mixed: "This plan is mixed: it gives access and takes access.",
  neutral: "This plan is neutral: it neither gives nor takes access.",
};

/** The plan's label, as a sentence. */
export function describeEffect({ effect }: Pick<Plan, "effect">): string {
  return EFFECTS[effect];
}

/** Says that the people and the label count what will not be made, or undefined when nothing is blocked. */
export function describeBlocked({ changes }: Pick<Plan, "changes">): string | undefined {
  const count = changes.filter(isBlocked).length;
  if (count === 0) return undefined;
  return `This counts ${counted(count, "change that is", "changes that are")} blocked and will not be made.`;
}

function peopleSection(screen: Screen, plan: Plan, options: PlanTextOptions): string[] {
  const blocked = describeBlocked(plan);
  const title = [
    ...heading(screen, describePeople(plan)),
    ...wrap(screen, [{ text: describeEffect(plan), style: EFFECT_STYLES[plan.effect] }]),
    ...(blocked === undefined ? [] : wrap(screen, [{ text: blocked, style: "red" }])),
  ];
  return plan.access.length === 0 ? title : [...title, "", ...peopleLines(screen, plan.access, options)];
}

function changesSection(screen: Screen, plan: Plan, options: PlanTextOptions): string[] {
  const items = foldChanges(plan.changes);
  const shown = options.full ? items : items.slice(0, ITEMS_SHOWN);
  const lines = shown.flatMap((item) => changeItemLines(screen, item, { full: options.full, indent: "  " }));
  const hidden = items.slice(shown.length).reduce((sum, item) => sum + item.changes.length, 0);
  if (hidden > 0) lines.push(`  … and ${counted(hidden, "more change")}; --full shows all`);
  return [
    ...heading(screen, "Changes, in the order they are made", "bold", ` (${describeCounts(plan)})`),
    "",
    ...lines,
  ];
}

/** `2 to create, 1 to update`; what is zero is left out. */
export function describeCounts({ summary }: Pick<Plan, "summary">): string {
  const counts = (["create", "update", "delete"] as const).filter((action) => summary[action] > 0);
  return counts.map((action) => `${grouped(summary[action])} to ${action}`).join(", ");
}

function driftSection(screen: Screen, { drift }: Plan): string[] {
  if (drift.length === 0) return [];
  const title = "Drift: changed on the platform behind Git's back, left alone by this plan";
  return [
    ...heading(screen, title, "bold", ` (${grouped(drift.length)})`),
    "",
    ...discrepancyLines(screen, drift, "yellow"),
  ];
}

function conflictsSection(screen: Screen, { conflicts }: Plan): string[] {
  if (conflicts.length === 0) return [];
  const ways = (item: Plan["conflicts"][number]) =>
    conflictWays(item).flatMap(([wins, todo, object]) =>
      wrap(screen, [`${todo} ${object}`], `      ${wins}: `, "        "),
    );
  const title = "Conflicts: Git and the platform both changed; you decide";
  return [
    ...heading(screen, title, "red", ` (${grouped(conflicts.length)})`),
    "",
    ...discrepancyLines(screen, conflicts, "red", ways),
  ];
}

/** Unmanaged entities by kind, kinds sorted. */
export function unmanagedKinds({ unmanaged }: Pick<Plan, "unmanaged">): [kind: string, names: string[]][] {
  const kinds = new Map<string, string[]>();
  for (const { kind, name } of unmanaged) {
    const names = kinds.get(kind);
    if (names) names.push(name);
    else kinds.set(kind, [name]);
  }
  return [...kinds].sort(([a], [b]) => compareText(a, b));
}

function unmanagedSection(screen: Screen, plan: Plan, full: boolean): string[] {
  if (plan.unmanaged.length === 0) return [];
  const lines = unmanagedKinds(plan).flatMap(([kind, names]) =>
    wrap(
      screen,
      [folded(names, full ? names.length : NAMES_SHOWN)],
      `  ${counted(names.length, showName(kind))}: `,
      "      ",
    ),
  );
  return [...heading(screen, "Unmanaged: on the platform, not in Git, left alone"), "", ...lines];
}

function findingsSection(screen: Screen, { findings }: Plan): string[] {
  if (findings.length === 0) return [];
  return [
    ...heading(screen, "Findings", "bold", ` (${grouped(findings.length)})`),
    "",
    ...findingLines(screen, findings, "  "),
  ];
}

/** Blocked changes by what blocks them, with the reasons the findings give. */
export function blockedReasons(plan: Plan): { code: string; reasons: string[]; changes: Change[] }[] {
  const codes = [...new Set(plan.changes.flatMap((change) => change.blockedBy ?? []))].sort(compareText);
  return codes.map((code) => ({
    code,
    reasons: [...new Set(plan.findings.filter((finding) => finding.code === code).map(({ message }) => message))],
    changes: plan.changes.filter((change) => change.blockedBy?.includes(code)),
  }));
}

function blockedSection(screen: Screen, plan: Plan, full: boolean): string[] {
  const blocks = blockedReasons(plan);
  if (blocks.length === 0) return [];
  const lines = blocks.flatMap(({ code, reasons, changes }) => {
    const names = changes.map((change) => `${change.kind} ${change.name}`);
    return [
      ...wrap(
        screen,
        [{ text: `${showName(code)}: `, style: "red" }, folded(names, full ? names.length : NAMES_SHOWN)],
        "  ",
        "      ",
      ),
      ...reasons.flatMap((reason) => wrap(screen, [escapeTerminal(reason, MESSAGE_LENGTH)], "      ")),
    ];
  });
  const count = plan.changes.filter(isBlocked).length;
  return [...heading(screen, `Blocked: ${counted(count, "change")} will not be made`, "red"), "", ...lines];
}

function isBlocked({ blockedBy }: Change): boolean {
  return blockedBy !== undefined && blockedBy.length > 0;
}

/** Why a plan cannot be applied, or undefined when it can. */
export function describeObstacle(plan: Plan): string | undefined {
  const errors = plan.findings.filter(
    ({ severity, blocks }) => severity === "error" && (blocks ?? "everything") === "everything",
  ).length;
  if (plan.uncommitted) return "Not to be applied: it was read from uncommitted edits. Commit them and plan again.";
  if (plan.refused)
    return `Refused: nothing can be applied before ${counted(errors, "error is", "errors are")} settled.`;
  if (plan.changes.length > 0 && plan.changes.every(isBlocked))
    return "Every change is blocked; there is nothing to apply.";
  return undefined;
}

/** The command that applies exactly this plan. */
export function applyCommand(
  { target, digest }: Pick<Plan, "target" | "digest">,
  rerun: readonly string[] = [],
): string {
  return ["rolebook apply --target", target, "--approve", digest, ...rerun]
    .map((word, index) => (index === 0 ? word : quoteShell(word)))
    .join(" ");
}

function lastLines(screen: Screen, plan: Plan, { rerun, asking }: PlanTextOptions): string[] {
  const obstacle = describeObstacle(plan);
  if (isEmptyPlan(plan)) return [];
  if (obstacle !== undefined) {
    const style = plan.refused || !plan.uncommitted ? "red" : "yellow";
    return [...wrap(screen, [{ text: obstacle, style }]), `Digest ${plan.digest}`];
  }
  if (plan.changes.length === 0) return wrap(screen, [{ text: "Nothing to apply.", style: "green" }]);
  if (asking) return [`Digest ${plan.digest}`];
  const blocked = plan.changes.filter(isBlocked).length;
  const what =
    blocked === 0 ? "exactly this" : `the other ${counted(plan.changes.length - blocked, "change")}, exactly as shown`;
  return [
    `Digest ${plan.digest}`,
    ...wrap(screen, [{ text: `To apply ${what}:`, style: "bold" }]),
    `  ${applyCommand(plan, rerun)}`,
  ];
}
