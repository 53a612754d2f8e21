// Membership documents as entities, one per group and person. It is the hot loop of a large policy: addresses are folded
// once, and of a membership without an end or a reason only its key is kept until somebody asks for more.
import { countMarks, type Json, placeAt, placeOf } from "../model/document.ts";
import { type Attributes, type Entity, MEMBERSHIP, membershipSection, NO_ATTRIBUTES } from "../model/entity.ts";
import type { Finding, Place } from "../model/finding.ts";
import { GROUP, type KindSpec, MEMBER, type Platform } from "../model/platform.ts";
import { type Roster, RosterSection } from "../model/roster.ts";
import { endOfAccess, endOfSpan } from "../model/until.ts";
import { clean, type Declared, describePlace, foldsCase, memberSpec, type Names } from "./names.ts";
import type { ParsedDocument } from "./schema.ts";

/** Section of memberships -> the documents that list them, in file order. */
export type MembershipDocuments = ReadonlyMap<string, readonly ParsedDocument[]>;

interface Run {
  readonly names: Names;
  /** The key that names the member, in an entry that says more. */
  readonly identity: KindSpec["identity"];
  readonly roster: PeopleRoster;
  readonly clock: Clock;
}

/** What relative spans are counted from, and in which days. */
export interface Clock {
  readonly now: Date;
  readonly timeZone: string;
}

/** The usable Membership documents by the section they add to. Those of unknown groups are reported. */
export function sortMemberships(documents: readonly ParsedDocument[], names: Names): MembershipDocuments {
  const sections = new Map<string, ParsedDocument[]>();
  for (const document of documents) {
    if (document.kind !== MEMBERSHIP || document.broken) continue;
    const { group, members } = document.value;
    if (typeof group !== "string" || !Array.isArray(members)) continue;
    if (!names.find(GROUP, group)) reportGroup(document, group, names);
    const section = membershipSection(names.platform.fold(group));
    const found = sections.get(section);
    if (found) found.push(document);
    else sections.set(section, [document]);
  }
  return sections;
}

/** Makes the sections of memberships; documents for one group merge. */
export function createMemberships(
  names: Names,
  clock: Clock,
): (section: string, documents: readonly ParsedDocument[]) => RosterSection {
  const identity = memberIdentity(names.platform);
  const run: Run = { names, identity, roster: new PeopleRoster(names), clock };
  return (name, documents) => {
    const list = new ItemList(documents);
    const section = new RosterSection(run.roster, (_, item) => plainMembership(item, name, list, run));
    for (const part of list.parts) addMembers(section, name, part, list, run);
    return section;
  };
}

/** The declared members by their numbers, and after them whoever else is listed. */
class PeopleRoster implements Roster {
  readonly #declared: ReadonlyMap<string, Declared>;
  readonly #isOpen: boolean;
  readonly #fold: (name: string) => string;
  readonly #locals: string[] = [];
  readonly #strangers = new Map<string, number>();
  readonly #firstStranger: number;

  constructor(names: Names) {
    const kind = memberSpec(names.platform)?.kind ?? "";
    this.#declared = names.declared.get(kind) ?? new Map();
    this.#isOpen = !names.isClosed(kind);
    this.#fold = names.platform.fold;
    for (const { local, number } of this.#declared.values()) this.#locals[number] = local;
    this.#firstStranger = this.#locals.length;
  }

  size(): number {
    return this.#locals.length;
  }

  localOf(person: number): string {
    return this.#locals[person] ?? "";
  }

  numberOf(local: string): number | undefined {
    return this.#declared.get(local)?.number ?? this.#strangers.get(local);
  }

  /** Who an address stands for. Most are written as they are declared and folded, and those need no folding here. */
  find(address: string): number {
    const known = this.numberOf(address);
    if (known !== undefined) return known;
    const local = this.#fold(address);
    const found = this.numberOf(local);
    if (found !== undefined) return found;
    const person = this.#locals.push(local) - 1;
    this.#strangers.set(local, person);
    return person;
  }

  /** Whether nobody declares them, though somebody should. */
  isUnknown(person: number): boolean {
    return person >= this.#firstStranger && !this.#isOpen;
  }
}

interface Part {
  readonly document: ParsedDocument;
  readonly members: readonly Json[];
  /** Number of the first item among those of all parts. */
  readonly first: number;
  /** Mark of each item, worked out when a place is asked for. */
  marks: Int32Array | undefined;
}

/** The items of the documents of one group, numbered through. */
class ItemList {
  readonly parts: readonly Part[];
  constructor(documents: readonly ParsedDocument[]) {
    let first = 0;
    this.parts = documents.map((document) => {
      const members = document.value.members as readonly Json[];
      const part = { document, members, first, marks: undefined };
      first += members.length;
      return part;
    });
  }

