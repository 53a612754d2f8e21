// One thing that a commit gives by Git's word alone, as a value. Nothing happens here.
import { type Entity, groupOfSection, type State } from "../model/entity.ts";
import { MEMBER } from "../model/platform.ts";

/** One entity of a state, as it would be without what is conceded. */
export interface Undo {
  readonly before: Entity;
  readonly after: Entity | undefined;
}

export interface Concession {
  /** Of the change that would make it, where there could be one. */
  readonly id: string;
  /** What sort of concession it is: those of one sort and section are told together where there are very many. */
  readonly sort: "made" | "changed" | "extended";
  /** What is said after the entity's name, and after the names of several. */
  readonly says: string;
  /** As Git wants it. */
  readonly entity: Entity;
  readonly action: "create" | "update";
  /** Puts what is conceded into a state that lacks it. */
  readonly put: (state: State) => readonly { readonly before: undefined; readonly after: Entity }[];
  /** Takes it out of a state that has it. */
  readonly undo: (state: State) => readonly Undo[];
}

/** Whether it is about one person, who has more by it. */
export function isPersonal({ kind, section }: Pick<Entity, "kind" | "section">): boolean {
  return kind === MEMBER || groupOfSection(section) !== undefined;
}
