// Which document declares an entity, by the platform's fold of its name. A document that does not say what it is may be any,
// and is in the way of every edit of its kind.
import type { Json } from "../model/document.ts";
import { type KindSpec, kindSpec, ownedName } from "../model/platform.ts";
import { type DocumentSpot, type Draft, EditRefused } from "./edit-draft.ts";
import { clean } from "./names.ts";
import { placeIn } from "./text.ts";

export interface FoundDocument extends DocumentSpot {
  readonly value: { readonly [key: string]: Json };
  readonly spec: KindSpec;
}

/** The documents of a kind, in the order of the files. */
export function* documentsOf(draft: Draft, kind: string): Iterable<FoundDocument> {
  const spec = kindSpec(draft.platform, kind);
  if (!spec) return;
  for (const found of draft.documents()) if (found.value.kind === kind) yield { ...found, spec };
}

/** The only document that declares an entity; undefined when none does. */
export function findDocument(draft: Draft, kind: string, name: string): FoundDocument | undefined {
  const local = draft.platform.fold(name);
  let first: FoundDocument | undefined;
  for (const found of documentsOf(draft, kind)) {
    if (draft.platform.fold(nameOf(draft, found)) !== local) continue;
    if (first) throw new EditRefused(`${kind} "${name}" is declared twice`, placeOfDocument(draft, found));
    first = found;
  }
  return first;
}

/** The name that a document declares, with its owner's where names are unique for each owner only. */
export function nameOf(draft: Draft, { value, spec, ...spot }: FoundDocument): string {
  const name = identityOf(draft, spot, value, spec.identity);
  if (spec.owner === undefined) return name;
  return ownedName(clean(name), clean(identityOf(draft, spot, value, spec.owner)));
}

/** A text that says what a document is about. */
export function identityOf(
  draft: Draft,
  spot: DocumentSpot,
  value: { readonly [key: string]: Json },
  key: string,
): string {
  const name = value[key];
  if (typeof name === "string") return name;
  draft.demandSound(spot);
  throw new EditRefused(`A ${String(value.kind)} document does not say its "${key}"`, placeOfDocument(draft, spot));
}

/** Where a document begins. */
export function placeOfDocument(draft: Draft, { path, document }: DocumentSpot) {
  const { documents, lineStarts } = draft.fileAt(path);
  return placeIn(path, lineStarts, documents[document]?.root.start ?? 0);
}
