// The calls of Keystone's Identity API v3 that Rolebook makes, typed. Follows links where a server pages, says when a
// list was cut, and never relies on a filter. Knows no entities and decides nothing.
import { type Connection, PlatformError } from "../../model/driver.ts";
import type { Api } from "../http/api.ts";
import { HttpError } from "../http/failure.ts";
import {
  fieldsOf,
  listOf,
  type PlacedAssignment,
  type ReadRow,
  readApplicationCredential,
  readAssignment,
  readGroup,
  readIdentified,
  readProject,
  readRole,
  readUser,
  unexpected,
} from "./answers.ts";
import type {
  ApplicationCredentialRow,
  AssignmentRow,
  GroupRow,
  InferenceRow,
  ProjectRow,
  RoleRow,
  UserRow,
} from "./rows.ts";
import { type DomainRef, openSession, type Session } from "./session.ts";

/** A list as far as the server gives it. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** The server says, or shows, that there is more than it gave. */
  readonly truncated: boolean;
}

export interface EntityRows {
  readonly users: UserRow;
  readonly groups: GroupRow;
  readonly roles: RoleRow;
}

/** What can be created, changed and read one by one. */
export type Collection = keyof EntityRows;

/** Everything that only looks. Lists may hold rows of other domains: a server may ignore what it is asked to filter by. */
export interface ReadingClient {
  /** The domain of the target's name. Throws `PlatformError` when there is none, or none that may be seen. */
  readonly domain: () => Promise<DomainRef>;
  /** The id of the user that the credential belongs to, whatever the domain. */
  readonly userId: () => Promise<string | undefined>;
  /** Names of the roles of the credential, where it is used; undefined when Keystone does not say. */
  readonly roleNames: () => Promise<readonly string[] | undefined>;
  readonly users: (domainId: string) => Promise<Listed<UserRow>>;
  readonly groups: (domainId: string) => Promise<Listed<GroupRow>>;
  /** Global roles and those of the domain. */
  readonly roles: (domainId: string) => Promise<Listed<RoleRow>>;
  readonly projects: (domainId: string) => Promise<Listed<ProjectRow>>;
  /** Every implication of global roles and of the domain's. */
  readonly inferences: () => Promise<Listed<InferenceRow>>;
  /** Assignments on domains and projects, all of them or by one filter (`group.id`, `user.id`, `role.id`), which the server may ignore. */
  readonly assignments: (filter?: readonly [name: string, id: string]) => Promise<Listed<PlacedAssignment>>;
  /** Ids of the roles of assignments anywhere, the whole system and other domains included; by a filter that the server may ignore. */
  readonly assignedRoles: (roleId: string) => Promise<Listed<string>>;
  /** Those of a name; the server may give others as well. */
  readonly named: <C extends Collection>(
    collection: C,
    domainId: string,
    name: string,
  ) => Promise<Listed<EntityRows[C]>>;
  readonly usersOfGroup: (groupId: string) => Promise<Listed<UserRow>>;
  readonly applicationCredentials: (userId: string) => Promise<Listed<ApplicationCredentialRow>>;
  readonly readOne: <C extends Collection>(collection: C, id: string) => Promise<EntityRows[C]>;
  readonly connections: number;
  /** HTTP requests so far, tokens and retries included. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export interface Client extends ReadingClient {
  readonly create: <C extends Collection>(
    collection: C,
    body: Readonly<Record<string, unknown>>,
  ) => Promise<EntityRows[C]>;
  readonly update: (collection: Collection, id: string, body: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly remove: (collection: Collection, id: string) => Promise<boolean>;
  readonly grant: (assignment: AssignmentRow) => Promise<void>;
  /** These, and all that take something away, say whether it was there: `false` is what a repeated one gives. */
  readonly revoke: (assignment: AssignmentRow) => Promise<boolean>;
  readonly imply: (inference: InferenceRow) => Promise<boolean>;
  readonly unimply: (inference: InferenceRow) => Promise<boolean>;
  readonly join: (groupId: string, userId: string) => Promise<void>;
  readonly leave: (groupId: string, userId: string) => Promise<boolean>;
  readonly removeApplicationCredential: (userId: string, id: string) => Promise<boolean>;
}

/** Opens a client that can only look; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openReadingClient(connection: Connection): ReadingClient {
  const session = openSession(connection);
  return { ...commonOf(session), ...readingCalls(session, connection) };
}

/** Opens a client that can write too; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openClient(connection: Connection): Client {
  const session = openSession(connection);
  return { ...commonOf(session), ...readingCalls(session, connection), ...writingCalls(session.api) };
}

function commonOf({ connections, userId, roleNames, requests, close }: Session) {
  return { connections, userId, roleNames, requests, close };
}

/** Whether Keystone itself says that something is not there; a proxy's 404 says nothing. */
export function isMissing(error: unknown): boolean {
  return error instanceof HttpError && error.status === 404 && error.problem.title !== undefined;
}

