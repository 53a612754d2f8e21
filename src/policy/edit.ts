// Edits of policy files by the smallest splice of their text: everything outside it stays byte for byte. It refuses what it
// cannot do without touching more than was asked for; whoever calls re-parses and compares before anything is used.
import type { Edit, EditResult, FileText } from "../model/edit.ts";
import type { Platform } from "../model/platform.ts";

/** The files of a target with one edit made. `target` is its folder's name. */
export function editFiles(_files: readonly FileText[], _target: string, _platform: Platform, _edit: Edit): EditResult {
  return { kind: "refused", reason: "not built yet" };
}
