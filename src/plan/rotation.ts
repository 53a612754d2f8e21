// How a key is replaced while its users go on working: from what is on record and what is live, the one next step. It may be asked
// again at any moment, by whoever goes on with what another process began. It does nothing, and holds no secret: only which key's
// secret is at hand.
import type { KeyRow } from "../model/keys.ts";
import type { Attempt, KeyMark, Rotation, RotationRecord } from "../model/rotation.ts";

/** What is so now. */
export interface Look {
  /** Keys of the rotation's name that are not revoked. */
  readonly live: readonly KeyRow[];
  /** The id of the key whose secret this process has. */
  readonly inHand: string | undefined;
  /** Something failed in this run, so that it makes no further new key: what it leaves behind is put in order. */
  readonly failed: boolean;
  readonly now: Date;
  /** By the platform's clock. */
  readonly platformNow: Date | undefined;
  readonly graceSeconds: number;
}

export type Step =
  /** `again`: what was begun and not answered; else another key. */
  | { readonly kind: "create"; readonly again: Pick<Attempt, "token" | "attributes"> | undefined }
  | { readonly kind: "try"; readonly key: KeyMark }
  | { readonly kind: "deliver"; readonly key: KeyMark }
  | { readonly kind: "verify"; readonly key: KeyMark }
  | { readonly kind: "revoke"; readonly key: KeyMark; readonly because: string }
  /** Nothing to do before `until`, by our clock. `keys` are those that it then revokes. */
  | { readonly kind: "wait"; readonly until: Date; readonly keys: readonly KeyMark[] }
  /** The sink may hold a new key that was not seen to work from there: another run has to deliver another one. */
  | { readonly kind: "stuck"; readonly keys: readonly KeyMark[] }
  | { readonly kind: "end"; readonly outcome: "done" | "failed" };

/** The next step. The same record and the same look give the same step. */
export function nextStep(rotation: Rotation, look: Look): Step {
  const ids = new Set(look.live.map(({ id }) => id));
  const alive = (keys: readonly KeyMark[]) => keys.filter(({ id }) => ids.has(id));
  const old = alive(rotation.old);
  const [first] = old;
  if (first && rotation.purpose === "revocation") return revoke(first, "asked for");
  if (first && rotation.purpose === "compromised") return revoke(first, "compromised");
  if (rotation.purpose === "revocation") return { kind: "end", outcome: "done" };
  const attempts = rotation.attempts.filter(({ key }) => key !== undefined && ids.has(key.id));
  const last = rotation.attempts.at(-1);
  const current = last && attempts.includes(last) ? last : undefined;
  for (const attempt of attempts) {
    const why = whyUseless(attempt, attempt === current, look);
    if (why !== undefined && attempt.key) return revoke(attempt.key, why);
  }
  // All that are left are at hand, or may be held by the sink.
  if (current?.verified) return afterVerified(current.verified, [...keysOf(attempts, current), ...old], look);
  const held = keysOf(attempts.filter(mayBeHeld), undefined);
  if (look.failed) return held.length > 0 ? { kind: "stuck", keys: held } : { kind: "end", outcome: "failed" };
  if (current?.key && current.key.id === look.inHand) return handOn(current, current.key);
  return { kind: "create", again: last && last.key === undefined ? last : undefined };
}

function revoke(key: KeyMark, because: string): Step {
  return { kind: "revoke", key, because };
}

/** A new key that nobody can ever use. What the sink may hold is never among them. */
function whyUseless(attempt: Attempt, current: boolean, look: Look): string | undefined {
  if (mayBeHeld(attempt)) return undefined;
  if (attempt.refused) return "it did not work";
  if (attempt.undelivered) return "it could not be delivered";
  if (look.failed) return "it was not delivered";
  return current && attempt.key?.id === look.inHand ? undefined : "its secret was lost before it was delivered";
}

/** From the moment that a delivery began, until the sink surely holds something else. */
export function mayBeHeld({ sink, undelivered }: Attempt): boolean {
  return sink !== undefined && !undelivered;
}

function keysOf(attempts: readonly Attempt[], but: Attempt | undefined): KeyMark[] {
  return attempts.flatMap((attempt) => (attempt.key && attempt !== but ? [attempt.key] : []));
}

function handOn(attempt: Attempt, key: KeyMark): Step {
  if (!attempt.tried) return { kind: "try", key };
  if (!attempt.delivered) return { kind: "deliver", key };
  return { kind: "verify", key };
}

/** Whoever took a key from the sink before has the grace time to take the new one: the old ones', and any that a lost run delivered. */
function afterVerified(verified: NonNullable<Attempt["verified"]>, keys: readonly KeyMark[], look: Look): Step {
  const [first] = keys;
  if (!first) return { kind: "end", outcome: "done" };
  const left = graceLeftMs(verified, look);
  return left > 0 ? { kind: "wait", until: new Date(look.now.getTime() + left), keys } : revoke(first, "replaced");
}

