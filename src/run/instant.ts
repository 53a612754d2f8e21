// The instant that `--now` names. Reads no clock.
import { InvalidArgumentError } from "commander";

/** Throws what commander shows as wrong usage. */
export function parseInstant(text: string): Date {
  const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? new Date(text)
    : undefined;
  if (!instant || Number.isNaN(instant.getTime()))
    throw new InvalidArgumentError(
      "an instant looks like 2027-01-31T12:00:00Z, or 2027-01-31 for its first moment in UTC",
    );
  return instant;
}
