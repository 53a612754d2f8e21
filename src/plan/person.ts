// Who is who among several targets: members with one address, and those whom the settings name as one person. Pure; it is for
// answers alone, and nothing is decided by it.
import { type Entity, entityAt, type State } from "../model/entity.ts";
import { MEMBER, type Platform } from "../model/platform.ts";
import type { Person } from "../model/settings.ts";

/** A target's members, and how its platform compares names. */
export interface Known {
  readonly state: State;
  readonly platform: Pick<Platform, "fold">;
}

/** One person, as far as anything says so. */
export interface Identified {
  /** On the Git host. */
  readonly login?: string;
  /** Their members on each target, in the targets' order; the name that was asked for first. */
  readonly members: readonly (readonly Entity[])[];
}

/** Everyone among the targets' members who is the same person as `member`, a name or address. */
export function identify(member: string, known: readonly Known[], people: readonly Person[]): Identified {
  // More names are found by names until there are no more: each round adds some, and there are only so many.
  const names = new Set([member]);
  let login: string | undefined;
  for (let size = 0; size < names.size; ) {
    size = names.size;
    for (const person of people) {
      if (!person.members.some((name) => isAmong(name, names, known))) continue;
      login ??= person.login;
      for (const name of person.members) names.add(name);
    }
    for (const one of known)
      for (const entity of membersCalled(one, names)) for (const name of namesOf(entity)) names.add(name);
  }
  const members = known.map((one) => membersCalled(one, names));
  return { ...(login === undefined ? {} : { login }), members };
}

/** Whether a name is one of these, or some target has a member whom it takes both for. */
function isAmong(name: string, names: ReadonlySet<string>, known: readonly Known[]): boolean {
  const isOneMember = ({ state, platform: { fold } }: Known) =>
    entityAt(state, MEMBER, fold(name)) !== undefined && [...names].some((other) => fold(other) === fold(name));
  return names.has(name) || known.some(isOneMember);
}

/** By a name of theirs, or by their address. */
function membersCalled({ state, platform }: Known, names: ReadonlySet<string>): Entity[] {
  const found = new Set<Entity>();
  for (const name of names) {
    const entity = entityAt(state, MEMBER, platform.fold(name));
    if (entity) found.add(entity);
  }
  const addresses = new Set([...names].flatMap(addressOf));
  for (const entity of state.get(MEMBER)?.values() ?? [])
    if (addressOf(entity.attributes.email).some((address) => addresses.has(address))) found.add(entity);
  return [...found];
}

function namesOf({ name, attributes: { email } }: Entity): string[] {
  return typeof email === "string" && email !== "" ? [name, email] : [name];
}

/** An address as it compares, whatever a platform says of names. */
function addressOf(text: unknown): string[] {
  return typeof text === "string" && text.includes("@") ? [text.trim().normalize("NFC").toLowerCase()] : [];
}

/** First and last name, where the platform has them; else empty. */
export function fullName({ firstName, lastName }: Entity["attributes"]): string {
  return [firstName, lastName]
    .filter((part) => typeof part === "string")
    .join(" ")
    .trim();
}
