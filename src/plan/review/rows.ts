// The rows of one target: everything that anybody holds, with what gives it, where that is written, where it comes from, when it
// ends, and why it deserves a look. One row for each member, resource and scope, and never one more.

import { keyOf } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import { memo } from "../../model/lazy.ts";
import type { Provenance, ReviewPath, ReviewRow } from "../../model/review.ts";
import { endOfAccess } from "../../model/until.ts";
import type { ReviewGround } from "./ground.ts";
import type { PersonJudgement } from "./input.ts";
import { createPeers } from "./peers.ts";
import { createReasons } from "./reasons.ts";
import { riskOf } from "./risk.ts";

/** What reasons and rows are made from. */
export interface Held {
  /** Folded name. */
  readonly member: string;
  readonly grant: Grant;
  readonly paths: readonly HeldPath[];
  readonly provenance: Provenance;
  readonly until: string | null;
  readonly ownerEquivalent: boolean;
  /** It is what lets the person take anything. */
  readonly makesOwner: boolean;
  readonly drift: ReviewRow["drift"];
  readonly declaredLevel: string | undefined;
  readonly judgement: PersonJudgement | undefined;
}

export interface HeldPath {
  readonly path: ReviewPath;
  /** It gives all of the grant, and no lower level of it. */
  readonly full: boolean;
  /** Its entry's end has passed. */
  readonly ended: boolean;
}

export interface RowInput {
  readonly ground: ReviewGround;
  readonly now: Date;
  readonly dormantDays: number;
  /** Row id -> the name of the review that took it away lately, and the level that it had. */
  readonly revoked: ReadonlyMap<string, readonly { readonly review: string; readonly level: string }[]>;
}

/** In no order that matters. */
export function rowsOf(input: RowInput): ReviewRow[] {
  const { ground } = input;
  const { target, liveView, judgements } = ground.reviewed;
  const isOutlier = createPeers(ground);
  const reasonsOf = createReasons(input);
  const rows: ReviewRow[] = [];
  for (const member of liveView.members()) {
    const grants = liveView.grantsOf(member);
    const judgement = judgements.get(member);
    const pathsOf = createPaths(ground, member);
    for (const grant of grants) {
      const paths = pathsOf(grant);
      const declaredLevel = ground.declaredLevel(member, grant);
      const held: Held = {
        member,
        grant,
        paths,
        provenance: longest(paths),
        until: endOf(paths, target.timeZone),
        ownerEquivalent: ground.ownsIn(grants, grant.scope),
        makesOwner: ground.makesOwner(grants, grant),
        drift: driftOf(ground, grant, declaredLevel),
        declaredLevel,
        judgement,
      };
      rows.push(rowOf(input, held, reasonsOf(held, isOutlier(member, grant))));
    }
  }
  return rows;
}

function rowOf(
  { ground }: RowInput,
  held: Held,
  { id, reasons }: { readonly id: string; readonly reasons: Parameters<typeof riskOf>[1] },
): ReviewRow {
  const { member, grant, judgement } = held;
  const { resource, scope, level } = grant;
  const strength = ground.strengthOf(grant);
  return {
    id,
    target: ground.reviewed.target.name,
    member: ground.nameOf(member),
    resource,
    scope,
    level,
    strength,
    paths: held.paths.map(({ path }) => path),
    provenance: held.provenance,
    until: held.until,
    ownerEquivalent: held.ownerEquivalent,
    exceptions: exceptionsOf(judgement, grant),
    drift: held.drift,
    risk: riskOf(strength, reasons),
  };
}

const NONE: ReviewRow["exceptions"] = [];

function exceptionsOf(judgement: PersonJudgement | undefined, grant: Grant): ReviewRow["exceptions"] {
  const found = judgement?.exceptions.filter(({ touches }) => touches(grant)) ?? [];
  return found.length === 0 ? NONE : found.map(({ exception }) => exception);
}

/** A function that makes the paths of one member's grants: grants of one resource often share theirs. */
function createPaths(ground: ReviewGround, member: string): (grant: Grant) => readonly HeldPath[] {
  const { ended, provenances } = ground.reviewed;
  const declared = memo((path: Path) => ground.declaredPath(member, path));
  const made = new Map<Path, HeldPath>();
  return (grant) =>
    grant.via
      .map((path): HeldPath => {
        const { resource, scope } = grant;
        const from = declared(path);
        const placed = ground.placedPath(member, from, grant);
        const level = path.level ?? grant.level;
        const provenance = provenances.ofPath({ member, path, resource, scope, level });
        const known = made.get(path);
        if (known && isSame(known.path, { ...placed, provenance })) return known;
        const { entry } = from;
        const { until, reason } = path.group === undefined ? {} : (entry?.attributes ?? {});
        const held = {
          path: {
            ...placed,
            provenance,
            ...(typeof until === "string" ? { until } : {}),
            ...(typeof reason === "string" ? { reason } : {}),
          },
          full: path.level === undefined,
          ended: path.group !== undefined && entry !== undefined && ended.has(keyOf(entry)),
        };
        made.set(path, held);
        return held;
      })
      .sort(byGroupThenRole);
}

/** Whether two paths that are one say the same of where it stands and where it comes from. */
function isSame(one: ReviewPath, other: ReviewPath): boolean {
  return (
    one.provenance === other.provenance &&
    one.membershipPlace === other.membershipPlace &&
    one.groupPlace === other.groupPlace &&
    one.rolePlace === other.rolePlace
  );
}

function byGroupThenRole({ path: left }: HeldPath, { path: right }: HeldPath): number {
  return compareText(left.group ?? "", right.group ?? "") || compareText(left.role ?? "", right.role ?? "");
}

/** Of what gives all of it, the one that is known to have done so for the longest time. */
function longest(paths: readonly HeldPath[]): Provenance {
  const candidates = paths.filter(({ full }) => full).map(({ path: { provenance } }) => provenance);
  const known = candidates.filter(({ since }) => since !== null);
  const [first, ...rest] = known.length > 0 ? known : candidates;
  if (!first) throw new Error("a grant that no path gives");
  return rest.reduce((best, one) => (compareText(one.since ?? "", best.since ?? "") < 0 ? one : best), first);
}

/** The last of the ends, as the file writes it; null as soon as one path does not end. */
function endOf(paths: readonly HeldPath[], timeZone: string): string | null {
  let last: { readonly until: string; readonly at: number } | undefined;
  for (const { path } of paths) {
    const at = path.until === undefined ? undefined : endOfAccess(path.until, timeZone);
    if (path.until === undefined || at === undefined) return null;
    if (!last || at > last.at) last = { until: path.until, at };
  }
  return last?.until ?? null;
}

function driftOf(
  { reviewed: { platform } }: ReviewGround,
  grant: Grant,
  declared: string | undefined,
): ReviewRow["drift"] {
  if (declared === undefined) return "extra";
  const { rankOf } = platform;
  return rankOf(grant.resource, declared) >= rankOf(grant.resource, grant.level) ? "none" : "more";
}
