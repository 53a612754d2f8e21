// The report of an access review through the built command, over both of the simulator's platforms: its rows are what `explain` tells
// of every member, its places are lines of real files, and a platform that is away takes nothing from what is said of the other.
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReviewReport, ReviewRow } from "../../src/model/review.ts";
import { createWorld, type Result, settingsFor, VAULT, type World } from "../support/world.ts";

const APPROVERS = "policies/acme/memberships/card-approvers.yaml";
/** Vault at an address where nothing answers. */
const AWAY = "http://127.0.0.1:9";

let world: World;
let settings: (vault: string) => string;
beforeAll(async () => {
  world = await createWorld();
  const target = (url: string) => VAULT.settings(url).split("targets:\n")[1] ?? "";
  settings = (vault) => settingsFor(world.url) + target(vault);
  world.write("policies/rolebook.yaml", settings(world.url));
  await run("import");
  world.commit("import");
  await run("apply");
  world.edit(
    APPROVERS,
    "  - ines@acme.example\n",
    "  - {email: ines@acme.example, until: 2099-01-01, reason: Launch}\n",
  );
  world.edit(APPROVERS, "  - yusuf@acme.example\n", "  - yusuf@acme.example\n  - bo@acme.example\n");
  world.commit("Bo approves cards");
});
afterAll(() => world?.close());

async function run(...args: readonly string[]): Promise<Result> {
  const result = await world.rolebook(args);
  expect([args, result.stderr, result.code]).toEqual([args, expect.anything(), 0]);
  return result;
}

async function report(...args: readonly string[]): Promise<ReviewReport> {
  return JSON.parse((await run("review", "--format", "json", ...args)).stdout) as ReviewReport;
}

/** `target member resource scope level`, sorted. */
const held = (rows: readonly Pick<ReviewRow, "target" | "member" | "resource" | "scope" | "level">[]) =>
  rows.map(({ target, member, resource, scope, level }) => [target, member, resource, scope, level].join(" ")).sort();

interface Explained {
  readonly target: string;
  readonly member: string;
  readonly grants: readonly { readonly resource: string; readonly scope: string; readonly level: string }[];
}

it("has a row for everything that explain --live tells of anybody", async () => {
  const { rows, people, targets } = await report();
  expect(targets.map(({ name, platform }) => [name, platform])).toEqual([
    ["acme", "atomic"],
    ["vault", "atomyx"],
  ]);
  for (const member of ["bo@acme.example", "tomas@acme.example", "priya@acme.example"]) {
    const { stdout } = await run("explain", member, "--live", "--format", "json");
    const told = [JSON.parse(stdout) as Explained | readonly Explained[]].flat() as readonly Explained[];
    const explained = told.flatMap(({ target, grants }) => grants.map((grant) => ({ target, member, ...grant })));
    expect(held(rows.filter((row) => row.member === member))).toEqual(held(explained));
  }
  expect(people.reduce((sum, { grants }) => sum + grants, 0)).toBe(rows.length);
});

it("points at lines that say so, and tells ends, reasons, keys and where access comes from", async () => {
  const { rows, keys } = await report();
  let read = 0;
  for (const { member, resource, target, paths } of rows)
    for (const { group, role = "", membershipPlace, groupPlace, rolePlace } of paths) {
      const line = ({ file, line }: { file: string; line: number }) => world.read(file).split("\n")[line - 1] ?? "";
      const [word = ""] = role.split(" of ");
      if (membershipPlace) expect(line(membershipPlace)).toContain((group ?? "") === "" ? word : member);
      if (groupPlace) expect(line(groupPlace)).toContain(role);
      if (rolePlace) expect(line(rolePlace)).toContain(target === "acme" ? resource : role);
      read += [membershipPlace, groupPlace, rolePlace].filter(Boolean).length;
    }
  expect(read).toBeGreaterThan(500);
  const ines = rows.find(({ member, paths }) => member.startsWith("ines") && paths[0]?.group === "Card approvers");
  expect(ines?.paths[0]).toMatchObject({ until: "2099-01-01", reason: "Launch", provenance: { how: "written" } });
  expect(keys.map(({ target, name }) => `${target} ${name}`)).toContain("vault acme-prod/Reports");
});

it("tells what files say when no platform is asked, and what there is when one is", async () => {
  const says = (rows: readonly ReviewRow[]) =>
    rows.filter(
      ({ member, paths }) => member.startsWith("bo@") && paths.some(({ group }) => group === "Card approvers"),
    );
  const [files, live] = [await report("--files"), await report("--target", "acme")];
  expect([files.source, live.source]).toEqual(["files", "live"]);
  expect(says(files.rows).length).toBeGreaterThan(0);
  expect(says(live.rows)).toEqual([]);
  expect(live.figures.notInGit).toBe(0);
});

describe("shows it", () => {
  it.each([
    ["human", /^Access review of 2 targets/m],
    ["markdown", /Access review/],
    ["csv", /^AccessReviewId,/],
    ["html", /^<!doctype html>/i],
  ])("as %s, in a file that is whole", async (format, begins) => {
    const { stdout } = await run("review", "--format", format, "--output", `report.${format}`);
    expect(stdout).toBe("");
    expect(world.read(`report.${format}`)).toMatch(begins);
  });
});

