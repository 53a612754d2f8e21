// What is proved of decisions by what a platform has afterwards.
import { expect, it } from "vitest";
import type { CampaignStart, Decision, RosterEntry } from "../../../src/model/campaign.ts";
import { type Entity, type State, stateOf } from "../../../src/model/entity.ts";
import { isUnproved, nowCalled, proveDecisions, revokedBy } from "../../../src/plan/review/prove.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { stateOfOrganization } from "../../support/organization.ts";
import { row, startOf } from "./campaign.ts";

const NOW = new Date("2026-06-15T12:00:00Z");
const START: CampaignStart = startOf([row({ member: "bo@acme.example" })]);
const ENTRY = START.entries[0] as RosterEntry;
const ROW = ENTRY.rows[0] ?? "";

function liveOf(groups: readonly string[], level = "edit", name = "bo"): State {
  const members = (group: string) => (groups.includes(group) ? [`${name}@acme.example`] : []);
  const give = (group: string) => ({ roles: ["Maker"], environments: ["production"], members: members(group) });
  return stateOfOrganization({
    roles: { Maker: { permissions: { "Card template": level } } },
    groups: { Makers: give("Makers"), Others: give("Others") },
    members: { [`${name}@acme.example`]: { firstName: "Bo", lastName: "Berg" } },
  });
}

/** The same with an end of every membership. */
function until(state: State, end: string): State {
  const limited = (one: Entity) => (one.kind === "Membership" ? { ...one, attributes: { until: end } } : one);
  return stateOf([...state.values()].flatMap((section) => [...section.values()].map(limited)));
}

interface Words {
  readonly want?: State;
  readonly vanished?: readonly string[];
  readonly nameNow?: (target: string, kind: string, name: string) => string;
}

function prove(
  decision: Decision,
  live: State,
  { want = live, vanished = [], nameNow = (_t, _k, n) => n }: Words = {},
) {
  const entries = [{ entry: ENTRY.id, decision, justification: "", by: "reviewer" as const, who: "ana@acme.example" }];
  const levelWithin = (_: string, level: string) => level;
  const target = { name: "acme", platform: atomic, timeZone: "UTC", live, want, levelWithin };
  const decided = { entries: vanished.length > 0 ? [] : entries, vanished };
  const [proved] = proveDecisions({ start: START, decided, targets: [target], nameNow, now: NOW });
  return proved;
}

it("calls gone what comes through the entry's groups no more, also where another group gives it still", () => {
  expect(prove({ decision: "revoke" }, liveOf([]))).toEqual({ entry: ENTRY.id, result: "gone", holds: {} });
  expect(prove({ decision: "revoke" }, liveOf(["Others"]))).toMatchObject({ result: "gone", holds: { [ROW]: "edit" } });
  const still = prove({ decision: "revoke" }, liveOf(["Makers"]));
  expect(still).toMatchObject({ result: "still-there" });
  expect(still && isUnproved(still)).toBe(true);
});

it("finds a person who is called otherwise now", () => {
  const nameNow = (_target: string, _kind: string, name: string) => name.replace("bo@", "bob@");
  expect(prove({ decision: "revoke" }, liveOf(["Makers"], "edit", "bob"), { nameNow })?.result).toBe("still-there");
});

it("tells what was kept from what is gone anyway", () => {
  expect(prove({ decision: "keep" }, liveOf(["Makers"]))?.result).toBe("kept");
  expect(prove({ decision: "keep" }, liveOf([]))?.result).toBe("vanished");
  expect(prove({ decision: "revoke" }, liveOf([]), { vanished: [ENTRY.id] })?.result).toBe("vanished");
});

it("tells what had vanished and is held again from what is held through something else", () => {
  const of = (groups: readonly string[]) => prove({ decision: "keep" }, liveOf(groups), { vanished: [ENTRY.id] });
  expect(of(["Makers"])).toEqual({ entry: ENTRY.id, result: "vanished", holds: { [ROW]: "edit" }, again: true });
  expect(of(["Others"])).toEqual({ entry: ENTRY.id, result: "vanished", holds: { [ROW]: "edit" } });
});

it("calls reduced what is at the level or below", () => {
  const reduce = { decision: "reduce", level: "view" } as const;
  expect(prove(reduce, liveOf(["Makers"], "view"))?.result).toBe("reduced");
  expect(prove(reduce, liveOf(["Makers"], "edit"))?.result).toBe("still-there");
});

it("believes an end that files say, and that has not passed", () => {
  const live = liveOf(["Makers"]);
  const limit = (end: string) => ({ decision: "until", until: end }) as const;
  const want = until(live, "2026-07-31");
  expect(prove(limit("2026-07-31"), live, { want })?.result).toBe("ends");
  expect(prove(limit("2026-08-31"), live, { want })?.result).toBe("ends");
  expect(prove(limit("2026-07-30"), live, { want })?.result).toBe("still-there");
  expect(prove(limit("2026-07-31"), live)?.result).toBe("still-there");
  expect(prove(limit("2026-06-01"), live, { want: until(live, "2026-06-01") })?.result).toBe("still-there");
});

it("proves nothing of a target that nobody read", () => {
  const of = (decision: Decision, vanished: readonly string[] = []) => {
    const one = { entry: ENTRY.id, decision, justification: "", by: "reviewer" as const, who: "ana@acme.example" };
    const decided = { entries: [one], vanished };
    return proveDecisions({ start: START, decided, targets: [], nameNow: (_t, _k, n) => n, now: NOW })[0]?.result;
  };
  expect(of({ decision: "revoke" })).toBe("still-there");
  expect(of({ decision: "until", until: "2026-07-31" })).toBe("still-there");
  expect([of({ decision: "keep" }), of({ decision: "revoke" }, [ENTRY.id])]).toEqual(["vanished", "vanished"]);
});

it("lists what was taken away, by the name of now", () => {
  const decision: Decision = { decision: "revoke" };
  const decided = {
    entries: [{ entry: ENTRY.id, decision, justification: "", by: "reviewer" as const, who: "ana@acme.example" }],
  };
  const renamed = [{ target: "acme", kind: "Member", from: "bo@acme.example", to: "bob@acme.example" }];
  const proof = (holds: Record<string, string>) => ({
    entries: [{ entry: ENTRY.id, result: "gone" as const, holds }],
    renamed,
  });
  const at = NOW.toISOString();
  expect(revokedBy(START, decided, proof({}), at)).toMatchObject([{ member: "bob@acme.example", level: "edit", at }]);
  expect(revokedBy(START, decided, proof({ [ROW]: "edit" }), at)).toEqual([]);
  expect(nowCalled(renamed, "other", "Member", "bo@acme.example")).toBe("bo@acme.example");
});
