// Reads a whole Atomic organization: five collections at once over one pool. Its client has no call that writes.
import type { Activity, Connection, LiveRead, Progress, Reader, Rights } from "../../model/driver.ts";
import { countEntities, type Entity, type State } from "../../model/entity.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import { type CollectionRead, type CollectionSource, readCollection, type Sink } from "../http/pages.ts";
import { inconsistent } from "../rules/rows.ts";
import { readActivity } from "./activity.ts";
import { openReadingClient, type ReadingClient } from "./client.ts";
import { assembleState, environmentEntity, groupEntity, memberEntity, roleEntity, sinkOf } from "./map.ts";
import { type Known, membershipSink } from "./membership-sink.ts";

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
  const scopes = await client.scopes();
  if (scopes === undefined) return { writes: undefined, because: "the platform does not say which scopes it has" };
  const because = scopes.length === 0 ? "it has no scope" : `it has the scopes ${[...scopes].sort().join(", ")}`;
  if (scopes.includes("access:write")) return { writes: true, because };
  return { writes: scopes.every((scope) => scope === "access:read") ? false : undefined, because };
}

async function readLive(client: ReadingClient, progress: Progress | undefined): Promise<LiveRead> {
  const requestsBefore = client.requests();
  const count = countRows(progress, ["roles", "groups", "members", "memberships"]);
  const read = <Row, S extends Sink<Row>>(
    name: string,
    fetchPage: CollectionSource<Row, S>["fetchPage"],
    newSink: () => S,
    ready: Promise<unknown> = Promise.resolve(),
  ) =>
    readCollection({
      fetchPage,
      newSink,
      ready,
      connections: client.connections,
      onRows: (rows, total) => count(name, rows, total),
    });
  const readingGroups = read("groups", client.groups, () => sinkOf(groupEntity));
  const readingMembers = read("members", client.members, () => sinkOf(memberEntity));
  // Memberships come last, so that each is an entity as soon as it is here.
  let known: Known | undefined;
  const ready = Promise.all([readingGroups, readingMembers]).then(([groups, members]) => {
    known = { groups: groups.sink.byId, members: members.sink.byId };
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
  const whole = { groups: groups.sink.byId, members: members.sink.byId };
  const assembled = assembleState({
    environments: environmentSink.byId,
    roles: roles.sink.byId,
    ...whole,
    memberships: memberships.sink.finish(whole),
  });
  disabledMembers.set(assembled.state, assembled.disabled);
  const total = countEntities(assembled.state);
  progress?.(total, total);
  const doubts = Object.entries({ roles, groups, members, memberships }).flatMap(([name, { doubts }]) =>
    findingsOf(name, doubts),
  );
  return {
    state: assembled.state,
    findings: [...doubts, ...assembled.findings],
    requests: client.requests() - requestsBefore,
  };
}

function findingsOf(collection: string, doubts: CollectionRead<unknown>["doubts"]): Finding[] {
  return doubts.map(({ code, about }) =>
    inconsistent(`The platform's list of ${collection} ${about}`, undefined, code),
  );
}

/** Adds up the rows of all collections; the total is unknown until every collection has told its own. */
function countRows(progress: Progress | undefined, names: readonly string[]) {
  const counts = new Map<string, { readonly rows: number; readonly total: number }>();
  return (name: string, rows: number, total: number): void => {
    counts.set(name, { rows, total });
    const all = [...counts.values()];
    const sum = (of: "rows" | "total") => all.reduce((left, right) => left + right[of], 0);
    progress?.(sum("rows"), counts.size === names.length ? sum("total") : undefined);
  };
}
