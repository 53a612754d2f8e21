// The news that looking for drift brings, each under an id that is the same as long as it is the same news; and what a run says.
import { describe, expect, it } from "vitest";
import { type State, stateOf } from "../../src/model/entity.ts";
import type { Drifted } from "../../src/model/plan.ts";
import { driftFacts } from "../../src/run/drift-facts.ts";
import type { DriftOutcome } from "../../src/run/drift-propose.ts";
import { proposalToText } from "../../src/run/show-proposal.ts";
import { openTarget } from "../support/organization.ts";

const item = (key: string, parts: Partial<Drifted> = {}): Drifted => ({
  kind: "Role",
  key,
  name: key,
  shape: "changed",
  attributes: [],
  mode: "propose",
  effect: "escalates",
  ...parts,
});

describe("news of drift", () => {
  it("are the same news whoever did it, and others when something else drifts", () => {
    const by = { by: "mal@acme.example", at: "2026-11-22T10:00:00Z", action: "role.updated" };
    const [first, known, more] = [[item("a")], [item("a", { by })], [item("a"), item("b")]].map((items) =>
      driftFacts.drift("acme", items, "https://example.test/1"),
    );
    expect(first?.id).toBe(known?.id);
    expect(first?.id).not.toBe(more?.id);
    expect([first?.title, more?.title]).toEqual(["1 entity of acme drifted", "2 entities of acme drifted"]);
    expect(known?.text).toBe(
      "Role a: changed on the platform (escalates), by mal@acme.example on 2026-11-22 10:00 UTC (role.updated)",
    );
    const many = driftFacts.drift(
      "acme",
      Array.from({ length: 40 }, (_, index) => item(String(index))),
      undefined,
    );
    expect(many.text.split("\n").at(-1)).toBe("and 30 more entities");
  });
});

describe("news of access that ends", () => {
  const want = (...ends: readonly (readonly [string, string])[]): State =>
    stateOf([
      { kind: "Group", section: "Group", local: "cards", name: "Cards", attributes: {} },
      ...ends.map(([name, until]) => ({
        kind: "Membership",
        section: "Membership/cards",
        local: name,
        name,
        attributes: { until },
      })),
    ]);

  it("are told within the days that are warned of, once for each end", () => {
    const target = openTarget({ warnDays: 7, timeZone: "UTC" });
    const ends = want(["over", "2026-11-20"], ["soon", "2026-11-25"], ["later", "2027-01-31"], ["today", "2026-11-22"]);
    const facts = driftFacts.ending(target, ends, new Date("2026-11-22T12:00:00Z"));
    expect(facts.map(({ id, title, text }) => [id, title, text])).toEqual([
      ["ending acme Membership/cards/soon 2026-11-25", "Access ends: soon in Cards", "Until 2026-11-25."],
      ["ending acme Membership/cards/today 2026-11-22", "Access ends: today in Cards", "Until 2026-11-22."],
    ]);
    const next = driftFacts.ending(target, ends, new Date("2026-11-22T23:00:00Z"));
    expect(next.map(({ id }) => id)).toEqual(facts.map(({ id }) => id));
  });
});

describe("what a run says", () => {
  const outcome = (parts: Partial<DriftOutcome>): DriftOutcome => ({
    target: "acme",
    drift: 0,
    escalates: false,
    pull: undefined,
    state: "none",
    refused: [],
    ...parts,
  });

  it.each<[Partial<DriftOutcome>, string]>([
    [{}, "acme: no drift.\n"],
    [{ drift: 2 }, "acme: 2 entities drifted. Nothing is to be proposed.\n"],
    [{ why: "nothing was applied yet" }, "acme: no drift. Nothing was applied yet.\n"],
    [{ drift: 1, state: "same", pull: 7 }, "acme: 1 entity drifted. Pull request #7 is as it should be.\n"],
    [{ state: "closed" }, "acme: no drift. Its pull request is closed.\n"],
    [
      { drift: 1, state: "left-alone", why: "x\u001b[31m has commits" },
      "acme: 1 entity drifted. Left alone: x<U+001B>[31m has commits.\n",
    ],
    [
      { state: "left-alone", failure: "it is doubtful", refused: [{ kind: "Group", name: "A, B", reason: "no\nway" }] },
      'acme: no drift.\n  Not proposed: it is doubtful\n  Left to a person: Group "A, B": no\\nway\n',
    ],
  ])("%j", (parts, text) => {
    expect(proposalToText(outcome(parts))).toBe(text);
  });
});
