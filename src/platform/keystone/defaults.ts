// The roles that a new Keystone comes with, as entities. Pure; derived from the catalogue's data.
import { type Entity, type State, stateOf } from "../../model/entity.ts";
import { builtInRoles, fold } from "./catalogue.ts";

/** `admin`, `member` and `reader`, with what each implies. */
export const defaults: State = stateOf(
  Object.entries(builtInRoles).map(
    ([name, implies]): Entity => ({ kind: "Role", section: "Role", local: fold(name), name, attributes: { implies } }),
  ),
);
