// Ends of access, as written in `until`. An end is inclusive: a date means the whole of that day, in UTC.

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;

/** The last millisecond (Unix time, ms) at which access still holds, or undefined when `until` is neither a real date nor an instant with an offset. */
export function endOfAccess(until: string, _timeZone: string): number | undefined {
  if (DATE.test(until)) {
    const start = Date.parse(`${until}T00:00:00Z`);
    // Date.parse rolls 30 February over to March; a date that does not survive the round trip is not a date.
    return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== until ? undefined : start + DAY_MS - 1;
  }
  if (!INSTANT.test(until) || endOfAccess(until.slice(0, 10), _timeZone) === undefined) return undefined;
  const instant = Date.parse(until);
  return Number.isNaN(instant) ? undefined : instant;
}

/** Whether access that ends at `until` has ended at `now`. What cannot be read as an end has not ended: it is a finding elsewhere. */
export function hasEnded(until: string, now: Date, timeZone: string): boolean {
  const end = endOfAccess(until, timeZone);
  return end !== undefined && now.getTime() > end;
}
