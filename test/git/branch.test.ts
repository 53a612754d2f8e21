// A branch of Rolebook's own on a remote: the same bytes every time, moved only from where it was seen, and never over what
// somebody else put there.
import { describe, expect, it } from "vitest";
import {
  type BranchFile,
  fetchBranch,
  isOwnBranch,
  moveRemoteBranch,
  ownBranchRef,
  writeBranchCommit,
} from "../../src/git/branch.ts";
import { clone, commitFiles, git, initBare, initRepository, open } from "./scratch.ts";

const REF = ownBranchRef("rolebook/drift/acme");
const ABOUT = "drift of acme";

function remoteWith(files: Readonly<Record<string, string>>) {
  const origin = initBare();
  const seed = initRepository(files);
  git(seed, "push", "--quiet", origin, "main");
  const work = clone(origin);
  return { origin, work, push: () => git(work, "push", "--quiet", "origin", "HEAD:main") };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const commitOn = async (work: string, parent: string, files: readonly BranchFile[], subject = "Adopt drift") =>
  writeBranchCommit(await open(work), { parent, files, about: ABOUT, subject, body: "Two edits." });

describe("a commit", () => {
  it("has its parent's files but for those given, its modes and its date, and the same id in any clone", async () => {
    const { origin, work, push } = remoteWith({ "a.yaml": "a\n", "b ü.yaml": "b\n", "c.yaml": "c\n" });
    git(work, "update-index", "--chmod=+x", "a.yaml");
    git(work, "commit", "--quiet", "-m", "a mode");
    push();
    const base = git(work, "rev-parse", "HEAD");
    const files = [
      { path: "a.yaml", bytes: bytes("A\r\n") },
      { path: "b ü.yaml", bytes: null },
      { path: "new/d.yaml", bytes: bytes("d") },
    ];
    const commit = await commitOn(work, base, files);
    expect(await commitOn(clone(origin), base, files)).toBe(commit);
    expect(git(work, "-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(path)", commit)).toBe(
      "100755 a.yaml\n100644 c.yaml\n100644 new/d.yaml",
    );
    expect(git(work, "show", `${commit}:a.yaml`)).toBe("A");
    expect(git(work, "show", "-s", "--format=%at %ct %an", commit)).toBe(
      `${git(work, "show", "-s", "--format=%ct %ct", base)} Rolebook`,
    );
    expect(git(work, "diff", "--cached", "--name-only")).toBe("");
    const empty = await commitOn(work, base, []);
    expect(git(work, "rev-parse", `${empty}^{tree}`)).toBe(git(work, "rev-parse", `${base}^{tree}`));
  });
});

describe("whose branch it is", () => {
  it("is Rolebook's as long as nobody has put or changed anything on it", async () => {
    const { work } = remoteWith({ "a.yaml": "a\n" });
    const repository = await open(work);
    const base = git(work, "rev-parse", "HEAD");
    const commit = await commitOn(work, base, [{ path: "a.yaml", bytes: bytes("b\n") }]);
    const isOwn = (tip: string) => isOwnBranch(repository, tip, base, ABOUT);
    expect([await isOwn(commit), await isOwn(base)]).toEqual([true, true]);
    expect(await isOwnBranch(repository, commit, base, "drift of other")).toBe(false);
    git(work, "checkout", "--quiet", commit);
    git(work, "commit", "--quiet", "--amend", "--no-edit");
    expect(await isOwn(git(work, "rev-parse", "HEAD"))).toBe(false);
    git(work, "checkout", "--quiet", commit);
    expect(await isOwn(commitFiles(work, { "a.yaml": "mine\n" }))).toBe(false);
    const tree = git(work, "rev-parse", "HEAD^{tree}");
    const message = git(work, "show", "-s", "--format=%B", commit);
    const ident = ["-c", "user.name=Rolebook", "-c", "user.email=rolebook@localhost"];
    const forged = git(work, ...ident, "commit-tree", tree, "-p", base, "-m", message);
    expect(await isOwn(forged)).toBe(false);
  });

  it("is told from the whole history, also in a shallow clone", async () => {
    const { origin, work, push } = remoteWith({ "a.yaml": "a\n" });
    const first = git(work, "rev-parse", "HEAD");
    const commit = await commitOn(work, first, [{ path: "a.yaml", bytes: bytes("b\n") }]);
    await moveRemoteBranch(await open(work), "origin", REF, commit, null);
    for (const text of ["1", "2", "3"]) commitFiles(work, { "other.yaml": text });
    push();
    const shallow = await open(clone(`file://${origin}`, "--depth", "1"));
    await shallow.completeHistory("origin");
    const tip = await fetchBranch(shallow, "origin", REF);
    expect(tip).toBe(commit);
    expect(await isOwnBranch(shallow, commit, git(shallow.root, "rev-parse", "HEAD"), ABOUT)).toBe(true);
  });
});

describe("moving it on the remote", () => {
  it("happens from where it was seen, back and forth, and is gone when it is removed", async () => {
    const { origin, work } = remoteWith({ "a.yaml": "a\n" });
    const repository = await open(work);
    const base = git(work, "rev-parse", "HEAD");
    const [one, two] = [await commitOn(work, base, [], "One"), await commitOn(work, base, [], "Two")];
    const at = () => fetchBranch(repository, "origin", REF);
    expect(await at()).toBeNull();
    expect(await moveRemoteBranch(repository, "origin", REF, one, null)).toEqual({ kind: "pushed" });
    expect(await at()).toBe(one);
    expect(await moveRemoteBranch(repository, "origin", REF, two, one)).toEqual({ kind: "pushed" });
    expect(await at()).toBe(two);
    expect(await moveRemoteBranch(repository, "origin", REF, one, one)).toEqual({ kind: "pushed" });
    expect(await moveRemoteBranch(repository, "origin", REF, one, base)).toMatchObject({ kind: "moved" });
    expect(await moveRemoteBranch(repository, "origin", REF, one, null)).toMatchObject({ kind: "moved" });
    expect(await moveRemoteBranch(repository, "origin", REF, null, one)).toMatchObject({ kind: "moved" });
    expect(git(origin, "rev-parse", REF)).toBe(two);
    expect(await moveRemoteBranch(repository, "origin", REF, null, two)).toEqual({ kind: "pushed" });
    expect(await at()).toBeNull();
    expect(await moveRemoteBranch(repository, "origin", REF, null, two)).toMatchObject({ kind: "moved" });
    expect(git(work, "branch", "--list").replace("* ", "")).toBe("main");
  });

  it("is for branches of Rolebook's own alone", async () => {
    const { work } = remoteWith({ "a.yaml": "a\n" });
    const base = git(work, "rev-parse", "HEAD");
    for (const ref of ["refs/heads/main", "refs/heads/rolebook/ledger", "refs/rolebook/applied/acme"])
      await expect(moveRemoteBranch(await open(work), "origin", ref, base, null)).rejects.toThrow("Rolebook's own");
  });
});
