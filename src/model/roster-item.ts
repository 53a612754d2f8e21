// What a roster file shows of an entry, besides the decision that is asked for: written by `start`, and compared with what the file
// says when decisions are read, so that nobody decides on what they were not shown.
import type { RosterEntry } from "./campaign.ts";
import { decisionText } from "./decision.ts";
import type { RiskLevel } from "./review.ts";

/** In the order in which files write it. */
export interface RosterItem {
  readonly entry: string;
  readonly target: string;
  readonly member: string;
  /** Absent for what is held directly. */
  readonly through?: readonly string[];
  /** Absent where nothing is held directly. */
  readonly roles?: readonly string[];
  readonly gives: readonly string[];
  readonly risk: RiskLevel;
  readonly recommendation: string;
  readonly because: string;
}

/** What files may not hold, and what looks like nothing or turns text around: platforms have such names. */
const UNSHOWN = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** As long as the schema lets each be. */
const LENGTHS = { target: 63, member: 254, group: 200, role: 500, gives: 2000, because: 2000, recommendation: 254 };

/** The part of an entry that its file shows. Names that no file may hold are written so that they can be seen. */
export function rosterItemOf(entry: RosterEntry): RosterItem {
  const { id, target, member, groups, roles, gives, risk, recommendation, because } = entry;
  const through = groups.map((group) => visible(group, LENGTHS.group));
  return {
    entry: id,
    target: visible(target, LENGTHS.target),
    member: visible(member, LENGTHS.member),
    ...(groups.length === 0 ? {} : { through }),
    ...(roles.length === 0 ? {} : { roles: roles.map((role) => visible(role, LENGTHS.role)) }),
    gives: gives.map((line) => visible(line, LENGTHS.gives)),
    risk,
    recommendation: visible(decisionText(recommendation), LENGTHS.recommendation),
    because: visible(because, LENGTHS.because),
  };
}

function visible(text: string, most: number): string {
  const shown = text
    .replace(UNSHOWN, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      return `<U+${code}>`;
    })
    .trim();
  if (shown === "") return "-";
  return shown.length <= most
    ? shown
    : `${shown
        .slice(0, most - 1)
        .replace(/[\ud800-\udbff]$/, "")
        .trimEnd()}…`;
}
