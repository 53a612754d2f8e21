// A schedule that fires on all the days of another takes nothing away: said where it is so, and never where it is not.
import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firesOnDaysOf } from "../../src/plan/cron-days.ts";

describe("a schedule that fires on all the days of another", () => {
  it.each<[head: string, base: string]>([
    ["0 6 1 */3 *", "0 6 1 */3 *"],
    ["0  6 1 */3  *", "0 6 1 */3 *"],
    ["30 18 1 1,4,7,10 *", "0 6 1 */3 *"],
    ["0 6 1 * *", "0 6 1 */3 *"],
    ["0 6 * * *", "0 6 1 */3 *"],
    ["0 0 6 1 JAN,apr,Jul,Oct *", "0 6 1 */3 *"],
    ["0 6 * * MON-FRI", "0 6 ? * 3"],
    ["0 6 * * 5-7", "0 6 * * 0"],
    ["0 6 * * 0", "0 6 * * 7"],
    ["0 6 1-7 * 1", "0 6 * * 1"],
    ["0 6 1,15 * 1", "0 6 15 * *"],
    ["0 6 1-29 2 *", "0 6 * 2 *"],
    ["0 6 * * *", "@monthly"],
    ["0 6 L * *", "0 6 L * *"],
  ])("%s as %s", (head, base) => {
    expect(firesOnDaysOf(head, base)).toBe(true);
  });
});

describe("a schedule that does not, or of which it is not certain", () => {
  it.each<[head: string, base: string]>([
    ["0 6 1 */6 *", "0 6 1 */3 *"],
    ["0 6 2 */3 *", "0 6 1 */3 *"],
    ["0 6 1 1 *", "@monthly"],
    ["0 6 * * 1", "0 6 1,15 * 1"],
    ["0 6 1-28 2 *", "0 6 * 2 *"],
    ["0 6 30 2 *", "0 6 1 2 *"],
    ["0 6 * * 1-4", "0 6 * * 5"],
    ["0 6 L * *", "0 6 31 * *"],
    ["0 6 * * *", "0 6 L * *"],
    ["0 6 1 * 1#1", "0 6 1 * *"],
    ["0 6 1 * * 2030", "0 6 1 * *"],
    ["0 0 6 1 * * 2030", "0 6 1 * *"],
    ["0 6 5/10 * *", "0 6 5 * *"],
    ["0 6 31-1 * *", "0 6 1 * *"],
    ["0 6 0 * *", "0 6 1 * *"],
    ["0 6 */0 * *", "0 6 1 * *"],
    ["0 6 1 FOO *", "0 6 1 * *"],
    ["", "0 6 1 * *"],
    ["never", "0 6 1 * *"],
  ])("%s as %s", (head, base) => {
    expect(firesOnDaysOf(head, base)).toBe(false);
  });
});

const part = (low: number, high: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant("*") },
    fc.integer({ min: 1, max: 6 }).map((step) => `*/${step}`),
    fc.uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 4 }).map((values) => values.join()),
    fc
      .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }), fc.integer({ min: 1, max: 3 }))
      .map(([a, b, step]) => `${Math.min(a, b)}-${Math.max(a, b)}${step === 1 ? "" : `/${step}`}`),
  );
const fields = fc.tuple(part(1, 31), part(1, 12), part(0, 7));
const textOf = (parts: readonly string[]) => `0 6 ${parts.join(" ")}`;
const cron = fields.map(textOf);
/** Two that are alike but for one part, and so often cover each other. */
const pair = fc.tuple(fields, fields, fc.nat(2)).map(([base, other, changed]) => ({
  base: textOf(base),
  head: textOf(base.map((text, index) => (index === changed ? (other[index] ?? text) : text))),
}));

const DAY_MS = 86_400_000;
/** Every day at six, of four years with a leap year among them. */
const MORNINGS = Array.from({ length: 1461 }, (_, day) => new Date(Date.UTC(2027, 0, 1, 6) + day * DAY_MS));

/** Days on which a schedule fires, by what the rest of Rolebook runs it with. */
function daysOf(expression: string): ReadonlySet<number> {
  const runs = new Cron(expression, { timezone: "UTC", paused: true });
  return new Set(MORNINGS.filter((morning) => runs.match(morning)).map((morning) => morning.getTime()));
}

it("never says of a schedule that it fires on a day when it does not", () => {
  fc.assert(
    fc.property(pair, ({ head, base }) => {
      if (!firesOnDaysOf(head, base)) return;
      const days = daysOf(head);
      expect([...daysOf(base)].filter((day) => !days.has(day))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

it("says it of a schedule beside which something is put, where that only adds days", () => {
  fc.assert(
    fc.property(cron, fc.integer({ min: 1, max: 12 }), (base, month) => {
      const [minute, hour, day, months = "", weekday] = base.split(" ");
      expect(firesOnDaysOf([minute, hour, day, `${months},${month}`, weekday].join(" "), base)).toBe(true);
    }),
  );
});
