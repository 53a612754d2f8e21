// The roles and groups a new Atomic organization comes with, as entities. Pure; derived from the catalogue's data.
import { type Entity, type State, stateOf } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import { defaultRoles } from "./catalogue.ts";
import { fold } from "./ladder.ts";

/** Owner, Admin and Editor: a role each, and a group of the same name that carries it everywhere. Nobody is in them. */
export const defaults: State = stateOf(
  Object.entries(defaultRoles).flatMap(([name, permissions]) => [
    entity("Role", name, {
      permissions: Object.fromEntries(Object.entries(permissions).sort(([a], [b]) => compareText(a, b))),
    }),
    entity("Group", name, { roles: [name], environments: "all" }),
  ]),
);

function entity(kind: string, name: string, attributes: Entity["attributes"]): Entity {
  return { kind, section: kind, local: fold(name), name, attributes };
}
