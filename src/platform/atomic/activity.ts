// What the platform's audit log tells of the last days, as keys of entities. It goes by ids first, since names change, and it
// leaves out what Rolebook's own credential did: that is nobody's edit by hand.
import type { AuditEntry, AuditPage } from "../../generated/types/platform-atomic.ts";
import type { Activity } from "../../model/driver.ts";
import { type Entity, membershipSection, type State } from "../../model/entity.ts";
import { fold } from "./ladder.ts";

/** Pages read at most, newest first: a week of a job that writes more is not worth more requests. */
const MOST_PAGES = 50;

/** Reads the log and says what was done to which entity, newest first. `live` is where ids get their names from. */
export async function readActivity(
  fetchPage: (cursor: string | undefined) => Promise<AuditPage>,
  live: State,
  self: string | undefined,
): Promise<Activity[]> {
  const names = namesById(live);
  const found: Activity[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await fetchPage(cursor);
    for (const entry of page.data) {
      const isOwn = entry.actor.type === "credential" && entry.actor.id === self;
      if (!isOwn) found.push(...activityOf(entry, names));
    }
    if (page.cursor === null || page.cursor === cursor) break;
    cursor = page.cursor;
  }
  return found;
}

const KINDS: Readonly<Record<string, string>> = { role: "Role", group: "Group", member: "Member" };

/** Properties of an entry as attributes of an entity, where they have another name. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  roleIds: "roles",
  environmentIds: "environments",
  email: "name",
};

type Names = ReadonlyMap<string, Entity>;

function namesById(live: State): Names {
  const names = new Map<string, Entity>();
  for (const kind of Object.values(KINDS))
    for (const entity of live.get(kind)?.values() ?? []) if (entity.id !== undefined) names.set(entity.id, entity);
  return names;
}

function activityOf(entry: AuditEntry, names: Names): Activity[] {
  const keys = entry.subject.type === "membership" ? membershipKeys(entry, names) : entityKeys(entry, names);
  if (keys.length === 0) return [];
  const at = new Date(entry.time);
  if (Number.isNaN(at.getTime())) return [];
  const { before, after, actor, action } = entry;
  const properties = { ...before, ...after };
  // Whoever is disabled is as good as gone, and whoever is enabled as good as new.
  const attributes = before && after && !("status" in properties) ? Object.keys(properties) : undefined;
  return [
    {
      at: at.toISOString(),
      by: actor.name,
      person: actor.type === "member",
      action,
      keys,
      ...(attributes ? { attributes: attributes.map((name) => ATTRIBUTES[name] ?? name) } : {}),
    },
  ];
}

/** Of a renamed entity the old names, too: what Git looks for may be missing under one of them. */
function entityKeys({ subject, before, after }: AuditEntry, names: Names): string[] {
  const kind = KINDS[subject.type];
  if (kind === undefined) return [];
  const locals = [names.get(subject.id)?.local, fold(subject.name), nameIn(before), nameIn(after)];
  return distinct(locals).map((local) => `${kind}/${local}`);
}

function nameIn(properties: Readonly<Record<string, unknown>> | null): string | undefined {
  const name = properties?.name ?? properties?.email;
  return typeof name === "string" ? fold(name) : undefined;
}

/** `ADDRESS in GROUP` is what the log calls a membership; addresses hold no blanks. */
function membershipKeys({ subject }: AuditEntry, names: Names): string[] {
  const [groupId = "", memberId = ""] = subject.id.split("/");
  const [, address, title] = /^(\S+) in (.*)$/s.exec(subject.name) ?? [];
  const groups = distinct([names.get(groupId)?.local, title === undefined ? undefined : fold(title)]);
  const members = distinct([names.get(memberId)?.local, address === undefined ? undefined : fold(address)]);
  return groups.flatMap((group) => members.map((member) => `${membershipSection(group)}/${member}`));
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined && text !== ""))] as string[];
}
