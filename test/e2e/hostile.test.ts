// Hostile names everywhere at once, through the built command line, real Git and a Git host over HTTP: on the platform, in files, in
// branches, titles and commits. What is told is judged by a parser; and told again with nothing new, nothing is written at all.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { terminalDangers } from "../report/hostile.ts";
import { injections } from "../report/injections.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";
import { createFolder, settingsFor } from "../support/world.ts";

const BRANCH = "rolebook/drift/acme";
const EVIL =
  "fixes #1 @octocat @acme/admins </details><img src=x onerror=alert(1)> https://evil.example ``` | a | <!-- x";
const LINES = "a\n::error::owned\n##[add-mask]x\u001b[31m\u202e";
const GROUP = "policies/acme/groups/insights.yaml";
const CREATORS = "policies/acme/memberships/card-creators.yaml";

let forge: Forge | undefined;
afterEach(() => forge?.close());

/** Comments that are read back by us alone. */
const withoutMarkers = (text: string) => text.replaceAll(/^<!-- (?:rolebook:[a-z-]+|pulls)[ \w/.,:-]* -->$/gm, "");

/** Nothing in it is a mention, a link, markup or a command that we did not mean. */
function expectHarmless(text: string): void {
  expect(injections(withoutMarkers(text.replaceAll("\r\n", "\n"))).filter((one) => !/#\d+$/.test(one))).toEqual([]);
}

it("is told as names, once: on pull requests, in checks, issues, commits, summaries and at the terminal", async () => {
  const world = await forgeWorld({ target: "    drift: propose\n" });
  forge = world;
  const { access } = world;
  const summary = join(world.dir, "..", `${world.dir.split("/").at(-1)}-summary.md`);
  writeFileSync(summary, "");
  const run = async (...args: string[]) => {
    const environment = { GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: "true", GITHUB_ACTOR: "ana" };
    const { stdout, stderr, code } = await world.rolebook(args, { environment });
    for (const text of [stdout, stderr]) expect([args, terminalDangers(text)]).toEqual([args, []]);
    expect([args, code]).not.toEqual([args, 70]);
    return { stdout, stderr, code };
  };
  const number = world.propose({
    login: "bo",
    branch: "fixes-#1-@octocat",
    title: EVIL,
    message: `${EVIL}\n\ncloses #1\n::error::x`,
    edit: (desk) => {
      desk.edit(GROUP, "The insights dashboard", JSON.stringify(EVIL));
      desk.edit(
        CREATORS,
        "members:\n",
        `members:\n  - email: ravi@acme.example\n    reason: ${JSON.stringify(EVIL)}\n`,
      );
    },
  });
  await run("plan", "--pull-request", String(number));
  expect(access.comments(number)).toHaveLength(1);
  access.merge({ number, method: "squash", login: "hana" });
  await run("apply", "--merged");

  const by = "mal+@octocat@acme.example";
  await world.byHand("PATCH", "/v1/roles/rAuditLg96", { description: `${EVIL} ${LINES}` }, "noor@acme.example");
  await world.byHand("PATCH", "/v1/members/mBo05Tg6hj", { lastName: EVIL.slice(0, 60) }, by).catch(() => undefined);
  await world.byHand("POST", "/v1/groups/gCardPb5Et/members/batch", { add: ["mLars09Ol2"], remove: [] });
  await run("drift", "--propose");
  await run("drift");
  await run("doctor");

  const drift = access.pulls().find(({ head }) => head.branch === BRANCH);
  expect(drift?.state).toBe("open");
  const said = access.git("log", "-1", "--format=%an <%ae>%n%B", BRANCH);
  expect(said).not.toMatch(/octocat|evil|fixes|#\d/);
  const bodies = [
    drift?.body ?? "",
    ...access.comments(number).map(({ body }) => body),
    ...access.issues().map(({ body }) => body ?? ""),
    ...access.checks(access.pull(number).head.commit).flatMap(({ summary, text }) => [summary ?? "", text ?? ""]),
    readFileSync(summary, "utf8"),
  ];
  expect(bodies.length).toBeGreaterThan(5);
  for (const body of bodies) expectHarmless(body);
  expect(bodies.join("")).toContain("octocat");
  for (const title of [drift?.title, ...access.issues().map((issue) => issue.title)])
    expect(title).not.toMatch(/octocat|evil|fixes/);

  // Again, and again: nothing is new.
  world.github.clearRequests();
  const refs = () => access.git("for-each-ref", "refs/heads", "refs/rolebook");
  const before = refs();
  for (let time = 0; time < 2; time += 1) {
    await run("plan", "--pull-request", "all");
    await run("apply", "--merged");
    await run("drift", "--propose");
    if (time === 0) world.github.clearRequests();
  }
  expect(world.github.requests({ writes: true }).map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect(refs()).toBe(before);
});

it("cannot begin a line that a log acts on, whatever files and folders are called", async () => {
  const folder = createFolder();
  onTestFinished(folder.remove);
  folder.write("policies/rolebook.yaml", settingsFor("http://127.0.0.1:1"));
  folder.write(`policies/acme/groups/${LINES}.yaml`, "kind:   Group\nname: A\nroles: []\nenvironments: all\n");
  folder.write(
    "policies/acme/groups/b.yaml",
    `kind: Group\nname: ${JSON.stringify(LINES)}\nroles: [${JSON.stringify(LINES)}]\nenvironments: all\n`,
  );
  folder.write("policies/acme/roles/::error::c.yaml", "kind: Role\nname: [\n");
  folder.commit("policies");
  const environment = { GITHUB_ACTIONS: "true" };
  for (const args of [
    ["validate"],
    ["validate", "--format", "json"],
    ["fmt", "--check"],
    ["plan"],
    ["plan", "--target", LINES],
    ["validate", "--policies", LINES],
    ["explain", LINES],
    ["drift", "--format", LINES],
    ["apply", "--approve", LINES],
    [LINES],
    ["plan", `--${LINES}`],
  ]) {
    const { code, stdout, stderr } = await folder.rolebook(args, { environment });
    expect([args, code]).not.toEqual([args, 70]);
    for (const text of [stdout, stderr]) expect([args, terminalDangers(text)]).toEqual([args, []]);
  }
  const { stdout } = await folder.rolebook(["validate", "--format", "github"], { environment });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines)
    if (line.trimStart().startsWith("::")) expect(line).toMatch(/^::(?:error|warning|notice) (?:file|title)=[^:]*::/);
});
