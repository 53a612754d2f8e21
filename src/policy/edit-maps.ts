// Maps in files, entry by entry: names by any of their aliases, levels as scalars, new entries in the catalogue's order where the
// others are in it.
import type { Json } from "../model/document.ts";
import { compareText } from "../model/finding.ts";
import type { AttributeSpot } from "./edit-attributes.ts";
import { type Draft, EditRefused } from "./edit-draft.ts";
import { placeOfDocument } from "./edit-find.ts";
import { indexIn } from "./edit-members.ts";
import { insertKey, type NodeSpot, nodeAt, removeEntry, replaceValues } from "./edit-steps.ts";
import { clean } from "./names.ts";

/** Makes a mapping hold exactly the wanted entries. */
export function editMap(
  draft: Draft,
  { found, attribute }: AttributeSpot,
  current: Json,
  wanted: { readonly [name: string]: string },
): void {
  const spot = { ...found, steps: [attribute] };
  const entries = Object.entries((current ?? {}) as { readonly [key: string]: Json });
  const catalogue = catalogueOf(draft);
  const nameOf = (key: string) => catalogue.names.get(draft.platform.fold(key)) ?? clean(key);
  const known = new Set(entries.map(([key]) => nameOf(key)));
  if (known.size < entries.length)
    throw new EditRefused(`"${attribute}" has two entries for one name`, placeOfDocument(draft, found));
  if (Object.keys(wanted).length === 0) {
    if (entries.length > 0) replaceValues(draft, [{ ...spot, value: {} }]);
    return;
  }
  // In the order in which the file has them.
  let keys = written(draft, spot);
  for (const name of Object.keys(wanted).filter((each) => !known.has(each))) {
    const [ranks, names] = [
      keys.map((key) => catalogue.rankOf(nameOf(key))),
      keys.map((key) => draft.platform.fold(key)),
    ];
    const isByName = !isSorted(ranks) && isSorted(names);
    const index = isByName ? indexIn(names, draft.platform.fold(name)) : indexIn(ranks, catalogue.rankOf(name));
    insertKey(draft, spot, index, { key: name, value: wanted[name] ?? "" });
    keys = written(draft, spot);
  }
  const changed = entries.filter(([key, level]) => Object.hasOwn(wanted, nameOf(key)) && wanted[nameOf(key)] !== level);
  replaceValues(
    draft,
    changed.map(([key]) => ({ ...found, steps: [attribute, key], value: wanted[nameOf(key)] ?? "" })),
  );
  for (const [key] of entries)
    if (!Object.hasOwn(wanted, nameOf(key))) removeEntry(draft, { ...found, steps: [attribute, key] });
}

interface Catalogue {
  /** Folded name or alias -> name. */
  readonly names: ReadonlyMap<string, string>;
  /** A text that sorts as the catalogue does; names it does not know come last. */
  readonly rankOf: (name: string) => string;
}

function catalogueOf({ platform }: Draft): Catalogue {
  const names = new Map<string, string>();
  for (const { name, aliases } of platform.resources)
    for (const known of [name, ...aliases]) names.set(platform.fold(known), name);
  const ranks = new Map(platform.resources.map(({ name }, index) => [name, index]));
  const rankOf = (name: string) => String(ranks.get(name) ?? ranks.size).padStart(6, "0");
  return { names, rankOf };
}

/** The keys of a mapping as they are written. */
function written(draft: Draft, spot: NodeSpot): string[] {
  const node = nodeAt(draft, spot);
  return node?.type === "map" ? node.entries.map(({ key }) => key ?? "") : [];
}

function isSorted(texts: readonly string[]): boolean {
  return texts.every((text, index) => index === 0 || compareText(texts[index - 1] ?? "", text) <= 0);
}
