// What must hold at every point of an apply: who must keep which access, and how many must be able to manage it. Finds what
// the changes at hand could shake at all, so that an ordinary plan needs no further proof. Pure.
import { type Entity, entityAt, MEMBERSHIP, membershipSection, NO_ATTRIBUTES, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { type AccessView, GROUP, MEMBER, type Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { applySteps } from "./access.ts";
import type { Move } from "./direction.ts";
import { restrictPeople } from "./restrict.ts";

/** Why somebody must not be locked out. */
export type Standing = "owner" | "break-glass" | "self" | "approver";

/** Who must keep what. Folded names; whoever does not have it now cannot lose it. */
export interface Protected {
  /** For what is said about it. */
  readonly target: Pick<Target, "name" | "place">;
  /** Must keep owner-equivalent access: the target's owners and break-glass members, and Rolebook's own credential. */
  readonly owners: ReadonlyMap<string, "owner" | "break-glass" | "self">;
  /** Must keep some access. */
  readonly approvers: readonly string[];
  /** How many owner-equivalent people there must be at any moment, unless there are fewer now. */
  readonly minimumOwners: number;
}

/** That somebody keeps what they have. */
export interface PersonalNeed {
  readonly of: "person";
  readonly person: string;
  readonly as: Standing;
  readonly keeps: "owner" | "some";
}

/** That there are enough people who can manage access. */
export interface CountNeed {
  readonly of: "count";
  readonly least: number;
  readonly count: (view: AccessView) => number;
}

/** Something that holds now and that changes may break on their way. */
export type Need = (PersonalNeed | CountNeed) & {
  /** Whose access it is about, as far as changes can shake it. */
  readonly people: readonly string[];
  readonly holds: (view: AccessView) => boolean;
};

/** States and changes cut down to some people. */
export interface Ground {
  readonly live: State;
  readonly moves: readonly Move[];
}

/** The state in which everybody has what they have at every point of an apply, whatever fails: what no change touches. */
export function floorState({ live, moves }: Ground): State {
  return applySteps(
    live,
    moves.map(({ before, floor }) => ({ before, after: floor })),
  );
}

/** The state after all changes. */
export function endState({ live, moves }: Ground): State {
  return applySteps(live, moves);
}

/** What the named people need and could lose. `ground` knows at least them. */
export function personalNeeds(protect: Protected, ground: Ground, platform: Platform): Extract<Need, PersonalNeed>[] {
  const [now, floor] = [platform.access(ground.live), platform.access(floorState(ground))];
  const owns = (person: string) => (view: AccessView) => platform.ownerEquivalent(view.grantsOf(person));
  const holdsSome = (person: string) => (view: AccessView) => view.grantsOf(person).length > 0;
  const needs: Extract<Need, PersonalNeed>[] = [];
  const need = (person: string, as: Standing, keeps: "owner" | "some") => {
    const holds = keeps === "owner" ? owns(person) : holdsSome(person);
    if (!holds(floor)) needs.push({ of: "person", person, as, keeps, people: [person], holds });
  };
  for (const [person, as] of protect.owners)
    if (owns(person)(now)) need(person, as, "owner");
    else if (as !== "owner" && holdsSome(person)(now)) need(person, as, "some");
  for (const person of protect.approvers)
    if (holdsSome(person)(now) && needs.every((known) => known.person !== person)) need(person, "approver", "some");
  return needs;
}

/**
 * People followed of those who can manage access now or at the end, unless more are needed. To follow fewer than there are
 * can only make the proof harder; everyone would make it slow where thousands are owners.
 */
const FOLLOWED = 50;

/** That there are enough owners, as far as the changes could shake that. `whole` knows everybody, `named` some of them. */
export function countNeed(
  protect: Protected,
  named: Ground,
  whole: () => Ground,
  platform: Platform,
): Need | undefined {
  const { minimumOwners, owners } = protect;
  const known = [...owners.keys()].filter((person) => canLogIn(person, named.live));
  if (ownersAmong(floorState(named), known, platform).length >= minimumOwners) return undefined;
  const everyone = whole();
  const counts = (person: string) => canLogIn(person, everyone.live);
  const firm = new Set(likelyOwners(floorState(everyone), minimumOwners, platform, counts));
  if (firm.size >= minimumOwners) return undefined;
  const now = ownersOf(everyone.live, minimumOwners, platform, counts);
  const least = Math.min(minimumOwners, now.length);
  if (firm.size >= least) return undefined;
  const end = endState(everyone);
  const shaken = [...new Set([...now, ...ownersOf(end, least, platform, counts)])]
    .filter((person) => !firm.has(person))
    .sort(compareText);
  const people = followed(
    ownersAmong(everyone.live, shaken, platform),
    ownersAmong(end, shaken, platform),
    Math.max(FOLLOWED, least),
  );
  const owns = (view: AccessView) => (person: string) => platform.ownerEquivalent(view.grantsOf(person));
  const count = (view: AccessView) => firm.size + people.filter(owns(view)).length;
  return { of: "count", least, people, count, holds: (view) => count(view) >= least };
}

/** Whether somebody could manage access today: not who is only invited, nor who is yet to be made and has no way in so far. */
function canLogIn(person: string, live: State): boolean {
  const member = entityAt(live, MEMBER, person);
  return member !== undefined && member.status !== "invited";
}

/** Who of some people can manage access. */
function ownersAmong(state: State, people: Iterable<string>, platform: Platform): string[] {
  const some = new Set(people);
  const view = platform.access(restrictPeople(state, some));
  return [...some].filter((person) => platform.ownerEquivalent(view.grantsOf(person)));
}

/** Everyone who can manage access, or at least `enough` of them: everybody is looked at only where the likely ones do not do. */
function ownersOf(
  state: State,
  enough: number,
  platform: Platform,
  counts: (person: string) => boolean,
): readonly string[] {
  const likely = likelyOwners(state, enough, platform, counts);
  if (likely.length >= enough) return likely;
  const view = platform.access(state);
  return view.members().filter((person) => counts(person) && platform.ownerEquivalent(view.grantsOf(person)));
}

/** Some of those who can manage access by being in a group that would do alone: found by asking of every group, not of everybody. */
function likelyOwners(
  state: State,
  enough: number,
  platform: Platform,
  counts: (person: string) => boolean,
): readonly string[] {
  const groups = [...(state.get(GROUP)?.keys() ?? [])].sort(compareText);
  const samples = groups.flatMap((group) => [
    { kind: MEMBER, section: MEMBER, local: group, name: group, attributes: NO_ATTRIBUTES },
    membershipOf(group, group, group),
  ]);
  const view = platform.access(withEntities(restrictPeople(state, new Set()), samples));
  const likely = new Set<string>();
  for (const group of groups) {
    if (likely.size >= Math.max(FOLLOWED, enough)) break;
    if (!platform.ownerEquivalent(view.grantsOf(group))) continue;
    const members = [...(state.get(membershipSection(group))?.keys() ?? [])].filter(counts).sort(compareText);
    for (const member of members.slice(0, Math.max(FOLLOWED, enough))) likely.add(member);
  }
  return ownersAmong(state, likely, platform);
}

/** Those who own now and at the end first: they are the likeliest to own all the time. */
function followed(now: readonly string[], end: readonly string[], most: number): string[] {
  const [before, after] = [new Set(now), new Set(end)];
  const staying = now.filter((person) => after.has(person)).slice(0, most);
  const coming = end.filter((person) => !before.has(person)).slice(0, most);
  const going = now.filter((person) => !after.has(person)).slice(0, most);
  return [...staying, ...coming, ...going];
}

/**
 * Break-glass members, and Rolebook itself, who hold nothing now and whom a change would delete or disable: who could hold
 * something before it, were they in every group, and could not after it.
 */
export function endedMembers(protect: Protected, live: State, moves: readonly Move[], platform: Platform): Move[] {
  return moves.filter(({ change, before, after }) => {
    const as = protect.owners.get(change.local);
    if (change.kind !== MEMBER || !before || as === undefined || as === "owner") return false;
    if (platform.access(live, new Set([change.local])).grantsOf(change.local).length > 0) return false;
    if (!after) return true;
    const holds = (member: typeof before) => couldHold(member, live, platform);
    return holds(before) && !holds(after);
  });
}

function couldHold(member: Entity, live: State, platform: Platform): boolean {
  const { local, name } = member;
  const joined = [...(live.get(GROUP)?.keys() ?? [])].map((group) => membershipOf(group, local, name));
  const state = withEntities(restrictPeople(live, new Set()), [member, ...joined]);
  return platform.access(state).grantsOf(local).length > 0;
}

function membershipOf(group: string, local: string, name: string): Entity {
  return { kind: MEMBERSHIP, section: membershipSection(group), local, name, attributes: NO_ATTRIBUTES };
}

function withEntities(state: State, entities: readonly Entity[]): State {
  return applySteps(
    state,
    entities.map((after) => ({ before: undefined, after })),
  );
}
