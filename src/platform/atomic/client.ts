// The endpoints of the Atomic access API, typed, each answer checked against the contract
// (schemas/platform/atomic.openapi.yaml) before anyone looks at it. Knows no entities and decides nothing.
import * as contract from "../../generated/platform-atomic.cjs";
import type { AuditPage } from "../../generated/types/platform-atomic.ts";
import type { Validate } from "../../generated/validate.d.ts";
import type { Connection } from "../../model/driver.ts";
import {
  type Body,
  type ContractConnection,
  type ContractStyle,
  connectContract,
  pageQuery,
  readingCalls,
  type WritingCalls,
  writingCalls,
} from "../http/contract.ts";
import type { Page, PageRequest } from "../http/pages.ts";
import type { MembershipRow } from "../rules/membership-sink.ts";
import type { Row } from "./body.ts";
import type { EnvironmentRow, GroupRow, MemberRow, RoleRow } from "./map.ts";

/** What can be created, changed and read one by one. */
export type Collection = "roles" | "groups" | "members";

/** Everything that only looks. */
export interface ReadingClient {
  readonly environments: () => Promise<readonly EnvironmentRow[]>;
  readonly roles: (request: PageRequest) => Promise<Page<RoleRow>>;
  readonly groups: (request: PageRequest) => Promise<Page<GroupRow>>;
  readonly members: (request: PageRequest) => Promise<Page<MemberRow>>;
  readonly memberships: (request: PageRequest) => Promise<Page<MembershipRow>>;
  /** A page of what was done lately, newest first. */
  readonly auditLog: (environmentId: string, cursor: string | undefined) => Promise<AuditPage>;
  readonly readOne: (collection: Collection, id: string) => Promise<Row>;
  /** The scopes of a token that is asked for now; undefined when the server does not say. */
  readonly scopes: () => Promise<readonly string[] | undefined>;
  readonly connections: number;
  /** HTTP requests so far, tokens and retries included. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export interface Client extends ReadingClient {
  readonly create: (collection: Collection, body: Body, idempotencyKey: string) => Promise<Row>;
  readonly update: (collection: Collection, id: string, body: Body, version: string) => Promise<Row>;
  readonly remove: (collection: Collection, id: string, version: string) => Promise<void>;
  readonly changeMembers: WritingCalls["changeMembers"];
}

const style: ContractStyle = {
  title: "Atomic",
  tokenPath: "/oauth2/token",
  prefix: "/v1",
  tokenAnswer: contract.TokenAnswer,
  batchAnswer: contract.BatchAnswer,
  hints: {
    unauthorized: ({ credentials: { clientId, clientSecret }, organization }) =>
      `Are ${clientId} and ${clientSecret} those of a credential of organization ${organization} that still exists?`,
    forbidden: (method, { credentials: { clientId } }) =>
      `The credential in ${clientId} lacks the scope ${method === "GET" ? "access:read" : "access:write"}.`,
    missing: "Does the target's url in the settings lead to the access API of the organization?",
  },
};

/** Opens a client that can only look; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openReadingClient(connection: Connection): ReadingClient {
  const connected = connectContract(connection, style);
  return { ...connected.common, ...readings(connected) };
}

/** Opens a client that can write too; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openClient(connection: Connection): Client {
  const connected = connectContract(connection, style);
  return { ...connected.common, ...readings(connected), ...writings(connected) };
}

function readings(connected: ContractConnection) {
  const { get, list, one } = readingCalls(connected);
  return {
    environments: async () => (await get("/environments", contract.EnvironmentList)).environments,
    roles: list("roles", contract.RolePage),
    groups: list("groups", contract.GroupPage),
    members: list("members", contract.MemberPage),
    memberships: list("memberships", contract.MembershipPage),
    auditLog: (environmentId: string, cursor: string | undefined) =>
      get(
        `/${encodeURIComponent(environmentId)}/audit-log?${pageQuery({ partition: undefined, cursor })}`,
        contract.AuditPage,
      ),
    readOne: (collection: Collection, id: string): Promise<Row> => one(collection, id, answers[collection]),
  };
}

const answers: { readonly [C in Collection]: Validate<{ readonly data: Row }> } = {
  roles: contract.RoleAnswer,
  groups: contract.GroupAnswer,
  members: contract.MemberAnswer,
};

function writings(connected: ContractConnection) {
  const { create, update, remove, changeMembers } = writingCalls(connected);
  return {
    create: (collection: Collection, body: Body, idempotencyKey: string) =>
      create(collection, body, idempotencyKey, answers[collection]),
    update: (collection: Collection, id: string, body: Body, version: string) =>
      update(collection, id, body, version, answers[collection]),
    remove: (collection: Collection, id: string, version: string) => remove(collection, id, version),
    changeMembers,
  };
}
