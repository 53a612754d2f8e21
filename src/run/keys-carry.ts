// Carries a rotation on, step by step, until it has to wait or is at its end. What may change something is on record before it is
// done, and what came of it after; so whoever is killed here leaves enough behind for the next run. The secret of the new key lives
// in this file's one variable, from the answer that brings it until a sink has it.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PlatformError } from "../model/driver.ts";
import type { Attributes } from "../model/entity.ts";
import type { KeyRing, KeyRow, Secret, Verification } from "../model/keys.ts";
import type { KeyMark, Rotation, RotationEvent, RotationRecord } from "../model/rotation.ts";
import { addRecord, goneOf, mayBeHeld, nextStep, type Step, strangersOf } from "../plan/rotation.ts";
import { OperatorError } from "./context.ts";
import type { Sink } from "./keys-sinks.ts";

export interface CarryTools {
  readonly ring: KeyRing;
  /** Whether a row is of the rotation's name. */
  readonly isOurs: (row: KeyRow) => boolean;
  /** What a new key is asked for with; undefined where none is to be made. */
  readonly attributes: Attributes | undefined;
  readonly sink: Sink | undefined;
  /** The sink may be another one than before. */
  readonly otherSink: boolean;
  readonly graceSeconds: number;
  /** Puts a step on record; with `first` it is also where every other clone sees it, before anything is done. */
  readonly record: (rotation: Rotation, event: RotationEvent, first: boolean) => Promise<RotationRecord>;
  readonly now: () => Date;
  /** Throws when the next step must not be begun: the target is somebody else's by now, or somebody asked to stop. */
  readonly check: () => void;
  readonly tell: (text: string) => void;
  /** Before a refusal is believed, the platform may need a moment to know a new key. */
  readonly patienceMs: readonly number[];
}

/** Where it rests. */
export interface Rest {
  readonly step: Extract<Step, { readonly kind: "wait" | "stuck" | "end" }>;
  readonly rotation: Rotation;
  /** The keys of the name, and of them those that it did not make and does not touch. */
  readonly live: readonly KeyRow[];
  readonly strangers: readonly KeyRow[];
  /** Why something failed in this run; a sentence. */
  readonly failure: string | undefined;
}

/** What one run knows besides the record. */
interface Run {
  rotation: Rotation;
  secret: { readonly row: KeyRow; readonly secret: Secret } | undefined;
  failure: string | undefined;
  undo: (() => Promise<void>) | undefined;
}

/** The last look at the platform. */
interface Seen {
  /** Keys of the name that are not revoked. */
  readonly live: readonly KeyRow[];
  /** What the platform's clock said. */
  readonly at: Date | undefined;
}

/** Throws `PlatformError` or `GitError` where it could not go on; the same call goes on from there. */
export async function carryOn(rotation: Rotation, tools: CarryTools): Promise<Rest> {
  const run: Run = { rotation, secret: undefined, failure: undefined, undo: undefined };
  const gone = new Set<string>();
  let list = await tools.ring.list();
  for (;;) {
    const live = list.rows.filter((row) => row.revokedAt === undefined && tools.isOurs(row));
    for (const key of goneOf(run.rotation, live).filter(({ id }) => !gone.has(id))) {
      gone.add(key.id);
      tools.tell(`The key ${shownKey(key)} was revoked by somebody else meanwhile.\n`);
    }
    const step = nextStep(run.rotation, {
      live,
      inHand: run.secret?.row.id,
      failed: run.failure !== undefined,
      now: tools.now(),
      platformNow: list.at,
      graceSeconds: tools.graceSeconds,
    });
    if (step.kind === "wait" || step.kind === "stuck" || step.kind === "end") {
      if (step.kind === "end") await note(run, tools, endOf(step.outcome, run.failure));
      return { step, rotation: run.rotation, live, strangers: strangersOf(run.rotation, live), failure: run.failure };
    }
    tools.check();
    await take(run, tools, step, { live, at: list.at });
    // What was tried and delivered changes nothing in the list.
    if (step.kind !== "try" && step.kind !== "deliver") list = await tools.ring.list();
  }
}

