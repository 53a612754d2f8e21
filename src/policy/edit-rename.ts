// Another name for an entity: in its document and wherever the target's files refer to it, as the platform's kinds say. What
// governs all targets (guardrails, waivers, identities, settings) is not looked at: a person has to follow there.
import type { DocumentPath, Json } from "../model/document.ts";
import { MEMBERSHIP } from "../model/entity.ts";
import { type AttributeSpec, bareName, GROUP, type KindSpec, kindSpec, MEMBER } from "../model/platform.ts";
import { type DocumentSpot, type Draft, EditRefused } from "./edit-draft.ts";
import { findDocument, identityOf, placeOfDocument } from "./edit-find.ts";
import { addressOf, membershipLists } from "./edit-members.ts";
import { type NodeSpot, replaceValues } from "./edit-steps.ts";
import { memberIdentity } from "./memberships.ts";
import { clean } from "./names.ts";

interface Renaming {
  readonly kind: string;
  /** Folded. */
  readonly from: string;
  readonly to: string;
}

type Change = NodeSpot & { readonly value: Json };

/** Replaces the name of an entity everywhere; of a kind without documents, in what refers to it. */
export function renameEntity(draft: Draft, kind: string, from: string, to: string): void {
  const spec = kindSpec(draft.platform, kind);
  if (!spec || kind === MEMBERSHIP) throw new EditRefused(`A ${kind} has no name of its own`);
  const { fold } = draft.platform;
  const found = findDocument(draft, kind, from);
  const other = fold(from) === fold(to) ? undefined : findDocument(draft, kind, to);
  if (other) throw new EditRefused(`${kind} "${to}" is declared already`, placeOfDocument(draft, other));
  const renaming: Renaming = { kind, from: fold(from), to: clean(to) };
  const changes: Change[] = [];
  if (found) {
    const name = spec.owner === undefined ? clean(to) : ownName(draft, found.value[spec.owner], from, to);
    changes.push({ ...found, steps: [spec.identity], value: name });
  }
  for (const { value, ...spot } of draft.documents()) {
    // The name could stand where it cannot be read.
    draft.demandSound(spot);
    const other = kindSpec(draft.platform, String(value.kind));
    if (!other) continue;
    if (other.kind === MEMBERSHIP) changes.push(...inMembership(draft, spot, value, renaming));
    else for (const change of referencesIn(draft, value, other, renaming)) changes.push({ ...spot, ...change });
  }
  if (!found && spec.role !== "reference" && changes.length === 0)
    throw new EditRefused(`No file of the target says ${kind} "${from}"`);
  if (kind === MEMBER) demandSingle(draft, renaming);
  const paths = new Set(changes.map(({ path }) => path));
  for (const path of paths)
    replaceValues(
      draft,
      changes.filter((change) => change.path === path),
    );
}

/** The name without its owner's, who stays the same. */
function ownName(draft: Draft, owner: Json | undefined, from: string, to: string): string {
  const holder = typeof owner === "string" ? clean(owner) : "";
  const name = bareName(to, holder);
  if (name === to) throw new EditRefused(`"${from}" cannot become "${to}": it would be somebody else's`);
  return draft.platform.fold(name) === "" ? to : name;
}

/** A list that names both would name one person twice. */
function demandSingle(draft: Draft, { from, to }: Renaming): void {
  const local = draft.platform.fold(to);
  const groups = new Map<string, Set<string>>();
  for (const { group, names } of membershipLists(draft)) {
    const key = draft.platform.fold(group);
    const all = groups.get(key) ?? new Set();
    for (const name of names) if (name !== undefined) all.add(name);
    groups.set(key, all);
  }
  if (from !== local && [...groups.values()].some((all) => all.has(from) && all.has(local)))
    throw new EditRefused(`"${to}" is in a group already that the old name is in as well`);
}

function inMembership(
  draft: Draft,
  spot: DocumentSpot,
  value: { readonly [key: string]: Json },
  { kind, from, to }: Renaming,
): Change[] {
  const { fold } = draft.platform;
  const changes: Change[] = [];
  if (kind === GROUP && fold(identityOf(draft, spot, value, "group")) === from)
    changes.push({ ...spot, steps: ["group"], value: to });
  if (kind !== MEMBER || !Array.isArray(value.members)) return changes;
  const identity = memberIdentity(draft.platform);
  for (const [index, item] of (value.members as readonly Json[]).entries()) {
    const name = addressOf(item, identity);
    if (name === undefined || fold(name) !== from) continue;
    const steps: DocumentPath = typeof item === "string" ? ["members", index] : ["members", index, identity];
    changes.push({ ...spot, steps, value: to });
  }
  return changes;
}

interface Reference {
  readonly steps: DocumentPath;
  readonly value: Json;
}

function* referencesIn(
  draft: Draft,
  value: { readonly [key: string]: Json },
  spec: KindSpec,
  renaming: Renaming,
): Iterable<Reference> {
  const isMeant = (name: Json | undefined) => typeof name === "string" && draft.platform.fold(name) === renaming.from;
  for (const [attribute, attributeSpec] of Object.entries(spec.attributes)) {
    const current = value[attribute];
    const points = pointsAt(spec, attribute, attributeSpec, renaming.kind);
    if (Array.isArray(current)) {
      for (const [index, item] of (current as readonly Json[]).entries()) {
        if (attributeSpec.element) yield* inElement(draft, [attribute, index], item, attributeSpec, renaming);
        else if (points && isMeant(item)) yield { steps: [attribute, index], value: renaming.to };
      }
    } else if (attributeSpec.type === "scope" && isMeant(current)) {
      if (isSetOf(draft, renaming.kind, attributeSpec)) yield { steps: [attribute], value: renaming.to };
    } else if (attributeSpec.type === "text" && points && isMeant(current))
      yield { steps: [attribute], value: renaming.to };
  }
}

/** Whether an attribute holds names of a kind. Owners of a group are people, declared or not. */
function pointsAt(spec: KindSpec, attribute: string, { refersTo }: AttributeSpec, kind: string): boolean {
  return refersTo === kind || (kind === MEMBER && spec.kind === GROUP && attribute === "owners");
}

/** Whether a kind declares sets of what an attribute refers to. */
function isSetOf(draft: Draft, kind: string, { refersTo }: AttributeSpec): boolean {
  const spec = kindSpec(draft.platform, kind);
  return spec?.role === "policy" && Object.values(spec.attributes).some((attribute) => attribute.refersTo === refersTo);
}

/** The parts of an element in which a name changes, or all of it where its form does. */
function* inElement(
  draft: Draft,
  steps: DocumentPath,
  item: Json,
  { element }: AttributeSpec,
  { kind, from, to }: Renaming,
): Iterable<Reference> {
  if (!element || item === null || typeof item !== "object") return;
  const text = element.format(item);
  const meant = (reference: { readonly kind: string; readonly name: string }) =>
    reference.kind === kind && draft.platform.fold(reference.name) === from;
  if (!element.references(text).some(meant)) return;
  const fresh = element.parse(element.rename(text, (reference) => (meant(reference) ? to : reference.name)));
  const [before, after] = [item as { readonly [key: string]: Json }, fresh as { readonly [key: string]: Json }];
  for (const [key, part] of Object.entries(after)) {
    const was = before[key];
    const isOther = typeof was === "string" && typeof part === "string" && clean(was) !== clean(part);
    if (isOther) yield { steps: [...steps, key], value: part };
  }
}
