// Finds, among very many people, those who hold lists of grants that pass a test. People in the same groups share lists, so
// each list is tested once, and everybody's are looked through as numbers. It judges nothing.
import type { Grant } from "../../model/grant.ts";
import type { AccessView, GrantParts, Holdings } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Person } from "./survey.ts";

type ListTest = (list: readonly Grant[]) => boolean;

export interface Holders {
  /** Every list that somebody holds, once, and perhaps others that groups give. */
  readonly lists: () => GrantParts;
  /** Those who hold, for each of the tests (eight at most), a list that passes it. */
  readonly holding: (...tests: readonly ListTest[]) => Steps<Person[]>;
}

/** Makes those whom a view knows ready to be looked through, or some of them; the view is asked when it is first needed. */
export function findHolders(view: AccessView, among?: ReadonlySet<string>): Holders {
  let known: Holdings | undefined;
  const holdings = () => {
    known ??= (among ? undefined : view.holdings?.()) ?? numberLists(view, [...(among ?? view.members())]);
    return known;
  };
  const holding: Holders["holding"] = function* (...tests) {
    const { members, lists, held, ends } = holdings();
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
      const member = members[index] as string;
      if (marks === all) found.push({ member, parts: view.partsOf(member) });
    }
    return found;
  };
  return { lists: () => holdings().lists, holding };
}

/** The same for a view that cannot tell it, and for some people of any. */
function numberLists(view: AccessView, members: readonly string[]): Holdings {
  const numbers = new Map<readonly Grant[], number>();
  const held: number[] = [];
  const ends = new Int32Array(members.length);
  for (const [index, member] of members.entries()) {
    for (const list of view.partsOf(member)) {
      const number = numbers.get(list) ?? numbers.size;
      if (number === numbers.size) numbers.set(list, number);
      held.push(number);
    }
    ends[index] = held.length;
  }
  return { members, lists: [...numbers.keys()], held: Int32Array.from(held), ends };
}
