// That running Git leaves nothing behind, says all that Git said, and ends where there is no Git.
import { queryObjects } from "node:v8";
import { describe, expect, it } from "vitest";
import { runGit } from "../../src/git/command.ts";
import { commitFiles, initRepository, scratchFolder } from "./scratch.ts";

/** Promises that are still reachable once everything that can go has gone. */
const promises = () => queryObjects(Promise, { format: "count" });

describe("running Git", () => {
  it("leaves nothing behind, however often", async () => {
    const folder = initRepository({ "a.txt": "a" });
    const run = async (times: number) => {
      for (let time = 0; time < times; time += 1) await runGit(folder, ["rev-parse", "HEAD"]);
    };
    await run(5);
    const before = promises();
    await run(40);
    expect(promises() - before).toBeLessThan(20);
  });

  it("gives all of a long output", async () => {
    const text = `${"0123456789abcdef".repeat(64)}\n`.repeat(3000);
    const folder = initRepository({ "long.txt": text });
    commitFiles(folder, { "other.txt": "x" });
    const runs = Array.from({ length: 6 }, () => runGit(folder, ["show", "HEAD:long.txt"]));
    for (const { stdout } of await Promise.all(runs)) expect(stdout === text).toBe(true);
  });

  it("says what Git said, and what code it ended with where that is an answer", async () => {
    const folder = initRepository({ "a.txt": "a" });
    await expect(runGit(folder, ["rev-parse", "--verify", "nothing"])).rejects.toThrow(
      "git rev-parse failed: fatal: Needed a single revision",
    );
    const { exitCode, stdout } = await runGit(folder, ["config", "--get", "no.such"], { answers: [1] });
    expect([exitCode, stdout]).toEqual([1, ""]);
  });

  it("fails where there is no Git", async () => {
    const { PATH } = process.env;
    process.env.PATH = scratchFolder();
    try {
      await expect(runGit(scratchFolder(), ["status"])).rejects.toThrow(/ENOENT/);
    } finally {
      process.env.PATH = PATH;
    }
  });
});