/** A page may hold nothing new and still lead on; so many in a row are a loop. */
const MOST_BARREN = 5;

function lister({ api }: Session) {
  return async <Row>(path: string, key: string, read: ReadRow<Row>): Promise<Listed<Row>> => {
    const what = `GET /v3${path.split("?")[0]}`;
    const rows: Row[] = [];
    const seen = new Set<string>();
    for (let [next, barren]: [string | undefined, number] = [path, 0]; ; ) {
      const { json } = await api.call({ method: "GET", path: next, repeatable: true });
      const answer = fieldsOf(what, json);
      let fresh = 0;
      for (const value of listOf(what, answer[key])) {
        const identity = identityOf(value);
        if (seen.has(identity)) continue;
        seen.add(identity);
        rows.push(read(what, value));
        fresh += 1;
      }
      const following = nextOf(answer, path);
      if (following === undefined) return { rows, truncated: answer.truncated === true };
      barren = fresh === 0 ? barren + 1 : 0;
      if (barren === MOST_BARREN) return { rows, truncated: true };
      next = following;
    }
  };
}

/** What tells a row from another: its id, or for rows without one all of it. */
function identityOf(value: unknown): string {
  const { id } = (typeof value === "object" && value !== null ? value : {}) as { readonly id?: unknown };
  return typeof id === "string" ? id : JSON.stringify(value);
}

/** The next page of a list: only its query is taken from the link, so that a token goes nowhere else. */
function nextOf(answer: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const { links } = answer;
  const { next } = (typeof links === "object" && links !== null ? links : {}) as { readonly next?: unknown };
  if (typeof next !== "string" || next === "") return undefined;
  const query = next.includes("?") ? next.slice(next.indexOf("?")) : "";
  return `${path.split("?")[0]}${query}`;
}

function readingCalls(session: Session, { target }: Connection) {
  const { api } = session;
  const list = lister(session);
  const inDomain = (domainId: string) => `domain_id=${encodeURIComponent(domainId)}`;
  return {
    domain: async () => (await session.tokenDomain()) ?? findDomain(list, target.organization),
    users: (domainId: string) => list(`/users?${inDomain(domainId)}`, "users", readUser),
    groups: (domainId: string) => list(`/groups?${inDomain(domainId)}`, "groups", readGroup),
    roles: (domainId: string) => listRoles(list, inDomain(domainId)),
    projects: (domainId: string) => list(`/projects?${inDomain(domainId)}`, "projects", readProject),
    inferences: async () => {
      const { rows, truncated } = await list("/role_inferences", "role_inferences", readInferences);
      return { rows: rows.flat(), truncated };
    },
    assignments: async (filter?: readonly [name: string, id: string]) => {
      const query = filter ? `&${filter[0]}=${encodeURIComponent(filter[1])}` : "";
      const path = `/role_assignments?include_names=true${query}`;
      const { rows, truncated } = await list(path, "role_assignments", readAssignment);
      return { rows: rows.filter((row) => row !== undefined), truncated };
    },
    assignedRoles: (roleId: string) => {
      const path = `/role_assignments?role.id=${encodeURIComponent(roleId)}`;
      return list(path, "role_assignments", (what, value) => refId(what, fieldsOf(what, value).role));
    },
    named: <C extends Collection>(collection: C, domainId: string, name: string): Promise<Listed<EntityRows[C]>> => {
      const domain = collection === "roles" ? [] : [inDomain(domainId)];
      const query = [...domain, new URLSearchParams({ name })].join("&");
      const read: ReadRow<EntityRows[C]> = readers[collection];
      return list(`/${collection}?${query}`, collection, read);
    },
    usersOfGroup: (groupId: string) => list(`/groups/${encodeURIComponent(groupId)}/users`, "users", readUser),
    applicationCredentials: (userId: string) =>
      list(
        `/users/${encodeURIComponent(userId)}/application_credentials`,
        "application_credentials",
        readApplicationCredential(userId),
      ),
    readOne: async <C extends Collection>(collection: C, id: string): Promise<EntityRows[C]> => {
      const { json } = await api.call({ method: "GET", path: pathOf(collection, id), repeatable: true });
      return readEntity(collection, `GET /v3/${collection}`, json);
    },
  };
}

type List = ReturnType<typeof lister>;

