// The Vault account as a platform to be served: its contract, its handlers, its clients.
import { actorOf, type Client, createAuth } from "../auth.ts";
import { readContract } from "../contract.ts";
import type { Platform } from "../pipeline.ts";
import { tokenHandler } from "../routes/tokens.ts";
import { changeVaultBehind } from "./backstage.ts";
import { apiKeyHandlers, vaultEntityHandlers, vaultListHandlers } from "./handlers.ts";
import type { VaultStore } from "./store.ts";

/** Served to these clients and no others. */
export function vaultPlatform(vault: VaultStore, clients: readonly Client[], tokenLifeMs: number): Platform {
  const fixed = new Map(clients.map((client) => [client.clientId, client]));
  const auth = createAuth((clientId) => fixed.get(clientId), tokenLifeMs, vault.now);
  return {
    contract: readContract("atomyx"),
    ledger: vault,
    auth,
    actorOf: (token, member) => actorOf(vault.members, token, member),
    changeBehind: (operation, id, description) => changeVaultBehind(vault, operation, id, description),
    handlers: {
      createVaultToken: tokenHandler(auth),
      ...vaultListHandlers(vault),
      ...vaultEntityHandlers(vault),
      ...apiKeyHandlers(vault),
    },
  };
}
