import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    // A bound for what hangs, not a judgement of speed: machines differ, and some tests start dozens of processes.
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Half of the time a test waits for a process, a server or Git.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
