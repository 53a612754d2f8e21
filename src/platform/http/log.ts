// What a platform's audit log tells of the last days, as keys of entities. It goes by ids first, since names change, and it
// leaves out what Rolebook's own credential did: that is nobody's edit by hand.
import type { Activity } from "../../model/driver.ts";
import { type Entity, membershipSection, type State } from "../../model/entity.ts";

/** An entry of a log in the style of our contracts. */
export interface LogEntry {
  readonly time: string;
  readonly action: string;
  readonly actor: { readonly type: string; readonly id: string; readonly name: string };
  readonly subject: { readonly type: string; readonly id: string; readonly name: string };
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** A page of entries, newest first. */
export interface LogPage<Entry extends LogEntry> {
  readonly data: readonly Entry[];
  readonly cursor: string | null;
}

/** What a platform's entries are about. */
export interface LogWords<Entry extends LogEntry> {
  /** A subject's type -> the kind of its entities; memberships aside. */
  readonly kinds: Readonly<Record<string, string>>;
  /** Properties of an entry as attributes of an entity, where they have another name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Folded names that the subject has or had, as far as the entry itself tells. */
  readonly localsOf: (entry: Entry) => readonly (string | undefined)[];
  /** Folded names of the group and the member of a membership, as far as the entry itself tells. */
  readonly membershipOf: (entry: Entry) => {
    readonly group?: string | undefined;
    readonly member?: string | undefined;
  };
  /** Properties whose change makes an entity as good as gone, or as good as new. */
  readonly existence: readonly string[];
}

/** Pages read at most, newest first: a week of a job that writes more is not worth more requests. */
const MOST_PAGES = 50;

/** Reads the log and says what was done to which entity, newest first. `live` is where ids get their names from. */
export async function readActivity<Entry extends LogEntry>(
  fetchPage: (cursor: string | undefined) => Promise<LogPage<Entry>>,
  words: LogWords<Entry>,
  live: State,
  self: string | undefined,
): Promise<Activity[]> {
  const names = namesById(live, Object.values(words.kinds));
  const found: Activity[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await fetchPage(cursor);
    for (const entry of page.data) {
      const isOwn = entry.actor.type === "credential" && entry.actor.id === self;
      if (!isOwn) found.push(...activityOf(entry, words, names));
    }
    if (page.cursor === null || page.cursor === cursor) break;
    cursor = page.cursor;
  }
  return found;
}

type Names = ReadonlyMap<string, Entity>;

function namesById(live: State, kinds: readonly string[]): Names {
  const names = new Map<string, Entity>();
  for (const kind of kinds)
    for (const entity of live.get(kind)?.values() ?? []) if (entity.id !== undefined) names.set(entity.id, entity);
  return names;
}

function activityOf<Entry extends LogEntry>(entry: Entry, words: LogWords<Entry>, names: Names): Activity[] {
  const keys =
    entry.subject.type === "membership" ? membershipKeys(entry, words, names) : entityKeys(entry, words, names);
  if (keys.length === 0) return [];
  const at = new Date(entry.time);
  if (Number.isNaN(at.getTime())) return [];
  const { before, after, actor, action } = entry;
  const properties = { ...before, ...after };
  const attributes =
    before && after && !words.existence.some((name) => name in properties) ? Object.keys(properties) : undefined;
  return [
    {
      at: at.toISOString(),
      by: actor.name,
      person: actor.type === "member",
      action,
      keys,
      ...(attributes ? { attributes: attributes.map((name) => words.attributes[name] ?? name) } : {}),
    },
  ];
}

/** Of a renamed entity the old names, too: what Git looks for may be missing under one of them. */
function entityKeys<Entry extends LogEntry>(
  entry: Entry,
  { kinds, localsOf }: LogWords<Entry>,
  names: Names,
): string[] {
  const kind = kinds[entry.subject.type];
  if (kind === undefined) return [];
  const locals = distinct([names.get(entry.subject.id)?.local, ...localsOf(entry)]);
  return locals.map((local) => `${kind}/${local}`);
}

/** The id of a membership is that of its group and that of its member, a slash between. */
function membershipKeys<Entry extends LogEntry>(
  entry: Entry,
  { membershipOf }: LogWords<Entry>,
  names: Names,
): string[] {
  const [groupId = "", memberId = ""] = entry.subject.id.split("/");
  const { group, member } = membershipOf(entry);
  const groups = distinct([names.get(groupId)?.local, group]);
  const members = distinct([names.get(memberId)?.local, member]);
  return groups.flatMap((each) => members.map((person) => `${membershipSection(each)}/${person}`));
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined && text !== ""))] as string[];
}
