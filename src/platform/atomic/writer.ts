// Makes approved changes on an Atomic organization, each with a precondition, and says truthfully what became of
// each: nothing is forced, and nobody is told "applied" on hope. Plans nothing and reads only what it must decide by.
import { randomBytes } from "node:crypto";
import type { Change } from "../../model/change.ts";
import type { Connection, Writer } from "../../model/driver.ts";
import type { State } from "../../model/entity.ts";
import { groupOfSection, MEMBERSHIP } from "../../model/entity.ts";
import { Directory } from "../http/directory.ts";
import { Halt, runUnits, type Settle, type Unit } from "../http/units.ts";
import { type Client, openClient } from "./client.ts";
import { fold } from "./ladder.ts";
import { membershipUnits } from "./memberships.ts";
import { makeChange } from "./single.ts";

/** What the parts of a writer share. */
export interface Writing {
  readonly client: Client;
  readonly directory: Directory;
  readonly live: State;
  /** Different in every writer: a key of last week would replay last week's answer. */
  readonly keyOf: (change: Change) => string;
}

/** Opens a writer; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openWriter(connection: Connection): Writer {
  const client = openClient(connection);
  const directory = new Directory(fold);
  const halt = new Halt(client.connections);
  const run = randomBytes(6).toString("hex");
  const keyOf = (change: Change) => `${change.id}-${run}`;
  return {
    write: async (changes, live, onOutcome) => {
      directory.learnRenames(changes, live);
      const units = unitsOf(changes, { client, directory, live, keyOf });
      await runUnits(units, changes, { connections: client.connections, halt }, onOutcome);
    },
    requests: client.requests,
    close: client.close,
  };
}

function unitsOf(changes: readonly Change[], writing: Writing): Unit[] {
  const singles = changes.filter(({ kind }) => kind !== MEMBERSHIP);
  const memberships = groupBySection(changes.filter(({ kind }) => kind === MEMBERSHIP));
  return [
    ...singles.map((change) => ({
      changes: [change],
      act: async (settle: Settle) => settle(change, await makeChange(change, writing)),
    })),
    ...[...memberships].flatMap(([section, some]) => membershipUnits(groupOfSection(section) ?? "", some, writing)),
  ];
}

function groupBySection(changes: readonly Change[]): Map<string, Change[]> {
  const sections = new Map<string, Change[]>();
  for (const change of changes) {
    const list = sections.get(change.section);
    if (list) list.push(change);
    else sections.set(change.section, [change]);
  }
  return sections;
}
