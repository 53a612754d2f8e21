// Who did what drifted: entries of the platform's log matched to what differs. Where the log tells nothing sure, it says nothing.
import type { Activity } from "../model/driver.ts";
import { groupOfSection, splitKey } from "../model/entity.ts";
import type { Deed, Discrepancy } from "../model/plan.ts";
import { GROUP, MEMBER } from "../model/platform.ts";

/** A time in which Rolebook itself was writing: milliseconds since 1970. */
export interface Busy {
  readonly from: number;
  readonly until: number;
}

/** Clocks of two machines differ. */
const SKEW_MS = 60_000;

/**
 * By key, the last deed that touched what differs. `activity` is newest first. What a program's credential did while Rolebook
 * was applying is taken for Rolebook's own.
 */
export function matchDeeds(
  items: readonly Discrepancy[],
  activity: readonly Activity[],
  busy: readonly Busy[] = [],
): ReadonlyMap<string, Deed> {
  const deeds = new Map<string, Deed>();
  for (const [key, [last]] of findTouches(items, activity, busy))
    if (last) deeds.set(key, { by: last.by, at: last.at, action: last.action });
  return deeds;
}

/** The same, with everything that touched it: what was done to itself first, newest first. */
export function findTouches(
  items: readonly Discrepancy[],
  activity: readonly Activity[],
  busy: readonly Busy[] = [],
): ReadonlyMap<string, readonly Activity[]> {
  const byHand = activity.filter((entry) => entry.person || !isBusy(entry, busy));
  const byKey = new Map<string, Activity[]>();
  for (const entry of byHand)
    for (const key of entry.keys) {
      const known = byKey.get(key);
      if (known) known.push(entry);
      else byKey.set(key, [entry]);
    }
  const touching = new Map<string, readonly Activity[]>();
  for (const item of items) {
    const own = byKey.get(item.key)?.filter((entry) => touches(entry, item)) ?? [];
    const all = [...own, ...indirectDeeds(item, byKey)];
    if (all.length > 0) touching.set(item.key, all);
  }
  return touching;
}

function isBusy({ at }: Activity, busy: readonly Busy[]): boolean {
  const time = Date.parse(at);
  return busy.some(({ from, until }) => time >= from - SKEW_MS && time <= until + SKEW_MS);
}

/** Whether an entry is about what differs: another attribute's change is another story. */
function touches({ attributes }: Activity, item: Discrepancy): boolean {
  if (item.shape !== "changed" || attributes === undefined) return true;
  const differing = new Set(item.attributes.map(({ attribute }) => attribute.split("/")[0]));
  return attributes.some((name) => differing.has(name));
}

/** A membership comes and goes with its group and its member: whoever removed or renamed one of them did it. */
function indirectDeeds(
  { key, shape }: Discrepancy,
  byKey: ReadonlyMap<string, readonly Activity[]>,
): readonly Activity[] {
  const [section, local] = splitKey(key);
  const group = groupOfSection(section);
  if (group === undefined || shape === "changed") return [];
  const whole = ({ attributes }: Activity) => attributes === undefined || attributes.includes("name");
  return [`${GROUP}/${group}`, `${MEMBER}/${local}`].flatMap((known) => byKey.get(known)?.filter(whole) ?? []);
}
