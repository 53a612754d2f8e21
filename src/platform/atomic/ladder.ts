// Levels of a resource as a ladder: which level a role really gives, and which of two is higher.
// Pure; knows the catalogue and nothing of groups or people.
import type { ResourceSpec } from "../../model/platform.ts";
import { levels, resources } from "./catalogue.ts";

/** What a name is compared by: surrounding blanks, case and Unicode composition do not distinguish. */
export function fold(name: string): string {
  const trimmed = name.trim();
  // Composition is for what is not ASCII, and costs as much as all the rest.
  return (NOT_ASCII.test(trimmed) ? trimmed.normalize("NFC") : trimmed).toLowerCase();
}

const NOT_ASCII = /[\u0080-\uffff]/;

const byName = new Map<string, ResourceSpec>(resources.map((resource) => [resource.name, resource]));
const byAnyName = new Map<string, ResourceSpec>(
  resources.flatMap((resource) => [resource.name, ...resource.aliases].map((name) => [fold(name), resource] as const)),
);

/** The resource of a name or alias, however it is written; undefined when the catalogue has none. */
export function resourceNamed(name: string): ResourceSpec | undefined {
  return byName.get(name) ?? byAnyName.get(fold(name));
}

/** The place of a level in its resource's ladder, higher includes lower; -1 when the resource has no such level. */
export function rankOf(resource: string, level: string): number {
  return resourceNamed(resource)?.levels.indexOf(level) ?? -1;
}

/**
 * The level a resource gives to someone who was granted `level`: itself when offered, else the highest offered
 * one below it, else undefined (nothing). A level the Workbench does not know gives nothing.
 */
export function effectiveLevel(resource: ResourceSpec, level: string): string | undefined {
  const granted = levels.indexOf(level);
  return resource.levels.findLast((offered) => levels.indexOf(offered) <= granted);
}
