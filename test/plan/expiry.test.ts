// The end of an access, to the second: in three zones, across the days on which clocks change, and while Git says nothing
// new. The clock is an argument, so every instant here is exact.
import { describe, expect, it } from "vitest";
import type { Platform } from "../../src/model/platform.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { resolvePolicies } from "../../src/policy/resolve.ts";
import { openTarget } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

/** A platform, its group, the line of the membership, and its files. */
const FILES: readonly (readonly [Platform, string, number, (until: string) => string])[] = [
  [
    atomic,
    "Card creators",
    16,
    (until) => `kind: Role
name: Card editor
permissions: { Card template: edit }
---
kind: Group
name: Card creators
roles: [Card editor]
environments: all
---
kind: Member
email: bo@acme.example
---
kind: Membership
group: Card creators
members:
  - email: bo@acme.example
    until: ${until}
`,
  ],
  [
    keystone,
    "card creators",
    15,
    (until) => `kind: Role
name: editor
---
kind: Group
name: card creators
grants:
  - { role: editor, domain: true }
---
kind: Member
name: bo@acme.example
---
kind: Membership
group: card creators
members:
  - name: bo@acme.example
    until: ${until}
`,
  ],
  [
    atomyx,
    "acme-prod/Payers",
    21,
    (until) => `kind: Workspace
name: acme-prod
---
kind: Product
name: acme-prod/manage
---
kind: Role
name: acme-prod/manage/Editor
---
kind: Group
name: acme-prod/Payers
roles: [acme-prod/manage/Editor]
---
kind: Member
email: bo@acme.example
workspaces: [{workspace: acme-prod, role: Member}]
---
kind: Membership
group: acme-prod/Payers
members:
  - email: bo@acme.example
    until: ${until}
`,
  ],
];

/** Zone, the last day, and the instant at which the next day begins there. */
const ENDS: readonly (readonly [zone: string, until: string, over: string])[] = [
  ["UTC", "2026-12-01", "2026-12-02T00:00:00Z"],
  // The day on which clocks go forward has 23 hours, the one on which they go back has 25.
  ["America/New_York", "2026-03-08", "2026-03-09T04:00:00Z"],
  ["America/New_York", "2026-11-01", "2026-11-02T05:00:00Z"],
  ["America/New_York", "2026-10-31", "2026-11-01T04:00:00Z"],
  ["Pacific/Auckland", "2026-04-05", "2026-04-05T12:00:00Z"],
  ["Pacific/Auckland", "2026-09-27", "2026-09-27T11:00:00Z"],
  // Clocks go forward at midnight: 29 March begins at one o'clock.
  ["Asia/Beirut", "2026-03-28", "2026-03-28T22:00:00Z"],
  ["Asia/Beirut", "2026-03-29", "2026-03-29T21:00:00Z"],
  // An instant is the same in every zone, and is itself still within.
  ["Pacific/Auckland", "2026-12-01T17:00:00+01:00", "2026-12-01T16:00:01Z"],
];

describe.each(FILES)("$title", (platform, group, line, filesWith) => {
  it.each(ENDS)("in %s, until %s, it is over at %s", (timeZone, until, over) => {
    const at = (now: Date) => {
      const target = openTarget({ timeZone, platform: platform.name });
      const parsed = parseFile("policies/acme/all.yaml", new TextEncoder().encode(filesWith(until)), platform.name);
      expect(parsed.findings).toEqual([]);
      const { state } = resolvePolicies({ target, files: [parsed], now }, platform);
      // Git is stuck: what was applied is what it still says, and live is as it was applied.
      return planFor({ base: state, want: state, live: state }, { platform, target, now }).plan;
    };
    const end = Date.parse(over);
    const second = (offset: number) => at(new Date(end + offset * 1000));
    expect(second(-1).changes).toEqual([]);
    const [change, ...others] = second(until.includes("T") ? 0 : 1).changes;
    expect(others).toEqual([]);
    expect(change).toMatchObject({
      action: "delete",
      key: `Membership/${platform.fold(group)}/bo@acme.example`,
      origin: "expiry",
      effect: "reduces",
    });
    expect(change?.blockedBy).toBeUndefined();
    // The last millisecond of the day is still within it.
    expect(at(new Date(end - (until.includes("T") ? 1000 : 1))).changes).toEqual([]);
  });

  it("asks for the line to be taken out of the file, whether or not the platform has caught up", () => {
    const target = openTarget({ platform: platform.name });
    const now = new Date("2027-01-01T00:00:00Z");
    const file = parseFile("policies/acme/all.yaml", new TextEncoder().encode(filesWith("2026-12-01")), platform.name);
    const { state } = resolvePolicies({ target, files: [file], now }, platform);
    const gone = new Map([...state].filter(([section]) => !section.startsWith("Membership/")));
    for (const live of [state, gone]) {
      const { plan } = planFor({ base: state, want: state, live }, { platform, target, now });
      expect(plan.proposals).toEqual([
        {
          kind: "remove-entry",
          what: `Remove the entry of bo@acme.example in ${group}: it ended with 2026-12-01`,
          place: { file: "policies/acme/all.yaml", line, column: 5 },
        },
      ]);
    }
  });
});
