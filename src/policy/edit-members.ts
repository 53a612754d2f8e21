// Who is in a group, in the files: entries of Membership documents, more or less. A document that nobody is left in goes.
import type { Json } from "../model/document.ts";
import { MEMBERSHIP } from "../model/entity.ts";
import { compareText, type Place } from "../model/finding.ts";
import { GROUP } from "../model/platform.ts";
import { addDocument, removeDocument } from "./edit-documents.ts";
import { type DocumentSpot, type Draft, EditRefused } from "./edit-draft.ts";
import { findDocument, identityOf } from "./edit-find.ts";
import { insertItem, nodeAt, removeEntry } from "./edit-steps.ts";
import { memberIdentity } from "./memberships.ts";
import { clean } from "./names.ts";
import { placeIn } from "./text.ts";

export interface MemberList extends DocumentSpot {
  /** Folded names, in order; undefined for an entry that names nobody. */
  readonly names: readonly (string | undefined)[];
}

/** A member comes into a group: into the longest of its lists, in order when that is in order. */
export function addMember(draft: Draft, group: string, member: string): void {
  const local = draft.platform.fold(member);
  const lists = listsOf(draft, group);
  if (lists.some(({ names }) => names.includes(local))) return;
  const [list] = [...lists].sort((left, right) => right.names.length - left.names.length);
  if (list) insertItem(draft, { ...list, steps: ["members"] }, indexIn(list.names, local), clean(member));
  else {
    const declared = findDocument(draft, GROUP, group)?.value.name;
    const name = typeof declared === "string" ? clean(declared) : clean(group);
    addDocument(draft, MEMBERSHIP, name, { kind: MEMBERSHIP, group: name, members: [clean(member)] });
  }
}

/** Where a name goes among others: in code-point order where they have it, else last. */
export function indexIn(names: readonly (string | undefined)[], local: string): number {
  const isSorted = names.every((name, index) => index === 0 || compareText(names[index - 1] ?? "", name ?? "") <= 0);
  const index = isSorted ? names.findIndex((name) => compareText(name ?? "", local) > 0) : -1;
  return index === -1 ? names.length : index;
}

/** A member leaves a group: their entries in all its lists. */
export function removeMember(draft: Draft, group: string, member: string): void {
  const local = draft.platform.fold(member);
  for (;;) {
    const list = listsOf(draft, group).find(({ names }) => names.includes(local));
    if (!list) return;
    removeFrom(draft, list, list.names.indexOf(local));
  }
}

/** The entry at a place goes. */
export function removeEntryAt(draft: Draft, place: Place): void {
  for (const list of membershipLists(draft)) {
    if (place.file !== list.path && !place.file.endsWith(`/${list.path}`)) continue;
    const node = nodeAt(draft, { ...list, steps: ["members"] });
    if (node?.type !== "list") continue;
    const { lineStarts } = draft.fileAt(list.path);
    const index = node.entries.findIndex(({ lead, value }) =>
      [lead, value.start].some((offset) => {
        const { line, column } = placeIn("", lineStarts, offset);
        return line === place.line && column === place.column;
      }),
    );
    if (index === -1) continue;
    removeFrom(draft, list, index);
    return;
  }
  throw new EditRefused("No entry of a membership stands here", place);
}

function removeFrom(draft: Draft, list: MemberList, index: number): void {
  if (list.names.length === 1) removeDocument(draft, list);
  else removeEntry(draft, { ...list, steps: ["members", index] });
}

/** What declares an entity goes; of a group's memberships, all of them. */
export function removeDeclaration(draft: Draft, kind: string, name: string): void {
  if (kind !== MEMBERSHIP) {
    const found = findDocument(draft, kind, name);
    if (found) removeDocument(draft, found);
    return;
  }
  for (let [list] = listsOf(draft, name); list; [list] = listsOf(draft, name)) removeDocument(draft, list);
}

/** The lists of one group. */
export function listsOf(draft: Draft, group: string): MemberList[] {
  const local = draft.platform.fold(group);
  const lists = [...membershipLists(draft)].filter((list) => draft.platform.fold(list.group) === local);
  for (const list of lists) draft.demandSound(list);
  return lists;
}

/** Every list of members there is, with the group it is of. */
export function* membershipLists(draft: Draft): Iterable<MemberList & { readonly group: string }> {
  const { fold } = draft.platform;
  const identity = memberIdentity(draft.platform);
  for (const { value, ...spot } of draft.documents()) {
    if (value.kind !== MEMBERSHIP) continue;
    const group = identityOf(draft, spot, value, "group");
    const items: readonly Json[] = Array.isArray(value.members) ? value.members : [];
    const names = items.map((item) => {
      const name = addressOf(item, identity);
      return name === undefined ? undefined : fold(name);
    });
    yield { ...spot, group, names };
  }
}

/** Who an entry names. */
export function addressOf(item: Json, identity: string): string | undefined {
  if (typeof item === "string") return item;
  if (item === null || typeof item !== "object" || Array.isArray(item)) return undefined;
  const name = (item as { readonly [key: string]: Json })[identity];
  return typeof name === "string" ? name : undefined;
}
