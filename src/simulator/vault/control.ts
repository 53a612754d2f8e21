// The simulator's switches for the Vault account under /_simulator/vault: its whole state, and what only people can do.
// Not part of the contract. Served to this machine only, and never hit by faults.
import type { FastifyInstance } from "fastify";
import { readContract } from "../contract.ts";
import { Problem } from "../problems.ts";
import { guard, loadOrRefuse, MAX_STATE_BYTES, requireValid } from "../routes/control.ts";
import { acceptVaultInvitation, setVaultFacts, vaultMemberView } from "./members.ts";
import type { VaultMemberFacts } from "./records.ts";
import { dumpVault, isVaultDocument, loadVault } from "./state.ts";
import type { VaultStore } from "./store.ts";

/** Both are as the contract has them in a member; one that is left out is not told any more. */
const FACTS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    twoFactorEnabled: { $ref: "contract#/$defs/Member/properties/twoFactorEnabled" },
    lastActiveAt: { $ref: "contract#/$defs/Member/properties/lastActiveAt" },
  },
};

export function addVaultControlRoutes(app: FastifyInstance, vault: VaultStore): void {
  app.get("/_simulator/vault", { onRequest: guard }, () => dumpVault(vault));
  app.put("/_simulator/vault", { onRequest: guard, bodyLimit: MAX_STATE_BYTES }, (request, reply) => {
    const document = request.body;
    if (!isVaultDocument(document))
      throw new Problem("unprocessable", "This is not the state of a Vault account, version 1.");
    loadOrRefuse(() => loadVault(vault, document));
    return reply.code(204).send();
  });
  app.post<{ Params: { id: string } }>("/_simulator/vault/members/:id/accept", { onRequest: guard }, (request) => ({
    data: vaultMemberView(acceptVaultInvitation(vault, request.params.id)),
  }));
  app.put<{ Params: { id: string } }>("/_simulator/vault/members/:id/facts", { onRequest: guard }, (request) => {
    requireValid(
      readContract("atomyx").compile(FACTS_SCHEMA),
      request.body,
      "This is not what a platform tells of a member.",
    );
    return { data: vaultMemberView(setVaultFacts(vault, request.params.id, request.body as VaultMemberFacts)) };
  });
}
