// Membership documents as entities, one per group and person. It is the hot loop of a large policy:
// addresses are folded once, names and addresses are shared, and places are read off the marks in step.
import { countMarks, type Json, placeAt, placeOf } from "../model/document.ts";
import { type Attributes, type Entity, MEMBERSHIP, membershipSection, NO_ATTRIBUTES } from "../model/entity.ts";
import type { Place } from "../model/finding.ts";
import { GROUP, type KindSpec, kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import { endOfAccess } from "../model/until.ts";
import { clean, describePlace, foldsCase, type Names } from "./names.ts";
import type { ParsedDocument } from "./schema.ts";

interface Person {
  readonly local: string;
  readonly name: string;
  readonly known: boolean;
}

interface Run {
  readonly names: Names;
  /** The key that names the member, in an entry that says more. */
  readonly identity: KindSpec["identity"];
  readonly people: (address: string) => Person;
  readonly realEnds: Map<string, boolean>;
}

/** Adds the memberships of every Membership document to a state. Documents for one group merge. */
export function addMemberships(
  documents: readonly ParsedDocument[],
  names: Names,
  state: Map<string, Map<string, Entity>>,
): void {
  const run: Run = {
    names,
    identity: memberIdentity(names.platform),
    people: createPeople(names),
    realEnds: new Map(),
  };
  for (const document of documents) {
    if (document.kind !== MEMBERSHIP || document.broken) continue;
    const { group, members } = document.value;
    if (typeof group !== "string" || !Array.isArray(members)) continue;
    if (!names.find(GROUP, group)) reportGroup(document, group, names);
    const section = membershipSection(names.platform.fold(group));
    let entities = state.get(section);
    if (!entities) {
      entities = new Map();
      state.set(section, entities);
    }
    addMembers(document, members, section, entities, run);
  }
}

function addMembers(
  document: ParsedDocument,
  members: readonly Json[],
  section: string,
  entities: Map<string, Entity>,
  run: Run,
): void {
  const { names, people } = run;
  let mark = firstItemMark(document);
  for (const [index, item] of members.entries()) {
    const place = placeAt(document, mark);
    mark += typeof item === "string" ? 1 : countMarks(item);
    const address = addressOf(item, run.identity);
    if (address === undefined) continue;
    const { local, name, known } = people(address);
    if (!known) reportMember(address, place, names);
    const first = entities.get(local);
    if (first) {
      reportTwice(document, address, first, place, names);
      continue;
    }
    const attributes = typeof item === "string" ? NO_ATTRIBUTES : attributesOf(document, item, index, run);
    entities.set(local, { kind: MEMBERSHIP, section, local, name, attributes, place });
  }
}

/** Who an address stands for, folded once for every way it is written. */
function createPeople(names: Names): (address: string) => Person {
  const isClosed = names.isClosed(MEMBER);
  const people = new Map<string, Person>();
  for (const { local, name } of names.declared.get(MEMBER)?.values() ?? [])
    people.set(name, { local, name, known: true });
  return (address) => {
    const cached = people.get(address);
    if (cached) return cached;
    const declared = names.declared.get(MEMBER)?.get(names.platform.fold(address));
    const local = declared?.local ?? names.platform.fold(address);
    const person = { local, name: declared?.name ?? clean(address), known: declared !== undefined || !isClosed };
    people.set(address, person);
    return person;
  };
}

/** Index of the mark of the first item of `members`. */
function firstItemMark(document: ParsedDocument): number {
  let mark = 1;
  for (const [key, value] of Object.entries(document.value)) {
    if (key === "members") return mark + 2;
    mark += 1 + countMarks(value);
  }
  return mark;
}

/** What identifies a member on a platform: an address, or a name. */
export function memberIdentity(platform: Platform): KindSpec["identity"] {
  return kindSpec(platform, MEMBER)?.identity ?? "email";
}

function addressOf(item: Json, identity: string): string | undefined {
  if (typeof item === "string") return item;
  const address = (item as { readonly [key: string]: Json } | null)?.[identity];
  return typeof address === "string" ? address : undefined;
}

function attributesOf(document: ParsedDocument, item: Json, index: number, run: Run): Attributes {
  const { until, reason } = item as { readonly until?: Json; readonly reason?: Json };
  const attributes: { until?: string; reason?: string } = {};
  if (typeof until === "string") {
    if (isRealEnd(until, run)) attributes.until = until;
    else reportDate(document, until, index, run.names);
  }
  if (typeof reason === "string") attributes.reason = clean(reason);
  return attributes.until === undefined && attributes.reason === undefined ? NO_ATTRIBUTES : (attributes as Attributes);
}

/** Few ends are distinct, so each is worked out once. */
function isRealEnd(until: string, { realEnds }: Run): boolean {
  let real = realEnds.get(until);
  if (real === undefined) {
    real = endOfAccess(until) !== undefined;
    realEnds.set(until, real);
  }
  return real;
}

function reportDate(document: ParsedDocument, until: string, index: number, names: Names): void {
  names.report({
    severity: "error",
    code: "invalid-date",
    message: `"${until}" is neither a date nor an instant`,
    place: placeOf(document, ["members", index, "until"]),
    hint: "Write a day of the calendar as 2027-01-31, or an instant as 2027-01-31T17:00:00Z.",
  });
}

function reportGroup(document: ParsedDocument, group: string, names: Names): void {
  names.report({
    severity: "error",
    code: "unknown-group",
    message: `Membership refers to group "${group}", which nothing declares`,
    place: placeOf(document, ["group"]),
    ...names.hintFor(GROUP, group),
  });
}

function reportMember(address: string, place: Place, names: Names): void {
  names.report({
    severity: "error",
    code: "unknown-member",
    message: `No ${MEMBER} document declares "${address}"`,
    place,
    ...names.hintFor(MEMBER, address),
  });
}

function reportTwice(document: ParsedDocument, address: string, first: Entity, place: Place, names: Names): void {
  const where = first.place ? describePlace(first.place) : "another document";
  names.report({
    severity: "error",
    code: "duplicate-member-entry",
    message: `"${address}" is listed twice in group "${String(document.value.group)}"; first in ${where}`,
    place,
    hint: `Keep one of them${foldsCase(names.platform) ? "; addresses are compared without regard to case" : ""}.`,
  });
}
