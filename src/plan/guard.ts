// What forbids changes, or is worth a warning, whoever they concern: shrunken reads, strangers in groups, words without effect.
// Each guard is a small pure function; `build.ts` runs them all and is the only place that decides.
import { type Entity, entityAt, groupOfSection, type State } from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import type { Difference } from "./diff.ts";

/** Findings, and which changes (by key) each "change"-blocking code forbids. */
export interface Guarded {
  readonly findings: readonly Finding[];
  readonly blocked: ReadonlyMap<string, readonly string[]>;
}

/** At this share of the expected entities missing from live, the read is taken for broken rather than true. */
const SHRUNKEN_SHARE = 0.3;
/** Fewer missing entities than this are drift, whatever their share: one person leaving a group of two is no broken read. */
const SHRUNKEN_LEAST = 3;

/** A read in which much of what base and desired agree on is missing blocks every removal. */
export function guardShrunken(difference: Difference): Finding[] {
  const findings: Finding[] = [];
  for (const [kind, { known, missing }] of difference.expected) {
    const everything = missing === known && known >= 2;
    if (!everything && (missing < SHRUNKEN_LEAST || missing < known * SHRUNKEN_SHARE)) continue;
    findings.push({
      severity: "error",
      code: "shrunken-read",
      message: `The platform shows ${known - missing} of ${known} ${kind} entities that were applied before`,
      hint: "If they really are gone, bring that into Git first (drift); nothing is removed until the read and Git agree.",
      blocks: "removals",
    });
  }
  return findings;
}

/** Keys that were to be settled in favour of Git and have no conflict: a typing mistake, or done already. */
export function guardOverwrites(overwrite: readonly string[], settled: ReadonlySet<string>): Finding[] {
  return overwrite
    .filter((key) => !settled.has(key))
    .map((key) => ({
      severity: "warning",
      code: "overwrite-without-conflict",
      message: `--overwrite ${key} settles nothing: this plan changes nothing at that key`,
      hint: "Keys are those the plan shows with its conflicts, such as Group/card creators.",
    }));
}

/** Names shown of each group before the rest is a number. */
const NAMES_SHOWN = 5;

/**
 * People who are in a group whose members Git lists, and are not on the list: somebody added them by hand. Git never
 * had them, so they are never removed; but nobody shall miss them either.
 */
export function guardStrangers(unmanaged: readonly Entity[], want: State, live: State): Finding[] {
  const strangers = new Map<string, string[]>();
  for (const { section, name } of unmanaged) {
    if (groupOfSection(section) === undefined || (want.get(section)?.size ?? 0) === 0) continue;
    strangers.set(section, [...(strangers.get(section) ?? []), name]);
  }
  return [...strangers].map(([section, names]): Finding => {
    const group = groupOfSection(section) ?? section;
    const shown = names.sort(compareText).slice(0, NAMES_SHOWN).join(", ");
    const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
    return {
      severity: "warning",
      code: "member-not-in-git",
      message: `Group "${entityAt(live, "Group", group)?.name ?? group}" has ${names.length === 1 ? "a member" : `${names.length} members`} that Git does not list: ${shown}${more}`,
      key: `Group/${group}`,
      hint: "List them in the group's Membership (rolebook import writes it), or take them out on the platform.",
    };
  });
}
