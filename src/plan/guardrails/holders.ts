// Finds, among very many people, those who hold lists of grants that pass a test. People in the same groups share lists, so
// each list is tested once, and everybody's are looked through as numbers. It judges nothing.
import type { Grant } from "../../model/grant.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Person } from "./survey.ts";

type ListTest = (list: readonly Grant[]) => boolean;

export interface Holders {
  /** Every list that somebody holds, once. */
  readonly lists: () => readonly (readonly Grant[])[];
  /** Those who hold, for each of the tests (eight at most), a list that passes it; in the order of the people. */
  readonly holding: (...tests: readonly ListTest[]) => Steps<Person[]>;
}

interface Numbered {
  readonly lists: readonly (readonly Grant[])[];
  /** The numbers of everybody's lists, one person's after the other's. */
  readonly held: Int32Array;
  /** Person -> where theirs end. */
  readonly ends: Int32Array;
}

/** Makes people ready to be looked through; `people` is asked once, when it is first needed. */
export function findHolders(people: () => readonly Person[]): Holders {
  let known: Numbered | undefined;
  const numbered = () => {
    known ??= numberLists(people());
    return known;
  };
  const holding: Holders["holding"] = function* (...tests) {
    const { lists, held, ends } = numbered();
    const passed = new Uint8Array(lists.length);
    for (const [number, list] of lists.entries()) {
      if (number % STEP_ITEMS === 0) yield;
      for (const [index, test] of tests.entries())
        if (test(list)) passed[number] = (passed[number] ?? 0) | (1 << index);
    }
    const all = (1 << tests.length) - 1;
    const found: Person[] = [];
    let at = 0;
    for (let index = 0; index < ends.length; index++) {
      if (index % STEP_ITEMS === 0) yield;
      let marks = 0;
      for (const end = ends[index] as number; at < end; at++) marks |= passed[held[at] as number] as number;
      if (marks === all) found.push(people()[index] as Person);
    }
    return found;
  };
  return { lists: () => numbered().lists, holding };
}

function numberLists(people: readonly Person[]): Numbered {
  const numbers = new Map<readonly Grant[], number>();
  const held = new Int32Array(people.reduce((sum, { parts }) => sum + parts.length, 0));
  const ends = new Int32Array(people.length);
  let at = 0;
  for (const [index, { parts }] of people.entries()) {
    for (const list of parts) {
      const number = numbers.get(list) ?? numbers.size;
      if (number === numbers.size) numbers.set(list, number);
      held[at++] = number;
    }
    ends[index] = at;
  }
  return { lists: [...numbers.keys()], held, ends };
}
