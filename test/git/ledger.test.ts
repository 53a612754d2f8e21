import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LEDGER_REF, type LedgerEntry, LedgerPathError, openLedger } from "../../src/git/ledger.ts";
import { fetchLedger, syncLedger } from "../../src/git/ledger-sync.ts";
import { clone, commitFiles, git, gitAt, initBare, initRepository, open, writeFiles } from "./scratch.ts";

function entry(path: string, content = "{}\n", subject = `add ${path}`): LedgerEntry {
  return {
    files: [{ path, content }],
    subject,
    at: new Date("2026-03-01T10:00:00Z"),
    author: "Ana Li <ana@acme.example>",
  };
}

async function ledgerOf(folder: string) {
  return openLedger(await open(folder));
}

describe("append", () => {
  it("adds files to a branch of their own and leaves the work tree and index alone", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    writeFiles(folder, { "a.yaml": "edited", "new.yaml": "x" });
    const digest = () =>
      createHash("sha256")
        .update(readFileSync(join(folder, ".git/index")))
        .digest("hex");
    const before = [digest(), git(folder, "status", "--porcelain"), git(folder, "rev-parse", "HEAD")];
    const ledger = await ledgerOf(folder);
    expect(await ledger.head()).toBeNull();
    expect(await ledger.list("")).toEqual([]);
    expect(await ledger.read("acme/1/start.json")).toBeUndefined();
    const first = await ledger.append(entry("acme/1/start.json", "one\n"));
    const second = await ledger.append(entry("acme/1/receipt.json", "zwei ü\n"));
    expect(await ledger.head()).toBe(second);
    expect(git(folder, "rev-parse", `${second}^`)).toBe(first);
    expect(await ledger.list("acme")).toEqual(["acme/1/receipt.json", "acme/1/start.json"]);
    expect(await ledger.list("acm")).toEqual([]);
    expect(await ledger.read("acme/1/start.json")).toBe("one\n");
    expect(await ledger.readAll(["acme/1/receipt.json", "acme/1/start.json", "acme/none"])).toEqual(
      new Map([
        ["acme/1/receipt.json", "zwei ü\n"],
        ["acme/1/start.json", "one\n"],
      ]),
    );
    expect([digest(), git(folder, "status", "--porcelain"), git(folder, "rev-parse", "HEAD")]).toEqual(before);
    expect(existsSync(join(folder, "acme"))).toBe(false);
    expect(await ledger.verify()).toEqual([]);
  });

  it("gives the same bytes for the same entry, whoever and whenever runs it", async () => {
    const commits = [];
    for (const folder of [initRepository({ "a.yaml": "1" }), initRepository(), initBare()]) {
      const ledger = await ledgerOf(folder);
      await ledger.append({ ...entry("acme/1/start.json"), body: "why\n\nand how" });
      commits.push(await ledger.append(entry("acme/2/start.json")));
    }
    expect(new Set(commits).size).toBe(1);
  });

  it("writes the author, the date and the message it is given", async () => {
    const folder = initRepository();
    const commit = await (await ledgerOf(folder)).append({
      ...entry("a/b", "x", "first\nline"),
      body: "ünï\n",
      at: new Date("2026-03-01T10:00:00.999Z"),
    });
    expect(git(folder, "show", "--no-patch", "--format=%an|%ae|%aI|%cn|%cI|%B", commit)).toBe(
      "Ana Li|ana@acme.example|2026-03-01T10:00:00+00:00|Ana Li|2026-03-01T10:00:00+00:00|first line\n\nünï",
    );
    const ledger = await ledgerOf(folder);
    await expect(ledger.append({ ...entry("a/c"), author: "nobody" })).rejects.toThrow(/not an author/);
  });

  it("refuses a path that is there, a file used as a folder, and a folder used as a file", async () => {
    const ledger = await ledgerOf(initRepository());
    await ledger.append(entry("acme/1/start.json", "one\n"));
    const head = await ledger.head();
    for (const path of ["acme/1/start.json", "acme/1", "acme", "acme/1/start.json/x"])
      await expect(ledger.append(entry(path, "two\n")), path).rejects.toBeInstanceOf(LedgerPathError);
    await expect(
      ledger.append({ ...entry("new"), files: [...entry("new").files, ...entry("acme/1/start.json").files] }),
    ).rejects.toThrow(/nothing on the ledger ever changes/);
    expect(await ledger.head()).toBe(head);
    expect(await ledger.read("acme/1/start.json")).toBe("one\n");
  });

  it("refuses paths that are not plain", async () => {
    const ledger = await ledgerOf(initRepository());
    for (const path of [
      "",
      "/a",
      "a/",
      "a//b",
      "../a",
      "a/../b",
      ".git/config",
      "a/.git/x",
      "-a",
      "a b",
      "a\nb",
      "a\0b",
      "ä",
      "a\\b",
    ])
      await expect(ledger.append(entry(path)), JSON.stringify(path)).rejects.toBeInstanceOf(LedgerPathError);
    expect(await ledger.head()).toBeNull();
  });

  it("loses nothing when many write at once", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const ledgers = await Promise.all(Array.from({ length: 4 }, () => ledgerOf(folder)));
    const paths = Array.from({ length: 12 }, (_, index) => `t${index % 3}/${index}/start.json`);
    await Promise.all(paths.map((path, index) => ledgers[index % 4]?.append(entry(path, `${index}\n`))));
    const [ledger] = ledgers;
    expect(await ledger?.list("")).toEqual([...paths].sort());
    expect(git(folder, "rev-list", "--count", LEDGER_REF)).toBe("12");
    expect(await ledger?.verify()).toEqual([]);
  });

  it("lets only one of two writers have a path", async () => {
    const ledger = await ledgerOf(initRepository());
    const results = await Promise.allSettled([ledger.append(entry("a/b", "1")), ledger.append(entry("a/b", "2"))]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")?.reason).toBeInstanceOf(LedgerPathError);
  });

  it("serves work trees, and repositories whose work tree is sparse or split", async () => {
    const folder = initRepository({ "p/a.yaml": "1", "q/b.yaml": "1" });
    git(folder, "config", "core.splitIndex", "true");
    git(folder, "sparse-checkout", "set", "p");
    const ledger = await ledgerOf(folder);
    await ledger.append(entry("acme/1/start.json"));
    await ledger.append(entry("acme/2/start.json"));
    expect(await ledger.list("")).toEqual(["acme/1/start.json", "acme/2/start.json"]);
  });
});

