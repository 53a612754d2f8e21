// What it means that the settings name a target no more: nothing changes on the platform, and nothing judges it from then on. Said as
// a weakening, so that it takes the approval of those who own the target, like every other way around its rules.
import type { Plan, Weakening } from "../model/plan.ts";
import type { Target } from "../model/settings.ts";
import { digestOf, planDigest } from "./digest.ts";

/** A plan without changes that weakens everything there is. `target`: as the base has it. */
export function planRemoval(target: Target, commit: string, base: string): Plan {
  const { name, owners } = target;
  const id = digestOf(["settings", "removed", name, target.platform, target.url, target.organization]).slice(0, 24);
  const what = `Target ${name} is taken out of the settings: nothing changes on the platform, and from the merge on nothing judges it`;
  return { ...planNothing(target, commit, base), digest: planDigest(name, [], [id]), weakens: [{ id, what, owners }] };
}

/** A plan with nothing in it. */
export function planNothing({ name, platform }: Target, commit: string, base: string): Plan {
  const none = { create: 0, update: 0, delete: 0, unmanaged: 0, drift: 0, conflicts: 0, gaining: 0, losing: 0 };
  const weakens: readonly Weakening[] = [];
  return {
    target: name,
    platform,
    commit,
    uncommitted: false,
    base,
    digest: planDigest(name, []),
    summary: none,
    changes: [],
    access: [],
    drift: [],
    conflicts: [],
    unmanaged: [],
    findings: [],
    refused: false,
    effect: "neutral",
    nonEscalating: true,
    weakens,
    proposals: [],
    waivers: [],
  };
}
