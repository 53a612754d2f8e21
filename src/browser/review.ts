// The packed report, opened: columns as arrays of numbers, texts and paths made only for what is looked at. People of several targets
// with one address are one person here. It touches no page.

import type { Provenance, ReviewRow, RiskLevel } from "../model/review.ts";
import {
  type Column,
  DRIFTS,
  FACTORS,
  HOWS,
  NOT_TOLD,
  type PackedReview,
  type PackedRows,
  RISK_LEVELS,
} from "../model/review-page.ts";

export interface PlaceView {
  readonly what: "membership" | "group" | "role";
  readonly file: string;
  readonly line: number;
}

export type ProvenanceView = Pick<Provenance, "how" | "since" | "commit" | "pull" | "author" | "approvers"> & {
  readonly emergency: boolean;
  readonly emergencyBy: string | undefined;
};

export interface PathView {
  readonly group: string | undefined;
  readonly role: string | undefined;
  readonly level: string | undefined;
  readonly places: readonly PlaceView[];
  readonly provenance: ProvenanceView;
  readonly until: string | undefined;
  readonly reason: string | undefined;
}

/** Somebody, on every target that has them. */
export interface PersonView {
  /** Index among all persons. */
  readonly index: number;
  readonly member: string;
  readonly name: string;
  readonly login: string | undefined;
  readonly risk: RiskLevel;
  readonly owner: boolean;
  readonly grants: number;
  readonly weight: number;
  readonly accounts: readonly AccountView[];
}

/** Somebody on one target. */
export interface AccountView {
  readonly target: number;
  readonly lastActive: string | null | undefined;
  readonly factor: boolean | undefined;
  readonly owner: boolean;
  readonly groups: readonly string[];
}

type Numbers = Int32Array;

export type RowColumns = { readonly [K in keyof PackedRows]: Numbers };

export interface Review {
  readonly packed: PackedReview;
  readonly count: number;
  readonly rows: RowColumns;
  readonly texts: readonly string[];
  /** Who a row is about: index of a person. */
  readonly personOf: Numbers;
  readonly persons: readonly PersonView[];
  readonly text: (index: number) => string | undefined;
  readonly list: (index: number) => readonly number[];
  readonly level: (row: number) => RiskLevel;
  readonly drift: (row: number) => ReviewRow["drift"];
  readonly paths: (row: number) => readonly PathView[];
  readonly provenance: (index: number) => ProvenanceView;
  readonly reasons: (row: number) => readonly { readonly code: string; readonly text: string }[];
  readonly exceptions: (row: number) => readonly {
    readonly guardrail: string;
    readonly reason: string;
    readonly approver: string;
    readonly until: string;
  }[];
  /** Rows of a person, as the report orders them. */
  readonly rowsOf: (person: number) => Numbers;
  readonly personNamed: (member: string) => PersonView | undefined;
}

export function openReview(packed: PackedReview): Review {
  const { texts } = packed;
  const rows = Object.fromEntries(
    Object.entries(packed.rows).map(([name, column]) => [name, Int32Array.from(column)]),
  ) as unknown as RowColumns;
  const text = (index: number) => (index < 0 ? undefined : texts[index]);
  const list = openLists(packed);
  const { persons, byFolded, personOf } = openPersons(packed, rows, text, list);
  const provenance = (index: number) => provenanceAt(packed, index, text, list);
  const said = (index: number) => text(index) ?? "";
  return {
    packed,
    count: rows.target.length,
    rows,
    texts,
    personOf,
    persons,
    text,
    list,
    level: (row) => RISK_LEVELS[rows.risk[row] ?? 0] ?? "low",
    drift: (row) => DRIFTS[rows.drift[row] ?? 0] ?? "none",
    provenance,
    paths: (row) => list(rows.paths[row] ?? 0).map((path) => pathAt(packed, path, text, provenance)),
    reasons: (row) =>
      list(rows.reasons[row] ?? 0).map((at) => ({
        code: said(cell(packed.reasons.code, at)),
        text: said(cell(packed.reasons.text, at)),
      })),
    exceptions: (row) =>
      list(rows.exceptions[row] ?? 0).map((at) => ({
        guardrail: said(cell(packed.exceptions.guardrail, at)),
        reason: said(cell(packed.exceptions.reason, at)),
        approver: said(cell(packed.exceptions.approver, at)),
        until: said(cell(packed.exceptions.until, at)),
      })),
    rowsOf: rowsByPerson(personOf, persons.length),
    personNamed: (member) => persons[byFolded.get(member.toLowerCase()) ?? -1],
  };
}

/** A number of a column; what is beyond its end is no text and no place. */
export function cell(column: Column, index: number): number {
  return column[index] ?? -1;
}

function openLists({ lists: { starts, items } }: PackedReview): (index: number) => readonly number[] {
  return (index) => items.slice(starts[index] ?? 0, starts[index + 1] ?? 0);
}

