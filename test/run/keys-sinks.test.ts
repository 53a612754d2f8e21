// Files and commands as sinks: who can read what they get, what they do when they fail, and that a secret shows up nowhere else.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/model/keys.ts";
import type { Context } from "../../src/run/context.ts";
import { type KeysAction, type KeysOptions, runKeys } from "../../src/run/keys.ts";
import { deliverToCommand } from "../../src/run/keys-command.ts";
import { openSink } from "../../src/run/keys-sinks.ts";
import { initRepository, scratchFolder } from "../git/scratch.ts";

const TEXT = "avk_p_0123456789abcdefghijklmnopqrstuv";
const SECRET = new Secret(TEXT);

function contextIn(cwd: string, said: string[] = []): Context {
  const never = () => {
    throw new Error("not here");
  };
  return {
    cwd,
    environment: { PATH: process.env.PATH, ACME_CLIENT_SECRET: "ours", SHOP: "theirs", GITHUB_TOKEN: "t" },
    now: never,
    out: never,
    err: (text) => void said.push(text),
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: never,
    onStop: never,
    version: "0.0.0",
    build: undefined,
  };
}

const sinkOf = (cwd: string, text: string, said: string[] = []) =>
  openSink(contextIn(cwd, said), text, new Set(["ACME_CLIENT_SECRET"]));

it("says what a secret is, and never what it holds", () => {
  const shown = [
    `${SECRET}`,
    String(SECRET),
    JSON.stringify({ SECRET }),
    inspect({ SECRET }),
    inspect(SECRET, { showHidden: true }),
  ];
  for (const text of shown) expect(text).not.toContain(TEXT);
  expect(Object.keys(SECRET)).toEqual([]);
  expect(SECRET.reveal()).toBe(TEXT);
});

it.each(["", "file", "file:", "github-secret:acme", "github-secret:acme/shop/2COOL", "s3:bucket"])(
  "%j is no sink",
  (text) => {
    expect(() => sinkOf("/", text)).toThrow(/names no/);
  },
);

it.each<[KeysAction, string | undefined, Partial<KeysOptions>, RegExp]>([
  ["list", "acme-dev/Shop", {}, /takes no name/],
  ["rotate", undefined, {}, /needs the name/],
  ["list", undefined, { sink: "file:x" }, /--sink goes with keys issue and keys rotate/],
  ["issue", "acme-dev/Shop", { compromised: true }, /--compromised goes with keys rotate/],
  ["rotate", "acme-dev/Shop", { yes: true }, /--yes goes with keys revoke/],
  ["rotate", "acme-dev/Shop", { now: new Date(0) }, /--now goes with keys list/],
  ["revoke", "acme-dev/Shop", { format: "json" }, /--format goes with keys list/],
])("%s %s %j is refused before anything is read", async (action, name, more, message) => {
  const options: KeysOptions = {
    policies: "none",
    format: "human",
    compromised: false,
    otherSink: false,
    yes: false,
    offline: false,
    ...more,
  };
  await expect(runKeys(contextIn("/"), action, name, options)).rejects.toThrow(message);
});

