// Several clones of one policy repository, a bare remote between them, and a terminal: what was applied is
// known everywhere, nobody overwrites anybody, and a question at a terminal is answered by a person.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CREDENTIALS, importedWorld, MAIN, runProcess, type World } from "../support/world.ts";

const LIMITS = "    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 } }\n";
const APPLIED = "refs/rolebook/applied/acme";

let world: World;
let remote: string;
let clone: string;

beforeAll(async () => {
  world = await importedWorld(LIMITS);
  remote = mkdtempSync(join(tmpdir(), "rolebook-remote-"));
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", remote]);
  world.git("remote", "add", "origin", remote);
  world.git("push", "-q", "origin", "main");
});
afterAll(async () => {
  await world?.close();
  for (const folder of [remote, clone]) if (folder) rmSync(folder, { recursive: true, force: true });
});

const atRemote = (ref: string) =>
  execFileSync("git", ["rev-parse", "--verify", "-q", ref], { cwd: remote, encoding: "utf8" }).trim();

describe("a remote", () => {
  it("gets the applied ref and the ledger with the next apply, and HEAD's branch is left alone", async () => {
    world.edit("policies/acme/roles/card-editor.yaml", "Card template: edit", "Card template: admin");
    world.commit("widen");
    const { digest } = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    const main = atRemote("main");
    const result = await world.rolebook(["apply", "--approve", digest]);
    expect([result.code, result.stderr]).toEqual([0, ""]);
    expect(atRemote(APPLIED)).toBe(world.git("rev-parse", "HEAD").trim());
    expect(atRemote("rolebook/ledger")).toBe(world.git("rev-parse", "rolebook/ledger").trim());
    expect(atRemote("main")).toBe(main);
    world.git("push", "-q", "origin", "main");
  });

  it("a fresh, shallow clone knows what was applied last", async () => {
    clone = mkdtempSync(join(tmpdir(), "rolebook-clone-"));
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${remote}`, clone]);
    const plan = await runProcess(clone, ["plan", "--format", "json"], {});
    expect([plan.code, plan.stderr]).toEqual([0, ""]);
    expect(JSON.parse(plan.stdout).base).toBe(atRemote(APPLIED));
  });

  it("two clones apply in turn: each sees the other's base, and the ledger has both stories", async () => {
    execFileSync("git", ["fetch", "-q", "--unshallow"], { cwd: clone });
    execFileSync(
      "git",
      ["-c", "user.name=Bo", "-c", "user.email=bo@acme.example", "commit", "-q", "--allow-empty", "-m", "by bo"],
      { cwd: clone },
    );
    expect((await runProcess(clone, ["apply"], {})).code).toBe(0);
    execFileSync("git", ["push", "-q", "origin", "main"], { cwd: clone });
    world.git("pull", "-q", "--ff-only", "origin", "main");
    world.edit("policies/acme/groups/insights.yaml", "The insights dashboard", "Dashboards");
    world.commit("describe");
    const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    expect(plan.base).toBe(execFileSync("git", ["rev-parse", "HEAD"], { cwd: clone, encoding: "utf8" }).trim());
    expect((await world.rolebook(["apply", "--approve", plan.digest])).code).toBe(0);
    const subjects = execFileSync("git", ["log", "--format=%s", "rolebook/ledger"], {
      cwd: remote,
      encoding: "utf8",
    }).split("\n");
    expect(subjects.filter((subject) => subject.includes("converged")).length).toBe(4);
  });

  it("a remote that is gone: plan warns and goes on, apply refuses before it writes", async () => {
    world.git("remote", "set-url", "origin", join(remote, "nowhere"));
    world.edit("policies/acme/groups/insights.yaml", "Dashboards", "Dashboard");
    world.commit("again");
    world.simulator.counters.reset();
    const plan = await world.rolebook(["plan", "--format", "json"]);
    expect(plan.code).toBe(2);
    expect(plan.stderr).toContain("could not be asked what was applied last");
    const { digest } = JSON.parse(plan.stdout);
    const refused = await world.rolebook(["apply", "--approve", digest]);
    expect(refused.code).toBe(1);
    expect(world.simulator.counters.view().writes).toEqual([]);
    const offline = await world.rolebook(["apply", "--approve", digest, "--offline"]);
    expect([offline.code, offline.stderr]).toEqual([0, ""]);
    world.git("remote", "set-url", "origin", remote);
    expect((await world.rolebook(["apply"])).code).toBe(0);
    expect(atRemote(APPLIED)).toBe(world.git("rev-parse", "HEAD").trim());
  });

  it("two applies at once: one is told who holds the lock, and nothing is made twice", async () => {
    world.edit("policies/acme/groups/insights.yaml", "Dashboard", "Insight");
    world.commit("once more");
    const { digest } = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    world.simulator.faults.set([{ kind: "latency", ms: 400 }]);
    world.simulator.counters.reset();
    const results = await Promise.all([
      world.rolebook(["apply", "--approve", digest]),
      world.rolebook(["apply", "--approve", digest]),
    ]);
    world.simulator.faults.set([]);
    expect(results.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(results.find(({ code }) => code === 1)?.stderr).toMatch(/apply|lock/i);
    expect(world.simulator.counters.view().writes.length).toBe(1);
  });
});

/** Who sits there. */
const PERSON = {
  GIT_AUTHOR_NAME: "Ana Li",
  GIT_AUTHOR_EMAIL: "ana@acme.example",
  GIT_COMMITTER_NAME: "Ana Li",
  GIT_COMMITTER_EMAIL: "ana@acme.example",
};

describe("at a terminal", () => {
  const answer = (text: string) =>
    new Promise<{ readonly code: number | null; readonly screen: string }>((settle, fail) => {
      const child = spawn("script", ["-qec", `${process.execPath} ${MAIN} apply`, "/dev/null"], {
        cwd: world.dir,
        env: { ...process.env, ...CREDENTIALS, ...PERSON, TERM: "xterm-256color" },
      });
      let screen = "";
      let asked = false;
      child.stdout.setEncoding("utf8").on("data", (piece: string) => {
        screen += piece;
        if (asked || !screen.includes("(y/N)")) return;
        asked = true;
        child.stdin.write(text);
      });
      child.on("error", fail);
      child.on("close", (code) => settle({ code, screen }));
    });

  it("asks, naming who loses access; no is the default and a yes applies", async () => {
    writeFileSync(join(world.dir, ".git", "info", "exclude"), "");
    world.edit("policies/acme/memberships/insights.yaml", "  - ravi@acme.example\n", "");
    world.commit("ravi leaves insights");
    world.simulator.counters.reset();
    const no = await answer("\r");
    expect(no.code).toBe(1);
    expect(no.screen).toContain("1 person loses access");
    expect(no.screen).toContain("\u001b[");
    expect(world.simulator.counters.view().writes).toEqual([]);
    const interrupted = await answer("\u0003");
    expect(interrupted.code).toBe(1);
    expect(world.simulator.counters.view().writes).toEqual([]);
    const yes = await answer("y\r");
    expect(yes.code).toBe(0);
    expect(world.simulator.counters.view().writes.length).toBe(1);
  });
});