/** One list when the filter is ignored, two when it is kept: rows with an id that is there already count once. */
async function listRoles(list: List, inDomain: string): Promise<Listed<RoleRow>> {
  const [global, own] = await Promise.all([
    list("/roles", "roles", readRole),
    list(`/roles?${inDomain}`, "roles", readRole),
  ]);
  const byId = new Map([...global.rows, ...own.rows].map((row) => [row.id, row]));
  return { rows: [...byId.values()], truncated: global.truncated || own.truncated };
}

async function findDomain(list: List, name: string): Promise<DomainRef> {
  const { rows } = await list(`/domains?${new URLSearchParams({ name })}`, "domains", readIdentified);
  const found = rows.find((row) => row.name === name);
  if (found) return found;
  throw new PlatformError(`There is no domain "${name}" that this credential may see`, {
    hint: "The target's organization is the domain's name, written exactly as Keystone has it.",
  });
}

const readInferences: ReadRow<readonly InferenceRow[]> = (what, value) => {
  const { prior_role: prior, implies } = fieldsOf(what, value);
  const priorRoleId = refId(what, prior);
  return listOf(what, implies).map((implied) => ({ priorRoleId, impliedRoleId: refId(what, implied) }));
};

function refId(what: string, value: unknown): string {
  const { id } = fieldsOf(what, value);
  if (typeof id === "string") return id;
  throw unexpected(what, "a role has no id");
}

const readers: { readonly [C in Collection]: ReadRow<EntityRows[C]> } = {
  users: readUser,
  groups: readGroup,
  roles: readRole,
};

/** `users` -> `user`: what wraps one of them in a body. */
const wrappers: { readonly [C in Collection]: string } = { users: "user", groups: "group", roles: "role" };

function readEntity<C extends Collection>(collection: C, what: string, json: unknown): EntityRows[C] {
  const read: ReadRow<EntityRows[C]> = readers[collection];
  return read(what, fieldsOf(what, json)[wrappers[collection]]);
}

function pathOf(collection: Collection, id: string): string {
  return `/${collection}/${encodeURIComponent(id)}`;
}

/** Names are unique within their domain, so that even a creation may be sent again: the second one is a conflict. */
function writingCalls(api: Api) {
  const send = async (method: "PUT" | "DELETE", path: string): Promise<void> => {
    await api.call({ method, path, repeatable: true });
  };
  return {
    create: async <C extends Collection>(collection: C, body: Readonly<Record<string, unknown>>) => {
      const path = `/${collection}`;
      const { json } = await api.call({
        method: "POST",
        path,
        json: { [wrappers[collection]]: body },
        repeatable: true,
      });
      return readEntity(collection, `POST /v3${path}`, json);
    },
    update: async (collection: Collection, id: string, body: Readonly<Record<string, unknown>>) => {
      const json = { [wrappers[collection]]: body };
      await api.call({ method: "PATCH", path: pathOf(collection, id), json, repeatable: true });
    },
    remove: (collection: Collection, id: string) => quietly(send("DELETE", pathOf(collection, id)), 404),
    grant: (assignment: AssignmentRow) => send("PUT", assignmentPath(assignment)),
    revoke: (assignment: AssignmentRow) => quietly(send("DELETE", assignmentPath(assignment)), 404),
    imply: (inference: InferenceRow) => quietly(send("PUT", inferencePath(inference)), 409),
    unimply: (inference: InferenceRow) => quietly(send("DELETE", inferencePath(inference)), 404),
    join: (groupId: string, userId: string) => send("PUT", membershipPath(groupId, userId)),
    leave: (groupId: string, userId: string) => quietly(send("DELETE", membershipPath(groupId, userId)), 404),
    removeApplicationCredential: (userId: string, id: string) =>
      quietly(
        send("DELETE", `/users/${encodeURIComponent(userId)}/application_credentials/${encodeURIComponent(id)}`),
        404,
      ),
  };
}

/** A step that is done already is done: what Keystone says to a second one is no failure. Gives whether this one did it. */
async function quietly(sent: Promise<void>, status: 404 | 409): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    const already = status === 404 ? isMissing(error) : error instanceof HttpError && error.status === 409;
    if (!already) throw error;
    return false;
  }
}

function assignmentPath({ roleId, actor, scope, inherited }: AssignmentRow): string {
  const [role, who, where] = [roleId, actor.id, scope.id].map(encodeURIComponent);
  const plain = `/${scope.kind}s/${where}/${actor.kind}s/${who}/roles/${role}`;
  return inherited ? `/OS-INHERIT${plain}/inherited_to_projects` : plain;
}

function inferencePath({ priorRoleId, impliedRoleId }: InferenceRow): string {
  return `/roles/${encodeURIComponent(priorRoleId)}/implies/${encodeURIComponent(impliedRoleId)}`;
}

function membershipPath(groupId: string, userId: string): string {
  return `/groups/${encodeURIComponent(groupId)}/users/${encodeURIComponent(userId)}`;
}
