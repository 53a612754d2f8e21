// One change of a role, group or member: the request it takes. Members are disabled, never deleted, and inviting somebody
// who is disabled means enabling them. What becomes of a request that is refused is for `http/edits.ts` to find out.
import type { Change } from "../../model/change.ts";
import type { Body } from "../http/contract.ts";
import { asCalled, entityOf } from "../http/directory.ts";
import { type EntityCalls, sendCreation, sendEdit } from "../http/edits.ts";
import { unlessImpossible } from "../http/failure.ts";
import { ALREADY, type Fate } from "../http/units.ts";
import type { Writing } from "../http/writer.ts";
import { createBody, differingFields, type Lookup, type Row, updateBody } from "./body.ts";
import type { Client, Collection } from "./client.ts";
import { fold } from "./ladder.ts";
import { disabledOf } from "./reader.ts";

const collections: Readonly<Record<string, Collection>> = { Role: "roles", Group: "groups", Member: "members" };

/** Makes one change. Throws `PlatformError` or `BodyError` when it fails for certain or leaves doubt. */
export async function makeChange(change: Change, writing: Writing<Client>): Promise<Fate> {
  const collection = collections[change.kind];
  if (!collection) return { status: "failed", cause: `${change.kind} is not something this platform can change` };
  const { directory, live } = writing;
  const lookup: Lookup = (kind, local) => directory.idOf(kind, local, live);
  const calls = callsOf(collection, writing.client);
  switch (change.action) {
    case "create":
      return create(change, calls, lookup, writing);
    case "update":
    case "delete":
      return edit(change, calls, lookup, writing);
    default:
      return change.action satisfies never;
  }
}

function callsOf(collection: Collection, client: Client): EntityCalls<Row> {
  return {
    readOne: (id) => client.readOne(collection, id),
    create: (body, idempotencyKey) => client.create(collection, body, idempotencyKey),
    update: (id, body, version) => client.update(collection, id, body, version),
    remove: (id, version) => client.remove(collection, id, version),
    differing: differingFields,
  };
}

async function create(
  change: Change,
  calls: EntityCalls<Row>,
  lookup: Lookup,
  writing: Writing<Client>,
): Promise<Fate> {
  const after = change.after ?? { name: change.name, attributes: {} };
  const body = createBody(change.kind, after, lookup);
  const remember = (id: string) => writing.directory.remember(change.kind, after.name, id);
  const enable = (id: string, version: string) => enableMember(id, version, body, calls, remember);
  const disabled = change.kind === "Member" ? disabledOf(writing.live).get(change.local) : undefined;
  if (disabled?.id !== undefined && disabled.version !== undefined) return enable(disabled.id, disabled.version);
  return sendCreation(
    {
      body,
      idempotencyKey: writing.keyOf(change),
      remember,
      taken: (row) => ("email" in row && row.status === "disabled" ? enable(row.id, row.etag) : undefined),
    },
    calls,
  );
}

async function enableMember(
  id: string,
  version: string,
  body: Body,
  calls: EntityCalls<Row>,
  remember: (id: string) => void,
): Promise<Fate> {
  remember(id);
  const { email: _, ...names } = body;
  const wanted = { status: "active", ...names };
  const before = { status: "disabled" };
  return sendEdit({ id, version, body: () => wanted, before: () => before, removes: false }, calls);
}

async function edit(planned: Change, calls: EntityCalls<Row>, lookup: Lookup, writing: Writing<Client>): Promise<Fate> {
  const entity = entityOf(planned, writing.live, fold);
  const change = asCalled(planned, entity);
  if (entity?.id === undefined || entity.version === undefined)
    return { status: "failed", cause: "the live state that was read does not have it" };
  const { before: seen } = change;
  const before = seen ? unlessImpossible(() => createBody(change.kind, seen, lookup)) : undefined;
  const body = bodyOf(change, lookup);
  if (body && Object.keys(body).length === 0) return ALREADY;
  const { id, version } = entity;
  return sendEdit({ id, version, body: () => body, before: () => before, removes: body === undefined }, calls);
}

/** Members are disabled, never deleted; for anything else, no body means a deletion. */
function bodyOf(change: Change, lookup: Lookup): Body | undefined {
  if (change.action === "delete") return change.kind === "Member" ? { status: "disabled" } : undefined;
  const { before, after } = change;
  return before && after ? updateBody(change.kind, before, after, lookup) : {};
}
