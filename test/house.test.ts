// The house keeps its walls: design rules that nobody has to remember, because breaking one fails here.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  checkExits,
  checkHomes,
  checkHosts,
  checkLanguage,
  checkLengths,
  checkOpenings,
  checkPurity,
  checkWalls,
  checkWriters,
  HOMES,
  WALLS,
} from "./house/rules.ts";
import { COMPUTED, readSource, type Source } from "./house/source.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What Git tracks or would track, so that nothing built or installed is looked at. */
const FILES = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => path !== "" && existsSync(`${ROOT}${path}`));

function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

const SOURCES: readonly Source[] = FILES.filter((path) => /^src\/.*\.tsx?$/.test(path)).map((path) =>
  readSource(path, read(path)),
);

/** Longer than the limits, with the reason; whoever mends one takes it out. */
const LONG: Readonly<Record<string, string>> = {};

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

describe("the house", () => {
  it("has sources to look at", () => {
    expect(SOURCES.length).toBeGreaterThan(50);
    const folders = new Set(SOURCES.map(({ path }) => path.split("/")[1]?.replace(/\.ts$/, "")));
    expect([...folders].sort()).toEqual(Object.keys(WALLS).sort());
  });

  it("lets nobody import through a wall", () => expect(checkWalls(SOURCES)).toEqual([]));

  it("keeps pure what is to be pure", () => expect(checkPurity(SOURCES)).toEqual([]));

  it("has one home for every package", () => {
    const manifest: Manifest = JSON.parse(read("package.json"));
    // Packages of types alone, under the name they are imported by.
    const types = Object.keys(manifest.devDependencies).flatMap((name) => /^@types\/(.*)/.exec(name)?.[1] ?? []);
    const dependencies = new Set([...Object.keys(manifest.dependencies), ...types.filter((name) => name !== "node")]);
    expect(checkHomes(SOURCES, [...dependencies])).toEqual([]);
  });

  it("ends the process in one place", () => expect(checkExits(SOURCES)).toEqual([]));

  it("hands a writer to nobody who only looks", () => expect(checkWriters(SOURCES)).toEqual([]));

  it("leaves out default exports, enums, any and re-exports", () => expect(checkLanguage(SOURCES)).toEqual([]));

  it("keeps functions and files short", () => expect(checkLengths(SOURCES, LONG)).toEqual([]));

  it("says in every file what it is for", () => expect(checkOpenings(SOURCES)).toEqual([]));

  it("names no package registry", () => {
    const texts = FILES.filter((path) => !/\.(?:png|jpg|gif)$/.test(path));
    expect(texts.flatMap((path) => checkHosts(path, read(path)))).toEqual([]);
  });
});

/** A source of one made-up file. */
function source(text: string, path = "src/plan/x.ts"): Source {
  return readSource(path, text);
}

