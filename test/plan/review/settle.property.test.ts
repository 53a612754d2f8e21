// Decisions made in real files of every platform: read again, they give exactly what was decided, at every moment.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Decision } from "../../../src/model/campaign.ts";
import { endOfAccess } from "../../../src/model/until.ts";
import { settleDecisions } from "../../../src/plan/review/settle.ts";
import {
  decisionFrom,
  edited,
  filesOf,
  heldAt,
  leftOf,
  NOW,
  readFiles,
  rosterOf,
  UNTILS,
  WORLDS,
} from "./settle-world.ts";

const RUNS = Number(process.env.SETTLE_RUNS ?? 150);

describe.each(WORLDS.map((world) => [world.platform.title, world] as const))("%s", (_, world) => {
  test("what was decided is gone, lower or ends; what was kept stays; nobody gains", () => {
    const seen = { made: 0 };
    fc.assert(
      fc.property(
        world.states,
        fc.array(fc.nat(999), { minLength: 1, maxLength: 40 }),
        fc.array(fc.constantFrom(undefined, undefined, undefined, ...UNTILS), { minLength: 1, maxLength: 9 }),
        (some, tape, ends) => {
          const { platform, target } = world;
          const files = filesOf(some, platform, ends);
          const { state, errors } = readFiles(files, world);
          fc.pre(errors.length === 0);
          const { entries, rows } = rosterOf(state, world);
          const decided = entries.map((entry, index) => ({
            entry,
            decision: decisionFrom(tape[index % tape.length] as number, world),
            reviewed: true,
          }));
          const settled = settleDecisions({
            now: NOW,
            day: "2026-06-15",
            targets: [{ target, platform, want: state, base: state, live: state }],
            entries: decided,
            rows,
            nameNow: (_target, _kind, name) => name,
          });
          const edits = settled.steps.flatMap((step) => step.edits);
          const after = readFiles(edited(files, edits, platform), world);
          expect(after.errors).toEqual([]);
          const unmade = new Set(settled.findings.map(({ key }) => key));
          const decisions = new Map<string, Decision>();
          for (const { entry, decision } of decided)
            if (!unmade.has(entry.id)) for (const row of entry.rows) decisions.set(row, decision);
          for (const moment of [NOW, ...UNTILS.map((until) => new Date((endOfAccess(until, "UTC") ?? 0) + 1))]) {
            const [before, now] = [heldAt(state, world, moment), heldAt(after.state, world, moment)];
            const expected = new Map<string, string>();
            for (const [cell, level] of before) {
              const decision = decisions.get(cell);
              const end = decision?.decision === "until" ? (endOfAccess(decision.until, "UTC") ?? 0) : 0;
              const [, resource = ""] = cell.split("\n");
              const left = leftOf(level, resource, decision, end < moment.getTime(), state, platform);
              if (left !== undefined) expected.set(cell, left);
            }
            expect([...now].sort()).toEqual([...expected].sort());
          }
          seen.made += edits.length;
          // Made once, there is nothing left to make of what could be made.
          const again = settleDecisions({
            now: NOW,
            day: "2026-06-15",
            targets: [{ target, platform, want: after.state, base: after.state, live: after.state }],
            entries: decided.map((one) =>
              unmade.has(one.entry.id) ? { ...one, decision: { decision: "keep" } } : one,
            ),
            rows,
            nameNow: (_target, _kind, name) => name,
          });
          expect(again).toEqual({ steps: [], findings: [] });
        },
      ),
      { numRuns: RUNS },
    );
    expect(seen.made).toBeGreaterThan(0);
  }, 600_000);
});
