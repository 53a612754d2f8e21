// Where the JSON Schemas are, so that editors complete and check policy files: in the package, and copied
// beside the policies by `init`.
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GOVERNANCE } from "../policy/parse.ts";

/** The folder of copied schemas below a policy folder; hidden, so that it is no target. */
const COPIED = ".schemas";

/** The package's own `schemas` folder, found upward from this module: from `src` and from the bundle alike. */
export function packagedSchemas(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const schemas = join(folder, "schemas", "settings.json");
    if (existsSync(schemas)) return dirname(schemas);
    if (dirname(folder) === folder) throw new Error("the package has lost its schemas folder");
  }
}

/** Copies the schemas of a platform's kinds, of the settings and of what governs all targets to `<policies>/.schemas`; returns the paths written. */
export function copySchemas(policies: string, platform: string): string[] {
  const from = packagedSchemas();
  const folders = [platform, GOVERNANCE];
  const names = folders.flatMap((folder) => readdirSync(join(from, folder)).map((name) => `${folder}/${name}`));
  names.unshift("settings.json");
  for (const name of names) {
    const to = join(policies, COPIED, name);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(from, name), to);
  }
  return names.map((name) => join(COPIED, name));
}

/** The path from a policy file to the nearest folder of schemas above it, for its modeline; undefined when there is none. */
export function schemaFolder(file: string, platform: string): string | undefined {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    for (const name of [COPIED, "schemas"]) {
      const candidate = join(folder, name);
      if (existsSync(join(candidate, platform)))
        return relative(dirname(resolve(file)), candidate).replaceAll("\\", "/");
    }
    if (dirname(folder) === folder) return undefined;
  }
}
