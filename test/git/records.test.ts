import { describe, expect, it } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import {
  latestReceipt,
  listEmergencies,
  listReceipts,
  openStart,
  recordReceipt,
  recordStart,
  type Start,
  stableJson,
} from "../../src/git/records.ts";
import type { Approval, Receipt } from "../../src/model/receipt.ts";
import { initRepository, open } from "./scratch.ts";

const DIGEST = "d".repeat(64);
const OTHER = "e".repeat(64);

function approval(digest: string): Approval {
  return {
    by: "Ana Li <ana@acme.example>",
    at: "2026-03-01T10:00:00.000Z",
    how: "digest",
    digest,
    changes: ["c1", "c2"],
  };
}

function start(startedAt: string, digest = DIGEST, target = "acme"): Omit<Start, "version"> {
  return {
    target,
    digest,
    commit: "a".repeat(40),
    startedAt,
    approval: approval(digest),
    plan: { changes: [{ id: "c1" }] },
  };
}

function receipt(startedAt: string, converged: boolean, digest = DIGEST, endedAt = startedAt): Receipt {
  return {
    version: 1,
    target: "acme",
    commit: "a".repeat(40),
    base: null,
    digest,
    tool: "rolebook 0.1.0",
    startedAt,
    endedAt,
    approval: approval(digest),
    outcomes: [
      { change: "c1", status: "applied" },
      { change: "c2", status: converged ? "applied" : "failed", ...(converged ? {} : { cause: "HTTP 500" }) },
    ],
    converged,
  };
}

const T1 = "2026-03-01T10:00:00.000Z";
const T2 = "2026-03-02T10:00:00.000Z";

async function newLedger() {
  return openLedger(await open(initRepository()));
}

describe("records", () => {
  it("files a start and its receipts in one folder", async () => {
    const ledger = await newLedger();
    expect(await recordStart(ledger, start(T1))).toBe("acme/20260301T100000000Z-dddddddd/start.json");
    expect(await recordReceipt(ledger, receipt(T1, false))).toBe("acme/20260301T100000000Z-dddddddd/receipt.json");
    expect(await recordReceipt(ledger, receipt(T1, true, DIGEST, T2))).toBe(
      "acme/20260301T100000000Z-dddddddd/receipt-2.json",
    );
    expect((await ledger.list("acme")).length).toBe(3);
    expect(await ledger.verify()).toEqual([]);
  });

  it("finds the start that is still open", async () => {
    const ledger = await newLedger();
    expect(await openStart(ledger, "acme", DIGEST)).toBeUndefined();
    await recordStart(ledger, start(T1));
    expect(await openStart(ledger, "acme", DIGEST)).toEqual({ ...start(T1), version: 1 });
    expect(await openStart(ledger, "acme", OTHER)).toBeUndefined();
    expect(await openStart(ledger, "other", DIGEST)).toBeUndefined();
    await recordReceipt(ledger, receipt(T1, false));
    expect((await openStart(ledger, "acme", DIGEST))?.startedAt).toBe(T1);
    await recordStart(ledger, start(T2, OTHER));
    expect((await openStart(ledger, "acme"))?.digest).toBe(OTHER);
    expect((await openStart(ledger, "acme", DIGEST))?.startedAt).toBe(T1);
    await recordReceipt(ledger, receipt(T1, true));
    expect(await openStart(ledger, "acme", DIGEST)).toBeUndefined();
    await recordStart(ledger, start("2026-03-03T10:00:00.000Z"));
    expect((await openStart(ledger, "acme", DIGEST))?.startedAt).toBe("2026-03-03T10:00:00.000Z");
  });

  it("finds what nobody approved, of all targets, and nothing else", async () => {
    const ledger = await newLedger();
    expect(await listEmergencies(ledger)).toEqual([]);
    const emergency = { ...approval(DIGEST), how: "break-glass", reason: "Production is down" } as const;
    await recordStart(ledger, start(T1));
    await recordStart(ledger, { ...start(T2), approval: emergency });
    await recordStart(ledger, { ...start(T1, OTHER, "other"), approval: emergency });
    await recordReceipt(ledger, receipt(T2, true));
    expect((await listEmergencies(ledger)).map(({ target, startedAt }) => [target, startedAt])).toEqual([
      ["acme", T2],
      ["other", T1],
    ]);
    expect((await openStart(ledger, "other"))?.approval).toEqual(emergency);
    expect(await ledger.verify()).toEqual([]);
  });

  it("closes an abandoned start when a later run of the same plan converged", async () => {
    const ledger = await newLedger();
    await recordStart(ledger, start(T1));
    await recordStart(ledger, start(T2));
    await recordReceipt(ledger, receipt(T2, true));
    expect(await openStart(ledger, "acme", DIGEST)).toBeUndefined();
  });

  it("lists receipts by the time they ended", async () => {
    const ledger = await newLedger();
    expect(await latestReceipt(ledger, "acme")).toBeUndefined();
    await recordReceipt(ledger, receipt(T2, true, OTHER, "2026-03-02T11:00:00.000Z"));
    await recordReceipt(ledger, receipt(T1, false, DIGEST, "2026-03-01T11:00:00.000Z"));
    expect((await listReceipts(ledger, "acme")).map(({ startedAt }) => startedAt)).toEqual([T1, T2]);
    expect(await latestReceipt(ledger, "acme")).toEqual(receipt(T2, true, OTHER, "2026-03-02T11:00:00.000Z"));
  });

  it("holds a receipt of 10,000 outcomes", async () => {
    const ledger = await newLedger();
    const outcomes = Array.from({ length: 10_000 }, (_, index) => ({
      change: `${index}`.padStart(24, "0"),
      status: "applied" as const,
    }));
    await recordReceipt(ledger, { ...receipt(T1, true), outcomes });
    expect((await latestReceipt(ledger, "acme"))?.outcomes).toEqual(outcomes);
  });

  it("refuses a target that is none", async () => {
    await expect(recordStart(await newLedger(), start(T1, DIGEST, "../x"))).rejects.toThrow(/not a target's name/);
  });
});

describe("stableJson", () => {
  it("is one text for one value, whatever the order of its keys", () => {
    expect(stableJson({ b: [{ d: 1, c: 2 }], a: null })).toBe(stableJson({ a: null, b: [{ c: 2, d: 1 }] }));
    expect(stableJson({ b: [2, 1], a: "x" })).toBe('{\n  "a": "x",\n  "b": [\n    2,\n    1\n  ]\n}\n');
  });
});
