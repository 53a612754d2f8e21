// What is on record of keys, a line for each step, for people. The record holds no secret, and neither does this.
import type { KeyMark, RotationRecord } from "../model/rotation.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";

/** The steps in the order they are given, as text ending in a newline; each rotation under a line of its own. */
export function renderKeyLog(records: readonly RotationRecord[]): string {
  const lines = records.flatMap((record, index) => [
    ...(records[index - 1]?.rotation === record.rotation ? [] : [...(index === 0 ? [] : [""]), titleOf(record)]),
    `  ${record.at}  ${describeStep(record)}; by ${escapeTerminal(record.by)}`,
  ]);
  return `${lines.join("\n")}\n`;
}

function titleOf({ target, name, rotation }: RotationRecord): string {
  return `${showName(target)}: ${showName(name)} (${showName(rotation)})`;
}

function describeStep(record: RotationRecord): string {
  switch (record.step) {
    case "start": {
      const old = record.old.length === 0 ? "no key live" : record.old.map(showKey).join(", ");
      return `start of ${record.purpose === "compromised" ? "replacing a compromised key" : `the ${record.purpose}`}: ${old}`;
    }
    case "creating":
      return "about to make a key";
    case "created":
      return `made ${showKey(record.key)}`;
    case "tried":
      return `${showKey(record.key)} works`;
    case "delivering":
      return `about to deliver ${showKey(record.key)} (${showName(record.sink.kind)})`;
    case "delivered":
      return `delivered ${showKey(record.key)}`;
    case "undelivered":
      return `${showKey(record.key)} is not with the sink: ${said(record.because)}`;
    case "verified":
      return `${showKey(record.key)} works, delivered as it is`;
    case "refused":
      return `${showKey(record.key)} does not work: ${said(record.because)}`;
    case "revoking":
      return `about to revoke ${showKey(record.key)}: ${said(record.because)}`;
    case "revoked":
      return `revoked ${showKey(record.key)}`;
    case "end":
      return `end: ${record.outcome}${record.because === undefined ? "" : `: ${said(record.because)}`}`;
    default:
      return record satisfies never;
  }
}

function said(text: string): string {
  return escapeTerminal(text, MESSAGE_LENGTH);
}

function showKey({ id, lastFour }: KeyMark): string {
  return lastFour === undefined ? showName(id) : `…${showName(lastFour)} (${showName(id)})`;
}
