// Reads a whole Atomic organization: five collections at once over one pool. Its client has no call that writes.
import type { Activity, Connection, LiveRead, Progress, Reader, Rights } from "../../model/driver.ts";
import { countEntities, type Entity, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import { readCollections } from "../http/collections.ts";
import { rightsByScopes } from "../http/rights.ts";
import { type Known, membershipSink } from "../rules/membership-sink.ts";
import { sinkOf } from "../rules/sinks.ts";
import { readActivity } from "./activity.ts";
import { openReadingClient, type ReadingClient } from "./client.ts";
import { assembleState, environmentEntity, groupEntity, memberEntity, roleEntity } from "./map.ts";

const disabledMembers = new WeakMap<State, ReadonlyMap<string, Entity>>();

/** The disabled members that a read found beside a state it gave, by folded address; none for any other state. */
export function disabledOf(live: State): ReadonlyMap<string, Entity> {
  return disabledMembers.get(live) ?? new Map();
}

/** Opens a reader; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openReader(connection: Connection): Reader {
  const client = openReadingClient(connection);
  return {
    read: (progress) => readLive(client, progress),
    activity: (live) => readLog(client, live, connection.credentials.clientId),
    rights: () => readRights(client),
    close: client.close,
  };
}

/** What belongs to the whole organization is in the log of every environment, so one is as good as another. */
async function readLog(client: ReadingClient, live: State, self: string | undefined): Promise<readonly Activity[]> {
  const [environment] = (await client.environments()).map(({ id }) => id).sort(compareText);
  if (environment === undefined) return [];
  return readActivity((cursor) => client.auditLog(environment, cursor), live, self);
}

/** Only `access:read` is known to give nothing else. */
async function readRights(client: ReadingClient): Promise<Rights> {
  return rightsByScopes(await client.scopes(), { writes: ["access:write"], reads: "access:read" });
}

async function readLive(client: ReadingClient, progress: Progress | undefined): Promise<LiveRead> {
  const requestsBefore = client.requests();
  const { read, doubts } = readCollections(["roles", "groups", "members", "memberships"], client.connections, progress);
  const readingGroups = read("groups", client.groups, () => sinkOf(groupEntity));
  const readingMembers = read("members", client.members, () => sinkOf(memberEntity));
  // Memberships come last, so that each is an entity as soon as it is here.
  let known: Known | undefined;
  const ready = Promise.all([readingGroups, readingMembers]).then(([groups, members]) => {
    known = { groups: groups.byId, members: members.byId };
  });
  const [environments, roles, groups, members, memberships] = await Promise.all([
    client.environments(),
    read("roles", client.roles, () => sinkOf(roleEntity)),
    readingGroups,
    readingMembers,
    read("memberships", client.memberships, () => membershipSink(() => known), ready),
    ready,
  ]);
  const environmentSink = sinkOf(environmentEntity);
  for (const row of environments) environmentSink.add(row);
  const whole = { groups: groups.byId, members: members.byId };
  const assembled = assembleState({
    environments: environmentSink.byId,
    roles: roles.byId,
    ...whole,
    memberships: memberships.finish(whole),
  });
  disabledMembers.set(assembled.state, assembled.disabled);
  const total = countEntities(assembled.state);
  progress?.(total, total);
  return {
    state: assembled.state,
    findings: [...doubts(), ...assembled.findings],
    requests: client.requests() - requestsBefore,
  };
}
