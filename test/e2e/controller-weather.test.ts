// The controller on bad days: the host is away, a platform is away or hangs or wants fewer requests, one target is broken, two controllers
// follow one repository, it is told to stop in the middle. It waits, and goes on by itself; nothing is made twice, and records stay true.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Receipt } from "../../src/model/receipt.ts";
import { createSimulator, type Simulator } from "../../src/simulator/server.ts";
import { type ControllerProcess, removeFolders, spawnController, startController } from "../support/controller.ts";
import { APPLIED_REF, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { CREDENTIALS, type Folder } from "../support/world.ts";

const INSIGHTS = "policies/acme/groups/insights.yaml";
const SETTINGS = "policies/rolebook.yaml";
const SPARE = "refs/rolebook/applied/spare";
const DRIFT_BRANCH = "rolebook/drift/acme";

let forge: Forge;
let spare: Simulator;
let spareUrl: string;
const running = new Set<ControllerProcess>();

beforeAll(async () => {
  // Looked for drift only at the start: what fails has to be tried again by itself.
  forge = await forgeWorld({
    target: "    drift: propose\n",
    settings: 'schedule: { poll: "* * * * * *", drift: "0 0 30 2 *" }\n',
  });
  spare = createSimulator();
  spareUrl = await spare.listen();
});
afterEach(async () => {
  for (const controller of running) await controller.kill();
  running.clear();
  forge.github.heal();
  forge.simulator.faults.set([]);
  spare.faults.set([]);
});
afterAll(async () => {
  await spare?.close();
  await forge?.close();
  removeFolders();
});

async function started(...how: Parameters<typeof startController>): Promise<ControllerProcess> {
  const controller = await startController(...how);
  running.add(controller);
  return controller;
}

const MANY = 21;

const describeInsights = (text: string) => (desk: Folder) =>
  desk.write(INSIGHTS, desk.read(INSIGHTS).replace(/^description:.*$/m, `description: ${text}`));
const check = (number: number) => forge.access.checks(forge.access.pull(number).head.commit, "rolebook").at(-1);
const own = () => forge.simulator.counters.view().writes.filter(({ actor }) => actor.type === "credential");
const isApplied = (ref = APPLIED_REF) => forge.atOrigin(ref) === forge.access.tip("main");
const receipts = () =>
  (forge.access.git("ls-tree", "-r", "--name-only", LEDGER_REF).match(/\S+\/receipt\S*\.json/g) ?? [])
    .map((path) => JSON.parse(forge.access.git("show", `${LEDGER_REF}:${path}`)) as Receipt)
    .sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1));

/** A pull request that is shown and approved. */
async function approved(controller: ControllerProcess, branch: string, edit: (desk: Folder) => void): Promise<number> {
  const number = forge.propose({ login: "ana", branch, edit });
  await controller.until("shown", () => check(number)?.conclusion === "action_required");
  for (const login of ["hana", "noor"]) forge.access.review({ number, login });
  await controller.until("approved", () => check(number)?.conclusion === "success");
  return number;
}

const merge = (number: number) => forge.access.merge({ number, method: "squash", login: "hana" });

/** People who come, and one who goes: that comes later, in a round of its own. */
const inviteMany = (desk: Folder) => {
  const people = Array.from({ length: MANY - 1 }, (_, index) => `new-${index + 1}`);
  const member = (name: string) => `kind: Member\nemail: ${name}@acme.example\nfirstName: ${name}\nlastName: New\n`;
  desk.write("policies/acme/members/many.yaml", people.map(member).join("---\n"));
  desk.edit("policies/acme/memberships/card-creators.yaml", "  - lars@acme.example\n", "");
};

