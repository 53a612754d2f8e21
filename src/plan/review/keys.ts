// The keys that programs use, as a review shows them: how old each is, who answers for it, and what is wrong with it in words. It
// holds no secret, and no key that is declared only.
import type { KeyLine, KeyStanding } from "../../model/key-lines.ts";
import type { ReviewKey } from "../../model/review.ts";
import type { ReviewedTarget } from "./input.ts";

const DAY_MS = 86_400_000;
/** Days without use after which nobody seems to need a key. */
const IDLE_DAYS = 90;

/** The live keys of a target, in the order of their lines: by name, the oldest first. */
export function keysOf({ target, keys }: ReviewedTarget, now: Date): ReviewKey[] {
  return keys
    .filter(({ standing, id }) => standing !== "missing" && id !== undefined)
    .map((line) => ({
      target: target.name,
      name: line.name,
      owner: line.owner ?? null,
      scope: line.scope ?? null,
      createdAt: line.createdAt ?? null,
      lastUsedAt: line.lastUsedAt ?? null,
      expiresAt: line.expiresAt ?? null,
      ageDays: line.ageDays ?? null,
      concerns: concernsOf(line, now),
    }));
}

function concernsOf(line: KeyLine, now: Date): string[] {
  const { owner, ownerThere, lastUsedAt } = line;
  const standing = STANDINGS[line.standing]?.(line);
  const idle = typeof lastUsedAt === "string" ? Math.floor((now.getTime() - Date.parse(lastUsedAt)) / DAY_MS) : 0;
  return [
    ...(standing === undefined ? [] : [standing]),
    ...(owner === undefined ? ["no owner"] : ownerThere === false ? [`its owner ${owner} is no member`] : []),
    ...(lastUsedAt === null ? ["never used"] : idle > IDLE_DAYS ? [`not used for ${idle} days`] : []),
  ];
}

const STANDINGS: Readonly<Record<KeyStanding, ((line: KeyLine) => string) | undefined>> = {
  ok: undefined,
  missing: undefined,
  due: (line) => `to be replaced by ${dayOf(line.rotateAt)}`,
  overdue: (line) => `older than its rotation of ${rotationOf(line)} days`,
  expired: (line) => `expired on ${dayOf(line.expiresAt)}`,
  undeclared: () => "no file says it",
  rotating: () => "a new key is being put in its place",
  several: () => "more than one of its name is live",
};

function dayOf(instant: string | undefined): string {
  return instant?.slice(0, 10) ?? "an unknown day";
}

function rotationOf({ createdAt, rotateAt }: KeyLine): number {
  return Math.round((Date.parse(rotateAt ?? "") - Date.parse(createdAt ?? "")) / DAY_MS);
}
