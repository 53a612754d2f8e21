// The account over HTTP: each handler is one call of a rule and the view of what came of it.
import { randomBytes } from "node:crypto";
import { type Call, entityAnswer, type Handler, type Handlers, jsonAnswer, NO_STORE } from "../answer.ts";
import { auditPage } from "../audit.ts";
import { type Collection, etagOf } from "../collection.ts";
import type { Write } from "../ledger.ts";
import type { BatchInput } from "../memberships.ts";
import { createPages, type PageQuery } from "../pages.ts";
import { Problem } from "../problems.ts";
import type { Row } from "../records.ts";
import { findRow } from "../rows.ts";
import { productView, updateProduct, updateWorkspace, workspaceView } from "./estate.ts";
import { changeVaultMembers, createVaultGroup, deleteVaultGroup, updateVaultGroup, vaultGroupView } from "./groups.ts";
import { createIntegration, deleteIntegration, integrationView, updateIntegration } from "./integrations.ts";
import { type ApiKeyInput, apiKeyView, createApiKey, pingProduct, revokeApiKey, updateApiKey } from "./keys.ts";
import { type VaultListed, vaultListings } from "./listings.ts";
import { createVaultMember, removeVaultMember, updateVaultMember, vaultMemberView } from "./members.ts";
import { createProductRole, deleteProductRole, productRoleView, updateProductRole } from "./product-roles.ts";
import type { VaultEffect } from "./records.ts";
import type { VaultStore } from "./store.ts";

/** Handlers of everything that lists. */
export function vaultListHandlers(vault: VaultStore): Handlers {
  const pages = createPages(vault, vaultListings(vault));
  const cursorSecret = randomBytes(32);
  const list =
    (listed: VaultListed): Handler =>
    ({ query }) => {
      const { limit, cursor, partition } = query as unknown as PageQuery;
      const among = workspaceIds(vault, query.workspace);
      return { status: 200, type: "application/json", body: pages.page(listed, { limit, cursor, partition, among }) };
    };
  return {
    listWorkspaces: list("workspaces"),
    listProducts: list("products"),
    listProductRoles: list("roles"),
    listVaultGroups: list("groups"),
    listVaultMembers: list("members"),
    listVaultMemberships: list("memberships"),
    listIntegrations: list("integrations"),
    listApiKeys: list("keys"),
    listVaultAuditLog: ({ query }) => {
      const { limit, cursor } = query as unknown as PageQuery;
      const among = workspaceIds(vault, query.workspace);
      const has = ({ workspaceId }: VaultEffect): boolean =>
        among === undefined || workspaceId === null || among.includes(workspaceId);
      const listing = among?.join(" ") ?? "all";
      return jsonAnswer(200, auditPage(vault, cursorSecret, { listing, has, limit, cursor }));
    },
  };
}

/** Ids of the workspaces a list is limited to, in the platform's order; 400 for a shortname that is none. */
function workspaceIds(vault: VaultStore, shortnames: unknown): readonly string[] | undefined {
  if (!Array.isArray(shortnames)) return undefined;
  const wanted = new Set<string>(shortnames);
  const rows = [...vault.workspaces.byId.values()].filter(({ shortname }) => wanted.delete(shortname));
  for (const shortname of wanted)
    throw new Problem("bad-request", `There is no workspace with the shortname ${JSON.stringify(shortname)}.`);
  return rows.map(({ id }) => id);
}

/** Handlers of what can be created, changed and deleted one by one, and of what can only be read and changed. */
export function vaultEntityHandlers(vault: VaultStore): Handlers {
  const { workspaces, products, roles, groups, members, integrations, keys } = vault;
  const showRole = (row: Parameters<typeof productRoleView>[1]): object => productRoleView(vault, row);
  return {
    readWorkspace: reading(workspaces, "workspace", workspaceView),
    updateWorkspace: changing(vault, updateWorkspace, workspaceView),
    readProduct: reading(products, "product", productView),
    updateProduct: changing(vault, updateProduct, productView),
    readProductRole: reading(roles, "product role", showRole),
    createProductRole: creating(vault, createProductRole, showRole),
    updateProductRole: changing(vault, updateProductRole, showRole),
    deleteProductRole: deleting(vault, deleteProductRole),
    readVaultGroup: reading(groups, "group", vaultGroupView),
    createVaultGroup: creating(vault, createVaultGroup, vaultGroupView),
    updateVaultGroup: changing(vault, updateVaultGroup, vaultGroupView),
    deleteVaultGroup: deleting(vault, deleteVaultGroup),
    changeVaultGroupMembers: (call) =>
      jsonAnswer(200, {
        data: { results: changeVaultMembers(vault, call.write, idOf(call), call.body as BatchInput) },
      }),
    readVaultMember: reading(members, "member", vaultMemberView),
    createVaultMember: creating(vault, createVaultMember, vaultMemberView),
    updateVaultMember: changing(vault, updateVaultMember, vaultMemberView),
    deleteVaultMember: deleting(vault, removeVaultMember),
    readIntegration: reading(integrations, "integration", integrationView),
    createIntegration: creating(vault, createIntegration, integrationView),
    updateIntegration: changing(vault, updateIntegration, integrationView),
    deleteIntegration: deleting(vault, deleteIntegration),
    readApiKey: reading(keys, "API key", apiKeyView),
    updateApiKey: changing(vault, updateApiKey, apiKeyView),
  };
}

/** Handlers of a key's life. The secret is in the first answer of its creation and in nothing that is kept. */
export function apiKeyHandlers(vault: VaultStore): Handlers {
  return {
    createApiKey: ({ body, write }) => {
      const { row, secret } = createApiKey(vault, write, body as ApiKeyInput);
      const data = apiKeyView(row);
      const answer = jsonAnswer(201, { data, secret }, { ...NO_STORE, etag: etagOf(row) });
      return { ...answer, again: JSON.stringify({ data }) };
    },
    revokeApiKey: (call) => {
      const row = revokeApiKey(vault, call.write, idOf(call));
      return entityAnswer(200, apiKeyView(row), etagOf(row));
    },
    pingProduct: ({ params, headers }) => {
      const { workspace = "", product = "" } = params;
      return jsonAnswer(200, pingProduct(vault, workspace, product, headers.authorization), NO_STORE);
    },
  };
}

function reading<R extends Row>(collection: Collection<R>, what: string, view: (row: R) => object): Handler {
  return (call) => {
    const row = findRow(collection, idOf(call), what);
    return entityAnswer(200, view(row), etagOf(row));
  };
}

type Create<R, I> = (vault: VaultStore, write: Write, input: I) => R;
type Change<R, I> = (vault: VaultStore, write: Write, id: string, ifMatch: string | undefined, patch: I) => R;

function creating<R extends Row, I>(vault: VaultStore, create: Create<R, I>, view: (row: R) => object): Handler {
  return ({ body, write }) => {
    const row = create(vault, write, body as I);
    return entityAnswer(201, view(row), etagOf(row));
  };
}

function changing<R extends Row, I>(vault: VaultStore, change: Change<R, I>, view: (row: R) => object): Handler {
  return (call) => {
    const row = change(vault, call.write, idOf(call), call.headers["if-match"], call.body as I);
    return entityAnswer(200, view(row), etagOf(row));
  };
}

function deleting(vault: VaultStore, remove: (...args: Parameters<typeof deleteVaultGroup>) => void): Handler {
  return (call) => {
    remove(vault, call.write, idOf(call), call.headers["if-match"]);
    return { status: 204 };
  };
}

function idOf(call: Call): string {
  return call.params.id ?? "";
}
