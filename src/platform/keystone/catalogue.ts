// What every Keystone has: the roles that its set-up makes, the one level there is, and how names compare. Data, and no rules.
import type { Entity } from "../../model/entity.ts";

/** Holding a role is all there is to it: roles mean what each service's policy says they mean. */
export const GRANTED = "granted";

/** Scope of what is granted on the domain itself. */
export const DOMAIN = "organization";

/** The role whose holders may change every assignment within the scope they hold it in. */
export const ADMIN = "admin";

/** Roles that no other role may imply (`prohibited_implied_role`, which few change). */
export const NEVER_IMPLIED: readonly string[] = [ADMIN];

/** The roles of a new Keystone (`keystone-manage bootstrap`, since Stein) and what each implies. They are immutable. */
export const builtInRoles: Readonly<Record<string, readonly string[]>> = {
  admin: ["member"],
  member: ["reader"],
  reader: [],
};

/** `status` of a role that Keystone lets nobody change. */
export const IMMUTABLE = "immutable";

/** What a name is compared by: as it is, but for blanks around it and Unicode composition. */
export function fold(name: string): string {
  return name.trim().normalize("NFC");
}

/** Whether nobody can change a live role. */
export function isImmutable(role: Entity): boolean {
  return role.status === IMMUTABLE;
}
