// Checks of the desired state that mean the same on every platform with groups. Pure; each platform lists those it has.
import { type PolicyDocument, placeOf } from "../../model/document.ts";
import { EMPTY_SECTION, type Entity, membershipSection, type State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { PolicySet } from "../../model/platform.ts";

/** What the checks of declared entities look at. */
export interface Declared {
  readonly document: PolicyDocument;
  readonly entity: Entity;
  readonly state: State;
  readonly policies: PolicySet;
}

/** Runs a check over every document of a kind that an entity of the state is declared by. */
export function* eachDeclared(
  kind: string,
  policies: PolicySet,
  state: State,
  check: (declared: Declared) => Iterable<Finding>,
): Iterable<Finding> {
  const section = state.get(kind);
  if (!section) return;
  // By place: the key of what belongs to an owner is made of more than its name.
  const byPlace = new Map([...section.values()].map((entity) => [placeKey(entity.place), entity]));
  for (const document of policies.documents) {
    if (document.kind !== kind) continue;
    const entity = byPlace.get(placeKey(placeOf(document, [])));
    if (entity) yield* check({ document, entity, state, policies });
  }
}

function placeKey(place: Entity["place"]): string {
  return place ? `${place.file}:${place.line}:${place.column}` : "";
}

/** The index of a name in a list of a document, -1 where it is not there. */
export function indexOfName(
  document: PolicyDocument,
  attribute: string,
  name: string,
  fold: (name: string) => string,
): number {
  const list = document.value[attribute];
  return Array.isArray(list) ? list.findIndex((item) => typeof item === "string" && fold(item) === fold(name)) : -1;
}

/** At most four items, the rest by number. */
export function listItems(items: readonly string[]): string {
  if (items.length === 0) return "nothing";
  const shown = items.length > 5 ? [...items.slice(0, 4), `${items.length - 4} more`] : items;
  return shown.join(", ");
}

/** A group whose declared list of roles is empty. */
export function* groupWithoutRoles({ document, entity }: Pick<Declared, "document" | "entity">): Iterable<Finding> {
  const { roles } = entity.attributes;
  if (!Array.isArray(roles) || roles.length > 0) return;
  yield {
    severity: "warning",
    code: "group-without-roles",
    message: `Group "${entity.name}" carries no role, so its members get nothing from it`,
    place: placeOf(document, ["roles"]),
    hint: "List the roles it is for, or remove the group.",
  };
}

/** A role that implies itself by way of others. */
export function* roleThatImpliesItself(
  { document, entity, state }: Declared,
  impliedBy: (role: Entity) => readonly string[],
): Iterable<Finding> {
  const roles = state.get("Role") ?? EMPTY_SECTION;
  const seen = new Set<string>();
  const queue = [...impliedBy(entity)];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === entity.local) {
      yield {
        severity: "warning",
        code: "implication-circle",
        message: `Role "${entity.name}" implies itself${seen.size === 0 ? "" : `, by way of ${listItems([...seen].sort())}`}`,
        place: placeOf(document, ["implies"]),
        hint: "Roles that imply each other are one role: keep one of them.",
      };
      return;
    }
    if (seen.has(next)) continue;
    seen.add(next);
    const role = roles.get(next);
    if (role) queue.push(...impliedBy(role));
  }
}

/** A group that nobody is in, as far as it is for files to say. */
export function* groupWithoutMembers(document: PolicyDocument, group: Entity, state: State): Iterable<Finding> {
  if (group.attributes.members === "idp") return;
  if ((state.get(membershipSection(group.local))?.size ?? 0) > 0) return;
  yield {
    severity: "warning",
    code: "group-without-members",
    message: `Group "${group.name}" has no members`,
    place: placeOf(document, ["name"]),
    hint: `Add a Membership document with group: ${group.name}, or remove the group.`,
  };
}
