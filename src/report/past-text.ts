// The first lines of an answer about the past: when, what was applied then, what was seen of it, and what is not certain.
import type { AnswerPast } from "../model/answers.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { type Screen, wrap } from "./layout.ts";

/** The heading of an answer about the past. */
export function pastLines(screen: Screen, { at, commit, appliedAt, seenAt, findings }: AnswerPast): string[] {
  const applied =
    commit === null ? "before the first apply" : `commit ${commit.slice(0, 12)}, applied ${appliedAt ?? ""}`;
  const seen = seenAt === null ? "not seen by then" : `last seen ${seenAt}`;
  return [
    ...wrap(screen, [{ text: `As of ${at}`, style: "bold" }, `: ${applied}; ${seen}`], "", "  "),
    ...findings.flatMap(({ severity, message, code }) => {
      const label = severity === "note" ? "Note" : "Not certain";
      const text = `: ${escapeTerminal(message, MESSAGE_LENGTH)} (${code})`;
      return wrap(screen, [{ text: label, style: severity === "note" ? "dim" : "yellow" }, text], "  ", "    ");
    }),
  ];
}
