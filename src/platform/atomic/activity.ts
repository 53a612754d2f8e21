// What the entries of Atomic's audit log are about: which kinds, attributes and names they mean.
import type { AuditEntry, AuditPage } from "../../generated/types/platform-atomic.ts";
import type { Activity } from "../../model/driver.ts";
import type { State } from "../../model/entity.ts";
import { type LogWords, readActivity as readLog } from "../http/log.ts";
import { fold } from "./ladder.ts";

/** Reads the log and says what was done to which entity, newest first. `live` is where ids get their names from. */
export function readActivity(
  fetchPage: (cursor: string | undefined) => Promise<AuditPage>,
  live: State,
  self: string | undefined,
): Promise<Activity[]> {
  return readLog(fetchPage, words, live, self);
}

const words: LogWords<AuditEntry> = {
  kinds: { role: "Role", group: "Group", member: "Member" },
  attributes: { roleIds: "roles", environmentIds: "environments", email: "name" },
  localsOf: ({ subject, before, after }) => [fold(subject.name), nameIn(before), nameIn(after)],
  membershipOf: ({ subject }) => {
    // `ADDRESS in GROUP` is what the log calls a membership; addresses hold no blanks.
    const [, address, title] = /^(\S+) in (.*)$/s.exec(subject.name) ?? [];
    return { member: address && fold(address), group: title === undefined ? undefined : fold(title) };
  },
  // Whoever is disabled is as good as gone, and whoever is enabled as good as new.
  existence: ["status"],
};

function nameIn(properties: Readonly<Record<string, unknown>> | null): string | undefined {
  const name = properties?.name ?? properties?.email;
  return typeof name === "string" ? fold(name) : undefined;
}
