// One attribute of one entity, in its document: sets and maps entry by entry, the rest as a value. What the file says already,
// however it says it, is left alone.
import type { Json } from "../model/document.ts";
import { type Entity, MEMBERSHIP, type Value } from "../model/entity.ts";
import { type AttributeSpec, type KindSpec, kindSpec } from "../model/platform.ts";
import { arrange } from "./arrange.ts";
import { addDocument } from "./edit-documents.ts";
import { type Draft, EditRefused } from "./edit-draft.ts";
import { type FoundDocument, findDocument, placeOfDocument } from "./edit-find.ts";
import { editList, elementOf } from "./edit-lists.ts";
import { editMap } from "./edit-maps.ts";
import { editScope } from "./edit-scopes.ts";
import { insertKey, nodeAt, removeEntry, replaceValues } from "./edit-steps.ts";
import { type CollectionNode, entryOf, plainOf, printDocuments, treeOf } from "./layout.ts";
import { clean } from "./names.ts";
import { valueOfEntity } from "./write.ts";

/** The attribute of an entity, as its document says it. */
export interface AttributeSpot {
  readonly found: FoundDocument;
  readonly attribute: string;
  readonly attributeSpec: AttributeSpec;
}

/** Makes a document say an attribute's whole value; undefined takes the key away. */
export function setAttribute(
  draft: Draft,
  kind: string,
  name: string,
  attribute: string,
  value: Value | undefined,
): void {
  const spec = kindSpec(draft.platform, kind);
  const attributeSpec = spec?.attributes[attribute];
  if (!spec || !attributeSpec || kind === MEMBERSHIP || attribute === spec.owner)
    throw new EditRefused(`"${attribute}" of a ${kind} is not edited`);
  const found = findDocument(draft, kind, name);
  if (!found) throw new EditRefused(`No document declares ${kind} "${name}"`);
  draft.demandSound(found);
  const spot: AttributeSpot = { found, attribute, attributeSpec };
  const current = found.value[attribute];
  if (value === undefined) {
    if (current !== undefined) removeEntry(draft, { ...found, steps: [attribute] });
    return;
  }
  demandFit(draft, spot, value);
  if (current === undefined) insertAttribute(draft, spot, value);
  else changeAttribute(draft, spot, current, value);
}

function demandFit(draft: Draft, { found, attribute, attributeSpec }: AttributeSpot, value: Value): void {
  const { type } = attributeSpec;
  const fits =
    type === "flag"
      ? typeof value === "boolean"
      : type === "text"
        ? typeof value === "string"
        : type === "map"
          ? typeof value === "object" && !Array.isArray(value)
          : Array.isArray(value) || (type === "scope" && typeof value === "string");
  const place = placeOfDocument(draft, found);
  if (!fits) throw new EditRefused(`"${attribute}" cannot have such a value`, place);
  const isMeaningless = type === "scope" || found.spec.role === "policy";
  if (isMeaningless && Array.isArray(value) && value.length === 0)
    throw new EditRefused(`"${attribute}" cannot be empty in files: it would say that everything is meant`, place);
}

function changeAttribute(draft: Draft, spot: AttributeSpot, current: Json, value: Value): void {
  const { found, attribute, attributeSpec } = spot;
  switch (attributeSpec.type) {
    case "text":
    case "flag":
      if (!isSaid(draft, attributeSpec, current, value))
        replaceValues(draft, [{ ...found, steps: [attribute], value: value as string | boolean }]);
      break;
    case "set":
      editList(draft, spot, current, value as readonly string[]);
      break;
    case "map":
      editMap(draft, spot, current, value as { readonly [name: string]: string });
      break;
    case "scope":
      editScope(draft, spot, current, value as string | readonly string[]);
      break;
    default:
      attributeSpec.type satisfies never;
  }
}

function isSaid({ platform }: Draft, { refersTo }: AttributeSpec, current: Json, value: Value): boolean {
  if (typeof current !== "string" || typeof value !== "string") return current === value;
  return refersTo === undefined ? clean(current) === clean(value) : platform.fold(current) === platform.fold(value);
}

/** A key where there was none: behind the last of those that come before it in the canonical order. */
function insertAttribute(draft: Draft, { found, attribute, attributeSpec }: AttributeSpot, value: Value): void {
  const { spec } = found;
  const root = nodeAt(draft, { ...found, steps: [] });
  const order = ["kind", spec.identity, "previously", ...Object.keys(spec.attributes)];
  const rank = order.indexOf(attribute);
  const keys = root?.type === "map" ? root.entries.map(({ key }) => order.indexOf(key ?? "")) : [];
  const before = Math.max(-1, ...keys.filter((other) => other < rank));
  const json = attributeSpec.element && Array.isArray(value) ? elementsOf(spec, attribute, value) : (value as Json);
  const entry = arrangedKey(draft, spec, attribute, json);
  insertKey(draft, { ...found, steps: [] }, keys.indexOf(before) + 1, { key: attribute, ...entry });
}

/** A document says what its entity was called before; nothing where no document declares it. */
export function sayPreviously(draft: Draft, kind: string, name: string, former: string): void {
  const found = findDocument(draft, kind, name);
  if (!found || draft.platform.fold(name) === draft.platform.fold(former)) return;
  const value = clean(former);
  if (found.value.previously !== undefined) {
    replaceValues(draft, [{ ...found, steps: ["previously"], value }]);
    return;
  }
  const root = nodeAt(draft, { ...found, steps: [] });
  const keys = root?.type === "map" ? root.entries.map(({ key }) => key) : [];
  const index = Math.max(keys.indexOf("kind"), keys.indexOf(found.spec.identity)) + 1;
  insertKey(draft, { ...found, steps: [] }, index, { key: "previously", value });
}

function elementsOf(spec: KindSpec, attribute: string, texts: readonly string[]): Json {
  return texts.map((text) => elementOf(spec, attribute, text));
}

/** A key's value in the order that `fmt` gives it, and the lines it lays them out in. */
function arrangedKey({ platform }: Draft, spec: KindSpec, key: string, value: Json) {
  const root = treeOf({ kind: spec.kind, [key]: value }) as CollectionNode;
  arrange(root, platform);
  const entry = entryOf(root, key);
  const lines = printDocuments([{ head: [], root: { ...root, entries: entry ? [entry] : [] } }]);
  return { value: entry ? plainOf(entry.value) : value, lines: lines.trimEnd().split("\n") };
}

/** A document for an entity that has none. */
export function declareEntity(
  draft: Draft,
  kind: string,
  name: string,
  attributes: Readonly<Record<string, Value>>,
): void {
  const spec = kindSpec(draft.platform, kind);
  if (!spec || spec.identity === "group" || spec.role === "reference")
    throw new EditRefused(`${kind} "${name}" cannot be declared by a document`);
  if (findDocument(draft, kind, name)) throw new EditRefused(`${kind} "${name}" is declared already`);
  const entity: Entity = { kind, section: kind, local: draft.platform.fold(name), name, attributes };
  let value: { readonly [key: string]: Json };
  try {
    value = valueOfEntity(entity, spec);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new EditRefused(`${kind} "${name}" cannot be written: ${error.message}`);
  }
  addDocument(draft, kind, name, value);
}
