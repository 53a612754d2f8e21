// The controller as a process, over the simulator, real Git and a fake GitHub: everything that people do on the host is followed by
// what has to be done, by webhooks alone, and by looking alone.
import { afterEach, describe, expect, it } from "vitest";
import { schemaErrors } from "../report/schema.ts";
import { type ControllerProcess, removeFolders, startController, WEBHOOK_SECRET } from "../support/controller.ts";
import { APPLIED_REF, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { CREDENTIALS, type Folder } from "../support/world.ts";

const OFTEN = "* * * * * *";
const DRIFT = "*/5 * * * * *";
const NEVER = "0 0 30 2 *";
const DRIFT_BRANCH = "rolebook/drift/acme";
const ROLE = "policies/acme/roles/card-editor.yaml";
const INSIGHTS = "policies/acme/groups/insights.yaml";
const SETTINGS = "policies/rolebook.yaml";

let forge: Forge;
const running = new Set<ControllerProcess>();
afterEach(async () => {
  for (const controller of running) await controller.kill();
  running.clear();
  await forge?.close();
  removeFolders();
});

async function started(...how: Parameters<typeof startController>): Promise<ControllerProcess> {
  const controller = await startController(...how);
  running.add(controller);
  return controller;
}

const describeInsights = (text: string) => (desk: Folder) =>
  desk.write(INSIGHTS, desk.read(INSIGHTS).replace(/^description:.*$/m, `description: ${text}`));
const comments = (number: number) => forge.access.comments(number).map(({ body }) => body);
const check = (number: number) => forge.access.checks(forge.access.pull(number).head.commit, "rolebook").at(-1);
/** What Rolebook made on the platform; what people change by hand is theirs. */
const writes = () => forge.simulator.counters.view().writes.filter(({ actor }) => actor.type === "credential").length;
const issues = () => forge.access.issues().map(({ title, state }) => `${state} ${title}`);
const openDrift = () =>
  forge.access.pulls().find(({ state, head }) => state === "open" && head.branch === DRIFT_BRANCH);
const receiptPaths = () => forge.access.git("ls-tree", "-r", "--name-only", LEDGER_REF).match(/\S+receipt\S*/g) ?? [];
const plansOf = ({ log }: ControllerProcess, number: number) =>
  log().filter(({ msg, key }) => msg === "ended" && key === `plan #${number}`).length;

/** The whole story of a week: people do the one half of it, the controller the other. */
async function followEverything(controller: ControllerProcess): Promise<void> {
  const { until } = controller;
  const applied = () => forge.atOrigin(APPLIED_REF) === forge.access.tip("main");
  const receipts = receiptPaths().length;

  const number = forge.propose({ login: "ana", branch: "one", edit: describeInsights("By the controller") });
  const other = forge.propose({
    login: "bo",
    branch: "other",
    edit: (desk) => desk.edit(ROLE, "Card template: edit", "Card template: admin"),
  });
  await until("both are shown", () => [number, other].every((one) => check(one)?.conclusion === "action_required"));
  await until("and commented", () => [number, other].every((one) => comments(one).length === 1));

  forge.access.review({ number, login: "hana" });
  await until("approved", () => check(number)?.conclusion === "success");
  expect(comments(number)).toHaveLength(1);
  expect(writes()).toBe(0);

  const planned = plansOf(controller, other);
  forge.access.merge({ number, method: "squash", login: "hana" });
  await until("applied", () => applied() && writes() === 1);
  await until("a receipt", () => receiptPaths().length === receipts + 1);
  await until("the other is planned on what is now", () => plansOf(controller, other) > planned);
  expect(check(other)?.conclusion).toBe("action_required");
  expect(comments(other)).toHaveLength(1);

  await forge.byHand("POST", "/v1/groups/gCardPb5Et/members/batch", { add: ["mRavi11Xc4"] }, "noor@acme.example");
  await until("drift is proposed", () => openDrift() !== undefined);
  await until("and told", () => issues().includes("open Drift of acme gives somebody more than Git says"));
  const drift = openDrift()?.number ?? 0;
  // To adopt what gives somebody more takes an owner.
  await until("and shown", () => check(drift)?.conclusion === "action_required");
  forge.access.review({ number: drift, login: "hana" });
  await until("and approved", () => check(drift)?.conclusion === "success");
  forge.access.merge({ number: drift, login: "hana" });
  await until("adopted", () => applied() && forge.access.tip(DRIFT_BRANCH) === null);
  await until("no issue is left", () => issues().every((issue) => issue.startsWith("closed")));
  expect(writes()).toBe(1);

  // From one owner to two: what was enough for the other pull request is not any more.
  forge.access.review({ number: other, login: "hana" });
  await until("one is enough", () => check(other)?.conclusion === "success");
  const stricter = forge.propose({
    login: "tomas",
    branch: "stricter",
    edit: (desk) => desk.edit(SETTINGS, "    limits:\n", "    approvals: { escalating: 2 }\n    limits:\n"),
  });
  await until("settings are shown", () => check(stricter)?.conclusion !== undefined);
  for (const login of ["hana", "noor"]) forge.access.review({ number: stricter, login });
  forge.access.merge({ number: stricter, login: "hana" });
  await until("one is not enough", () => check(other)?.conclusion === "action_required");
  await until("settings count as applied", applied);
  expect(writes()).toBe(1);
}

describe("what people do on the host", () => {
  it("is followed by webhooks alone", async () => {
    forge = await forgeWorld({
      target: "    drift: propose\n",
      // No webhook tells of a change by hand: that is what the other clock is for.
      settings: `schedule: { poll: "${NEVER}", drift: "${DRIFT}" }\n`,
    });
    const controller = await started(forge);
    forge.github.deliverTo({ url: `${controller.url()}/webhooks/github`, secret: WEBHOOK_SECRET });
    await followEverything(controller);
    forge.github.deliverTo(undefined);
    await forge.github.delivered();
    expect(forge.github.deliveries().length).toBeGreaterThan(10);
    await expectHealthy(controller, { webhooks: true });
    expect(await controller.stop()).toBe(0);
    expectGoodLog(controller);
  });

  it("is followed by looking alone", async () => {
    forge = await forgeWorld({
      target: "    drift: propose\n",
      settings: `schedule: { poll: "${OFTEN}", drift: "${DRIFT}" }\n`,
    });
    const controller = await started(forge, { environment: { ROLEBOOK_WEBHOOK_SECRET: "" } });
    await followEverything(controller);
    expect((await fetch(`${controller.url()}/webhooks/github`, { method: "POST" })).status).toBe(404);
    await expectHealthy(controller, { webhooks: false });
    expect(await controller.stop()).toBe(0);
    expectGoodLog(controller);
  });
});

/** Its own account of itself is well-formed, and agrees with what happened. */
async function expectHealthy(controller: ControllerProcess, how: { readonly webhooks: boolean }): Promise<void> {
  await controller.until("nothing is missing", async () => {
    const { targets, pulls } = await controller.status();
    return targets[0]?.behind === 0 && pulls.every(({ planned }) => planned);
  });
  const status = await controller.status();
  expect(schemaErrors("status", status)).toEqual([]);
  expect(status).toMatchObject({
    state: "running",
    webhooks: how.webhooks,
    tip: forge.access.tip("main"),
    targets: [{ name: "acme", applied: forge.access.tip("main"), behind: 0, heldTotal: 0 }],
    errors: [],
  });
  const metrics = await controller.metrics();
  // Counted first and logged next, one after the other: what is in the log by now was counted, or has only just ended.
  const logged = (work: string, result: string) =>
    controller.log().filter((line) => line.msg === "ended" && line.work === work && line.result === result).length;
  for (const [work, target] of [
    ["plan", ""],
    ["apply", "acme"],
  ] as const)
    for (const result of ["done", "held"]) {
      const counted = metrics.get(`rolebook_runs_total{work="${work}",target="${target}",result="${result}"}`) ?? 0;
      expect(logged(work, result) - counted, `${work} ${result}`).toBeLessThanOrEqual(1);
      expect(logged(work, result) - counted, `${work} ${result}`).toBeGreaterThanOrEqual(0);
    }
  const sent = forge.github.deliveries().filter(({ status }) => status === 202).length;
  const received = ["accepted", "ignored", "duplicate", "elsewhere"].map(
    (result) => metrics.get(`rolebook_webhooks_total{result="${result}"}`) ?? 0,
  );
  expect(received.reduce((sum, count) => sum + count)).toBe(sent);
  expect(metrics.types.get("rolebook_run_duration_seconds")).toBe("histogram");
}

/** Lines of JSON with the id of the run that they are of, and none of the secrets. */
function expectGoodLog(controller: ControllerProcess): void {
  const log = controller.log();
  expect(controller.stdout()).toBe("");
  expect(controller.stderr().endsWith("\n")).toBe(true);
  const ofRuns = log.filter(({ work }) => work !== undefined);
  expect(ofRuns.length).toBeGreaterThan(5);
  for (const line of ofRuns) expect(line.run).toMatch(/^[0-9a-f-]{36}$/);
  const begun = new Set(log.filter(({ msg }) => msg === "begins").map(({ run }) => run));
  const ended = log.filter(({ msg }) => msg === "ended" || msg === "failed").map(({ run }) => run);
  expect(new Set(ended).size).toBe(ended.length);
  expect([...begun].sort()).toEqual([...new Set(ended)].sort());
  expectNoSecrets(controller);
}

function expectNoSecrets({ stderr }: ControllerProcess): void {
  const secrets = [WEBHOOK_SECRET, ...Object.values(forge.access.tokens), CREDENTIALS.ACME_CLIENT_SECRET];
  const encoded = secrets.map((secret) => Buffer.from(`x-access-token:${secret}`).toString("base64"));
  for (const secret of [...secrets, ...encoded]) expect(stderr()).not.toContain(secret);
}
