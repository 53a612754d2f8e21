// From decisions to edits of policy files: exactly what was decided is gone, lower or ends, everything kept stays, and nobody gains
// anything. Each person's decisions are made together; one that cannot be made is a finding at its entry, and the others are made.
import type { CampaignStart, Decision, RosterEntry } from "../../model/campaign.ts";
import type { Edit } from "../../model/edit.ts";
import { type Entity, entityAt, membershipSection, type State } from "../../model/entity.ts";
import { compareText, type Finding, type Place } from "../../model/finding.ts";
import { GROUP, kindSpec, MEMBER, REVIEWED } from "../../model/platform.ts";
import { addDays, dateIn } from "../../model/until.ts";
import { accessGroups } from "../access.ts";
import { applyEdit } from "../edited-state.ts";
import { splitEnded } from "../expire.ts";
import { cellOf } from "./ground.ts";
import { openScene, type Scene, type SettledTarget } from "./scene.ts";
import { settlePerson } from "./settle-person.ts";
import { entryOfCell, type KnownEntry, type PersonCase, type PersonSteps } from "./settle-run.ts";

/** An entry with what was decided of it. */
export interface SettledEntry {
  readonly entry: RosterEntry;
  readonly decision: Decision;
  /** Somebody decided it; else it is what becomes of what nobody decides. */
  readonly reviewed: boolean;
  readonly place?: Place;
}

/** What something is called now that had a name when the review began: display names. */
export type NameNow = (target: string, kind: string, name: string) => string;

export interface SettleInput {
  readonly now: Date;
  /** The day that groups say they were reviewed on. */
  readonly day: string;
  readonly targets: readonly SettledTarget[];
  /** Every entry of the campaign. */
  readonly entries: readonly SettledEntry[];
  /** Everything that was held when it began. */
  readonly rows: CampaignStart["rows"];
  readonly nameNow: NameNow;
}

/** What belongs together. */
export interface SettleStep {
  readonly target: string;
  /** As people see them; empty for what is about a group. */
  readonly member: string;
  /** Entries that it makes. */
  readonly entries: readonly string[];
  readonly edits: readonly Edit[];
}

export interface Settlement {
  /** By target, then member; groups last. */
  readonly steps: readonly SettleStep[];
  /** Entry -> why its decision cannot be made; sorted by entry. */
  readonly findings: readonly Finding[];
}

/** The edits that make the decisions. Those that are made already take none. */
export function settleDecisions(input: SettleInput): Settlement {
  const steps: SettleStep[] = [];
  const findings: Finding[] = [];
  for (const at of input.targets) {
    const made = settleTarget(at, input);
    steps.push(...made.steps);
    findings.push(...made.findings);
  }
  return { steps, findings: findings.sort((a, b) => compareText(a.key ?? "", b.key ?? "")) };
}

function settleTarget(at: SettledTarget, input: SettleInput): Settlement {
  const scene = openScene(at, input.now);
  const entries = input.entries.filter(({ entry }) => entry.target === at.target.name);
  const cases = casesOf(scene, entries, input);
  const steps: SettleStep[] = [];
  const findings: Finding[] = [];
  for (const [, { about, decisions }] of [...cases].sort((a, b) => compareText(a[0], b[0]))) {
    const settled = settleOne(about, decisions);
    findings.push(...settled.findings);
    const edits = editsOf(about, settled.steps, input);
    if (edits.length === 0) continue;
    const { name } = about.person;
    steps.push({ target: at.target.name, member: name, entries: settled.made, edits });
  }
  const wrong = gainsIn(at, steps, input);
  if (wrong) return { steps: [], findings: [wrong] };
  return { steps: [...steps, ...reviewedGroups(scene, cases, input)], findings };
}

interface Case {
  readonly about: PersonCase;
  readonly decisions: readonly SettledEntry[];
}

