// `npm test`: sets the clone up, runs vitest with whatever arguments are given, and prints the totals as the last line.
// The exit code is vitest's own; a run that never got to its end counts as one failure.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureGitHubDescription } from "./github-openapi.mjs";
import { ensurePrograms } from "./programs.mjs";
import { ROOT, setUp } from "./setup.mjs";
import { formatTotals } from "./totals-reporter.mjs";

const folder = mkdtempSync(join(tmpdir(), "rolebook-totals-"));
const file = join(folder, "totals.json");
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exitCode = 1;
} finally {
  const totals = readTotals() ?? { passed: 0, failed: 1, skipped: 0 };
  if (totals.failed > 0) process.exitCode ||= 1;
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`${formatTotals(totals)}\n`);
}

/** Runs vitest to its end and returns its exit code. */
async function run(args) {
  await setUp();
  // Somebody who names the tests to run has what those need, or is told by them.
  if (args.length === 0) {
    ensurePrograms();
    fetchOnce();
  }
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", `--reporter=${join(ROOT, ".build", "totals-reporter.mjs")}`];
  const config = ["--config", join(ROOT, ".build", "vitest.config.mjs")];
  const child = spawn(process.execPath, [vitest, "run", ...config, ...reporters, ...args], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ROLEBOOK_TOTALS: file },
  });
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => settle(code ?? 1));
  });
}

/** Before the workers start, who would each fetch it. Without it only the tests that need it fail. */
function fetchOnce() {
  try {
    ensureGitHubDescription();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
}

function readTotals() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // vitest never got to its end
  }
}
