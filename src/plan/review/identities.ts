// Who of a campaign is one person. Two questions, two measures: whether somebody is kept from deciding, where any likeness is enough;
// and for whom a login speaks, where only the settings' own word is.
import type { Person } from "../../model/settings.ts";
import { knownReviewers } from "../approval-people.ts";

export interface Identities {
  /** Whether two names, logins or Git identities may be one person: in doubt they are. */
  readonly mayBeSame: (left: string, right: string) => boolean;
  /** Whether a login on the Git host is a member's, by the settings. */
  readonly speaksFor: (login: string, member: string) => boolean;
  /** The login of a member, by the settings; the first by code point where there are several. */
  readonly loginOf: (member: string) => string | undefined;
}

export function identitiesOf(people: readonly Person[]): Identities {
  const namesOf = namesByLikeness(people);
  const logins = new Map<string, string[]>();
  for (const { login, members } of people)
    for (const member of members) {
      const known = logins.get(exact(member)) ?? [];
      logins.set(exact(member), [...known, login.toLowerCase()].sort());
    }
  return {
    mayBeSame: (left, right) => {
      const names = namesOf(right);
      for (const name of namesOf(left)) if (names.has(name)) return true;
      return false;
    },
    speaksFor: (login, member) => logins.get(exact(member))?.includes(login.toLowerCase()) ?? false,
    loginOf: (member) => logins.get(exact(member))?.[0],
  };
}

/**
 * By several versions of the settings at once: a login speaks for whom it speaks by all of them, and is kept from deciding by any. Who
 * has a login goes by the first.
 */
export function identitiesByAll(people: readonly Person[], former: readonly (readonly Person[])[]): Identities {
  const first = identitiesOf(people);
  const all = [first, ...former.map(identitiesOf)];
  return {
    mayBeSame: (left, right) => all.some((one) => one.mayBeSame(left, right)),
    speaksFor: (login, member) => all.every((one) => one.speaksFor(login, member)),
    loginOf: first.loginOf,
  };
}

/** Everything that somebody may go by. */
function namesByLikeness(people: readonly Person[]): (name: string) => ReadonlySet<string> {
  const known = knownReviewers(people, alike);
  const byMember = new Map<string, string[]>();
  for (const [login, { members }] of known)
    for (const member of members) byMember.set(member, [...(byMember.get(member) ?? []), login]);
  const cache = new Map<string, ReadonlySet<string>>();
  return (name) => {
    const found = cache.get(name);
    if (found) return found;
    const names = new Set(spellings(name));
    for (const one of [...names]) {
      for (const member of known.get(one)?.members ?? []) names.add(member);
      for (const login of byMember.get(one) ?? [])
        for (const other of [login, ...(known.get(login)?.members ?? [])]) names.add(other);
    }
    cache.set(name, names);
    return names;
  };
}

/** `Ana <ana@acme.example>` is known by all of it and by the address. */
function spellings(name: string): string[] {
  const [, address] = /<([^<>]+)>\s*$/.exec(name) ?? [];
  return address === undefined ? [alike(name)] : [alike(name), alike(address)];
}

function alike(name: string): string {
  return name.trim().normalize("NFC").toLowerCase();
}

/** Addresses are the same in any case; user names need not be. */
function exact(member: string): string {
  const name = member.trim().normalize("NFC");
  return name.includes("@") ? name.toLowerCase() : name;
}
