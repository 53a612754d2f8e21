// Keys as a table and as JSON, from what is declared, live and on record; and that nothing of them commands a terminal.
import { describe, expect, it, test } from "vitest";
import type { Entity } from "../../src/model/entity.ts";
import type { KeyRow } from "../../src/model/keys.ts";
import type { Rotation } from "../../src/model/rotation.ts";
import { type KeyFacts, keyLines } from "../../src/plan/key-lines.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keysToJson } from "../../src/report/keys-json.ts";
import { renderKeys } from "../../src/report/keys-text.ts";
import { keyKindOf } from "../../src/run/keys.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { schemaErrors } from "./schema.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const kind = keyKindOf(atomyx);
if (!kind) throw new Error("Atomyx has keys");

const USES = { product: "acme-prod/manage", purpose: "production", owner: "ana@acme.example" };

function row(name: string, createdAt: string, more: Partial<KeyRow> = {}): KeyRow {
  const id = `id-of-${createdAt}`;
  return {
    id,
    name,
    attributes: USES,
    createdAt: `${createdAt}T00:00:00.000Z`,
    lastUsedAt: null,
    lastFour: "x7Qz",
    ...more,
  };
}

function declared(name: string, rotateEvery?: string): Entity {
  const attributes = { ...USES, ...(rotateEvery === undefined ? {} : { rotateEvery }) };
  return { kind: "ApiKey", section: "ApiKey", local: name.toLowerCase(), name, attributes };
}

const member = (name: string): Entity => ({ kind: "Member", section: "Member", local: name, name, attributes: {} });

const rotation: Rotation = {
  id: "r",
  name: "acme-prod/turning",
  purpose: "rotation",
  startedAt: "2026-11-23T10:00:00Z",
  by: "Ana",
  graceSeconds: 86_400,
  old: [],
  attempts: [
    {
      token: "t",
      attributes: {},
      key: { id: "k" },
      tried: true,
      sink: { kind: "file", digest: "1" },
      delivered: true,
      undelivered: false,
      verified: { at: "2026-11-23T10:00:00.000Z", platformAt: undefined },
      refused: false,
    },
  ],
  revoked: [],
  ended: undefined,
  number: 7,
};

const FACTS: KeyFacts = {
  platform: atomyx,
  kind,
  declared: [
    declared("acme-prod/Fresh", "90d"),
    declared("acme-prod/Near", "60d"),
    declared("acme-prod/Late", "30d"),
    declared("acme-prod/Ever"),
    declared("acme-prod/Gone", "90d"),
    declared("acme-prod/Turning", "90d"),
  ],
  rows: [
    row("acme-prod/Turning", "2026-11-23"),
    row("acme-prod/Turning", "2026-08-01", { lastUsedAt: "2026-11-23T11:59:00Z" }),
    row("acme-prod/fresh", "2026-11-22"),
    row("acme-prod/Near", "2026-10-01", { attributes: { ...USES, owner: "left@acme.example" } }),
    row("acme-prod/Late", "2026-10-01", { attributes: { purpose: "production" } }),
    row("acme-prod/Ever", "2020-01-01", { lastUsedAt: "2026-11-20T11:59:00Z" }),
    row("acme-prod/Gone", "2026-01-01", { revokedAt: "2026-02-01T00:00:00Z" }),
    row("acme-dev/Own", "2026-11-01", { expiresAt: "2026-11-23T12:00:00Z" }),
    row("acme-dev/Stray", "2026-11-01", { expiresAt: "2026-11-24T12:00:00Z" }),
    row("acme-dev/Two", "2026-11-01"),
    row("acme-dev/Two", "2026-11-02"),
  ],
  members: new Map([["ana@acme.example", member("ana@acme.example")]]),
  rotations: [rotation],
  now: NOW,
  warnDays: 14,
};

describe("keys", () => {
  const keys = keyLines(FACTS);

  test("as a table", async () => {
    const text = renderKeys({ target: "acme", keys }, { color: false, width: 80, now: NOW });
    await expect(text).toMatchFileSnapshot("golden/keys.txt");
    expect(renderKeys({ target: "acme", keys: [] }, { color: false, width: 80, now: NOW })).toBe("acme: no keys\n");
  });

  test("as JSON that keeps to its schema", () => {
    const value = JSON.parse(JSON.stringify(keysToJson([{ target: "acme", keys }])));
    expect(schemaErrors("keys", value)).toEqual([]);
    expect(value.targets[0].keys).toHaveLength(keys.length);
  });

  it("are overdue from the day on that their file says", () => {
    const standing = (now: string) =>
      keyLines({ ...FACTS, now: new Date(now) }).find(({ name }) => name.endsWith("Near"))?.standing;
    expect(standing("2026-11-15T23:59:59.999Z")).toBe("ok");
    expect(standing("2026-11-16T00:00:00Z")).toBe("due");
    expect(standing("2026-11-29T23:59:59.999Z")).toBe("due");
    expect(standing("2026-11-30T00:00:00Z")).toBe("overdue");
  });

  it("command nothing, whatever they are called", () => {
    for (const name of HOSTILE_NAMES) {
      const attributes = { product: name, purpose: name, owner: name };
      const rows = [row(name, "2026-11-01", { id: name, lastFour: name, attributes })];
      const hostile = keyLines({ ...FACTS, rows, declared: [] });
      expect(
        terminalDangers(renderKeys({ target: "acme", keys: hostile }, { color: false, width: 80, now: NOW })),
      ).toEqual([]);
    }
  });
});
