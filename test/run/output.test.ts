// Where results go: a file that is whole or not there, and never in the place of what is no file.
import { execFileSync, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Context, OperatorError } from "../../src/run/context.ts";
import { emit } from "../../src/run/output.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rolebook-output-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (output: string, pieces: Iterable<string> = ["a", "b"]) =>
  emit({ cwd: folder } as Context, output, pieces);

function refusal(output: string): readonly [message: string, hint: string | undefined] {
  try {
    write(output);
  } catch (error) {
    if (error instanceof OperatorError) return [error.message, error.hint];
    throw error;
  }
  throw new Error("it was written");
}

describe("a file", () => {
  it("is written whole, also where there was one", () => {
    write("report.json");
    write("report.json", ["longer than ", "before"]);
    expect(readFileSync(join(folder, "report.json"), "utf8")).toBe("longer than before");
    expect(readdirSync(folder)).toEqual(["report.json"]);
  });

  it("stays as it was when what is to be written cannot be made, and that is no fault of the file", () => {
    writeFileSync(join(folder, "report.json"), "before");
    const broken = function* () {
      yield "half of it";
      throw new TypeError("a bug");
    };
    expect(() => write("report.json", broken())).toThrow(TypeError);
    expect(readFileSync(join(folder, "report.json"), "utf8")).toBe("before");
    expect(readdirSync(folder)).toEqual(["report.json"]);
  });

  it("is the one that a link leads to", () => {
    writeFileSync(join(folder, "real.json"), "before");
    symlinkSync("real.json", join(folder, "link.json"));
    write("link.json");
    expect([readlinkSync(join(folder, "link.json")), readFileSync(join(folder, "real.json"), "utf8")]).toEqual([
      "real.json",
      "ab",
    ]);
  });

  it("that cannot be is refused with what to do", () => {
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "there"));
    expect(refusal("")).toEqual(["--output names no file", "Say which: --output report.json, say."]);
    expect(refusal("there")).toEqual(["there is a folder", "Name a file in it."]);
    expect(refusal("none/report.json")).toEqual([
      `none/report.json cannot be written: there is no folder ${join(folder, "none")}`,
      "Make it first, or name another one.",
    ]);
    expect(refusal("file/report.json")).toEqual([
      `file/report.json cannot be written: ${join(folder, "file")} is no folder`,
      "Name a file in a folder.",
    ]);
    expect(readdirSync(folder).sort()).toEqual(["file", "there"]);
  });
});

it("a pipe is written into, and stays a pipe", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "inherit"] });
  let read = "";
  reader.stdout.setEncoding("utf8").on("data", (text: string) => {
    read += text;
  });
  const ended = new Promise((settle) => reader.once("close", settle));
  write("pipe");
  await ended;
  expect([read, readdirSync(folder)]).toEqual(["ab", ["pipe"]]);
});