describe("in several files", () => {
  const requests = async (...args: readonly string[]) => {
    world.simulator.counters.reset();
    const { stdout } = await run("review", ...args);
    expect(stdout).toBe("");
    return world.simulator.counters.view().requests;
  };
  const there = () => readdirSync(world.dir).sort();

  it("is read once for all of them, and each is what it would be alone", async () => {
    const now = ["--now", "2027-01-01T00:00:00Z"];
    const outputs = ["all.html", "all.json", "all.csv", "all.md", "all.txt"];
    const once = await requests(...now, "--format", "json", "--output", "alone.json");
    expect(await requests(...now, ...outputs.flatMap((path) => ["--output", path]))).toEqual(once);
    expect(world.read("all.json")).toBe(world.read("alone.json"));
    for (const [format, path] of [
      ["csv", "all.csv"],
      ["html", "all.html"],
      ["markdown", "all.md"],
      ["human", "all.txt"],
    ] as const)
      expect(world.read(path), path).toBe((await run("review", ...now, "--format", format)).stdout);
    expect(there().filter((path) => path.includes(".part"))).toEqual([]);
  });

  it("is wrong usage where no format can be told of a file, and nothing is read or written", async () => {
    const before = there();
    world.simulator.counters.reset();
    for (const [args, why] of [
      [["--output", "new.html", "--output", "new"], "the ending of --output new is no format's; use .html, .md, "],
      [["--format", "csv", "--output", "new.csv", "--output", "new.html"], "--format is for one --output"],
      [["status", "--output", "new.txt", "--output", "new.json"], "review status has one --output"],
    ] as const) {
      const { code, stdout, stderr } = await world.rolebook(["review", ...args]);
      expect([args, code, stdout]).toEqual([args, 64, ""]);
      expect(stderr).toContain(`error: ${why}`);
    }
    expect([there(), world.simulator.counters.view().total]).toEqual([before, 0]);
  });

  it("holds each whole or not at all, and none where the policies cannot be read", async () => {
    const away = ["--output", "whole.json", "--output", "no-such-folder/x.csv"];
    const { code, stderr } = await world.rolebook(["review", ...away]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("no-such-folder/x.csv cannot be written")]);
    expect(JSON.parse(world.read("whole.json")).rows.length).toBeGreaterThan(100);
    const settingsNow = world.read("policies/rolebook.yaml");
    world.write("policies/rolebook.yaml", "kind: Settings\ntargets: 3\n");
    const before = there();
    const refused = await world.rolebook(["review", "--output", "none.json", "--output", "none.html"]);
    world.write("policies/rolebook.yaml", settingsNow);
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("error")]);
    expect(there()).toEqual(before);
  });
});

it("says all of one platform when the other is away, exits 1, and refuses a name", async () => {
  const environment = { VAULT_CLIENT_SECRET: "not-the-one-that-it-knows" };
  const whole = held((await report("--target", "acme")).rows);
  const { code, stdout, stderr } = await world.rolebook(["review", "--format", "json"], { environment });
  expect(code).toBe(1);
  expect(held((JSON.parse(stdout) as ReviewReport).rows)).toEqual(whole);
  expect(stderr).toMatch(/^vault: /m);
  expect(stderr.trimEnd().split("\n").at(-1)).toBe("1 of 2 targets failed; what is said of the others is complete.");
  const alone = await world.rolebook(["review", "--target", "vault"], { environment });
  expect([alone.code, alone.stdout]).toEqual([1, ""]);
});

it("is about one, several or all targets", async () => {
  const all = held((await report()).rows);
  for (const names of [["acme"], ["vault"], ["vault", "acme"]]) {
    const { targets, rows } = await report("--offline", ...names.flatMap((name) => ["--target", name]));
    expect(targets.map(({ name }) => name)).toEqual(names.toSorted());
    expect(held(rows)).toEqual(all.filter((row) => names.includes(row.split(" ")[0] ?? "")));
  }
  const nowhere = await world.rolebook(["review", "--target", "acme", "--target", "vult"]);
  expect([nowhere.code, nowhere.stdout, nowhere.stderr]).toEqual([1, "", expect.stringContaining('"vult"')]);
});

it.each([
  [["report", "autumn"], "takes no name"],
  [["start"], "needs a review's name"],
  [["start", "autumn", "--due"], "and not both"],
  [["start", "autumn", "--at", "HEAD"], "has no --at"],
  [["status", "--files"], "has no --files"],
  [["close", "--target", "acme"], "has no --target"],
  [["remind", "--quiet"], "has no --quiet"],
  [["--due"], "has no --due"],
  [["remind", "--format", "csv"], "has no csv"],
  [["verify"], "takes the evidence"],
  [["close", "--output", "evidence"], "evidence of one campaign"],
  [["--files", "--output", ""], "names no file"],
] as const)("takes review %j for wrong usage", async (args, said) => {
  const { code, stdout, stderr } = await world.rolebook(["review", ...args]);
  expect([code, stdout, stderr]).toEqual([64, "", expect.stringContaining(said)]);
});

it.each([
  ["policies", "no evidence of a review"],
  ["policies/rolebook.yaml", "no folder"],
  ["autumn", "no folder and no closed campaign"],
])("says of %s that it cannot be verified", async (name, said) => {
  const { code, stdout, stderr } = await world.rolebook(["review", "verify", name]);
  expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining(said)]);
});

it("asks where the target was applied last, and shows no credential to another address that files name", async () => {
  const before = held((await report()).rows);
  world.write("policies/rolebook.yaml", settings(AWAY));
  expect(held((await report()).rows)).toEqual(before);
});
