// The elements of a member's `workspaces`: a workspace, and a role in it. In files a small mapping, in states one canonical
// text that reads as a phrase (`Admin of acme-prod`). Pure; shortnames have no blanks, so the last "of" is the one.
import type { Json } from "../../model/document.ts";
import { compareText } from "../../model/finding.ts";
import type { ElementFormat } from "../../model/platform.ts";
import { fold, workspaceRoles } from "./catalogue.ts";

/** A role in a workspace. */
export interface WorkspaceRole {
  readonly workspace: string;
  readonly role: string;
}

const spelling = new Map(Object.keys(workspaceRoles).map((role) => [fold(role), role]));

/** The canonical text of a role in a workspace. */
export function workspaceRoleText({ workspace, role }: WorkspaceRole): string {
  return `${spelling.get(fold(role)) ?? role.trim()} of ${workspace.trim()}`;
}

/** The role of a canonical text. Throws `TypeError` for any other text: states hold canonical ones only. */
export function parseWorkspaceRole(text: string): WorkspaceRole {
  const cut = text.lastIndexOf(" of ");
  if (cut <= 0) throw new TypeError(`not a role of a workspace: ${text}`);
  return { role: text.slice(0, cut), workspace: text.slice(cut + " of ".length) };
}

/** Roles as the value of a `workspaces` attribute: canonical texts, sorted, each once. */
export function workspaceRoleSet(roles: Iterable<WorkspaceRole>): readonly string[] {
  const texts = new Map([...roles].map(workspaceRoleText).map((text) => [fold(text), text]));
  return [...texts].sort((left, right) => compareText(left[0], right[0])).map(([, text]) => text);
}

function ofJson(element: Json): WorkspaceRole {
  const { workspace, role } = element as { readonly [key: string]: Json };
  return { workspace: String(workspace), role: String(role) };
}

/** How the core handles a role in a workspace without knowing what it is. */
export const workspaceElement: ElementFormat = {
  format: (element) => workspaceRoleText(ofJson(element)),
  parse: (text) => {
    const { workspace, role } = parseWorkspaceRole(text);
    return { workspace, role };
  },
  references: (text) => [{ kind: "Workspace", name: parseWorkspaceRole(text).workspace }],
  rename: (text, rename) => {
    const { workspace, role } = parseWorkspaceRole(text);
    return workspaceRoleText({ role, workspace: rename({ kind: "Workspace", name: workspace }) });
  },
};
