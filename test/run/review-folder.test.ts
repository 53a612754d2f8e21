// The folder that evidence is copied to: what a killed run left is finished, and what is anybody else's is never touched.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EvidenceFile } from "../../src/model/evidence.ts";
import { demandOwnFolder, writeFolder } from "../../src/run/review-folder.ts";

const FILES = [
  { path: "about.json", text: "about\n" },
  { path: "manifest.json", text: "manifest\n" },
  { path: "roster/ana.yaml", text: "ana\n" },
];
const WHOLE = { "about.json": "about\n", "manifest.json": "manifest\n", "roster/ana.yaml": "ana\n" };
const MARK = "UNFINISHED.txt";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rolebook-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const close = (to: string, id = "autumn") => {
  demandOwnFolder(to);
  writeFolder(to, id, FILES);
};

function contents(of = folder): Record<string, string> {
  const paths = readdirSync(of, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(of.length + 1), readFileSync(path, "utf8")]),
  );
}

/** The mark as a run leaves it that came no further than to its second file. */
function markOf(id: string): string {
  const [one, below] = ["one", "one/two"].map((path) => ({ path, text: "" }));
  expect(() => writeFolder(folder, id, [one, below] as EvidenceFile[])).toThrow();
  const mark = readFileSync(join(folder, MARK), "utf8");
  for (const path of [MARK, "one"]) rmSync(join(folder, path));
  return mark;
}

describe("a folder for evidence", () => {
  it("is made, or filled when it is empty", () => {
    close(join(folder, "new/one"));
    expect(contents(join(folder, "new/one"))).toEqual(WHOLE);
    mkdirSync(join(folder, "empty"));
    close(join(folder, "empty"));
    expect(contents(join(folder, "empty"))).toEqual(WHOLE);
  });

  it("may have all of it already", () => {
    close(folder);
    close(folder);
    expect(contents()).toEqual(WHOLE);
  });

  it.each(["", "half of it", "all"])("is finished where a run was killed, with %j of its files and its mark", (how) => {
    const mark = markOf("autumn");
    expect(mark).toContain("autumn");
    if (how !== "") writeFileSync(join(folder, "about.json"), "abo");
    if (how === "all") writeFileSync(join(folder, "manifest.json"), "manifest\n");
    writeFileSync(join(folder, MARK), how === "" ? mark.slice(0, 10) : mark);
    close(folder);
    expect(contents()).toEqual(WHOLE);
  });

  it.each([
    ["somebody's file", { "notes.txt": "mine" }],
    ["other evidence", { "about.json": "another\n", "manifest.json": "another\n" }],
    ["evidence and something else", { ...WHOLE, "notes.txt": "mine" }],
    ["a mark that somebody wrote", { [MARK]: "still to do: everything" }],
  ])("is left alone with %s", (_, there) => {
    for (const [path, text] of Object.entries(there)) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    expect(() => close(folder)).toThrow("is no empty folder");
    expect(contents()).toEqual(there);
  });

  it("is left alone with half of another campaign's evidence", () => {
    const mark = markOf("winter");
    writeFileSync(join(folder, MARK), mark);
    writeFileSync(join(folder, "about.json"), "abo");
    expect(() => close(folder)).toThrow("is no empty folder");
    expect(contents()).toEqual({ [MARK]: mark, "about.json": "abo" });
  });

  it("is no file", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => close(join(folder, "file"))).toThrow("is no empty folder");
  });
});
