// The main path of the loop against a real Keystone: planned on the pull request, approved, merged,
// applied, recorded at the remote; held where nobody approved it; drift adopted without a write.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Receipt } from "../../src/model/receipt.ts";
import { readShown } from "../../src/model/shown.ts";
import { type Gate, openGate } from "../platform/keystone/gate.ts";
import { keystoneHarness } from "../platform/keystone/harness.ts";
import { type SharedKeystone, sharedKeystone } from "../platform/keystone/shared.ts";
import { APPLIED_REF, LEDGER_REF } from "../support/forge.ts";
import { type GitHub, type GitHubRepository, startGitHub } from "../support/github/github.ts";
import { createFolder, type Folder } from "../support/world.ts";

const settings = (url: string, domain: string) => `kind: Settings
targets:
  - name: acme
    platform: keystone
    url: ${url}
    organization: ${domain}
    credentials: { username: ACME_USERNAME, password: ACME_PASSWORD }
    options: { userDomain: Default, project: admin, projectDomain: Default }
    environments: [dev, test, production]
    owners: [bo]
    drift: propose
    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 } }
people:
  hana: [bo]
`;

let [folder, github, access, keystone, gate]: [Folder, GitHub, GitHubRepository, SharedKeystone, Gate] = [] as never;
let ids: ReadonlyMap<string, string>;

const run = (...args: readonly string[]) => {
  folder.git("fetch", "-q", "origin", "main");
  folder.git("checkout", "-q", "-B", "main", "FETCH_HEAD");
  return folder.rolebook(args, {
    environment: {
      ACME_USERNAME: "admin",
      ACME_PASSWORD: keystone.server.adminPassword,
      GITHUB_REPOSITORY: access.name,
      GITHUB_API_URL: github.url,
      GITHUB_TOKEN: access.tokens.write,
      GITHUB_STEP_SUMMARY: "",
      GITHUB_EVENT_NAME: "",
    },
  });
};
const apply = async () => {
  const { code, stdout, stderr } = await run("apply", "--merged", "--format", "json");
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return { code, ...JSON.parse(stdout).targets[0] };
};
const check = (number: number) => access.checks(access.pull(number).head.commit, "rolebook").at(-1);
const applied = () => access.git("rev-parse", APPLIED_REF).trim();

beforeAll(async () => {
  keystone = await sharedKeystone();
  const seeded = await keystone.seed(keystoneHarness.seed);
  ids = seeded.ids;
  gate = await openGate(keystone.server.url);
  github = await startGitHub();
  for (const login of ["hana", "ana"]) github.addPerson({ login, email: `${login}@acme.example` });
  access = github.createRepository("acme/access");
  folder = createFolder();
  folder.git("remote", "add", "origin", access.url);
  folder.write("policies/rolebook.yaml", settings(gate.url, seeded.domain.name));
  const imported = await folder.rolebook(["import"], {
    environment: { ACME_USERNAME: "admin", ACME_PASSWORD: keystone.server.adminPassword },
  });
  expect(imported.code, imported.stderr).toBe(0);
  folder.commit("import");
  folder.git("push", "-q", "origin", "main");
  const first = await run("apply");
  expect(first.code, first.stdout + first.stderr).toBe(0);
});
afterAll(async () => {
  folder?.remove();
  await gate?.close();
  await github?.close();
});

function propose(branch: string, text: string): number {
  folder.git("checkout", "-q", "-B", branch, "main");
  const file = folder.git("grep", "-l", "^name: Everyone", "--", "policies").trim().split("\n")[0] ?? "";
  const before = folder.read(file).replace(/^description:.*\n/m, "");
  folder.write(file, before.replace(/^name: Everyone\n/m, `name: Everyone\ndescription: ${text}\n`));
  folder.commit(branch);
  folder.git("push", "-q", "origin", branch);
  return access.openPull({ head: branch, author: "ana" });
}

it("goes all the way round", async () => {
  const number = propose("one", "All of us");
  const waiting = await run("plan", "--pull-request", String(number));
  expect([waiting.code, waiting.stderr, check(number)?.conclusion]).toEqual([2, "", "action_required"]);
  access.review({ number, login: "hana" });
  expect((await run("plan", "--pull-request", String(number))).code).toBe(0);
  expect(check(number)?.conclusion).toBe("success");
  const [shown] = readShown(check(number)?.text ?? "") ?? [];
  access.merge({ number, method: "squash" });
  const written = gate.effectiveWrites();
  expect(await apply()).toMatchObject({ code: 0, held: [], converged: true, outcomes: [{ status: "applied" }] });
  expect([gate.effectiveWrites() - written, applied()]).toEqual([1, access.tip("main")]);
  const paths = access.git("ls-tree", "-r", "--name-only", LEDGER_REF).trim().split("\n");
  const receipt = JSON.parse(
    access.git("show", `${LEDGER_REF}:${paths.filter((path) => path.includes("receipt")).at(-1)}`),
  ) as Receipt;
  expect(receipt.approval).toMatchObject({ how: "reviews", by: "bo", evidence: [{ pull: number, login: "hana" }] });
  expect(receipt.approval.changes).toEqual(shown?.changes);
  expect((await run("plan")).code).toBe(0);

  const held = propose("two", "Not agreed");
  await run("plan", "--pull-request", String(held));
  access.merge({ number: held, method: "rebase" });
  expect(await apply()).toMatchObject({ code: 2, outcomes: [], held: [{ pull: held }] });
  expect(gate.effectiveWrites() - written).toBe(1);
  access.review({ number: held, login: "hana" });
  expect(await apply()).toMatchObject({ code: 0, held: [], outcomes: [{ status: "applied" }] });
  expect(access.issues().filter(({ state }) => state === "open")).toEqual([]);

  const everyone = ids.get("Group/everyone") ?? ids.get("Group/Everyone") ?? "";
  await keystone.admin.call("PATCH", `/groups/${everyone}`, { group: { description: "By hand" } });
  const drifted = JSON.parse((await run("drift", "--propose", "--format", "json")).stdout);
  expect(drifted).toMatchObject({ state: "opened", failure: null });
  expect((await run("plan", "--pull-request", String(drifted.pull))).code).toBe(0);
  access.merge({ number: drifted.pull });
  const before = gate.effectiveWrites();
  expect(await apply()).toMatchObject({ code: 0, held: [], outcomes: [], converged: true });
  expect([gate.effectiveWrites(), applied()]).toEqual([before, access.tip("main")]);
  expect((await run("plan")).code).toBe(0);
}, 300_000);
