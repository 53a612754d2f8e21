// The way a folder's files went along a branch, in real repositories: merged, squashed, rebased, pushed, and cut short.
import { describe, expect, it } from "vitest";
import { readMainline } from "../../src/git/mainline.ts";
import { clone, commitFiles, git, initRepository, open } from "./scratch.ts";

async function lineOf(folder: string, within = "policies") {
  const head = git(folder, "rev-parse", "HEAD");
  const mainline = await readMainline(await open(folder), head, within);
  return mainline.commits.map((commit) => ({
    subject: git(folder, "log", "-1", "--format=%s", commit.commit),
    pull: commit.saidPull,
    files: commit.files.map(({ path, before, after }) => `${before ? "-" : ""}${after ? "+" : ""} ${path}`),
    authors: commit.files.map(({ path }) => mainline.authorOf(commit, path)),
    isEdge: commit.isEdge,
  }));
}

const ANA = "Ana Li <ana@acme.example>";
const BO = "Bo <bo@acme.example>";

/** A commit by Bo. */
function commitAsBo(folder: string, path: string, text: string, message = "by Bo"): void {
  commitFiles(folder, { [path]: text }, message);
  git(folder, "commit", "--quiet", "--amend", "--no-edit", `--author=${BO}`);
}

describe("the way of a branch", () => {
  it("has what each commit changed from what to what, and no more than the folder's", async () => {
    const folder = initRepository({ "policies/a.yaml": "a\n", "README.md": "x\n" });
    commitFiles(folder, { "README.md": "y\n" }, "not ours");
    commitFiles(folder, { "policies/a.yaml": "b\n", "policies/ü [x].yaml": "c\n" }, "straight (#7)");
    git(folder, "mv", "policies/a.yaml", "policies/b.yaml");
    git(folder, "commit", "--quiet", "-m", "move\u0001 it (#8) ");
    expect(await lineOf(folder)).toEqual([
      { subject: "change", pull: null, files: ["+ policies/a.yaml"], authors: [ANA], isEdge: false },
      {
        subject: "straight (#7)",
        pull: 7,
        files: ["-+ policies/a.yaml", "+ policies/ü [x].yaml"],
        authors: [ANA, ANA],
        isEdge: false,
      },
      {
        subject: expect.stringContaining("it (#8)"),
        pull: 8,
        files: ["- policies/a.yaml", "+ policies/b.yaml"],
        authors: [ANA, ANA],
        isEdge: false,
      },
    ]);
    expect(await lineOf(folder, "nothing")).toEqual([]);
  });

  it("has a merge as one commit, by whoever wrote what it brought where that is one", async () => {
    const folder = initRepository({ "policies/a.yaml": "a\n", "policies/b.yaml": "b\n" });
    git(folder, "checkout", "--quiet", "-b", "more");
    commitAsBo(folder, "policies/a.yaml", "a2\n");
    commitAsBo(folder, "policies/b.yaml", "b2\n");
    commitFiles(folder, { "policies/b.yaml": "b3\n" }, "by Ana");
    git(folder, "checkout", "--quiet", "main");
    commitFiles(folder, { "policies/c.yaml": "c\n" }, "meanwhile");
    git(folder, "merge", "--quiet", "--no-ff", "-m", "Merge pull request #12 from acme/more", "more");
    expect((await lineOf(folder)).slice(1)).toEqual([
      { subject: "meanwhile", pull: null, files: ["+ policies/c.yaml"], authors: [ANA], isEdge: false },
      {
        subject: "Merge pull request #12 from acme/more",
        pull: 12,
        files: ["-+ policies/a.yaml", "-+ policies/b.yaml"],
        authors: [BO, null],
        isEdge: false,
      },
    ]);
  });

  it("says where a shallow clone ends", async () => {
    const folder = initRepository({ "policies/a.yaml": "a\n" });
    commitFiles(folder, { "policies/b.yaml": "b\n" }, "two");
    commitFiles(folder, { "policies/a.yaml": "c\n" }, "three");
    const shallow = clone(`file://${folder}`, "--depth", "2");
    expect((await lineOf(shallow)).map(({ subject, files, isEdge }) => [subject, files, isEdge])).toEqual([
      ["two", ["+ policies/a.yaml", "+ policies/b.yaml"], true],
      ["three", ["-+ policies/a.yaml"], false],
    ]);
  });

  it("takes no subject for anything else than a subject", async () => {
    const folder = initRepository({ "policies/a.yaml": "a\n" });
    const zeros = "0".repeat(40);
    commitFiles(folder, { "policies/a.yaml": "b\n" }, `:000000 100644 ${zeros} ${"1".repeat(40)} A`);
    git(folder, "config", "color.ui", "always");
    git(folder, "config", "log.showSignature", "true");
    expect((await lineOf(folder)).map(({ files }) => files)).toEqual([["+ policies/a.yaml"], ["-+ policies/a.yaml"]]);
  });
});
