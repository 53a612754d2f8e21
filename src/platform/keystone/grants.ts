// The elements of `grants`: a role, and where it is held. In files a small mapping, in states one canonical text that
// reads as a phrase (`member on project dev`). Pure; a name that would make a phrase ambiguous is quoted in it.
import type { Json } from "../../model/document.ts";
import { compareText } from "../../model/finding.ts";
import type { ElementFormat, Reference } from "../../model/platform.ts";
import { fold } from "./catalogue.ts";

/**
 * Where a role is held:
 * - `project`: on one project; `below`: on every project below one, not on itself;
 * - `projects`: on every project of the domain; `domain`: on the domain itself, which gives nothing on its projects.
 */
export type Reach =
  | { readonly on: "project" | "below"; readonly project: string }
  | { readonly on: "projects" | "domain" };

/** A role, and where it is held. Names are display names. */
export type GrantElement = { readonly role: string } & Reach;

const PROJECTS = "on all projects";
const DOMAIN = "on the domain";

/** The canonical text of a grant. */
export function grantText(grant: GrantElement): string {
  const role = /^"| (?:on|below) /.test(grant.role) ? JSON.stringify(grant.role) : grant.role;
  switch (grant.on) {
    case "project":
      return `${role} on project ${phrase(grant.project)}`;
    case "below":
      return `${role} below project ${phrase(grant.project)}`;
    case "projects":
      return `${role} ${PROJECTS}`;
    case "domain":
      return `${role} ${DOMAIN}`;
    default:
      return grant satisfies never;
  }
}

function phrase(name: string): string {
  return name.startsWith('"') ? JSON.stringify(name) : name;
}

/** The grant of a canonical text. Throws `TypeError` for any other text: states hold canonical ones only. */
export function parseGrant(text: string): GrantElement {
  const match = /^(?:("(?:[^"\\]|\\.)*")|(.+?)) (?:(on|below) project (.+)|(on all projects|on the domain))$/su.exec(
    text,
  );
  if (!match) throw new TypeError(`not a grant: ${text}`);
  const [, quoted, plain, where, project, whole] = match;
  const role = quoted === undefined ? (plain ?? "") : String(JSON.parse(quoted));
  if (whole !== undefined) return { role, on: whole === PROJECTS ? "projects" : "domain" };
  const name = project?.startsWith('"') ? String(JSON.parse(project)) : (project ?? "");
  return { role, on: where === "below" ? "below" : "project", project: name };
}

/** Grants as the value of a `grants` attribute: canonical texts, sorted, each once. */
export function grantSet(grants: Iterable<GrantElement>): readonly string[] {
  return [...new Set([...grants].map(grantText))].sort((left, right) => compareText(fold(left), fold(right)));
}

function ofJson(element: Json): GrantElement {
  const { role, project, inherited, domain } = element as { readonly [key: string]: Json };
  const name = { role: fold(String(role)) };
  if (typeof project === "string")
    return { ...name, on: inherited === true ? "below" : "project", project: fold(project) };
  return { ...name, on: domain === true ? "domain" : "projects" };
}

function toJson(grant: GrantElement): Json {
  switch (grant.on) {
    case "project":
      return { role: grant.role, project: grant.project };
    case "below":
      return { role: grant.role, project: grant.project, inherited: true };
    case "projects":
      return { role: grant.role, inherited: true };
    case "domain":
      return { role: grant.role, domain: true };
    default:
      return grant satisfies never;
  }
}

function referencesOf(text: string): Reference[] {
  const grant = parseGrant(text);
  const role = { kind: "Role", name: grant.role };
  return "project" in grant ? [role, { kind: "Project", name: grant.project }] : [role];
}

/** Exactly one of the four forms: a schema can say so, but not in words an author understands. */
function problemOf(element: Json): { readonly message: string; readonly hint: string } | undefined {
  const { role, project, inherited, domain } = element as { readonly [key: string]: Json };
  const hint = `Write {role: ${role}, project: NAME}, {role: ${role}, inherited: true} for all projects of the domain, or {role: ${role}, domain: true} for the domain itself.`;
  if (domain !== undefined && (project !== undefined || inherited !== undefined))
    return {
      message: `role "${role}" is on the domain and on ${project === undefined ? "its projects" : "a project"} at once`,
      hint,
    };
  if (domain === undefined && project === undefined && inherited === undefined)
    return { message: `role "${role}" is granted nowhere`, hint };
  return undefined;
}

/** How the core handles a grant without knowing what it is. */
export const grantElement: ElementFormat = {
  format: (element) => grantText(ofJson(element)),
  problem: problemOf,
  parse: (text) => toJson(parseGrant(text)),
  references: referencesOf,
  rename: (text, rename) => {
    const grant = parseGrant(text);
    const role = rename({ kind: "Role", name: grant.role });
    return grantText(
      "project" in grant
        ? { ...grant, role, project: rename({ kind: "Project", name: grant.project }) }
        : { ...grant, role },
    );
  },
};
