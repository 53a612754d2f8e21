// The parts of a plan at a terminal that no change settles: drift, conflicts, edits the files need, what is unmanaged,
// what is blocked, and the findings. It refuses to take a side.
import type { Place } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import { conflictWays, discrepancyLines } from "./discrepancies-text.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import { countSeverities, findingLines } from "./findings-text.ts";
import { type Pieces, type Screen, type Style, wrap } from "./layout.ts";
import { counted, folded, grouped } from "./phrase.ts";
import { blockedReasons, isBlocked, unmanagedKinds } from "./plan-words.ts";

/** Names shown of each unmanaged kind, and of what is blocked. */
const NAMES_SHOWN = 3;

/** Edits shown without `full`; a file can be behind by many entries. */
const EDITS_SHOWN = 50;

/** Everything here but what is blocked, which is about the changes. */
export function unsettledSections(screen: Screen, plan: Plan, full: boolean): string[][] {
  return [
    driftSection(screen, plan),
    conflictsSection(screen, plan),
    proposalsSection(screen, plan, full),
    unmanagedSection(screen, plan, full),
    findingsSection(screen, plan),
  ];
}

/** A section's title, and a note beside it that is not part of it. */
export function sectionTitle(screen: Screen, title: string, style: Style = "bold", note = ""): string[] {
  return wrap(screen, [{ text: title, style }, note], "", "  ");
}

/** A sentence that comes from elsewhere, after the place that it is about. */
export function placedLines(screen: Screen, place: Place | undefined, sentence: string): string[] {
  const where: Pieces = place
    ? [{ text: `${escapeTerminal(place.file, MESSAGE_LENGTH)}:${place.line}:${place.column}`, solid: true }, "  "]
    : [];
  return wrap(screen, [...where, escapeTerminal(sentence, MESSAGE_LENGTH)], "  ", "      ");
}

function driftSection(screen: Screen, { drift }: Plan): string[] {
  if (drift.length === 0) return [];
  const title = "Drift: changed on the platform behind Git's back, left alone by this plan";
  return [
    ...sectionTitle(screen, title, "bold", ` (${grouped(drift.length)})`),
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
    ...sectionTitle(screen, title, "red", ` (${grouped(conflicts.length)})`),
    "",
    ...discrepancyLines(screen, conflicts, "red", ways),
  ];
}

function proposalsSection(screen: Screen, { proposals }: Plan, full: boolean): string[] {
  if (proposals.length === 0) return [];
  const shown = full ? proposals : proposals.slice(0, EDITS_SHOWN);
  const hidden = proposals.length - shown.length;
  const lines = shown.flatMap(({ place, what, to }) => [
    ...placedLines(screen, place, what),
    ...(to === undefined ? [] : wrap(screen, [showName(to)], "      new name: ", "        ")),
  ]);
  if (hidden > 0) lines.push(`  … and ${counted(hidden, "more edit")}; --full shows all`);
  return [
    ...sectionTitle(screen, "Edits to the files that this asks for", "bold", ` (${grouped(proposals.length)})`),
    "",
    ...lines,
  ];
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
  return [...sectionTitle(screen, "Unmanaged: on the platform, not in Git, left alone"), "", ...lines];
}

function findingsSection(screen: Screen, { findings }: Plan): string[] {
  if (findings.length === 0) return [];
  return [
    ...sectionTitle(screen, "Findings", "bold", ` (${countSeverities(findings)})`),
    "",
    ...findingLines(screen, findings, "  "),
  ];
}

/** The changes that will not be made, by what blocks them. */
export function blockedSection(screen: Screen, plan: Plan, full: boolean): string[] {
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
  return [...sectionTitle(screen, `Blocked: ${counted(count, "change")} will not be made`, "red"), "", ...lines];
}
