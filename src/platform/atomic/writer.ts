// Makes approved changes on an Atomic organization, each with a precondition, and says truthfully what became of
// each: nothing is forced, and nobody is told "applied" on hope. Plans nothing and reads only what it must decide by.
import { randomBytes } from "node:crypto";
import pLimit from "p-limit";
import type { Change } from "../../model/change.ts";
import { type Connection, PlatformError, type Writer } from "../../model/driver.ts";
import type { State } from "../../model/entity.ts";
import { groupOfSection, MEMBERSHIP } from "../../model/entity.ts";
import type { Outcome } from "../../model/receipt.ts";
import { HttpError, UnreachableError } from "../http/failure.ts";
import { BodyError } from "./body.ts";
import { type Client, openClient } from "./client.ts";
import { Directory } from "./directory.ts";
import { membershipUnits } from "./memberships.ts";
import { makeChange } from "./single.ts";

/** What became of a change: an outcome without the change's id. */
export type Fate = Omit<Outcome, "change">;

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
  const directory = new Directory();
  const halt = new Halt(client.connections);
  const run = randomBytes(6).toString("hex");
  const keyOf = (change: Change) => `${change.id}-${run}`;
  return {
    write: (changes, live, onOutcome) => writePhase({ client, directory, live, keyOf }, changes, halt, onOutcome),
    requests: client.requests,
    close: client.close,
  };
}

/** Stops sending when it is clear that nothing will be accepted any more; what was not tried is told so. */
class Halt {
  reason: string | undefined;
  readonly patience: number;
  unanswered = 0;
  constructor(connections: number) {
    this.patience = connections;
  }

  note(error: unknown): void {
    if (error instanceof HttpError && (error.status === 401 || error.status === 403)) this.reason ??= withHint(error);
    if (!(error instanceof UnreachableError)) {
      this.unanswered = 0;
      return;
    }
    this.unanswered += 1;
    if (this.unanswered >= this.patience) this.reason ??= error.message;
  }
}

/** Changes that are sent together, and how. `act` settles each of them, or throws for all that are left. */
export interface Unit {
  readonly changes: readonly Change[];
  readonly act: (settle: Settle) => Promise<void>;
}

/** Tells the fate of a change; only the first counts. */
export type Settle = (change: Change, fate: Fate) => void;

async function writePhase(
  writing: Writing,
  changes: readonly Change[],
  halt: Halt,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const open = new Map(changes.map((change) => [change.id, change]));
  const settle: Settle = (change, fate) => {
    if (open.delete(change.id)) onOutcome({ change: change.id, ...fate });
  };
  writing.directory.learnRenames(changes, writing.live);
  // As many at a time as there are connections, so that a halt is seen before the next one is sent.
  const limit = pLimit(writing.client.connections);
  await Promise.all(unitsOf(changes, writing).map((unit) => limit(() => runUnit(unit, halt, settle))));
  for (const change of open.values()) settle(change, { status: "failed", cause: "nothing was heard of it" });
}

async function runUnit(unit: Unit, halt: Halt, settle: Settle): Promise<void> {
  if (halt.reason !== undefined) {
    for (const change of unit.changes) settle(change, { status: "skipped", cause: `not tried: ${halt.reason}` });
    return;
  }
  try {
    await unit.act(settle);
    halt.unanswered = 0;
  } catch (error) {
    halt.note(error);
    for (const change of unit.changes) settle(change, fateOf(error));
  }
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

/** The fate of a change whose making threw. A bug of ours is not the platform's doing, but is still one change's fate. */
function fateOf(error: unknown): Fate {
  if (error instanceof UnreachableError && error.sent)
    return {
      status: "failed",
      cause: `${error.message}; whether it took effect is not known, the next read will tell`,
    };
  if (error instanceof PlatformError) return { status: "failed", cause: withHint(error) };
  if (error instanceof BodyError) return { status: "failed", cause: error.message };
  return { status: "failed", cause: `a bug in Rolebook: ${error instanceof Error ? error.message : "unknown"}` };
}

function withHint({ message, hint }: PlatformError): string {
  return hint === undefined ? message : `${message.replace(/\.$/, "")}. ${hint}`;
}
