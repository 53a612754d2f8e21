// `rolebook keys issue`, `rotate` and `revoke`: the only place in Rolebook that opens a key ring. It claims the target as an apply
// does, puts every step on the ledger, and goes on with what an earlier run began. Which step comes next, it is told.
import { randomUUID } from "node:crypto";
import { GitError } from "../git/error.ts";
import { readKeySteps, recordKeyStep, rotationId } from "../git/key-records.ts";
import { type Ledger, openLedger } from "../git/ledger.ts";
import { syncLedger } from "../git/ledger-sync.ts";
import { acquireLock } from "../git/lock.ts";
import type { Repository } from "../git/repository.ts";
import type { Attributes, Entity } from "../model/entity.ts";
import type { KeyRing, KeyRow } from "../model/keys.ts";
import type { Rotation, RotationEvent, RotationPurpose, RotationRecord } from "../model/rotation.ts";
import type { Target } from "../model/settings.ts";
import { addRecord, rotationsOf } from "../plan/rotation.ts";
import { fetchBefore, type Leave, openLeave } from "./apply-record.ts";
import { connectionOf } from "./connect.ts";
import { type Context, EXIT, type ExitCode, OperatorError } from "./context.ts";
import { declaredKeys, type KeysAction, type KeysOptions, keyTargets, likelyKey, requiredKind } from "./keys.ts";
import { assertMayBegin, type Beginning, chooseBeginning } from "./keys-begin.ts";
import { carryOn, markOf, shownKey } from "./keys-carry.ts";
import { openSink, type Sink } from "./keys-sinks.ts";
import { tellRest } from "./keys-tell.ts";
import { driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export type ChangeAction = Exclude<KeysAction, "list" | "log">;

/** What one run knows of the key it is about. */
export interface KeyJob {
  readonly context: Context;
  readonly workspace: Workspace;
  readonly repository: Repository;
  readonly commit: string;
  readonly target: Target;
  readonly action: ChangeAction;
  /** As its file writes it, or as it was given where no file speaks of it. */
  readonly name: string;
  readonly declared: Entity | undefined;
  /** Of the target's files, those of all keys. */
  readonly names: readonly string[];
  readonly sink: Sink | undefined;
  readonly options: KeysOptions;
}

/** A new key may need a moment until every part of the platform knows it. */
const PATIENCE_MS = [500, 1500];

/** Runs `keys issue`, `rotate` or `revoke`. Exit 2 when an old key goes on for its grace time. */
export async function changeKey(
  context: Context,
  action: ChangeAction,
  name: string,
  options: KeysOptions,
): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: true });
  const { repository, commit } = workspace;
  if (!repository || commit === null)
    throw new OperatorError(
      `keys ${action} needs policies that are committed in a Git repository`,
      "What happens to a key is put on record there: git init, then commit.",
    );
  const hidden = new Set((workspace.policies.settings?.targets ?? []).flatMap((one) => Object.values(one.credentials)));
  const sink = options.sink === undefined ? undefined : openSink(context, options.sink, hidden);
  const found = findKey(context, workspace, name, options);
  const job: KeyJob = { context, workspace, repository, commit, action, sink, options, ...found };
  const lock = await acquireLock(repository, job.target.name, context.now());
  try {
    return await underLock(job);
  } finally {
    await lock.release();
  }
}

/** The target that a key is of: where it is declared, or the only one there is. */
function findKey(context: Context, workspace: Workspace, name: string, options: KeysOptions) {
  const all = keyTargets(workspace, options).map((target) => {
    const { fold } = driverOf(target).platform;
    const declared = declaredKeys(workspace, target, context.now());
    return { target, declared: declared.get(fold(name)), names: [...declared.values()].map((one) => one.name) };
  });
  const known = all.filter(({ declared }) => declared);
  const [first, second] = known.length > 0 ? known : all;
  if (!first || second) {
    const which = `Say which target it is of: --target ${all.map(({ target }) => target.name).join(", or --target ")}.`;
    const guess = likelyKey(
      name,
      all.flatMap(({ names }) => names),
    );
    throw known.length === 0
      ? new OperatorError(`No file declares a key ${name}`, guess ?? which)
      : new OperatorError(`Several targets have a key ${name}`, which);
  }
  return { target: first.target, declared: first.declared, names: first.names, name: first.declared?.name ?? name };
}

async function underLock(job: KeyJob): Promise<ExitCode> {
  const { context, repository, target, options } = job;
  const remote = options.offline ? undefined : await repository.remote();
  const before = await fetchBefore(repository, remote, target.name);
  const ledger = openLedger(repository);
  const { openKeyRing } = await driverOf(target).load();
  const ring = openKeyRing?.(connectionOf(context, target));
  if (!ring) throw new OperatorError(`Keys of ${target.name} cannot be changed by Rolebook`);
  try {
    const rows = await readRows(ring, job);
    const live = rows.filter((row) => row.revokedAt === undefined && isOurs(job, row));
    const records = await readKeySteps(ledger, target.name);
    const open = rotationsOf(records.filter((record) => isOurs(job, record))).filter(({ ended }) => !ended);
    const known = [...job.names, ...[...rows, ...records].map(({ name }) => name)];
    const beginning = chooseBeginning(job, live, open, known);
    if (beginning.kind === "nothing") {
      context.out(`${beginning.said}\n`);
      return EXIT.done;
    }
    if (!(await assertMayBegin(job, beginning))) return EXIT.refused;
    const leave = await openLeave(context, repository, before, ledger, { target: target.name, fresh: undefined });
    try {
      return await underClaim(job, { ring, ledger, remote, leave }, beginning, live);
    } finally {
      leave.end();
      await publish(job, remote);
      await leave.claim?.release(context.now());
    }
  } finally {
    await ring.close();
  }
}

