// Keys as JSON (schemas/output/keys.json). It refuses to leave a property out: what is not known is null.
import type { KeyLine, KeyLines } from "../model/key-lines.ts";

export interface KeysJson {
  readonly version: 1;
  readonly targets: readonly { readonly target: string; readonly keys: readonly KeyJson[] }[];
}

type KeyJson = { readonly [property in keyof KeyLine]: Exclude<KeyLine[property], undefined> | null };

export function keysToJson(targets: readonly KeyLines[]): KeysJson {
  return { version: 1, targets: targets.map(({ target, keys }) => ({ target, keys: keys.map(keyToJson) })) };
}

function keyToJson(line: KeyLine): KeyJson {
  return {
    name: line.name,
    scope: line.scope ?? null,
    uses: line.uses,
    owner: line.owner ?? null,
    ownerThere: line.ownerThere ?? null,
    id: line.id ?? null,
    lastFour: line.lastFour ?? null,
    fingerprint: line.fingerprint ?? null,
    createdAt: line.createdAt ?? null,
    ageDays: line.ageDays ?? null,
    lastUsedAt: line.lastUsedAt ?? null,
    expiresAt: line.expiresAt ?? null,
    rotateAt: line.rotateAt ?? null,
    standing: line.standing,
    graceUntil: line.graceUntil ?? null,
  };
}