describe("a file", () => {
  it("holds the secret and nothing else, for its owner only, and what it held before when it is taken back", async () => {
    const folder = scratchFolder();
    const path = join(folder, "shop.key");
    writeFileSync(path, "the old one\n", { mode: 0o644 });
    const sink = sinkOf(folder, "file:shop.key");
    await sink.prepare();
    const delivery = await sink.deliver(SECRET);
    expect(readFileSync(path, "utf8")).toBe(TEXT);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    if (delivery.kind !== "delivered") throw new Error(delivery.because);
    await delivery.undo?.();
    expect(readFileSync(path, "utf8")).toBe("the old one\n");
    expect(readdirSync(folder)).toEqual(["shop.key"]);
  });

  it("is gone again when there was none before", async () => {
    const folder = scratchFolder();
    const delivery = await sinkOf(folder, "file:shop.key").deliver(SECRET);
    if (delivery.kind !== "delivered") throw new Error(delivery.because);
    await delivery.undo?.();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is written where a link leads, and the link stays", async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, "real"), "old");
    symlinkSync("real", join(folder, "link"));
    await sinkOf(folder, "file:link").deliver(SECRET);
    expect(readFileSync(join(folder, "real"), "utf8")).toBe(TEXT);
    expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
  });

  it("is refused where Git would see it, also through a link", async () => {
    const repository = initRepository({ ".gitignore": "ignored/\nown.key\n", "a.txt": "one\n" });
    mkdirSync(join(repository, "ignored"));
    const outside = scratchFolder();
    symlinkSync(join(repository, "a.txt"), join(outside, "link"));
    for (const path of [join(repository, "shop.key"), join(repository, "a.txt"), join(outside, "link")])
      await expect(sinkOf("/", `file:${path}`).prepare()).rejects.toThrow(/Git work tree/);
    for (const path of ["ignored/shop.key", "own.key"]) {
      expect(await sinkOf(repository, `file:${path}`).deliver(SECRET)).toMatchObject({ kind: "delivered" });
      expect(readFileSync(join(repository, path), "utf8")).toBe(TEXT);
    }
  });

  it("is what it was when it cannot be written", async () => {
    const folder = scratchFolder();
    expect(await sinkOf(folder, "file:none/shop.key").deliver(SECRET)).toMatchObject({ kind: "failed" });
    mkdirSync(join(folder, "folder"));
    await expect(sinkOf(folder, "file:folder").prepare()).rejects.toThrow(/is no file/);
    // Root may write anywhere.
    if (process.getuid?.() === 0) return;
    writeFileSync(join(folder, "shop.key"), "old");
    chmodSync(folder, 0o500);
    expect(await sinkOf(folder, "file:shop.key").deliver(SECRET)).toMatchObject({ kind: "failed" });
    expect(readFileSync(join(folder, "shop.key"), "utf8")).toBe("old");
    chmodSync(folder, 0o700);
  });
});

describe.skipIf(process.platform === "win32")("a command", () => {
  it("gets the secret on its standard input and nowhere else, and no credential of ours", async () => {
    const folder = scratchFolder();
    const said: string[] = [];
    const delivery = await sinkOf(
      folder,
      "command:cat > got; env > env; tr '\\0' ' ' < /proc/$$/cmdline; cat got >&2",
      said,
    ).deliver(SECRET);
    expect(delivery).toEqual({ kind: "delivered" });
    expect(readFileSync(join(folder, "got"), "utf8")).toBe(TEXT);
    const environment = readFileSync(join(folder, "env"), "utf8");
    expect(environment).toContain("SHOP=theirs");
    expect(environment).not.toMatch(/ACME_CLIENT_SECRET|avk_p/);
    expect(said.join("")).toContain("[secret]");
    expect(said.join("")).not.toContain(TEXT);
  });

  it.each([
    ["exit 3", { kind: "failed", because: "the command ended with exit code 3" }],
    ["true", { kind: "delivered" }],
    ["kill -9 $$", { kind: "unknown", because: "the command was ended by SIGKILL" }],
  ])("is judged by how it ends: %s", async (command, delivery) => {
    expect(await sinkOf(scratchFolder(), `command:${command}`).deliver(SECRET)).toEqual(delivery);
  });

  it("is ended with all that it started when it takes too long", async () => {
    const folder = scratchFolder();
    const delivery = await deliverToCommand(
      contextIn(folder),
      "sleep 30 & sleep 30; touch done",
      SECRET,
      new Set(),
      100,
    );
    expect(delivery).toMatchObject({ kind: "unknown", because: expect.stringContaining("longer than") });
    expect(existsSync(join(folder, "done"))).toBe(false);
  });
});
