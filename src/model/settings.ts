// The settings of a policy repository, as `policies/rolebook.yaml` declares them, defaults filled in.
import type { Place } from "./finding.ts";

/** A budget: the smaller of `count` and `share` of the people concerned, but always at least one. */
export interface Budget {
  /** 0 to 1. */
  readonly share: number;
  readonly count: number;
}

export interface Limits {
  /** People of the target who may lose any access in one plan. */
  readonly target: Budget;
  /** Memberships one group may lose in one plan. */
  readonly group: Budget;
  /** People who may lose access in any one scope (environment, project or the organization) in one plan, of those who have some there. */
  readonly scope: Budget;
  /** People who may lose owner-equivalent access in one plan, of those who have it. */
  readonly owners: Budget;
}

export type DriftMode = "report" | "propose" | "revert";

export interface Target {
  readonly name: string;
  /** The platform's name, as in the driver index. */
  readonly platform: string;
  /** Base URL of the platform's API. */
  readonly url: string;
  /** The administrative boundary on the platform: an organization's id, a domain's name. */
  readonly organization: string;
  /** Credential part -> name of the environment variable that holds it. Never the secret itself. */
  readonly credentials: Readonly<Record<string, string>>;
  /** What else the platform's driver is told: a region, a file of certificates. Never a secret. */
  readonly options?: Readonly<Record<string, string>>;
  /** Names of the platform's environments or projects, so that files can be checked without the platform. */
  readonly environments?: readonly string[];
  readonly drift: DriftMode;
  readonly limits: Limits;
  /** The people who own this target, by what identifies a member there: addresses, or user names. */
  readonly owners: readonly string[];
  /** How many owner-equivalent people there must be at any moment; at least 1. */
  readonly minimumOwners: number;
  /** People who must be able to do everything in an emergency. */
  readonly breakGlass: readonly string[];
  /** People whose approval changes wait for: they must keep some access. */
  readonly approvers: readonly string[];
  /** IANA name of the zone that dates are days of. */
  readonly timeZone: string;
  /** Days before an access ends that it is warned about. */
  readonly warnDays: number;
  readonly place: Place;
}

export interface Settings {
  readonly targets: readonly Target[];
}
