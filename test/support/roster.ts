// States whose memberships are kept by number, as those of large files and large platforms are.
import { groupOfSection, type Section, type State } from "../../src/model/entity.ts";
import { type Roster, RosterSection } from "../../src/model/roster.ts";

/** The same state with a roster section for each group. */
export function rosterState(state: State): State {
  const locals = [...new Set([...state].flatMap(([name, section]) => (isGroup(name) ? [...section.keys()] : [])))];
  const numbers = new Map(locals.map((local, person) => [local, person]));
  const roster: Roster = {
    size: () => locals.length,
    localOf: (person) => locals[person] ?? "",
    numberOf: (local) => numbers.get(local),
  };
  return new Map([...state].map(([name, section]) => [name, isGroup(name) ? numbered(section, roster) : section]));
}

const isGroup = (section: string) => groupOfSection(section) !== undefined;

function numbered(section: Section, roster: Roster): RosterSection {
  const entities = [...section.values()];
  const rostered = new RosterSection(roster, (_, seed) => {
    const entity = entities[seed];
    if (!entity) throw new Error("nobody was added with this seed");
    return entity;
  });
  for (const [seed, entity] of entities.entries()) rostered.add(roster.numberOf(entity.local) ?? -1, seed);
  return rostered;
}
