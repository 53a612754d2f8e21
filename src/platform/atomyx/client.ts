// The endpoints of the access API of a Vault account, typed, each answer checked against the contract
// (schemas/platform/atomyx.openapi.yaml) before anyone looks at it. Knows no entities and decides nothing.
import * as contract from "../../generated/platform-atomyx.cjs";
import type { AuditPage } from "../../generated/types/platform-atomyx.ts";
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
import type { Collection, CollectionRows, KeyRow } from "./rows.ts";

/** Everything that only looks. */
export interface ReadingClient {
  readonly list: <C extends Collection>(collection: C) => (request: PageRequest) => Promise<Page<CollectionRows[C]>>;
  readonly memberships: (request: PageRequest) => Promise<Page<MembershipRow>>;
  /** A page of what was done lately, newest first. */
  readonly auditLog: (cursor: string | undefined) => Promise<AuditPage>;
  readonly readOne: <C extends Collection>(collection: C, id: string) => Promise<CollectionRows[C]>;
  /** The scopes of a token that is asked for now; undefined when the server does not say. */
  readonly scopes: () => Promise<readonly string[] | undefined>;
  /** What the platform's own clock said with its latest answer. */
  readonly clock: () => Date | undefined;
  readonly connections: number;
  /** HTTP requests so far, tokens and retries included. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export interface Client extends ReadingClient {
  readonly create: <C extends Collection>(
    collection: C,
    body: Body,
    idempotencyKey: string,
  ) => Promise<CollectionRows[C]>;
  readonly update: (collection: Collection, id: string, body: Body, version: string) => Promise<unknown>;
  readonly remove: (collection: Collection, id: string, version: string) => Promise<void>;
  readonly changeMembers: WritingCalls["changeMembers"];
  /** A key that is revoked stays revoked: sent again, it does nothing more. */
  readonly revokeKey: (id: string) => Promise<KeyRow>;
}

export const style: ContractStyle = {
  title: "Atomyx",
  tokenPath: "/vault/oauth2/token",
  prefix: "/vault/v1",
  tokenAnswer: contract.TokenAnswer,
  batchAnswer: contract.BatchAnswer,
  hints: {
    unauthorized: ({ credentials: { clientId, clientSecret }, organization }) =>
      `Are ${clientId} and ${clientSecret} those of a credential of account ${organization} that still exists?`,
    forbidden: (method, { credentials: { clientId } }) =>
      `The credential in ${clientId} lacks the scope ${method === "GET" ? "vault:read" : "vault:write, or vault:keys for API keys"}.`,
    missing: "Does the target's url in the settings lead to the access API of the account?",
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
  return clientOver(connected);
}

/** The client of a connection. */
export function clientOver(connected: ContractConnection): Client {
  return { ...connected.common, ...readings(connected), ...writings(connected) };
}

function readings(connected: ContractConnection) {
  const { get, list, one } = readingCalls(connected);
  return {
    list: <C extends Collection>(collection: C) => list(collection, pages[collection]),
    memberships: list("memberships", contract.MembershipPage),
    auditLog: (cursor: string | undefined) =>
      get(`/audit?${pageQuery({ partition: undefined, cursor })}`, contract.AuditPage),
    readOne: <C extends Collection>(collection: C, id: string) => one(collection, id, answers[collection]),
  };
}

function writings(connected: ContractConnection) {
  const { create, update, remove, changeMembers, post } = writingCalls(connected);
  return {
    create: <C extends Collection>(collection: C, body: Body, idempotencyKey: string) =>
      create(collection, body, idempotencyKey, answers[collection]),
    update: <C extends Collection>(collection: C, id: string, body: Body, version: string) =>
      update(collection, id, body, version, answers[collection]),
    remove: (collection: Collection, id: string, version: string) => remove(collection, id, version),
    changeMembers,
    revokeKey: async (id: string) =>
      (await post(`/api-keys/${encodeURIComponent(id)}/revoke`, undefined, contract.ApiKeyAnswer)).data,
  };
}

const pages: { readonly [C in Collection]: Validate<Page<CollectionRows[C]>> } = {
  workspaces: contract.WorkspacePage,
  products: contract.ProductPage,
  "product-roles": contract.ProductRolePage,
  groups: contract.GroupPage,
  members: contract.MemberPage,
  integrations: contract.IntegrationPage,
  "api-keys": contract.ApiKeyPage,
};

const answers: { readonly [C in Collection]: Validate<{ readonly data: CollectionRows[C] }> } = {
  workspaces: contract.WorkspaceAnswer,
  products: contract.ProductAnswer,
  "product-roles": contract.ProductRoleAnswer,
  groups: contract.GroupAnswer,
  members: contract.MemberAnswer,
  integrations: contract.IntegrationAnswer,
  "api-keys": contract.ApiKeyAnswer,
};