describe("verify", () => {
  /** Commits onto the ledger with the plain git command, as somebody with push rights could. */
  async function tamper(change: (folder: string) => void) {
    const folder = initRepository({ "a.yaml": "1" });
    const ledger = await ledgerOf(folder);
    await ledger.append(entry("acme/1/start.json", "one\n"));
    await ledger.append(entry("acme/1/receipt.json", "two\n"));
    git(folder, "checkout", "--quiet", "rolebook/ledger");
    change(folder);
    await ledger.append(entry("acme/2/start.json", "three\n"));
    return { ledger, folder };
  }

  it("finds a changed file, also when it was changed back", async () => {
    const { ledger } = await tamper((folder) => {
      commitFiles(folder, { "acme/1/start.json": "ONE\n" });
      commitFiles(folder, { "acme/1/start.json": "one\n" });
    });
    expect((await ledger.verify()).map(({ code, key }) => [code, key])).toEqual([
      ["ledger-changed", "acme/1/start.json"],
      ["ledger-changed", "acme/1/start.json"],
    ]);
  });

  it("finds a deleted file, and one that was renamed", async () => {
    const { ledger } = await tamper((folder) => {
      git(folder, "mv", "acme/1/start.json", "acme/1/moved.json");
      git(folder, "commit", "--quiet", "-m", "move");
    });
    expect(await ledger.verify()).toMatchObject([
      { severity: "error", code: "ledger-deleted", key: "acme/1/start.json" },
    ]);
  });

  it("finds a changed mode and a merge", async () => {
    const { ledger } = await tamper((folder) => {
      git(folder, "update-index", "--chmod=+x", "acme/1/start.json");
      git(folder, "commit", "--quiet", "-m", "mode");
      git(folder, "merge", "--quiet", "--allow-unrelated-histories", "-m", "merge", "main");
    });
    expect(new Set((await ledger.verify()).map(({ code }) => code))).toEqual(
      new Set(["ledger-changed", "ledger-merged"]),
    );
  });

  it("says when a shallow clone hides the rest", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const ledger = await ledgerOf(folder);
    for (const number of [1, 2, 3]) await ledger.append(entry(`acme/${number}/start.json`));
    const shallow = clone(`file://${folder}`, "--depth=1", "--branch=rolebook/ledger");
    expect(await (await ledgerOf(shallow)).verify()).toMatchObject([{ severity: "warning", code: "ledger-shallow" }]);
  });

  it("is silent on an empty ledger", async () => {
    expect(await (await ledgerOf(initBare())).verify()).toEqual([]);
  });
});

