// What is said of a plan in the same words at a terminal and in a comment: its label, what stands in its way, the
// command that applies it. It refuses to know either format, and to soften.
import type { Change, Effect } from "../model/change.ts";
import { compareText } from "../model/finding.ts";
import type { Plan, Weakening } from "../model/plan.ts";
import { quoteShell, showName } from "./escape.ts";
import { counted, grouped } from "./phrase.ts";

/** Nothing to change and nothing to tell but notes, which ask for nothing. */
export function isEmptyPlan({ changes, drift, conflicts, unmanaged, findings, weakens, proposals }: Plan): boolean {
  return (
    [changes, drift, conflicts, unmanaged, weakens, proposals].every((part) => part.length === 0) &&
    findings.every(({ severity }) => severity === "note")
  );
}

/** Whether an apply has something to do: a change, or a weakening that somebody must agree to. */
export function hasSomethingToApply({ changes, weakens }: Pick<Plan, "changes" | "weakens">): boolean {
  return changes.length > 0 || weakens.length > 0;
}

/** `commit 3f2a91c7d0e1 with uncommitted edits`. */
export function describeSource({ commit, uncommitted }: Pick<Plan, "commit" | "uncommitted">): string {
  if (commit === null) return uncommitted ? "files that are not committed" : "files outside Git";
  return `commit ${commit.slice(0, 12)}${uncommitted ? " with uncommitted edits" : ""}`;
}

/** `Live is as commit 3f2a91c7d0e1 says.`, of a plan that changes nothing. */
export function describeLive(plan: Pick<Plan, "commit" | "uncommitted">): string {
  return `Live is as ${describeSource(plan)} ${plan.commit === null ? "say" : "says"}.`;
}

const EFFECTS: Readonly<Record<Effect, string>> = {
  escalates: "This plan escalates: it gives access and takes none.",
  reduces: "This plan reduces: it takes access and gives none.",
  mixed: "This plan is mixed: it gives access and takes access.",
  neutral: "This plan is neutral: it neither gives nor takes access.",
};

/** The plan's label, as a sentence. */
export function describeEffect({ effect }: Pick<Plan, "effect">): string {
  return EFFECTS[effect];
}

/** Whether nobody gaining is proved; undefined where the label says already that somebody gains. */
export function describeProof({
  effect,
  nonEscalating,
  weakens,
}: Pick<Plan, "effect" | "nonEscalating" | "weakens">): string | undefined {
  // The proof is of the changes, and would be taken for one of all that is said.
  if (weakens.some(({ gives }) => gives)) return undefined;
  if (nonEscalating) return "Proved: this plan gives nobody anything new.";
  return effect === "neutral" || effect === "reduces" ? "It cannot be proved that nobody gains." : undefined;
}

/** Instead of whoever must agree to a weakening. */
export const NO_OWNERS = "any approval, for the base names no owners";

/** On a pull request, where it takes an owner: who must agree to a weakening for which the base names nobody in particular. */
export const TARGET_OWNERS = "the owners of the target";

/** Says that the people and the label count what will not be made, or undefined when nothing is blocked. */
export function describeBlocked({ changes }: Pick<Plan, "changes">): string | undefined {
  const count = changes.filter(isBlocked).length;
  if (count === 0) return undefined;
  return `This counts ${counted(count, "change that is", "changes that are")} blocked and will not be made.`;
}

/** `2 to create, 1 to update`; what is zero is left out. */
export function describeCounts({ summary }: Pick<Plan, "summary">): string {
  const counts = (["create", "update", "delete"] as const).filter((action) => summary[action] > 0);
  return counts.map((action) => `${grouped(summary[action])} to ${action}`).join(", ");
}

/** What a plan does beside its changes, by sort, as a title and as what a sentence goes on with. */
export function besideOf({ weakens }: Pick<Plan, "weakens">): readonly Beside[] {
  const [rules, given] = [weakens.filter(({ gives }) => !gives), weakens.filter(({ gives }) => gives)];
  return [
    { title: "Weakens the rules that judge it", verb: "weakens the rules that judge it", items: rules },
    { title: "Gives access that no change shows", verb: "gives access that no change shows", items: given },
  ].filter(({ items }) => items.length > 0);
}

export interface Beside {
  readonly title: string;
  readonly verb: string;
  readonly items: readonly Weakening[];
}

/** Of a plan without changes. */
export function describeOnlyBeside({ weakens }: Pick<Plan, "weakens">): string {
  if (weakens.length === 0) return "Nothing to change.";
  return weakens.some(({ gives }) => gives)
    ? "Nothing to change on the platform: what is there already is agreed to."
    : "Nothing to change on the platform: only the rules that judge plans change.";
}

/** Who must agree to a weakening. */
export function describeOwners({ owners }: Pick<Weakening, "owners">): string {
  return owners.length === 0 ? NO_OWNERS : owners.map((owner) => showName(owner)).join(", ");
}

/** Unmanaged entities by kind, kinds sorted. */
export function unmanagedKinds({ unmanaged }: Pick<Plan, "unmanaged">): [kind: string, names: string[]][] {
  const kinds = new Map<string, string[]>();
  for (const { kind, name } of unmanaged) {
    const names = kinds.get(kind);
    if (names) names.push(name);
    else kinds.set(kind, [name]);
  }
  return [...kinds].sort(([a], [b]) => compareText(a, b));
}

/** Blocked changes by what blocks them, with the reasons the findings give. */
export function blockedReasons(plan: Plan): { code: string; reasons: string[]; changes: Change[] }[] {
  const codes = [...new Set(plan.changes.flatMap((change) => change.blockedBy ?? []))].sort(compareText);
  return codes.map((code) => ({
    code,
    reasons: [...new Set(plan.findings.filter((finding) => finding.code === code).map(({ message }) => message))],
    changes: plan.changes.filter((change) => change.blockedBy?.includes(code)),
  }));
}

export function isBlocked({ blockedBy }: Change): boolean {
  return blockedBy !== undefined && blockedBy.length > 0;
}

/** Why a plan cannot be applied, or undefined when it can. */
export function describeObstacle(plan: Plan): string | undefined {
  const errors = plan.findings.filter(
    ({ severity, blocks }) => severity === "error" && (blocks ?? "everything") === "everything",
  ).length;
  if (plan.uncommitted) return "Not to be applied: it was read from uncommitted edits. Commit them and plan again.";
  if (plan.refused)
    return `Refused: nothing can be applied before ${counted(errors, "error is", "errors are")} settled.`;
  if (plan.changes.length > 0 && plan.changes.every(isBlocked))
    return "Every change is blocked; there is nothing to apply.";
  return undefined;
}

/** The command that applies exactly this plan. */
export function applyCommand(
  { target, digest }: Pick<Plan, "target" | "digest">,
  rerun: readonly string[] = [],
): string {
  return ["rolebook apply --target", target, "--approve", digest, ...rerun]
    .map((word, index) => (index === 0 ? word : quoteShell(word)))
    .join(" ");
}
