// Scopes in files: the word for all, the name of a set, or a list. A set that others use is never changed for one of them: who
// wants something else gets another name, or a list.
import type { Json } from "../model/document.ts";
import type { AttributeSpot } from "./edit-attributes.ts";
import { type Draft, EditRefused } from "./edit-draft.ts";
import { documentsOf, nameOf, placeOfDocument } from "./edit-find.ts";
import { editList } from "./edit-lists.ts";
import { replaceValues } from "./edit-steps.ts";
import { clean } from "./names.ts";

/** The word for every one there is. */
const ALL = "all";

/** Makes a document say a scope in the way that is the least to change. */
export function editScope(draft: Draft, spot: AttributeSpot, current: Json, wanted: string | readonly string[]): void {
  const { found, attribute } = spot;
  const { fold } = draft.platform;
  const replace = (value: Json) => replaceValues(draft, [{ ...found, steps: [attribute], value }]);
  if (typeof wanted === "string") {
    if (fold(wanted) !== ALL)
      throw new EditRefused(`"${wanted}" is neither "${ALL}" nor a list`, placeOfDocument(draft, found));
    if (typeof current !== "string" || fold(current) !== ALL) replace(ALL);
    return;
  }
  if (Array.isArray(current)) {
    editList(draft, spot, current, wanted);
    return;
  }
  const sets = setsOf(draft, spot.attributeSpec.refersTo ?? "");
  const meaning = membersText(wanted.map(fold));
  if (typeof current === "string" && sets.get(fold(current))?.meaning === meaning) return;
  const same = [...sets.values()].find((set) => set.meaning === meaning);
  replace(same ? same.name : wanted.map(clean));
}

interface NamedSet {
  readonly name: string;
  /** Equal texts are equal sets. */
  readonly meaning: string;
}

/** The sets of a kind's names that documents declare, by folded name, in the order of the files. */
function setsOf(draft: Draft, kind: string): ReadonlyMap<string, NamedSet> {
  const { fold, kinds } = draft.platform;
  const sets = new Map<string, NamedSet>();
  for (const spec of kinds) {
    const list = Object.keys(spec.attributes).find((attribute) => spec.attributes[attribute]?.refersTo === kind);
    if (spec.role !== "policy" || list === undefined) continue;
    for (const found of documentsOf(draft, spec.kind)) {
      const names = found.value[list];
      if (!Array.isArray(names)) continue;
      const name = nameOf(draft, found);
      const folded = (names as readonly Json[]).map((item) => (typeof item === "string" ? fold(item) : ""));
      sets.set(fold(name), { name: clean(name), meaning: membersText(folded) });
    }
  }
  return sets;
}

function membersText(names: readonly string[]): string {
  return JSON.stringify([...new Set(names)].sort());
}
