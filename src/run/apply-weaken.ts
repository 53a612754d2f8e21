// Who may agree to rules becoming less strict, or to somebody having more by Git's word alone: of each one of the owners whom the
// base names, by their Git identity. It refuses to take a yes to the changes of a plan for a yes to what it weakens.
import type { Plan, Weakening } from "../model/plan.ts";
import type { Approval } from "../model/receipt.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "../report/escape.ts";

/** Why an approval is not enough for what a plan weakens, or undefined when it is. */
export function withoutLeave({ weakens, target }: Plan, approval: Approval): Declined | undefined {
  const named = new Set(approval.weakens);
  const unnamed = weakens.filter(({ id }) => !named.has(id));
  if (unnamed.length > 0)
    return {
      kind: "declined",
      reason: `What was approved does not name what this commit ${doneBy(unnamed, target)}`,
      hint: `Look at the plan as it is now, then approve its digest: ${listed(unnamed)}.`,
    };
  const barred = weakens.filter(
    ({ owners, gives }) =>
      // An emergency is there to give what nobody approved, and not to weaken what judges.
      !(gives && approval.how === "break-glass") &&
      owners.length > 0 &&
      !owners.some((owner) => isPerson(approval.by, owner)),
  );
  if (barred.length === 0) return undefined;
  return {
    kind: "declined",
    reason: `${escapeTerminal(approval.by)} may not approve what this commit ${doneBy(barred, target)}`,
    hint: `Nothing was changed. It takes the Git identity of an owner whom the last applied commit names: ${listed(barred)}.`,
  };
}

/** What is done beside the changes, in words that go on from "what this commit". */
export function doneBy(weakens: readonly Weakening[], target: string): string {
  const [gives, rules] = [weakens.some(({ gives }) => gives), weakens.some(({ gives }) => !gives)];
  const weakened = `weakens of the rules that judge plans of ${target}`;
  const given = "gives by Git's word alone";
  return gives && rules ? `${given}, and ${weakened}` : gives ? given : weakened;
}

/** Why a plan is not applied, and what to do about that. */
export interface Declined {
  readonly kind: "declined";
  readonly reason: string;
  readonly hint: string;
}

function listed(weakens: readonly Weakening[]): string {
  return weakens
    .map(({ what, owners }) => `${owners.length === 0 ? "" : `${owners.join(" or ")} for `}"${what}"`)
    .map((text) => escapeTerminal(text, MESSAGE_LENGTH))
    .join("; ");
}

/** Whether a Git identity (`Name <address>`) is the person whom the settings name, by address or by name. */
export function isPerson(identity: string, owner: string): boolean {
  const [, name = identity, address = ""] = /^(.*?)\s*<([^>]*)>$/.exec(identity) ?? [];
  const wanted = folded(owner);
  return wanted !== "" && (folded(address) === wanted || folded(name) === wanted || folded(identity) === wanted);
}

function folded(text: string): string {
  return text.trim().normalize("NFC").toLowerCase();
}
