// Which reviews there are: those of the default branch, and as they were applied last where a commit since loosens them. What nobody has
// agreed to must not keep a campaign from beginning, nor have it look at less. Pure.
import type { ReviewDefinition, ReviewRules } from "../../model/campaign.ts";
import type { Finding } from "../../model/finding.ts";
import type { Fold } from "../leaves.ts";
import { type ReviewedRules, weakenedReviews } from "../ratchet-reviews.ts";

/** What was applied last to a target, and the target as the default branch has it. */
export interface AppliedReviews {
  readonly commit: string;
  readonly head: ReviewedRules;
  readonly base: ReviewedRules;
  readonly fold: Fold;
}

export interface ReviewsInForce extends ReviewRules {
  /** Review that holds as it was applied last -> the commit that it was applied with. */
  readonly since: ReadonlyMap<string, string>;
  /** Review -> what is said of that. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
}

/** Where several targets have it otherwise, the first one's counts, in their order: until all owners agree none of it does. */
export function reviewsInForce(tip: ReviewRules, applied: readonly AppliedReviews[], now: Date): ReviewsInForce {
  const former = new Map<string, { readonly definition: ReviewDefinition; readonly commit: string }>();
  const findings = new Map<string, readonly Finding[]>();
  let { settings } = tip;
  for (const { commit, head, base, fold } of applied) {
    const called = (_: string, name: string) => fold(name);
    for (const { path, what } of weakenedReviews(head, base, { fold, now, nowCalled: called })) {
      const [kind, name = ""] = path;
      if (kind === "settings") {
        const part = name === "reviews.overdue" ? "overdue" : "escalateDays";
        settings = { ...settings, [part]: base.reviews.settings[part] };
        continue;
      }
      const definition = base.reviews.definitions.find((one) => one.name === name);
      if (!definition || (former.has(name) && former.get(name)?.commit !== commit)) continue;
      former.set(name, { definition, commit });
      findings.set(name, [...(findings.get(name) ?? []), asApplied(definition, commit, what)]);
    }
  }
  const kept = tip.definitions.map((definition) => former.get(definition.name)?.definition ?? definition);
  const names = new Set(tip.definitions.map(({ name }) => name));
  const gone = [...former.values()].filter(({ definition }) => !names.has(definition.name));
  return {
    definitions: [...kept, ...gone.map(({ definition }) => definition)],
    settings,
    since: new Map([...former].map(([name, { commit }]) => [name, commit])),
    findings,
  };
}

function asApplied({ place }: ReviewDefinition, commit: string, what: string): Finding {
  return {
    severity: "warning",
    code: "review-as-applied",
    message: `${what}; it holds as commit ${commit.slice(0, 12)} has it, since nobody has agreed to that yet`,
    place,
    hint: "An owner whom that commit names approves it; it counts from the apply on.",
  };
}
