// Who is who, end to end: what an apply records, a person whose address changes on the platform, and an address that is
// given to somebody else.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Plan } from "../../src/model/plan.ts";
import { importedWorld, type Moment, rememberMoment, rewindTo, type World } from "../support/world.ts";

const LIMITS = "    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 } }\n";
const REVERT = "    drift: revert\n";
const BO = "bo@acme.example";
const BO_BERG = "bo.berg@acme.example";
const BO_ID = "mBo05Tg6hj";

let world: World;
let start: Moment;
let head: string;
beforeAll(async () => {
  world = await importedWorld(LIMITS + REVERT);
  start = rememberMoment(world);
  head = world.git("rev-parse", "HEAD").trim();
});
afterAll(() => world?.close());
beforeEach(() => {
  rewindTo(world, start);
  world.git("reset", "-q", "--hard", head);
});

const plan = async () => JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout) as Plan;
const codes = ({ findings }: Plan) => findings.map(({ code }) => code);
const ledger = () => world.git("rev-parse", "rolebook/ledger").trim();
const rename = (id: string, email: string) => world.byHand("PATCH", `/v1/members/${id}`, { email });

/** Everything that is recorded of who is who. */
function recorded(): Record<string, string> {
  const paths = world.git("ls-tree", "-r", "--name-only", "rolebook/ledger", "acme/identities/").trim().split("\n");
  const records = paths.map((path) => JSON.parse(world.git("show", `rolebook/ledger:${path}`)).identities);
  return Object.assign({}, ...records);
}

/** The address in every file that has it. */
function follow(from: string, to: string): void {
  for (const path of world.git("grep", "-lF", from, "--", "policies/acme").trim().split("\n"))
    world.write(path, world.read(path).replaceAll(from, to));
}

describe("the first apply", () => {
  it("records who is who; a command that looks, and an apply of nothing, record nothing more", async () => {
    expect(recorded()).toMatchObject({ [BO]: BO_ID });
    expect(Object.keys(recorded())).toHaveLength(15);
    const before = ledger();
    for (const command of ["plan", "drift", "apply"]) expect((await world.rolebook([command])).code).toBe(0);
    expect(ledger()).toBe(before);
  });
});

describe("an address that changes on the platform", () => {
  it("plans nothing, is warned about, and is nothing once the files follow", async () => {
    await rename(BO_ID, BO_BERG);
    const moved = await plan();
    expect([moved.changes, moved.drift, moved.unmanaged, codes(moved)]).toEqual([[], [], [], ["identity-renamed"]]);
    expect((await world.rolebook(["drift"])).code).toBe(0);
    expect((await world.rolebook(["apply"])).code).toBe(0);
    expect(world.simulator.counters.view().writes).toHaveLength(1);

    follow(BO, BO_BERG);
    const file = world.git("grep", "-lF", `email: ${BO_BERG}`, "--", "policies/acme/members").trim();
    world.edit(file, `email: ${BO_BERG}`, `email: ${BO_BERG}\npreviously: ${BO}`);
    world.commit("Bo married");
    const followed = await plan();
    expect([followed.changes, followed.drift, followed.unmanaged, codes(followed)]).toEqual([[], [], [], []]);
    expect((await world.rolebook(["apply"])).code).toBe(0);
    expect(recorded()).toMatchObject({ [BO]: BO_ID, [BO_BERG]: BO_ID });
  });

  it("does not keep Git from changing, or taking from, the person", async () => {
    await rename(BO_ID, BO_BERG);
    const file = world.git("grep", "-lF", `email: ${BO}`, "--", "policies/acme/members").trim();
    const text = world.read(file);
    world.write(file, text.replace(new RegExp(`(email: ${BO}\\nfirstName: )\\S+`), "$1Bosse"));
    expect(world.read(file)).not.toBe(text);
    world.edit("policies/acme/memberships/card-creators.yaml", `  - ${BO}\n`, "");
    world.commit("Bosse leaves the creators");
    const { digest, changes } = await plan();
    expect(changes.map(({ action, key }) => `${action} ${key}`)).toEqual([
      `update Member/${BO}`,
      `delete Membership/card creators/${BO}`,
    ]);
    const applied = await world.rolebook(["apply", "--approve", digest]);
    expect(applied.code, applied.stdout).toBe(0);
    const bo = world.simulator.dump().members.find(({ id }) => id === BO_ID);
    expect(bo).toMatchObject({ email: BO_BERG, firstName: "Bosse" });
  });
});

describe("an address that is given to somebody else", () => {
  it("is refused: nothing about them is changed, everything else is", async () => {
    await rename(BO_ID, BO_BERG);
    const made = (await world.byHand("POST", "/v1/members", { email: BO })) as {
      readonly data?: { readonly id: string };
    };
    world.edit("policies/acme/memberships/card-creators.yaml", "  - ana@acme.example\n", "");
    world.commit("Ana leaves the creators");
    const found = await plan();
    const error = found.findings.find(({ code }) => code === "identity-changed");
    expect(error?.message).toContain(`${BO_ID} is called ${BO_BERG} now`);
    expect(error?.message).toContain(`and is ${made.data?.id}`);
    const about = found.changes.filter(({ key }) => key.endsWith(BO));
    expect(about.length).toBeGreaterThan(0);
    for (const { blockedBy } of about) expect(blockedBy).toEqual(["identity-changed"]);

    const applied = await world.rolebook(["apply", "--approve", found.digest]);
    expect(applied.code).toBe(1);
    const after = await plan();
    expect(after.changes.map(({ key }) => key)).toEqual(about.map(({ key }) => key));
    expect(recorded()[BO]).toBe(BO_ID);
  });
});

describe("an address whose new owner is acknowledged in a file", () => {
  it("goes on, is recorded by the next apply, and then the file can go", async () => {
    await rename(BO_ID, BO_BERG);
    await world.byHand("POST", "/v1/members", { email: BO });
    const id = world.simulator.dump().members.find(({ email }) => email === BO)?.id ?? "";
    const hint = (await plan()).findings.find(({ code }) => code === "identity-changed")?.hint;
    for (const part of ["policies/identities/", "kind: Identity", id]) expect(hint).toContain(part);

    world.write(
      "policies/identities/bo.yaml",
      `kind: Identity\ntarget: acme\nmember: ${BO}\nid: ${id}\nreason: Bo Nilsson left\napprover: ana@acme.example\n`,
    );
    world.commit("a new Bo");
    const acknowledged = await plan();
    expect(codes(acknowledged)).not.toContain("identity-changed");
    expect(acknowledged.refused).toBe(false);
    expect(acknowledged.changes.flatMap(({ blockedBy }) => blockedBy)).toEqual([]);
    const applied = await world.rolebook(["apply", "--approve", acknowledged.digest]);
    expect(applied.code, applied.stdout).toBe(0);
    expect(recorded()).toMatchObject({ [BO]: id });
    const after = await plan();
    expect([after.changes, codes(after)]).toEqual([[], expect.arrayContaining(["acknowledgement-not-needed"])]);
    world.git("rm", "-q", "policies/identities/bo.yaml");
    world.commit("known");
    expect(codes(await plan())).not.toContain("identity-changed");
  });
});
