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
      // What most commands need is one file: each takes about a millisecond to find and load.
      codeSplitting: { groups: [{ name: "core", minShareCount: 5 }] },
      // Smaller files load faster; names stay, so that a stack trace can be read.
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      keepNames: true,
    });
  } finally {
    await bundled.close();
  }
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
