// An edit of policy files, said in terms of entities: what `policy/edit` turns into the smallest splice. Nothing happens here.
import type { Value } from "./entity.ts";
import type { Place } from "./finding.ts";

/**
 * One thing that the files shall say of one target. Names are display names, as the platform writes them; entities are found in
 * the files by the platform's fold of the name.
 */
export type Edit =
  /** A member comes into a group: a line in the list of a Membership document of the group, or a new document. */
  | { readonly edit: "add-member"; readonly group: string; readonly member: string }
  /** A member leaves a group: their entries in all Membership documents of it; a list or document that is emptied goes as well. */
  | { readonly edit: "remove-member"; readonly group: string; readonly member: string }
  /** The entry of a Membership document at this place goes (one that has ended). Places are those of the very files that are edited. */
  | { readonly edit: "remove-entry"; readonly place: Place }
  /** A member's access through a group ends: their entries in all Membership documents of it say so, a date or an instant. */
  | { readonly edit: "set-until"; readonly group: string; readonly member: string; readonly until: string }
  /**
   * A member has another name now, wherever the target's files say the old one: documents, memberships, owners of groups. With
   * `previously` their document says who they were.
   */
  | { readonly edit: "rename-member"; readonly from: string; readonly to: string; readonly previously?: true }
  /**
   * An attribute's whole value; undefined takes the key away. Sets and maps are edited entry by entry, and a value that the files
   * say already is left alone. Not of memberships, and not the owner that a name is unique for.
   */
  | {
      readonly edit: "set-attribute";
      readonly kind: string;
      readonly name: string;
      readonly attribute: string;
      readonly value: Value | undefined;
    }
  /** The name of an entity, in its document and wherever the target's files refer to it. Settings and guardrails are not edited. */
  | { readonly edit: "rename"; readonly kind: string; readonly from: string; readonly to: string }
  /** A new document, in the file that convention says; appended when the file is there. Not for memberships. */
  | {
      readonly edit: "add-document";
      readonly kind: string;
      readonly name: string;
      readonly attributes: Readonly<Record<string, Value>>;
    }
  /** The document that declares an entity goes, for `Membership` all of a group's; a file that is emptied goes as well. */
  | { readonly edit: "remove-document"; readonly kind: string; readonly name: string };

/** A policy file, by its path below the policy folder. */
export interface FileText {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What becomes of a file: new bytes, or null when it goes. */
export interface EditedFile {
  readonly path: string;
  readonly bytes: Uint8Array | null;
}

export type EditResult =
  | { readonly kind: "edited"; readonly files: readonly EditedFile[] }
  /** It cannot be said in the files safely (an anchor that others use, a file that does not parse): a person has to do it. */
  | { readonly kind: "refused"; readonly reason: string; readonly place?: Place };
