// Relative spans in a file's tree, made the ends that they mean now. It touches nothing else, and leaves what is no span,
// or stands beside an end, for `validate` to report.
import { MEMBERSHIP } from "../model/entity.ts";
import { endOfSpan } from "../model/until.ts";
import { type CollectionNode, entryOf, type Node, textOf } from "./layout.ts";
import type { Clock } from "./memberships.ts";

/** Replaces `for` by `until` in the entries of a Membership document, in place, comments kept. */
export function writeEnds(root: Node, clock: Clock): void {
  if (root.type !== "map" || textOf(entryOf(root, "kind")?.value) !== MEMBERSHIP) return;
  const members = entryOf(root, "members")?.value;
  if (members?.type !== "list") return;
  for (const { value } of members.entries) if (value.type === "map") writeEnd(value, clock);
}

function writeEnd(item: CollectionNode, { now, timeZone }: Clock): void {
  const span = textOf(entryOf(item, "for")?.value);
  const end = span === undefined || entryOf(item, "until") ? undefined : endOfSpan(span, now, timeZone);
  if (end === undefined) return;
  item.entries = item.entries.map((entry) =>
    entry.key === "for" ? { ...entry, key: "until", value: { type: "scalar", value: end } } : entry,
  );
}