describe("reading a source", () => {
  it("sees every way to import", () => {
    const text = `
      import a, { b as c } from "one";
      import type { d } from "two";
      import { type e, type f } from "three";
      import { type g, h } from "four";
      import "five";
      import * as i from "six";
      export { j } from "seven";
      export * from "eight";
      const k = await import("nine");
      const l = await import(\`ten\`);
      const m = await import("e" + "leven");
      type N = import("twelve").N;
      const o = require("thirteen");
      // import p from "comment";
      const q = 'import r from "string"';
    `;
    expect(source(text).imports.map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
      ["one", false],
      ["two", true],
      ["three", true],
      ["four", false],
      ["five", false],
      ["six", false],
      ["seven", false],
      ["eight", false],
      ["nine", false],
      ["ten", false],
      [COMPUTED, false],
      ["twelve", true],
      ["thirteen", false],
    ]);
  });

  it("sees what pure code may not do, and not what only looks like it", () => {
    const impure: Readonly<Record<string, string>> = {
      "export async function f() {}": "async",
      "const f = async () => 1;": "async",
      "const n = Date.now();": "Date.now",
      "const n = new Date();": "the clock",
      "const n = Date();": "the clock",
      "const n = Math.random();": "Math.random",
      "const e = process.env;": "process",
      "const { env } = process;": "process",
      "console.log(1);": "console",
      "fetch('x');": "fetch",
      "setTimeout(f, 1);": "setTimeout",
      "const g = globalThis;": "globalThis",
      "const p = Promise.resolve(1);": "Promise",
      "const p = new Promise(f);": "Promise",
      "[].sort((a, b) => a.localeCompare(b));": "localeCompare",
      "x.toLocaleString();": "toLocaleString",
      "const y = { process };": "process",
      "f(process);": "process",
    };
    for (const [text, what] of Object.entries(impure))
      expect(
        source(text).impurities.map((sight) => sight.what),
        text,
      ).toContain(what);
    const pure = [
      "const n = new Date(text);",
      "const n = new Date(0).toISOString();",
      "const n = Date.parse(text);",
      "const n = Math.max(1, 2);",
      "const x = { process: 1, fetch: 2 }; x.process;",
      "interface A { readonly process: string; run(): Promise<void> }",
      "type B = Promise<string>; function f(now: Date) { return now; }",
      "// process.exit(), new Date()\nconst text = 'process.env Date.now()';",
      "function f(process: string) {}",
    ];
    for (const text of pure) expect(source(text).impurities, text).toEqual([]);
  });

  it("sees what our TypeScript leaves out", () => {
    const forbidden: Readonly<Record<string, string>> = {
      "export default 1;": "a default export",
      "enum E { A }": "an enum",
      "const x: any = 1;": "any",
      "const x = y as any[];": "any",
      "const x = y!.z;": "a non-null assertion",
      "namespace N { export const a = 1; }": "a namespace",
      "export * from './a.ts';": "a re-export",
      "export { a } from './a.ts';": "a re-export",
    };
    for (const [text, what] of Object.entries(forbidden))
      expect(
        source(text).forbidden.map((sight) => sight.what),
        text,
      ).toEqual([what]);
    const fine =
      "export class AError extends Error {} export const any = 'any'; const a = { b }; export { a }; x !== y;";
    expect(source(fine).forbidden).toEqual([]);
  });

  it("measures functions and files", () => {
    const { functions, lines } = source(
      "function f() {\n  return 1;\n}\nconst g = () => {\n};\nconst h = { i() {\n\n\n} };\n",
    );
    expect(functions).toEqual([
      { name: "f", line: 1, lines: 3 },
      { name: "g", line: 4, lines: 2 },
      { name: "i", line: 6, lines: 4 },
    ]);
    expect(lines).toBe(9);
  });
});

