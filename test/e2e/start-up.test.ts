// What a command loads before it does anything: the everyday commands, with no Git host in sight, never pay for what only hosts,
// servers and clocks need. Node itself says which files of the build a process loaded.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importedWorld, MAIN, type World } from "../support/world.ts";

/** Package -> text of its code that no other package holds. */
const MARKS: Readonly<Record<string, string>> = {
  octokit: "octokit-core.js/",
  fastify: "FST_ERR_BAD_URL",
  pino: "pino-pretty",
  "prom-client": "nodejs_eventloop_lag",
  preact: "dangerouslySetInnerHTML",
  cloudevents: "ce-specversion",
  croner: "CronPattern",
  "@inquirer/prompts": "User force closed the prompt",
  secretlint: "found slack token",
};
const DIST = dirname(MAIN);

let world: World;

beforeAll(async () => {
  world = await importedWorld();
});

afterAll(() => world.close());

/** The files of the build that a command loads. */
async function filesOf(...args: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-loaded-"));
  try {
    const { code, stdout, stderr } = await world.rolebook(args, { environment: { NODE_V8_COVERAGE: folder } });
    expect({ args, code }, stdout + stderr).toEqual({ args, code: 0 });
    const urls = readdirSync(folder).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
        readonly result: readonly { readonly url: string }[];
      };
      return result.map(({ url }) => url);
    });
    return [...new Set(urls.filter((url) => url.startsWith("file:")).map((url) => basename(url)))].sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packagesIn(files: readonly string[]): string[] {
  const text = files.map((file) => readFileSync(join(DIST, file), "utf8")).join("\n");
  return Object.keys(MARKS).filter((name) => text.includes(MARKS[name] ?? ""));
}

test("every mark is somewhere in the build", () => {
  expect(packagesIn(readdirSync(DIST).filter((file) => file.endsWith(".js")))).toEqual(Object.keys(MARKS));
});

test("validate, plan, drift and apply load nothing that only hosts, servers and clocks need", async () => {
  const validate = await filesOf("validate");
  const plan = await filesOf("plan");
  expect(validate).toContain("main.js");
  expect(packagesIn(validate)).toEqual([]);
  expect(packagesIn(plan)).toEqual([]);
  expect(packagesIn(await filesOf("drift"))).toEqual([]);
  // Whether a target is frozen is known by a clock: an apply has to ask.
  expect(packagesIn(await filesOf("apply"))).toEqual(["croner"]);
  // Each file costs a millisecond; Git, Markdown and differences are what a plan needs and `validate` does not.
  expect(validate.length).toBeLessThan(7);
  const bytesOf = (files: readonly string[]) => files.map((file) => readFileSync(join(DIST, file))).join("").length;
  expect(bytesOf(validate)).toBeLessThan(bytesOf(plan) / 2);
});
