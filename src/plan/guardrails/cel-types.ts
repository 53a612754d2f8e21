// What CEL rules can speak of: the variables, their types and fields, and the functions. The one list that expressions are
// checked by, that hints are taken from and that the README is written after. Names only; `cel-values.ts` says what they hold.
import type { CelSubject } from "../../model/guardrail.ts";

/** Field -> its type in CEL. */
export type CelFields = Readonly<Record<string, string>>;

const TEXTS = "list<string>";
const ATTRIBUTES = "map<string, dyn>";
export const TIMESTAMP = "google.protobuf.Timestamp";

/** Every type of our own, with its fields. */
export const CEL_TYPES = {
  Member: {
    /** What identifies the person on the platform: an address, or a user name. */
    name: "string",
    /** Empty where nobody says. */
    email: "string",
    firstName: "string",
    lastName: "string",
    /** Names of the groups the person is in, sorted. */
    groups: TEXTS,
    memberships: "list<Membership>",
    /** What the person may do, by every path; the same that `rolebook explain` shows. */
    grants: "list<Grant>",
    /** Whether the person could give themselves anything. */
    ownerEquivalent: "bool",
    /** What is special about the account on the platform (`invited`); mostly empty. */
    status: "string",
    /** A second factor is set up. Only where the platform reports it: ask `has(member.multiFactor)` first. */
    multiFactor: "bool",
    /** When the person last did something, 1970-01-01 for never. Only where the platform reports it: ask `has(member.lastActive)` first. */
    lastActive: TIMESTAMP,
    /** Everything the platform's files can say of a member, by the names they use. */
    attributes: ATTRIBUTES,
  },
  Membership: {
    group: "string",
    /** As the file writes it; empty when it does not end. */
    until: "string",
    /** The last instant it holds. Only where it ends: ask `has(m.ends)` first. */
    ends: TIMESTAMP,
    /** Empty when the file gives none. */
    reason: "string",
  },
  Grant: {
    resource: "string",
    level: "string",
    /** An environment or project, or `organization`. */
    scope: "string",
    /** Names of the groups and roles that give it. */
    groups: TEXTS,
    roles: TEXTS,
    /** Given to the person, through no group; maybe through groups as well. */
    direct: "bool",
  },
  Group: {
    name: "string",
    description: "string",
    owners: TEXTS,
    /** Names of the roles it carries, anywhere. */
    roles: TEXTS,
    /** Names of who is in it, sorted. */
    members: TEXTS,
    /** `additive`, `exclusive` or `idp`. */
    membersMode: "string",
    attributes: ATTRIBUTES,
  },
  Role: {
    name: "string",
    description: "string",
    /** Resource -> level, where the platform's roles say so; else empty. */
    permissions: "map<string, string>",
    attributes: ATTRIBUTES,
  },
  /** What is neither a person, a group nor a role: a workspace, an integration, an application credential. */
  Entity: {
    kind: "string",
    name: "string",
    /** Whether a file declares it. */
    declared: "bool",
    status: "string",
    /** Everything that is said of it, live and in files, by the names that files use. */
    attributes: ATTRIBUTES,
  },
  Change: {
    /** `create`, `update` or `delete`. */
    action: "string",
    /** `Role`, `Group`, `Member`, `Membership`, ... */
    kind: "string",
    name: "string",
    /** `Group/card creators` */
    key: "string",
    /** `policy`, `drift`, `expiry` or `adopt`. */
    origin: "string",
    /** `escalates`, `reduces`, `mixed` or `neutral`. */
    effect: "string",
    /** Whom a membership or a member is about; else empty. */
    member: "string",
    /** Which group a membership or a group is about; else empty. */
    group: "string",
    /** Attributes before and after; of an update those that change, of a create or a delete one is empty. */
    before: ATTRIBUTES,
    after: ATTRIBUTES,
  },
  Plan: {
    changes: "list<Change>",
    creates: "int",
    updates: "int",
    deletes: "int",
    /** How many people gain, and lose, any access. */
    gaining: "int",
    losing: "int",
    effect: "string",
  },
} as const satisfies Readonly<Record<string, CelFields>>;

export type CelType = keyof typeof CEL_TYPES;

/** The variables that every rule has. */
const ALWAYS = { target: "string", today: TIMESTAMP } as const;

/** Variable -> type, for each thing that a rule can be for. */
export const CEL_VARIABLES: Readonly<Record<CelSubject, Readonly<Record<string, string>>>> = {
  member: { member: "Member", ...ALWAYS },
  grant: { grant: "Grant", member: "Member", ...ALWAYS },
  group: { group: "Group", ...ALWAYS },
  role: { role: "Role", ...ALWAYS },
  entity: { entity: "Entity", ...ALWAYS },
  change: { change: "Change", ...ALWAYS },
  plan: { plan: "Plan", ...ALWAYS },
};

/** The fields that are there only where somebody says so. */
export const MAYBE_FIELDS: ReadonlySet<string> = new Set(["multiFactor", "lastActive", "ends"]);

const IN_UTC = "timestamp.NAME() in UTC, or duration.NAME()";
const TEXT = 'text.NAME("part")';
const LOOP = "list.NAME(x, condition)";

/**
 * The functions and macros that rules may call -> how. Everything else the library knows is refused: it is not needed to
 * judge access, or depends on the machine's own time zone.
 */
export const CEL_FUNCTIONS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    has: "has(member.lastActive)",
    bind: "cel.bind(x, value, expression)",
    size: "size(list) or text.size()",
    all: LOOP,
    exists: LOOP,
    exists_one: LOOP,
    filter: LOOP,
    map: "list.map(x, expression)",
    join: 'list.join(", ")',
    contains: TEXT,
    startsWith: TEXT,
    endsWith: TEXT,
    indexOf: TEXT,
    lastIndexOf: TEXT,
    split: 'text.split(",")',
    substring: "text.substring(from, to)",
    matches: 'text.matches("^[a-z]+$"), a pattern of RE2',
    lowerAscii: "text.lowerAscii()",
    upperAscii: "text.upperAscii()",
    trim: "text.trim()",
    string: "string(value)",
    int: "int(value)",
    double: "double(value)",
    bool: "bool(value)",
    dyn: "dyn(value)",
    timestamp: 'timestamp("2027-01-31T00:00:00Z")',
    duration: 'duration("2160h"); h, m, s, ms, us and ns are the units',
    getFullYear: "timestamp.NAME() in UTC",
    getMonth: "timestamp.NAME() in UTC, January is 0",
    getDate: "timestamp.NAME() in UTC, from 1",
    getDayOfMonth: "timestamp.NAME() in UTC, from 0",
    getDayOfWeek: "timestamp.NAME() in UTC, Sunday is 0",
    getHours: IN_UTC,
    getMinutes: IN_UTC,
    getSeconds: IN_UTC,
    getMilliseconds: IN_UTC,
  }).map(([name, usage]) => [name, usage.replace("NAME", name).replace("NAME", name)]),
);

/** A type as people write it. */
export function shortType(type: string): string {
  return type
    .replaceAll(TIMESTAMP, "timestamp")
    .replaceAll("google.protobuf.Duration", "duration")
    .replace(/\bdyn<(\w+)>/g, "$1");
}
