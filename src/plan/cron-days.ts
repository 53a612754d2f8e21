// Whether one cron expression fires on every day on which another does, in whatever year. It reads the expressions by itself, so that the
// answer hangs on no clock, and answers yes only where that is proved: what it cannot read fires on no day that it knows of.

/** One more than the last day of each month, in a leap year. */
const MONTH_ENDS = [32, 30, 32, 31, 32, 31, 32, 32, 31, 32, 31, 32];
const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");
const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** Whether `head` fires on all the days of `base`. The hour does not matter. */
export function firesOnDaysOf(head: string, base: string): boolean {
  if (partsOf(head).join(" ") === partsOf(base).join(" ")) return true;
  const [wider, days] = [readDays(head), readDays(base)];
  if (!wider || !days) return false;
  for (const [index, end] of MONTH_ENDS.entries())
    for (let day = 1; day < end; day++)
      for (let weekday = 0; weekday < 7; weekday++)
        if (days(index + 1, day, weekday) && !wider(index + 1, day, weekday)) return false;
  return true;
}

type Days = (month: number, day: number, weekday: number) => boolean;

function partsOf(cron: string): readonly string[] {
  const text = cron.trim();
  return (NICKNAMES[text.toLowerCase()] ?? text).replaceAll("?", "*").split(/\s+/);
}

function readDays(cron: string): Days | undefined {
  // Six parts begin with seconds.
  const parts = partsOf(cron);
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  const [day = "", month = "", weekday = ""] = parts.slice(-3);
  const days = readPart(day, 1, 31);
  const months = readPart(named(month, MONTHS, 1), 1, 12);
  const weekdays = readPart(named(weekday, WEEKDAYS, 0), 0, 7);
  if (!days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  // Where both are said, either will do.
  const either = day !== "*" && weekday !== "*";
  return (m, d, w) => months.has(m) && (either ? days.has(d) || weekdays.has(w) : days.has(d) && weekdays.has(w));
}

/** The text with names of months or days of the week as their numbers. */
function named(text: string, names: readonly string[], first: number): string {
  return text.replace(/[a-z]{3}/gi, (word) => {
    const index = names.indexOf(word.toUpperCase());
    return index < 0 ? word : String(index + first);
  });
}

function readPart(text: string, first: number, last: number): Set<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const [, from, to, each = "1"] = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item) ?? [item, "none"];
    // What begins somewhere and steps on from there is read in more than one way.
    if (from !== undefined && to === undefined && item.includes("/")) return undefined;
    const [low, high, step] = [Number(from ?? first), Number(to ?? from ?? last), Number(each)];
    if (!(low >= first && high <= last && low <= high && step > 0)) return undefined;
    for (let value = low; value <= high; value += step) values.add(value);
  }
  return values;
}
