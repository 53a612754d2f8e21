// Removal budgets: how much one plan may take away, of the target, a group, a scope, and of owner-equivalent access. Counts
// people of the whole plan, blocked changes included; what a waiver allows is decided in `waivers.ts`. Pure.
import { type Change, takesAway } from "../model/change.ts";
import { countEntities, entityAt, groupOfSection, MEMBERSHIP, type State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { AccessChange, AccessGroup, Grant } from "../model/grant.ts";
import { lazy, memo } from "../model/lazy.ts";
import { type AccessView, type GrantParts, MEMBER, type Platform } from "../model/platform.ts";
import type { Budget, Target } from "../model/settings.ts";
import type { LimitName, Waiver } from "../model/waiver.ts";
import { scopesOfChange } from "./bound-scopes.ts";
import type { Guarded } from "./guard.ts";
import { type Realm, realmsOf } from "./realms.ts";
import { judgeWaivers } from "./waivers.ts";

export interface LimitInput {
  /** With the limits and owners that judge. */
  readonly target: Target;
  readonly platform: Platform;
  readonly changes: readonly Change[];
  readonly access: readonly AccessGroup[];
  readonly live: State;
  readonly after: State;
  readonly waivers: readonly Waiver[];
  /** Of the plan. */
  readonly digest: string;
  /** Digests of plans that were applied. */
  readonly applied: ReadonlySet<string>;
  /** An apply that was approved and did not finish. */
  readonly unfinished?: Unfinished;
}

/** An apply of the same commit that was approved and did not finish: its plan's digest, and the ids that were approved. */
export interface Unfinished {
  readonly digest: string;
  readonly changes: ReadonlySet<string>;
}

export interface Limited extends Guarded {
  /** Names of the waivers made use of, sorted. */
  readonly waivers: readonly string[];
}

/** A limit that a plan exceeds. */
export interface Excess {
  readonly limit: LimitName;
  /** The group or scope, as people see it; absent for limits of the whole target. */
  readonly of?: string;
  /** How many lose what the limit protects. */
  readonly losing: number;
  readonly allowed: number;
  /** `3 of 5 people would lose access`. */
  readonly what: string;
  readonly finding: Finding;
  /** Keys of the changes to hold back, where that is not every removal. */
  readonly keys: readonly string[];
}

/** Everything a plan takes away, against every limit, and what the waivers say to that. */
export function guardLimits(input: LimitInput): Limited {
  const everyone = lazy(() => input.platform.access(input.live));
  const excesses = [
    ...targetExcess(input),
    ...groupExcesses(input),
    ...scopeExcesses(input, everyone),
    ...ownersExcess(input, everyone),
  ];
  const { standing, findings, used } = judgeWaivers(input, excesses);
  const blocked = new Map<string, readonly string[]>();
  for (const { finding, keys } of standing)
    for (const key of keys) blocked.set(key, [...(blocked.get(key) ?? []), finding.code]);
  return { findings: [...standing.map(({ finding }) => finding), ...findings], blocked, waivers: used };
}

/** How much a budget allows for a set of this size: never less than one, so that a single leaver is always possible. */
export function allowedRemovals(budget: Budget, size: number): number {
  return Math.max(1, Math.min(budget.count, Math.floor(budget.share * size)));
}

/** People of the target who lose something, be it an account that, as far as is known, gives them nothing. */
function targetExcess(input: LimitInput): Excess[] {
  const { access, changes, live, platform } = input;
  const losers = new Set(access.filter(({ loses }) => loses).flatMap(({ members }) => members.map(platform.fold)));
  const losingAccess = losers.size;
  for (const { action, kind, local } of changes) if (action === "delete" && kind === MEMBER) losers.add(local);
  const people = countEntities(live, MEMBER);
  const what = losers.size === losingAccess ? "access" : "access or their account";
  return exceeding(input, "target", losers.size, people, `${losers.size} of ${people} people would lose ${what}`);
}

/** Memberships that one group loses. Blocks that group's removals only. */
function groupExcesses(input: LimitInput): Excess[] {
  const { changes, live } = input;
  const bySection = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.action !== "delete" || change.kind !== MEMBERSHIP) continue;
    const list = bySection.get(change.section);
    if (list) list.push(change);
    else bySection.set(change.section, [change]);
  }
  return [...bySection].flatMap(([section, removals]) => {
    const size = live.get(section)?.size ?? 0;
    const group = groupOfSection(section) ?? section;
    const name = entityAt(live, "Group", group)?.name ?? group;
    const what = `Group "${name}" would lose ${removals.length} of ${size} members`;
    const keys = [...removals.map(({ key }) => key), `Group/${group}`];
    return exceeding(input, "group", removals.length, size, what, { of: name, key: `Group/${group}`, keys });
  });
}

/** People who lose something in one scope, of those who have something there. */
function scopeExcesses(input: LimitInput, everyone: () => AccessView): Excess[] {
  const { access, platform } = input;
  const losing = new Map<string, { readonly name: string; people: number }>();
  for (const group of access) {
    if (!group.loses) continue;
    const scopes = new Map<string, string>();
    for (const change of group.changes)
      if (isLoss(change, platform)) scopes.set(platform.fold(change.scope), change.scope);
    for (const [scope, name] of scopes) {
      const entry = losing.get(scope) ?? { name, people: 0 };
      entry.people += group.members.length;
      losing.set(scope, entry);
    }
  }
  // One person may always lose something: whether two may depends on how many there are.
  const doubtful = new Map([...losing].filter(([, { people }]) => people > 1));
  if (doubtful.size === 0) return [];
  const holders = countHolders(everyone(), platform, new Set(doubtful.keys()));
  return [...doubtful].flatMap(([scope, { name, people }]) => {
    const size = holders.get(scope) ?? 0;
    const where = name === "organization" ? "organization-wide access" : `access in ${name}`;
    const what = `${people} of ${size} people would lose ${where}`;
    return exceeding(input, "scope", people, size, what, { of: name, ...heldWithin(input, name) });
  });
}

