// The whole job on a real Keystone through the built command line: import, edit, plan, apply, drift, explain, who-can; a
// server that cuts its lists; a server that is killed in the middle of an apply.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Receipt } from "../../src/model/receipt.ts";
import { handOf } from "../platform/keystone/admin.ts";
import { openGate } from "../platform/keystone/gate.ts";
import { keystoneHarness } from "../platform/keystone/harness.ts";
import { PASSWORD } from "../platform/keystone/seed.ts";
import { type SharedKeystone, sharedKeystone } from "../platform/keystone/shared.ts";
import { createFolder, type Folder, type Result, receiptsSince } from "../support/world.ts";

interface World extends Folder {
  readonly domain: string;
  readonly keystone: SharedKeystone;
  readonly ids: ReadonlyMap<string, string>;
  /** Runs the command line with the administrator's credential. */
  readonly run: (...args: readonly string[]) => Promise<Result>;
  readonly plan: () => Promise<Plan>;
  /** Points the settings somewhere else. */
  readonly use: (url: string) => void;
}

const settings = (url: string, domain: string) => `kind: Settings
targets:
  - name: acme
    platform: keystone
    url: ${url}
    organization: ${domain}
    credentials: { username: ACME_USERNAME, password: ACME_PASSWORD }
    options: { userDomain: Default, project: admin, projectDomain: Default }
    environments: [dev, test, production]
    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 } }
`;

/** A repository that holds all of a fresh domain, committed and recorded as the base. */
async function importedWorld(): Promise<World> {
  const keystone = await sharedKeystone();
  const { server } = keystone;
  const { domain, ids } = await keystone.seed(keystoneHarness.seed);
  const folder = createFolder();
  const environment = { ACME_USERNAME: "admin", ACME_PASSWORD: server.adminPassword };
  const run = (...args: readonly string[]) => folder.rolebook(args, { environment });
  const use = (url: string) => folder.write("policies/rolebook.yaml", settings(url, domain.name));
  use(server.url);
  const imported = await run("import");
  expect([imported.code, imported.stdout]).toEqual([0, expect.stringContaining("policies/acme/groups/builders.yaml")]);
  folder.commit("import");
  expect((await run("plan")).code).toBe(0);
  expect((await run("apply")).code).toBe(0);
  const plan = async () => JSON.parse((await run("plan", "--format", "json")).stdout) as Plan;
  return { ...folder, domain: domain.name, keystone, ids, run, plan, use };
}

/** Every kind of step: a role, a group and people made; people granted, updated, disabled and revoked; a group and a role gone. */
function editPolicies(world: World): void {
  const member = (name: string) => `kind: Member\nname: ${name}\nemail: ${name}@acme.example\n`;
  world.write("policies/acme/members/new.yaml", ["uma", "vic", "wes"].map(member).join("---\n"));
  world.write("policies/acme/roles/deployer.yaml", "kind: Role\nname: deployer\nimplies: [member]\n");
  world.write(
    "policies/acme/groups/deployers.yaml",
    "kind: Group\nname: Deployers\ngrants:\n  - {role: deployer, project: production}\n  - {role: reader, inherited: true}\n",
  );
  world.write(
    "policies/acme/memberships/deployers.yaml",
    "kind: Membership\ngroup: Deployers\nmembers: [uma, vic, wes]\n",
  );
  world.edit("policies/acme/groups/builders.yaml", "{role: member, project: dev}", "{role: member, project: test}");
  world.edit("policies/acme/groups/everyone.yaml", "name: Everyone", "name: Everyone\ndescription: All of us");
  world.edit("policies/acme/members/members.yaml", "Second line\nenabled: true", "Second line\nenabled: false");
  world.edit("policies/acme/memberships/everyone.yaml", "  - bo\n", "");
  const gone = ["groups/old-group", "memberships/old-group", "roles/old-role", "application-credentials/ci-of-bo"];
  world.git("rm", "-q", ...gone.map((name) => `policies/acme/${name}.yaml`));
  world.commit("edit");
}

let world: World;
beforeAll(async () => {
  world = await importedWorld();
});
afterAll(() => world?.remove());

const ledger = () => ({ ledger: world.git("rev-parse", "rolebook/ledger").trim() });
const unapplied = (plan: Plan) => new Set(plan.changes.map(({ id }) => id));

