import { describe, expect, it } from "vitest";
import type { Freeze } from "../../src/model/settings.ts";
import { OperatorError } from "../../src/run/context.ts";
import { frozenBy, frozenUntil, whyFrozen } from "../../src/run/freeze.ts";

const PLACE = { file: "policies/rolebook.yaml", line: 9, column: 5 };

function target(...windows: readonly Omit<Freeze, "place" | "reason">[]) {
  const freeze = windows.map((window, index): Freeze => ({ reason: `window ${index}`, place: PLACE, ...window }));
  return { name: "acme", timeZone: "Europe/Berlin", freeze };
}

const at = (text: string) => new Date(text);
const isFrozen = (frozen: ReturnType<typeof target>, text: string) => frozenBy(frozen, at(text)) !== undefined;

describe("a window of instants", () => {
  const holidays = target({ from: "2026-12-20T00:00:00Z", until: "2027-01-04T08:00:00+01:00" });

  it.each([
    ["2026-12-19T23:59:59.999Z", false],
    ["2026-12-20T00:00:00Z", true],
    ["2027-01-04T06:59:59.999Z", true],
    ["2027-01-04T07:00:00Z", false],
  ])("at %s: %s", (instant, frozen) => {
    expect(isFrozen(holidays, instant)).toBe(frozen);
  });

  it("says its reason and its end", () => {
    const now = at("2026-12-24T18:00:00Z");
    expect(whyFrozen(holidays, now)).toEqual(["acme is frozen: window 0", "It ends at 2027-01-04T07:00:00.000Z"]);
    expect(whyFrozen(holidays, at("2027-02-01T00:00:00Z"))).toBeUndefined();
  });

  it("may have no end, or no beginning", () => {
    expect(whyFrozen(target({ from: "2026-12-20T00:00:00Z" }), at("2036-01-01T00:00:00Z"))?.[1]).toBe(
      "The settings name no end",
    );
    expect(isFrozen(target({ until: "2026-12-20T00:00:00Z" }), "1999-01-01T00:00:00Z")).toBe(true);
  });
});

describe("a window that begins again and again", () => {
  // Fridays from 16:00 in Berlin until Monday 08:00.
  const weekends = target({ cron: "0 16 * * 5", hours: 64 });

  it.each([
    ["2026-01-09T14:59:59.999Z", false],
    ["2026-01-09T15:00:00Z", true],
    ["2026-01-09T15:00:00.001Z", true],
    ["2026-01-12T06:59:59.999Z", true],
    ["2026-01-12T07:00:00Z", false],
  ])("in winter, at %s: %s", (instant, frozen) => {
    expect(isFrozen(weekends, instant)).toBe(frozen);
  });

  it("begins by the clock on the wall, and lasts its hours, where the clocks go forward", () => {
    expect(isFrozen(weekends, "2026-03-27T14:59:59Z")).toBe(false);
    expect(frozenUntil(weekends, at("2026-03-27T15:00:00Z"))?.toISOString()).toBe("2026-03-30T07:00:00.000Z");
    expect(isFrozen(weekends, "2026-04-03T13:59:59Z")).toBe(false);
    expect(isFrozen(weekends, "2026-04-03T14:00:00Z")).toBe(true);
  });

  it("begins once where an hour comes twice, and begins where its hour is left out", () => {
    const nights = target({ cron: "30 2 * * *", hours: 1 });
    const starts = (day: string) =>
      Array.from({ length: 24 * 4 }, (_, quarter) => new Date(Date.parse(`${day}T00:00:00Z`) + quarter * 900_000))
        .filter((now) => frozenBy(nights, now))
        .map((now) => now.toISOString().slice(11, 16));
    expect(starts("2026-10-25")).toEqual(["00:30", "00:45", "01:00", "01:15"]);
    expect(starts("2026-03-29")).toEqual(["01:00", "01:15", "01:30", "01:45"]);
  });

  it("is told as one where windows follow each other", () => {
    const days = target({ cron: "0 0 * * 6", hours: 24 }, { cron: "0 0 * * 0", hours: 24 });
    expect(frozenUntil(days, at("2026-01-10T12:00:00Z"))?.toISOString()).toBe("2026-01-11T23:00:00.000Z");
  });

  it("without a beginning ever freezes nothing", () => {
    expect(isFrozen(target({ cron: "0 0 30 2 *", hours: 24 }), "2026-02-28T12:00:00Z")).toBe(false);
  });
});

it("what cannot be read stops everything, and says where it is", () => {
  for (const window of [{ cron: "every friday", hours: 2 }, { from: "soon" }])
    expect(() => frozenBy(target(window), at("2026-01-01T00:00:00Z"))).toThrow(OperatorError);
  expect(() => frozenBy(target({ from: "soon" }), at("2026-01-01T00:00:00Z"))).toThrow("policies/rolebook.yaml:9:5");
});
