// What a story takes from a campaign's `decided.json`: exactly what the record holds, and nothing from what is no such record.
import { describe, expect, it } from "vitest";
import type { CampaignDecided } from "../../src/model/evidence.ts";
import { decisionsIn } from "../../src/run/history-records.ts";

const DECIDED: CampaignDecided = {
  version: 1,
  id: "quarterly-2026-10-01",
  at: "2026-10-09T08:00:00.000Z",
  tool: "rolebook 0.1.0",
  pull: 12,
  commit: "a".repeat(40),
  entries: [
    {
      entry: "0123456789abcdef",
      decision: { decision: "revoke" },
      justification: "Left the team",
      by: "reviewer",
      who: "hana@acme.example",
      approval: { pull: 12, review: 3, login: "hana", commit: "b".repeat(40), at: "2026-10-08T08:00:00Z" },
    },
  ],
  vanished: [],
  findings: [],
  approvals: [],
};

describe("what campaigns decided", () => {
  it("is read as it was recorded", () =>
    expect(decisionsIn(JSON.stringify(DECIDED), DECIDED.id)).toEqual({ at: DECIDED.at, entries: DECIDED.entries }));

  it.each([
    ["nothing", undefined],
    ["no JSON", "{"],
    ["null", "null"],
    ["another version", JSON.stringify({ ...DECIDED, version: 2 })],
    ["another campaign's", JSON.stringify({ ...DECIDED, id: "other" })],
    ["no entries", JSON.stringify({ ...DECIDED, entries: {} })],
  ])("is not there where the record is %s", (_name, text) => expect(decisionsIn(text, DECIDED.id)).toBeUndefined());

  it("passes over what is no decision", () =>
    expect(decisionsIn(JSON.stringify({ ...DECIDED, entries: [null, 1, {}] }), DECIDED.id)?.entries).toEqual([]));
});
