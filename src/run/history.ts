// `rolebook history`: the story of somebody's or a group's access, told from Git and the ledger. It asks no platform, and refuses to
// tell of whom no file and no record knows.
import { openLedger } from "../git/ledger.ts";
import { type Entity, entityAt, groupOfSection, membershipSection, type State, stateOf } from "../model/entity.ts";
import type { Story } from "../model/history.ts";
import { nearest } from "../model/nearest.ts";
import type { AppliedChange } from "../model/past.ts";
import { GROUP, MEMBER, type Platform, resourcesOf } from "../model/platform.ts";
import type { Person, Target } from "../model/settings.ts";
import { buildHistory, type HistoryInput } from "../plan/history.ts";
import { identify } from "../plan/person.ts";
import { renderHistoryJson } from "../report/history-json.ts";
import { renderHistory } from "../report/history-text.ts";
import { fetchForLook } from "./apply-record.ts";
import { type Context, EXIT, type ExitCode, OperatorError, type ResultOptions } from "./context.ts";
import { desiredState } from "./desired.ts";
import { appliedRuns, readStoryRecords, type StoryRecords } from "./history-records.ts";
import { emit } from "./output.ts";
import { openProvenances, type Provenances } from "./provenance.ts";
import { chooseTargets, driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export interface HistoryOptions extends ResultOptions {
  readonly format: "human" | "json";
  readonly resource?: string;
  readonly full: boolean;
  /** Do not fetch from the Git remote. */
  readonly offline: boolean;
}

/** A target that stories are told of. */
interface Ground {
  readonly target: Target;
  readonly platform: Platform;
  readonly declared: State;
  readonly records: StoryRecords;
  /** Everybody whom files or records know, by their folded names. */
  readonly people: State;
  /** Folded name -> name, of groups likewise. */
  readonly groups: ReadonlyMap<string, string>;
}

/** Runs `history`. Exit 1 when nobody and no group is called so. */
export async function runHistory(context: Context, name: string, options: HistoryOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: true });
  if (!workspace.repository)
    throw new OperatorError(
      "history needs a Git repository",
      "What was applied when, is on the ledger beside the files.",
    );
  const grounds: Ground[] = [];
  for (const target of chooseTargets(workspace.policies, options.target)) {
    if (!options.offline) await fetchForLook(context, workspace.repository, target.name);
    grounds.push(await openGround(context, workspace, target));
  }
  const { login, subjects } = subjectsCalled(name, grounds, workspace.policies.settings?.people ?? []);
  if (subjects.length === 0) throw unknownName(name, grounds);
  const resource = options.resource === undefined ? undefined : resourceCalled(options.resource, grounds);
  const stories: Story[] = [];
  const opened = new Map<Ground, Provenances>();
  for (const subject of subjects) {
    const { ground } = subject;
    const provenances = opened.get(ground) ?? (await openProvenances(context, workspace, ground));
    opened.set(ground, provenances);
    stories.push(tell(subject, provenances, resource));
  }
  const told = { login: login ?? null, stories };
  const { color, width } = context.terminal;
  const look = { color: color && options.output === undefined, width, full: options.full };
  emit(context, options.output, [options.format === "json" ? renderHistoryJson(told) : renderHistory(told, look)]);
  return EXIT.done;
}

async function openGround(context: Context, workspace: Workspace, target: Target): Promise<Ground> {
  const { platform } = driverOf(target);
  const declared = desiredState(workspace, target, context.now()).state;
  if (!workspace.repository) throw new TypeError("no repository");
  const records = await readStoryRecords(openLedger(workspace.repository), target.name);
  const people = new Map<string, Entity>();
  const groups = new Map<string, string>();
  const meet = (local: string, name: string, entity?: Entity) => {
    if (!people.has(local) || entity)
      people.set(local, entity ?? { kind: MEMBER, section: MEMBER, local, name, attributes: {} });
  };
  for (const { change } of records.changes) {
    const { kind, section, local, before, after } = change;
    const name = (after ?? before)?.name ?? local;
    if (kind === GROUP) groups.set(local, name);
    if (kind === MEMBER || groupOfSection(section) !== undefined) meet(local, name);
    // What was renamed is asked for by either name.
    if (before && platform.fold(before.name) !== local && kind === MEMBER)
      meet(platform.fold(before.name), before.name);
    if (before && kind === GROUP) groups.set(platform.fold(before.name), before.name);
  }
  for (const [section, entities] of declared)
    for (const [local, entity] of entities)
      if (section === GROUP) groups.set(local, entity.name);
      else if (section === MEMBER) meet(local, entity.name, entity);
      else if (groupOfSection(section) !== undefined) meet(local, entity.name);
  for (const [local, { name }] of platform.defaults.get(GROUP) ?? []) if (!groups.has(local)) groups.set(local, name);
  return { target, platform, declared, records, people: stateOf(people.values()), groups };
}

