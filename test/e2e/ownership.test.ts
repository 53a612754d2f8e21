// Whose members a group's are, through the built command line: the same two people, one let in and one taken out by hand, in
// a group of each mode.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { importedWorld, type Moment, rememberMoment, rewindTo, type World } from "../support/world.ts";

const SETTINGS =
  "    drift: revert\n    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 } }\n";
const GROUP = "policies/acme/groups/card-creators.yaml";
const MEMBERS = "policies/acme/memberships/card-creators.yaml";
const [ANA, RAVI] = ["mAna04Rf5g", "mRavi11Xc4"];

let world: World;
let start: Moment;
let head: string;
beforeAll(async () => {
  world = await importedWorld(SETTINGS);
  start = rememberMoment(world);
  head = world.git("rev-parse", "HEAD").trim();
});
afterAll(() => world?.close());
beforeEach(() => {
  rewindTo(world, start);
  world.git("reset", "-q", "--hard", head);
});

const plan = async () => JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout) as PlanOutput;
const listed = ({ changes }: PlanOutput) => changes.map(({ action, name }) => `${action} ${name}`);
const inGroup = () => world.simulator.dump().memberships.gCardCr4Dr ?? [];

/** The mode is declared and applied; then Ravi is let in by hand, and Ana taken out. */
async function meddle(mode: string): Promise<void> {
  world.write(GROUP, `${world.read(GROUP)}members: ${mode}\n`);
  if (mode === "idp") world.git("rm", "-q", MEMBERS);
  world.commit(mode);
  const declared = await plan();
  expect([declared.refused, declared.changes]).toEqual([false, []]);
  const applied = await world.rolebook(["apply", "--approve", declared.digest]);
  expect(applied.code, applied.stdout).toBe(0);
  await world.byHand("POST", "/v1/groups/gCardCr4Dr/members/batch", { add: [RAVI], remove: [ANA] });
}

describe("the members of a group", () => {
  it("exclusive: are whom the files list, and nobody else", async () => {
    await meddle("exclusive");
    const found = await plan();
    expect(listed(found)).toEqual([
      "create ana@acme.example in Card creators",
      "delete ravi@acme.example in Card creators",
    ]);
    expect((await world.rolebook(["apply"])).code).toBe(1);
    expect((await world.rolebook(["apply", "--approve", found.digest])).code).toBe(0);
    expect([inGroup().includes(ANA), inGroup().includes(RAVI)]).toEqual([true, false]);
  });

  it("additive: lack nobody whom the files list, and keep whom somebody else let in", async () => {
    await meddle("additive");
    const found = await plan();
    expect(listed(found)).toEqual(["create ana@acme.example in Card creators"]);
    expect(found.unmanaged.map(({ name }) => name)).toEqual(["ravi@acme.example in Card creators"]);
    expect(found.findings.map(({ code }) => code)).toContain("member-not-in-git");
    expect((await world.rolebook(["apply", "--approve", found.digest])).code).toBe(0);
    expect([inGroup().includes(ANA), inGroup().includes(RAVI)]).toEqual([true, true]);
  });

  it("idp: are nobody's business here, and a list of them is an error", async () => {
    await meddle("idp");
    const found = await plan();
    expect([found.changes, found.drift]).toEqual([[], []]);
    expect((await world.rolebook(["drift"])).code).toBe(0);
    world.write(MEMBERS, "kind: Membership\ngroup: Card creators\nmembers: [bo@acme.example]\n");
    const { code, stdout } = await world.rolebook(["validate"]);
    expect([code, stdout]).toEqual([1, expect.stringContaining("(membership-of-idp-group)")]);
  });
});
