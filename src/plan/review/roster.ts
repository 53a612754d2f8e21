// What there is to decide in a campaign: the report's rows in scope, bundled by person and by the very groups and roles that give
// them, since files can only give or take those together. Every row in scope is in exactly one entry. It chooses no reviewer.
import type { ReviewDefinition, RosterEntry } from "../../model/campaign.ts";
import { compareText } from "../../model/finding.ts";
import type { ReviewPerson, ReviewReport, ReviewRow } from "../../model/review.ts";
import { recommend } from "./recommend.ts";
import { entryId, type FoldOf, type LastReview, rowsInScope } from "./scope.ts";

/** An entry that nobody was asked to decide yet. */
export type OpenEntry = Omit<RosterEntry, "reviewer">;

export interface RosterInput {
  readonly report: Pick<ReviewReport, "rows" | "people">;
  readonly definition: Pick<ReviewDefinition, "scope">;
  /** The last day to decide. */
  readonly due: string;
  readonly foldOf: FoldOf;
  readonly last?: LastReview | undefined;
  /** Everything else that a member goes by, an address say: those must not decide on it either. */
  readonly namesOf: (target: string, member: string) => readonly string[];
}

interface Bundle {
  readonly target: string;
  readonly member: string;
  /** Folded -> as people see it. */
  readonly groups: ReadonlyMap<string, string>;
  readonly roles: ReadonlyMap<string, string>;
  readonly rows: ReviewRow[];
}

/** Scopes that one line of an entry names. */
const MOST_SCOPES = 12;

/** The entries, by target, member and id. */
export function rosterOf(input: RosterInput): OpenEntry[] {
  const { report, definition, foldOf, last } = input;
  const bundles = new Map<string, Bundle>();
  for (const row of rowsInScope({ report, scope: definition.scope, foldOf, last })) {
    const fold = foldOf(row.target);
    const { groups, roles } = sourcesOf(row, fold);
    const id = entryId(row.target, fold(row.member), [...groups.keys()], [...roles.keys()]);
    const bundle = bundles.get(id);
    if (bundle) bundle.rows.push(row);
    else bundles.set(id, { target: row.target, member: row.member, groups, roles, rows: [row] });
  }
  const alike = countAlike(bundles.values());
  const people = new Map(
    report.people.map((person) => [personKey(person.target, foldOf(person.target)(person.member)), person]),
  );
  return [...bundles]
    .map(([id, bundle]) => entryOf(id, bundle, input, { alike, people }))
    .sort(
      (left, right) =>
        compareText(left.target, right.target) ||
        compareText(left.member, right.member) ||
        compareText(left.id, right.id),
    );
}

/** What gives a row: its groups, and what is held through none. */
export function sourcesOf({ paths }: Pick<ReviewRow, "paths">, fold: (name: string) => string) {
  const groups = new Map<string, string>();
  const roles = new Map<string, string>();
  for (const { group, role } of paths) {
    if (group !== undefined) groups.set(fold(group), group);
    else if (role !== undefined) roles.set(fold(role), role);
  }
  return { groups, roles };
}

interface Around {
  /** How many people hold something through the same sources. */
  readonly alike: ReadonlyMap<string, number>;
  readonly people: ReadonlyMap<string, ReviewPerson>;
}

function countAlike(bundles: Iterable<Bundle>): ReadonlyMap<string, number> {
  const alike = new Map<string, number>();
  for (const bundle of bundles) {
    const key = sourceKey(bundle);
    alike.set(key, (alike.get(key) ?? 0) + 1);
  }
  return alike;
}

function sourceKey({ target, groups, roles }: Bundle): string {
  return JSON.stringify([target, [...groups.keys()].sort(), [...roles.keys()].sort()]);
}

function personKey(target: string, local: string): string {
  return JSON.stringify([target, local]);
}

function entryOf(id: string, bundle: Bundle, input: RosterInput, { alike, people }: Around): OpenEntry {
  const { target, member, groups, roles, rows } = bundle;
  const person = people.get(personKey(target, input.foldOf(target)(member)));
  const others = (alike.get(sourceKey(bundle)) ?? 1) - 1;
  const { decision, because, risk } = recommend({ rows, person, others, due: input.due });
  return {
    id,
    target,
    member,
    groups: sorted(groups.values()),
    roles: sorted(roles.values()),
    rows: sorted(rows.map((row) => row.id)),
    gives: givesOf(rows),
    risk,
    recommendation: decision,
    because,
    barred: sorted(new Set([member, ...input.namesOf(target, member), ...rows.flatMap(grantersOf)])),
  };
}

/**
 * Who gave a row: whoever agreed to it or broke the glass for it, and who asked for it where an apply made it. Whoever only wrote down what was there
 * already gave nothing.
 */
function grantersOf({ paths }: ReviewRow): string[] {
  return paths.flatMap(({ provenance: { how, author, approvers, emergencyBy } }) => [
    ...approvers,
    ...(emergencyBy === undefined ? [] : [emergencyBy]),
    ...(how === "applied" && author !== null ? [author] : []),
  ]);
}

/** `Card template: edit in dev, test`, one line for each resource and level. */
export function givesOf(rows: readonly Pick<ReviewRow, "resource" | "level" | "scope">[]): string[] {
  const scopes = new Map<string, Set<string>>();
  for (const { resource, level, scope } of rows) {
    const what = `${resource}: ${level}`;
    const known = scopes.get(what);
    if (known) known.add(scope);
    else scopes.set(what, new Set([scope]));
  }
  return sorted([...scopes].map(([what, some]) => `${what} in ${someOf(sorted(some))}`));
}

function someOf(names: readonly string[]): string {
  if (names.length <= MOST_SCOPES + 1) return names.join(", ");
  return `${names.slice(0, MOST_SCOPES).join(", ")} and ${names.length - MOST_SCOPES} more`;
}

function sorted(names: Iterable<string>): string[] {
  return [...names].sort(compareText);
}