function isLoss({ resource, before, after }: AccessChange, { rankOf }: Platform): boolean {
  const rank = (level: string | null) => (level === null ? -1 : rankOf(resource, level));
  return rank(after) < rank(before);
}

/** How many people hold anything in each of some scopes (folded names). */
function countHolders(view: AccessView, platform: Platform, scopes: ReadonlySet<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const ofPart = memo((grants: readonly Grant[]) => [
    ...new Set(grants.map(({ scope }) => platform.fold(scope)).filter((scope) => scopes.has(scope))),
  ]);
  const ofParts = memo((parts: GrantParts) => new Set(parts.flatMap(ofPart)));
  for (const member of view.members())
    for (const scope of ofParts(view.partsOf(member))) counts.set(scope, (counts.get(scope) ?? 0) + 1);
  return counts;
}

/** People who lose owner-equivalent access, of those who have it; scope by scope where scopes have owners of their own. */
function ownersExcess(input: LimitInput, everyone: () => AccessView): Excess[] {
  const { access, platform, live, after } = input;
  const losers = access.filter(({ loses }) => loses).flatMap(({ members }) => members.map(platform.fold));
  if (losers.length < 2) return [];
  const among = new Set(losers);
  const [before, later] = [platform.access(live, among), platform.access(after, among)];
  return realmsOf(platform, live).flatMap((realm) => {
    const had = ownersIn(before, realm);
    if (had.size < 2) return [];
    const still = ownersIn(later, realm);
    const lost = [...had].filter((member) => !still.has(member)).length;
    if (lost < 2) return [];
    const size = ownersIn(everyone(), realm).size;
    const where = realm.scope === undefined ? "" : ` in ${realm.scope}`;
    const what = `${lost} of ${size} people would lose owner-equivalent access${where}`;
    return exceeding(input, "owners", lost, size, what, heldWithin(input, realm.scope));
  });
}

/** What is held back for a scope: every removal, but for those that are sure to touch other scopes alone. */
function heldWithin({ platform, changes, live, after }: LimitInput, scope: string | undefined): Pick<About, "keys"> {
  if (scope === undefined) return {};
  const removals = changes.filter(takesAway);
  const concerned = removals.filter((change) => {
    const bound = scopesOfChange(change, [live, after], platform);
    return bound === undefined || bound.has(platform.fold(scope));
  });
  return concerned.length === removals.length ? {} : { keys: concerned.map(({ key }) => key) };
}

/**
 * Who could give themselves anything. More grants can only help to that, so nobody's have to be put together as long as all
 * the lists that do not do by themselves would not do together either.
 */
function ownersIn(view: AccessView, { owns }: Realm): ReadonlySet<string> {
  const members = view.members();
  const suffices = memo(owns);
  const parts = new Set(members.flatMap((member) => view.partsOf(member)));
  const together = owns([...parts].filter((part) => !suffices(part)).flat());
  const isOwner = (member: string) => view.partsOf(member).some(suffices) || (together && owns(view.grantsOf(member)));
  return new Set(members.filter(isOwner));
}

interface About {
  readonly of?: string;
  readonly key?: string;
  /** Only these changes are held back. */
  readonly keys?: readonly string[];
}

/** The excess, if it is one, with the finding that it is unless it is waived. */
function exceeding(
  { target, digest }: LimitInput,
  limit: LimitName,
  losing: number,
  size: number,
  what: string,
  { of, key, keys }: About = {},
): Excess[] {
  const budget = target.limits[limit];
  const allowed = allowedRemovals(budget, size);
  if (losing <= allowed) return [];
  const finding: Finding = {
    severity: "error",
    code: CODES[limit],
    message: `${what}; the limit is ${allowed} (the smaller of ${percent(budget.share)} and ${budget.count}, at least 1)`,
    hint: hintOf(target, digest, limit, of, losing),
    blocks: keys ? "change" : "removals",
    ...(key === undefined ? { place: target.place } : { key }),
  };
  return [{ limit, ...(of === undefined ? {} : { of }), losing, allowed, what, finding, keys: keys ?? [] }];
}

const CODES: Readonly<Record<LimitName, string>> = {
  target: "removal-limit-target",
  group: "removal-limit-group",
  scope: "removal-limit-scope",
  owners: "removal-limit-owners",
};

function hintOf(target: Target, digest: string, limit: LimitName, of: string | undefined, losing: number): string {
  const folder = target.place.file.slice(0, target.place.file.lastIndexOf("/") + 1);
  const about = of === undefined ? "" : ` of: ${JSON.stringify(of)},`;
  const waiver = `kind: Waiver, target: ${target.name}, plan: ${digest}, limit: ${limit},${about} allows: ${losing}`;
  return `Split the removal into smaller steps; or have an owner allow it for this plan alone, by a file in ${folder}waivers/ with ${waiver}, a name, a reason and the approver; or raise limits.${limit} of ${target.name} in an earlier, reviewed commit.`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}
