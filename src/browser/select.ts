// Which grants a view shows, and in which order. Texts are looked at once each and not once a grant, so that a hundred thousand grants
// are sought through while somebody types.
import { RISK_LEVELS } from "../model/review-page.ts";
import { cell, type Review } from "./review.ts";
import type { Sort, View } from "./view.ts";

type Numbers = Int32Array;

/** Rows that fit, in the view's order. */
export function selectRows(review: Review, view: View): Numbers {
  return sortRows(review, filterRows(review, view), view.sort, view.descending);
}

/** Rows that fit, in the report's order: by risk, the highest first. */
export function filterRows(review: Review, view: View): Numbers {
  const tests = testsOf(review, view);
  const kept = new Int32Array(review.count);
  let count = 0;
  for (let row = 0; row < review.count; row++) if (tests.every((fits) => fits(row))) kept[count++] = row;
  return kept.slice(0, count);
}

type Test = (row: number) => boolean;

function testsOf(review: Review, view: View): Test[] {
  const { rows, packed, texts } = review;
  const tests: Test[] = [];
  const equals = (column: Numbers, wanted: string) => {
    if (wanted === "") return;
    const marked = markTexts(texts, (text) => text === wanted);
    tests.push((row) => marked[column[row] ?? 0] === 1);
  };
  const person = view.who === "" ? undefined : (review.personNamed(view.who)?.index ?? -1);
  if (person !== undefined) tests.push((row) => review.personOf[row] === person);
  if (view.target !== "") {
    const target = packed.targets.findIndex(({ name }) => name === view.target);
    tests.push((row) => rows.target[row] === target);
  }
  equals(rows.scope, view.scope);
  equals(rows.level, view.level);
  const risk = (RISK_LEVELS as readonly string[]).indexOf(view.risk);
  if (risk > 0) tests.push((row) => (rows.risk[row] ?? 0) >= risk);
  if (view.why !== "") tests.push(whyTest(review, view.why.split(",")));
  if (view.group !== "") tests.push(pathTest(review, (text) => text === view.group, ["group"]));
  if (view.drift !== "")
    tests.push((row) => (view.drift === "any" ? rows.drift[row] !== 0 : review.drift(row) === view.drift));
  for (const word of view.search.toLowerCase().split(/\s+/)) if (word !== "") tests.push(wordTest(review, word));
  return tests;
}

/** Marks the texts for which something holds. */
function markTexts(texts: readonly string[], holds: (text: string) => boolean): Uint8Array {
  return Uint8Array.from(texts, (text) => (holds(text) ? 1 : 0));
}

function whyTest(review: Review, codes: readonly string[]): Test {
  const { packed, rows } = review;
  const marked = markTexts(review.texts, (text) => codes.includes(text));
  const owners = codes.includes("owner-equivalent");
  const lists = markLists(review, (reason) => marked[cell(packed.reasons.code, reason)] === 1);
  return (row) => lists(rows.reasons[row] ?? 0) || (owners && rows.owner[row] === 1);
}

function pathTest(
  review: Review,
  holds: (text: string) => boolean,
  parts: readonly ("group" | "role" | "reason")[],
): Test {
  const { packed, rows, texts } = review;
  const marked = markTexts(texts, holds);
  const lists = markLists(review, (path) => parts.some((part) => marked[cell(packed.paths[part], path)] === 1));
  return (row) => lists(rows.paths[row] ?? 0);
}

/** Says of a list, once for each, whether something holds of one of its items. */
function markLists({ packed: { lists } }: Review, holds: (item: number) => boolean): (list: number) => boolean {
  const known = new Int8Array(lists.starts.length).fill(-1);
  return (list) => {
    if (known[list] === -1) {
      let found = 0;
      const end = lists.starts[list + 1] ?? 0;
      for (let at = lists.starts[list] ?? 0; at < end && found === 0; at++) if (holds(lists.items[at] ?? -1)) found = 1;
      known[list] = found;
    }
    return known[list] === 1;
  };
}

