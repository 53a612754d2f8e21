import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// What the tests find must not depend on whose machine it is, nor on being run by a workflow: neither is passed on to the workers.
for (const name of Object.keys(process.env))
  if (/^(GITHUB_|GIT_|ACME_|ROLEBOOK_(?!TOTALS$))/.test(name)) delete process.env[name];
process.env.GIT_CONFIG_GLOBAL = "/dev/null";
process.env.GIT_CONFIG_NOSYSTEM = "1";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/begun.ts"],
    // A bound for what hangs, not a judgement of speed: machines differ, and some tests start dozens of processes.
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Half of the time a test waits for a process, a server or Git.
    maxWorkers: Math.max(2, Math.ceil(1.5 * availableParallelism())),
  },
});