describe("the checks", () => {
  it("find an import through a wall", () => {
    const walls = (path: string, text: string) => checkWalls([source(text, path)]);
    expect(walls("src/plan/x.ts", 'import { a } from "../policy/a.ts";')).toEqual([
      "src/plan/x.ts: plan may not import policy (../policy/a.ts)",
    ]);
    expect(walls("src/git/x.ts", 'import type { A } from "../plan/a.ts";').length).toBe(1);
    expect(walls("src/simulator/routes/x.ts", 'const a = await import("../../run/a.ts");').length).toBe(1);
    expect(walls("src/model/x.ts", 'import "../main.ts";').length).toBe(1);
    expect(walls("src/run/x.ts", 'import "../../package.json";').length).toBe(1);
    expect(walls("src/plan/x.ts", "await import(name);")).toEqual(["src/plan/x.ts: imports something computed"]);
    expect(walls("src/new/x.ts", "export const a = 1;")).toEqual([
      "src/new/x.ts: the folder new has no walls; add it to WALLS",
    ]);
    expect(
      walls("src/platform/atomic/x.ts", 'import { a } from "../http/a.ts"; import { b } from "../../model/b.ts";'),
    ).toEqual([]);
    expect(walls("src/main.ts", 'import { a } from "./run/a.ts"; import p from "../package.json";')).toEqual([]);
  });

  it("find a package away from home, without a home, or not used", () => {
    const everything = Object.entries(HOMES).map(([name, [home = ""]]) =>
      source(`import "${name}";`, home.endsWith(".ts") ? `src/${home}` : `src/${home}/${name.replace(/\W/g, "-")}.ts`),
    );
    const dependencies = Object.keys(HOMES);
    expect(checkHomes(everything, dependencies)).toEqual([]);
    expect(checkHomes([...everything, source('import { Pool } from "undici";')], dependencies)).toEqual([
      "src/plan/x.ts: undici lives in platform",
    ]);
    expect(checkHomes([...everything, source('import x from "@scope/left/deep.js";')], dependencies)).toEqual([
      "src/plan/x.ts: @scope/left has no home; add it to HOMES",
    ]);
    expect(checkHomes(everything.slice(1), dependencies).length).toBe(1);
    expect(checkHomes(everything, [...dependencies, "left-pad"])).toEqual([
      "package.json: left-pad is a dependency without a home",
    ]);
    expect(checkHomes(everything, dependencies.slice(1)).length).toBe(1);
  });

  it("find impurity in a pure file, in its imports, and in what it loads", () => {
    expect(checkPurity([source("export const f = async () => 1;")])).toEqual(["src/plan/x.ts:1: async"]);
    for (const builtin of ["node:fs", "node:http", "node:child_process", "node:os", "node:fs/promises"])
      expect(checkPurity([source(`import { a } from "${builtin}";`)])).toEqual([`src/plan/x.ts: ${builtin}`]);
    expect(
      checkPurity([source('import { createHash } from "node:crypto"; import type { Stats } from "node:fs";')]),
    ).toEqual([]);
    expect(checkPurity([source('import { randomUUID } from "node:crypto";')])).toEqual([
      "src/plan/x.ts: node:crypto randomUUID",
    ]);
    const map = source(
      'import { a } from "./helper.ts"; import type { B } from "./client.ts";',
      "src/platform/atomic/map.ts",
    );
    const helper = source("export const a = Date.now();", "src/platform/atomic/helper.ts");
    const client = source("export const b = fetch(x);", "src/platform/atomic/client.ts");
    expect(checkPurity([map, helper, client])).toEqual([
      "src/platform/atomic/helper.ts:1: Date.now (pure, since src/platform/atomic/map.ts loads it)",
    ]);
    expect(checkPurity([helper, client, source("export const a = new Date();", "src/run/x.ts")])).toEqual([]);
  });

  it("find an end of the process and a writer in the wrong place", () => {
    expect(checkExits([source("process.exit(1);", "src/run/x.ts")]).length).toBe(1);
    expect(
      checkExits([source("process.exit(1);", "src/main.ts"), source("process.exitCode = 1;", "src/run/x.ts")]),
    ).toEqual([]);
    for (const text of [
      "driver.openWriter(c);",
      "const { openWriter } = driver;",
      "type W = Driver['x']; let openWriter: W;",
    ])
      expect(checkWriters([source(text, "src/run/plan.ts")]).length, text).toBe(1);
    expect(
      checkWriters([source("driver.openWriter(c);", "src/run/apply.ts"), source("// openWriter", "src/run/plan.ts")]),
    ).toEqual([]);
  });

  it("find what is too long, and allowances that are stale", () => {
    const long = source(`function f() {\n${"\n".repeat(100)}}\n`);
    expect(checkLengths([long], {})).toEqual(["src/plan/x.ts:1: f has 102 lines, more than 90"]);
    expect(checkLengths([long], { "src/plan/x.ts#f": "a table" })).toEqual([]);
    expect(checkLengths([source("// x\n".repeat(401))], {})).toEqual(["src/plan/x.ts: 401 lines, more than 400"]);
    expect(checkLengths([source("// x\n")], { "src/plan/x.ts": "was long" })).toEqual([
      "src/plan/x.ts: is allowed to be long, and is not",
    ]);
  });

  it("find a file that does not say what it is for", () => {
    expect(checkOpenings([source("import 'a';\n// late\n")]).length).toBe(1);
    expect(checkOpenings([source("#!/usr/bin/env node\n// It does x.\n")])).toEqual([]);
  });

  it("find a registry's host and a lock file tied to one", () => {
    expect(checkHosts("README.md", `see https://${["registry", "npmjs", "org"].join(".")}/x`).length).toBe(2);
    expect(checkHosts("package-lock.json", '{"resolved": "x"}')).toEqual([
      "package-lock.json: holds resolved addresses",
    ]);
    expect(checkHosts("README.md", 'npm install; "resolved"')).toEqual([]);
  });
});
