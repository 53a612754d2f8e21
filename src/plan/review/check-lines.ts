// Whether the roster files still hold what the campaign began with: every entry once, in its reviewer's file, saying what was
// shown, and nothing else. What is not as it was decides nothing, and is said. Pure; it looks at no decision.
import type { CampaignStart, RosterEntry, RosterLine } from "../../model/campaign.ts";
import { compareText, type Finding, type Place } from "../../model/finding.ts";
import { rosterItemOf } from "../../model/roster-item.ts";
import { digestOf } from "../digest.ts";
import type { RosterVersion } from "./campaign-input.ts";

/** The one line that may decide an entry. */
export interface SoundLine {
  readonly entry: RosterEntry;
  readonly line: RosterLine;
  readonly version: RosterVersion;
}

export interface CheckedLines {
  /** By entry. */
  readonly lines: ReadonlyMap<string, SoundLine>;
  /** Files that hold each reviewer's entries, sorted. */
  readonly filesOf: (reviewer: string) => readonly string[];
  readonly findings: readonly Finding[];
}

interface Found {
  readonly line: RosterLine;
  readonly version: RosterVersion;
}

export function checkLines(start: CampaignStart, rosters: readonly RosterVersion[]): CheckedLines {
  const findings: Finding[] = [];
  const entries = new Map(start.entries.map((entry) => [entry.id, entry]));
  const found = new Map<string, Found[]>();
  for (const version of rosters)
    for (const line of version.roster.lines) {
      const known = found.get(line.entry);
      if (known) known.push({ line, version });
      else found.set(line.entry, [{ line, version }]);
      if (!entries.has(line.entry)) findings.push(unknownEntry(line));
    }
  const lines = new Map<string, SoundLine>();
  const missing = new Map<string, RosterEntry[]>();
  for (const entry of start.entries) {
    const [first, second] = found.get(entry.id) ?? [];
    if (!first) {
      const others = missing.get(entry.reviewer);
      if (others) others.push(entry);
      else missing.set(entry.reviewer, [entry]);
      continue;
    }
    const wrong = second ? twice(entry, second.line, first.line.place) : wrongAbout(entry, first);
    if (wrong) findings.push(wrong);
    else lines.set(entry.id, { entry, ...first });
  }
  const filesOf = filesByReviewer(rosters);
  for (const [reviewer, gone] of missing)
    findings.push(missingEntries(start, reviewer, gone, filesOf(reviewer), rosters));
  return { lines, filesOf, findings };
}

function filesByReviewer(rosters: readonly RosterVersion[]): (reviewer: string) => readonly string[] {
  const files = new Map<string, string[]>();
  for (const { roster } of rosters) files.set(roster.reviewer, [...(files.get(roster.reviewer) ?? []), roster.file]);
  for (const list of files.values()) list.sort(compareText);
  return (reviewer) => files.get(reviewer) ?? [];
}

function wrongAbout(entry: RosterEntry, { line, version }: Found): Finding | undefined {
  const { reviewer } = version.roster;
  if (reviewer !== entry.reviewer)
    return {
      severity: "error",
      code: "roster-entry-moved",
      message: `What ${entry.member} holds is for ${entry.reviewer} to decide, and stands in a file of ${reviewer}`,
      place: line.place,
      hint: `Put the entry back into the file of ${entry.reviewer}.`,
    };
  if (line.shown === undefined || digestOf(line.shown) === digestOf(rosterItemOf(entry))) return undefined;
  return {
    severity: "error",
    code: "roster-entry-edited",
    message: `The entry of ${entry.member} says something else than when the campaign began`,
    place: line.place,
    hint: "Restore everything but decision and justification: git show the file's first commit on the branch.",
  };
}

function twice({ member }: RosterEntry, { place }: RosterLine, first: Place): Finding {
  return {
    severity: "error",
    code: "roster-entry-twice",
    message: `The entry of ${member} stands twice in the roster; first in ${first.file}:${first.line}:${first.column}`,
    place,
    hint: "Keep the one that `rolebook review start` wrote.",
  };
}

function unknownEntry({ entry, place }: RosterLine): Finding {
  return {
    severity: "error",
    code: "roster-entry-unknown",
    message: `The campaign has no entry "${entry}"`,
    place,
    hint: "Take it out: entries are what the campaign began with, and nobody adds to them.",
  };
}

function missingEntries(
  { id }: CampaignStart,
  reviewer: string,
  gone: readonly RosterEntry[],
  files: readonly string[],
  rosters: readonly RosterVersion[],
): Finding {
  const [first] = gone;
  const who = gone.length === 1 ? `the entry of ${first?.member}` : `${gone.length} entries`;
  const [file = rosters[0]?.roster.file] = files;
  const where =
    files.length === 0
      ? `Review ${id} has no file of ${reviewer} any more`
      : `The files of ${reviewer} lack some of it`;
  return {
    severity: "error",
    code: "roster-entry-missing",
    message: `${where}: ${who} cannot be decided`,
    ...(file === undefined ? {} : { place: { file, line: 1, column: 1 } }),
    hint: "Restore what `rolebook review start` wrote; an entry that is taken out is not decided.",
  };
}