function endOf(outcome: "done" | "failed", failure: string | undefined): RotationEvent {
  return { step: "end", outcome, ...(failure === undefined ? {} : { because: failure }) };
}

async function note(run: Run, { record }: CarryTools, event: RotationEvent, first = false): Promise<void> {
  run.rotation = addRecord(run.rotation, await record(run.rotation, event, first));
}

async function take(
  run: Run,
  tools: CarryTools,
  step: Exclude<Step, { readonly kind: "wait" | "stuck" | "end" }>,
  seen: Seen,
): Promise<void> {
  switch (step.kind) {
    case "create":
      return create(run, tools, step.again, seen.live);
    case "try":
      return tryIt(run, tools, step.key);
    case "deliver":
      return deliver(run, tools, step.key);
    case "verify":
      return verify(run, tools, step.key, seen.at);
    case "revoke":
      return revoke(run, tools, step, seen.live);
    default:
      return step satisfies never;
  }
}

async function create(
  run: Run,
  tools: CarryTools,
  again: Extract<Step, { kind: "create" }>["again"],
  live: readonly KeyRow[],
): Promise<void> {
  const { sink } = tools;
  const attributes = again?.attributes ?? tools.attributes;
  if (!sink || !attributes)
    throw new OperatorError(
      `A new key has to be made for ${run.rotation.name}, and nobody is there to receive it`,
      "Say where it goes: --sink github-secret:OWNER/REPO/NAME, file:PATH or command:COMMAND.",
    );
  if (!tools.otherSink) assertSameSink(run.rotation, sink);
  await sink.prepare();
  const token = again?.token ?? randomUUID();
  await note(run, tools, { step: "creating", token, attributes }, true);
  try {
    const { row, secret } = await tools.ring.create({ name: run.rotation.name, attributes }, token);
    run.secret = secret && { row, secret };
    await note(run, tools, { step: "created", token, key: markOf(row) });
    if (secret) tools.tell(`Made the key ${shownKey(markOf(row))}.\n`);
  } catch (error) {
    // A plain refusal makes nothing; after anything else the same token has to be asked again.
    if (!(error instanceof PlatformError) || !isRefusal(error.status)) throw error;
    // Asked again and refused, it does not tell whether a key was made the first time.
    const [lost] = again === undefined ? [] : strangersOf(run.rotation, live);
    if (lost) throw perhapsLost(run.rotation.name, lost, error);
    run.failure = `the platform refuses to make the key: ${error.message}`;
  }
}

function perhapsLost(name: string, row: KeyRow, error: PlatformError): OperatorError {
  return new OperatorError(
    `The key ${shownKey(markOf(row))} may have been made by this rotation before, and the platform refuses to say: ${error.message}`,
    `If nobody uses it, revoke it, then run this again: rolebook keys revoke ${JSON.stringify(name)} --key ${row.id}`,
  );
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![401, 408, 409, 425, 429].includes(status);
}

/** The sink that a new key may be in has to be the one that gets the next: nothing else takes the former one out of use. */
function assertSameSink(rotation: Rotation, sink: Sink): void {
  const other = rotation.attempts.find(
    (attempt) => mayBeHeld(attempt) && attempt.verified === undefined && attempt.sink?.digest !== sink.mark.digest,
  );
  if (!other?.sink) return;
  throw new OperatorError(
    `The rotation of ${rotation.name} was delivering a new key to another sink (${other.sink.kind}), which may hold it`,
    "Go on with that sink. Where this one takes its place, add --other-sink: what that one holds is revoked after the grace time.",
  );
}

async function tryIt(run: Run, tools: CarryTools, key: KeyMark): Promise<void> {
  const found = await ask(run, tools);
  if (found.kind === "works") return note(run, tools, { step: "tried", key });
  run.failure = `the new key does not work, so it was not delivered: ${found.because}`;
  if (found.kind === "refused") await note(run, tools, { step: "refused", key, because: found.because });
}

