import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createBatchParser } from "../../src/git/batch.ts";
import { openRepository } from "../../src/git/repository.ts";
import {
  clone,
  commitFiles,
  git,
  gitAt,
  initBare,
  initRepository,
  open,
  scratchFolder,
  writeFiles,
} from "./scratch.ts";

/** Names that break parsers, quoting or option handling. */
const HOSTILE_PATHS = [
  "policies/with space.yaml",
  "policies/ünïcode-日本.yaml",
  "policies/new\nline.yaml",
  "policies/-rf.yaml",
  "policies/quote\"'$(x).yaml",
  "policies/tab\tbed.yaml",
  "policies/:(glob)*.yaml",
  "policies/back\\slash.yaml",
];

describe("openRepository", () => {
  it("is undefined outside Git", async () => {
    expect(await openRepository(scratchFolder())).toBeUndefined();
  });

  it("finds the top from a subfolder", async () => {
    const folder = initRepository({ "policies/acme/a.yaml": "a" });
    const repository = await open(join(folder, "policies/acme"));
    expect(repository.root).toBe(folder);
    expect(repository.gitDir).toBe(join(folder, ".git"));
    expect(repository.bare).toBe(false);
    expect(repository.pathInside(join(folder, "policies/acme"))).toBe("policies/acme");
    expect(repository.pathInside(folder)).toBe("");
    expect(repository.pathInside(join(folder, "policies/not-yet/x"))).toBe("policies/not-yet/x");
    expect(repository.pathInside(join(folder, ".."))).toBeUndefined();
    expect(repository.pathInside(join(folder, "..name"))).toBe("..name");
  });

  it("follows a symbolic link to a path inside", async () => {
    const folder = initRepository({ "policies/a.yaml": "a" });
    const outside = scratchFolder();
    symlinkSync(join(folder, "policies"), join(outside, "link"));
    expect((await open(folder)).pathInside(join(outside, "link"))).toBe("policies");
  });

  it("shares the Git folder between work trees, and keeps their heads apart", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const first = git(folder, "rev-parse", "HEAD");
    const other = join(scratchFolder(), "other");
    git(folder, "worktree", "add", "--quiet", "-b", "side", other);
    const second = commitFiles(other, { "a.yaml": "2" });
    const [main, side] = [await open(folder), await open(other)];
    expect(side.gitDir).toBe(main.gitDir);
    expect(side.root).toBe(other);
    expect(await main.head()).toBe(first);
    expect(await side.head()).toBe(second);
  });

  it("works before the first commit, with a detached head, and in a bare repository", async () => {
    const folder = initRepository();
    expect(await (await open(folder)).head()).toBeNull();
    expect(await (await open(folder)).dirtyPaths("")).toEqual([]);
    const first = commitFiles(folder, { "a.yaml": "1" });
    commitFiles(folder, { "a.yaml": "2" });
    git(folder, "checkout", "--quiet", first);
    expect(await (await open(folder)).head()).toBe(first);
    const bare = await open(initBare());
    expect(bare.bare).toBe(true);
    expect(bare.root).toBe(bare.gitDir);
    expect(await bare.head()).toBeNull();
    expect(await bare.dirtyPaths("")).toEqual([]);
  });

  it("works in a folder whose name has spaces, newlines and a leading dash", async () => {
    const folder = join(scratchFolder(), "-a b\nc");
    mkdirSync(folder);
    git(folder, "init", "--quiet", "--initial-branch=main");
    const commit = commitFiles(folder, { "a.yaml": "1" });
    const repository = await open(folder);
    expect(repository.root).toBe(folder);
    expect(repository.gitDir).toBe(join(folder, ".git"));
    expect(await repository.head()).toBe(commit);
  });

  it("ignores the environment of an outer Git", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const other = initRepository({ "b.yaml": "1" });
    vi.stubEnv("GIT_DIR", join(other, ".git"));
    vi.stubEnv("GIT_WORK_TREE", other);
    vi.stubEnv("GIT_INDEX_FILE", join(other, ".git/index"));
    try {
      const repository = await open(folder);
      expect(repository.root).toBe(folder);
      expect(await repository.dirtyPaths("")).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("identity", () => {
  it("is the person Git would sign as", async () => {
    expect(await (await open(initRepository())).identity()).toBe("Ana Li <ana@acme.example>");
  });

  it("says what to do when Git does not know", async () => {
    const folder = initRepository();
    git(folder, "config", "--unset", "user.name");
    git(folder, "config", "--unset", "user.email");
    git(folder, "config", "user.useConfigOnly", "true");
    vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
    vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
    try {
      const repository = await open(folder);
      await expect(repository.identity()).rejects.toMatchObject({ name: "GitError", hint: /user\.name/ });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("listTree and readBlobs", () => {
  it("finds a commit that was not here a moment ago, and forgets none that it lists again", async () => {
    const from = initRepository({ "a.yaml": "a" });
    const first = git(from, "rev-parse", "HEAD");
    const folder = clone(from);
    const later = commitFiles(from, { "b.yaml": "b" });
    const repository = await open(folder);
    await expect(repository.listTree(later, "")).rejects.toThrow();
    git(folder, "fetch", "-q");
    const paths = async (commit: string) => (await repository.listTree(commit, "")).map(({ path }) => path);
    for (const _ of ["once", "again"]) {
      expect(await paths(later)).toEqual(["a.yaml", "b.yaml"]);
      expect(await paths(first)).toEqual(["a.yaml"]);
      for (let folder = 0; folder < 9; folder += 1)
        expect(await repository.listTree(first, `no-${folder}`)).toEqual([]);
    }
  });

  it("reads every hostile path and content byte for byte", async () => {
    const contents = HOSTILE_PATHS.map((_, index) =>
      Buffer.concat([Buffer.from([0, 10, 255, 13, 10]), Buffer.alloc(index * 70_001, `${index}\n`)]),
    );
    const files = Object.fromEntries(HOSTILE_PATHS.map((path, index) => [path, contents[index] as Buffer]));
    const folder = initRepository({
      ...files,
      "policies/empty.yaml": "",
      "other/x.yaml": "x",
      "policies2/y.yaml": "y",
    });
    const repository = await open(folder);
    const commit = (await repository.head()) ?? "";
    const tree = await repository.listTree(commit, "policies");
    expect(new Set(tree.map(({ path }) => path))).toEqual(new Set([...HOSTILE_PATHS, "policies/empty.yaml"]));
    const blobs = await repository.readBlobs(tree.map(({ blob }) => blob));
    for (const { path, blob } of tree)
      expect(blobs.get(blob)?.equals(readFileSync(join(folder, path))), JSON.stringify(path)).toBe(true);
    expect((await repository.listTree(commit, "")).length).toBe(tree.length + 2);
    expect(await repository.listTree(commit, "nowhere")).toEqual([]);
  });

  it("tells links and executables by their mode", async () => {
    const folder = initRepository();
    symlinkSync("/etc/passwd", join(folder, "link.yaml"));
    writeFileSync(join(folder, "run.sh"), "x", { mode: 0o755 });
    const repository = await open(folder);
    const tree = await repository.listTree(commitFiles(folder, { "a.yaml": "a" }), "");
    expect(tree.map(({ path, mode }) => [path, mode])).toEqual([
      ["a.yaml", "100644"],
      ["link.yaml", "120000"],
      ["run.sh", "100755"],
    ]);
    const blobs = await repository.readBlobs(tree.map(({ blob }) => blob));
    expect(blobs.get(tree[1]?.blob ?? "")?.toString()).toBe("/etc/passwd");
  });

  it("leaves out what is missing or no blob, and asks for nothing when there is nothing to ask", async () => {
    const folder = initRepository({ "a.yaml": "a" });
    const repository = await open(folder);
    const commit = (await repository.head()) ?? "";
    const [file] = await repository.listTree(commit, "");
    const missing = "0123456789".repeat(4);
    const blobs = await repository.readBlobs([missing, commit, file?.blob ?? "", file?.blob ?? ""]);
    expect([...blobs]).toEqual([[file?.blob, Buffer.from("a")]]);
    expect((await repository.readBlobs([])).size).toBe(0);
    await expect(repository.readBlobs(["HEAD"])).rejects.toThrow(/not an object id/);
    await expect(repository.listTree("--help", "")).rejects.toThrow(/not an object id/);
  });

  it("reads thousands of blobs with one process", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`p/${index}.yaml`, `${index}\n`.repeat(20)]),
    );
    const repository = await open(initRepository(files));
    const tree = await repository.listTree((await repository.head()) ?? "", "p");
    const blobs = await repository.readBlobs(tree.map(({ blob }) => blob));
    expect(blobs.size).toBe(3000);
    for (const { path, blob } of tree) expect(blobs.get(blob)?.toString()).toBe(files[path]);
  });
});

describe("createBatchParser", () => {
  it("gives the same objects however the stream is cut", () => {
    const objects = ["", "x", "aaa blob 3\n", "\n\n\0\n", "z".repeat(100)];
    const parts = objects.map((text, index) => `${"0123456789abcdef"[index]} blob ${text.length}\n${text}\n`);
    const stream = Buffer.from(`${parts.join("")}f missing\n`);
    for (let size = 1; size <= stream.length; size += 1) {
      const seen: string[] = [];
      const parser = createBatchParser((_id, _type, content) => seen.push(content.toString()));
      for (let at = 0; at < stream.length; at += size) parser.push(stream.subarray(at, at + size));
      expect(seen, `cut every ${size} bytes`).toEqual(objects);
      expect(parser.answers()).toBe(objects.length + 1);
    }
  });
});

describe("dirtyPaths", () => {
  it("sees edited, staged, deleted and untracked files, below the folder only", async () => {
    const folder = initRepository({
      "policies/edited.yaml": "1",
      "policies/staged.yaml": "1",
      "policies/deleted.yaml": "1",
      "policies/same.yaml": "1",
      "outside.yaml": "1",
      ".gitignore": "*.log\n",
    });
    const repository = await open(folder);
    expect(await repository.dirtyPaths("policies")).toEqual([]);
    writeFiles(folder, {
      "policies/edited.yaml": "2",
      "policies/staged.yaml": "2",
      "policies/deep/new.yaml": "2",
      "policies/ignored.log": "2",
      "outside.yaml": "2",
    });
    git(folder, "add", "policies/staged.yaml");
    rmSync(join(folder, "policies/deleted.yaml"));
    const expected = ["deep/new.yaml", "deleted.yaml", "edited.yaml", "staged.yaml"].map((name) => `policies/${name}`);
    expect(await repository.dirtyPaths("policies")).toEqual(expected);
    expect(await repository.dirtyPaths("")).toEqual(["outside.yaml", ...expected]);
    expect(await repository.dirtyPaths("nowhere")).toEqual([]);
  });

  it("names hostile paths as they are", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    writeFiles(folder, Object.fromEntries(HOSTILE_PATHS.map((path) => [path, "x"])));
    const repository = await open(folder);
    expect(await repository.dirtyPaths("policies")).toEqual([...HOSTILE_PATHS].sort());
    writeFiles(folder, { "-x *?/f.yaml": "1", ":(top)/g.yaml": "1" });
    expect(await repository.dirtyPaths("-x *?")).toEqual(["-x *?/f.yaml"]);
    expect(await repository.dirtyPaths(":(top)")).toEqual([":(top)/g.yaml"]);
  });

  it("does not believe flags and settings that tell Git to look away", async () => {
    const folder = initRepository({ "p/assumed.yaml": "1", "p/skipped.yaml": "1", "p/same.yaml": "1" });
    git(folder, "update-index", "--assume-unchanged", "p/assumed.yaml");
    git(folder, "update-index", "--skip-worktree", "p/skipped.yaml");
    git(folder, "config", "status.showUntrackedFiles", "no");
    writeFiles(folder, { "p/assumed.yaml": "2", "p/new.yaml": "1" });
    const repository = await open(folder);
    expect(await repository.dirtyPaths("p")).toEqual(["p/assumed.yaml", "p/new.yaml", "p/skipped.yaml"]);
  });

  it("calls a sparse checkout dirty where files are left out of it", async () => {
    const folder = initRepository({ "p/a.yaml": "1", "q/b.yaml": "1" });
    git(folder, "sparse-checkout", "set", "p");
    const repository = await open(folder);
    expect(existsSync(join(folder, "q/b.yaml"))).toBe(false);
    expect(await repository.dirtyPaths("p")).toEqual([]);
    expect(await repository.dirtyPaths("q")).toEqual(["q/b.yaml"]);
  });

  it("leaves the index as it is", async () => {
    const folder = initRepository({ "p/a.yaml": "1" });
    writeFiles(folder, { "p/a.yaml": "1" });
    const before = createHash("sha256")
      .update(readFileSync(join(folder, ".git/index")))
      .digest("hex");
    await (await open(folder)).dirtyPaths("p");
    expect(
      createHash("sha256")
        .update(readFileSync(join(folder, ".git/index")))
        .digest("hex"),
    ).toBe(before);
  });
});

describe("commits that no ref of a remote holds any more", () => {
  it("come where the remote gives them, and are simply not here where it does not", async () => {
    const remote = initBare();
    const folder = initRepository({ "a.yaml": "1" });
    git(folder, "push", "--quiet", remote, "main");
    const lost = commitFiles(folder, { "a.yaml": "2" }, "lost");
    git(folder, "push", "--quiet", remote, "main:left");
    git(remote, "update-ref", "-d", "refs/heads/left");
    const [strict, lenient] = [await open(clone(`file://${remote}`)), await open(clone(`file://${remote}`))];
    git(remote, "config", "uploadpack.allowAnySHA1InWant", "false");
    git(strict.root, "config", "protocol.version", "0");
    await strict.fetchCommits("origin", [lost]);
    expect(await strict.resolveCommit(lost)).toBeUndefined();
    git(remote, "config", "uploadpack.allowAnySHA1InWant", "true");
    await lenient.fetchCommits("origin", ["0123456789".repeat(4), lost]);
    expect(await lenient.resolveCommit(lost)).toBe(lost);
  });

  it("are no excuse for a remote that cannot be reached", async () => {
    const remote = initBare();
    const folder = initRepository({ "a.yaml": "1" });
    git(folder, "push", "--quiet", remote, "main");
    const repository = await open(clone(remote));
    rmSync(remote, { recursive: true });
    await expect(repository.fetchCommits("origin", ["0123456789".repeat(4)])).rejects.toThrow("git fetch failed");
    await expect(repository.fetchCommits("origin", ["--upload-pack=x"])).rejects.toThrow("not an object id");
  });
});

describe("hostile configuration", () => {
  it("runs no hook, no file-system monitor, no pager and no alias", async () => {
    const folder = initRepository({ "p/a.yaml": "1" });
    const remote = initBare();
    const trap = join(folder, "trapped");
    const script = join(folder, ".git/trap.sh");
    writeFileSync(script, `#!/bin/sh\necho "$0 $@" >> '${trap}'\n`, { mode: 0o755 });
    for (const hook of ["reference-transaction", "pre-push", "post-index-change", "post-checkout"])
      execFileSync("cp", [script, join(folder, ".git/hooks", hook)]);
    const settings: readonly (readonly [string, string])[] = [
      ["core.fsmonitor", script],
      ["core.pager", script],
      ["pager.status", script],
      ["alias.status", `!${script}`],
      ["log.showSignature", "true"],
      ["diff.external", script],
      ["color.ui", "always"],
      ["core.quotePath", "true"],
      ["commit.gpgSign", "true"],
      ["gpg.program", script],
    ];
    for (const [name, value] of settings) git(folder, "config", name, value);
    git(folder, "config", "remote.origin.url", remote);
    git(folder, "status", "--short");
    expect(readFileSync(trap, "utf8"), "the trap works").toContain("trap.sh");
    rmSync(trap);
    const repository = await open(folder);
    const head = (await repository.head()) ?? "";
    await repository.listTree(head, "p");
    await repository.dirtyPaths("p");
    await repository.moveRef("refs/rolebook/applied/acme", head, null);
    await repository.pushRefs("origin", [{ ref: "refs/rolebook/applied/acme", to: head }]);
    await repository.fetchRefs("origin", ["refs/rolebook/applied/acme"]);
    expect(existsSync(trap) ? readFileSync(trap, "utf8") : "").toBe("");
  });
});

describe("resolveCommit", () => {
  it("takes commits, tags, branches, and nothing that is none", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const first = git(folder, "rev-parse", "HEAD");
    git(folder, "tag", "-a", "v1", "-m", "one");
    git(folder, "branch", "side");
    const second = commitFiles(folder, { "a.yaml": "2" });
    const repository = await open(folder);
    expect(await repository.resolveCommit("HEAD")).toBe(second);
    expect(await repository.resolveCommit("main")).toBe(second);
    for (const text of ["v1", "side", first, first.slice(0, 10), "HEAD~1"])
      expect(await repository.resolveCommit(text), text).toBe(first);
    const blob = git(folder, "rev-parse", "HEAD:a.yaml");
    for (const text of ["", "nowhere", "--all", "-h", "HEAD~9", "a..b", "^main", "\0", "x y", blob, "0".repeat(40)])
      expect(await repository.resolveCommit(text), text).toBeUndefined();
  });
});

describe("commitBefore", () => {
  it("finds the last commit of the first-parent line at an instant", async () => {
    const folder = initRepository();
    const commits = [1, 2, 3].map((day) => {
      writeFiles(folder, { "a.yaml": `${day}` });
      git(folder, "add", "--all");
      gitAt(folder, `2026-01-0${day}T12:00:00Z`, "commit", "--quiet", "-m", `${day}`);
      return git(folder, "rev-parse", "HEAD");
    });
    const repository = await open(folder);
    expect(await repository.commitBefore(new Date("2026-01-02T11:59:59.999Z"))).toBe(commits[0]);
    expect(await repository.commitBefore(new Date("2026-01-02T12:00:00Z"))).toBe(commits[1]);
    expect(await repository.commitBefore(new Date("2027-01-01T00:00:00Z"))).toBe(commits[2]);
    expect(await repository.commitBefore(new Date("2025-01-01T00:00:00Z"))).toBeUndefined();
    expect(await repository.commitBefore(new Date("2027-01-01T00:00:00Z"), commits[0])).toBe(commits[0]);
    expect(await (await open(initRepository())).commitBefore(new Date())).toBeUndefined();
  });
});

describe("isAncestor", () => {
  it("answers yes, no, or in a clone that cannot know, nothing", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const first = git(folder, "rev-parse", "HEAD");
    const second = commitFiles(folder, { "a.yaml": "2" });
    commitFiles(folder, { "a.yaml": "3" });
    const repository = await open(folder);
    expect(await repository.isAncestor(first, second)).toBe(true);
    expect(await repository.isAncestor(second, second)).toBe(true);
    expect(await repository.isAncestor(second, first)).toBe(false);
    expect(await repository.isAncestor("0123456789".repeat(4), first)).toBeUndefined();
    const shallow = await open(clone(`file://${folder}`, "--depth=1"));
    const tip = (await shallow.head()) ?? "";
    expect(await shallow.isShallow()).toBe(true);
    expect(await shallow.isAncestor(first, tip)).toBeUndefined();
    expect(await shallow.isAncestor(tip, tip)).toBe(true);
    expect((await shallow.listTree(tip, "")).length).toBe(1);
  });
});
