// What of a campaign's entries is held still, and what things are called now. Somebody or something that was renamed since is found
// again: by the platform's id from when the campaign began, else by what the files say it was called.
import type { CampaignStart, RosterEntry, StableName } from "../../model/campaign.ts";
import type { Entity, State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import { GROUP, MEMBER } from "../../model/platform.ts";
import type { ReviewRow } from "../../model/review.ts";
import type { CampaignPlatform, HeldNow } from "./campaign-input.ts";
import type { StartRows } from "./check-decisions.ts";
import { sourcesOf } from "./roster.ts";

/** The kind of what is held through no group. */
export const ROLE = "Role";

/** The ids that live has of everything that entries speak of, for `CampaignStart.names`. */
export function stableNames(
  target: string,
  entries: readonly Pick<RosterEntry, "target" | "member" | "groups" | "roles">[],
  live: State,
  fold: (name: string) => string,
): StableName[] {
  const found = new Map<string, StableName>();
  const add = (kind: string, name: string) => {
    const id = live.get(kind)?.get(fold(name))?.id;
    if (id !== undefined) found.set(JSON.stringify([kind, name]), { target, kind, name, id });
  };
  for (const entry of entries) {
    if (entry.target !== target) continue;
    add(MEMBER, entry.member);
    for (const group of entry.groups) add(GROUP, group);
    for (const role of entry.roles) add(ROLE, role);
  }
  return [...found.values()].sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name));
}

/** What a target's things are called now, by what they were called when the campaign began. */
export function namesNow(
  start: Pick<CampaignStart, "names">,
  target: string,
  { live, declared, fold }: { readonly live: State; readonly declared: State; readonly fold: (name: string) => string },
): HeldNow["nameNow"] {
  const ids = new Map<string, string>();
  for (const { target: of, kind, name, id } of start.names ?? [])
    if (of === target) ids.set(JSON.stringify([kind, fold(name)]), id);
  const byId = new Map<string, ReadonlyMap<string, string>>();
  const byFormer = new Map<string, ReadonlyMap<string, string>>();
  const indexOf = (
    indexes: Map<string, ReadonlyMap<string, string>>,
    kind: string,
    state: State,
    keyOf: (entity: Entity) => string | undefined,
  ) => {
    const index = indexes.get(kind) ?? new Map(entitiesBy(state, kind, keyOf));
    indexes.set(kind, index);
    return index;
  };
  return (kind, name) => {
    const id = ids.get(JSON.stringify([kind, fold(name)]));
    const same = id === undefined ? undefined : indexOf(byId, kind, live, (entity) => entity.id).get(id);
    if (same !== undefined) return same;
    if (live.get(kind)?.has(fold(name))) return name;
    return indexOf(byFormer, kind, declared, ({ previously }) => previously).get(fold(name)) ?? name;
  };
}

function* entitiesBy(
  state: State,
  kind: string,
  keyOf: (entity: Entity) => string | undefined,
): Iterable<readonly [string, string]> {
  for (const entity of state.get(kind)?.values() ?? []) {
    const key = keyOf(entity);
    if (key !== undefined) yield [key, entity.name];
  }
}

/** Ids of the entries of which nothing is held any more through what gave it; those of targets that nobody read are not among them. */
export function vanishedEntries(
  { entries }: Pick<CampaignStart, "entries">,
  rows: StartRows,
  held: ReadonlyMap<string, HeldNow>,
  platforms: ReadonlyMap<string, CampaignPlatform>,
): ReadonlySet<string> {
  const vanished = new Set<string>();
  for (const [target, now] of held) {
    const fold = platforms.get(target)?.fold;
    if (!fold) continue;
    const index = indexRows(now.rows, fold);
    for (const entry of entries) {
      if (entry.target !== target) continue;
      const isHeld = heldRows(entry, rows, now, index, fold).length > 0;
      if (!isHeld) vanished.add(entry.id);
    }
  }
  return vanished;
}

type RowIndex = ReadonlyMap<string, ReviewRow>;

/** A target's rows by whose they are and what they are about. */
export function indexRows(rows: readonly ReviewRow[], fold: (name: string) => string): RowIndex {
  return new Map(rows.map((row) => [JSON.stringify([fold(row.member), row.resource, row.scope]), row]));
}

/** The rows of an entry that are held now through any of the groups (or roles) that gave them, whatever those are called now. */
export function heldRows(
  entry: RosterEntry,
  rows: StartRows,
  { nameNow }: Pick<HeldNow, "nameNow">,
  index: RowIndex,
  fold: (name: string) => string,
): ReviewRow[] {
  const member = fold(nameNow(MEMBER, entry.member));
  const groups = new Set(entry.groups.map((group) => fold(nameNow(GROUP, group))));
  const roles = new Set(entry.roles.map((role) => fold(nameNow(ROLE, role))));
  return entry.rows.flatMap((id) => {
    const then = rows.get(id);
    const row = then && index.get(JSON.stringify([member, then.resource, then.scope]));
    if (!row) return [];
    const sources = sourcesOf(row, fold);
    const isOurs = [...sources.groups.keys()].some((group) => groups.has(group));
    const isDirect = [...sources.roles.keys()].some((role) => roles.has(role));
    const isBare =
      groups.size + roles.size === 0 && row.paths.some(({ group, role }) => group === undefined && role === undefined);
    return isOurs || isDirect || isBare ? [row] : [];
  });
}
