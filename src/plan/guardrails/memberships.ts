// Who is in which groups, for everyone at once: where memberships are kept as numbers, nobody's name is looked up. It judges
// nothing, and asks what no group gives.
import { EMPTY_SECTION, type Entity, membershipSection, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import { GROUP } from "../../model/platform.ts";
import { type Roster, RosterSection } from "../../model/roster.ts";

/** A function that tells the groups of a member (by folded name), sorted by name. */
export function groupFinder(state: State): (member: string) => readonly Entity[] {
  const groups = [...(state.get(GROUP)?.values() ?? [])];
  groups.sort((a, b) => compareText(a.name, b.name) || compareText(a.local, b.local));
  const byLocal = new Map<string, number[]>();
  const byNumber = new Map<Roster, (number[] | undefined)[]>();
  for (const [position, { local }] of groups.entries()) {
    const section = state.get(membershipSection(local)) ?? EMPTY_SECTION;
    if (section instanceof RosterSection) addNumbers(byNumber, section, position);
    else
      for (const member of section.keys()) {
        const known = byLocal.get(member);
        if (known) known.push(position);
        else byLocal.set(member, [position]);
      }
  }
  const numbered = [...byNumber];
  return (member) => {
    const found = numbered.flatMap(([roster, positions]) => positions[roster.numberOf(member) ?? -1] ?? []);
    const others = byLocal.get(member);
    const all = others || numbered.length > 1 ? [...found, ...(others ?? [])].sort((a, b) => a - b) : found;
    return all.map((position) => groups[position] as Entity);
  };
}

function addNumbers(known: Map<Roster, (number[] | undefined)[]>, section: RosterSection, position: number): void {
  const { roster } = section;
  const found = known.get(roster) ?? new Array<number[] | undefined>(roster.size()).fill(undefined);
  known.set(roster, found);
  for (const person of section.people()) {
    const positions = found[person];
    if (positions) positions.push(position);
    else found[person] = [position];
  }
}
