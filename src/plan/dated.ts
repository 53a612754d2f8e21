// Since when a platform differs from the files, and by whom: told only of what is new since the last look, and only where exactly one
// deed of the platform's log accounts for it. Where more was done than that, or nothing is known, it says nothing.
import type { Activity } from "../model/driver.ts";
import { entityAt, keyOf, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Difference } from "../model/past.ts";
import type { Discrepancy } from "../model/plan.ts";
import { kindSpec, type Platform } from "../model/platform.ts";
import { type Busy, findTouches } from "./deeds.ts";
import { comparedAttributes } from "./leaves.ts";

/** Differences with what the look before knew of them, and those of which it knew nothing. */
export interface Carried {
  readonly differences: readonly Difference[];
  /** Keys. */
  readonly news: ReadonlySet<string>;
}

/** Takes over since when and by whom from the look before, where nothing has changed. */
export function carryOver(differences: readonly Difference[], before: readonly Difference[]): Carried {
  const known = new Map(before.map((difference) => [keyOf(difference), difference]));
  const news = new Set<string>();
  const carried = differences.map((difference) => {
    const last = known.get(keyOf(difference));
    if (last && isSameDifference(last, difference)) return last;
    news.add(keyOf(difference));
    return difference;
  });
  return { differences: carried, news };
}

/** Whether two looks found the same, whoever did it and since whenever. Both sorted. */
export function isSameLook(one: readonly Difference[], other: readonly Difference[]): boolean {
  return (
    one.length === other.length &&
    one.every((difference, index) => {
      const counterpart = other[index];
      return counterpart !== undefined && isSameDifference(difference, counterpart);
    })
  );
}

function isSameDifference(one: Difference, other: Difference): boolean {
  const said = ({ kind, section, local, name, attributes, status }: Difference) =>
    JSON.stringify([kind, section, local, name, attributes && sortedEntries(attributes), status ?? null]);
  return one === other || said(one) === said(other);
}

/** The ledger has attributes by name; what was read has them as the platform gives them. */
function sortedEntries(attributes: object): readonly (readonly [string, unknown])[] {
  return Object.entries(attributes)
    .map(([name, value]) => [name, isMap(value) ? sortedEntries(value) : value] as const)
    .sort(([left], [right]) => compareText(left, right));
}

function isMap(value: unknown): value is object {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** What is new, with since when and by whom. `after`: when the look before was (Unix time, ms). `activity` is newest first. */
export function dateNews(
  { differences, news }: Carried,
  declared: State,
  platform: Platform,
  log: { readonly activity: readonly Activity[]; readonly busy: readonly Busy[]; readonly after: number },
): readonly Difference[] {
  const lately = log.activity.filter(({ at }) => Date.parse(at) > log.after);
  const fresh = differences.filter((difference) => news.has(keyOf(difference)));
  const items = fresh.map((difference) => asDiscrepancy(difference, declared, platform));
  const touches = findTouches(items, lately, log.busy);
  return differences.map((difference) => {
    const key = keyOf(difference);
    const [only, ...others] = (news.has(key) && touches.get(key)) || [];
    return only && others.length === 0 ? { ...difference, since: only.at, by: only.by } : difference;
  });
}

function asDiscrepancy(difference: Difference, declared: State, platform: Platform): Discrepancy {
  const { kind, section, local, name, attributes } = difference;
  const said = entityAt(declared, section, local);
  const base = { kind, key: keyOf(difference), name };
  if (attributes === null) return { ...base, shape: "missing", attributes: [] };
  if (!said) return { ...base, shape: "extra", attributes: [] };
  const spec = kindSpec(platform, kind);
  const differing = (spec ? comparedAttributes(spec) : []).flatMap(([attribute]) => {
    const [want, live] = [said.attributes[attribute], attributes[attribute]];
    return JSON.stringify(want) === JSON.stringify(live) ? [] : [{ attribute, base: want, want, live }];
  });
  const named = said.name === name ? [] : [{ attribute: "name", base: said.name, want: said.name, live: name }];
  return { ...base, shape: "changed", attributes: [...named, ...differing] };
}
