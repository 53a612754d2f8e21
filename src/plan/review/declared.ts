// What files say, made whole enough to compare with what a platform has: what no file can declare is as it is there. It takes over
// nothing that a file could say.
import type { Section, State } from "../../model/entity.ts";
import { MEMBER, type Platform } from "../../model/platform.ts";

/**
 * A declared state with the platform's own environments or projects, and where they lie; and with its members, where files declare
 * none at all and leave that to the platform.
 */
export function besideLive(declared: State, live: State, { kinds }: Pick<Platform, "kinds">): State {
  const whole = new Map<string, Section>(declared);
  for (const { kind, role } of kinds) {
    const section = live.get(kind);
    if (section && (role === "reference" || (kind === MEMBER && !declared.has(MEMBER)))) whole.set(kind, section);
  }
  return whole;
}
