// Edits of policy files by the smallest splice of their text: everything outside it stays byte for byte. It refuses what it
// cannot do without touching more than was asked for; whoever calls re-parses and compares before anything is used.
import type { Edit, EditResult, FileText } from "../model/edit.ts";
import { MEMBER, type Platform } from "../model/platform.ts";
import { declareEntity, sayPreviously, setAttribute } from "./edit-attributes.ts";
import { Draft, EditRefused } from "./edit-draft.ts";
import { addMember, removeDeclaration, removeEntryAt, removeMember } from "./edit-members.ts";
import { renameEntity } from "./edit-rename.ts";
import { setUntil } from "./edit-until.ts";

/**
 * The files of a target with one edit made; files that stay as they are are left out, so nothing to do is no files. `target` is its
 * folder's name. Files of other folders are not looked at.
 */
export function editFiles(files: readonly FileText[], target: string, platform: Platform, edit: Edit): EditResult {
  try {
    const draft = new Draft(files, target, platform);
    make(draft, edit);
    return draft.result();
  } catch (error) {
    if (!(error instanceof EditRefused)) throw error;
    const { message: reason, place } = error;
    return { kind: "refused", reason, ...(place ? { place } : {}) };
  }
}

function make(draft: Draft, edit: Edit): void {
  switch (edit.edit) {
    case "add-member":
      addMember(draft, edit.group, edit.member);
      break;
    case "remove-member":
      removeMember(draft, edit.group, edit.member);
      break;
    case "remove-entry":
      removeEntryAt(draft, edit.place);
      break;
    case "set-until":
      setUntil(draft, edit.group, edit.member, edit.until);
      break;
    case "rename-member":
      renameEntity(draft, MEMBER, edit.from, edit.to);
      if (edit.previously) sayPreviously(draft, MEMBER, edit.to, edit.from);
      break;
    case "set-attribute":
      setAttribute(draft, edit.kind, edit.name, edit.attribute, edit.value);
      break;
    case "rename":
      renameEntity(draft, edit.kind, edit.from, edit.to);
      break;
    case "add-document":
      declareEntity(draft, edit.kind, edit.name, edit.attributes);
      break;
    case "remove-document":
      removeDeclaration(draft, edit.kind, edit.name);
      break;
    default:
      edit satisfies never;
  }
}