interface Persons {
  readonly persons: readonly PersonView[];
  readonly byFolded: ReadonlyMap<string, number>;
  readonly personOf: Numbers;
}

function openPersons(packed: PackedReview, rows: RowColumns, text: Review["text"], list: Review["list"]): Persons {
  const { people } = packed;
  const byFolded = new Map<string, number>();
  const gathered: number[][] = [];
  /** Text of a member -> person, so that each address is folded once. */
  const byText = new Int32Array(packed.texts.length).fill(-1);
  const personAt = (member: number) => {
    const known = byText[member] ?? -1;
    if (known >= 0) return known;
    const folded = (text(member) ?? "").toLowerCase();
    const index = byFolded.get(folded) ?? gathered.push([]) - 1;
    byFolded.set(folded, index);
    byText[member] = index;
    return index;
  };
  for (const [at, member] of people.member.entries()) gathered[personAt(member)]?.push(at);
  const personOf = rows.member.map(personAt);
  const firstRow = new Map<number, number>();
  for (let row = personOf.length - 1; row >= 0; row--) firstRow.set(personOf[row] ?? 0, row);
  const persons = gathered.map((accounts, index) => {
    const member = text(
      accounts.length > 0 ? cell(people.member, accounts[0] ?? 0) : (rows.member[firstRow.get(index) ?? 0] ?? 0),
    );
    return personOfAccounts(packed, accounts, { index, member: member ?? "" }, text, list);
  });
  return { persons, byFolded, personOf };
}

function personOfAccounts(
  { people }: PackedReview,
  accounts: readonly number[],
  who: Pick<PersonView, "index" | "member">,
  text: Review["text"],
  list: Review["list"],
): PersonView {
  const sum = (column: Column) => accounts.reduce((total, at) => total + (column[at] ?? 0), 0);
  const first = (column: Column) => accounts.map((at) => text(cell(column, at))).find((found) => found);
  return {
    ...who,
    name: first(people.name) ?? "",
    login: first(people.login),
    risk: RISK_LEVELS[Math.max(0, ...accounts.map((at) => people.risk[at] ?? 0))] ?? "low",
    owner: accounts.some((at) => people.owner[at] === 1),
    grants: sum(people.grants),
    weight: sum(people.weight),
    accounts: accounts.map((at) => ({
      target: cell(people.target, at),
      lastActive: people.lastActive[at] === NOT_TOLD ? undefined : (text(cell(people.lastActive, at)) ?? null),
      factor: FACTORS[people.factor[at] ?? 0],
      owner: people.owner[at] === 1,
      groups: list(cell(people.groups, at)).map((group) => text(group) ?? ""),
    })),
  };
}

function rowsByPerson(personOf: Numbers, count: number): (person: number) => Numbers {
  const starts = new Int32Array(count + 1);
  for (const person of personOf) starts[person + 1] = (starts[person + 1] ?? 0) + 1;
  for (let at = 0; at < count; at++) starts[at + 1] = (starts[at + 1] ?? 0) + (starts[at] ?? 0);
  const next = starts.slice();
  const ordered = new Int32Array(personOf.length);
  for (let row = 0; row < personOf.length; row++) {
    const person = personOf[row] ?? 0;
    const at = next[person] ?? 0;
    ordered[at] = row;
    next[person] = at + 1;
  }
  return (person) => ordered.subarray(starts[person] ?? 0, starts[person + 1] ?? 0);
}

function provenanceAt(
  { provenances }: PackedReview,
  at: number,
  text: Review["text"],
  list: Review["list"],
): ProvenanceView {
  const pull = cell(provenances.pull, at);
  return {
    how: HOWS[cell(provenances.how, at)] ?? "unknown",
    since: text(cell(provenances.since, at)) ?? null,
    commit: text(cell(provenances.commit, at)) ?? null,
    pull: pull < 0 ? null : pull,
    author: text(cell(provenances.author, at)) ?? null,
    approvers: list(cell(provenances.approvers, at)).map((name) => text(name) ?? ""),
    emergency: provenances.emergency[at] === 1,
    emergencyBy: text(cell(provenances.emergencyBy, at)),
  };
}

function pathAt(packed: PackedReview, at: number, text: Review["text"], provenance: Review["provenance"]): PathView {
  const { paths, places } = packed;
  const placed = (what: PlaceView["what"], column: Column): PlaceView[] => {
    const place = cell(column, at);
    return place < 0 ? [] : [{ what, file: text(cell(places.file, place)) ?? "", line: cell(places.line, place) }];
  };
  return {
    group: text(cell(paths.group, at)),
    role: text(cell(paths.role, at)),
    level: text(cell(paths.level, at)),
    places: [
      ...placed("membership", paths.membershipPlace),
      ...placed("group", paths.groupPlace),
      ...placed("role", paths.rolePlace),
    ],
    provenance: provenance(cell(paths.provenance, at)),
    until: text(cell(paths.until, at)),
    reason: text(cell(paths.reason, at)),
  };
}
