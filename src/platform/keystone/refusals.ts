// What Keystone leaves to somebody else: built-in roles nobody may change, and application credentials that only their
// owner can make. Pure; it words the finding, with the exact command where there is one.
import type { Entity } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import { bareName, type Refusal } from "../../model/platform.ts";
import { isImmutable } from "./catalogue.ts";

/** See `Platform.refuses`. */
export function refuses(live: Entity | undefined, want: Entity | undefined): Refusal | undefined {
  const entity = want ?? live;
  if (entity?.kind === "Role") return live && isImmutable(live) ? refuseRole(live, want) : undefined;
  if (entity?.kind === "Member") return live && !want ? refuseRemoval(live) : undefined;
  if (entity?.kind !== "ApplicationCredential" || !want) return undefined;
  return live ? refuseChange(want) : refuseCreation(want);
}

function refuseRole(live: Entity, want: Entity | undefined): Refusal {
  const what = want ? "is declared with other attributes than it has" : "is not declared any more";
  const hint = want
    ? `Declare it as it is (rolebook import writes it), or have an administrator run: openstack role set --no-immutable ${operand(live.name)}`
    : `It stays as it is. To have it deleted, an administrator first runs: openstack role set --no-immutable ${operand(live.name)}`;
  return { code: "immutable-role", message: `Role "${live.name}" ${what}, and Keystone lets nobody change it`, hint };
}

/** Rolebook disables people and deletes nobody: whoever is disabled already is as gone as they get. */
function refuseRemoval(live: Entity): Refusal | undefined {
  if (live.attributes.enabled !== false) return undefined;
  return {
    code: "member-stays-disabled",
    message: `Member "${live.name}" is not declared any more, and stays on the platform, disabled`,
    hint: `Deleting cannot be undone, so it is an administrator's: openstack user delete ${operand(live.name)}`,
  };
}

function refuseCreation(want: Entity): Refusal {
  const owner = String(want.attributes.user ?? "");
  return {
    code: "application-credential-missing",
    message: `ApplicationCredential "${want.name}" is declared and not there; only its owner can create it`,
    hint: `"${owner}" runs: ${creationCommand(want)}`,
  };
}

function refuseChange(want: Entity): Refusal {
  const owner = String(want.attributes.user ?? "");
  return {
    code: "application-credential-differs",
    message: `ApplicationCredential "${want.name}" is not as it is declared, and Keystone lets nobody change one`,
    hint: `Declare it as it is, or "${owner}" runs: openstack application credential delete ${operand(nameOf(want))} && ${creationCommand(want)}`,
  };
}

/** The command with which the owner makes an application credential as declared. */
export function creationCommand(want: Entity): string {
  const { user, project, roles, expires, description, unrestricted } = want.attributes;
  const parts = ["openstack"];
  const add = (option: string, value: unknown) => {
    if (typeof value !== "string" || value === "") return;
    parts.push(...(value.startsWith("-") ? [`${option}=${shell(value)}`] : [option, shell(value)]));
  };
  add("--os-username", user);
  add("--os-project-name", project);
  parts.push("application credential create");
  for (const role of Array.isArray(roles) ? [...roles].sort(compareText) : []) add("--role", role);
  add("--expiration", typeof expires === "string" ? expires.replace(/Z$/, "") : undefined);
  add("--description", description);
  if (unrestricted === true) parts.push("--unrestricted");
  return [...parts, operand(nameOf(want))].join(" ");
}

/** The credential's own name, without its owner's. */
function nameOf({ name, attributes }: Entity): string {
  return bareName(name, String(attributes.user ?? ""));
}

/** A word for a POSIX shell that is no option of the command before it. */
function operand(word: string): string {
  return word.startsWith("-") ? `-- ${shell(word)}` : shell(word);
}

/** A word for a POSIX shell. */
function shell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
