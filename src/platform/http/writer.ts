// A writer over an API of our contracts' style: single entities each in a unit, memberships in batches, idempotency keys
// that are different in every writer. What a change takes is for the platform to say.
import { randomBytes } from "node:crypto";
import type { Change } from "../../model/change.ts";
import type { Writer } from "../../model/driver.ts";
import { groupOfSection, MEMBERSHIP, type State } from "../../model/entity.ts";
import type { WritingCalls } from "./contract.ts";
import { Directory } from "./directory.ts";
import { membershipUnits } from "./memberships.ts";
import { type Fate, Halt, runUnits, type Settle, type Unit } from "./units.ts";

/** What every writing client has. */
interface WritingClient extends Pick<WritingCalls, "changeMembers"> {
  readonly connections: number;
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** What the parts of a writer share while one phase is made. */
export interface Writing<Client> {
  readonly client: Client;
  readonly directory: Directory;
  readonly live: State;
  /** The changes of this phase. */
  readonly changes: readonly Change[];
  /** Different in every writer: a key of last week would replay last week's answer. */
  readonly keyOf: (change: Change) => string;
}

export interface WriterOptions<Client> {
  readonly client: Client;
  readonly fold: (name: string) => string;
  /** How this phase's changes of anything but memberships are made; called once a phase. */
  readonly maker: (writing: Writing<Client>) => (change: Change) => Promise<Fate>;
  /** What a credential may be allowed or not allowed as one, where that is not everything. */
  readonly laneOf?: (change: Change) => string;
}

/** A writer; nothing is sent yet. */
export function writerOver<Client extends WritingClient>(options: WriterOptions<Client>): Writer {
  const { client, fold } = options;
  const directory = new Directory(fold);
  const halt = new Halt(client.connections);
  const run = randomBytes(6).toString("hex");
  const keyOf = (change: Change) => `${change.id}-${run}`;
  return {
    write: async (changes, live, onOutcome) => {
      directory.learnRenames(changes, live);
      const units = unitsOf({ client, directory, live, changes, keyOf }, options);
      await runUnits(units, changes, { connections: client.connections, halt }, onOutcome);
    },
    requests: client.requests,
    close: client.close,
  };
}

function unitsOf<Client extends WritingClient>(writing: Writing<Client>, options: WriterOptions<Client>): Unit[] {
  const { client, directory, live, changes } = writing;
  const { fold, laneOf } = options;
  const make = options.maker(writing);
  const singles = changes.filter(({ kind }) => kind !== MEMBERSHIP);
  const memberships = groupBySection(changes.filter(({ kind }) => kind === MEMBERSHIP));
  return [
    ...singles.map((change) => ({
      changes: [change],
      act: async (settle: Settle) => settle(change, await make(change)),
      ...(laneOf ? { lane: laneOf(change) } : {}),
    })),
    ...[...memberships].flatMap(([section, some]) =>
      membershipUnits(groupOfSection(section) ?? "", some, { client, directory, live, fold }),
    ),
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