/** Whether the domain has an assignment or a membership. */
async function isThere(path: string): Promise<boolean> {
  const { admin } = world.keystone;
  return !("error" in (await admin.call("GET", path, undefined, [404])));
}

describe("a Keystone domain under Git", () => {
  it("shows nothing to do, and says why somebody has an access and who has it", async () => {
    const plan = await world.plan();
    expect([plan.changes, plan.drift, plan.unmanaged]).toEqual([[], [], []]);
    const explained = await world.run("explain", "bo", "member");
    expect(explained.code).toBe(0);
    expect(explained.stdout).toMatch(/member\s+dev\s+granted/);
    expect(explained.stdout).toContain("policies/acme/memberships/builders.yaml");
    const holders = await world.run("who-can", "granted", "reader", "--format", "json");
    expect(holders.code).toBe(0);
    const { holders: rows } = JSON.parse(holders.stdout);
    expect(new Set(rows.map((row: { readonly member: string }) => row.member))).toEqual(
      new Set(["ana", "bo", "leaver"]),
    );
  });

  it("sees what was done behind Git's back, and leaves it alone", async () => {
    const { admin } = world.keystone;
    const [group, role] = [world.ids.get("Group/Everyone"), world.ids.get("Role/reader")];
    const path = `/projects/${world.ids.get("Project/production")}/groups/${group}/roles/${role}`;
    await admin.call("PUT", path);
    const drift = await world.run("drift");
    expect(drift.code).toBe(2);
    expect(drift.stdout).toContain("reader on project production");
    expect((await world.plan()).changes).toEqual([]);
    await admin.call("DELETE", path);
    expect((await world.run("drift")).code).toBe(0);
  });
});

describe("an edit of the files", () => {
  it("is planned, approved, made, and then nothing is left to do", async () => {
    const { admin, server } = world.keystone;
    const start = ledger();
    world.edit(
      "policies/acme/groups/everyone.yaml",
      "{role: reader, project: dev}",
      "{role: auditor, inherited: true}",
    );
    world.edit("policies/acme/memberships/everyone.yaml", "  - leaver\n", "  - ana\n");
    const file = "policies/acme/members/members.yaml";
    world.write(file, world.read(file).replace(/---\nkind: Member\nname: leaver\n(?:.(?!---))*/s, ""));
    world.write(
      "policies/acme/application-credentials/report-of-ana.yaml",
      "kind: ApplicationCredential\nname: report\nuser: ana\nproject: test\nroles: [reader]\n",
    );
    world.commit("edit");
    const shown = await world.run("plan");
    expect(shown.code).toBe(2);
    expect(shown.stdout).toMatch(/\+ auditor\s+none -> granted {2}all projects/);
    const plan = await world.plan();
    const missing = plan.findings.find(({ code }) => code === "application-credential-missing");
    expect(missing?.hint).toContain("application credential create --role reader report");

    const refused = await world.run("apply", "--approve", "0".repeat(64));
    expect([refused.code, (await world.plan()).digest]).toEqual([1, plan.digest]);
    expect((await world.run("apply", "--approve", plan.digest)).code).toBe(0);
    expect(receiptsSince(world, start)).toMatchObject([
      { converged: true, outcomes: plan.changes.map(() => ({ status: "applied" })) },
    ]);
    const leaver = world.ids.get("Member/leaver");
    const user = (await admin.list("/users", "users")).find(({ id }) => id === leaver);
    expect(user?.enabled).toBe(false);
    expect(await admin.list(`/role_assignments?user.id=${leaver}`, "role_assignments")).toEqual([]);

    const ana = { name: "ana", domain: world.domain, password: PASSWORD };
    const scope = { project: { name: "test", domain: { name: world.domain } } };
    const owner = await handOf(server.url, { ...ana, scope });
    await owner.call("POST", `/users/${world.ids.get("Member/ana")}/application_credentials`, {
      application_credential: { name: "report", roles: [{ name: "reader" }] },
    });
    const after = await world.plan();
    expect([after.changes, after.drift, after.conflicts]).toEqual([[], [], []]);
    expect(after.findings.map(({ code }) => code)).not.toContain("application-credential-missing");
    expect(after.unmanaged.map(({ key }) => key)).toEqual(["Member/leaver"]);
  });
});

