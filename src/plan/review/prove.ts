// What became of decisions, by a fresh read of the platform: for each entry whether it is gone, lower, ends or is kept as decided, and
// what is held of it. It believes nothing but what is there; only ends, which platforms do not know, are the files' to say.
import type { CampaignStart, Decision, ProvedEntry, RevokedGrant, RosterEntry } from "../../model/campaign.ts";
import { entityAt, membershipSection, type State } from "../../model/entity.ts";
import type { CampaignDecided, CampaignProof } from "../../model/evidence.ts";
import type { Grant } from "../../model/grant.ts";
import { GROUP, MEMBER, type Platform } from "../../model/platform.ts";
import { endOfAccess, hasEnded } from "../../model/until.ts";
import { cellOf } from "./ground.ts";
import type { Scene } from "./scene.ts";
import type { NameNow } from "./settle.ts";

/** A target as it was read. */
export interface ProvedTarget {
  readonly name: string;
  readonly platform: Platform;
  readonly timeZone: string;
  readonly live: State;
  /** What the applied commit's files say. */
  readonly want: State;
  readonly levelWithin: Scene["levelWithin"];
}

export interface ProofInput {
  readonly start: CampaignStart;
  readonly decided: Pick<CampaignDecided, "entries" | "vanished">;
  readonly targets: readonly ProvedTarget[];
  readonly nameNow: NameNow;
  readonly now: Date;
}

/** In the order of the campaign's entries. What was to be taken away on a target that nobody read is not proved. */
export function proveDecisions(input: ProofInput): ProvedEntry[] {
  const { start, decided, targets, nameNow, now } = input;
  const rows = new Map(start.rows.map((row) => [row.id, row]));
  const decisions = new Map(decided.entries.map((one) => [one.entry, one.decision]));
  const vanished = new Set(decided.vanished);
  const views = new Map(targets.map((target) => [target.name, viewOf(target)]));
  return start.entries.map((entry) => {
    const view = views.get(entry.target);
    const decision = decisions.get(entry.id) ?? { decision: "keep" };
    if (!view) {
      const isOpen = decision.decision !== "keep" && !vanished.has(entry.id);
      return { entry: entry.id, result: isOpen ? "still-there" : "vanished", holds: {} };
    }
    const of = lookAt(entry, view, rows, (kind, name) => nameNow(entry.target, kind, name));
    if (vanished.has(entry.id)) {
      const again = of.through.length > 0 ? ({ again: true } as const) : {};
      return { entry: entry.id, result: "vanished", holds: of.holds, ...again };
    }
    return { entry: entry.id, result: resultOf(decision, of, view.target, now), holds: of.holds };
  });
}

interface View {
  readonly target: ProvedTarget;
  /** Folded name of a member -> cell -> grant. */
  readonly grantsOf: (member: string) => ReadonlyMap<string, Grant>;
}

function viewOf(target: ProvedTarget): View {
  const view = target.platform.access(target.live);
  const known = new Map<string, ReadonlyMap<string, Grant>>();
  return {
    target,
    grantsOf: (member) => {
      const cells = known.get(member) ?? new Map(view.grantsOf(member).map((grant) => [cellOf(grant), grant]));
      known.set(member, cells);
      return cells;
    },
  };
}

interface Looked {
  readonly member: string;
  readonly holds: Readonly<Record<string, string>>;
  /** What comes through the entry's own groups and roles. */
  readonly through: readonly { readonly resource: string; readonly rank: number; readonly group: string | undefined }[];
}

function lookAt(
  entry: RosterEntry,
  { target, grantsOf }: View,
  rows: ReadonlyMap<string, CampaignStart["rows"][number]>,
  nowOf: (kind: string, name: string) => string,
): Looked {
  const { fold, rankOf } = target.platform;
  const member = fold(nowOf(MEMBER, entry.member));
  const groups = new Set(entry.groups.map((name) => fold(nowOf(GROUP, name))));
  const roles = new Set(entry.roles.map((name) => fold(nowOf("Role", name))));
  const holds: Record<string, string> = {};
  const through: { resource: string; rank: number; group: string | undefined }[] = [];
  for (const id of entry.rows) {
    const row = rows.get(id);
    const grant = row && grantsOf(member).get(cellOf(row));
    if (!grant) continue;
    holds[id] = grant.level;
    for (const { group, role, level } of grant.via) {
      const isOwn = group === undefined ? role !== undefined && roles.has(fold(role)) : groups.has(fold(group));
      const { resource } = grant;
      if (isOwn) through.push({ resource, rank: rankOf(resource, level ?? grant.level), group });
    }
  }
  return { member, holds, through };
}

function resultOf(decision: Decision, of: Looked, target: ProvedTarget, now: Date): ProvedEntry["result"] {
  switch (decision.decision) {
    case "keep":
      return Object.keys(of.holds).length > 0 ? "kept" : "vanished";
    case "revoke":
      return of.through.length === 0 ? "gone" : "still-there";
    case "reduce": {
      const { platform, levelWithin } = target;
      const isLow = ({ resource, rank }: Looked["through"][number]) => {
        const level = levelWithin(resource, decision.level);
        return level !== undefined && rank <= platform.rankOf(resource, level);
      };
      return of.through.every(isLow) ? "reduced" : "still-there";
    }
    case "until":
      return of.through.every(({ group }) => endsBy(group, decision.until, of.member, target, now))
        ? "ends"
        : "still-there";
    default:
      return decision satisfies never;
  }
}

/** Whether files say that somebody's place in a group ends by then, and it has not passed. */
function endsBy(
  group: string | undefined,
  until: string,
  member: string,
  { want, platform, timeZone }: ProvedTarget,
  now: Date,
): boolean {
  if (group === undefined || hasEnded(until, now, timeZone)) return false;
  const said = entityAt(want, membershipSection(platform.fold(group)), member)?.attributes.until;
  const [end, last] = [
    typeof said === "string" ? endOfAccess(said, timeZone) : undefined,
    endOfAccess(until, timeZone),
  ];
  return end !== undefined && last !== undefined && end <= last;
}

/** Results that say that a decision was not made. */
export function isUnproved({ result }: ProvedEntry): boolean {
  return result === "still-there";
}

/** What a campaign took away, by its own evidence. */
export function revokedBy(
  start: CampaignStart,
  decided: Pick<CampaignDecided, "entries">,
  proof: Pick<CampaignProof, "entries" | "renamed">,
  at: string,
): RevokedGrant[] {
  const rows = new Map(start.rows.map((row) => [row.id, row]));
  const proved = new Map(proof.entries.map((one) => [one.entry, one]));
  const entries = new Map(start.entries.map((entry) => [entry.id, entry]));
  return decided.entries.flatMap(({ entry: id, decision }) => {
    const [entry, one] = [entries.get(id), proved.get(id)];
    const takes = decision.decision === "revoke" || decision.decision === "reduce";
    if (!entry || !one || !takes) return [];
    return entry.rows.flatMap((row): RevokedGrant[] => {
      const had = rows.get(row);
      if (!had || one.holds[row] === had.level) return [];
      const { target, resource, scope, level } = had;
      const member = nowCalled(proof.renamed, target, MEMBER, had.member);
      return [{ review: start.id, at, target, member, resource, scope, level }];
    });
  });
}

/** What something is called since it was renamed, once or more. */
export function nowCalled(renamed: CampaignProof["renamed"], target: string, kind: string, name: string): string {
  let now = name;
  for (const one of renamed) if (one.target === target && one.kind === kind && one.from === now) now = one.to;
  return now;
}
