// The Vault account as a platform to be served: its contract, its handlers, its clients.
import { actorOf, type Client, createAuth, digestSecret } from "../auth.ts";
import { readContract } from "../contract.ts";
import { TOKEN_LIFE_MS } from "../organization.ts";
import type { Platform } from "../pipeline.ts";
import { tokenHandler } from "../routes/tokens.ts";
import { changeVaultBehind } from "./backstage.ts";
import { apiKeyHandlers, vaultEntityHandlers, vaultListHandlers } from "./handlers.ts";
import type { VaultStore } from "./store.ts";

/** Ids of the account's clients: one may read, one may write and make keys too, one stands for people at the Vault's console. */
export const VAULT_CLIENTS = {
  reader: "rolebook-vault-reader",
  writer: "rolebook-vault-writer",
  console: "vault-console",
} as const;

/** For a simulator on one's own machine and nothing else. */
export const VAULT_SECRETS = {
  reader: "vault-local-reader-secret",
  writer: "vault-local-writer-secret",
  console: "vault-local-console-secret",
} as const;

const READ = ["vault:read"] as const;
const ALL = ["vault:read", "vault:write", "vault:keys"] as const;

export function vaultPlatform(vault: VaultStore, options: { readonly tokenLifeMs?: number }): Platform {
  const clients = new Map<string, Client>(
    (["reader", "writer", "console"] as const).map((name) => {
      const clientId = VAULT_CLIENTS[name];
      const secretDigest = digestSecret(VAULT_SECRETS[name]);
      const scopes = name === "reader" ? READ : ALL;
      return [clientId, { clientId, secretDigest, scopes, console: name === "console" }];
    }),
  );
  const auth = createAuth((clientId) => clients.get(clientId), options.tokenLifeMs ?? TOKEN_LIFE_MS, vault.now);
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