describe("told to stop in the middle of an apply", () => {
  it("leaves a true record and exits with 0; the next one makes the rest, and nothing twice", async () => {
    const first = await started(forge);
    const number = await approved(first, "many", inviteMany);
    forge.simulator.counters.reset();
    const before = receipts().length;
    forge.simulator.faults.set([{ kind: "latency", ms: 500, method: "POST" }]);
    const forget = forge.simulator.onWrite((n, phase) => {
      if (n === 1 && phase === "before") first.child.kill("SIGTERM");
    });
    merge(number);
    expect(await first.ended).toBe(0);
    forget();
    forge.simulator.faults.set([]);
    expect(first.log().at(-1)).toMatchObject({ msg: "stopped" });
    const made = own().length;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(MANY);
    const [receipt] = receipts().slice(before);
    expect(receipt?.converged).toBe(false);
    expect(receipt?.outcomes.filter(({ status }) => status === "applied")).toHaveLength(made);

    const second = await started(forge, { folder: first.folder });
    await second.until("applied", () => isApplied());
    expect(own()).toHaveLength(MANY);
    const outcomes = receipts()
      .slice(before)
      .flatMap((one) => one.outcomes);
    const changes = outcomes.filter(({ status }) => status === "applied").map(({ change }) => change);
    expect([changes.length, new Set(changes).size]).toEqual([MANY, MANY]);
    await second.until("no issue", () => forge.access.issues().every(({ state }) => state === "closed"));
  });

  it("ends at once when it is told twice", async () => {
    const controller = await started(forge);
    const number = await approved(controller, "slowly", describeInsights("Slowly"));
    forge.simulator.counters.reset();
    // As long as a request may take, and longer than anybody waits for this test.
    forge.simulator.faults.set([{ kind: "latency", ms: 20_000, method: "PATCH" }]);
    merge(number);
    await controller.until(
      "applying",
      async () =>
        (await controller.metrics()).get('rolebook_queue_depth{state="running"}') !== 0 &&
        forge.simulator.faults.report().some(({ hits }) => hits > 0),
    );
    controller.child.kill("SIGTERM");
    await controller.until("stopping", () => controller.log().some(({ msg }) => String(msg).startsWith("stopping")));
    expect(controller.child.exitCode).toBeNull();
    controller.child.kill("SIGTERM");
    expect(await controller.ended).toBe(130);
    forge.simulator.faults.set([]);
    const next = await started(forge, { folder: controller.folder });
    await next.until("applied", () => isApplied());
    expect(own().filter(({ operation }) => /group/i.test(operation))).toHaveLength(1);
  });
});

describe("when something is away", () => {
  it("is not ready while the host has never answered, says so, and is once it does", async () => {
    forge.github.fail({ times: 1e9, status: 503 });
    const controller = spawnController(forge);
    running.add(controller);
    await controller.until("failing", () => controller.log().some(({ msg }) => msg === "failed"));
    expect((await fetch(`${controller.url()}/readyz`)).status).toBe(503);
    expect((await fetch(`${controller.url()}/healthz`)).status).toBe(200);
    const status = await controller.status();
    expect(status).toMatchObject({ state: "starting", targets: [] });
    expect(status.errors.length).toBeGreaterThan(0);
    forge.github.heal();
    await controller.until("ready", async () => (await fetch(`${controller.url()}/readyz`)).status === 200);
  });

  it("waits for the host and for the platform, and goes on by itself", async () => {
    const controller = await started(forge);
    const number = await approved(controller, "away", describeInsights("After the outage"));
    forge.simulator.counters.reset();
    const failures = () => controller.log().filter(({ msg }) => msg === "failed").length;
    merge(number);
    forge.github.fail({ times: 1e9, status: 503 });
    await controller.until("the host is missed", () => failures() > 0);
    forge.simulator.faults.set([{ kind: "error", status: 503 }]);
    forge.github.heal();
    await controller.until("the platform is missed", () =>
      controller.log().some(({ msg, work }) => msg === "failed" && work === "apply"),
    );
    expect((await controller.metrics()).get("rolebook_failing")).toBeGreaterThan(0);
    expect((await fetch(`${controller.url()}/readyz`)).status).toBe(200);
    forge.simulator.faults.set([{ kind: "rate-limit", retryAfter: "1", times: 4 }]);
    forge.github.fail({
      times: 2,
      status: 403,
      method: "GET",
      path: /\/pulls/,
      message: "You have exceeded a secondary rate limit",
      headers: { "retry-after": "1" },
    });
    await controller.until("applied", () => isApplied() && receipts().at(-1)?.commit === forge.access.tip("main"));
    expect(own()).toHaveLength(1);
    await controller.until("nothing fails", async () => (await controller.metrics()).get("rolebook_failing") === 0);
  });
});

