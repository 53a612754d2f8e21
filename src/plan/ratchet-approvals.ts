// What a commit changes of who may say yes, and when nothing is applied: fewer approvals, more people who may give one, a
// freeze that ends sooner. Nobody may let themselves in by the commit that it helps. Pure; in doubt, a difference weakens.
import { compareText, type Place } from "../model/finding.ts";
import type { ApprovalCounts, Freeze, Person, Target } from "../model/settings.ts";
import type { Fold } from "./leaves.ts";

/** What says who may approve, of one commit. */
export interface ApprovalRules {
  readonly target: Target;
  readonly people: readonly Person[];
  /** Folded group name -> its owners. */
  readonly groupOwners: ReadonlyMap<string, readonly string[]>;
  /** Who owns guardrails. */
  readonly guardrailOwners: readonly string[];
  /** Who decides in access reviews. */
  readonly reviewers: readonly string[];
}

/** One thing that is weakened; `owners`: whoever the base names for it beside the target's owners. */
export interface WeakenedApproval {
  readonly part: string;
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly owners: readonly string[];
  readonly place?: Place;
}

/** What HEAD makes easier to get approved than the base. `now`: freezes that are over by then protect nothing. */
export function weakenedApprovals(
  head: ApprovalRules,
  base: ApprovalRules,
  fold: Fold,
  now: Date,
): readonly WeakenedApproval[] {
  return [
    ...fewerApprovals(head.target, base.target),
    ...moreBreakGlass(head.target, base.target, fold),
    ...moreScopeOwners(head.target, base.target, fold),
    ...otherGroupOwners(head, base, fold),
    ...moreLogins(head, base, fold),
    ...lostFreezes(head.target, base.target, now),
  ];
}

function fewerApprovals(head: Target, base: Target): WeakenedApproval[] {
  const labels: readonly (keyof ApprovalCounts)[] = ["escalating", "neutral", "reducing", "weakening"];
  return labels.flatMap((label) => {
    const [before, after] = [base.approvals[label], head.approvals[label]];
    if (after >= before) return [];
    const what = `approvals.${label} of ${head.name} is lowered from ${before} to ${after}`;
    return [{ part: `approvals.${label}`, what, before, after, owners: [] }];
  });
}

/** Who may do without approvals. */
function moreBreakGlass(head: Target, base: Target, fold: Fold): WeakenedApproval[] {
  const more = beyond(head.breakGlass, base.breakGlass, fold);
  if (more.length === 0) return [];
  const what = `breakGlass of ${head.name} names ${more.join(", ")}, who may then apply without approval`;
  return [{ part: "breakGlass.more", what, before: null, after: more, owners: [] }];
}

function moreScopeOwners(head: Target, base: Target, fold: Fold): WeakenedApproval[] {
  const before = new Map(Object.entries(base.scopeOwners).map(([scope, owners]) => [fold(scope), owners]));
  return Object.entries(head.scopeOwners).flatMap(([scope, owners]) => {
    const more = beyond(owners, before.get(fold(scope)) ?? [], fold);
    if (more.length === 0) return [];
    const what = `scopeOwners of ${head.name} lets ${more.join(", ")} approve what touches ${scope} alone`;
    return [{ part: "scopeOwners", what, before: null, after: [fold(scope), more], owners: [] }];
  });
}

/** Of groups that the base has: whoever approves a new one approves its owners with it. */
function otherGroupOwners(head: ApprovalRules, base: ApprovalRules, fold: Fold): WeakenedApproval[] {
  return [...base.groupOwners].flatMap(([group, before]) => {
    const after = head.groupOwners.get(group);
    if (!after || (beyond(after, before, fold).length === 0 && beyond(before, after, fold).length === 0)) return [];
    // Naming owners where nobody had a say gives nobody's away.
    if (before.length === 0 && base.target.owners.length === 0) return [];
    const what = `Group "${group}" is owned by ${listed(after)}, and was by ${listed(before)}`;
    return [{ part: "groupOwners", what, before: [group, before], after, owners: before }];
  });
}

/** Logins that become somebody who may approve something, who may do without, or who decides what access stays. */
function moreLogins(head: ApprovalRules, base: ApprovalRules, fold: Fold): WeakenedApproval[] {
  const { owners, breakGlass, scopeOwners } = base.target;
  const powerful = new Set(
    [
      ...owners,
      ...breakGlass,
      ...Object.values(scopeOwners).flat(),
      ...[...base.groupOwners.values()].flat(),
      ...base.guardrailOwners,
      ...base.reviewers,
    ].map(fold),
  );
  const known = new Set(base.people.flatMap(({ login, members }) => members.map((member) => key(login, member, fold))));
  return head.people.flatMap(({ login, members, place }) => {
    const more = members.filter((member) => powerful.has(fold(member)) && !known.has(key(login, member, fold)));
    if (more.length === 0) return [];
    const what = `people lets ${login} approve as ${more.join(", ")}`;
    return [{ part: "people", what, before: null, after: [login.toLowerCase(), more], owners: [], place }];
  });
}

function key(login: string, member: string, fold: Fold): string {
  return JSON.stringify([login.toLowerCase(), fold(member)]);
}

/** Freezes of the base, under way or to come, that no window of HEAD covers. */
function lostFreezes(head: Target, base: Target, now: Date): WeakenedApproval[] {
  return base.freeze
    .filter((window) => !isOver(window, now) && !head.freeze.some((other) => covers(other, window)))
    .map((window) => {
      const { from, until, cron, hours } = window;
      const when = cron === undefined ? `from ${from} until ${until}` : `of ${hours} hours at ${cron}`;
      const what = `freeze of ${head.name} ${when} is no longer whole`;
      return { part: "freeze", what, before: [from, until, cron, hours].map(orNull), after: null, owners: [] };
    });
}

function isOver({ until, cron }: Freeze, now: Date): boolean {
  return cron === undefined && until !== undefined && Date.parse(until) <= now.getTime();
}

function covers(wide: Freeze, narrow: Freeze): boolean {
  if (narrow.cron !== undefined) return wide.cron === narrow.cron && (wide.hours ?? 0) >= (narrow.hours ?? 0);
  if (wide.cron !== undefined) return false;
  const [from, until] = [instant(wide.from), instant(wide.until)];
  return from <= instant(narrow.from) && until >= instant(narrow.until);
}

/** What cannot be read is no instant, and compares with nothing. */
function instant(text: string | undefined): number {
  return text === undefined ? Number.NaN : Date.parse(text);
}

function orNull(value: unknown): unknown {
  return value ?? null;
}

/** Those of `some` that `others` does not name, sorted. */
function beyond(some: readonly string[], others: readonly string[], fold: Fold): string[] {
  return missing(others, some, fold).sort(compareText);
}

/** Those of `all` that `some` does not name. */
export function missing(some: readonly string[], all: readonly string[], fold: Fold): string[] {
  const names = new Set(some.map(fold));
  return all.filter((name) => !names.has(fold(name)));
}

export function listed(names: readonly string[]): string {
  return names.length === 0 ? "nobody" : names.join(", ");
}