interface Subject {
  readonly ground: Ground;
  readonly subject: Story["subject"];
  readonly local: string;
  readonly name: string;
}

/** Who is called so on each target, by whatever name, and which groups. */
function subjectsCalled(name: string, grounds: readonly Ground[], people: readonly Person[]) {
  const known = grounds.map(({ people: state, platform }) => ({ state, platform }));
  const { login, members } = identify(name, known, people);
  const subjects: Subject[] = grounds.flatMap((ground, index) => {
    const found = (members[index] ?? []).map(({ local }) => subjectOf(ground, "member", local));
    const local = ground.platform.fold(name);
    return ground.groups.has(local) ? [...found, subjectOf(ground, "group", local)] : found;
  });
  const told = new Map(subjects.map((one) => [JSON.stringify([one.ground.target.name, one.subject, one.local]), one]));
  return { login, subjects: [...told.values()] };
}

/** By the name that it has now, where it was renamed and nothing else took its name since. */
function subjectOf(ground: Ground, subject: Story["subject"], asked: string): Subject {
  const kind = subject === "member" ? MEMBER : GROUP;
  const { platform, declared, records, people, groups } = ground;
  let local = asked;
  if (!isDeclared(declared, kind, asked))
    for (const { change } of records.changes)
      if (change.kind === kind && change.before && change.after && platform.fold(change.before.name) === local)
        local = change.local;
  const name = subject === "member" ? entityAt(people, MEMBER, local)?.name : groups.get(local);
  return { ground, subject, local, name: name ?? local };
}

function isDeclared(declared: State, kind: string, local: string): boolean {
  if (entityAt(declared, kind, local)) return true;
  return (
    kind === MEMBER &&
    [...declared].some(([section, entities]) => groupOfSection(section) !== undefined && entities.has(local))
  );
}

function tell(
  { ground, subject, local, name }: Subject,
  { ofChange, ofEntity }: Provenances,
  resource: string | undefined,
): Story {
  const { target, platform, declared, records, groups } = ground;
  const input: HistoryInput = {
    target: target.name,
    platform,
    subject,
    local,
    name,
    runs: appliedRuns(records, (change: AppliedChange) => ofChange(change)),
    looks: records.looks,
    reviews: records.reviews,
    adopted: keysOf(declared, subject, local).map(({ section, local: of, name: shown }) => {
      const group = groupOfSection(section);
      const called = group === undefined ? shown : `${shown} in ${groups.get(group) ?? group}`;
      return { name: called, provenance: ofEntity(section, of) };
    }),
    groupName: (group) => groups.get(group) ?? group,
    ...(resource === undefined ? {} : { resource, foreign: !hasResource(ground, resource) }),
  };
  return buildHistory(input);
}

/** The subject itself, and its memberships. */
function keysOf(declared: State, subject: Story["subject"], local: string): Entity[] {
  const own = entityAt(declared, subject === "member" ? MEMBER : GROUP, local);
  const memberships =
    subject === "group"
      ? [...(declared.get(membershipSection(local))?.values() ?? [])]
      : [...declared].flatMap(([section, entities]) =>
          groupOfSection(section) === undefined ? [] : (entities.get(local) ?? []),
        );
  return own?.place ? [own, ...memberships] : memberships;
}

function hasResource({ platform, declared }: Ground, resource: string): boolean {
  return resourcesOf(platform, declared).some(({ name }) => name === resource);
}

function resourceCalled(text: string, grounds: readonly Ground[]): string {
  const all = grounds.flatMap(({ platform, declared }) =>
    resourcesOf(platform, declared).flatMap(({ name, aliases }) =>
      [name, ...aliases].map((known) => ({ known, name, fold: platform.fold })),
    ),
  );
  const found = all.find(({ known, fold }) => fold(known) === fold(text));
  if (found) return found.name;
  const guess = nearest(
    text,
    all.map(({ known }) => known),
  );
  throw new OperatorError(
    `There is no resource "${text}"`,
    guess === undefined ? undefined : `Did you mean "${guess}"?`,
  );
}

function unknownName(name: string, grounds: readonly Ground[]): OperatorError {
  const known = grounds.flatMap(({ people, groups }) => [
    ...[...(people.get(MEMBER)?.values() ?? [])].map((entity) => entity.name),
    ...groups.values(),
  ]);
  const guess = nearest(name, known);
  return new OperatorError(
    `No member and no group is or was called "${name}", as far as the files and the ledger tell`,
    guess === undefined ? undefined : `Did you mean "${guess}"?`,
  );
}