describe("two controllers on one repository", () => {
  it("make nothing twice", async () => {
    const pair = await Promise.all([started(forge), started(forge)]);
    const [first] = pair;
    forge.simulator.counters.reset();
    const before = receipts().length;
    const title = `<script>alert(1)</script> \u202e@all \u001b[31m`;
    const number = forge.propose({
      login: "ana",
      branch: "pair",
      title,
      message: "pair",
      edit: describeInsights("By one of two"),
    });
    await first.until("shown", () => check(number)?.conclusion === "action_required");
    forge.access.review({ number, login: "hana" });
    await first.until("approved", () => check(number)?.conclusion === "success");
    await forge.byHand("POST", "/v1/groups/gCardPb5Et/members/batch", { add: ["mRavi11Xc4"] }, "noor@acme.example");
    // Both look at once, as both would at the full hour.
    merge(number);
    await first.until("applied", () => isApplied() && receipts().length > before);
    for (const controller of pair)
      await controller.until("seen", async () => (await controller.status()).targets[0]?.behind === 0);
    const page = await (await fetch(first.url())).text();
    expect(page).not.toContain("<script>alert");
    for (const { stderr } of pair) expect(stderr()).not.toMatch(/[\u202e\u001b]/);
    expect(own()).toHaveLength(1);
    expect(
      receipts()
        .slice(before)
        .flatMap(({ outcomes }) => outcomes),
    ).toHaveLength(1);
    expect(forge.access.comments(number)).toHaveLength(1);
    expect(forge.access.pulls().filter(({ head }) => head.branch === DRIFT_BRANCH).length).toBeLessThanOrEqual(1);
    expect(new Set(forge.access.issues().map(({ title: one }) => one)).size).toBe(forge.access.issues().length);
    for (const controller of pair) expect(await controller.stop()).toBe(0);
    await forge.byHand("POST", "/v1/groups/gCardPb5Et/members/batch", { remove: ["mRavi11Xc4"] }, "noor@acme.example");
  });
});

describe("a second target", () => {
  it("is followed once it was added and applied, and one that is broken does not hold up the other", async () => {
    const controller = await started(forge);
    const desk = forge.desk("tomas");
    forge.pushToMain("tomas", (folder) =>
      folder.edit(
        SETTINGS,
        "targets:\n",
        `targets:\n  - name: spare\n    platform: atomic\n    url: ${spareUrl}\n    organization: acme\n    credentials: { clientId: ACME_CLIENT_ID, clientSecret: ACME_CLIENT_SECRET }\n    environments: [dev, test, staging, production]\n    owners: [hana@acme.example, noor@acme.example]\n`,
      ),
    );
    const imported = await desk.rolebook(["import", "--target", "spare"], { environment: CREDENTIALS });
    expect([imported.code, imported.stderr]).toEqual([0, expect.anything()]);
    desk.commit("import spare");
    desk.git("push", "-q", "origin", "main");
    await controller.until("it has to be applied by hand once", async () =>
      (await controller.status()).targets.some(({ name, refused }) => name === "spare" && refused !== null),
    );
    const byHand = await forge.rolebook(["apply", "--target", "spare"]);
    expect(byHand.code, byHand.stderr).toBe(0);
    await controller.until("both are applied", () => isApplied() && isApplied(SPARE));

    spare.faults.set([{ kind: "error", status: 500 }]);
    const writesBefore = own().length;
    const number = forge.propose({
      login: "ana",
      branch: "healthy",
      edit: describeInsights("While the other is broken"),
    });
    await controller.until("shown", () => check(number)?.conclusion !== undefined);
    forge.access.review({ number, login: "hana" });
    spare.faults.set([]);
    await controller.until("approved", () => check(number)?.conclusion === "success");
    spare.faults.set([{ kind: "latency", ms: 15_000 }]);
    merge(number);
    await controller.until("one is applied", () => isApplied());
    expect(own().length).toBe(writesBefore + 1);
    expect(isApplied(SPARE)).toBe(false);
    spare.faults.set([]);
    await controller.until("and the other", () => isApplied(SPARE));
  });
});
