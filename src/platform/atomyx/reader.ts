// Reads a whole account: eight collections at once over one pool, of all workspaces, since a person's workspaces are on
// one list whatever the target is limited to. Its client has no call that writes.
import { type Connection, type LiveRead, PlatformError, type Progress, type Reader } from "../../model/driver.ts";
import { countEntities } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import { readCollections } from "../http/collections.ts";
import { rightsByScopes } from "../http/rights.ts";
import type { MembershipRow } from "../rules/membership-sink.ts";
import { type KeepingSink, pairSink, sinkOf } from "../rules/sinks.ts";
import { readActivity } from "./activity.ts";
import { fold } from "./catalogue.ts";
import { openReadingClient, type ReadingClient } from "./client.ts";
import { assembleState } from "./map.ts";
import type { AccountRows, Collection, CollectionRows } from "./rows.ts";

/** Opens a reader; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openReader(connection: Connection): Reader {
  const client = openReadingClient(connection);
  const limit = limitOf(connection);
  return {
    read: (progress) => readLive(client, limit, progress),
    activity: (live) => readActivity(client.auditLog, live, connection.credentials.clientId),
    rights: async () =>
      rightsByScopes(await client.scopes(), { writes: ["vault:write", "vault:keys"], reads: "vault:read" }),
    close: client.close,
  };
}

/** Folded shortnames of the workspaces that a target is limited to; undefined for the whole account. */
export function limitOf({ target }: Connection): ReadonlySet<string> | undefined {
  const names = (target.options?.workspaces ?? "").split(/\s+/).filter((name) => name !== "");
  return names.length === 0 ? undefined : new Set(names.map(fold));
}

async function readLive(
  client: ReadingClient,
  limit: ReadonlySet<string> | undefined,
  progress: Progress | undefined,
): Promise<LiveRead> {
  const requestsBefore = client.requests();
  const { rows, doubts } = await readRows(client, COLLECTIONS, progress);
  requireWorkspaces(rows, limit);
  const { state, findings } = assembleState(rows, limit);
  const total = countEntities(state);
  progress?.(total, total);
  return { state, findings: [...doubts, ...findings], requests: client.requests() - requestsBefore };
}

/** A name that is no workspace's would make everything of it look as if it were gone. */
export function requireWorkspaces(
  { workspaces }: Pick<AccountRows, "workspaces">,
  limit: ReadonlySet<string> | undefined,
): void {
  const known = new Set(workspaces.map(({ shortname }) => fold(shortname)));
  const missing = [...(limit ?? [])].filter((name) => !known.has(name)).sort();
  if (missing.length > 0)
    throw new PlatformError(`The account has no workspace ${missing.join(", ")}`, {
      hint: "Name workspaces by their shortnames in the target's options.workspaces, with blanks between them.",
    });
}

const COLLECTIONS: readonly Collection[] = [
  "workspaces",
  "products",
  "product-roles",
  "groups",
  "members",
  "integrations",
  "api-keys",
];

/** As findings call them. */
const WORDS: Readonly<Partial<Record<Collection, string>>> = {
  "product-roles": "product roles",
  "api-keys": "API keys",
};

/** Some collections of the account, and memberships with groups; what is not asked for is empty. */
export async function readRows(
  client: ReadingClient,
  collections: readonly Collection[],
  progress?: Progress,
): Promise<{ readonly rows: AccountRows; readonly doubts: readonly Finding[] }> {
  const withMemberships = collections.includes("groups");
  const words = (collection: Collection) => WORDS[collection] ?? collection;
  const names = [...collections.map(words), ...(withMemberships ? ["memberships"] : [])];
  const { read, doubts } = readCollections(names, client.connections, progress);
  const keep = async <C extends Collection>(collection: C): Promise<readonly CollectionRows[C][]> => {
    type Row = CollectionRows[C];
    if (!collections.includes(collection)) return [];
    const newSink = () => sinkOf((row: Row) => row);
    const sink = await read<Row, KeepingSink<Row, Row>>(words(collection), client.list(collection), newSink);
    return [...sink.byId.values()];
  };
  const memberships = withMemberships
    ? read("memberships", client.memberships, () =>
        pairSink(({ groupId, memberId }: MembershipRow) => [groupId, memberId]),
      )
    : undefined;
  const [workspaces, products, roles, groups, members, integrations, keys, pairs] = await Promise.all([
    keep("workspaces"),
    keep("products"),
    keep("product-roles"),
    keep("groups"),
    keep("members"),
    keep("integrations"),
    keep("api-keys"),
    memberships,
  ]);
  const rows = { workspaces, products, "product-roles": roles, groups, members, integrations, "api-keys": keys };
  return { rows: { ...rows, memberships: pairs?.rows ?? [] }, doubts: doubts() };
}
