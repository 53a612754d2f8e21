// When a membership ends, in its entry: an entry that only names somebody becomes one that says more, on its own lines where the
// list has lines. It asks nothing about time; whether an end is earlier or later is for whoever wants it.
import type { Json } from "../model/document.ts";
import { textAfterLine } from "./edit-block.ts";
import { changeAt, type Draft, EditRefused } from "./edit-draft.ts";
import { columnOf, lineOf } from "./edit-lines.ts";
import { addressOf, listsOf, type MemberList } from "./edit-members.ts";
import { insertKey, type NodeSpot, nodeAt, replaceValues } from "./edit-steps.ts";
import { memberIdentity } from "./memberships.ts";
import { quote } from "./quote.ts";
import { placeIn } from "./text.ts";

/** A member's entries of a group end at `until`, whatever they said before. Refused when there is no entry. */
export function setUntil(draft: Draft, group: string, member: string, until: string): void {
  const local = draft.platform.fold(member);
  const lists = listsOf(draft, group).filter(({ names }) => names.includes(local));
  if (lists.length === 0) throw new EditRefused(`No file says that "${member}" is in group "${group}"`);
  for (const list of lists) setEnd(draft, list, list.names.indexOf(local), until);
}

function setEnd(draft: Draft, list: MemberList, index: number, until: string): void {
  const spot: NodeSpot = { path: list.path, document: list.document, steps: ["members", index] };
  const identity = memberIdentity(draft.platform);
  const entry = entryIn(draft, spot, index);
  if (entry === null || typeof entry !== "object" || Array.isArray(entry)) {
    writeLong(draft, spot, { [identity]: addressOf(entry, identity) ?? "", until });
    return;
  }
  const value = entry as { readonly [key: string]: Json };
  if (value.for !== undefined) {
    const { lineStarts } = draft.fileAt(list.path);
    const place = placeIn(list.path, lineStarts, nodeAt(draft, spot)?.start ?? 0);
    throw new EditRefused('"for" has no end of its own: write an "until" instead (`rolebook fmt` does it)', place);
  }
  if (value.until === until) return;
  if (value.until !== undefined) replaceValues(draft, [{ ...spot, steps: [...spot.steps, "until"], value: until }]);
  else insertKey(draft, spot, Object.keys(value).indexOf(identity) + 1, { key: "until", value: until });
}

function entryIn(draft: Draft, { path, document }: NodeSpot, index: number): Json {
  const value = draft.fileAt(path).values[document];
  const { members } = (value ?? {}) as { readonly members?: readonly Json[] };
  return members?.[index] ?? null;
}

/** The short form becomes the long one: what names the member stays as it is written, and what is on its line stays there. */
function writeLong(draft: Draft, spot: NodeSpot, value: { readonly [key: string]: string }): void {
  const [identity = "", until = ""] = Object.keys(value);
  draft.demandSound(spot);
  const file = draft.fileAt(spot.path);
  const list = nodeAt(draft, { ...spot, steps: spot.steps.slice(0, -1) });
  const node = nodeAt(draft, spot);
  const isLine =
    node?.type === "scalar" && node.style !== "block" && lineOf(file, node.start) === lineOf(file, node.end);
  if (!node || !isLine || list?.type !== "list" || list.isFlow) {
    replaceValues(draft, [{ ...spot, value }]);
    return;
  }
  const indent = " ".repeat(columnOf(file, node.start));
  const values = file.values.map((each, index) =>
    index === spot.document ? (changeAt(each, spot.steps, () => value) ?? null) : each,
  );
  draft.splice(
    spot.path,
    [
      { from: node.start, to: node.start, text: `${identity}: ` },
      textAfterLine(file, lineOf(file, node.end), [`${indent}${until}: ${quote(value[until] ?? "")}`]),
    ],
    values,
  );
}
