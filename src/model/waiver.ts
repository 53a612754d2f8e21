// What people say in reviewed files about one moment: that this plan may exceed that limit, that this address is a new
// person. Nouns only.
import type { ReviewDefinition, RosterFile } from "./campaign.ts";
import type { Place } from "./finding.ts";
import type { Guardrail } from "./guardrail.ts";

/** The limits a plan can run into. */
export type LimitName = "target" | "group" | "scope" | "owners";

/** Lets one plan, and no other, exceed one limit. */
export interface Waiver {
  readonly name: string;
  readonly target: string;
  /** The digest of the plan. */
  readonly plan: string;
  readonly limit: LimitName;
  /** The group, environment or project whose limit it is; absent for limits of the whole target. */
  readonly of?: string;
  /** How many may lose what the limit protects. */
  readonly allows: number;
  readonly reason: string;
  readonly approver: string;
  readonly place: Place;
}

/** Says that a name or address belongs to somebody else than before. */
export interface Acknowledgement {
  readonly target: string;
  readonly member: string;
  /** The platform's stable id of whoever has the name now. */
  readonly id: string;
  readonly reason: string;
  readonly approver: string;
  readonly place: Place;
}

/** What a repository's files say beside the settings and the targets' policies. */
export interface Governance {
  readonly guardrails: readonly Guardrail[];
  readonly waivers: readonly Waiver[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly reviews: readonly ReviewDefinition[];
  /** What reviewers of campaigns decided, or shall. */
  readonly rosters: readonly RosterFile[];
}

export const NO_GOVERNANCE: Governance = {
  guardrails: [],
  waivers: [],
  acknowledgements: [],
  reviews: [],
  rosters: [],
};
