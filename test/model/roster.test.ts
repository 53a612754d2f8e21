// Sections kept as numbers behave like maps of the same entities, and comparing them says what comparing keys says.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entity } from "../../src/model/entity.ts";
import { attributedIn, PeopleSet, type Roster, RosterComparison, RosterSection } from "../../src/model/roster.ts";

const PEOPLE = ["ana", "bo", "chen", "dee", "eve", "fay"];

/** A roster of these people in this order. */
function rosterOf(people: readonly string[]): Roster {
  const numberOf = (local: string) => (people.includes(local) ? people.indexOf(local) : undefined);
  return { size: () => people.length, localOf: (person) => people[person] ?? "", numberOf };
}

function entityOf(local: string): Entity {
  return { kind: "Membership", section: "Membership/g", local, name: local.toUpperCase(), attributes: {} };
}

function sectionOf(roster: Roster, members: readonly string[]): RosterSection {
  const section = new RosterSection(roster, (person) => entityOf(roster.localOf(person)));
  for (const member of members) section.add(roster.numberOf(member) ?? -1, 0);
  return section;
}

const people = fc.shuffledSubarray(PEOPLE, { minLength: 3 });
const some = people.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all)));

describe("a section of a roster", () => {
  test("is a map of its entities", () => {
    fc.assert(
      fc.property(some, ([all, members]) => {
        const section = sectionOf(rosterOf(all), members);
        const map = new Map(members.map((member) => [member, entityOf(member)]));
        for (const member of PEOPLE) {
          expect(section.has(member)).toBe(map.has(member));
          expect(section.get(member)).toEqual(map.get(member));
          expect(section.get(member)).toBe(section.get(member));
        }
        expect(section.size).toBe(map.size);
        expect([...section.keys()]).toEqual([...map.keys()]);
        expect(new Map(section)).toEqual(map);
        expect([...section.values()]).toEqual([...map.values()]);
      }),
    );
  });

  test("takes nobody twice, keeps what has attributes, and makes nothing unasked", () => {
    let made = 0;
    const section = new RosterSection(rosterOf(PEOPLE), (person, seed) => {
      made += 1;
      return { ...entityOf(PEOPLE[person] ?? ""), name: String(seed) };
    });
    expect([section.add(0, 7), section.add(1, 8), section.add(0, 9)]).toEqual([true, true, false]);
    section.put(1, { ...entityOf("bo"), attributes: { reason: "why" } });
    expect([...section.keys(), section.size, section.has("ana")]).toEqual(["ana", "bo", 2, true]);
    expect([...attributedIn(section)].map(({ local }) => local)).toEqual(["bo"]);
    expect(made).toBe(0);
    expect(section.get("ana")?.name).toBe("7");
    expect(section.get("bo")?.attributes).toEqual({ reason: "why" });
    expect(made).toBe(1);
  });

  test("is compared as its keys are", () => {
    fc.assert(
      fc.property(some, some, some, ([here, first], [there, second], [, third]) => {
        const [left, right] = [rosterOf(here), rosterOf(there)];
        const comparison = new RosterComparison(left, right);
        const only = (a: readonly string[], b: readonly string[]) => a.filter((member) => !b.includes(member));
        const thirds = third.filter((member) => there.includes(member));
        for (const other of [second, thirds, second])
          expect(comparison.compare(sectionOf(left, first), sectionOf(right, other))).toEqual({
            first: only(first, other),
            second: only(other, first),
          });
      }),
    );
  });

  test("counts for a set of people like any other section", () => {
    fc.assert(
      fc.property(some, some, ([all, members], [, others]) => {
        const set = new PeopleSet();
        set.addAll(sectionOf(rosterOf(all), members));
        set.addAll(new Map(others.map((other) => [other, entityOf(other)])));
        for (const person of PEOPLE) expect(set.has(person)).toBe(members.includes(person) || others.includes(person));
      }),
    );
  });
});
