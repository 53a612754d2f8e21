// `plan --pull-request` as a job of Actions runs it: a shallow clone of main, a credential that can only read the platform, and a
// host that is told through its API. What people see on the pull request is what merging it would do.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readShown } from "../../src/model/shown.ts";
import { CLIENTS, LOCAL_SECRETS } from "../../src/simulator/server.ts";
import { injections } from "../report/injections.ts";
import { type Forge, forgeWorld, type HostRun } from "../support/forge.ts";
import type { Folder } from "../support/world.ts";

const READER = { ACME_CLIENT_ID: CLIENTS.reader, ACME_CLIENT_SECRET: LOCAL_SECRETS.reader };
const ROLE = "policies/acme/roles/card-editor.yaml";
const CREATORS = "policies/acme/memberships/card-creators.yaml";
const INSIGHTS = "policies/acme/groups/insights.yaml";
const SETTINGS = "policies/rolebook.yaml";

const HOSTILE = "@octocat </details><img src=x onerror=alert(1)> #1 https://evil.example ```\\n| a | b |";

let forge: Forge;
beforeAll(async () => {
  forge = await forgeWorld();
});
afterAll(() => forge?.close());
afterEach(() => {
  for (const { number, state } of forge.access.pulls()) if (state === "open") forge.access.closePull(number);
  forge.github.clearRequests();
});

/** Plans as the job does, in a fresh clone of depth 1. */
const plan = (number: number | "all", args: readonly string[] = [], run: HostRun = {}) =>
  forge.checkout().rolebook(["plan", "--pull-request", String(number), ...args], {
    ...run,
    environment: { ...READER, ...run.environment },
  });
const comments = (number: number) => forge.access.comments(number).map(({ body }) => body);
const checks = (number: number) => forge.access.checks(forge.access.pull(number).head.commit, "rolebook");
const check = (number: number) => checks(number).at(-1);
const shown = (number: number) => readShown(check(number)?.text ?? "") ?? [];
const writes = () => forge.github.requests({ writes: true }).map(({ method, path }) => `${method} ${path}`);
const widen = (desk: Folder) => desk.edit(ROLE, "Card template: edit", "Card template: admin");
const leaves = (name: string) => (desk: Folder) => desk.edit(CREATORS, `  - ${name}@acme.example\n`, "");

let branches = 0;
const propose = (edit: (desk: Folder) => void, login = "ana") => {
  branches += 1;
  return forge.propose({ login, branch: `branch-${branches}`, edit });
};

