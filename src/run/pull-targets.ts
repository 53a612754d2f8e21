// Which targets a pull request is about, told from the files it touches: those whose folders they are in, those that waivers and
// identities name, and all of them where settings or guardrails are touched.
import { isGoverning, SETTINGS_FILE } from "./load.ts";
import type { Workspace } from "./workspace.ts";

/** Names of the targets, of the base and of what the merge would give. Paths are from the repository's root. */
export function targetsTouched(base: Workspace, merged: Workspace, touched: ReadonlySet<string>): Set<string> {
  const prefix = base.folder === "" ? "" : `${base.folder}/`;
  const all = [base, merged].flatMap(({ policies }) => policies.settings?.targets ?? []).map(({ name }) => name);
  const named = new Set<string>();
  for (const path of touched) {
    const within = path.slice(prefix.length);
    for (const name of namedBy(within, [base, merged]) ?? all) named.add(name);
  }
  const known = new Set(all);
  return new Set([...named].filter((name) => known.has(name)));
}

/** The targets that a file (below the policy folder) is about; undefined for all. */
function namedBy(path: string, workspaces: readonly Workspace[]): readonly string[] | undefined {
  if (path === SETTINGS_FILE) return undefined;
  if (!isGoverning(path)) return [path.slice(0, path.indexOf("/"))];
  const found = workspaces.flatMap(({ policies: { governance }, shown }) =>
    [...governance.waivers, ...governance.acknowledgements]
      .filter(({ place }) => place.file === `${shown}/${path}`)
      .map(({ target }) => target),
  );
  return found.length === 0 ? undefined : found;
}
