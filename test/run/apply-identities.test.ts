import { expect, it } from "vitest";
import type { Outcome } from "../../src/model/receipt.ts";
import { membersMade, outcomesIn } from "../../src/run/apply-identities.ts";

const change = (id: string, action: "create" | "update", kind: string, key: string) => ({ id, action, kind, key });
const changes = [
  change("1", "create", "Member", "Member/ana@acme.example"),
  change("2", "create", "Member", "Member/bo/with/slashes"),
  change("3", "update", "Member", "Member/chen"),
  change("4", "create", "Membership", "Membership/g/dee"),
  change("5", "create", "Member", "Member/eve"),
  change("6", "create", "Member", "Member/fay"),
];

it("tells whom an apply made: only creations, and only those whose outcome is plain", () => {
  const applied = (id: string): Outcome => ({ change: id, status: "applied" });
  const outcomes: Outcome[] = [
    ...["1", "2", "3", "4", "unknown"].map(applied),
    { change: "5", status: "applied", cause: "it was so already" },
    { change: "6", status: "failed", cause: "HTTP 500" },
  ];
  expect([...membersMade(changes, outcomes)]).toEqual(["ana@acme.example", "bo/with/slashes"]);
  const intent = { type: "intent", digest: "d", startedAt: "s", at: "a", changes: ["1", "2"] } as const;
  expect(outcomesIn([intent, { type: "outcome", outcome: applied("1") }])).toEqual([applied("1")]);
});
