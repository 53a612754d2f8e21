// Waivers through the built command line: one plan over one limit goes ahead, and no other; who may approve one, what voids
// it, and what is said of it once it is spent.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { importedWorld, type Moment, receiptsSince, rememberMoment, rewindTo, type World } from "../support/world.ts";

const OWNED = `    owners: [hana@acme.example, noor@acme.example]
    limits: { target: { share: 1, count: 100 }, scope: { share: 1, count: 100 } }
`;
const CREATORS = "policies/acme/memberships/card-creators.yaml";
const WAIVER = "policies/waivers/desk.yaml";

let world: World;
let start: Moment;
let digest: string;
let head: string;
beforeAll(async () => {
  world = await importedWorld(OWNED);
  start = rememberMoment(world);
  for (const name of ["ana", "bo", "lars"]) leaves(name);
  world.commit("three leave the desk");
  head = world.git("rev-parse", "HEAD").trim();
  ({ digest } = await plan());
});
afterAll(() => world?.close());
beforeEach(() => {
  rewindTo(world, start);
  world.git("reset", "-q", "--hard", head);
});

const plan = async () => JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout) as PlanOutput;
const leaves = (name: string) => world.edit(CREATORS, `  - ${name}@acme.example\n`, "");
const codes = ({ findings }: PlanOutput) =>
  findings
    .filter(({ code }) => code !== "member-in-no-group")
    .map(({ severity, code }) => `${severity} ${code}`)
    .sort();
const blocked = ({ changes }: PlanOutput) => changes.flatMap(({ blockedBy }) => blockedBy);
const creators = () => world.simulator.dump().memberships.gCardCr4Dr;

/** Puts a waiver into the commit that needs it. */
function waive(parts: { readonly plan?: string; readonly allows?: number; readonly approver?: string } = {}): void {
  const { plan = digest, allows = 3, approver = "hana@acme.example" } = parts;
  world.write(
    WAIVER,
    `kind: Waiver\nname: The desk is dissolved\ntarget: acme\nplan: ${plan}\nlimit: group\nof: Card creators\nallows: ${allows}\nreason: They move\napprover: ${approver}\n`,
  );
  world.git("add", "-A");
  world.git("commit", "-q", "--amend", "-m", "three leave the desk, waived");
}

/** The plan is held, and its approval makes nothing of it. */
async function expectHeld(held: PlanOutput): Promise<void> {
  expect(blocked(held)).toEqual(["removal-limit-group", "removal-limit-group", "removal-limit-group"]);
  await world.rolebook(["apply", "--approve", held.digest]);
  expect(world.simulator.counters.view().writes).toEqual([]);
}

describe("a plan over a limit", () => {
  it("is held, and says what a waiver for it has to say", async () => {
    const held = await plan();
    expect(codes(held)).toEqual(["error removal-limit-group"]);
    expect(held.findings.find(({ severity }) => severity === "error")?.hint).toContain(
      `kind: Waiver, target: acme, plan: ${digest}, limit: group, of: "Card creators", allows: 3`,
    );
    await expectHeld(held);
  });

  it("holds what hangs on the held changes, too, and never offers what could only fail", async () => {
    world.git("reset", "-q", "--hard", "HEAD~1");
    for (const folder of ["roles", "groups", "memberships"])
      world.git("rm", "-q", `policies/acme/${folder}/analytics-test.yaml`);
    world.commit("no more analytics");
    const held = await plan();
    expect(held.changes.map(({ key, blockedBy }) => [key, blockedBy])).toEqual(
      [
        "Membership/analytics - test/ravi@acme.example",
        "Membership/analytics - test/sofia@acme.example",
        "Group/analytics - test",
        "Role/analytics - test",
      ].map((key) => [key, ["removal-limit-group"]]),
    );
    await world.rolebook(["apply", "--approve", held.digest]);
    expect(world.simulator.counters.view().writes).toEqual([]);
  });

  it("goes ahead by the waiver in its own commit, is on record with it, and spends it", async () => {
    waive();
    const waived = await plan();
    expect([waived.digest, waived.refused, codes(waived), blocked(waived)]).toEqual([
      digest,
      false,
      ["warning limit-waived"],
      [],
    ]);
    const applied = await world.rolebook(["apply", "--approve", digest]);
    expect(applied.code, applied.stdout).toBe(0);
    expect(applied.stdout).toContain("The desk is dissolved");
    expect(creators()).toHaveLength(2);
    expect(receiptsSince(world, start)).toMatchObject([{ converged: true, waivers: ["The desk is dissolved"] }]);
    const after = await plan();
    expect([after.changes, codes(after)]).toEqual([[], ["warning waiver-spent"]]);
    world.git("rm", "-q", WAIVER);
    world.commit("spent");
    expect(codes(await plan())).toEqual([]);
    expect((await world.rolebook(["apply"])).code).toBe(0);
  });
});

describe("a waiver counts for nothing", () => {
  it.each([
    ["another person", () => leaves("priya")],
    [
      "a description",
      () => world.edit("policies/acme/groups/insights.yaml", "The insights dashboard", "The insights dashboards"),
    ],
  ])("when a change is added: %s", async (_, edit) => {
    edit();
    waive();
    const other = await plan();
    expect(other.digest).not.toBe(digest);
    expect(codes(other)).toEqual(["error removal-limit-group", "warning waiver-for-another-plan"]);
    expect(blocked(other)).toContain("removal-limit-group");
    await world.rolebook(["apply", "--approve", digest]);
    expect(creators()).toHaveLength(5);
  });

  it("when it is for another digest", async () => {
    waive({ plan: digest.replace(/^./, (first) => (first === "0" ? "1" : "0")) });
    const held = await plan();
    expect(codes(held)).toEqual(["error removal-limit-group", "warning waiver-for-another-plan"]);
    await expectHeld(held);
  });

  it("when it allows too few", async () => {
    waive({ allows: 2 });
    const held = await plan();
    expect(codes(held)).toContain("error removal-limit-group");
    await expectHeld(held);
  });

  it("when its approver owns nothing", async () => {
    waive({ approver: "ana@acme.example" });
    const held = await plan();
    expect(codes(held)).toContain("error waiver-approver");
    expect(held.findings.find(({ code }) => code === "waiver-approver")).toMatchObject({ file: WAIVER });
    expect(blocked(held)).toContain("waiver-approver");
    await world.rolebook(["apply", "--approve", held.digest]);
    expect(creators()).toHaveLength(5);
  });

  it("when its approver became an owner in the same commit", async () => {
    world.edit("policies/rolebook.yaml", "noor@acme.example]", "noor@acme.example, ana@acme.example]");
    world.git("commit", "-q", "-a", "--amend", "-m", "three leave, and Ana owns");
    waive({ plan: (await plan()).digest, approver: "ana@acme.example" });
    const held = await plan();
    expect(codes(held)).toContain("error waiver-approver");
    expect(blocked(held)).toContain("waiver-approver");
  });
});
