// A report beside the reviews before it: what is new, gone or at another level, and how the figures went. Only what looked at the
// same targets is compared: what nobody read is not gone.
import { compareText } from "../../model/finding.ts";
import type { ReviewReport, ReviewRow, RowChange, TrendPoint } from "../../model/review.ts";
import { rowId } from "./ground.ts";
import type { PastReview, ReviewInput } from "./input.ts";
import { lately } from "./regranted.ts";
import type { RowInput } from "./rows.ts";

type Changes = ReviewReport["changes"];

/** Since the last review that looked at any of the report's targets, of the targets that both looked at. */
export function changesSince({ past, targets, now }: ReviewInput, rows: readonly ReviewRow[]): Changes {
  const here = new Set(targets.map(({ target }) => target.name));
  const last = before(past, now).findLast((review) => review.targets.some((name) => here.has(name)));
  if (!last) return null;
  const both = new Set(last.targets.filter((name) => here.has(name)));
  const then = new Map(last.start.rows.filter(({ target }) => both.has(target)).map((row) => [row.id, row]));
  const changes: RowChange[] = [];
  for (const row of rows) {
    if (!both.has(row.target)) continue;
    const known = then.get(row.id);
    then.delete(row.id);
    if (known?.level !== row.level) changes.push(changeOf(row, known?.level ?? null, row.level));
  }
  for (const row of then.values()) changes.push(changeOf(row, row.level, null));
  return { review: last.start.id, at: last.start.startedAt, rows: changes.sort(compareChanges) };
}

type Named = Pick<RowChange, "id" | "target" | "member" | "resource" | "scope">;

function changeOf({ id, target, member, resource, scope }: Named, before: string | null, after: string | null) {
  return { id, target, member, resource, scope, before, after };
}

function compareChanges(a: RowChange, b: RowChange): number {
  return (
    compareText(a.target, b.target) ||
    compareText(a.member, b.member) ||
    compareText(a.resource, b.resource) ||
    compareText(a.scope, b.scope) ||
    compareText(a.id, b.id)
  );
}

/** The figures of the reviews that looked at just these targets. */
export function trendsOf({ past, targets, now }: ReviewInput): TrendPoint[] {
  const here = new Set(targets.map(({ target }) => target.name));
  return before(past, now)
    .filter((review) => review.targets.length === here.size && review.targets.every((name) => here.has(name)))
    .map(({ start, revoked }) => ({ review: start.id, at: start.startedAt, figures: start.figures, revoked }));
}

function before(past: readonly PastReview[], now: Date): PastReview[] {
  return past
    .filter(({ start }) => Date.parse(start.startedAt) <= now.getTime())
    .sort((a, b) => compareText(a.start.startedAt, b.start.startedAt) || compareText(a.start.id, b.start.id));
}

/** What reviews took away lately, by the row that it would be if it were there again. */
export function revokedRows({ revoked, targets, now }: ReviewInput): RowInput["revoked"] {
  const folds = new Map(targets.map(({ target, platform }) => [target.name, platform.fold]));
  const found = new Map<string, { readonly review: string; readonly level: string }[]>();
  for (const { review, target, member, resource, scope, level } of lately(revoked, now)) {
    const fold = folds.get(target);
    if (!fold) continue;
    const id = rowId(target, fold(member), { resource, scope });
    found.set(id, [...(found.get(id) ?? []), { review, level }]);
  }
  return found;
}
