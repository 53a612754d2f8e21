// Changed versions of a generated organization: what a pull request asks for, and what somebody did by hand on the
// platform meanwhile. An organization is never changed in place; groups that stay as they are are shared.
import { newMember, pick, shuffled } from "./organization.mjs";

/** A group smaller than this loses nobody: the plan must stay within every limit. */
const LEAST_PEOPLE = 4;

/**
 * The organization with people added to and removed from `groups` groups, and new people, each in one group.
 * `adds` counts memberships of people who were there. Nobody is left without a group.
 */
export function changePeople(organization, { adds, removes, joiners, groups: groupCount }, random) {
  const groups = [...organization.groups];
  const touched = shuffled(groups.keys(), random)
    .filter((index) => index > 0)
    .slice(0, groupCount);
  const counts = countGroups(organization);
  const edits = new Map(touched.map((index) => [index, { added: new Set(), removed: new Set() }]));
  removeSome(groups, edits, touched, counts, removes, random);
  const newcomers = Array.from({ length: joiners }, (_, index) =>
    newMember(organization.members.length + index, random),
  );
  for (let done = 0; done < adds; ) {
    const index = pick(touched, random);
    const member = Math.floor(random() * organization.members.length);
    const { added, removed } = edits.get(index);
    if (added.has(member) || removed.has(member) || groups[index].people.includes(member)) continue;
    added.add(member);
    done++;
  }
  for (const position of newcomers.keys())
    edits.get(pick(touched, random)).added.add(organization.members.length + position);
  for (const [index, { added, removed }] of edits) {
    if (added.size + removed.size === 0) continue;
    const people = [...groups[index].people.filter((member) => !removed.has(member)), ...added];
    groups[index] = { ...groups[index], people: people.sort((a, b) => a - b) };
  }
  return { ...organization, groups, joiners: newcomers };
}

function removeSome(groups, edits, touched, counts, removes, random) {
  for (let done = 0, tries = 0; done < removes; tries++) {
    if (tries > removes * 100) throw new Error("the organization is too small for so many removals");
    const index = pick(touched, random);
    const { people } = groups[index];
    const { removed } = edits.get(index);
    const member = pick(people, random);
    if (removed.has(member) || people.length - removed.size < LEAST_PEOPLE || counts[member] < 2) continue;
    removed.add(member);
    counts[member]--;
    done++;
  }
}

/** In how many groups each member is. */
function countGroups({ members, groups }) {
  const counts = new Int32Array(members.length);
  for (const { people } of groups) for (const member of people) counts[member]++;
  return counts;
}

/** A small pull request: people move, a role gets another permission, a group gets other environments. */
export function pendingChange(organization, random) {
  const moved = changePeople(organization, { adds: 30, removes: 12, joiners: 5, groups: 20 }, random);
  const roles = moved.roles.map((role, index) =>
    index === 1 ? { ...role, permissions: { ...role.permissions, Theme: "edit" } } : role,
  );
  const groups = moved.groups.map((group, index) =>
    index === 7 ? { ...group, environments: group.environments === "live" ? "non-production" : "live" } : group,
  );
  return { ...moved, roles, groups };
}

/** What the platform has, when most of it is as last applied: some edits by hand, and a few things Git never heard of. */
export function driftedState(organization, random) {
  const { joiners, ...rest } = changePeople(organization, { adds: 10, removes: 6, joiners: 3, groups: 10 }, random);
  const groups = rest.groups.map((group, index) =>
    index === 11 ? { ...group, description: `${group.description} (see the wiki)` } : group,
  );
  const own = { ...groups[3], id: "g-by-hand", name: "Made by hand", people: groups[3].people.slice(0, 8) };
  return { ...rest, groups: [...groups, own], joiners };
}
