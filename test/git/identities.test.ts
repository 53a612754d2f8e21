import { describe, expect, it } from "vitest";
import { readIdentities, recordIdentities } from "../../src/git/identities.ts";
import { openLedger } from "../../src/git/ledger.ts";
import { syncLedger } from "../../src/git/ledger-sync.ts";
import { listReceipts, openStart } from "../../src/git/records.ts";
import { clone, git, initBare, initRepository, open } from "./scratch.ts";

const MONDAY = new Date("2026-03-02T10:00:00.000Z");
const TUESDAY = new Date("2026-03-03T10:00:00.000Z");
const WEDNESDAY = new Date("2026-03-04T10:00:00.000Z");

async function newLedger() {
  return openLedger(await open(initRepository()));
}

const people = (...pairs: readonly (readonly [string, string])[]) => new Map(pairs);

describe("who is who on the ledger", () => {
  it("is nobody where nothing was recorded, and nothing to record is no commit", async () => {
    const ledger = await newLedger();
    expect(await readIdentities(ledger, "acme")).toEqual(new Map());
    expect(await recordIdentities(ledger, "acme", new Map(), MONDAY)).toBeUndefined();
    expect(await ledger.head()).toBeNull();
  });

  it("is what was seen, of each target its own", async () => {
    const ledger = await newLedger();
    await recordIdentities(ledger, "acme", people(["bo@acme.example", "m2"], ["ana@acme.example", "m1"]), MONDAY);
    await recordIdentities(ledger, "other", people(["ana@acme.example", "x9"]), MONDAY);
    expect([...(await readIdentities(ledger, "acme"))]).toEqual([
      ["ana@acme.example", "m1"],
      ["bo@acme.example", "m2"],
    ]);
    expect(await readIdentities(ledger, "other")).toEqual(people(["ana@acme.example", "x9"]));
  });

  it("grows by what is new or has changed alone, and the later record counts", async () => {
    const ledger = await newLedger();
    await recordIdentities(ledger, "acme", people(["ana", "m1"], ["bo", "m2"]), MONDAY);
    const head = await ledger.head();
    expect(await recordIdentities(ledger, "acme", people(["bo", "m2"]), TUESDAY)).toBeUndefined();
    expect(await ledger.head()).toBe(head);
    const path = await recordIdentities(ledger, "acme", people(["ana", "m7"], ["bo", "m2"], ["chen", "m3"]), TUESDAY);
    expect(path).toMatch(/^acme\/identities\/20260303T100000000Z-[0-9a-f]{8}\.json$/);
    expect(await ledger.read(path ?? "")).toBe(
      '{\n  "at": "2026-03-03T10:00:00.000Z",\n  "identities": {\n    "ana": "m7",\n    "chen": "m3"\n  },\n  "target": "acme",\n  "version": 1\n}\n',
    );
    // Back to whom it was: that is news again.
    await recordIdentities(ledger, "acme", people(["ana", "m1"]), WEDNESDAY);
    expect(await readIdentities(ledger, "acme")).toEqual(people(["ana", "m1"], ["bo", "m2"], ["chen", "m3"]));
    expect(await ledger.verify()).toEqual([]);
  });

  it("is no start and no receipt", async () => {
    const ledger = await newLedger();
    await recordIdentities(ledger, "acme", people(["start", "receipt"]), MONDAY);
    expect(await openStart(ledger, "acme")).toBeUndefined();
    expect(await listReceipts(ledger, "acme")).toEqual([]);
  });

  it("takes any name for a name", async () => {
    const ledger = await newLedger();
    const odd = people(["42", "a"], ["__proto__", "b"], ["constructor", "c"], ['o"brien\n', "d"], ["ünï", "e"]);
    await recordIdentities(ledger, "acme", odd, MONDAY);
    expect(new Map(await readIdentities(ledger, "acme"))).toEqual(odd);
    expect(await recordIdentities(ledger, "acme", odd, TUESDAY)).toBeUndefined();
  });

  it("of two clones comes together, whatever each saw in one moment", async () => {
    const remote = initBare();
    const [one, other] = await Promise.all([clone(remote), clone(remote)].map(open));
    if (!one || !other) throw new Error("no clones");
    await recordIdentities(openLedger(one), "acme", people(["ana", "m1"]), MONDAY);
    await recordIdentities(openLedger(other), "acme", people(["bo", "m2"]), MONDAY);
    for (const repository of [one, other, one])
      expect(await syncLedger(repository, "origin")).toEqual({ kind: "synced" });
    const ledger = openLedger(one);
    expect(await readIdentities(ledger, "acme")).toEqual(people(["ana", "m1"], ["bo", "m2"]));
    expect(await ledger.verify()).toEqual([]);
    expect(git(one.root, "rev-list", "--count", "rolebook/ledger")).toBe("2");
  });

  it("holds 100,000 people", async () => {
    const ledger = await newLedger();
    const crowd = new Map(Array.from({ length: 100_000 }, (_, index) => [`p${index}@acme.example`, `mem_${index}`]));
    await recordIdentities(ledger, "acme", crowd, MONDAY);
    expect((await readIdentities(ledger, "acme")).size).toBe(100_000);
    expect(await recordIdentities(ledger, "acme", crowd, TUESDAY)).toBeUndefined();
  });

  it("refuses a target that is none", async () => {
    await expect(readIdentities(await newLedger(), "../x")).rejects.toThrow(/not a target's name/);
  });
});