/**
 * Each clock is held against itself: ours may be another machine's by now, and the platform's may be off, but both must say that
 * the time has passed. A clock that has gone back never asks for more than the whole grace time.
 */
function graceLeftMs({ at, platformAt }: NonNullable<Attempt["verified"]>, look: Look): number {
  const graceMs = look.graceSeconds * 1000;
  const left = (from: string, now: Date) => Math.min(Date.parse(from) + graceMs - now.getTime(), graceMs);
  const ours = left(at, look.now);
  return platformAt === undefined || look.platformNow === undefined
    ? ours
    : Math.max(ours, left(platformAt, look.platformNow));
}

/** Live keys of the name that the rotation neither found at its start nor made. */
export function strangersOf(rotation: Rotation, live: readonly KeyRow[]): KeyRow[] {
  const known = new Set([...rotation.old, ...keysOf(rotation.attempts, undefined)].map(({ id }) => id));
  return live.filter(({ id }) => !known.has(id));
}

/** Keys of the rotation that are not live any more, and not by its own doing. */
export function goneOf(rotation: Rotation, live: readonly KeyRow[]): KeyMark[] {
  const there = new Set([...live.map(({ id }) => id), ...rotation.revoked]);
  return [...rotation.old, ...keysOf(rotation.attempts, undefined)].filter(({ id }) => !there.has(id));
}

/** All rotations that records tell of, oldest first. Records without a start tell of none. */
export function rotationsOf(records: readonly RotationRecord[]): Rotation[] {
  const byId = new Map<string, RotationRecord[]>();
  for (const record of records) byId.set(record.rotation, [...(byId.get(record.rotation) ?? []), record]);
  const rotations = [...byId.values()].flatMap((lines) => foldRecords(lines) ?? []);
  return rotations.sort((left, right) => Date.parse(left.startedAt) - Date.parse(right.startedAt));
}

function foldRecords(lines: readonly RotationRecord[]): Rotation | undefined {
  const ordered = [...lines].sort((left, right) => left.number - right.number);
  const start = ordered.find((line) => line.step === "start");
  if (!start) return undefined;
  let rotation: Rotation = {
    id: start.rotation,
    name: start.name,
    purpose: start.purpose,
    startedAt: start.at,
    by: start.by,
    graceSeconds: start.graceSeconds,
    old: start.old,
    attempts: [],
    revoked: [],
    ended: undefined,
    number: start.number,
  };
  for (const line of ordered) rotation = addRecord(rotation, line);
  return rotation;
}

/** A rotation with one more line. */
export function addRecord(before: Rotation, line: RotationRecord): Rotation {
  const rotation = { ...before, number: Math.max(before.number, line.number) };
  switch (line.step) {
    case "start":
    case "revoked":
      // Whether it is, the platform says best.
      return rotation;
    case "revoking":
      return { ...rotation, revoked: [...rotation.revoked, line.key.id] };
    case "creating":
      return rotation.attempts.some(({ token }) => token === line.token)
        ? rotation
        : {
            ...rotation,
            attempts: [...rotation.attempts, { ...FRESH, token: line.token, attributes: line.attributes }],
          };
    case "created":
      return amend(rotation, (attempt) => attempt.token === line.token, { key: line.key });
    case "tried":
      return amend(rotation, isOf(line.key), { tried: true });
    case "delivering":
      return amend(rotation, isOf(line.key), { sink: line.sink, undelivered: false });
    case "delivered":
      return amend(rotation, isOf(line.key), { delivered: true });
    case "undelivered":
      return amend(rotation, isOf(line.key), { undelivered: true });
    case "verified":
      return amend(rotation, isOf(line.key), { verified: { at: line.at, platformAt: line.platformAt } });
    case "refused":
      return amend(rotation, isOf(line.key), { refused: true });
    case "end":
      return { ...rotation, ended: line.outcome };
    default:
      return line satisfies never;
  }
}

const FRESH: Omit<Attempt, "token" | "attributes"> = {
  key: undefined,
  tried: false,
  sink: undefined,
  delivered: false,
  undelivered: false,
  verified: undefined,
  refused: false,
};

function isOf(key: KeyMark): (attempt: Attempt) => boolean {
  return (attempt) => attempt.key?.id === key.id;
}

function amend(rotation: Rotation, which: (attempt: Attempt) => boolean, by: Partial<Attempt>): Rotation {
  return {
    ...rotation,
    attempts: rotation.attempts.map((attempt) => (which(attempt) ? { ...attempt, ...by } : attempt)),
  };
}
