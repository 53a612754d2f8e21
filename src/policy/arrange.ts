// The canonical order of a document: which key comes first, which lists have an order of their own, what may stand on
// one line. It moves entries with their comments and changes no value.
import { compareText } from "../model/finding.ts";
import { type AttributeSpec, type ElementFormat, type KindSpec, kindSpec, type Platform } from "../model/platform.ts";
import { type CollectionNode, type Entry, type Node, plainOf } from "./layout.ts";
import { memberIdentity } from "./memberships.ts";

const SETTINGS_KEYS = ["kind", "targets"];
const TARGET_KEYS = [
  "name",
  "platform",
  "url",
  "organization",
  "credentials",
  "options",
  "environments",
  "drift",
  "limits",
  "owners",
  "minimumOwners",
  "breakGlass",
  "approvers",
  "timeZone",
  "warnDays",
];
const LIMIT_KEYS = ["target", "group", "scope", "owners"];
const BUDGET_KEYS = ["share", "count"];

/** Puts a document of a platform (or the settings, without one) into canonical order, in place. */
export function arrange(root: Node, platform: Platform | undefined): void {
  if (root.type !== "map") return;
  const kind = textOf(entryOf(root, "kind")?.value);
  const spec = platform && kind !== undefined ? kindSpec(platform, kind) : undefined;
  if (platform && spec) arrangeEntity(root, spec, platform);
  else if (kind === "Settings") arrangeSettings(root);
}

function arrangeEntity(root: CollectionNode, spec: KindSpec, platform: Platform): void {
  const attributes = Object.keys(spec.attributes);
  if (spec.identity === "group") {
    sortKeys(root, ["kind", "group", "members"]);
    const members = entryOf(root, "members")?.value;
    if (members?.type !== "list") return;
    const identity = memberIdentity(platform);
    for (const { value } of members.entries) if (value.type === "map") sortKeys(value, [identity, ...attributes]);
    sortBy(members.entries, ({ value }) =>
      platform.fold(textOf(value.type === "map" ? entryOf(value, identity)?.value : value) ?? ""),
    );
    return;
  }
  sortKeys(root, ["kind", spec.identity, "previously", ...attributes]);
  for (const [attribute, attributeSpec] of Object.entries(spec.attributes)) {
    const value = entryOf(root, attribute)?.value;
    if (value) arrangeAttribute(value, attributeSpec, platform);
  }
}

function arrangeAttribute(value: Node, { type, element }: AttributeSpec, platform: Platform): void {
  if (value.type === "map" && type === "map") {
    const ranks = new Map<string, number>();
    for (const [index, { name, aliases }] of platform.resources.entries())
      for (const known of [name, ...aliases]) ranks.set(platform.fold(known), index);
    const rankOf = ({ key = "" }: Entry) => ranks.get(platform.fold(key)) ?? ranks.size;
    value.entries = [...value.entries].sort((left, right) => rankOf(left) - rankOf(right));
  } else if (value.type === "list" && element) {
    for (const { value: item } of value.entries) if (item.type === "map") arrangeElement(item, element);
    sortBy(value.entries, (entry) => platform.fold(textOfElement(entry.value, element)));
  } else if (value.type === "list" && (type === "set" || type === "scope")) {
    value.inline = true;
    sortBy(value.entries, (entry) => platform.fold(textOf(entry.value) ?? ""));
  }
}

/** On one line, its keys in the order of what the element is written as. */
function arrangeElement(item: CollectionNode, element: ElementFormat): void {
  item.inline = true;
  const written = element.parse(textOfElement(item, element));
  if (written !== null && typeof written === "object") sortKeys(item, Object.keys(written));
}

function textOfElement(item: Node, element: ElementFormat): string {
  return element.format(plainOf(item));
}

/** The order of targets and environments is their author's: it often says something. */
function arrangeSettings(root: CollectionNode): void {
  sortKeys(root, SETTINGS_KEYS);
  const targets = entryOf(root, "targets")?.value;
  if (targets?.type !== "list") return;
  for (const { value } of targets.entries) {
    if (value.type !== "map") continue;
    sortKeys(value, TARGET_KEYS);
    for (const key of ["environments", "owners", "breakGlass", "approvers"]) {
      const list = entryOf(value, key)?.value;
      if (list?.type === "list") list.inline = true;
    }
    const limits = entryOf(value, "limits")?.value;
    if (limits?.type !== "map") continue;
    sortKeys(limits, LIMIT_KEYS);
    for (const budget of limits.entries) if (budget.value.type === "map") sortKeys(budget.value, BUDGET_KEYS);
  }
}

function sortKeys(node: CollectionNode, keys: readonly string[]): void {
  const rankOf = ({ key = "" }: Entry) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  node.entries = [...node.entries].sort((left, right) => rankOf(left) - rankOf(right));
}

function sortBy(entries: Entry[], keyOf: (entry: Entry) => string): void {
  const keys = new Map(entries.map((entry) => [entry, keyOf(entry)]));
  entries.sort((left, right) => compareText(keys.get(left) ?? "", keys.get(right) ?? ""));
}

function entryOf(node: CollectionNode, key: string): Entry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

function textOf(node: Node | undefined): string | undefined {
  return node?.type === "scalar" && typeof node.value === "string" ? node.value : undefined;
}