async function readRows(ring: KeyRing, job: KeyJob): Promise<readonly KeyRow[]> {
  const { rows, findings } = await ring.list();
  for (const { message } of findings) job.context.err(`Warning: ${message}\n`);
  return rows;
}

function isOurs({ target, name }: Pick<KeyJob, "target" | "name">, row: Pick<KeyRow, "name">): boolean {
  const { fold } = driverOf(target).platform;
  return fold(row.name) === fold(name);
}

interface Hands {
  readonly ring: KeyRing;
  readonly ledger: Ledger;
  readonly remote: string | undefined;
  readonly leave: Leave;
}

async function underClaim(
  job: KeyJob,
  { ring, ledger, remote, leave }: Hands,
  beginning: Exclude<Beginning, { kind: "nothing" }>,
  live: readonly KeyRow[],
): Promise<ExitCode> {
  const { context, repository, target, options, sink, declared } = job;
  const by = await repository.identity();
  const record = async (rotation: Rotation, event: RotationEvent, first: boolean): Promise<RotationRecord> => {
    const at = context.now().toISOString();
    const { id, name, number } = rotation;
    const line = { version: 1, target: target.name, name, rotation: id, number: number + 1, at, by, ...event } as const;
    await recordKeyStep(ledger, line);
    if (first && remote !== undefined) await syncLedger(repository, remote);
    return line;
  };
  let stopped = false;
  const forget = context.onStop(() => {
    stopped = true;
    context.err("\nStopping after the step under way; run the same command again to go on.\n");
  });
  try {
    for (const open of beginning.supersedes) await record(open, { step: "end", outcome: "superseded" }, false);
    const rotation = beginning.kind === "continue" ? beginning.rotation : await begin(job, beginning, record);
    if (beginning.kind === "continue")
      context.err(`Going on with what ${rotation.by} began at ${rotation.startedAt}.\n`);
    const rest = await carryOn(rotation, {
      ring,
      isOurs: (row) => isOurs(job, row),
      attributes: attributesOf(job, declared, live),
      sink,
      otherSink: options.otherSink,
      graceSeconds: options.grace ?? rotation.graceSeconds,
      record,
      now: context.now,
      check: () => {
        if (stopped) throw new OperatorError("Stopped", "Run the same command again to go on.");
        if (!leave.holds())
          throw new OperatorError(`The claim on ${target.name} was lost`, "Run the same command again.");
      },
      tell: context.err,
      patienceMs: PATIENCE_MS,
    });
    return tellRest(job, rest);
  } finally {
    forget();
  }
}

async function begin(
  job: KeyJob,
  { purpose, old }: Extract<Beginning, { kind: "begin" }>,
  record: (rotation: Rotation, event: RotationEvent, first: boolean) => Promise<RotationRecord>,
): Promise<Rotation> {
  const { context, commit, name, options, repository } = job;
  const now = context.now();
  const fresh = freshRotation(rotationId(now, randomUUID()), name, purpose, options.grace);
  const by = await repository.identity();
  const { graceSeconds } = fresh;
  const event: RotationEvent = { step: "start", purpose, commit, graceSeconds, old: old.map(markOf) };
  const line = await record({ ...fresh, by, startedAt: now.toISOString() }, event, true);
  context.err(
    `${describePurpose(purpose)} ${name}: ${old.length === 0 ? "no key is live" : old.map((row) => shownKey(markOf(row))).join(", ")}.\n`,
  );
  const [rotation] = rotationsOf([line]);
  return addRecord(rotation ?? fresh, line);
}

function freshRotation(id: string, name: string, purpose: RotationPurpose, grace: number | undefined): Rotation {
  return {
    id,
    name,
    purpose,
    startedAt: "",
    by: "",
    graceSeconds: grace ?? DEFAULT_GRACE_SECONDS,
    old: [],
    attempts: [],
    revoked: [],
    ended: undefined,
    number: 0,
  };
}

/** A day: whoever reads the sink once a day has the new key by then. */
const DEFAULT_GRACE_SECONDS = 86_400;

function describePurpose(purpose: RotationPurpose): string {
  switch (purpose) {
    case "rotation":
      return "Rotating";
    case "compromised":
      return "Replacing the compromised";
    case "issue":
      return "Issuing";
    case "revocation":
      return "Revoking";
    default:
      return purpose satisfies never;
  }
}

/** A rotation changes nothing about a key but its owner: a new one is what the newest live one is, or else what is declared. */
function attributesOf(
  { target }: KeyJob,
  declared: Entity | undefined,
  live: readonly KeyRow[],
): Attributes | undefined {
  const { attributes, keys } = requiredKind(driverOf(target).platform);
  const [newest] = [...live].sort((left, right) => Date.parse(right.createdAt) - Date.parse(left.createdAt));
  const owner = declared?.attributes[keys.owner];
  const source = newest
    ? { ...newest.attributes, ...(owner === undefined ? {} : { [keys.owner]: owner }) }
    : declared?.attributes;
  if (!source) return undefined;
  return Object.fromEntries(
    Object.entries(source).filter(([name]) => attributes[name] && !attributes[name].policyOnly),
  );
}

/** Pushes what is on record. That it could not be is said; the next run pushes it. */
async function publish({ context, repository }: KeyJob, remote: string | undefined): Promise<void> {
  if (remote === undefined) return;
  try {
    await syncLedger(repository, remote);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    context.err(`What was done is recorded here, but could not be pushed to ${remote}: ${error.message}\n`);
    context.err("Any command that records something pushes it as well.\n");
  }
}