describe("syncLedger", () => {
  async function twoSides() {
    const remote = initBare();
    const seed = clone(remote);
    const base = commitFiles(seed, { "a.yaml": "1" });
    git(seed, "push", "--quiet", "origin", "HEAD:main");
    const [left, right] = await Promise.all([open(clone(remote)), open(clone(remote))]);
    return { remote, base, left, right };
  }

  it("brings two ledgers that grew apart together, without a merge", async () => {
    const { remote, left, right } = await twoSides();
    await openLedger(left).append(entry("acme/1/start.json"));
    expect(await syncLedger(left, "origin")).toEqual({ kind: "synced" });
    await openLedger(right).append({ ...entry("acme/2/start.json"), body: "one\n\ntwo" });
    await openLedger(right).append(entry("acme/2/receipt.json"));
    await openLedger(left).append(entry("acme/3/start.json"));
    expect(await syncLedger(right, "origin")).toEqual({ kind: "synced" });
    expect(await syncLedger(left, "origin")).toEqual({ kind: "synced" });
    await fetchLedger(right, "origin");
    const all = ["acme/1/start.json", "acme/2/receipt.json", "acme/2/start.json", "acme/3/start.json"];
    for (const side of [left, right, await open(remote)]) {
      expect(await openLedger(side).list("")).toEqual(all);
      expect(await openLedger(side).verify()).toEqual([]);
    }
    expect(git(remote, "log", "--format=%B", "--grep=2/start", "rolebook/ledger")).toBe(
      "add acme/2/start.json\n\none\n\ntwo",
    );
  });

  it("drops what both sides recorded alike, and refuses what they recorded differently", async () => {
    const { left, right } = await twoSides();
    await openLedger(left).append(entry("acme/1/start.json", "same\n"));
    await openLedger(right).append(entry("acme/1/start.json", "same\n", "another subject"));
    await syncLedger(left, "origin");
    expect(await syncLedger(right, "origin")).toEqual({ kind: "synced" });
    expect(await openLedger(right).head()).toBe(await openLedger(left).head());
    await openLedger(left).append(entry("acme/2/start.json", "left\n"));
    await openLedger(right).append(entry("acme/2/start.json", "right\n"));
    await syncLedger(left, "origin");
    await expect(syncLedger(right, "origin")).rejects.toBeInstanceOf(LedgerPathError);
  });

  it("pushes applied commits along with it, or neither", async () => {
    const { remote, base, left, right } = await twoSides();
    const ref = "refs/rolebook/applied/acme";
    await openLedger(left).append(entry("acme/1/receipt.json"));
    expect(await syncLedger(left, "origin", [{ ref, to: base }])).toEqual({ kind: "synced" });
    const newer = commitFiles(right.root, { "a.yaml": "2" });
    await openLedger(right).append(entry("acme/2/receipt.json"));
    expect(await syncLedger(right, "origin", [{ ref, to: newer }])).toEqual({ kind: "synced" });
    await openLedger(left).append(entry("acme/3/receipt.json"));
    expect(await syncLedger(left, "origin", [{ ref, to: base }])).toEqual({ kind: "moved", refs: [ref] });
    expect(git(remote, "rev-parse", ref)).toBe(newer);
    expect(await openLedger(await open(remote)).list("acme/3")).toEqual([]);
  });

  it("survives several clones that sync at the same time", async () => {
    const { remote, left, right } = await twoSides();
    const third = await open(clone(remote));
    const sides = [left, right, third];
    for (const [index, side] of sides.entries()) await openLedger(side).append(entry(`t${index}/1/start.json`));
    const results = await Promise.all(sides.map((side) => syncLedger(side, "origin")));
    expect(results).toEqual(sides.map(() => ({ kind: "synced" })));
    expect(await openLedger(await open(remote)).list("")).toEqual([
      "t0/1/start.json",
      "t1/1/start.json",
      "t2/1/start.json",
    ]);
  });

  it("does nothing where there is nothing", async () => {
    const { left } = await twoSides();
    expect(await syncLedger(left, "origin")).toEqual({ kind: "synced" });
    expect(await openLedger(left).head()).toBeNull();
  });

  it("does not read a date of the machine", async () => {
    const { left } = await twoSides();
    gitAt(left.root, "2020-01-01T00:00:00Z", "commit", "--quiet", "--allow-empty", "-m", "old");
    const commit = await openLedger(left).append(entry("a/b"));
    expect(git(left.root, "show", "--no-patch", "--format=%cI", commit)).toBe("2026-03-01T10:00:00+00:00");
  });
});