async function deliver(run: Run, tools: CarryTools, key: KeyMark): Promise<void> {
  const { sink } = tools;
  if (!sink || !run.secret) throw new Error("a delivery without a secret or a sink");
  await note(run, tools, { step: "delivering", key, sink: sink.mark }, true);
  const delivery = await sink.deliver(run.secret.secret);
  if (delivery.kind === "delivered") {
    run.undo = delivery.undo;
    tools.tell(`Delivered it to ${sink.shown}.\n`);
    return note(run, tools, { step: "delivered", key });
  }
  run.failure = `the delivery to ${sink.shown} failed: ${delivery.because}`;
  if (delivery.kind === "failed") await note(run, tools, { step: "undelivered", key, because: delivery.because });
}

async function verify(run: Run, tools: CarryTools, key: KeyMark, at: Date | undefined): Promise<void> {
  const found = await ask(run, tools);
  if (found.kind === "works") {
    // What the platform's clock said a moment before: the grace time is not shortened by it, since ours has to pass as well.
    const platformAt = at === undefined ? {} : { platformAt: at.toISOString() };
    tools.tell("It works.\n");
    // Nobody here needs it any more.
    run.secret = undefined;
    return note(run, tools, { step: "verified", key, ...platformAt });
  }
  run.failure = `the new key was delivered and does not work: ${found.because}`;
  if (found.kind === "refused") await note(run, tools, { step: "refused", key, because: found.because });
  await takeBack(run, tools, key);
}

/** Where a sink can hold again what it held before, a key that does not work does not stay there. */
async function takeBack(run: Run, tools: CarryTools, key: KeyMark): Promise<void> {
  if (!run.undo) return;
  try {
    await run.undo();
    run.failure += `. ${tools.sink?.shown} holds again what it held before`;
    await note(run, tools, { step: "undelivered", key, because: "the sink was given back what it held before" });
  } catch (error) {
    run.failure += `, and what ${tools.sink?.shown} held before could not be put back: ${messageOf(error)}`;
  }
}

/** Uses the new key. A refusal is believed when it stays one; what cannot be told is neither. */
async function ask(
  run: Run,
  { ring, patienceMs }: CarryTools,
): Promise<Verification | { kind: "unknown"; because: string }> {
  if (!run.secret) throw new Error("a verification without a secret");
  const { row, secret } = run.secret;
  try {
    let found = await ring.verify(row, secret);
    for (const waitMs of patienceMs) {
      if (found.kind === "works") return found;
      await sleep(waitMs);
      found = await ring.verify(row, secret);
    }
    return found;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { kind: "unknown", because: error.message };
  }
}

async function revoke(
  run: Run,
  tools: CarryTools,
  { key, because }: Extract<Step, { kind: "revoke" }>,
  live: readonly KeyRow[],
): Promise<void> {
  await note(run, tools, { step: "revoking", key, because }, true);
  await tools.ring.revoke(key);
  tools.tell(`Revoked the key ${shownKey(key)}: ${because}.\n`);
  await note(run, tools, { step: "revoked", key });
  const verified = run.rotation.attempts.at(-1)?.verified;
  const used = live.find(({ id }) => id === key.id)?.lastUsedAt;
  if (verified && used && Date.parse(used) > Date.parse(verified.platformAt ?? verified.at))
    tools.tell(`Warning: it was still used at ${used}; whoever that was has to take the new one.\n`);
}

/** What records may know of a key. */
export function markOf({ id, fingerprint, lastFour }: KeyRow): KeyMark {
  return { id, ...(fingerprint === undefined ? {} : { fingerprint }), ...(lastFour === undefined ? {} : { lastFour }) };
}

/** A key as messages name it. */
export function shownKey({ id, lastFour }: KeyMark): string {
  return lastFour === undefined ? id : `…${lastFour} (${id})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
