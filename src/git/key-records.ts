// What the ledger holds of keys: one small file for every step of issuing, replacing or revoking one, in a folder for each of these.
// It files and finds; what is no such record is passed over, since nothing can take it off the ledger again.
import { createHash } from "node:crypto";
import { compareText } from "../model/finding.ts";
import type { RotationEvent, RotationRecord } from "../model/rotation.ts";
import type { Ledger } from "./ledger.ts";
import { LEDGER_AUTHOR, stableJson } from "./records.ts";
import { assertTarget } from "./refs.ts";

/** Records a step and returns the path of its file. */
export async function recordKeyStep(ledger: Ledger, record: RotationRecord): Promise<string> {
  const content = stableJson(record);
  const path = `${folderOf(record.target)}/${assertRotation(record.rotation)}/${fileOf(record, content)}`;
  await ledger.append({
    files: [{ path, content }],
    subject: `${record.target}: key ${record.name}: ${record.step}`,
    body: `by ${record.by}`,
    at: new Date(record.at),
    author: LEDGER_AUTHOR,
  });
  return path;
}

/** All records of a target's keys, in the order of their folders and numbers. */
export async function readKeySteps(ledger: Ledger, target: string): Promise<RotationRecord[]> {
  const paths = (await ledger.list(folderOf(target))).sort(compareText);
  if (paths.length === 0) return [];
  const texts = await ledger.readAll(paths);
  return paths.flatMap((path) => readRecord(texts.get(path), target) ?? []);
}

/** A name for a rotation: a listing of the folder is in order of time. `chance` tells two of one instant apart. */
export function rotationId(at: Date, chance: string): string {
  return `${at.toISOString().replace(/[-:.]/g, "")}-${createHash("sha256").update(chance).digest("hex").slice(0, 8)}`;
}

function folderOf(target: string): string {
  return `${assertTarget(target)}/keys`;
}

/**
 * Two clones may give one number to different steps, when one of them was killed before it could push: the content is part of the
 * name, so that both can stay.
 */
function fileOf({ number, step }: RotationRecord, content: string): string {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 8);
  return `${String(number).padStart(4, "0")}-${step}-${digest}.json`;
}

function assertRotation(id: string): string {
  if (!/^\d{8}T\d{9}Z-[0-9a-f]{8}$/.test(id)) throw new Error(`not a rotation: ${JSON.stringify(id)}`);
  return id;
}

function readRecord(text: string | undefined, target: string): RotationRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.target !== target || value.version !== 1) return undefined;
  if (!["name", "rotation", "by", "step"].every((part) => typeof value[part] === "string")) return undefined;
  if (!Number.isSafeInteger(value.number) || !isInstant(value.at)) return undefined;
  const whole = WHOLE[value.step as RotationEvent["step"]];
  return whole?.(value) === true ? (value as unknown as RotationRecord) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const ofKey = ({ key }: Fields) => isMark(key);
const ofKeyBecause = (fields: Fields) => ofKey(fields) && typeof fields.because === "string";

/** What each step must say besides what all do. */
const WHOLE: Readonly<Record<RotationEvent["step"], (fields: Fields) => boolean>> = {
  start: ({ purpose, commit, graceSeconds, old }) =>
    ["rotation", "compromised", "issue", "revocation"].includes(String(purpose)) &&
    typeof commit === "string" &&
    Number.isFinite(graceSeconds) &&
    Array.isArray(old) &&
    old.every(isMark),
  creating: ({ token, attributes }) => typeof token === "string" && isObject(attributes),
  created: (fields) => typeof fields.token === "string" && ofKey(fields),
  tried: ofKey,
  delivering: (fields) =>
    ofKey(fields) &&
    isObject(fields.sink) &&
    typeof fields.sink.kind === "string" &&
    typeof fields.sink.digest === "string",
  delivered: ofKey,
  undelivered: ofKeyBecause,
  verified: (fields) => ofKey(fields) && (fields.platformAt === undefined || isInstant(fields.platformAt)),
  refused: ofKeyBecause,
  revoking: ofKeyBecause,
  revoked: ofKey,
  end: ({ outcome }) => ["done", "failed", "superseded"].includes(String(outcome)),
};

function isMark(value: unknown): boolean {
  return isObject(value) && typeof value.id === "string";
}

function isObject(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isInstant(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}