/** By folded name; nobody who is no member any more. */
function casesOf(
  scene: Scene,
  entries: readonly SettledEntry[],
  { rows, nameNow }: SettleInput,
): ReadonlyMap<string, Case> {
  const { target, platform } = scene.at;
  const nowOf = (kind: string, name: string) => platform.fold(nameNow(target.name, kind, name));
  const entryOfRow = new Map(entries.flatMap(({ entry }) => entry.rows.map((row) => [row, entry.id] as const)));
  const starts = new Map<string, Map<string, string | null>>();
  for (const row of rows) {
    if (row.target !== target.name) continue;
    const member = nowOf(MEMBER, row.member);
    const cells = starts.get(member) ?? new Map<string, string | null>();
    starts.set(member, cells.set(cellOf(row), entryOfRow.get(row.id) ?? null));
  }
  const byMember = new Map<string, SettledEntry[]>();
  for (const one of entries) {
    const member = nowOf(MEMBER, one.entry.member);
    byMember.set(member, [...(byMember.get(member) ?? []), one]);
  }
  const fileNames = fileNamesOf(scene, entries, (name) => nowOf(GROUP, name));
  const cases = new Map<string, Case>();
  for (const [member, decisions] of byMember) {
    const person = scene.personOf(member);
    if (!person) continue;
    const known = decisions.map(
      ({ entry }): KnownEntry => ({
        entry,
        // By both names where only the platform has the new one: files give by the old one what the platform gives by the new.
        groups: new Set(
          entry.groups.flatMap((name) => {
            const now = nowOf(GROUP, name);
            return fileNames.has(now) ? [now, platform.fold(name)] : [now];
          }),
        ),
        roles: new Set(entry.roles.map((name) => nowOf("Role", name))),
      }),
    );
    const entryAtStart = (cell: string) => starts.get(member)?.get(cell);
    cases.set(member, { about: { scene, person, entries: known, entryAtStart, fileNames }, decisions });
  }
  return cases;
}

/** What files still call the groups that have another name on the platform alone, by that name (folded). */
function fileNamesOf(
  { at: { want, platform } }: Scene,
  entries: readonly SettledEntry[],
  nowOf: (name: string) => string,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const name of new Set(entries.flatMap(({ entry }) => entry.groups))) {
    const [now, before] = [nowOf(name), entityAt(want, GROUP, platform.fold(name))];
    if (before && before.local !== now && !entityAt(want, GROUP, now)) names.set(now, before.name);
  }
  return names;
}

interface Settled {
  readonly steps: PersonSteps;
  readonly made: readonly string[];
  readonly findings: readonly Finding[];
}

const NO_STEPS: PersonSteps = { leave: [], drop: [], ends: new Map(), join: new Map() };
const RANK = { revoke: 0, reduce: 1, until: 2, keep: 3 } as const;

/** All decisions at once; where that cannot be, one after the other, each that can be made with those before it. */
function settleOne(about: PersonCase, entries: readonly SettledEntry[]): Settled {
  const taking = entries
    .filter(({ decision }) => decision.decision !== "keep")
    .sort((a, b) => RANK[a.decision.decision] - RANK[b.decision.decision] || compareText(a.entry.id, b.entry.id));
  if (taking.length === 0) return { steps: NO_STEPS, made: [], findings: [] };
  const all = settlePerson(about, decisionsOf(taking));
  if (!("message" in all)) return { steps: all, made: taking.map(({ entry }) => entry.id), findings: [] };
  const made: SettledEntry[] = [];
  const findings: Finding[] = [];
  let steps = NO_STEPS;
  for (const one of taking) {
    const next = settlePerson(about, decisionsOf([...made, one]));
    if ("message" in next) findings.push(unmade(one, next));
    else {
      steps = next;
      made.push(one);
    }
  }
  return { steps, made: made.map(({ entry }) => entry.id), findings };
}

function decisionsOf(entries: readonly SettledEntry[]): ReadonlyMap<string, Decision> {
  return new Map(entries.map(({ entry, decision }) => [entry.id, decision]));
}

function unmade(
  { entry, decision, place }: SettledEntry,
  { message, hint }: { readonly message: string; readonly hint: string },
): Finding {
  const what = decision.decision === "revoke" ? "taken away" : decision.decision === "reduce" ? "reduced" : "ended";
  const through = entry.groups.length > 0 ? ` through ${entry.groups.join(", ")}` : "";
  return {
    severity: "error",
    code: "decision-cannot-be-made",
    message: `What ${entry.member} holds${through} on ${entry.target} cannot be ${what}: ${message}`,
    key: entry.id,
    hint,
    ...(place ? { place } : {}),
  };
}

function editsOf({ scene, person }: PersonCase, steps: PersonSteps, { now }: SettleInput): Edit[] {
  const { want, target, platform } = scene.at;
  const belongings = scene.groupsOf(person.local);
  const member = person.name;
  const groupName = (group: string) => belongings.get(group)?.name ?? entityAt(want, GROUP, group)?.name ?? group;
  const isStranger = (group: string) => belongings.get(group)?.by === "stranger";
  const edits: Edit[] = [];
  const put = (group: string, until: string | undefined) => {
    // An entry of theirs that has ended is in the way of a new one.
    if (entityAt(want, membershipSection(group), person.local))
      edits.push({ edit: "remove-member", group: groupName(group), member });
    edits.push({ edit: "add-member", group: groupName(group), member });
    if (until !== undefined) edits.push({ edit: "set-until", group: groupName(group), member, until });
  };
  // What only the platform has is in the files as ended: so the next apply takes it away, and says since when it is over.
  const yesterday = addDays(dateIn(now, target.timeZone), -1);
  for (const group of [...steps.leave].sort(compareText))
    if (isStranger(group)) put(group, yesterday);
    else edits.push({ edit: "remove-member", group: groupName(group), member });
  for (const [group, until] of [...steps.ends].sort((a, b) => compareText(a[0], b[0])))
    if (isStranger(group)) put(group, until);
    else edits.push({ edit: "set-until", group: groupName(group), member, until });
  for (const [group, until] of [...steps.join].sort((a, b) => compareText(a[0], b[0]))) put(group, until);
  for (const attribute of [...new Set(steps.drop.map((element) => element.attribute))].sort(compareText)) {
    const gone = new Set(steps.drop.filter((element) => element.attribute === attribute).map(({ text }) => text));
    const declared = entityAt(want, MEMBER, platform.fold(member))?.attributes[attribute];
    const value = (Array.isArray(declared) ? declared : []).filter((text: string) => !gone.has(text));
    edits.push({ edit: "set-attribute", kind: MEMBER, name: member, attribute, value });
  }
  return edits;
}

