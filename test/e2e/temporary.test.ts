// Access that ends, through the built command line: the last second and the one after it, in the target's time zone, with
// files that nobody edits; the platform follows, and the plan says which line has to go.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { importedWorld, settingsFor, type World } from "../support/world.ts";

const EXTRA = "    timeZone: Pacific/Auckland\n    warnDays: 7\n";
const CREATORS = "policies/acme/memberships/card-creators.yaml";
const KEY = "Membership/card creators/bo@acme.example";
/** The end of 31 January 2031 in Auckland, where summer time is 13 hours ahead. */
const [LAST, OVER] = ["2031-01-31T10:59:59Z", "2031-01-31T11:00:00Z"];

let world: World;
beforeAll(async () => {
  world = await importedWorld(EXTRA);
  world.edit(
    CREATORS,
    "  - bo@acme.example",
    "  - email: bo@acme.example\n    until: 2031-01-31\n    reason: Contract C-102",
  );
  world.commit("Bo's contract ends");
  expect((await world.rolebook(["apply"])).code).toBe(0);
  world.simulator.counters.reset();
});
afterAll(() => world?.close());

const plan = async (now?: string) => {
  const args = ["plan", "--format", "json", ...(now === undefined ? [] : ["--now", now])];
  return JSON.parse((await world.rolebook(args)).stdout) as PlanOutput;
};
const findings = async (now: string) => {
  const { stdout } = await world.rolebook(["validate", "--format", "json", "--now", now]);
  return (JSON.parse(stdout) as PlanOutput).findings.map(({ code, file, line }) => `${file}:${line} ${code}`);
};

describe("a membership with an end", () => {
  it("holds to the last second of the day where the target is", async () => {
    expect((await plan(LAST)).changes).toEqual([]);
    expect(await findings("2031-01-20T00:00:00Z")).toEqual([]);
    expect(await findings(LAST)).toEqual([`${CREATORS}:5 membership-ends-soon`]);
  });

  it("is planned away a second later, though no file has changed, and the line is named", async () => {
    const { changes, proposals } = await plan(OVER);
    expect(changes.map(({ action, key, origin }) => [action, key, origin])).toEqual([["delete", KEY, "expiry"]]);
    expect(proposals).toEqual([
      expect.objectContaining({
        kind: "remove-entry",
        file: CREATORS,
        line: 5,
        what: expect.stringContaining("2031-01-31"),
      }),
    ]);
    const shown = await world.rolebook(["plan", "--now", OVER]);
    expect(shown.stdout).toContain(`${CREATORS}:5`);
    const markdown = await world.rolebook(["plan", "--now", OVER, "--format", "markdown"]);
    expect(markdown.stdout).toContain(`${CREATORS}:5`);
    expect(await findings(OVER)).toEqual([`${CREATORS}:5 membership-ended`]);
  });

  it("is gone from the platform after apply, with Git stuck, and stays so until the line is gone, too", async () => {
    world.edit(CREATORS, "2031-01-31", "2026-01-31");
    world.commit("it ended long ago");
    const { digest, changes } = await plan();
    expect(changes.map(({ action, key, origin }) => [action, key, origin])).toEqual([["delete", KEY, "expiry"]]);
    const applied = await world.rolebook(["apply", "--approve", digest]);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(world.simulator.dump().memberships.gCardCr4Dr).not.toContain("mBo05Tg6hj");
    expect(world.simulator.counters.view().writes).toHaveLength(1);
    const after = await plan();
    expect([after.changes, after.drift, after.unmanaged]).toEqual([[], [], []]);
    expect(after.proposals.map(({ file, line }) => `${file}:${line}`)).toEqual([`${CREATORS}:5`]);

    world.edit(CREATORS, "  - email: bo@acme.example\n    until: 2026-01-31\n    reason: Contract C-102\n", "");
    world.commit("as proposed");
    const done = await plan();
    expect([done.changes, done.drift, done.proposals]).toEqual([[], [], []]);
    expect((await world.rolebook(["apply"])).code).toBe(0);
  });
});

describe("a span", () => {
  it("is refused with the line that fmt then writes", async () => {
    const text = world.read(CREATORS);
    world.write(CREATORS, `${text}  - email: ravi@acme.example\n    for: 14d\n    reason: Helps out\n`);
    const refused = await world.rolebook(["validate", "--format", "json"]);
    expect(refused.code).toBe(1);
    const found = (JSON.parse(refused.stdout) as PlanOutput).findings.find(({ severity }) => severity === "error");
    const until = /until: \d{4}-\d\d-\d\d/.exec(found?.hint ?? "")?.[0];
    expect([found?.code, found?.file, until]).toEqual(["relative-span", CREATORS, expect.any(String)]);
    expect((await world.rolebook(["fmt"])).stdout).toContain(`${CREATORS}\n`);
    // Midnight may have passed in Auckland between the two.
    const written = /ravi@acme.example\n {4}(until: \S+)/.exec(world.read(CREATORS))?.[1] ?? "";
    expect(written >= (until ?? "")).toBe(true);
    expect((await world.rolebook(["validate"])).code).toBe(0);
    world.write(CREATORS, text);
  });
});

describe("a second target for the same organization", () => {
  it("is a finding, whatever the names", async () => {
    const settings = world.read("policies/rolebook.yaml");
    const second = settingsFor(world.url, EXTRA)
      .replace("kind: Settings\ntargets:\n", "")
      .replace("name: acme", "name: other");
    world.write("policies/rolebook.yaml", settings + second);
    const { code, stdout } = await world.rolebook(["validate", "--format", "json"]);
    world.write("policies/rolebook.yaml", settings);
    const errors = (JSON.parse(stdout) as PlanOutput).findings.filter(({ severity }) => severity === "error");
    expect([code, errors.map(({ file }) => file)]).toEqual([1, ["policies/rolebook.yaml"]]);
    expect(errors[0]?.message).toContain("acme");
  });
});
