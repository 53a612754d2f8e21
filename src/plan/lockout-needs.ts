// What must hold at every point of an apply: who must keep which access, and how many must be able to manage it. Finds what
// the changes at hand could shake at all, so that an ordinary plan needs no further proof. Pure.
import { type Entity, entityAt, MEMBERSHIP, membershipSection, NO_ATTRIBUTES, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { lazy } from "../model/lazy.ts";
import { type AccessView, GROUP, MEMBER, type Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { applySteps } from "./access.ts";
import type { Move } from "./direction.ts";
import { type Realm, realmsOf } from "./realms.ts";
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
  /** How many owner-equivalent people there must be at any moment (in every scope that has its own), unless there are fewer now. */
  readonly minimumOwners: number;
}

/** That somebody keeps what they have. */
export interface PersonalNeed {
  readonly of: "person";
  readonly person: string;
  readonly as: Standing;
  readonly keeps: "owner" | "some";
  /** The scopes that they own no more, where scopes have owners of their own; empty where it is the whole target. */
  readonly lost: (view: AccessView) => readonly string[];
}

/** That there are enough people who can manage access. */
export interface CountNeed {
  readonly of: "count";
  readonly least: number;
  /** Undefined is the whole target. */
  readonly scope: string | undefined;
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
  const realms = realmsOf(platform, ground.live);
  const holdsSome = (person: string) => (view: AccessView) => view.grantsOf(person).length > 0;
  const needs: Extract<Need, PersonalNeed>[] = [];
  const needSome = (person: string, as: Standing) => {
    const holds = holdsSome(person);
    if (!holds(floor)) needs.push({ of: "person", person, as, keeps: "some", lost: () => [], people: [person], holds });
  };
  const needOwned = (person: string, as: Standing, owned: readonly Realm[]) => {
    const lacking = (view: AccessView) => owned.filter((realm) => !realm.owns(view.grantsOf(person)));
    if (lacking(floor).length === 0) return;
    const lost = (view: AccessView) => lacking(view).flatMap(({ scope }) => scope ?? []);
    const holds = (view: AccessView) => lacking(view).length === 0;
    needs.push({ of: "person", person, as, keeps: "owner", lost, people: [person], holds });
  };
  for (const [person, as] of protect.owners) {
    const owned = realms.filter(({ owns }) => owns(now.grantsOf(person)));
    if (owned.length > 0) needOwned(person, as, owned);
    else if (as !== "owner" && holdsSome(person)(now)) needSome(person, as);
  }
  for (const person of protect.approvers)
    if (holdsSome(person)(now) && needs.every((known) => known.person !== person)) needSome(person, "approver");
  return needs;
}

/**
 * People followed of those who can manage access now or at the end, unless more are needed. To follow fewer than there are
 * can only make the proof harder; everyone would make it slow where thousands are owners.
 */
const FOLLOWED = 50;

/**
 * That there are enough owners of everything that has owners, as far as the changes could shake that. `whole` knows everybody,
 * `named` some of them.
 */
export function countNeeds(protect: Protected, named: Ground, whole: () => Ground, platform: Platform): Need[] {
  const known = [...protect.owners.keys()].filter((person) => canLogIn(person, named.live));
  const floor = lazy(() => platform.access(restrictPeople(floorState(named), new Set(known))));
  const isFirm = ({ owns }: Realm) =>
    known.filter((person) => owns(floor().grantsOf(person))).length >= protect.minimumOwners;
  const everyone = lazy((): Everyone => {
    const ground = whole();
    return {
      now: lookAt(ground.live, platform),
      floor: lookAt(floorState(ground), platform),
      end: lookAt(endState(ground), platform),
    };
  });
  return realmsOf(platform, named.live).flatMap((realm) =>
    isFirm(realm) ? [] : (countNeed(protect.minimumOwners, everyone(), realm, platform) ?? []),
  );
}

/** States of the whole target. */
interface Everyone {
  readonly now: Looked;
  readonly floor: Looked;
  readonly end: Looked;
}

/** A state, and what it means: worked out once, for all that has owners. */
interface Looked {
  readonly state: State;
  readonly view: () => AccessView;
  /** What each group gives by itself: to somebody of the group's own name. */
  readonly ofGroups: () => AccessView;
}

function lookAt(state: State, platform: Platform): Looked {
  return {
    state,
    view: lazy(() => platform.access(state)),
    ofGroups: lazy(() => platform.access(withEntities(restrictPeople(state, new Set()), samplesOf(state)))),
  };
}

function countNeed(minimum: number, everyone: Everyone, realm: Realm, platform: Platform): Need | undefined {
  const { now: live, floor, end } = everyone;
  const counts = (person: string) => canLogIn(person, live.state);
  // Where scopes have owners of their own, people own them by themselves, and hardly by groups.
  const sure = platform.ownerScopes ? ownersOf : likelyOwners;
  const firm = new Set(sure(floor, minimum, realm, platform, counts));
  if (firm.size >= minimum) return undefined;
  const now = ownersOf(live, minimum, realm, platform, counts);
  const least = Math.min(minimum, now.length);
  if (firm.size >= least) return undefined;
  const shaken = [...new Set([...now, ...ownersOf(end, least, realm, platform, counts)])]
    .filter((person) => !firm.has(person))
    .sort(compareText);
  const people = followed(
    ownersAmong(live.state, shaken, realm, platform),
    ownersAmong(end.state, shaken, realm, platform),
    Math.max(FOLLOWED, least),
  );
  const owns = (view: AccessView) => (person: string) => realm.owns(view.grantsOf(person));
  const count = (view: AccessView) => firm.size + people.filter(owns(view)).length;
  return { of: "count", least, scope: realm.scope, people, count, holds: (view) => count(view) >= least };
}

/** Whether somebody could manage access today: not who is only invited, nor who is yet to be made and has no way in so far. */
export function canLogIn(person: string, live: State): boolean {
  const member = entityAt(live, MEMBER, person);
  return member !== undefined && member.status !== "invited";
}

/** Who of some people can manage access. */
function ownersAmong(state: State, people: Iterable<string>, { owns }: Realm, platform: Platform): string[] {
  const some = new Set(people);
  const view = platform.access(restrictPeople(state, some));
  return [...some].filter((person) => owns(view.grantsOf(person)));
}

/** Everyone who can manage access, or at least `enough` of them: everybody is looked at only where the likely ones do not do. */
function ownersOf(
  looked: Looked,
  enough: number,
  realm: Realm,
  platform: Platform,
  counts: (person: string) => boolean,
): readonly string[] {
  const likely = likelyOwners(looked, enough, realm, platform, counts);
  if (likely.length >= enough) return likely;
  const view = looked.view();
  return view.members().filter((person) => counts(person) && realm.owns(view.grantsOf(person)));
}

/** Some of those who can manage access by being in a group that would do alone: found by asking of every group, not of everybody. */
function likelyOwners(
  { state, ofGroups }: Looked,
  enough: number,
  realm: Realm,
  platform: Platform,
  counts: (person: string) => boolean,
): readonly string[] {
  const likely = new Set<string>();
  for (const group of groupsOf(state)) {
    if (likely.size >= Math.max(FOLLOWED, enough)) break;
    if (!realm.owns(ofGroups().grantsOf(group))) continue;
    const members = [...(state.get(membershipSection(group))?.keys() ?? [])].filter(counts).sort(compareText);
    for (const member of members.slice(0, Math.max(FOLLOWED, enough))) likely.add(member);
  }
  return ownersAmong(state, likely, realm, platform);
}

function groupsOf(state: State): string[] {
  return [...(state.get(GROUP)?.keys() ?? [])].sort(compareText);
}

function samplesOf(state: State): Entity[] {
  return groupsOf(state).flatMap((group) => [
    { kind: MEMBER, section: MEMBER, local: group, name: group, attributes: NO_ATTRIBUTES },
    membershipOf(group, group, group),
  ]);
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
