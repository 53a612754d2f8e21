// The walls of the house, as data and as checks over sources: who may import whom, which folders are pure, where each
// package lives, what our TypeScript leaves out, how long things may get. Each check returns one line a violation.
import { posix } from "node:path";
import { COMPUTED, type Import, type Source } from "./source.ts";

/** Folder below src -> the other folders it may import. A file directly in src is a folder of its own name. */
export const WALLS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  policy: ["model", "generated"],
  plan: ["model"],
  report: ["model"],
  browser: ["model"],
  platform: ["model", "generated"],
  git: ["model"],
  simulator: ["model"],
  run: ["model", "policy", "plan", "report", "platform", "git", "simulator", "generated"],
  controller: ["model", "run", "git", "report"],
  main: ["run", "controller", "package.json"],
};

/** Package -> the folders (or files) below src that may import it. */
export const HOMES: Readonly<Record<string, readonly string[]>> = {
  "@inquirer/prompts": ["run", "main.ts"],
  "@fastify/helmet": ["controller"],
  "@marcbachmann/cel-js": ["plan"],
  "@octokit/webhooks-methods": ["controller"],
  "@secretlint/core": ["run"],
  "@secretlint/secretlint-rule-preset-recommend": ["run"],
  "@secretlint/types": ["run"],
  "@tanstack/virtual-core": ["browser"],
  // The simulator is a server of its own: it reads and compiles the OpenAPI description that it serves.
  ajv: ["policy", "generated", "simulator"],
  "js-yaml": ["policy", "simulator"],
  "libsodium-wrappers": ["git"],
  "cli-progress": ["run"],
  cloudevents: ["run"],
  commander: ["main.ts", "run"],
  croner: ["run", "controller"],
  "csv-stringify": ["report"],
  "d3-sankey": ["browser"],
  "d3-shape": ["browser"],
  diff: ["report"],
  "fastest-levenshtein": ["model"],
  fastify: ["simulator", "controller"],
  "get-east-asian-width": ["report"],
  mdast: ["report"],
  "mdast-util-gfm-table": ["report"],
  "mdast-util-to-markdown": ["report"],
  octokit: ["git"],
  "p-limit": ["platform"],
  "p-retry": ["platform", "run"],
  picocolors: ["report"],
  pino: ["controller"],
  preact: ["report", "browser"],
  "preact-render-to-string": ["report"],
  "prom-client": ["controller"],
  re2js: ["plan"],
  "safe-stable-stringify": ["plan"],
  "simple-git": ["git"],
  standardwebhooks: ["run"],
  "temporal-polyfill": ["model"],
  undici: ["platform"],
};

/** Folders that compute and touch nothing, and the files of a driver that do the same. What they import must be pure as well. */
const PURE = /^src\/(?:(?:model|policy|plan|report)\/|platform\/[^/]+\/(?:catalogue|access|map|checks)\.ts$)/;
/** Parts of Node that only compute. */
const PURE_BUILTINS = new Set(["node:crypto", "node:path", "node:path/posix", "node:buffer"]);
/** From `node:crypto`, only what gives the same answer every time. */
const PURE_NAMES = new Set(["createHash"]);

/** Only these may so much as name a writer, or a ring of keys: the contract, the drivers, and the one command that uses it. */
const WRITERS: Readonly<Record<string, RegExp>> = {
  openWriter: /^src\/(?:model|platform)\/|^src\/run\/apply\.ts$/,
  openKeyRing: /^src\/(?:model|platform)\/|^src\/run\/keys-rotate\.ts$/,
};

export const MAX_FUNCTION_LINES = 90;
export const MAX_FILE_LINES = 400;

export function checkWalls(sources: readonly Source[]): string[] {
  return each(sources, ({ path, imports }) => {
    const from = folderOf(path);
    const allowed = WALLS[from];
    if (!allowed) return [`${path}: the folder ${from} has no walls; add it to WALLS`];
    return imports.flatMap(({ specifier }) => {
      if (specifier === COMPUTED) return [`${path}: imports something computed`];
      if (!specifier.startsWith(".")) return [];
      const to = folderOf(resolveImport(path, specifier));
      return to === from || allowed.includes(to) ? [] : [`${path}: ${from} may not import ${to} (${specifier})`];
    });
  });
}

export function checkHomes(sources: readonly Source[], dependencies: readonly string[]): string[] {
  const used = new Set<string>();
  const strays = each(sources, ({ path, imports }) =>
    packagesOf(imports).flatMap((name) => {
      used.add(name);
      const homes = HOMES[name];
      if (!homes) return [`${path}: ${name} has no home; add it to HOMES`];
      return homes.some((home) => path === `src/${home}` || path.startsWith(`src/${home}/`))
        ? []
        : [`${path}: ${name} lives in ${homes}`];
    }),
  );
  const idle = Object.keys(HOMES).filter((name) => !used.has(name) || !dependencies.includes(name));
  const unlisted = dependencies.filter((name) => !HOMES[name]);
  return [
    ...strays,
    ...idle.map((name) => `HOMES: ${name} is imported nowhere, or is no dependency`),
    ...unlisted.map((name) => `package.json: ${name} is a dependency without a home`),
  ];
}

