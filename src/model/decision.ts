// Decisions of an access review as files write them: `keep`, `revoke`, `reduce to LEVEL`, `until DATE`. It only reads and
// writes them; whether one can be made of an entry is judged in `plan/review`.
import type { Decision } from "./campaign.ts";
import { endOfAccess } from "./until.ts";

/** Why a text is no decision. */
export type DecisionMistake = "unknown" | "no-level" | "no-date" | "invalid-date";

export const DECISION_WORDS: readonly string[] = ["keep", "revoke", "reduce to", "until"];

/** What a text decides, or what is wrong with it. Words are as they stand here; blanks around them do not count. */
export function readDecision(text: string): Decision | DecisionMistake {
  const words = text.trim();
  if (words === "keep" || words === "revoke") return { decision: words };
  const [, reduce, level = ""] = /^(reduce(?:\s+to)?)(?:\s+(.*))?$/su.exec(words) ?? [];
  if (reduce !== undefined) {
    if (!/\sto$/.test(reduce) || level.trim() === "") return "no-level";
    return { decision: "reduce", level: level.trim().normalize("NFC") };
  }
  const [, until, date = ""] = /^(until)(?:\s+(.*))?$/su.exec(words) ?? [];
  if (until === undefined) return "unknown";
  if (date === "") return "no-date";
  return endOfAccess(date, "UTC") === undefined ? "invalid-date" : { decision: "until", until: date };
}

/** A decision as files write it; `readDecision` gives it back. */
export function decisionText(decision: Decision): string {
  switch (decision.decision) {
    case "keep":
    case "revoke":
      return decision.decision;
    case "reduce":
      return `reduce to ${decision.level}`;
    case "until":
      return `until ${decision.until}`;
    default: {
      const never: never = decision;
      return never;
    }
  }
}

/** Whether two decisions are the same. */
export function sameDecision(left: Decision | undefined, right: Decision | undefined): boolean {
  if (!left || !right) return left === right;
  return decisionText(left) === decisionText(right);
}
