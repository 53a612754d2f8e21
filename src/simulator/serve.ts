// What `rolebook simulate` runs: a simulator on a port, and the lines that tell a person how to reach both its platforms.
// Prints only the secrets that everyone knows already; one that was given stays unsaid.

import type { StateDocument } from "./records.ts";
import { acmeSeed, emptySeed } from "./seed.ts";
import { CLIENTS, createSimulator, LOCAL_SECRETS, type Simulator, VAULT_CLIENTS, VAULT_SECRETS } from "./server.ts";
import { readStateFile } from "./state-file.ts";
import { acmeVault, emptyVault } from "./vault/seed.ts";
import type { VaultStore } from "./vault/store.ts";

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly stateFile?: string;
  /** `acme`, `empty`, or the path of a state document. Ignored once the state file exists. */
  readonly seed: string;
  readonly latencyMs: number;
  readonly readerSecret?: string;
  readonly writerSecret?: string;
  readonly consoleSecret?: string;
}

/**
 * Starts a simulator and says where it is, line by line. Throws when the port is taken, or when the seed or the
 * state file cannot be read or does not hold together.
 */
export async function serve(options: ServeOptions, log: (line: string) => void): Promise<Simulator> {
  const { port, host, seed, ...others } = options;
  const simulator = createSimulator({ ...others, seed: readSeed(seed) });
  const url = await simulator.listen(port, host);
  const { organisation, environments, roles, groups, members, memberships } = simulator.store;
  log(`Simulating the organization ${organisation.name} at ${url}`);
  const people = [...memberships.values()].reduce((sum, group) => sum + group.size, 0);
  log(
    `  ${environments.length} environments, ${roles.byId.size} roles, ${groups.byId.size} groups, ` +
      `${members.byId.size} members, ${people} memberships`,
  );
  sayVault(simulator.vault, log);
  for (const [name, clientId, may] of [
    ["reader", CLIENTS.reader, "may read"],
    ["writer", CLIENTS.writer, "may read and write"],
    ["console", CLIENTS.console, "stands for people's edits by hand"],
  ] as const) {
    const secret = options[`${name}Secret`] === undefined ? LOCAL_SECRETS[name] : "(as given)";
    log(`  client ${clientId}  secret ${secret}  ${may}`);
  }
  if (options.writerSecret === undefined)
    log(`  export ACME_CLIENT_ID=${CLIENTS.writer} ACME_CLIENT_SECRET=${LOCAL_SECRETS.writer}`);
  log(`  export VAULT_CLIENT_ID=${VAULT_CLIENTS.writer} VAULT_CLIENT_SECRET=${VAULT_SECRETS.writer}`);
  if (options.stateFile !== undefined) log(`  state is kept in ${options.stateFile}`);
  return simulator;
}

/** What is said of the Vault account: it is served beside the organization, at the same address. */
function sayVault({ account, ...vault }: VaultStore, log: (line: string) => void): void {
  const count = ({ byId }: { readonly byId: ReadonlyMap<string, unknown> }): number => byId.size;
  log(`  and the Vault account ${account.name} at the same address, under /vault and /products`);
  log(
    `  ${count(vault.workspaces)} workspaces, ${count(vault.products)} products, ${count(vault.groups)} groups, ` +
      `${count(vault.members)} members, ${count(vault.integrations)} integrations, ${count(vault.keys)} API keys`,
  );
  for (const [name, may] of [
    ["reader", "may read the Vault"],
    ["writer", "may read and write it, and make API keys"],
    ["console", "stands for people at the Vault's console"],
  ] as const)
    log(`  client ${VAULT_CLIENTS[name]}  secret ${VAULT_SECRETS[name]}  ${may}`);
}

function readSeed(seed: string): StateDocument {
  if (seed === "acme") return { ...acmeSeed(), vault: acmeVault() };
  if (seed === "empty") return { ...emptySeed(), vault: emptyVault() };
  const document = readStateFile(seed);
  if (!document) throw new Error(`there is no seed "${seed}": it is neither acme nor empty nor a file`);
  return document;
}
