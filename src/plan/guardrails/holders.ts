// Finds, among very many people, those who hold lists of grants that pass a test. People in the same groups share lists, so
// each list is tested once, and everybody's are looked through as numbers. It judges nothing.
import type { Grant } from "../../model/grant.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Person } from "./survey.ts";

type ListTest = (list: readonly Grant[]) => boolean;

/** Those who hold, for each of the tests (eight at most), a list that passes it; in the order of the people. */
export type FindHolders = (...tests: readonly ListTest[]) => Steps<Person[]>;

interface Numbered {
  readonly lists: readonly (readonly Grant[])[];
  /** The numbers of everybody's lists, one person's after the other's. */
  readonly held: Int32Array;
}

/** Makes people ready to be looked through; `people` is asked once, when it is first needed. */
export function holderFinder(people: () => readonly Person[]): FindHolders {
  let numbered: Numbered | undefined;
  return function* (...tests) {
    numbered ??= numberLists(people());
    const { lists, held } = numbered;
    const passed = new Uint8Array(lists.length);
    for (const [number, list] of lists.entries()) {
      if (number % STEP_ITEMS === 0) yield;
      for (const [index, test] of tests.entries())
        if (test(list)) passed[number] = (passed[number] ?? 0) | (1 << index);
    }
    const all = (1 << tests.length) - 1;
    const found: Person[] = [];
    let at = 0;
    for (const [index, person] of people().entries()) {
      if (index % STEP_ITEMS === 0) yield;
      let marks = 0;
      for (const end = at + person.parts.length; at < end; at++) marks |= passed[held[at] as number] as number;
      if (marks === all) found.push(person);
    }
    return found;
  };
}

function numberLists(people: readonly Person[]): Numbered {
  const numbers = new Map<readonly Grant[], number>();
  const held = new Int32Array(people.reduce((sum, { parts }) => sum + parts.length, 0));
  let at = 0;
  for (const { parts } of people)
    for (const list of parts) {
      const number = numbers.get(list) ?? numbers.size;
      if (number === numbers.size) numbers.set(list, number);
      held[at++] = number;
    }
  return { lists: [...numbers.keys()], held };
}
