// The story of a member or a group, from the records of what was applied, seen and reviewed. What is renamed is followed back to its
// earlier names. It tells what records say, and works out nothing that they do not. Pure.
import type { DecidedEntry, RosterEntry } from "../model/campaign.ts";
import type { Change } from "../model/change.ts";
import { decisionText } from "../model/decision.ts";
import { groupOfSection, MEMBERSHIP } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { AccessChange } from "../model/grant.ts";
import type { Story, StoryDeed, StoryDetail, StoryEvent, StoryMove, StoryReview } from "../model/history.ts";
import type { Difference } from "../model/past.ts";
import { GROUP, kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import type { Provenance } from "../model/review.ts";
import { comparedAttributes, leavesOf, referencesIn } from "./leaves.ts";

/** What one receipt says was made. */
export interface AppliedRun {
  /** ISO 8601, UTC: when it ended. */
  readonly at: string;
  readonly changes: readonly Change[];
  readonly provenanceOf: (change: Change) => Provenance;
  /** Of an emergency. */
  readonly reason?: string;
  /** What the whole plan moved; undefined where not all of the plan was made. */
  readonly access?: readonly (AccessChange & { readonly member: string })[];
}

/** What a look at the platform found otherwise than files say. */
export interface Look {
  readonly at: string;
  readonly differences: readonly Difference[];
  /** It names everything that differed: what is not among it is as files say. */
  readonly isWhole: boolean;
}

/** What a campaign decided. */
export interface ReviewedEntry {
  readonly review: string;
  /** When it was decided, where its approval says that; else when the campaign's decisions were taken. */
  readonly at: string;
  readonly entry: RosterEntry;
  readonly decided: DecidedEntry;
  readonly resources: readonly string[];
}

export interface HistoryInput {
  readonly target: string;
  readonly platform: Platform;
  readonly subject: "member" | "group";
  /** Folded, as it is called now or was last. */
  readonly local: string;
  readonly name: string;
  /** Oldest first. */
  readonly runs: readonly AppliedRun[];
  /** Oldest first. */
  readonly looks: readonly Look[];
  readonly reviews: readonly ReviewedEntry[];
  /** What files say and no apply made, with the commit that wrote it. */
  readonly adopted: readonly { readonly name: string; readonly provenance: Provenance }[];
  /** A group's name as people see it. */
  readonly groupName: (local: string) => string;
  /** Only what concerns this resource. */
  readonly resource?: string;
  /** The platform has no such resource: only what names it concerns it. */
  readonly foreign?: boolean;
}

/** Tells the story. */
export function buildHistory(input: HistoryInput): Story {
  const { target, subject, name, resource, foreign = false } = input;
  const names = namesOver(input);
  const events = [
    ...appliedEvents(input, names),
    ...adoptedEvents(input),
    ...driftEvents(input, names),
    ...reviewEvents(input, names),
  ];
  const told = resource === undefined ? events : events.filter(({ resources }) => resources?.has(resource) ?? !foreign);
  const formerly = [...new Set(names.all.map(({ shown }) => shown))].filter((known) => known !== name);
  return { target, subject, name, formerly, events: told.map(({ event }) => event).sort(byTime) };
}

interface Told {
  readonly event: StoryEvent;
  /** What it is about; undefined where that is not known. */
  readonly resources: ReadonlySet<string> | undefined;
}

const ORDER: readonly StoryEvent["event"][] = ["adopted", "reviewed", "applied", "drifted", "settled"];

function byTime(one: StoryEvent, other: StoryEvent): number {
  return compareText(one.at, other.at) || ORDER.indexOf(one.event) - ORDER.indexOf(other.event);
}

interface Names {
  /** Newest first. */
  readonly all: readonly { readonly local: string; readonly shown: string }[];
  /** Folded name at a run. */
  readonly at: (run: AppliedRun) => string;
  /** Whether it was ever called so. */
  readonly has: (local: string) => boolean;
}

/** What the subject was called when: each rename is followed from the last to the first. */
function namesOver({ platform, subject, local, name, runs }: HistoryInput): Names {
  const kind = subject === "member" ? MEMBER : GROUP;
  const all = [{ local, shown: name }];
  const byRun = new Map<AppliedRun, string>();
  let current = local;
  for (const run of [...runs].reverse()) {
    byRun.set(run, current);
    for (const change of run.changes) {
      if (change.kind !== kind || change.local !== current || !change.before || !change.after) continue;
      const was = platform.fold(change.before.name);
      if (was === current) continue;
      current = was;
      all.push({ local: was, shown: change.before.name });
    }
  }
  const known = new Set(all.map((one) => one.local));
  return { all, at: (run) => byRun.get(run) ?? local, has: (asked) => known.has(asked) };
}

function appliedEvents(input: HistoryInput, names: Names): Told[] {
  const roles = new Set<string>();
  return input.runs.flatMap((run) => {
    const local = names.at(run);
    const own = run.changes.filter((change) => isOwn(change, input.subject, local, names));
    for (const change of own) for (const name of givenBy(change, input.platform)) roles.add(name);
    const rows = rowsOf(run, input, local, names);
    const through = new Set(
      rows
        .flatMap(({ via }) => via.flatMap(({ group, role }) => [group, role]))
        .flatMap((name) => (name === undefined ? [] : [input.platform.fold(name)])),
    );
    const meant = (change: Change) =>
      input.subject === "member"
        ? through.has(change.local)
        : roles.has(`${change.kind}/${change.local}`) || (change.kind !== GROUP && through.has(change.local));
    const others = run.changes.filter((change) => !own.includes(change) && !isPersonal(change) && meant(change));
    if (own.length + others.length === 0 && rows.length === 0) return [];
    const [first] = [...own, ...others, ...run.changes];
    if (!first) return [];
    const moves = run.access ? movesOf(rows) : null;
    const event: StoryEvent = {
      at: run.at,
      event: "applied",
      deeds: [...own, ...others].map((change) => deedOf(change, input.platform)),
      moves,
      provenance: run.provenanceOf(first),
      ...(run.reason === undefined ? {} : { reason: run.reason }),
    };
    // A step that moves nothing at all is about every resource that it could have been about.
    return [
      { event, resources: moves && moves.length > 0 ? new Set(moves.map(({ resource }) => resource)) : undefined },
    ];
  });
}

/** Whether a change is of the subject itself, or of one of its memberships. */
function isOwn(
  { kind, section, local }: Change,
  subject: HistoryInput["subject"],
  name: string,
  names: Names,
): boolean {
  const group = groupOfSection(section);
  // The other entity of a membership may be renamed by the very same run, and is known by either name then.
  const is = (other: string) => other === name || names.has(other);
  if (subject === "member") return (kind === MEMBER || group !== undefined) && is(local);
  return kind === GROUP ? is(local) : group !== undefined && is(group);
}

function isPersonal({ kind }: Change): boolean {
  return kind === MEMBER || kind === MEMBERSHIP;
}

/** What a group refers to, before and after a change of it, as `kind/folded name`. */
function givenBy({ kind, before, after }: Change, platform: Platform): string[] {
  const spec = kind === GROUP ? kindSpec(platform, kind) : undefined;
  return (spec ? comparedAttributes(spec) : []).flatMap(([name, attribute]) =>
    [before, after].flatMap((view) =>
      referencesIn(attribute, view?.attributes[name]).map(
        (reference) => `${reference.kind}/${platform.fold(reference.name)}`,
      ),
    ),
  );
}

type Row = AccessChange & { readonly member: string };

/** The subject's rows of what a plan moved: a group's are those that came or went through it. */
function rowsOf(
  { access = [] }: AppliedRun,
  { platform, subject }: HistoryInput,
  local: string,
  names: Names,
): readonly Row[] {
  const is = (name: string) => platform.fold(name) === local || names.has(platform.fold(name));
  return access.filter(({ member, via }) =>
    subject === "member" ? is(member) : via.some(({ group }) => group !== undefined && is(group)),
  );
}

function movesOf(rows: readonly Row[]): StoryMove[] {
  const moves = new Map<string, StoryMove>();
  for (const { resource, scope, before, after } of rows) {
    const key = JSON.stringify([resource, scope, before, after]);
    const people = (moves.get(key)?.people ?? 0) + 1;
    moves.set(key, { resource, scope, before, after, people });
  }
  return [...moves.values()].sort((a, b) => compareText(a.resource, b.resource) || compareText(a.scope, b.scope));
}

function deedOf(change: Change, platform: Platform): StoryDeed {
  const { kind, name, action, origin, before, after } = change;
  const renamed = before && after && before.name !== after.name;
  const deed = { kind, name, action, origin, details: detailsOf(change, platform) };
  return renamed ? { ...deed, renamedFrom: before.name } : deed;
}

function detailsOf({ kind, before, after }: Change, platform: Platform): StoryDetail[] {
  const spec = kindSpec(platform, kind);
  const details: StoryDetail[] = [];
  for (const [attribute, one] of spec ? comparedAttributes(spec) : []) {
    const [was, is] = [before, after].map((view) => leavesOf(one, view?.attributes[attribute], platform.fold));
    for (const part of [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort(compareText)) {
      const [old, now] = [was?.get(part), is?.get(part)].map((value) => (value === undefined ? null : textOf(value)));
      if (old === now || (one.type === "set" && old !== null && now !== null)) continue;
      details.push({
        attribute,
        part: one.type === "set" ? (now ?? old ?? part) : part,
        before: old ?? null,
        after: now ?? null,
      });
    }
  }
  return details;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** What files took over, commit by commit. */
function adoptedEvents({ adopted }: HistoryInput): Told[] {
  const byCommit = new Map<Provenance, string[]>();
  for (const { name, provenance } of adopted) {
    if (provenance.how !== "written" || provenance.since === null) continue;
    const known = byCommit.get(provenance);
    if (known) known.push(name);
    else byCommit.set(provenance, [name]);
  }
  return [...byCommit].map(([provenance, names]) => ({
    event: { at: provenance.since ?? "", event: "adopted", names: names.sort(compareText), provenance },
    resources: undefined,
  }));
}

/** What looks found that the look before had not found, and what they found no more. */
function driftEvents({ subject, looks, groupName }: HistoryInput, names: Names): Told[] {
  const open = new Map<string, Difference>();
  const told: Told[] = [];
  const tell = (
    event: "drifted" | "settled",
    at: string,
    { kind, section, name, local, attributes, by }: Difference,
  ) => {
    const group = groupOfSection(section);
    const shown = group === undefined ? name : `${name === "" ? local : name} in ${groupName(group)}`;
    const drift = { kind, name: shown, shape: attributes === null ? "missing" : "other", by: by ?? null } as const;
    told.push({ event: { at, event, drift }, resources: undefined });
  };
  for (const { at, differences, isWhole } of looks) {
    const found = new Map<string, Difference>();
    for (const difference of differences) {
      const { kind, section, local } = difference;
      if (isOwnKey(subject, kind, section, local, names)) found.set(`${section}/${local}`, difference);
    }
    for (const [key, difference] of found) {
      const known = open.get(key);
      if (known && (known.attributes === null) === (difference.attributes === null)) continue;
      open.set(key, difference);
      tell("drifted", difference.since ?? at, difference);
    }
    for (const [key, difference] of isWhole ? [...open] : [])
      if (!found.has(key)) {
        open.delete(key);
        tell("settled", at, difference);
      }
  }
  return told;
}

function isOwnKey(
  subject: HistoryInput["subject"],
  kind: string,
  section: string,
  local: string,
  names: Names,
): boolean {
  const group = groupOfSection(section);
  if (subject === "member") return (kind === MEMBER || group !== undefined) && names.has(local);
  return kind === GROUP ? names.has(local) : group !== undefined && names.has(group);
}

function reviewEvents({ platform, subject, target, reviews }: HistoryInput, names: Names): Told[] {
  const has = (name: string) => names.has(platform.fold(name));
  return reviews
    .filter(
      ({ entry }) => entry.target === target && (subject === "member" ? has(entry.member) : entry.groups.some(has)),
    )
    .map(({ review, at, entry, decided, resources }) => ({
      event: { at, event: "reviewed", review: reviewOf(review, entry, decided) },
      resources: new Set(resources),
    }));
}

function reviewOf(review: string, { member, groups, roles }: RosterEntry, decided: DecidedEntry): StoryReview {
  const { decision, justification, by, who, approval } = decided;
  const through = groups.length > 0 ? groups : roles;
  return {
    review,
    member,
    through,
    decision: decisionText(decision),
    justification,
    by,
    who,
    pull: approval?.pull ?? null,
  };
}
