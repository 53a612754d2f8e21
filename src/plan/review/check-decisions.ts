// Whether a decision can be made of its entry, by what the entry gave when the campaign began: a level that is below, an end that is
// still to come, a reason where something is taken away. Who decided it is asked elsewhere.
import type { CampaignStart, Decision, RosterEntry } from "../../model/campaign.ts";
import { sameDecision } from "../../model/decision.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import { nearest } from "../../model/nearest.ts";
import { endOfAccess } from "../../model/until.ts";
import type { CampaignPlatform } from "./campaign-input.ts";
import type { SoundLine } from "./check-lines.ts";

/** Resource and level of each row when the campaign began. */
export type StartRows = ReadonlyMap<string, CampaignStart["rows"][number]>;

export interface DecisionGround {
  readonly rows: StartRows;
  readonly platform: CampaignPlatform | undefined;
  /** When it was decided, as far as anybody knows. */
  readonly at: Date;
}

/** What keeps a line's decision from counting; undefined where nothing does. */
export function decisionProblem(
  { entry, line }: SoundLine,
  decision: Decision,
  ground: DecisionGround,
): Finding | undefined {
  const { place, justification } = line;
  const wrong = impossible(entry, decision, ground);
  if (wrong) return { severity: "error", code: "decision-cannot-be-made", place, ...wrong };
  if (decision.decision === "keep" || justification !== "") return undefined;
  return {
    severity: "error",
    code: "justification-missing",
    message: `The decision about ${entry.member} does not say why`,
    place,
    hint: "Write the reason in justification: it is the evidence of the decision.",
  };
}

/** What is worth a look, and counts: kept, though the recommendation is another one, and nobody says why. */
export function keptAgainstAdvice({ entry, line }: SoundLine, decision: Decision): boolean {
  return decision.decision === "keep" && line.justification === "" && !sameDecision(decision, entry.recommendation);
}

interface Words {
  readonly message: string;
  readonly hint: string;
}

function impossible(entry: RosterEntry, decision: Decision, ground: DecisionGround): Words | undefined {
  switch (decision.decision) {
    case "keep":
    case "revoke":
      return undefined;
    case "until":
      return pastEnd(entry, decision.until, ground);
    case "reduce":
      return notBelow(entry, decision.level, ground);
    default: {
      const never: never = decision;
      return never;
    }
  }
}

function pastEnd({ member }: RosterEntry, until: string, { platform, at }: DecisionGround): Words | undefined {
  const end = endOfAccess(until, platform?.timeZone ?? "UTC");
  if (end !== undefined && end >= at.getTime()) return undefined;
  const message = `${member} cannot keep something until ${until}: that has passed`;
  return { message, hint: "Write a later day, or revoke." };
}

function notBelow(entry: RosterEntry, level: string, { rows, platform }: DecisionGround): Words | undefined {
  if (!platform) return undefined;
  const held = entry.rows.flatMap((id) => rows.get(id) ?? []);
  const known = held.filter(({ resource }) => platform.rankOf(resource, level) >= 0);
  if (known.length === 0) {
    const levels = [...new Set(held.flatMap(({ resource }) => platform.levelsOf(resource)))].sort(compareText);
    const suggestion = nearest(level, levels);
    const hint = suggestion === undefined ? `There are ${levels.join(", ")}.` : `Did you mean "${suggestion}"?`;
    return { message: `Nothing that ${entry.member} holds here has the level "${level}"`, hint };
  }
  const isAbove = known.some((row) => platform.rankOf(row.resource, row.level) > platform.rankOf(row.resource, level));
  if (isAbove) return undefined;
  const message = `Nothing that ${entry.member} holds here is above the level "${level}"`;
  return { message, hint: "Write a lower level, or keep or revoke." };
}
