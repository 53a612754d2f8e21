// Ends of access, as written in `until`, and the days they are counted in. An end is inclusive: a date means the whole of
// that day in a time zone, whatever its clocks do. Never asks what time it is.
import { fromEpochMilliseconds, toZonedDateTimeISO } from "temporal-polyfill/fns/Instant";
import { addDays as addPlainDays, create, toZonedDateTime } from "temporal-polyfill/fns/PlainDate";
import { offsetNanoseconds } from "temporal-polyfill/fns/ZonedDateTime";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const SPAN = /^([1-9]\d{0,3})([hdw])$/;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const UTC = "UTC";
/** Ends that are remembered. Policies hold few distinct ones, and whoever holds more pays for working them out again. */
const MOST_ENDS = 10_000;

const ends = new Map<string, number | undefined>();

/**
 * The last millisecond (Unix time, ms) at which access still holds, or undefined when `until` is neither a real date nor
 * an instant with an offset. A date ends when the next day begins in `timeZone` (a known one, see `isTimeZone`), which is
 * not always at midnight.
 */
export function endOfAccess(until: string, timeZone: string): number | undefined {
  const key = `${timeZone} ${until}`;
  if (ends.has(key)) return ends.get(key);
  const end = computeEnd(until, timeZone);
  if (ends.size >= MOST_ENDS) ends.clear();
  ends.set(key, end);
  return end;
}

/** Whether a text is a day of the calendar: `2026-11-22`. */
export function isDay(text: string): boolean {
  return DATE.test(text) && startOfDate(text) !== undefined;
}

/** Whether access that ends at `until` has ended at `now`. What cannot be read as an end has not ended: it is a finding elsewhere. */
export function hasEnded(until: string, now: Date, timeZone: string): boolean {
  const end = endOfAccess(until, timeZone);
  return end !== undefined && now.getTime() > end;
}

function computeEnd(until: string, timeZone: string): number | undefined {
  if (DATE.test(until)) {
    const start = startOfDate(until);
    if (start === undefined) return undefined;
    return timeZone === UTC ? start + DAY_MS - 1 : startOfNextDay(until, timeZone) - 1;
  }
  if (!INSTANT.test(until) || startOfDate(until.slice(0, 10)) === undefined) return undefined;
  const instant = Date.parse(until);
  return Number.isNaN(instant) ? undefined : instant;
}

/** When a date begins in UTC (Unix time, ms); undefined for what the calendar does not have. */
function startOfDate(date: string): number | undefined {
  const start = Date.parse(`${date}T00:00:00Z`);
  // Date.parse rolls 30 February over to March; a date that does not survive the round trip is not a date.
  return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date ? undefined : start;
}

function startOfNextDay(date: string, timeZone: string): number {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return toZonedDateTime(addPlainDays(create(year, month, day), 1), timeZone).epochMilliseconds;
}

/** The day that it is at `now` in a known time zone: `2026-11-22`. */
export function dateIn(now: Date, timeZone: string): string {
  const offsetMs = timeZone === UTC ? 0 : offsetOf(now, timeZone);
  return new Date(now.getTime() + offsetMs).toISOString().slice(0, 10);
}

/** How far a zone's clocks are before UTC at an instant, in ms. */
function offsetOf(now: Date, timeZone: string): number {
  return offsetNanoseconds(toZonedDateTimeISO(fromEpochMilliseconds(now.getTime()), timeZone)) / 1e6;
}

/** The date so many days after another one. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days of the calendar from `now` to the day of an end: 0 on that day itself, negative after it. Undefined for what is no end. */
export function daysUntil(until: string, now: Date, timeZone: string): number | undefined {
  const end = endOfAccess(until, timeZone);
  if (end === undefined) return undefined;
  const last = DATE.test(until) ? until : dateIn(new Date(end), timeZone);
  return Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${dateIn(now, timeZone)}T00:00:00Z`)) / DAY_MS);
}

/**
 * The end that a span from now has, as files write it: after days and weeks (`14d`, `2w`) a date in the time zone, after
 * hours (`36h`) an instant in UTC. Undefined for what is no span.
 */
export function endOfSpan(span: string, now: Date, timeZone: string): string | undefined {
  const [, digits, unit] = SPAN.exec(span) ?? [];
  if (digits === undefined) return undefined;
  const count = Number(digits);
  if (unit === "h") return `${new Date(now.getTime() + count * HOUR_MS).toISOString().slice(0, 19)}Z`;
  return addDays(dateIn(now, timeZone), unit === "w" ? count * 7 : count);
}

/** Whether there is a time zone of this name. Offsets are no names: they know nothing of daylight saving. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    toZonedDateTime(create(2000, 1, 1), name);
    return true;
  } catch {
    return false;
  }
}

/** The names of the time zones there are, for hints. */
export function timeZones(): readonly string[] {
  return [UTC, ...Intl.supportedValuesOf("timeZone")];
}
