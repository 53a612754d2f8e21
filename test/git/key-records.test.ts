// What the ledger holds of keys: lines that are found again, whoever recorded them, and nothing else for one.
import { expect, it } from "vitest";
import { readKeySteps, recordKeyStep, rotationId } from "../../src/git/key-records.ts";
import { openLedger } from "../../src/git/ledger.ts";
import { syncLedger } from "../../src/git/ledger-sync.ts";
import { LEDGER_AUTHOR, listReceipts, listStarts } from "../../src/git/records.ts";
import type { RotationEvent, RotationRecord } from "../../src/model/rotation.ts";
import { renderKeyLog } from "../../src/report/key-log.ts";
import { terminalDangers } from "../report/hostile.ts";
import { clone, initBare, initRepository, open } from "./scratch.ts";

const AT = new Date("2026-11-23T12:00:00.000Z");
const ROTATION = rotationId(AT, "one");
const KEY = { id: "key-2", lastFour: "x7Qz" };

const line = (number: number, event: RotationEvent, by = "Ana Li <ana@acme.example>"): RotationRecord => ({
  version: 1,
  target: "acme",
  name: "acme-prod/Web shop",
  rotation: ROTATION,
  number,
  at: AT.toISOString(),
  by,
  ...event,
});

const START: RotationEvent = {
  step: "start",
  purpose: "rotation",
  commit: "c0ffee",
  graceSeconds: 0,
  old: [{ id: "key-1" }],
};
const LINES = [
  line(1, START),
  line(2, { step: "creating", token: "t", attributes: { purpose: "production" } }),
  line(3, { step: "created", token: "t", key: KEY }),
  line(4, { step: "tried", key: KEY }),
  line(5, { step: "delivering", key: KEY, sink: { kind: "file", digest: "12345678" } }),
  line(6, { step: "undelivered", key: KEY, because: "no" }),
  line(7, { step: "delivered", key: KEY }),
  line(8, { step: "verified", key: KEY, platformAt: AT.toISOString() }),
  line(9, { step: "refused", key: KEY, because: "401" }),
  line(10, { step: "revoking", key: KEY, because: "replaced" }),
  line(11, { step: "revoked", key: KEY }),
  line(12, { step: "end", outcome: "done" }),
];

it("is found again as it was recorded, and is no start and no receipt of an apply", async () => {
  const ledger = openLedger(await open(initRepository()));
  for (const record of LINES) await recordKeyStep(ledger, record);
  expect(await readKeySteps(ledger, "acme")).toEqual(LINES);
  expect(await readKeySteps(ledger, "other")).toEqual([]);
  expect([...(await listStarts(ledger, "acme")), ...(await listReceipts(ledger, "acme"))]).toEqual([]);
  expect(await ledger.verify()).toEqual([]);
});

it("is told line by line", async () => {
  await expect(renderKeyLog([...LINES, line(1, { ...START, purpose: "compromised" })])).toMatchFileSnapshot(
    "../report/golden/key-log.txt",
  );
  const hostile = LINES.map((record) => ({ ...record, name: "\u001b[2J", by: "\u202e" }));
  expect(terminalDangers(renderKeyLog(hostile))).toEqual([]);
});

it("passes over what is no record", async () => {
  const ledger = openLedger(await open(initRepository()));
  const texts = [
    "{",
    "null",
    JSON.stringify({ ...LINES[0], target: "other" }),
    JSON.stringify({ ...LINES[0], old: [{}] }),
    JSON.stringify({ ...LINES[0], purpose: "fun" }),
    JSON.stringify({ ...LINES[2], key: undefined }),
    JSON.stringify({ ...LINES[4], sink: "file" }),
    JSON.stringify({ ...LINES[7], platformAt: "soon" }),
    JSON.stringify({ ...LINES[11], step: "constructor" }),
    JSON.stringify({ ...LINES[11], number: "12" }),
  ];
  const files = texts.map((content, index) => ({ path: `acme/keys/${ROTATION}/${index}.json`, content }));
  await ledger.append({ files, subject: "no records", at: AT, author: LEDGER_AUTHOR });
  expect(await readKeySteps(ledger, "acme")).toEqual([]);
});

it("keeps both when two clones gave one number to different steps", async () => {
  const remote = initBare();
  const [one, other] = [await open(clone(remote)), await open(clone(remote))];
  await recordKeyStep(openLedger(one), line(1, START));
  await syncLedger(one, "origin");
  await syncLedger(other, "origin");
  await recordKeyStep(openLedger(one), line(2, { step: "tried", key: KEY }));
  await recordKeyStep(openLedger(other), line(2, { step: "end", outcome: "superseded" }, "Bo <bo@acme.example>"));
  await syncLedger(other, "origin");
  await syncLedger(one, "origin");
  expect((await readKeySteps(openLedger(one), "acme")).map(({ step }) => step)).toEqual(["start", "end", "tried"]);
  expect(await openLedger(one).verify()).toEqual([]);
});