/** What the edits give anybody, which must be nothing. */
function gainsIn(at: SettledTarget, steps: readonly SettleStep[], { now }: SettleInput): Finding | undefined {
  if (steps.length === 0) return undefined;
  const { platform, target, want } = at;
  const after = stateAfterSteps(want, steps, at);
  const view = (state: State) => platform.access(splitEnded(state, now, target.timeZone).active);
  const people = new Set(steps.map(({ member }) => platform.fold(member)));
  const moved = accessGroups(view(want), view(after), platform, (member) => member);
  const wrong = moved.find(({ gains, members }) => gains || members.some((member) => !people.has(member)));
  if (!wrong) return undefined;
  return {
    severity: "error",
    code: "decision-cannot-be-made",
    message: `The edits of ${target.name} would give ${wrong.members[0]} something, or take from somebody who was not decided on`,
    key: target.name,
    hint: "Make the decisions by hand, and close the review again.",
  };
}

/** What the files say once the steps are made. */
export function stateAfterSteps(
  want: State,
  steps: readonly SettleStep[],
  { platform }: Pick<SettledTarget, "platform">,
): State {
  return steps.flatMap(({ edits }) => edits).reduce((state, edit) => applyEdit(state, edit, platform), want);
}

/** Groups of whose people everything that they give was decided by somebody. */
function reviewedGroups(scene: Scene, cases: ReadonlyMap<string, Case>, { day }: SettleInput): SettleStep[] {
  const { platform, want, live, target } = scene.at;
  if (!kindSpec(platform, GROUP)?.attributes[REVIEWED]) return [];
  const reviewed = new Map<string, boolean>();
  const people = new Set<string>();
  for (const [section, entities] of [...want, ...live])
    if (section.startsWith(membershipSection(""))) for (const member of entities.keys()) people.add(member);
  for (const member of people) {
    const known = cases.get(member);
    for (const [group, all] of decidedGroups(scene, member, known))
      reviewed.set(group, (reviewed.get(group) ?? true) && all);
  }
  return [...reviewed]
    .sort((a, b) => compareText(a[0], b[0]))
    .flatMap(([group, all]) => {
      const entity = entityAt(want, GROUP, group);
      if (!all || !isOwn(entity, scene) || String(entity.attributes[REVIEWED] ?? "") >= day) return [];
      const edit: Edit = { edit: "set-attribute", kind: GROUP, name: entity.name, attribute: REVIEWED, value: day };
      return [{ target: target.name, member: "", entries: [], edits: [edit] }];
    });
}

/** Declared by a file, and not only what every target comes with. */
function isOwn(entity: Entity | undefined, { at }: Scene): entity is Entity {
  return entity?.place !== undefined && entityAt(at.platform.defaults, GROUP, entity.local) !== entity;
}

/** Each of somebody's groups, with whether all that it gives them was decided. One that gives them nothing was not looked at. */
function decidedGroups(scene: Scene, member: string, known: Case | undefined): ReadonlyMap<string, boolean> {
  const belongings = scene.groupsOf(member);
  if (!known) return new Map([...belongings.keys()].map((group) => [group, false]));
  const { about, decisions } = known;
  const byId = new Map(decisions.map((one) => [one.entry.id, one]));
  const { fold } = scene.at.platform;
  const found = new Map<string, boolean>();
  for (const [cell, held] of scene.holds(about.person, belongings.keys())) {
    const entry = byId.get(entryOfCell(about, cell, held, fold) ?? "");
    for (const { group } of held.paths) {
      if (group === undefined) continue;
      const local = fold(group);
      const isKnown = about.entries.some(({ groups }) => groups.has(local));
      found.set(local, (found.get(local) ?? true) && isKnown && entry?.reviewed === true);
    }
  }
  return new Map([...belongings.keys()].map((group) => [group, found.get(group) ?? false]));
}