describe("a pull request", () => {
  it("gets one comment and a check, which stay as they are while nothing changes, and follow what does", async () => {
    const number = propose(widen);
    const first = await plan(number);
    expect([first.code, first.stderr]).toEqual([2, ""]);
    expect(comments(number)).toHaveLength(1);
    expect(comments(number)[0]).toMatch(/^<!-- rolebook:plan -->\n.*\n\n### \d+ people gain access\n/);
    expect(comments(number)[0]).toMatch(/1 escalating change needs 1 approval of `hana`, `noor`/);
    expect(check(number)).toMatchObject({ conclusion: "action_required", app: { slug: "github-actions" } });
    const [{ digest, changes } = { digest: "", changes: [] }] = shown(number);
    expect(changes).toHaveLength(1);
    expect(comments(number)[0]).toContain(digest);
    forge.github.clearRequests();
    expect((await plan(number)).code).toBe(2);
    expect(writes()).toEqual([]);

    forge.amend(number, leaves("lars"));
    expect((await plan(number)).code).toBe(2);
    expect(comments(number)).toHaveLength(1);
    expect(comments(number)[0]).toMatch(/### \d+ people gain access, 1 loses access/);
    expect(shown(number)[0]?.changes).toHaveLength(2);
    expect(forge.simulator.counters.view().writes).toEqual([]);
  });

  it("passes once an owner has approved what it shows, and not any more when it does more", async () => {
    const number = propose(widen);
    await plan(number);
    const review = forge.access.review({ number, login: "hana" });
    const approved = await plan(number);
    expect([approved.code, check(number)?.conclusion]).toEqual([0, "success"]);
    expect(comments(number)[0]).toContain("**Approved.**");
    expect(checks(number)).toHaveLength(2);
    forge.amend(number, leaves("lars"));
    expect((await plan(number)).code).toBe(2);
    expect(check(number)?.conclusion).toBe("action_required");
    expect(forge.access.reviews(number).find(({ id }) => id === review)?.state).toBe("DISMISSED");
  });

  it("is not approved by whoever wrote it", async () => {
    const number = propose(widen, "hana");
    await plan(number);
    forge.access.review({ number, login: "noor", state: "commented" });
    expect((await plan(number)).code).toBe(2);
    expect(comments(number)[0]).toMatch(/needs 1 approval of `noor`\./);
  });

  it("that touches no policies is told nothing, and one that no longer does says so", async () => {
    const number = propose((desk) => desk.write("README.md", "Hello.\n"));
    const quiet = await plan(number);
    expect([quiet.code, quiet.stdout]).toEqual([0, ""]);
    expect(quiet.stderr).toContain("touches nothing that Rolebook looks after");
    expect([comments(number), checks(number), writes()]).toEqual([[], [], []]);

    const other = propose(widen);
    await plan(other);
    forge.amend(other, (desk) => desk.edit(ROLE, "Card template: admin", "Card template: edit"));
    expect((await plan(other)).code).toBe(0);
    expect(comments(other)).toHaveLength(1);
    expect(comments(other)[0]).toContain("touches no policies any more");
  });

  it("that goes into another branch, or is closed, has nothing to be planned", async () => {
    const number = propose(widen);
    forge.access.closePull(number);
    const closed = await plan(number);
    expect([closed.code, closed.stderr]).toEqual([0, expect.stringContaining("is not open any more")]);
    expect(writes()).toEqual([]);
  });

  it("leaves the clone as it is: work tree, index, branches and HEAD", async () => {
    const number = propose(widen);
    const clone = forge.checkout();
    clone.write("policies/scratch.txt", "mine\n");
    const state = () => [
      clone.git("status", "--porcelain=v2", "--branch"),
      clone.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/main", "refs/remotes"),
      clone.git("ls-files", "--stage"),
    ];
    const before = state();
    expect((await clone.rolebook(["plan", "--pull-request", String(number)], { environment: READER })).code).toBe(2);
    expect(state()).toEqual(before);
  });

  it("that moves while it is read: what is told is about the commit that was read, and never over what is newer", async () => {
    const number = propose(widen);
    const older = forge.access.pull(number).head.commit;
    const newer = forge.amend(number, leaves("lars"));
    // Git says the older commit, as it did a moment ago; the API knows better.
    forge.access.git("update-ref", `refs/pull/${number}/head`, older);
    expect((await plan(number)).code).toBe(2);
    expect(forge.access.checks(older, "rolebook")).toHaveLength(1);
    expect(forge.access.checks(newer, "rolebook")).toEqual([]);
    expect(comments(number)).toEqual([expect.stringContaining(`<!-- rolebook:commit ${older} -->`)]);
    forge.access.git("update-ref", `refs/pull/${number}/head`, newer);
    expect((await plan(number)).code).toBe(2);
    const told = comments(number);
    expect(told).toEqual([expect.stringContaining(`<!-- rolebook:commit ${newer} -->`)]);
    forge.access.git("update-ref", `refs/pull/${number}/head`, older);
    expect((await plan(number)).code).toBe(2);
    expect(comments(number)).toEqual(told);
    forge.access.git("update-ref", `refs/pull/${number}/head`, newer);
  });

  it("is planned from a bare repository, and from a folder below the root, alike", async () => {
    const number = propose(widen);
    await plan(number);
    const told = [comments(number), checks(number).length];
    const clone = forge.checkout({ depth: 0 });
    clone.git("clone", "-q", "--bare", forge.access.url, "bare.git");
    const args = ["plan", "--pull-request", String(number)];
    const environment = { ...forge.environment(), ...READER };
    const { runProcess } = await import("../support/world.ts");
    expect((await runProcess(`${clone.dir}/bare.git`, args, { environment })).code).toBe(2);
    clone.git("-C", "bare.git", "config", "remote.origin.url", forge.access.url);
    const below = await runProcess(`${clone.dir}/policies/acme`, [...args, "--policies", ".."], { environment });
    expect([below.code, below.stderr]).toEqual([2, ""]);
    expect([comments(number), checks(number).length]).toEqual(told);
  });
});

describe("what is pending", () => {
  it("is told apart, not approved, and the ids shown are those that a plan finds once it was applied", async () => {
    forge.pushToMain("bo", (desk) => {
      desk.edit(INSIGHTS, "name: Insights", "name: Insight desk\npreviously: Insights");
      desk.edit("policies/acme/memberships/insights.yaml", "group: Insights", "group: Insight desk");
      desk.write(
        "policies/acme/members/uma.yaml",
        "kind: Member\nemail: uma@acme.example\nfirstName: Uma\nlastName: Ito\n",
      );
    });
    const number = propose((desk) => {
      desk.edit(ROLE, "Theme: view", "Theme: edit");
      desk.edit(CREATORS, "members:\n", "members:\n  - uma@acme.example\n");
      desk.edit(INSIGHTS, "The insights dashboard", "All dashboards");
      desk.edit("policies/acme/memberships/insights.yaml", "members:\n", "members:\n  - uma@acme.example\n");
    });
    const result = await plan(number, ["--format", "json"]);
    expect(result.code, result.stderr).toBe(2);
    const { targets } = JSON.parse(result.stdout);
    expect(targets[0].pending.changes.map(({ name }: { name: string }) => name).sort()).toEqual([
      "Insight desk",
      "uma@acme.example",
    ]);
    expect(targets[0].plan.changes.map(({ name }: { name: string }) => name).sort()).toEqual([
      "Card editor",
      "Insight desk",
      "uma@acme.example in Card creators",
      "uma@acme.example in Insight desk",
    ]);
    expect(comments(number)[0]).toContain("Pending on the base branch already (2): not part of this");
    const ids = shown(number)[0]?.changes ?? [];
    const pending = targets[0].pending.changes.map(({ id }: { id: string }) => id);
    expect(ids.filter((id) => pending.includes(id))).toEqual([]);

    const main = await forge.rolebook(["plan", "--format", "json"]);
    expect(JSON.parse(main.stdout).digest).toBe(targets[0].pending.digest);
    expect((await forge.rolebook(["apply", "--approve", targets[0].pending.digest])).code).toBe(0);
    forge.access.merge({ number, method: "merge" });
    const after = JSON.parse((await forge.rolebook(["plan", "--format", "json"])).stdout);
    expect(after.changes.map(({ id }: { id: string }) => id).sort()).toEqual([...ids].sort());
    expect(after.digest).toBe(targets[0].plan.digest);
    expect((await forge.rolebook(["apply", "--approve", after.digest])).code).toBe(0);
  });

  it("`all` reads the platform once for all of them, and tells each", async () => {
    const numbers = [
      propose((desk) => desk.edit(CREATORS, "  - bo@acme.example\n", "")),
      propose(leaves("lars")),
      propose((desk) => desk.write("README.md", "x\n")),
    ];
    forge.simulator.counters.reset();
    const one = await plan(numbers[0] ?? 0, ["--quiet"]);
    const requests = forge.simulator.counters.view().requests;
    forge.simulator.counters.reset();
    const all = await plan("all", ["--format", "json"]);
    expect([one.code, all.code, all.stderr]).toEqual([
      2,
      2,
      expect.stringContaining(`Pull request ${numbers[2]} touches nothing`),
    ]);
    expect(forge.simulator.counters.view().requests).toEqual(requests);
    expect(JSON.parse(all.stdout).map(({ number }: { number: number }) => number)).toEqual(numbers.slice(0, 2));
    expect(numbers.map((number) => comments(number).length)).toEqual([1, 1, 0]);
  });
});

describe("what is refused", () => {
  it("what does not merge, and which files", async () => {
    const number = propose((desk) => desk.edit(INSIGHTS, "description: ", "description: Topic. "));
    forge.pushToMain("bo", (desk) => desk.edit(INSIGHTS, "description: ", "description: Main. "));
    const result = await plan(number);
    expect([result.code, result.stderr]).toEqual([1, ""]);
    expect(check(number)).toMatchObject({ conclusion: "failure" });
    expect(check(number)?.title).toBe("Refused: 1 file cannot be merged with the base branch");
    expect(comments(number)[0]).toContain("- `policies/acme/groups/insights.yaml`");
    forge.pushToMain("bo", (desk) => desk.edit(INSIGHTS, "description: Main. ", "description: "));
  });

  it("what is wrong with the files, at its line, and as SARIF", async () => {
    const number = propose((desk) => desk.edit(CREATORS, "group: Card creators", "group: Card craetors"));
    const clone = forge.checkout();
    const args = ["plan", "--pull-request", String(number), "--sarif", "findings.sarif"];
    const result = await clone.rolebook(args, { environment: READER });
    expect(result.code).toBe(1);
    expect(check(number)?.conclusion).toBe("failure");
    expect(check(number)?.annotations).toContainEqual(
      expect.objectContaining({ path: CREATORS, annotation_level: "failure", title: "unknown-group" }),
    );
    const sarif = JSON.parse(clone.read("findings.sarif"));
    expect(sarif.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toContain("unknown-group");
  });

  it("what nobody may approve of without its owners: weaker rules, said first; another system, said loudly and never asked", async () => {
    const number = propose((desk) => {
      desk.edit(SETTINGS, forge.url, "http://127.0.0.1:9");
      desk.edit(SETTINGS, "group: { share: 1, count: 100 }", "group: { share: 1, count: 200 }");
    });
    const result = await plan(number);
    expect([result.code, result.stderr]).toEqual([2, ""]);
    expect(comments(number)[0]).toContain("it weakens the rules that judge plans (2)");
    expect(comments(number)[0]).toContain(
      "This changes url of acme. It is planned against the system that the base names",
    );
    expect(comments(number)[0]).toContain("limits.group.count of acme is raised from 100 to 200");
    expect(comments(number)[0]).toContain("2 weakenings of the rules need 1 approval each of `hana`, `noor`");
    expect(shown(number)[0]?.weakens).toHaveLength(2);
  });

  it("a platform that cannot be read is told, and never a pass", async () => {
    const number = propose(widen);
    const result = await plan(number, [], { environment: { ACME_CLIENT_ID: "", ACME_CLIENT_SECRET: "" } });
    expect(result.code).toBe(1);
    expect(check(number)?.conclusion).toBe("failure");
    expect(comments(number)[0]).toContain("ACME_CLIENT_ID and ACME_CLIENT_SECRET are not set");
    expect(shown(number)).toEqual([]);
  });

  it("a token that may not write is told so, after the plan was shown", async () => {
    const number = propose(widen);
    const result = await plan(number, [], { token: "read" });
    expect(result.code).toBe(1);
    expect(result.stdout).toContain("people gain access");
    expect(result.stderr).toContain("does not let this credential write the comment");
    expect(result.stderr).toContain("checks: write");
    expect(comments(number)).toEqual([]);
    const quiet = await plan(number, ["--quiet"], { token: "read" });
    expect([quiet.code, quiet.stderr, writes().length]).toEqual([2, "", 2]);
  });
});

describe("a target that is new", () => {
  it("is checked and not planned, since nothing trusted says how to reach it", async () => {
    const number = propose((desk) => {
      desk.edit(
        SETTINGS,
        "targets:\n",
        "targets:\n  - name: spare\n    platform: atomic\n    url: http://127.0.0.1:9\n    organization: spare\n    credentials: { clientId: ACME_CLIENT_ID, clientSecret: ACME_CLIENT_SECRET }\n    environments: [dev]\n",
      );
      desk.write("policies/spare/roles/r.yaml", "kind: Role\nname: R\npermissions: { Theme: view }\n");
    });
    const result = await plan(number);
    expect([result.code, result.stderr]).toEqual([0, ""]);
    expect(check(number)?.conclusion).toBe("neutral");
    expect(comments(number)[0]).toContain("there is no trusted connection to plan it by");
    forge.amend(number, (desk) =>
      desk.write("policies/spare/roles/r.yaml", "kind: Role\nname: R\npermissions: { Theme: nonsense }\n"),
    );
    expect((await plan(number)).code).toBe(1);
    expect(comments(number)[0]).toContain("unknown-level");
  });
});

describe("a target that goes", () => {
  it("takes the approval of its owners, though nothing changes on the platform", async () => {
    const number = propose((desk) => desk.write(SETTINGS, "kind: Settings\ntargets: []\n"));
    const result = await plan(number);
    expect([result.code, comments(number)[0]]).toEqual([1, expect.stringContaining("The settings cannot be read")]);
    forge.amend(number, (desk) => {
      desk.git("checkout", "-q", "origin/main", "--", SETTINGS);
      desk.edit(SETTINGS, "  - name: acme\n", "  - name: renamed\n");
      desk.git("mv", "policies/acme", "policies/renamed");
    });
    expect((await plan(number)).code).toBe(2);
    expect(comments(number)[0]).toContain("Target acme is taken out of the settings");
    expect(comments(number)[0]).toContain("1 weakening of the rules needs 1 approval of `hana`, `noor`");
    forge.access.review({ number, login: "noor" });
    expect((await plan(number)).code).toBe(0);
    expect(check(number)?.conclusion).toBe("neutral");
  });
});

describe("a fork", () => {
  it("is planned by trusted code alone: its files are data, and nothing on the platform is written", async () => {
    const fork = forge.access.fork("mallory");
    const desk = forge.desk("mei");
    desk.git("fetch", "-q", "origin");
    desk.git("checkout", "-q", "-B", "evil", "origin/main");
    widen(desk);
    desk.write(".git-hooks/post-checkout", "#!/bin/sh\ntouch /tmp/owned\n");
    const entry = `  - email: noor@acme.example\n    reason: ${JSON.stringify(HOSTILE)}\n`;
    desk.edit(CREATORS, "members:\n", `members:\n${entry}`);
    desk.write("rolebook.config.js", "process.exit(3)\n");
    desk.commit("@octocat please look\n\n<img src=x>");
    desk.git("push", "-q", "--force", fork.bare, "evil");
    const number = forge.access.openPull({ head: "evil", author: "mallory", from: fork, title: "@octocat" });
    forge.simulator.counters.reset();
    const result = await plan(number);
    expect([result.code, result.stderr]).toEqual([2, ""]);
    expect(comments(number)).toHaveLength(1);
    expect(check(number)?.conclusion).toBe("action_required");
    expect(forge.simulator.counters.view().writes).toEqual([]);
    const body = comments(number)[0] ?? "";
    expect(body).toContain("@octocat");
    expect(injections(body.replace(/^(?:<!-- rolebook:[a-z]+(?: [0-9a-f]{40})? -->\n){2}/, ""))).toEqual([]);
    expect(injections(check(number)?.summary ?? "@octocat")).toEqual([]);
  });
});

describe("waivers", () => {
  it("name the digest that is shown, and adding one does not change it", async () => {
    forge.pushToMain("hana", (desk) =>
      desk.edit(SETTINGS, "group: { share: 1, count: 100 }", "group: { share: 0.2, count: 1 }"),
    );
    expect((await forge.rolebook(["apply"])).code).toBe(0);
    const number = propose((desk) => {
      for (const name of ["ana", "bo", "lars"]) leaves(name)(desk);
    }, "mei");
    const held = await plan(number);
    expect(held.code).toBe(1);
    const [{ digest } = { digest: "" }] = shown(number);
    expect(comments(number)[0]).toContain(`Digest of this plan: \`${digest}\``);
    expect(comments(number)[0]).toContain(`kind: Waiver, target: acme, plan: ${digest}`);
    forge.amend(number, (desk) =>
      desk.write(
        "policies/waivers/desk.yaml",
        `kind: Waiver\nname: The desk is dissolved\ntarget: acme\nplan: ${digest}\nlimit: group\nof: Card creators\nallows: 3\nreason: They move\napprover: hana@acme.example\n`,
      ),
    );
    const waived = await plan(number);
    expect([waived.code, waived.stderr]).toEqual([2, ""]);
    expect(shown(number)[0]?.digest).toBe(digest);
    expect(comments(number)[0]).toContain("Waivers used: `The desk is dissolved`.");
  });
});

describe("for the job", () => {
  it("writes the whole plan to a file and to the step summary", async () => {
    const number = propose(widen);
    const clone = forge.checkout();
    clone.write("summary.md", "before\n");
    const args = ["plan", "--pull-request", String(number), "--format", "json", "--output", "plan.json"];
    const result = await clone.rolebook(args, {
      environment: { ...READER, GITHUB_STEP_SUMMARY: `${clone.dir}/summary.md` },
    });
    expect([result.code, result.stdout]).toEqual([2, ""]);
    expect(JSON.parse(clone.read("plan.json"))).toMatchObject({ version: 1, number, conclusion: "action_required" });
    expect(clone.read("summary.md")).toMatch(/^before\n### \d+ people gain access\n/);
  });

  it("options that mean nothing without a pull request are refused", async () => {
    const result = await forge.checkout().rolebook(["plan", "--sarif", "x.sarif"]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("--sarif goes with --pull-request")]);
  });

  it.each([
    [["--overwrite", "Role/x"], "--overwrite does not go with --pull-request"],
    [["--target", "acme"], "--target does not go with --pull-request"],
    [["--offline"], "--offline does not go with --pull-request"],
  ])("options that would be passed over are refused: %j", async (args, message) => {
    const result = await plan(1, args);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
