// Sets in files, entry by entry: what is missing goes in, in order where the list is in order; what is too much goes.
import type { Json } from "../model/document.ts";
import type { AttributeSpec, KindSpec } from "../model/platform.ts";
import type { AttributeSpot } from "./edit-attributes.ts";
import { type Draft, EditRefused } from "./edit-draft.ts";
import { indexIn } from "./edit-members.ts";
import { insertItem, removeEntry, replaceValues } from "./edit-steps.ts";
import { clean } from "./names.ts";

/** Makes a list hold exactly the wanted names or elements. */
export function editList(
  draft: Draft,
  { found, attribute, attributeSpec }: AttributeSpot,
  current: Json,
  wanted: readonly string[],
): void {
  const { fold } = draft.platform;
  const spot = { ...found, steps: [attribute] };
  const items = [...(Array.isArray(current) ? (current as readonly Json[]) : [])];
  const names = items.map((item) => fold(textOf(item, attributeSpec)));
  const locals = new Set(wanted.map(fold));
  if (wanted.length === 0) {
    if (items.length > 0) replaceValues(draft, [{ ...spot, value: [] }]);
    return;
  }
  // First what comes and then what goes, so that the list never stands empty.
  for (const text of wanted) {
    const local = fold(text);
    if (names.includes(local)) continue;
    const item = attributeSpec.element ? elementOf(found.spec, attribute, text) : clean(text);
    insertItem(draft, spot, indexIn(names, local), item);
    const list = draft.fileAt(found.path).values[found.document] as { readonly [key: string]: Json };
    names.splice(
      0,
      names.length,
      ...(list[attribute] as readonly Json[]).map((each) => fold(textOf(each, attributeSpec))),
    );
  }
  for (let index = names.length - 1; index >= 0; index--)
    if (!locals.has(names[index] ?? "")) removeEntry(draft, { ...spot, steps: [attribute, index] });
}

/** An item of a list as the one text that it is compared by. */
export function textOf(item: Json, { element }: AttributeSpec): string {
  if (element) return element.format(item);
  return typeof item === "string" ? item : "";
}

/** What files write for an element's canonical text. */
export function elementOf(spec: KindSpec, attribute: string, text: string): Json {
  try {
    return spec.attributes[attribute]?.element?.parse(text) ?? text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new EditRefused(`"${text}" cannot be an element of "${attribute}"`);
  }
}
