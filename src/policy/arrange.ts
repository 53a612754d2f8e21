// The canonical order of a document: which key comes first, which lists have an order of their own, what may stand on
// one line. It moves entries with their comments and changes no value.
import { compareText } from "../model/finding.ts";
import { type AttributeSpec, type ElementFormat, type KindSpec, kindSpec, type Platform } from "../model/platform.ts";
import { type CollectionNode, type Entry, entryOf, type Node, plainOf, textOf } from "./layout.ts";
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
const GOVERNING_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Guardrail", ["kind", "name", "description", "rule", "with", "severity", "targets", "owners", "message", "except"]],
  ["Waiver", ["kind", "name", "target", "plan", "limit", "of", "allows", "reason", "approver"]],
  ["Identity", ["kind", "target", "member", "id", "reason", "approver"]],
  ["Review", ["kind", "name", "description", "scope", "reviewers", "schedule", "due", "overdue"]],
  ["Roster", ["kind", "review", "reviewer", "entries"]],
]);
/** Of all rules together: no two of them want one pair in different orders. */
const PARAMETER_KEYS = [
  ...["kind", "where", "attributes", "attribute", "of", "its"],
  ...["first", "second", "in", "one", "other", "scopes", "for", "deny", "patterns", "domains"],
  ...["permissions", "through", "least", "most", "days", "kinds"],
];
const SELECTOR_KEYS = ["resource", "level", "scopes", "ownerEquivalent"];
const SCOPE_KEYS = ["targets", "groups", "resources", "levels", "scopes", "ownerEquivalent", "changedSince"];
const REVIEWER_KEYS = ["from", "named", "fallback"];
const SCHEDULE_KEYS = ["cron", "days"];
const ROSTER_KEYS = [
  ...["entry", "target", "member", "through", "roles", "gives", "risk"],
  ...["recommendation", "because", "decision", "justification"],
];
const EXCEPTION_KEYS = ["member", "group", "entity", "reason", "approver", "until"];

/** Puts a document of a platform (or, without one, of what belongs to none) into canonical order, in place. */
export function arrange(root: Node, platform: Platform | undefined): void {
  if (root.type !== "map") return;
  const kind = textOf(entryOf(root, "kind")?.value);
  const spec = platform && kind !== undefined ? kindSpec(platform, kind) : undefined;
  if (platform && spec) arrangeEntity(root, spec, platform);
  else if (kind === "Settings") arrangeSettings(root);
  else if (!platform) arrangeGoverning(root, GOVERNING_KEYS.get(kind ?? "") ?? []);
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
    for (const key of ["environments", "owners", "breakGlass", "approvers"]) makeInline(entryOf(value, key)?.value);
    const limits = entryOf(value, "limits")?.value;
    if (limits?.type !== "map") continue;
    sortKeys(limits, LIMIT_KEYS);
    for (const { value: budget } of limits.entries) {
      if (budget.type === "map") sortKeys(budget, BUDGET_KEYS);
      makeInline(budget);
    }
  }
}

/** Lists keep their author's order; what is short stands on one line. */
function arrangeGoverning(root: CollectionNode, keys: readonly string[]): void {
  sortKeys(root, keys);
  for (const key of ["targets", "owners"]) makeInline(entryOf(root, key)?.value);
  const parameters = entryOf(root, "with")?.value;
  if (parameters?.type === "map") arrangeParameters(parameters);
  const exceptions = entryOf(root, "except")?.value;
  if (exceptions?.type === "list")
    for (const { value } of exceptions.entries) if (value.type === "map") sortKeys(value, EXCEPTION_KEYS);
  arrangeReview(root);
}

/** Parts of a review's definition stand on one line each where they fit; entries of a roster on a line for each key. */
function arrangeReview(root: CollectionNode): void {
  for (const [key, keys] of [["scope", SCOPE_KEYS] as const, ["reviewers", REVIEWER_KEYS] as const]) {
    const part = entryOf(root, key)?.value;
    if (part?.type !== "map") continue;
    sortKeys(part, keys);
    for (const { value } of part.entries) makeInline(value);
  }
  const schedule = entryOf(root, "schedule")?.value;
  if (schedule?.type === "map") sortKeys(schedule, SCHEDULE_KEYS);
  const entries = entryOf(root, "entries")?.value;
  if (entries?.type !== "list") return;
  for (const { value } of entries.entries) {
    if (value.type !== "map") continue;
    sortKeys(value, ROSTER_KEYS);
    for (const key of ["through", "roles"]) makeInline(entryOf(value, key)?.value);
  }
}

/** Parameters are names, lists of names, selectors, or mappings of such. */
function arrangeParameters(parameters: CollectionNode): void {
  sortKeys(parameters, PARAMETER_KEYS);
  for (const { value } of parameters.entries) {
    if (value.type === "map") arrangeParameters(value);
    if (value.type !== "list") continue;
    makeInline(value);
    for (const { value: item } of value.entries) {
      if (item.type !== "map") continue;
      sortKeys(item, SELECTOR_KEYS);
      makeInline(item);
      for (const { value: names } of item.entries) makeInline(names);
    }
  }
}

function makeInline(node: Node | undefined): void {
  if (node && node.type !== "scalar") node.inline = true;
}

function sortKeys(node: CollectionNode, keys: readonly string[]): void {
  const rankOf = ({ key = "" }: Entry) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  node.entries = [...node.entries].sort((left, right) => rankOf(left) - rankOf(right));
}

function sortBy(entries: Entry[], keyOf: (entry: Entry) => string): void {
  const keys = new Map(entries.map((entry) => [entry, keyOf(entry)]));
  entries.sort((left, right) => compareText(keys.get(left) ?? "", keys.get(right) ?? ""));
}
