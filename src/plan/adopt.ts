// From drift to edits: what the files have to say so that Git agrees with live. It adopts what Git manages and who came into
// groups of Git's, and nothing that is unmanaged as a whole; what would leave files that do not hang together is refused, with why.
import type { Edit } from "../model/edit.ts";
import {
  type Attributes,
  type Entity,
  entityAt,
  groupOfSection,
  membershipSection,
  type State,
  splitKey,
  type Value,
} from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Drifted } from "../model/plan.ts";
import { type AttributeSpec, GROUP, type KindSpec, kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import type { DriftMode, Target } from "../model/settings.ts";
import { applySteps } from "./access.ts";
import { displayName } from "./changes.ts";
import { driftModeOf } from "./drift-mode.ts";
import { applyEdit } from "./edited-state.ts";
import { splitEnded } from "./expire.ts";
import { canPoint, comparedAttributes, joinLeaves, leavesOf, pointedAt, referencesIn, renameIn } from "./leaves.ts";

export interface AdoptInput {
  readonly target: Target;
  readonly platform: Platform;
  /** As the files say, memberships that have ended included. */
  readonly want: State;
  readonly base: State;
  /** As the plan saw it: renamed people under the names that Git knows them by. */
  readonly live: State;
  readonly drift: readonly Drifted[];
  /** Keys of members whose name is somebody else's now: nothing of theirs is adopted. */
  readonly impostors: ReadonlySet<string>;
  readonly now: Date;
}

/** What belongs together: made whole or not at all. */
export interface AdoptStep {
  readonly key: string;
  /** As people see it. */
  readonly name: string;
  readonly kind: string;
  /** `drift`: live is followed. `ended`: an entry is over. `renamed`: a person has another name on the platform. */
  readonly why: "drift" | "ended" | "renamed";
  readonly edits: readonly Edit[];
}

export interface Refused {
  readonly key: string;
  readonly name: string;
  readonly kind: string;
  /** One sentence. */
  readonly reason: string;
}

export interface Adoption {
  /** In the order to make them. */
  readonly steps: readonly AdoptStep[];
  readonly refused: readonly Refused[];
}

/** The edits that adopt drift whose mode is `propose`, and that clear up what is over or renamed unless drift is only reported. */
export function adoptDrift(input: AdoptInput): Adoption {
  const { want, platform, drift } = input;
  const steps: AdoptStep[] = [...endedSteps(input)];
  const refused: Refused[] = [];
  let left = stateAfter(want, steps, platform);
  const proposed = drift.filter(({ mode }) => mode === "propose");
  const twins = twinsOf(proposed, input);
  const make = (item: Drifted, edits: readonly Edit[] | string) => {
    const { key, name, kind } = item;
    if ((kind === MEMBER || isMembership(item)) && input.impostors.has(`${MEMBER}/${splitKey(key)[1]}`))
      refused.push({ key, name, kind, reason: "somebody else has the name now: say first who is meant" });
    else if (typeof edits === "string") refused.push({ key, name, kind, reason: edits });
    else if (edits.length > 0) {
      const step: AdoptStep = { key, name, kind, why: "drift", edits };
      left = stateAfter(left, [step], platform);
      steps.push(step);
    }
  };
  for (const item of proposed)
    if (item.shape === "missing" && isMembership(item)) make(item, leaveEdits(item, input, twins));
  for (const item of proposed) if (item.shape === "changed") make(item, changeEdits(item, input));
  for (const item of proposed)
    if (item.shape === "extra" && isMembership(item)) make(item, joinEdits(item, input, steps));
  for (const item of [...proposed].sort((a, b) => order(b, platform) - order(a, platform)))
    if (item.shape === "missing" && !isMembership(item))
      make(item, twins.get(item.key) ?? removalEdits(item, input, left));
  return { steps: [...steps, ...renameSteps(input)], refused };
}

/** What the files say once some steps are made. */
export function stateAfter(want: State, steps: readonly AdoptStep[], platform: Platform): State {
  return steps.flatMap(({ edits }) => edits).reduce((state, edit) => applyEdit(state, edit, platform), want);
}

function isMembership({ key }: Pick<Drifted, "key">): boolean {
  return groupOfSection(splitKey(key)[0]) !== undefined;
}

/** The place of a kind in the order things come into being. */
function order({ kind }: Pick<Drifted, "kind">, { kinds }: Platform): number {
  return kinds.findIndex((spec) => spec.kind === kind);
}

function groupNameOf(group: string, { want, live, platform }: AdoptInput): string {
  const known =
    entityAt(want, GROUP, group) ?? entityAt(platform.defaults, GROUP, group) ?? entityAt(live, GROUP, group);
  return known?.name ?? group;
}

function* endedSteps(input: AdoptInput): Iterable<AdoptStep> {
  const { want, base, target, now } = input;
  for (const key of [...splitEnded(want, now, target.timeZone).ended].sort(compareText)) {
    const [section, local] = splitKey(key);
    const entity = entityAt(want, section, local);
    const group = groupOfSection(section);
    if (!entity || group === undefined || modeOf({ section, local }, input, base) === "report") continue;
    const edit: Edit = { edit: "remove-member", group: groupNameOf(group, input), member: entity.name };
    yield { key, name: displayName(entity, [want]), kind: entity.kind, why: "ended", edits: [edit] };
  }
}

function modeOf(entity: Pick<Entity, "section" | "local">, { want, target }: AdoptInput, base: State): DriftMode {
  return driftModeOf(entity, want, base, target.drift);
}

/** People by the name that Git knows them by, who have another one on the platform. */
function* renameSteps({ want, live, target }: AdoptInput): Iterable<AdoptStep> {
  if (target.drift === "report") return;
  const people = [...(live.get(MEMBER)?.values() ?? [])].sort((a, b) => compareText(a.local, b.local));
  for (const { kind, section, local, name, nowCalled } of people) {
    if (nowCalled === undefined || !isNamed(want, local)) continue;
    const edit: Edit = { edit: "rename-member", from: name, to: nowCalled, previously: true };
    yield { key: `${section}/${local}`, name, kind, why: "renamed", edits: [edit] };
  }
}

function isNamed(want: State, member: string): boolean {
  if (entityAt(want, MEMBER, member)) return true;
  for (const [section, entities] of want)
    if (groupOfSection(section) !== undefined && entities.has(member)) return true;
  return false;
}

function leaveEdits({ key }: Drifted, input: AdoptInput, twins: ReadonlyMap<string, string>): Edit[] | string {
  const [section, local] = splitKey(key);
  const entity = entityAt(input.want, section, local);
  const group = groupOfSection(section) ?? "";
  if (!entity) return [];
  if (twins.has(`${GROUP}/${group}`)) return "its group may only have another name now";
  return [{ edit: "remove-member", group: groupNameOf(group, input), member: entity.name }];
}

/**
 * By key, why something that is gone is not taken out: something just like it is there under another name, which Git does not
 * manage. Taken out, whatever was renamed by hand would be out of Git's sight, with everybody in it.
 */
function twinsOf(proposed: readonly Drifted[], input: AdoptInput): ReadonlyMap<string, string> {
  const twins = new Map<string, string>();
  for (const { key, kind, shape, name } of proposed) {
    if (shape !== "missing" || kind === MEMBER || groupOfSection(splitKey(key)[0]) !== undefined) continue;
    const twin = twinOf(key, kind, input);
    if (twin)
      twins.set(
        key,
        `the platform has ${kind.toLowerCase()} "${twin.name}" instead, just like it and not in Git: if it was renamed, rename it here too, with previously: ${name}; if not, take it out here`,
      );
  }
  return twins;
}

function twinOf(key: string, kind: string, { want, base, live, platform }: AdoptInput): Entity | undefined {
  const [section, local] = splitKey(key);
  const [gone, spec] = [entityAt(want, section, local), kindSpec(platform, kind)];
  if (!gone || !spec) return undefined;
  const strangers = [...(live.get(section)?.values() ?? [])].filter(
    (one) => !entityAt(want, section, one.local) && !entityAt(base, section, one.local),
  );
  const people = kind === GROUP ? peopleOf(want, local) : "";
  return strangers
    .sort((a, b) => compareText(a.local, b.local))
    .find((one) => isAlike(spec, gone, one, platform) || (people !== "" && people === peopleOf(live, one.local)));
}

/** Whether they say the same, and anything at all, where it matters for access. */
function isAlike(spec: KindSpec, one: Entity, other: Entity, { fold }: Platform): boolean {
  const said = ({ attributes }: Entity) =>
    comparedAttributes(spec)
      .filter(([, { type, refersTo }]) => type !== "text" || refersTo !== undefined)
      .flatMap(([name, attribute]) => [...leavesOf(attribute, attributes[name], fold)].map((leaf) => [name, leaf]));
  const text = JSON.stringify(said(one));
  return text !== "[]" && text === JSON.stringify(said(other));
}

function peopleOf(state: State, group: string): string {
  return [...(state.get(membershipSection(group))?.keys() ?? [])].sort(compareText).join("\n");
}

/** Somebody whom no file declares gets a document where people have them. */
function joinEdits({ key }: Drifted, input: AdoptInput, earlier: readonly AdoptStep[]): Edit[] | string {
  const { want, base, live, platform } = input;
  const [section, local] = splitKey(key);
  const entity = entityAt(live, section, local);
  if (!entity) return [];
  const declared = entityAt(want, MEMBER, local);
  const member = declared?.name ?? entityAt(live, MEMBER, local)?.name ?? entity.name;
  const join: Edit = { edit: "add-member", group: groupNameOf(groupOfSection(section) ?? "", input), member };
  const isMade = earlier.some(({ edits }) =>
    edits.some((edit) => edit.edit === "add-document" && edit.kind === MEMBER && platform.fold(edit.name) === local),
  );
  if (declared || isMade || (want.get(MEMBER)?.size ?? 0) === 0) return [join];
  if (entityAt(base, MEMBER, local)) return "Git has just taken out who they are: apply that first";
  const attributes = proseOf(kindSpec(platform, MEMBER), entityAt(live, MEMBER, local)?.attributes ?? {});
  return [{ edit: "add-document", kind: MEMBER, name: member, attributes }, join];
}

/** What a new document says of somebody: texts that are for people to read. What gives access stays as untouched as it was. */
function proseOf(spec: KindSpec | undefined, attributes: Attributes): Attributes {
  const texts = spec ? comparedAttributes(spec).filter(([, { type, refersTo }]) => type === "text" && !refersTo) : [];
  return Object.fromEntries(
    texts.flatMap(([name]) => {
      const value = attributes[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/** Each attribute as the files have it, with the pieces that drifted as live has them. */
function changeEdits({ key, kind, attributes }: Drifted, input: AdoptInput): Edit[] | string {
  const [section, local] = splitKey(key);
  const entity = entityAt(input.want, section, local);
  const spec = kindSpec(input.platform, kind);
  if (!entity || !spec) return [];
  const edits: Edit[] = [];
  for (const [attribute, attributeSpec] of comparedAttributes(spec)) {
    const pieces = attributes.filter(
      (piece) => piece.attribute === attribute || piece.attribute.startsWith(`${attribute}/`),
    );
    if (pieces.length === 0) continue;
    const leaves = new Map(leavesOf(attributeSpec, entity.attributes[attribute], input.platform.fold));
    for (const { attribute: label, live } of pieces) {
      const part = partOf(attributeSpec, label.slice(attribute.length + 1), input.platform);
      if (live === undefined) leaves.delete(part);
      else leaves.set(part, live);
    }
    const value = asDeclared(attributeSpec, joinLeaves(attributeSpec, leaves), input);
    const unknown = unknownIn(attributeSpec, value, input);
    if (unknown !== undefined) return unknown;
    edits.push({ edit: "set-attribute", kind, name: entity.name, attribute, value });
  }
  const renamed = attributes.find(({ attribute }) => attribute === "name")?.live;
  if (typeof renamed === "string") edits.push({ edit: "rename", kind, from: entity.name, to: renamed });
  return edits;
}

function partOf({ type }: AttributeSpec, label: string, { fold }: Platform): string {
  return type === "set" ? fold(label) : type === "map" ? label : "";
}

/** Names as the files declare them: the platform may write them in another case. */
function asDeclared(spec: AttributeSpec, value: Value | undefined, { want, platform }: AdoptInput): Value | undefined {
  if (value === undefined) return undefined;
  return renameIn(spec, value, ({ kind, name }) => knownAs(kind, name, want, platform)?.name ?? name);
}

function knownAs(kind: string, name: string, want: State, platform: Platform): Entity | undefined {
  const local = platform.fold(name);
  return entityAt(want, kind, local) ?? entityAt(platform.defaults, kind, local);
}

/** Why a value cannot stand in the files: it names what they do not have. */
function unknownIn(
  spec: AttributeSpec,
  value: Value | undefined,
  { want, platform, target }: AdoptInput,
): string | undefined {
  const { fold } = platform;
  for (const { kind, name } of referencesIn(spec, value)) {
    const isReference = kindSpec(platform, kind)?.role === "reference";
    const listed = kind === platform.scopeKind ? target.environments : undefined;
    if (isReference && (!listed || listed.some((known) => fold(known) === fold(name)))) continue;
    if (!isReference && knownAs(kind, name, want, platform)) continue;
    const named = `it names ${kind.toLowerCase()} "${name}"`;
    return isReference
      ? `${named}, which the settings do not list: list it there first`
      : `${named}, which Git does not manage: \`rolebook import\` brings it in`;
  }
  return undefined;
}

/** What is gone takes who was in it along; what still names it keeps it. `left` is what the files say after the other steps. */
function removalEdits({ key, kind, name }: Drifted, input: AdoptInput, left: State): Edit[] | string {
  const { platform } = input;
  const [section, local] = splitKey(key);
  const entity = entityAt(input.want, section, local);
  if (!entity) return [];
  const edits: Edit[] = [];
  if (kind === GROUP)
    for (const { name: member } of left.get(membershipSection(local))?.values() ?? [])
      edits.push({ edit: "remove-member", group: name, member });
  if (kind === MEMBER)
    for (const [held, entities] of left) {
      const group = groupOfSection(held);
      if (group !== undefined && entities.has(local))
        return `Git still lists them in group "${groupNameOf(group, input)}", whose drift is not adopted`;
    }
  const holder = referrerOf(kind, local, left, platform);
  if (holder) return `${holder.kind} "${holder.name}" still names it`;
  edits.sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
  return [...edits, { edit: "remove-document", kind, name: entity.name }];
}

function referrerOf(kind: string, local: string, state: State, platform: Platform): Entity | undefined {
  // What rests on whatever there is of a kind does not keep one of them.
  const rest = applySteps(state, [{ before: entityAt(state, kind, local), after: undefined }]);
  for (const spec of platform.kinds) {
    if (!canPoint(spec)) continue;
    for (const entity of rest.get(spec.kind)?.values() ?? []) {
      const named = pointedAt(spec, entity, rest);
      if (named.some((one) => one.kind === kind && platform.fold(one.name) === local)) return entity;
    }
  }
  return undefined;
}