/** Purity of the pure files and of everything they load, types aside. */
export function checkPurity(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const pure = new Map<string, string>();
  const queue = sources.filter(({ path }) => PURE.test(path)).map(({ path }): [string, string] => [path, ""]);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [path, because] = next;
    const source = byPath.get(path);
    if (!source || pure.has(path)) continue;
    pure.set(path, because);
    for (const { specifier, typeOnly } of source.imports)
      if (specifier.startsWith(".") && !typeOnly)
        queue.push([resolveImport(path, specifier), ` (pure, since ${path} loads it)`]);
  }
  return each(
    [...pure.keys()].flatMap((path) => byPath.get(path) ?? []),
    (source) => [
      ...source.impurities.map(({ what, line }) => `${source.path}:${line}: ${what}${pure.get(source.path)}`),
      ...source.imports.flatMap((imported) =>
        impureImport(imported).map((what) => `${source.path}: ${what}${pure.get(source.path)}`),
      ),
    ],
  );
}

function impureImport({ specifier, typeOnly, names }: Import): string[] {
  if (typeOnly || !specifier.startsWith("node:")) return [];
  if (!PURE_BUILTINS.has(specifier)) return [specifier];
  return specifier === "node:crypto"
    ? names.filter((name) => !PURE_NAMES.has(name)).map((name) => `${specifier} ${name}`)
    : [];
}

export function checkExits(sources: readonly Source[]): string[] {
  return each(sources, ({ path, exits }) =>
    path === "src/main.ts" ? [] : exits.map(({ line }) => `${path}:${line}: only main.ts ends the process`),
  );
}

export function checkWriters(sources: readonly Source[]): string[] {
  return each(sources, ({ path, names }) =>
    Object.entries(WRITERS).flatMap(([name, allowed]) =>
      names.has(name) && !allowed.test(path) ? [`${path}: names ${name}; whatever only looks holds no writer`] : [],
    ),
  );
}

export function checkLanguage(sources: readonly Source[]): string[] {
  return each(sources, ({ path, forbidden }) => forbidden.map(({ what, line }) => `${path}:${line}: ${what}`));
}

/** Too long, and not in `allowed` (`path` for a file, `path#name` for a function); and entries of `allowed` that are not needed. */
export function checkLengths(sources: readonly Source[], allowed: Readonly<Record<string, string>>): string[] {
  const long = new Map<string, string>();
  for (const { path, lines, functions } of sources) {
    if (lines > MAX_FILE_LINES) long.set(path, `${path}: ${lines} lines, more than ${MAX_FILE_LINES}`);
    for (const { name, line, lines: length } of functions)
      if (length > MAX_FUNCTION_LINES)
        long.set(`${path}#${name}`, `${path}:${line}: ${name} has ${length} lines, more than ${MAX_FUNCTION_LINES}`);
  }
  return [
    ...[...long].filter(([key]) => !(key in allowed)).map(([, text]) => text),
    ...Object.keys(allowed)
      .filter((key) => !long.has(key))
      .map((key) => `${key}: is allowed to be long, and is not`),
  ];
}

/** Every file opens with a comment that says what it is for. */
export function checkOpenings(sources: readonly Source[]): string[] {
  return each(sources, ({ path, text }) =>
    /^(?:#!.*\n)?(?:\/\/|\/\*)/.test(text) ? [] : [`${path}: opens without saying what it is for`],
  );
}

// Put together, so that this file is not the one that names them.
const REGISTRIES = [
  ["registry", "npmjs", "org"],
  ["npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["deb", "debian", "org"],
  ["pypi", "org"],
];

/** Hosts of package registries, and addresses in a lock file, tie a project to the network it was made on. */
export function checkHosts(path: string, text: string): string[] {
  const hosts = REGISTRIES.map((parts) => parts.join(".")).filter((host) => text.includes(host));
  const found = hosts.map((host) => `${path}: names the registry ${host}`);
  return path === "package-lock.json" && text.includes('"resolved"')
    ? [...found, `${path}: holds resolved addresses`]
    : found;
}

function packagesOf(imports: readonly Import[]): string[] {
  const names = imports
    .map(({ specifier }) => specifier)
    .filter((specifier) => !/^(?:\.|node:)/.test(specifier) && specifier !== COMPUTED);
  return [
    ...new Set(
      names.map((name) =>
        name
          .split("/")
          .slice(0, name.startsWith("@") ? 2 : 1)
          .join("/"),
      ),
    ),
  ];
}

function resolveImport(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function folderOf(path: string): string {
  const [top, folder, ...rest] = path.split("/");
  if (top !== "src" || folder === undefined) return path;
  return rest.length > 0 ? folder : folder.replace(/\.ts$/, "");
}

function each(sources: readonly Source[], check: (source: Source) => string[]): string[] {
  return sources.flatMap(check).sort();
}