describe("a user whose name changes on the platform", () => {
  const path = () => `/users/${world.ids.get("Member/bo")}`;
  afterAll(() => world.keystone.admin.call("PATCH", path(), { user: { name: "bo" } }));

  it("is followed: nothing is planned, and what Git changes is changed", async () => {
    const { admin } = world.keystone;
    await admin.call("PATCH", path(), { user: { name: "Bob" } });
    const moved = await world.plan();
    expect([moved.changes, moved.drift, moved.unmanaged.map(({ key }) => key)]).toEqual([[], [], ["Member/leaver"]]);
    expect(moved.findings.find(({ code }) => code === "identity-renamed")?.message).toBe(
      "bo is now Bob on the platform (the same person)",
    );
    const file = "policies/acme/members/members.yaml";
    world.edit(file, "Second line", "First line");
    world.commit("First line");
    const plan = await world.plan();
    expect(plan.changes.map(({ key }) => key)).toEqual(["Member/bo"]);
    const applied = await world.run("apply", "--approve", plan.digest);
    expect(applied.code, applied.stdout).toBe(0);
    expect((await admin.call("GET", path())).user).toMatchObject({ name: "Bob", description: "First line" });
    world.edit(file, "First line", "Second line");
    world.commit("Second line");
    expect((await world.run("apply", "--approve", (await world.plan()).digest)).code).toBe(0);
  });
});

describe("a user who is deleted, and made anew", () => {
  const FILE = "policies/acme/members/yan.yaml";
  const apply = async () => world.run("apply", "--approve", (await world.plan()).digest);
  const find = async () => {
    const users = await world.keystone.admin.list("/users?name=yan", "users");
    return String(users.find(({ name }) => name === "yan")?.id);
  };
  const declare = (description: string) => {
    world.write(FILE, `kind: Member\nname: yan\ndescription: ${description}\n`);
    world.commit(description);
  };

  it("by hand is somebody else, by Rolebook is whom Git means", async () => {
    const { admin } = world.keystone;
    declare("the first");
    expect((await apply()).code).toBe(0);
    const first = await find();
    const project = (await admin.call("GET", `/users/${first}`)).user as { readonly domain_id: string };

    await admin.call("DELETE", `/users/${first}`);
    const second = await admin.make("user", { name: "yan", domain_id: project.domain_id });
    declare("the second");
    const refused = await world.plan();
    expect(refused.findings.find(({ code }) => code === "identity-changed")?.message).toBe(
      `yan is not who it was: the platform's id was ${first} and is ${second}; nobody has the id ${first} any more`,
    );
    for (const { blockedBy } of refused.changes) expect(blockedBy).toContain("identity-changed");
    expect((await apply()).code).toBe(1);

    await admin.call("DELETE", `/users/${second}`);
    world.git("rm", "-q", FILE);
    world.commit("gone");
    expect((await world.run("apply")).code).toBe(0);
    declare("the third");
    const applied = await apply();
    expect(applied.code, applied.stdout).toBe(0);
    const third = await find();
    expect(new Set([first, second, third]).size).toBe(3);
    expect((await world.plan()).findings.map(({ code }) => code)).not.toContain("identity-changed");

    world.git("rm", "-q", FILE);
    world.commit("gone again");
    expect((await apply()).code).toBe(0);
    await admin.call("DELETE", `/users/${third}`);
  });
});

