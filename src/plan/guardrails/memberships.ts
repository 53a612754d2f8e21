// Who is in which groups, for everyone at once: where memberships are kept as numbers, nobody's name is looked up. It judges
// nothing, and asks what no group gives.
import { EMPTY_SECTION, type Entity, membershipSection, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import { GROUP } from "../../model/platform.ts";
import { type Roster, RosterSection } from "../../model/roster.ts";

type ByNumber = Map<Roster, (Entity[] | undefined)[]>;

const NO_GROUPS: readonly Entity[] = Object.freeze([]);

/** A function that tells the groups of a member (by folded name), sorted by name. */
export function groupFinder(state: State): (member: string) => readonly Entity[] {
  const groups = [...(state.get(GROUP)?.values() ?? [])].sort(compareGroups);
  const byLocal = new Map<string, Entity[]>();
  const byNumber: ByNumber = new Map();
  for (const group of groups) {
    const section = state.get(membershipSection(group.local)) ?? EMPTY_SECTION;
    if (section instanceof RosterSection) addNumbers(byNumber, section, group);
    else
      for (const member of section.keys()) {
        const known = byLocal.get(member);
        if (known) known.push(group);
        else byLocal.set(member, [group]);
      }
  }
  return (member) => {
    let found: readonly Entity[] = byLocal.get(member) ?? NO_GROUPS;
    for (const [roster, lists] of byNumber) {
      const list = lists[roster.numberOf(member) ?? -1];
      if (list) found = found.length === 0 ? list : [...found, ...list].sort(compareGroups);
    }
    return found;
  };
}

function compareGroups(a: Entity, b: Entity): number {
  return compareText(a.name, b.name) || compareText(a.local, b.local);
}

function addNumbers(known: ByNumber, section: RosterSection, group: Entity): void {
  const { roster } = section;
  const found = known.get(roster) ?? new Array<Entity[] | undefined>(roster.size()).fill(undefined);
  known.set(roster, found);
  for (const person of section.people()) {
    const groups = found[person];
    if (groups) groups.push(group);
    else found[person] = [group];
  }
}
