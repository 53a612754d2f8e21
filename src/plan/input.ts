// Everything a plan is built from, as one value: three states, and what judges the way from one to another. Nothing
// happens here.
import type { ReviewRules, RevokedGrant } from "../model/campaign.ts";
import type { State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { Guardrail } from "../model/guardrail.ts";
import type { Platform } from "../model/platform.ts";
import type { Person, Target } from "../model/settings.ts";
import type { Governance } from "../model/waiver.ts";
import type { PlanJudging } from "./guardrails/judge.ts";
import type { Unfinished } from "./limits.ts";

export interface PlanInput {
  readonly target: Target;
  readonly platform: Platform;
  readonly want: State;
  /** The state at the applied commit; empty before the first apply. The same object as `want` when the trees are equal. */
  readonly base: State;
  readonly live: State;
  readonly commit: string | null;
  readonly baseCommit: string | null;
  readonly uncommitted: boolean;
  /** The instant ends of access are judged by. */
  readonly now: Date;
  /** Keys whose conflicts a person settled in favour of Git. */
  readonly overwrite: readonly string[];
  /** From validation and from reading; errors among them forbid what their `blocks` says. */
  readonly findings: readonly Finding[];
  /** Guardrails, waivers and acknowledgements beside the policies, as HEAD has them. */
  readonly governance: Governance;
  /** Who is who on the Git host, as HEAD has it. */
  readonly people?: readonly Person[];
  /** Access reviews and what holds for all of them, as HEAD has them; absent: none. */
  readonly reviews?: ReviewRules;
  /** What the base says that judges plans: a commit cannot weaken what it is judged by. Absent before the first apply: HEAD's judge. */
  readonly baseRules?: BaseRules;
  /** Judges what a plan leaves behind by guardrails (`guardrails/judge.ts`). Handed in, so that nobody loads it who has none. */
  readonly judge: (judging: PlanJudging) => Finding[];
  /** Folded name of every member seen before -> the stable id it was seen with (from the ledger). */
  readonly identities: ReadonlyMap<string, string>;
  /** Digests of plans that were applied (from the ledger). */
  readonly applied: ReadonlySet<string>;
  /** An apply of this commit that was approved and did not finish (from the ledger): its waivers hold for what is left of it. */
  readonly unfinished?: Unfinished;
  /** Ids of changes that were approved and begun since the base was applied (from the ledger): what they gave nobody has to agree to again. */
  readonly granted?: ReadonlySet<string>;
  /** What closed reviews took away (from the ledger); absent where there are none. */
  readonly revoked?: readonly RevokedGrant[];
  /** Folded name of the member that Rolebook's own credential belongs to, where it belongs to one. */
  readonly self?: string;
  /** Ids of the changes that will be made, where that is not all: the others are held, and the judgement is of what is left. */
  readonly only?: ReadonlySet<string>;
}

/** In `blockedBy` of what is left out by `only`. */
export const NOT_APPROVED = "not-approved";

/** The settings of the target and the guardrails, as the base has them. */
export interface BaseRules {
  readonly target: Target;
  readonly guardrails: readonly Guardrail[];
  /** Who is who on the Git host; absent: as HEAD has it. */
  readonly people?: readonly Person[];
  /** Access reviews; absent: as HEAD has them. */
  readonly reviews?: ReviewRules;
}
