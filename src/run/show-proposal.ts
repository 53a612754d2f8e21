// What became of a target's drift pull request, as text and as JSON. Decides nothing.
import { escapeTerminal, MESSAGE_LENGTH, showName } from "../report/escape.ts";
import { counted } from "../report/phrase.ts";
import type { DriftOutcome } from "./drift-propose.ts";

/** One line, and one more for each thing that is left to a person. */
export function proposalToText(outcome: DriftOutcome): string {
  const { target, drift, escalates, failure, refused } = outcome;
  const what = drift === 0 ? "no drift" : `${counted(drift, "entity", "entities")} drifted`;
  const more = escalates ? ", and somebody has more than Git says" : "";
  const lines = [`${showName(target)}: ${what}${more}. ${describeState(outcome)}`.trim()];
  if (failure !== undefined) lines.push(`  Not proposed: ${escapeTerminal(failure, MESSAGE_LENGTH)}`);
  for (const { kind, name, reason } of refused)
    lines.push(`  Left to a person: ${kind} ${showName(name)}: ${escapeTerminal(reason, MESSAGE_LENGTH)}`);
  return `${lines.join("\n")}\n`;
}

function describeState({ state, pull, why, failure, drift }: DriftOutcome): string {
  const number = pull === undefined ? "The pull request" : `Pull request #${pull}`;
  switch (state) {
    case "none":
      return why === undefined ? (drift === 0 ? "" : "Nothing is to be proposed.") : `${sentence(why)}.`;
    case "opened":
      return `${number} is open.`;
    case "updated":
      return `${number} is up to date now.`;
    case "same":
      return `${number} is as it should be.`;
    case "closed":
      return "Its pull request is closed.";
    case "left-alone":
      return failure === undefined ? `Left alone: ${escapeTerminal(why ?? "", MESSAGE_LENGTH)}.` : "";
    default:
      return state satisfies never;
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + escapeTerminal(text.slice(1), MESSAGE_LENGTH);
}

/** schemas/output/drift-proposal.json: every property is always there. */
export function proposalToJson({ target, drift, escalates, pull, state, why, failure, refused }: DriftOutcome) {
  const left = refused.map(({ kind, name, reason }) => ({ kind, name, reason }));
  return {
    version: 1,
    target,
    drift,
    escalates,
    pull: pull ?? null,
    state,
    why: why ?? null,
    failure: failure ?? null,
    refused: left,
  };
}