/** One word: in the person's address, name or login, the resource, scope, level or target, a group, a role, who granted it or why. */
function wordTest(review: Review, word: string): Test {
  const { rows, packed, texts, personOf, persons } = review;
  const marked = markTexts(texts, (text) => text.toLowerCase().includes(word));
  const people = Uint8Array.from(persons, ({ member, name, login }) =>
    [member, name, login ?? ""].some((text) => text.toLowerCase().includes(word)) ? 1 : 0,
  );
  const targets = packed.targets.map(({ name }) => name.toLowerCase().includes(word));
  const granted = packed.provenances.how.map((_, at) => {
    const { author, commit, emergencyBy, approvers, pull } = packed.provenances;
    const named = [author, commit, emergencyBy].some((column) => marked[cell(column, at)] === 1);
    return named || word === `#${pull[at]}` || review.list(cell(approvers, at)).some((name) => marked[name] === 1);
  });
  const paths = markLists(review, (path) => {
    const { group, role, reason, provenance } = packed.paths;
    return (
      [group, role, reason].some((column) => marked[cell(column, path)] === 1) ||
      granted[cell(provenance, path)] === true
    );
  });
  const reasons = markLists(review, (reason) => marked[cell(packed.reasons.code, reason)] === 1);
  return (row) =>
    people[personOf[row] ?? 0] === 1 ||
    marked[rows.resource[row] ?? 0] === 1 ||
    marked[rows.scope[row] ?? 0] === 1 ||
    marked[rows.level[row] ?? 0] === 1 ||
    targets[rows.target[row] ?? 0] === true ||
    paths(rows.paths[row] ?? 0) ||
    reasons(rows.reasons[row] ?? 0);
}

/** What stands last when it is not there, whichever way it is ordered. */
const LAST = -1;

/** Ties keep the report's order. */
export function sortRows(review: Review, selected: Numbers, sort: Sort, descending: boolean): Numbers {
  const { rows } = review;
  if (sort === "risk" && descending) return selected;
  const keys = sortKeys(review, selected, sort);
  const order = Int32Array.from(selected.keys());
  order.sort((a, b) => {
    const [left, right] = [keys[a] ?? LAST, keys[b] ?? LAST];
    if (left === right) return a - b;
    if (left === LAST || right === LAST) return left === LAST ? 1 : -1;
    return descending ? right - left : left - right;
  });
  return order.map((at) => selected[at] ?? 0);

  function sortKeys({ packed }: Review, selection: Numbers, by: Sort): Numbers {
    const ranks = rankTexts(review.texts);
    const rank = (index: number) => (index < 0 ? LAST : (ranks[index] ?? LAST));
    const key = (row: number): number => {
      switch (by) {
        case "risk":
          return rows.score[row] ?? 0;
        case "person":
          return rank(rows.member[row] ?? LAST);
        case "resource":
          return rank(rows.resource[row] ?? LAST);
        case "scope":
          return rank(rows.scope[row] ?? LAST);
        case "level":
          return rows.strength[row] ?? 0;
        case "through":
          return rank(cell(packed.paths.group, review.list(rows.paths[row] ?? 0)[0] ?? LAST));
        case "since":
          return rank(cell(packed.provenances.since, rows.provenance[row] ?? LAST));
        case "until":
          return rank(rows.until[row] ?? LAST);
        default:
          return by satisfies never;
      }
    };
    return selection.map(key);
  }
}

const ranked = new WeakMap<readonly string[], Numbers>();

/** Each text's place among all of them, upper and lower case alike. */
function rankTexts(texts: readonly string[]): Numbers {
  const known = ranked.get(texts);
  if (known) return known;
  const folded = texts.map((text) => text.toLowerCase());
  const order = Int32Array.from(texts.keys()).sort((a, b) => {
    const [left, right] = [folded[a] ?? "", folded[b] ?? ""];
    return left < right ? -1 : left > right ? 1 : a - b;
  });
  const ranks = new Int32Array(texts.length);
  // The same text under two numbers has one rank, so that ties keep the report's order.
  for (let at = 0, rank = 0; at < order.length; at++) {
    const [here, before] = [order[at] ?? 0, order[at - 1] ?? -1];
    if (at > 0 && folded[here] !== folded[before]) rank++;
    ranks[here] = rank;
  }
  ranked.set(texts, ranks);
  return ranks;
}
