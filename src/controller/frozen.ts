// Whether a target is frozen, for those who only show it or wait for it. Where that cannot be told, it is taken for frozen: the
// command that applies refuses it as well, and says so.
import type { Target } from "../model/settings.ts";
import type { TargetStatus } from "../model/status.ts";
import { OperatorError } from "../run/context.ts";
import { frozenBy, frozenUntil } from "../run/freeze.ts";

export function frozenNow(target: Target, now: Date): TargetStatus["frozen"] {
  try {
    const window = frozenBy(target, now);
    return window ? { reason: window.reason, until: frozenUntil(target, now)?.toISOString() ?? null } : null;
  } catch (error) {
    if (error instanceof OperatorError) return { reason: error.message, until: null };
    throw error;
  }
}
