// A plan for a terminal: what weakens the rules first, then people, then the changes, then what is not settled, and last
// what to type next. It refuses to soften: a plan that is uncommitted, refused or weakens rules says so at both ends.
import type { Plan, Weakening } from "../model/plan.ts";
import { changeItemLines, EFFECT_STYLES } from "./changes-text.ts";
import { showName } from "./escape.ts";
import type { RankOf } from "./fold-access.ts";
import { foldChanges } from "./fold-changes.ts";
import { type Screen, screenOf, wrap } from "./layout.ts";
import { describePeople, peopleLines } from "./people-text.ts";
import { counted, grouped, type KnownScopes } from "./phrase.ts";
import {
  applyCommand,
  besideOf,
  describeBlocked,
  describeCounts,
  describeEffect,
  describeLive,
  describeObstacle,
  describeOwners,
  describeProof,
  describeSource,
  hasSomethingToApply,
  isBlocked,
  isEmptyPlan,
  TARGET_OWNERS,
} from "./plan-words.ts";
import { blockedSection, placedLines, sectionTitle, unsettledSections } from "./unsettled-text.ts";

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
  /** It is what a merge would do: its base is what it is merged into, and not what was applied last. */
  readonly merging?: boolean;
}

/** Change items shown without `full`. */
const ITEMS_SHOWN = 200;

/** The whole plan as text, ending in a newline. */
export function renderPlanText(plan: Plan, options: PlanTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const sections = [
    headerLines(screen, plan, options.merging ?? false),
    ...weakensSections(screen, plan, options.merging ?? false),
    ...(plan.changes.length === 0 ? [] : [peopleSection(screen, plan, options)]),
    waiversSection(screen, plan),
    ...(plan.changes.length === 0 ? [] : [changesSection(screen, plan, options)]),
    ...unsettledSections(screen, plan, options.full),
    blockedSection(screen, plan, options.full),
    lastLines(screen, plan, options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headerLines(screen: Screen, plan: Plan, merging: boolean): string[] {
  if (isEmptyPlan(plan))
    return wrap(
      screen,
      [{ text: `${showName(plan.target)}: nothing to change.`, style: "green" }, ` ${describeLive(plan)}`],
      "",
      "  ",
    );
  const since = merging ? "on top of" : "last applied";
  const base = plan.base === null ? "nothing was applied before" : `${since} ${plan.base.slice(0, 12)}`;
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

function weakensSections(screen: Screen, plan: Plan, merging: boolean): string[][] {
  const needed = (weakening: Weakening) =>
    merging && weakening.owners.length === 0 ? TARGET_OWNERS : describeOwners(weakening);
  return besideOf(plan).map(({ title, items }) => [
    ...sectionTitle(screen, title, "red", ` (${grouped(items.length)})`),
    "",
    ...items.flatMap((weakening) => [
      ...placedLines(screen, weakening.place, weakening.what),
      ...wrap(screen, [{ text: "needs: ", style: "yellow" }, needed(weakening)], "      ", "        "),
    ]),
  ]);
}

function peopleSection(screen: Screen, plan: Plan, options: PlanTextOptions): string[] {
  const blocked = describeBlocked(plan);
  const proof = describeProof(plan);
  const title = [
    ...sectionTitle(screen, describePeople(plan)),
    ...wrap(screen, [{ text: describeEffect(plan), style: EFFECT_STYLES[plan.effect] }]),
    ...(proof === undefined ? [] : wrap(screen, [{ text: proof, style: plan.nonEscalating ? "green" : "yellow" }])),
    ...(blocked === undefined ? [] : wrap(screen, [{ text: blocked, style: "red" }])),
  ];
  return plan.access.length === 0 ? title : [...title, "", ...peopleLines(screen, plan.access, options)];
}

function waiversSection(screen: Screen, { waivers }: Plan): string[] {
  if (waivers.length === 0) return [];
  const names = waivers.map((name) => showName(name)).join(", ");
  return wrap(screen, [{ text: "Waivers used: ", style: "yellow" }, names], "", "  ");
}

function changesSection(screen: Screen, plan: Plan, options: PlanTextOptions): string[] {
  const items = foldChanges(plan.changes);
  const shown = options.full ? items : items.slice(0, ITEMS_SHOWN);
  const lines = shown.flatMap((item) => changeItemLines(screen, item, { full: options.full, indent: "  " }));
  const hidden = items.slice(shown.length).reduce((sum, item) => sum + item.changes.length, 0);
  if (hidden > 0) lines.push(`  … and ${counted(hidden, "more change")}; --full shows all`);
  return [
    ...sectionTitle(screen, "Changes, in the order they are made", "bold", ` (${describeCounts(plan)})`),
    "",
    ...lines,
  ];
}

/** Of what stands at the top, which may have scrolled away; needless when nothing stands between. */
function reminderLines(screen: Screen, plan: Plan): string[] {
  if (plan.changes.length === 0) return [];
  return besideOf(plan).flatMap(({ verb, items }) =>
    wrap(screen, [{ text: `This also ${verb} (${grouped(items.length)}): see the top.`, style: "red" }]),
  );
}

function lastLines(screen: Screen, plan: Plan, { rerun, asking }: PlanTextOptions): string[] {
  const obstacle = describeObstacle(plan);
  if (isEmptyPlan(plan)) return [];
  if (obstacle !== undefined) {
    const style = plan.refused || !plan.uncommitted ? "red" : "yellow";
    return [...wrap(screen, [{ text: obstacle, style }]), `Digest ${plan.digest}`];
  }
  if (!hasSomethingToApply(plan)) return wrap(screen, [{ text: "Nothing to apply.", style: "green" }]);
  const end = [...reminderLines(screen, plan), `Digest ${plan.digest}`];
  if (asking) return end;
  const blocked = plan.changes.filter(isBlocked).length;
  const what =
    blocked === 0 ? "exactly this" : `the other ${counted(plan.changes.length - blocked, "change")}, exactly as shown`;
  return [...end, ...wrap(screen, [{ text: `To apply ${what}:`, style: "bold" }]), `  ${applyCommand(plan, rerun)}`];
}
