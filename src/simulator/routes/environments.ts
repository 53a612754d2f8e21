// What belongs to environments: their list, API credentials, and the audit log.
import { randomBytes } from "node:crypto";
import { type Call, type Handlers, jsonAnswer, NO_STORE } from "../answer.ts";
import { auditPage } from "../audit.ts";
import { type Auth, digestSecret } from "../auth.ts";
import { commit } from "../ledger.ts";
import { Problem } from "../problems.ts";
import type { PlacedEffect } from "../records.ts";
import { newId, type Store } from "../store.ts";

export function environmentHandlers(store: Store, auth: Auth): Handlers {
  const cursorSecret = randomBytes(32);
  return {
    listEnvironments: () => jsonAnswer(200, { environments: store.environments }),

    createCredential: (call) => {
      const environmentId = environmentOf(store, call);
      const { role } = call.body as { readonly role: string };
      const clientId = newId(store, "credential");
      const clientSecret = randomBytes(24).toString("base64url");
      const subject = { type: "credential", id: clientId, name: clientId } as const;
      commit(
        store,
        call.write,
        [{ action: "credential.created", subject, before: null, after: { role }, environmentId }],
        () =>
          store.credentials.set(clientId, { clientId, environmentId, role, secretDigest: digestSecret(clientSecret) }),
      );
      return jsonAnswer(201, { data: { clientId, clientSecret } }, NO_STORE);
    },

    deleteCredential: (call) => {
      const environmentId = environmentOf(store, call);
      const credential = store.credentials.get(call.params.clientId ?? "");
      if (credential?.environmentId !== environmentId)
        throw new Problem("not-found", "There is no such credential in this environment.");
      const { clientId, role } = credential;
      const subject = { type: "credential", id: clientId, name: clientId } as const;
      commit(
        store,
        call.write,
        [{ action: "credential.deleted", subject, before: { role }, after: null, environmentId }],
        () => store.credentials.delete(clientId),
      );
      auth.revokeClient(clientId);
      return { status: 204 };
    },

    listAuditLog: (call) => {
      const environmentId = environmentOf(store, call);
      const { limit, cursor } = call.query as { readonly limit: number; readonly cursor?: string };
      const has = (entry: PlacedEffect): boolean =>
        entry.environmentId === null || entry.environmentId === environmentId;
      return jsonAnswer(200, auditPage(store, cursorSecret, { listing: environmentId, has, limit, cursor }));
    },
  };
}

function environmentOf(store: Store, call: Call): string {
  const id = call.params.environmentId ?? "";
  if (!store.environments.some((environment) => environment.id === id))
    throw new Problem("not-found", `There is no environment with the id ${JSON.stringify(id)}.`);
  return id;
}
