// Makes a clone ready to run: installed packages that match the lock file, and a build that matches the sources.
// It says one line a step on standard error, and nothing when there is nothing to do. Node built-ins only,
// since it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Left in dist/ by the build: the digest of what it was built from. */
export const BUILD_STAMP = "stamp.json";

/** What the build depends on; `src/generated` is made from the rest. */
const INPUTS = ["src", "schemas", ".build", "package.json", "package-lock.json", "tsconfig.json"];
const NOT_INPUTS = new Set(["generated"]);

/** Installs and builds what is missing or stale. Throws when a step fails, after that step has shown why. */
export async function setUp() {
  if (!isInstalled()) install();
  if (isBuilt()) return;
  process.stderr.write("Building dist ...\n");
  const { build } = await import("./build.mjs");
  await build();
}

/**
 * Whether node_modules holds what the lock file asks for. npm's own record of what it installed is compared with the
 * lock file, so it does not matter who ran npm, and a changed lock file is noticed without asking any registry.
 */
export function isInstalled() {
  const wanted = readJson(join(ROOT, "package-lock.json"))?.packages;
  const installed = readJson(join(ROOT, "node_modules", ".package-lock.json"))?.packages;
  if (!wanted || !installed) return false;
  const same = (path) =>
    installed[path]?.version === wanted[path]?.version && installed[path]?.integrity === wanted[path]?.integrity;
  const present = (path) => path in installed || wanted[path].optional || wanted[path].devOptional;
  return Object.keys(installed).every(same) && Object.keys(wanted).every((path) => path === "" || present(path));
}

/** Whether dist/ was built from the sources as they are. */
export function isBuilt() {
  if (!existsSync(join(ROOT, "src", "generated"))) return false;
  return readJson(join(ROOT, "dist", BUILD_STAMP))?.digest === digestInputs();
}

/** SHA-256 (hex) of the names and contents of everything the build depends on. */
export function digestInputs() {
  const hash = createHash("sha256");
  for (const path of INPUTS.flatMap((input) => listFiles(input))) {
    const content = readFileSync(join(ROOT, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function install() {
  process.stderr.write("Installing packages (npm ci) ...\n");
  const options = { cwd: ROOT, encoding: "utf8", shell: process.platform === "win32" };
  const { status, stdout, stderr, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], options);
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  throw new Error(`npm ci failed${error ? `: ${error.message}` : ` with exit code ${status}`}`);
}

/** Files at or below a path, relative to the root, in code-point order. */
function listFiles(path) {
  const entry = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return entry ? [path] : [];
  const names = readdirSync(join(ROOT, path)).filter((name) => !NOT_INPUTS.has(name));
  return names.sort().flatMap((name) => listFiles(`${path}/${name}`));
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // not there, or half written: the same as stale
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  // No top-level await: build.mjs imports this file, and would wait for it for ever.
  setUp().catch((error) => {
    process.stderr.write(`Set-up failed: ${error.message}\n`);
    process.exitCode = 1;
  });
