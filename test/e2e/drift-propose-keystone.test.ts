// Drift of a real Keystone as a pull request: edits by hand of every kind, one pull request, and after merging it nothing to do.
// Keystone keeps no log that can be read, and that is said.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DriftProposalOutput } from "../../src/generated/types/output-driftProposal.ts";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { type Gate, openGate } from "../platform/keystone/gate.ts";
import { keystoneHarness } from "../platform/keystone/harness.ts";
import { type SharedKeystone, sharedKeystone } from "../platform/keystone/shared.ts";
import { type GitHub, type GitHubRepository, startGitHub } from "../support/github/github.ts";
import { createFolder, type Folder } from "../support/world.ts";

const BRANCH = "rolebook/drift/acme";

const settings = (url: string, domain: string) => `kind: Settings
targets:
  - name: acme
    platform: keystone
    url: ${url}
    organization: ${domain}
    credentials: { username: ACME_USERNAME, password: ACME_PASSWORD }
    options: { userDomain: Default, project: admin, projectDomain: Default }
    environments: [dev, test, production]
    drift: propose
    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 } }
`;

let [folder, github, access, keystone, gate]: [Folder, GitHub, GitHubRepository, SharedKeystone, Gate] = [] as never;
let ids: ReadonlyMap<string, string>;

const run = (...args: readonly string[]) => {
  folder.git("fetch", "-q", "origin", "main");
  folder.git("checkout", "-q", "-B", "main", "FETCH_HEAD");
  return folder.rolebook(args, { environment: environment() });
};
const environment = () => ({
  ACME_USERNAME: "admin",
  ACME_PASSWORD: keystone.server.adminPassword,
  GITHUB_REPOSITORY: access.name,
  GITHUB_API_URL: github.url,
  GITHUB_TOKEN: access.tokens.write,
});
const drift = async () => {
  const { code, stdout, stderr } = await run("drift", "--propose", "--format", "json");
  if (stdout === "") throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as DriftProposalOutput) };
};

beforeAll(async () => {
  keystone = await sharedKeystone();
  const seeded = await keystone.seed(keystoneHarness.seed);
  ids = seeded.ids;
  gate = await openGate(keystone.server.url);
  github = await startGitHub();
  access = github.createRepository("acme/access");
  folder = createFolder();
  folder.git("remote", "add", "origin", access.url);
  folder.write("policies/rolebook.yaml", settings(gate.url, seeded.domain.name));
  expect((await folder.rolebook(["import"], { environment: environment() })).code).toBe(0);
  folder.commit("import");
  folder.git("push", "-q", "origin", "main");
  expect((await run("apply")).code).toBe(0);
});
afterAll(async () => {
  folder?.remove();
  await gate?.close();
  await github?.close();
});

const id = (key: string) => ids.get(key) ?? key;

async function editByHand(): Promise<void> {
  const { call } = keystone.admin;
  const [dev, production] = ["Project/dev", "Project/production"].map(id);
  const [builders, everyone] = ["Group/Builders", "Group/Everyone"].map(id);
  await call("PUT", `/projects/${production}/groups/${everyone}/roles/${id("Role/reader")}`);
  await call("DELETE", `/projects/${dev}/groups/${builders}/roles/${id("Role/member")}`);
  await call("PUT", `/groups/${everyone}/users/${id("Member/ana")}`);
  await call("DELETE", `/groups/${builders}/users/${id("Member/bo")}`);
  await call("PATCH", `/users/${id("Member/bo")}`, { user: { description: "Third line: @all | <b>" } });
  await call("PATCH", `/users/${id("Member/leaver")}`, { user: { enabled: false } });
  await call("PATCH", `/groups/${builders}`, { group: { description: "Build everything" } });
  await call("DELETE", `/roles/${id("Role/operator")}/implies/${id("Role/member")}`);
  await call("DELETE", `/groups/${id("Group/Old group")}`);
  await call("DELETE", `/roles/${id("Role/old role")}`);
  await call("PUT", `/projects/${dev}/users/${id("Member/ana")}/roles/${id("Role/auditor")}`);
  await call("PATCH", `/users/${id("Member/bo")}`, { user: { email: "bo.ng@acme.example" } });
}

describe("drift of a Keystone domain", () => {
  it("is adopted by one pull request, and settled by merging it", async () => {
    expect(await drift()).toMatchObject({ code: 0, state: "none", drift: 0 });
    await editByHand();
    const written = gate.effectiveWrites();
    const opened = await drift();
    expect(opened).toMatchObject({ code: 2, state: "opened", escalates: true, failure: null, refused: [] });
    await expect(access.git("diff", "main", BRANCH)).toMatchFileSnapshot("golden/drift-pull-keystone.diff");
    const body = access.pull(opened.pull ?? 0).body ?? "";
    expect(body).toContain("by whom is not known (the platform keeps no log that can be read)");
    expect(body).not.toContain("@all");
    const tip = access.tip(BRANCH);
    expect(await drift()).toMatchObject({ state: "same", pull: opened.pull });
    expect([access.tip(BRANCH), access.pull(opened.pull ?? 0).body]).toEqual([tip, body]);

    access.merge({ number: opened.pull ?? 0, method: "rebase" });
    const { stdout, code } = await run("plan", "--format", "json");
    const plan = JSON.parse(stdout) as PlanOutput;
    expect([code, plan.changes, plan.drift, plan.conflicts]).toEqual([2, [], [], []]);
    expect(plan.weakens.every(({ label }) => label === "escalating")).toBe(true);
    expect((await run("apply", "--approve", plan.digest)).code).toBe(0);
    expect(gate.effectiveWrites()).toBe(written);
    expect(await drift()).toMatchObject({ code: 0, state: "none", drift: 0 });
  });
});
