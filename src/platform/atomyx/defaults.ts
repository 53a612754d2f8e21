// What a new Atomyx account comes with, as entities: nothing that is the same in every account. Pure.
import { EMPTY_STATE, type State } from "../../model/entity.ts";

/** Workspaces and products come with a subscription, and each product brings its own roles: files declare what they name. */
export const defaults: State = EMPTY_STATE;