  itemAt(item: number): Json {
    const part = this.#partOf(item);
    return part.members[item - part.first] ?? null;
  }

  placeOf(item: number): Place {
    const part = this.#partOf(item);
    part.marks ??= marksOf(part);
    return placeAt(part.document, part.marks[item - part.first] ?? 0);
  }

  #partOf(item: number): Part {
    return this.parts.findLast(({ first }) => first <= item) as Part;
  }
}

function marksOf({ document, members }: Part): Int32Array {
  const marks = new Int32Array(members.length);
  let mark = firstItemMark(document);
  for (const [index, item] of members.entries()) {
    marks[index] = mark;
    mark += typeof item === "string" ? 1 : countMarks(item);
  }
  return marks;
}

function plainMembership(item: number, section: string, list: ItemList, { names, identity }: Run): Entity {
  const { platform, declared } = names;
  const address = addressOf(list.itemAt(item), identity) ?? "";
  const local = platform.fold(address);
  const name = declared.get(MEMBER)?.get(local)?.name ?? clean(address);
  return { kind: MEMBERSHIP, section, local, name, attributes: NO_ATTRIBUTES, place: list.placeOf(item) };
}

function addMembers(section: RosterSection, name: string, part: Part, list: ItemList, run: Run): void {
  const { names, identity, roster } = run;
  for (const [index, value] of part.members.entries()) {
    const address = addressOf(value, identity);
    if (address === undefined) continue;
    const item = part.first + index;
    const person = roster.find(address);
    if (roster.isUnknown(person)) reportMember(address, list.placeOf(item), names);
    if (!section.add(person, item)) {
      const first = section.get(roster.localOf(person)) as Entity;
      reportTwice(part.document, address, first, list.placeOf(item), names);
    } else if (typeof value !== "string") {
      const attributes = attributesOf(part.document, value, index, run);
      if (attributes !== NO_ATTRIBUTES) section.put(person, { ...plainMembership(item, name, list, run), attributes });
    }
  }
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
  return memberSpec(platform)?.identity ?? "email";
}

function addressOf(item: Json, identity: string): string | undefined {
  if (typeof item === "string") return item;
  const address = (item as { readonly [key: string]: Json } | null)?.[identity];
  return typeof address === "string" ? address : undefined;
}

function attributesOf(document: ParsedDocument, item: Json, index: number, run: Run): Attributes {
  const { until, reason, for: span } = item as { readonly [key: string]: Json | undefined };
  const attributes: { until?: string; reason?: string } = {};
  if (typeof until === "string") {
    if (endOfAccess(until, run.clock.timeZone) !== undefined) attributes.until = until;
    else run.names.report(notADate(until, placeOf(document, ["members", index, "until"])));
  }
  if (typeof span === "string") {
    const end = endOfSpan(span, run.clock.now, run.clock.timeZone);
    run.names.report(spanFinding(document, index, span, until === undefined, end));
    // An error keeps all of this from being applied; until it is mended, the access is not taken for one without an end.
    if (end !== undefined) attributes.until ??= end;
  }
  if (typeof reason === "string") attributes.reason = clean(reason);
  return attributes.until === undefined && attributes.reason === undefined ? NO_ATTRIBUTES : (attributes as Attributes);
}

/** What is wrong with a span instead of an end: that it is one, at the least. */
function spanFinding(
  document: ParsedDocument,
  index: number,
  span: string,
  isAlone: boolean,
  end: string | undefined,
): Finding {
  const place = placeOf(document, ["members", index, "for"], isAlone && end === undefined ? "value" : "key");
  const error = (code: string, message: string, hint: string): Finding => ({
    severity: "error",
    code,
    message,
    place,
    hint,
  });
  if (!isAlone) return error("two-ends", 'The entry has both "until" and "for"', "Keep one of them.");
  if (end === undefined)
    return error("invalid-span", `"${span}" is no span of time`, "Write days, weeks or hours: 14d, 2w, 36h.");
  return error(
    "relative-span",
    `"for: ${span}" has no end of its own: it would begin anew whenever it is read`,
    `Write until: ${end} (\`rolebook fmt\` does it).`,
  );
}

/** The finding for an `until` that is none. */
export function notADate(until: string, place: Place): Finding {
  return {
    severity: "error",
    code: "invalid-date",
    message: `"${until}" is neither a date nor an instant`,
    place,
    hint: "Write a day of the calendar as 2027-01-31, or an instant as 2027-01-31T17:00:00Z.",
  };
}

/** What is no day of the calendar. */
export function notADay(text: string, place: Place): Finding {
  return {
    severity: "error",
    code: "invalid-date",
    message: `"${text}" is no day of the calendar`,
    place,
    hint: "Write it as 2026-10-31.",
  };
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
