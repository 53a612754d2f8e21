// Nobody is locked out, through the built command line: what would is refused by step and person, and owners who change
// places are never too few on the platform, wherever the apply is killed.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import type { StateDocument } from "../../src/simulator/records.ts";
import { importedWorld, type Moment, rememberMoment, rewindTo, type World } from "../support/world.ts";

const SETTINGS = `    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 }, owners: { share: 1, count: 9 } }
    minimumOwners: 2
    breakGlass: [tomas@acme.example]
`;
const OWNER = "policies/acme/memberships/owner.yaml";

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
const writes = () => world.simulator.counters.view().writes.length;

/** Who could give themselves anything, read off the platform's own rows. */
function owners({ roles, groups, members, memberships }: StateDocument): string[] {
  const managing = new Set(["Role", "Workbench member group", "Workbench member group assignment"]);
  const strong = new Set(
    roles
      .filter(({ permissions }) =>
        permissions?.some(({ resource, level }) => managing.has(resource) && level !== "view"),
      )
      .map(({ id }) => id),
  );
  const inside = new Set(
    groups
      .filter(({ roleIds, environmentIds }) => environmentIds?.length === 0 && roleIds?.some((id) => strong.has(id)))
      .flatMap(({ id }) => memberships[id] ?? []),
  );
  return members.filter(({ id, status }) => inside.has(id) && status !== "disabled").map(({ email }) => email);
}

/** The plan is refused for this person, and its approval makes nothing of it. */
async function expectRefused(person: string, step: RegExp): Promise<void> {
  const refused = await plan();
  expect(refused.refused).toBe(true);
  const found = refused.findings.filter(({ severity }) => severity === "error");
  const about = found.find(({ code, message }) => code === "lock-out" && message.includes(person));
  expect(about?.message, JSON.stringify(found)).toMatch(step);
  expect((await world.rolebook(["apply", "--approve", refused.digest])).code).toBe(1);
  expect(writes()).toBe(0);
}

describe("a commit that locks somebody out", () => {
  it("by taking the break-glass member out of their groups is refused", async () => {
    for (const group of ["admin", "member-administrators"])
      world.git("rm", "-q", `policies/acme/memberships/${group}.yaml`);
    world.commit("Tomas is not needed");
    await expectRefused("tomas@acme.example", /tomas@acme\.example (?:out of|from|in) /);
  });

  it("by weakening the role that the break-glass member manages by is refused", async () => {
    world.edit(
      "policies/acme/roles/member-administrator.yaml",
      "Workbench member group assignment: edit",
      "Theme: view",
    );
    world.git("rm", "-q", "policies/acme/memberships/admin.yaml");
    world.commit("no more member administrators");
    await expectRefused("tomas@acme.example", /Member administrator|Admin/);
  });

  it("by leaving fewer than the settings want is refused", async () => {
    world.git("rm", "-q", OWNER);
    world.commit("no owners");
    const refused = await plan();
    expect(refused.refused).toBe(true);
    expect(refused.findings.find(({ code }) => code === "lock-out")?.message).toMatch(
      /^Step 2 of 2 .*noor@acme\.example/,
    );
    expect((await world.rolebook(["apply", "--approve", refused.digest])).code).toBe(1);
    expect(writes()).toBe(0);
  });
});

describe("owners who change places", () => {
  it("are never fewer than the settings want, wherever the apply is killed, and a rerun finishes", async () => {
    // Hana and Noor leave the owners for a new group with a new role; Priya takes their place; Tomas keeps one of two ways.
    world.write(
      "policies/acme/groups/stewards.yaml",
      "kind: Role\nname: Steward\npermissions:\n  Role: edit\n---\nkind: Group\nname: Stewards\nroles: [Steward]\nenvironments: all\n---\nkind: Membership\ngroup: Stewards\nmembers:\n  - hana@acme.example\n  - noor@acme.example\n",
    );
    world.edit(OWNER, "  - hana@acme.example\n  - noor@acme.example\n", "  - priya@acme.example\n");
    world.git("rm", "-q", "policies/acme/memberships/admin.yaml");
    world.commit("changing places");
    const { digest, refused, changes } = await plan();
    expect([refused, changes.flatMap(({ blockedBy }) => blockedBy)]).toEqual([false, []]);

    const after = ["hana", "noor", "priya", "tomas"].map((name) => `${name}@acme.example`);
    const undisturbed = await world.rolebook(["apply", "--approve", digest]);
    expect(undisturbed.code, undisturbed.stdout).toBe(0);
    expect(owners(world.simulator.dump()).sort()).toEqual(after);
    const total = writes();
    expect(total).toBeGreaterThanOrEqual(6);

    for (let write = 1; write <= total; write += 1) {
      rewindTo(world, start);
      await killedAfter(write, digest);
      const left = owners(world.simulator.dump());
      expect(left.length, `killed after write ${write}: ${left}`).toBeGreaterThanOrEqual(2);
      expect(left, `killed after write ${write}`).toContain("tomas@acme.example");
      const rerun = await world.rolebook(["apply", "--approve", digest]);
      expect(rerun.code, `killed after write ${write}\n${rerun.stdout}`).toBe(0);
      expect(owners(world.simulator.dump()).sort()).toEqual(after);
    }
  });
});

/** Applies, is killed right after the n-th write; every state on the way has enough owners. */
async function killedAfter(write: number, digest: string): Promise<void> {
  let kill = () => {};
  let seen = 0;
  let fewest = Number.POSITIVE_INFINITY;
  const forget = world.simulator.onWrite((_, when) => {
    if (when !== "after") return;
    fewest = Math.min(fewest, owners(world.simulator.dump()).length);
    seen += 1;
    if (seen === write) kill();
  });
  const result = await world.rolebook(["apply", "--approve", digest], {
    onStart: (child) => {
      kill = () => child.kill("SIGKILL");
    },
  });
  forget();
  expect(result.code).not.toBe(0);
  expect(fewest).toBeGreaterThanOrEqual(2);
}
