// What of a campaign's entries is held still, and what things are called now. Somebody or something that was renamed since is found
// again: by the platform's id from when the campaign began, else by what the files say it was called.
import type { CampaignStart, RosterEntry, StableName } from "../../model/campaign.ts";
import type { Entity, State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import { GROUP, MEMBER } from "../../model/platform.ts";
import type { CampaignPlatform, HeldNow } from "./campaign-input.ts";
import type { StartRows } from "./check-decisions.ts";

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
  for (const entry of entries) {
    const now = held.get(entry.target);
    const fold = platforms.get(entry.target)?.fold;
    if (now && fold && heldGrants(entry, rows, now, fold).size === 0) vanished.add(entry.id);
  }
  return vanished;
}

/**
 * What of an entry's rows is held now through any of the groups (or roles) that gave them, whatever those are called now, by the ids
 * of the rows.
 */
export function heldGrants(
  entry: RosterEntry,
  rows: StartRows,
  { nameNow, grantsOf }: HeldNow,
  fold: (name: string) => string,
): ReadonlyMap<string, Grant> {
  const grants = new Map(
    grantsOf(fold(nameNow(MEMBER, entry.member))).map((grant) => [placeKey(grant), grant] as const),
  );
  const groups = new Set(entry.groups.map((group) => fold(nameNow(GROUP, group))));
  const roles = new Set(entry.roles.map((role) => fold(nameNow(ROLE, role))));
  const isOurs = ({ group, role }: Path) => {
    if (group !== undefined) return groups.has(fold(group));
    return role === undefined ? groups.size + roles.size === 0 : roles.has(fold(role));
  };
  const found = new Map<string, Grant>();
  for (const id of entry.rows) {
    const then = rows.get(id);
    const grant = then && grants.get(placeKey(then));
    if (grant?.via.some(isOurs)) found.set(id, grant);
  }
  return found;
}

/** Entries that files still give something of, whatever is held. */
export function saidEntries(
  entries: readonly RosterEntry[],
  rows: StartRows,
  held: ReadonlyMap<string, HeldNow>,
  platforms: ReadonlyMap<string, CampaignPlatform>,
): RosterEntry[] {
  return entries.filter((entry) => {
    const [now, fold] = [held.get(entry.target), platforms.get(entry.target)?.fold];
    if (!now?.saidOf || !fold) return false;
    const asNow = { grantsOf: now.saidOf, nameNow: now.nameNow };
    const asThen = { grantsOf: now.saidOf, nameNow: (_kind: string, name: string) => name };
    return [asNow, asThen].some((said) => heldGrants(entry, rows, said, fold).size > 0);
  });
}

function placeKey({ resource, scope }: Pick<Grant, "resource" | "scope">): string {
  return JSON.stringify([resource, scope]);
}