describe("a Keystone that cuts its lists", () => {
  let head: string;
  beforeAll(() => {
    head = world.git("rev-parse", "HEAD").trim();
  });
  afterAll(() => world.git("reset", "-q", "--hard", head));

  it("has every removal blocked, says so, and nothing is removed", async () => {
    world.edit("policies/acme/memberships/builders.yaml", "  - bo\n", "");
    world.edit("policies/acme/groups/builders.yaml", "  - {role: member, project: dev}\n", "");
    world.git("rm", "-q", "policies/acme/groups/old-group.yaml", "policies/acme/memberships/old-group.yaml");
    world.commit("removals");
    const before = await world.plan();
    expect(before.changes.flatMap(({ blockedBy }) => blockedBy ?? [])).toEqual([]);
    expect(before.changes.length).toBeGreaterThanOrEqual(4);
    await world.keystone.server.restart({ listLimit: 2 });
    try {
      const plan = await world.plan();
      expect(plan.findings).toContainEqual(expect.objectContaining({ code: "truncated-read", severity: "error" }));
      // The rest of them are about what the cut lists do not show at all.
      const removing = plan.changes.filter(({ action, effect }) => action === "delete" || effect !== "escalates");
      expect(removing.length).toBeGreaterThan(0);
      for (const change of removing) expect(change.blockedBy, change.key).toContain("truncated-read");
      const applied = await world.run("apply", "--approve", plan.digest, "--format", "json");
      expect(applied.code).not.toBe(0);
    } finally {
      await world.keystone.server.restart({});
    }
    const [builders, bo] = [world.ids.get("Group/Builders"), world.ids.get("Member/bo")];
    const member = world.ids.get("Role/member");
    expect(await isThere(`/groups/${world.ids.get("Group/Old group")}`)).toBe(true);
    const roster = await world.keystone.admin.list(`/groups/${builders}/users`, "users");
    expect(roster.map(({ id }) => id)).toContain(bo);
    await world.keystone.admin.call(
      "HEAD",
      `/projects/${world.ids.get("Project/dev")}/groups/${builders}/roles/${member}`,
    );
    const after = await world.plan();
    expect(after.changes.map(({ key }) => key)).toEqual(before.changes.map(({ key }) => key));
  });
});

describe("a Keystone that is killed in the middle of an apply", () => {
  it("leaves a truthful receipt, and a rerun with the same approval finishes the job", async () => {
    const { server } = world.keystone;
    let writes = 0;
    const gate = await openGate(server.url, {
      onAnswer: async (request) => {
        if (/^GET|^POST \/v3\/auth/.test(request)) return;
        writes += 1;
        if (writes !== KILLED_AT) return;
        await server.kill();
        void gate.close();
      },
    });
    world.use(gate.url);
    editPolicies(world);
    const plan = await world.plan();
    const ids = plan.changes.map(({ id }: Change) => id);
    expect(ids.length).toBeGreaterThanOrEqual(14);
    const start = ledger();

    const killed = await world.run("apply", "--approve", plan.digest);
    expect(killed.code, killed.stderr).toBe(1);
    const [receipt] = receiptsSince(world, start);
    expect(receipt?.converged).toBe(false);
    expect(receipt?.outcomes.map(({ change }) => change).sort()).toEqual([...ids].sort());

    await server.restart({});
    const again = await openGate(server.url, { port: Number(new URL(gate.url).port) });
    try {
      const left = unapplied(await world.plan());
      expectTruth(receipt, left);
      const second = await world.run("apply", "--approve", plan.digest);
      expect(second.code, `${second.stdout}\n${second.stderr}`).toBe(0);
      expect((await world.plan()).changes).toEqual([]);
    } finally {
      await again.close();
    }
    const receipts = receiptsSince(world, start);
    expect(receipts.map(({ converged }) => converged)).toEqual([false, true]);
    expect(receipts[1]?.outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    expect(world.git("rev-parse", "refs/rolebook/applied/acme")).toBe(world.git("rev-parse", "HEAD"));
    const users = await world.keystone.admin.list("/users", "users");
    expect(users.find(({ id }) => id === world.ids.get("Member/bo"))?.enabled).toBe(false);
    expect(await isThere(`/groups/${world.ids.get("Group/Old group")}`)).toBe(false);
    expect(await isThere(`/roles/${world.ids.get("Role/old role")}`)).toBe(false);
  });
});

/** The write after which the server is killed: some are made, some are under way, some were not tried. */
const KILLED_AT = 8;

/** What a receipt says of each change against what a fresh plan still has to do. */
function expectTruth(receipt: Receipt | undefined, left: ReadonlySet<string>): void {
  const outcomes = receipt?.outcomes ?? [];
  expect(outcomes.filter(({ status }) => status === "applied").length).toBeGreaterThan(0);
  expect(outcomes.filter(({ status }) => status === "skipped").length).toBeGreaterThan(0);
  for (const { change, status, cause } of outcomes) {
    if (status === "applied") expect(left.has(change), `told as applied: ${cause}`).toBe(false);
    // Nobody but us makes changes here: what is not left was made by a request whose answer never came.
    else if (!left.has(change)) expect(cause).toMatch(/not known|were made|was made/);
    else expect(cause).toBeTruthy();
  }
}
