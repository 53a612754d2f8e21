// What `rolebook simulate` runs: a simulator on a port, and the lines that tell a person how to reach it.
// Prints only the secrets that everyone knows already; one that was given stays unsaid.

import type { StateDocument } from "./records.ts";
import { acmeSeed, emptySeed } from "./seed.ts";
import { CLIENTS, createSimulator, LOCAL_SECRETS, type Simulator } from "./server.ts";
import { readStateFile } from "./state-file.ts";

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
  if (options.stateFile !== undefined) log(`  state is kept in ${options.stateFile}`);
  return simulator;
}

function readSeed(seed: string): StateDocument {
  if (seed === "acme") return acmeSeed();
  if (seed === "empty") return emptySeed();
  const document = readStateFile(seed);
  if (!document) throw new Error(`there is no seed "${seed}": it is neither acme nor empty nor a file`);
  return document;
}
