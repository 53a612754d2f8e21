// The settings of a policy repository, as `policies/rolebook.yaml` declares them, defaults filled in.
import type { ReviewSettings } from "./campaign.ts";
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
  /** People who may lose owner-equivalent access in one plan, of those who have it; in each scope by itself that has owners of its own. */
  readonly owners: Budget;
}

export type DriftMode = "report" | "propose" | "revert";

/** How many owners must approve a change on a pull request, by what the change does; the author never counts. At least 1 each. */
export interface ApprovalCounts {
  /** Somebody gains something. */
  readonly escalating: number;
  /** Somebody loses something, and nobody gains. */
  readonly reducing: number;
  readonly neutral: number;
  /** Something that judges plans, or an access review, becomes less strict. */
  readonly weakening: number;
}

/** A time in which nothing is applied. Instants; `until` is not part of it. */
export interface Freeze {
  /** ISO 8601, UTC; with `cron` absent. */
  readonly from?: string;
  readonly until?: string;
  /** Instead of instants: begins whenever this cron expression fires in the target's zone, and lasts `hours`. */
  readonly cron?: string;
  readonly hours?: number;
  readonly reason: string;
  readonly place: Place;
}

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
  /** How many owner-equivalent people there must be at any moment, in every scope that has its own; at least 1. */
  readonly minimumOwners: number;
  /** People who must be able to do everything in an emergency. */
  readonly breakGlass: readonly string[];
  /** People whose approval changes wait for: they must keep some access. */
  readonly approvers: readonly string[];
  /** IANA name of the zone that dates are days of. */
  readonly timeZone: string;
  /** Days before an access ends that it is warned about. */
  readonly warnDays: number;
  readonly approvals: ApprovalCounts;
  /** Scope (environment, project), as written -> who may approve what touches that scope alone. Members' names. */
  readonly scopeOwners: Readonly<Record<string, readonly string[]>>;
  /** Times in which nothing is applied. */
  readonly freeze: readonly Freeze[];
  readonly place: Place;
}

/** Somebody's login on the Git host, and the names by which targets know them as a member. */
export interface Person {
  readonly login: string;
  readonly members: readonly string[];
  readonly place: Place;
}

export type NotifyEvent = "drift" | "held" | "failure" | "ending" | "break-glass" | "review";

/** Where news go. Names of environment variables, never the values. */
export interface Notification {
  /** `cloudevents`: a signed CloudEvent. `slack`: what Slack's incoming webhooks take. */
  readonly type: "cloudevents" | "slack";
  /** Variable with the URL. */
  readonly url: string;
  /** Variable with the secret that events are signed with; `cloudevents` only. */
  readonly secret?: string;
  readonly events: readonly NotifyEvent[];
  readonly place: Place;
}

/** When the controller does what, as cron expressions in UTC. */
export interface Schedule {
  /** Looks for merges to apply and pull requests to plan, besides what webhooks say. */
  readonly poll: string;
  /** Looks for drift. */
  readonly drift: string;
}

export interface Settings {
  readonly targets: readonly Target[];
  /** By login, folded to lower case. */
  readonly people: readonly Person[];
  readonly notify: readonly Notification[];
  readonly schedule: Schedule;
  readonly reviews: ReviewSettings;
}
