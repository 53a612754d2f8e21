// The set-up and the test runner as a person meets them: real processes over a small made-up clone, with an `npm` and a
// build of its own that only take note of being called.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function write(root: string, path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

const LOCK = {
  packages: {
    "": {},
    "node_modules/a": { version: "1.0.0", integrity: "x" },
    "node_modules/b": { version: "1.0.0", optional: true },
  },
};

/** A build that stamps as the real one does. */
const BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { digestInputs } from "./setup.mjs";
export async function build() {
  appendFileSync("calls", "build\\n");
  mkdirSync("src/generated", { recursive: true });
  mkdirSync("dist", { recursive: true });
  writeFileSync("dist/stamp.json", JSON.stringify({ digest: digestInputs() }));
}
`;

function makeClone() {
  const root = mkdtempSync(join(tmpdir(), "rolebook-setup-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, ".build"));
  for (const file of ["setup.mjs", "test.mjs", "totals-reporter.mjs", "programs.mjs", "github-openapi.mjs"])
    cpSync(join(ROOT, ".build", file), join(root, ".build", file));
  write(root, ".build/build.mjs", BUILD);
  write(root, "package.json", '{"type":"module"}');
  write(root, "package-lock.json", JSON.stringify(LOCK));
  write(root, "src/main.ts", "// one");
  // What npm ci leaves: its own record of what it installed, less what was optional and does not fit the machine.
  const { "": _root, "node_modules/b": _optional, ...installed } = LOCK.packages;
  write(root, "installed.json", JSON.stringify({ packages: installed }));
  write(
    root,
    "bin/npm",
    '#!/bin/sh\necho "npm $*" >> calls\nmkdir -p node_modules\ncp installed.json node_modules/.package-lock.json\n',
    0o755,
  );
  return root;
}

function run(root: string, script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, ".build", script), ...args], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: `${join(root, "bin")}:${process.env.PATH}`, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

function calls(root: string): string[] {
  const text = readFileSync(join(root, "calls"), "utf8");
  writeFileSync(join(root, "calls"), "");
  return text.split("\n").filter((line) => line !== "");
}

const SILENT = { status: 0, stdout: "", stderr: "" };
const CI = "npm ci --no-audit --no-fund";

describe("setup", () => {
  it("installs and builds a fresh clone, and is silent ever after", () => {
    const root = makeClone();
    expect(run(root, "setup.mjs")).toEqual({
      ...SILENT,
      stderr: "Installing packages (npm ci) ...\nBuilding dist ...\n",
    });
    expect(calls(root)).toEqual([CI, "build"]);
    expect(run(root, "setup.mjs")).toEqual(SILENT);
    expect(calls(root)).toEqual([]);
  });

  it("builds again when a source, a schema or the build itself changed, and only then", () => {
    const root = makeClone();
    run(root, "setup.mjs");
    calls(root);
    for (const path of ["src/main.ts", "src/new/file.ts", "schemas/a.json", ".build/extra.mjs", "package.json"]) {
      write(root, path, "// changed");
      expect(run(root, "setup.mjs").stderr, path).toBe("Building dist ...\n");
      expect(calls(root), path).toEqual(["build"]);
    }
    write(root, "src/generated/types.ts", "// generated");
    write(root, "README.md", "read me");
    expect(run(root, "setup.mjs")).toEqual(SILENT);
    rmSync(join(root, "dist"), { recursive: true });
    expect(run(root, "setup.mjs").stderr).toBe("Building dist ...\n");
    rmSync(join(root, "src/generated"), { recursive: true });
    expect(run(root, "setup.mjs").stderr).toBe("Building dist ...\n");
  });

  it("installs again when the lock file asks for something else", () => {
    const root = makeClone();
    run(root, "setup.mjs");
    calls(root);
    const other = structuredClone(LOCK);
    other.packages["node_modules/a"].version = "1.0.1";
    write(root, "package-lock.json", JSON.stringify(other));
    write(root, "installed.json", JSON.stringify({ packages: { "node_modules/a": other.packages["node_modules/a"] } }));
    expect(run(root, "setup.mjs").status).toBe(0);
    expect(calls(root)).toEqual([CI, "build"]);
    write(root, "node_modules/.package-lock.json", "{ torn");
    run(root, "setup.mjs");
    expect(calls(root)).toEqual([CI]);
  });

  it("shows what npm said when it fails, and does not build", () => {
    const root = makeClone();
    write(root, "bin/npm", "#!/bin/sh\necho 'npm error no network' >&2\nexit 7\n", 0o755);
    const { status, stderr } = run(root, "setup.mjs");
    expect(status).toBe(1);
    expect(stderr).toContain("npm error no network");
    expect(stderr).toMatch(/Set-up failed: npm ci failed with exit code 7\n$/);
  });
});

describe("test", () => {
  /** A clone whose own tests are these. */
  function cloneWithTests(files: Readonly<Record<string, string>>) {
    const root = makeClone();
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    cpSync(join(ROOT, "package-lock.json"), join(root, "package-lock.json"));
    write(
      root,
      ".build/vitest.config.mjs",
      `export default { root: "${root}", test: { globals: true, include: ["test/*.test.js"] } };`,
    );
    for (const [path, text] of Object.entries(files)) write(root, path, text);
    appendFileSync(join(root, "calls"), "");
    return root;
  }
  const lastLine = (text: string) => text.split("\n").at(-2);
  const PASSING = 'it("a", () => {}); it("b", () => expect(1).toBe(1));';

  it("prints the totals as its last line and passes arguments on", () => {
    const root = cloneWithTests({
      "test/one.test.js": PASSING,
      "test/two.test.js": 'it("c", () => {}); it.skip("d", () => {}); it.todo("e");',
    });
    const all = run(root, "test.mjs");
    expect([all.status, lastLine(all.stdout)]).toEqual([0, "3 passed, 0 failed, 2 skipped"]);
    const one = run(root, "test.mjs", "test/one.test.js");
    expect([one.status, lastLine(one.stdout)]).toEqual([0, "2 passed, 0 failed"]);
  });

  it("counts failures, files that do not load and errors outside tests, and fails", () => {
    const cases = {
      'it("a", () => {}); it("b", () => expect(1).toBe(2));': "1 passed, 1 failed",
      'throw new Error("at load");': "0 passed, 1 failed",
      'beforeAll(() => { throw new Error("hook"); }); it("a", () => {});': "0 passed, 1 failed, 1 skipped",
      'it("a", () => {}); Promise.reject(new Error("unhandled"));': "1 passed, 1 failed",
    };
    for (const [text, expected] of Object.entries(cases)) {
      const result = run(cloneWithTests({ "test/one.test.js": text }), "test.mjs");
      expect([result.status, lastLine(result.stdout)], text).toEqual([1, expected]);
    }
  });

  it("runs the tests also when what they fetch once cannot be had, and keeps no half of it", () => {
    const root = cloneWithTests({ "test/one.test.js": PASSING });
    appendFileSync(join(root, ".build/github-openapi.mjs"), `// Nobody has fetched this one yet: ${root}\n`);
    const half = 'printf half > octokit-openapi-1.tgz && echo \'[{"filename":"octokit-openapi-1.tgz"}]\'';
    for (const [npm, why] of [
      // npm is content, but the file is not what was pinned; it is not there afterwards, or nothing would be fetched again.
      [half, /that failed: it is not what was pinned, but sha512-/],
      ["echo 'npm error no network' >&2; exit 7", /that failed: npm pack failed: npm error no network/],
    ] as const) {
      write(root, "bin/npm", `#!/bin/sh\n${npm}\n`, 0o755);
      const { status, stdout, stderr } = run(root, "test.mjs");
      expect([status, lastLine(stdout)]).toEqual([0, "2 passed, 0 failed"]);
      expect(stderr).toMatch(why);
    }
  });

  it("counts a run that never ends properly as a failure", () => {
    const root = cloneWithTests({ "test/one.test.js": PASSING });
    write(root, ".build/vitest.config.mjs", "process.exit(0)");
    const result = run(root, "test.mjs");
    expect([result.status, lastLine(result.stdout)]).toEqual([1, "0 passed, 1 failed"]);
  });
});
