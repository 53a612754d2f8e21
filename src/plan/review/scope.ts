// Which rows of a report a campaign is about: those that fit every part of its scope. What is not known of a row never leaves it out.
import type { ReviewScope } from "../../model/campaign.ts";
import type { ReviewReport, ReviewRow } from "../../model/review.ts";
import { digestOf } from "../digest.ts";

/** What names of a target are compared by. */
export type FoldOf = (target: string) => (name: string) => string;

/** The last campaign that "since the last review" means. */
export interface LastReview {
  /** ISO 8601, UTC: when it began. */
  readonly at: string;
  /** Row id -> level by then. */
  readonly levels: ReadonlyMap<string, string>;
}

export interface ScopeInput {
  readonly report: Pick<ReviewReport, "rows">;
  readonly scope: ReviewScope;
  readonly foldOf: FoldOf;
  /** Undefined where there was none: then everything is new. */
  readonly last?: LastReview | undefined;
}

/** The rows in scope, in the report's order. */
export function rowsInScope({ report, scope, foldOf, last }: ScopeInput): ReviewRow[] {
  const { targets, ownerEquivalent } = scope;
  const fits = (["groups", "resources", "levels", "scopes"] as const).flatMap((part) => {
    const names = scope[part];
    return names ? [namesFit(part, names, foldOf)] : [];
  });
  const isRecent = recency(scope, last);
  return report.rows.filter(
    (row) =>
      (targets?.includes(row.target) ?? true) &&
      (ownerEquivalent !== true || row.ownerEquivalent) &&
      fits.every((isFit) => isFit(row)) &&
      isRecent(row),
  );
}

type Fit = (row: ReviewRow) => boolean;

function namesFit(part: "groups" | "resources" | "levels" | "scopes", names: readonly string[], foldOf: FoldOf): Fit {
  const byTarget = new Map<string, ReadonlySet<string>>();
  const wanted = (target: string) => {
    const known = byTarget.get(target) ?? new Set(names.map(foldOf(target)));
    byTarget.set(target, known);
    return known;
  };
  const valuesOf = ({ paths, resource, level, scope }: ReviewRow): readonly string[] => {
    switch (part) {
      case "groups":
        return paths.flatMap(({ group }) => (group === undefined ? [] : [group]));
      case "resources":
        return [resource];
      case "levels":
        return [level];
      case "scopes":
        return [scope];
      default: {
        const never: never = part;
        return never;
      }
    }
  };
  return (row) => valuesOf(row).some((value) => wanted(row.target).has(foldOf(row.target)(value)));
}

function recency({ changedSince }: ReviewScope, last: LastReview | undefined): Fit {
  if (changedSince === undefined) return () => true;
  if (changedSince !== "last-review") return (row) => isSince(row, `${changedSince}T00:00:00.000Z`);
  if (last === undefined) return () => true;
  return (row) => last.levels.get(row.id) !== row.level || isSince(row, last.at, false);
}

/** Whether a path of it came at that time or later. One of which nobody knows counts as `unknown`. */
function isSince({ paths }: ReviewRow, at: string, unknown = true): boolean {
  const instant = Date.parse(at);
  return paths.some(({ provenance: { since } }) => (since === null ? unknown : Date.parse(since) >= instant));
}

/** The id of an entry: the first 16 digits of a digest of whose it is and what gives it, by folded names. */
export function entryId(target: string, member: string, groups: readonly string[], roles: readonly string[]): string {
  return digestOf(["rolebook roster 1", target, member, [...groups].sort(), [...roles].sort()]).slice(0, 16);
}
