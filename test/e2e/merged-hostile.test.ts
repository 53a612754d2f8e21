// `apply --merged` against somebody who may push to the repository, is no owner, and means harm: nothing is made that nobody
// entitled approved, and nothing that was put where it does not belong stands in the way of the others for good.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APPLIED_REF, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";

let forge: Forge;

beforeAll(async () => {
  forge = await forgeWorld();
});
afterAll(() => forge?.close());

interface Outcome {
  readonly code: number | null;
  readonly applied: string | null;
  readonly held: readonly { readonly change: string; readonly name: string; readonly why: string }[];
  readonly refused: string | null;
  readonly frozen: boolean;
  readonly converged: boolean;
}

async function applyMerged(): Promise<Outcome> {
  const { code, stdout, stderr } = await forge
    .checkout({ depth: 0 })
    .rolebook(["apply", "--merged", "--format", "json"]);
  if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  return { code, ...JSON.parse(stdout).targets[0] };
}

type Edit = Parameters<Forge["propose"]>[0]["edit"];
let merges = 0;

/** An edit that is proposed, shown, approved by whom it is approved, and merged. */
async function merged(edit: Edit, reviewers: readonly string[] = ["hana"]): Promise<number> {
  merges += 1;
  const number = forge.propose({ login: "ana", branch: `merge-${merges}`, edit });
  const { code, stderr } = await forge.rolebook(["plan", "--pull-request", String(number)]);
  if (code === 1) throw new Error(stderr);
  for (const login of reviewers) forge.access.review({ number, login });
  forge.access.merge({ number });
  return number;
}

const join =
  (file: string, login: string): Edit =>
  (desk) => {
    const path = `policies/acme/memberships/${file}.yaml`;
    desk.write(path, `${desk.read(path).trimEnd()}\n  - ${login}@acme.example\n`);
  };

const leave =
  (file: string, login: string): Edit =>
  (desk) =>
    desk.edit(`policies/acme/memberships/${file}.yaml`, `  - ${login}@acme.example\n`, "");

const describeGroup =
  (file: string, text: string): Edit =>
  (desk) => {
    const path = `policies/acme/groups/${file}.yaml`;
    desk.write(path, desk.read(path).replace(/^description:.*$/m, `description: ${text}`));
  };

/** What somebody with push rights can do to the ledger. */
function pushToLedger(files: Readonly<Record<string, string>>): void {
  const desk = forge.desk("ana");
  desk.git("fetch", "-q", "origin", "rolebook/ledger");
  desk.git("checkout", "-q", "--detach", "FETCH_HEAD");
  for (const [path, text] of Object.entries(files)) desk.write(path, text);
  desk.git("add", "--all");
  desk.git("commit", "-q", "-m", "acme: start");
  desk.git("push", "-q", "origin", `HEAD:${LEDGER_REF}`);
}

async function expectNothingHappens(why: RegExp): Promise<Outcome> {
  forge.simulator.counters.reset();
  const result = await applyMerged();
  expect(forge.simulator.counters.view().writes).toEqual([]);
  expect(result.held.map((item) => item.why).join("\n")).toMatch(why);
  return result;
}

/** Owners say yes to what is held, and then everything is applied. */
async function settle(number: number): Promise<void> {
  forge.access.review({ number, login: "hana" });
  expect(await applyMerged()).toMatchObject({ code: 0, held: [], converged: true });
  expect(forge.atOrigin(APPLIED_REF)).toBe(forge.access.tip("main"));
}

describe("on the ledger", () => {
  it("a start that names an approval nobody gave finishes nothing", async () => {
    const number = await merged(join("insights", "olu"), []);
    const { held } = await expectNothingHappens(/it needs an approval/);
    const startedAt = new Date().toISOString();
    const approval = {
      by: "hana@acme.example",
      at: startedAt,
      how: "reviews",
      changes: held.map(({ change }) => change),
    };
    const digest = "ab".repeat(32);
    const start = {
      version: 1,
      target: "acme",
      digest,
      startedAt,
      commit: forge.access.tip("main"),
      plan: { changes: [] },
    };
    const path = `acme/${startedAt.replace(/[-:.]/g, "")}-${digest.slice(0, 8)}/start.json`;
    pushToLedger({ [path]: JSON.stringify({ ...start, approval: { ...approval, digest, evidence: [] } }) });
    await expectNothingHappens(/it needs an approval/);
    await settle(number);
  });

  it("what is no record is in nobody's way", async () => {
    pushToLedger({
      "acme/20260101T000000000Z-abababab/start.json": "{",
      "acme/20260101T000000000Z-abababac/start.json": '{"target":"acme","startedAt":"never"}',
      "acme/20260101T000000000Z-abababad/receipt.json": '{"target":"acme","outcomes":7}',
      "acme/20260101T000000000Z-abababae/break-glass.json": "{}",
      "acme/identities/20260101T000000000Z-abababab.json": '{"identities":null}',
      "acme/identities/20260101T000000000Z-abababac.json": "[",
    });
    const number = await merged(describeGroup("insights", "After the litter"), []);
    await settle(number);
  });
});

describe("an approval", () => {
  it("is used up by what it made: what was taken back since is not given again, by a merge or by the next run", async () => {
    const junk = await merged(describeGroup("card-creators", "Held for weeks"), []);
    await merged(join("insights", "mei"));
    expect((await applyMerged()).held).toHaveLength(1);
    await merged(leave("insights", "mei"));
    expect((await applyMerged()).held).toHaveLength(1);
    await expectNothingHappens(/it needs an approval/);
    const again = await merged(join("insights", "mei"), []);
    const { held } = await expectNothingHappens(/it needs an approval/);
    expect(held).toHaveLength(2);
    forge.access.review({ number: again, login: "noor" });
    await settle(junk);
  });
});

describe("a freeze", () => {
  const window = 'from: "2020-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z", reason: Holidays';
  const freeze = `    freeze:\n      - { ${window} }\n`;

  it("is not ended by a merge that nobody agreed to, also for what was merged before; and is by one that owners did", async () => {
    await merged((desk) => desk.edit("policies/rolebook.yaml", "    limits:\n", `${freeze}    limits:\n`));
    expect(await applyMerged()).toMatchObject({ converged: false, frozen: true });
    forge.update();
    expect((await forge.rolebook(["apply"])).code).toBe(0);
    await merged(describeGroup("insights", "In the holidays"));
    await expectNothingHappens(/^$/);
    const number = await merged((desk) => desk.edit("policies/rolebook.yaml", freeze, ""), []);
    await expectNothingHappens(/weakens of the rules that judge plans is not approved/);
    await settle(number);
  });
});
