// Ends of access: to the second, in zones whose days have 23, 24 and 25 hours, or begin at one o'clock.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  dateIn,
  daysUntil,
  endOfAccess,
  endOfSpan,
  hasEnded,
  isTimeZone,
  timeZones,
} from "../../src/model/until.ts";

/** Day, zone, the first instant after it. */
const DAYS: readonly (readonly [string, string, string, string])[] = [
  ["UTC", "2027-01-31", "2027-02-01T00:00:00Z", "a day like any other"],
  ["UTC", "2028-02-29", "2028-03-01T00:00:00Z", "a leap day"],
  ["America/New_York", "2026-03-07", "2026-03-08T05:00:00Z", "the day before clocks go forward"],
  ["America/New_York", "2026-03-08", "2026-03-09T04:00:00Z", "23 hours"],
  ["America/New_York", "2026-11-01", "2026-11-02T05:00:00Z", "25 hours"],
  ["America/New_York", "2026-12-31", "2027-01-01T05:00:00Z", "the end of a year"],
  ["Pacific/Auckland", "2026-04-05", "2026-04-05T12:00:00Z", "25 hours, ahead of UTC"],
  ["Pacific/Auckland", "2026-09-27", "2026-09-27T11:00:00Z", "23 hours, ahead of UTC"],
  ["Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00Z", "the next day begins at one o'clock"],
  ["Africa/Cairo", "2026-04-24", "2026-04-24T21:00:00Z", "it began at one o'clock"],
  ["Africa/Cairo", "2026-10-29", "2026-10-29T22:00:00Z", "its last hour comes twice"],
  ["Asia/Beirut", "2026-03-28", "2026-03-28T22:00:00Z", "the next day begins at one o'clock"],
  ["America/Havana", "2026-10-31", "2026-11-01T04:00:00Z", "the next midnight comes twice: the first one counts"],
  ["Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z", "the next day was left out"],
];

describe("a date means the whole of that day in its zone", () => {
  test.each(DAYS)("%s %s ends before %s: %s", (zone, day, next) => {
    const first = Date.parse(next);
    expect(endOfAccess(day, zone)).toBe(first - 1);
    expect(hasEnded(day, new Date(first - 1000), zone)).toBe(false);
    expect(hasEnded(day, new Date(first - 1), zone)).toBe(false);
    expect(hasEnded(day, new Date(first), zone)).toBe(true);
    expect(hasEnded(day, new Date(first + 1000), zone)).toBe(true);
  });

  test("and any day ends where the next one begins, in every zone", () => {
    const day = fc
      .date({ min: new Date("1990-01-01"), max: new Date("2037-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(day, fc.constantFrom(...timeZones()), (date, zone) => {
        const end = endOfAccess(date, zone) ?? Number.NaN;
        expect(dateIn(new Date(end + 1), zone) > date).toBe(true);
        // Samoa never had 30 December 2011: such a day ends as it begins, with the one before it.
        expect(dateIn(new Date(end), zone) <= date).toBe(true);
      }),
    );
  });
});

test("an instant is the same in every zone", () => {
  for (const zone of ["UTC", "Pacific/Auckland", "America/New_York"]) {
    expect(endOfAccess("2027-01-31T17:00:00+02:00", zone)).toBe(Date.parse("2027-01-31T15:00:00Z"));
    expect(hasEnded("2027-01-31T17:00:00Z", new Date("2027-01-31T17:00:00Z"), zone)).toBe(false);
    expect(hasEnded("2027-01-31T17:00:00Z", new Date("2027-01-31T17:00:01Z"), zone)).toBe(true);
  }
});

test("what is no day of the calendar ends nothing", () => {
  for (const text of ["2027-02-30", "2027-13-01", "tomorrow", "", "2027-02-30T10:00:00Z", "2027-01-31T10:00:00"])
    for (const zone of ["UTC", "Africa/Cairo"]) {
      expect(endOfAccess(text, zone)).toBeUndefined();
      expect(hasEnded(text, new Date("2099-01-01T00:00:00Z"), zone)).toBe(false);
    }
});

test("days are counted by the zone's calendar, not by 24 hours", () => {
  const late = new Date("2026-03-08T04:30:00Z"); // 23:30 on the 7th in New York
  expect(dateIn(late, "America/New_York")).toBe("2026-03-07");
  expect(dateIn(late, "Pacific/Auckland")).toBe("2026-03-08");
  expect(daysUntil("2026-03-08", late, "America/New_York")).toBe(1);
  expect(daysUntil("2026-03-08", late, "UTC")).toBe(0);
  expect(daysUntil("2026-03-07", late, "UTC")).toBe(-1);
  expect(daysUntil("2026-03-10T03:00:00Z", late, "America/New_York")).toBe(2);
  expect(daysUntil("soon", late, "UTC")).toBeUndefined();
  expect(addDays("2026-02-27", 2)).toBe("2026-03-01");
  expect(addDays("2027-01-01", -1)).toBe("2026-12-31");
});

test("a span is made a date in the zone, or an instant when it is in hours", () => {
  const now = new Date("2026-11-22T23:40:06.123Z");
  expect(endOfSpan("14d", now, "UTC")).toBe("2026-12-06");
  expect(endOfSpan("14d", now, "Pacific/Auckland")).toBe("2026-12-07");
  expect(endOfSpan("2w", now, "America/New_York")).toBe("2026-12-06");
  expect(endOfSpan("36h", now, "Pacific/Auckland")).toBe("2026-11-24T11:40:06Z");
  for (const text of ["0d", "14", "d", "1.5d", "-1d", "14 d", "14D", "99999d", "two weeks"])
    expect(endOfSpan(text, now, "UTC"), text).toBeUndefined();
});

test("zones go by their names", () => {
  for (const zone of ["UTC", "Europe/Berlin", "US/Eastern", "Asia/Kathmandu"])
    expect(isTimeZone(zone), zone).toBe(true);
  for (const text of ["", "Mars/Olympus", "+02:00", "Berlin", "__proto__"]) expect(isTimeZone(text), text).toBe(false);
  expect(timeZones()).toContain("Pacific/Auckland");
  expect(timeZones()).toContain("UTC");
});
