// An access review of a domain of a real Keystone: one person decides, what is revoked is applied there, and the evidence holds.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RevokedGrant } from "../../src/model/campaign.ts";
import { type Gate, openGate } from "../platform/keystone/gate.ts";
import { keystoneHarness } from "../platform/keystone/harness.ts";
import { type SharedKeystone, sharedKeystone } from "../platform/keystone/shared.ts";
import { decideIn } from "../support/campaign.ts";
import { LEDGER_REF } from "../support/forge.ts";
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
    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 } }
people:
  hana: [bo]
`;
const REVIEW = `kind: Review
name: builders
scope: {groups: [Everyone, Builders]}
reviewers: {from: named, named: [bo], fallback: [ana]}
due: 2031-12-31
`;
const BRANCH = "rolebook/review/builders";

let [folder, github, access, keystone, gate]: [Folder, GitHub, GitHubRepository, SharedKeystone, Gate] = [] as never;

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
const pullOf = (branch: string) => access.pulls().find(({ head }) => head.branch === branch)?.number ?? -1;
const recorded = (path: string) => JSON.parse(access.git("show", `${LEDGER_REF}:reviews/builders/${path}`));

beforeAll(async () => {
  keystone = await sharedKeystone();
  const seeded = await keystone.seed(keystoneHarness.seed);
  gate = await openGate(keystone.server.url);
  github = await startGitHub();
  for (const login of ["hana", "ana"]) github.addPerson({ login, email: `${login}@acme.example` });
  access = github.createRepository("acme/access");
  folder = createFolder();
  folder.git("remote", "add", "origin", access.url);
  folder.write("policies/rolebook.yaml", `${settings(gate.url, seeded.domain.name)}  ana: [ana]\n`);
  const imported = await folder.rolebook(["import"], {
    environment: { ACME_USERNAME: "admin", ACME_PASSWORD: keystone.server.adminPassword },
  });
  expect(imported.code, imported.stderr).toBe(0);
  folder.write("policies/reviews/builders.yaml", REVIEW);
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

it("goes all the way round", async () => {
  const started = await run("review", "start", "builders");
  expect([started.code, started.stderr]).toEqual([0, ""]);
  // Nobody decides on their own: what bo holds is for ana.
  folder.git("fetch", "-q", "origin", BRANCH);
  folder.git("checkout", "-q", "-B", BRANCH, "FETCH_HEAD");
  for (const login of ["ana", "hana"]) {
    const path = `policies/reviews/builders/${login}.yaml`;
    const decided = decideIn(folder.read(path), ({ member, through, roles }) => {
      expect(member).not.toBe(login === "hana" ? "bo" : "ana");
      // What ana was given directly on one of the projects stays.
      const goes = member === "ana" && through?.join() === "Builders" && roles === undefined;
      return goes ? ["revoke", "Builds no more"] : ["keep", `${member} needs it`];
    });
    folder.write(path, decided);
  }
  folder.commit("decisions");
  folder.git("push", "-q", "origin", BRANCH);
  const number = pullOf(BRANCH);
  for (const login of ["ana", "hana"]) access.review({ number, login });
  const status = await run("review", "status");
  expect([status.code, status.stderr], status.stdout).toEqual([0, ""]);
  access.merge({ number });
  expect((await run("review", "close")).code).toBe(2);

  const changes = pullOf(`${BRANCH}-changes`);
  await run("plan", "--pull-request", String(changes));
  access.review({ number: changes, login: "hana" });
  access.merge({ number: changes });
  const written = gate.effectiveWrites();
  const applied = await run("apply", "--merged");
  expect([applied.code, applied.stderr], applied.stdout).toEqual([0, ""]);
  expect(gate.effectiveWrites() - written).toBe(1);
  const closed = await run("review", "close");
  expect([closed.code, closed.stderr], closed.stdout).toEqual([0, ""]);
  const revoked: readonly RevokedGrant[] = recorded("evidence/revoked.json");
  expect(revoked.map(({ member, resource, scope }) => `${member} ${resource} in ${scope}`).sort()).toEqual([
    "ana member in dev",
    "ana reader in dev",
    "ana reader in production",
  ]);
  const verified = await run("review", "verify", "builders");
  expect([verified.code, verified.stderr], verified.stdout).toEqual([0, ""]);
}, 300_000);
