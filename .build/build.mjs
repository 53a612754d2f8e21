// Builds dist/: generated validators first, then one bundle of src/main.ts with a chunk for each part that a command
// loads only when it needs it. What is in dist/ changes all at once or not at all.
import { chmodSync, existsSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BUILD_STAMP, digestInputs, ROOT } from "./setup.mjs";

/** Generates, bundles and stamps. Throws what the bundler throws. */
export async function build() {
  const { generate } = await import("./generate.mjs");
  await generate();
  const digest = digestInputs();
  const scratch = join(ROOT, "node_modules", `.rolebook-build-${process.pid}`);
  rmSync(scratch, { recursive: true, force: true });
  try {
    await bundle(join(ROOT, "src", "main.ts"), scratch);
    chmodSync(join(scratch, "main.js"), 0o755);
    writeFileSync(join(scratch, BUILD_STAMP), `${JSON.stringify({ digest })}\n`);
    replaceFolder(scratch, join(ROOT, "dist"));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function bundle(entry, folder) {
  const { rolldown } = await import("rolldown");
  const bundled = await rolldown({ input: { main: entry }, platform: "node", onLog: failOnWarning });
  try {
    await bundled.write({
      dir: folder,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      codeSplitting: { groups: [{ debugName: "layers", name: layOut(entry) }] },
      // Smaller files load faster; names stay, so that a stack trace can be read.
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      keepNames: true,
    });
  } finally {
    await bundled.close();
  }
}

/**
 * Names the chunk of a module that commands share. A file takes about a millisecond to find and load, so what `validate` needs is one,
 * and what `plan` needs beyond that is another; neither holds what its command does without. The bundler lays out the rest.
 */
function layOut(main) {
  const source = (...path) => join(ROOT, "src", ...path);
  const layerOf = new Map();
  return (id, context) => {
    if (layerOf.size === 0) {
      const core = closureOf([main, source("run", "validate.ts")], context);
      const plan = closureOf([source("run", "plan.ts"), source("git", "repository.ts")], context);
      // Guardrails are loaded by either command when there are any: what they share with a plan, `validate` needs as well.
      const judging = closureOf([source("plan", "guardrails", "judge.ts")], context);
      for (const module of plan) layerOf.set(module, judging.has(module) ? "core" : "plan");
      for (const module of core) layerOf.set(module, "core");
      layerOf.delete(main);
    }
    return layerOf.get(id);
  };
}

/** These modules and all that they load by statement. */
function closureOf(entries, context) {
  const found = new Set(entries);
  for (const id of found) for (const next of context.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}

/** A warning of the bundler is a defect of the bundle until somebody has looked at it. */
function failOnWarning(level, log) {
  if (level === "warn") throw new Error(`rolldown: ${log.message}`);
}

/** Puts a new folder in the place of an old one; whoever looks meanwhile finds one of the two, but for an instant. */
function replaceFolder(fresh, place) {
  const old = `${fresh}-old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(place)) renameSync(place, old);
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  await build();
  process.stderr.write(`Built dist in ${((Date.now() - started) / 1000).toFixed(1)} s.\n`);
}
