// Drift as a pull request, over the simulator, real Git and a Git host over real HTTP: adopted, undone, taken back, left alone.
import { afterEach, describe, expect, it } from "vitest";
import { driftProposal, plan as validatePlan } from "../../src/generated/output.cjs";
import type { DriftProposalOutput } from "../../src/generated/types/output-driftProposal.ts";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { type Forge, type ForgeOptions, forgeWorld } from "../support/forge.ts";
import { runProcess } from "../support/world.ts";

const BRANCH = "rolebook/drift/acme";
const PROPOSE = { target: "    drift: propose\n" };

let forge: Forge;
afterEach(() => forge?.close());

async function begin(options: ForgeOptions = PROPOSE): Promise<void> {
  forge = await forgeWorld(options);
  forge.github.clearRequests();
}

async function drift(args: readonly string[] = [], folder: Pick<Forge, "rolebook"> = forge) {
  const { code, stdout, stderr } = await folder.rolebook(["drift", "--propose", "--format", "json", ...args]);
  const shown = stdout === "" ? undefined : (JSON.parse(stdout) as DriftProposalOutput);
  if (shown) expect(driftProposal(shown), JSON.stringify(driftProposal.errors)).toBe(true);
  return { code, stderr, ...(shown as DriftProposalOutput) };
}

const plan = async () => {
  const { stdout, code } = await forge.rolebook(["plan", "--format", "json"]);
  return { code, ...(JSON.parse(stdout) as PlanOutput) };
};
const writes = () => forge.github.requests({ writes: true }).map(({ method, path }) => `${method} ${path}`);
const issues = () => forge.access.issues().map(({ title, state }) => `${state} ${title}`);
const by = (login: string) => `${login}@acme.example`;
const hand = (login: string, method: string, path: string, body?: unknown) =>
  forge.byHand(method, path, body, by(login));
const batch = (login: string, group: string, add: readonly string[], remove: readonly string[] = []) =>
  hand(login, "POST", `/v1/groups/${group}/members/batch`, { add, remove });

/** Ten edits, each by somebody and of another kind. */
async function tenEdits(): Promise<void> {
  await hand("mei", "PATCH", "/v1/roles/rCardEdt41", {
    permissions: [
      { resource: "Card template", level: "admin" },
      { resource: "Theme", level: "view" },
    ],
  });
  await hand("tomas", "PATCH", "/v1/groups/gCardCr4Dr", { environmentIds: [] });
  await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
  await batch("tomas", "gCardCr4Dr", [], ["mLars09Ol2"]);
  await hand("bo", "PATCH", "/v1/members/mBo05Tg6hj", { lastName: "Nilsson @all" });
  await batch("hana", "gSupport2L", [], ["mYusuf13Nm", "mAmara14Qw"]);
  await hand("hana", "DELETE", "/v1/groups/gSupport2L");
  await hand("hana", "DELETE", "/v1/roles/rSupport28");
  await hand("noor", "PATCH", "/v1/members/mSofia12Vb", { status: "disabled" });
  await hand("ravi", "PATCH", "/v1/groups/gAnalyt8Hi", { roleIds: ["rInsight74"] });
  await hand("olu", "PATCH", "/v1/roles/rAuditLg96", { name: "Audit Log", description: "Reads | everything <b>" });
}

describe("drift that is adopted", () => {
  it("is one pull request with the smallest edits, who did what and which way; merged, there is nothing left to do", async () => {
    await begin();
    await tenEdits();
    forge.simulator.counters.reset();
    const first = await drift();
    expect(first).toMatchObject({ code: 2, state: "opened", pull: 2, escalates: true, failure: null, refused: [] });
    const pull = forge.access.pull(2);
    expect(pull.title).toMatch(/^Drift of acme: \d people have more than Git says, \d have less$/);
    const body = pull.body ?? "";
    await expect(withoutTimes(body)).toMatchFileSnapshot("golden/drift-pull.md");
    await expect(forge.access.git("diff", "main", BRANCH)).toMatchFileSnapshot("golden/drift-pull.diff");
    expect(issues()).toEqual(["open Drift of acme gives somebody more than Git says"]);
    await expect(withoutTimes(forge.access.issues()[0]?.body ?? "")).toMatchFileSnapshot("golden/drift-issue.md");

    const [tip, wrote] = [forge.access.tip(BRANCH), writes()];
    const again = await drift();
    expect(again).toMatchObject({ code: 2, state: "same", pull: 2 });
    expect([forge.access.tip(BRANCH), writes(), forge.access.pull(2).body]).toEqual([tip, wrote, body]);

    forge.access.merge({ number: 2, method: "squash", login: "hana" });
    const after = await plan();
    expect([after.code, after.changes, after.drift, after.conflicts]).toEqual([0, [], [], []]);
    expect((await forge.rolebook(["apply"])).code).toBe(0);
    expect(forge.simulator.counters.view().writes).toEqual([]);
    expect(await drift()).toMatchObject({ code: 0, state: "none", drift: 0 });
    expect(issues()).toEqual(["closed Drift of acme gives somebody more than Git says"]);
    expect(forge.access.tip(BRANCH)).toBeNull();
  });

  it("is taken back when it is gone, and proposed anew when it comes again", async () => {
    await begin();
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    expect(await drift()).toMatchObject({ state: "opened", pull: 2, drift: 1 });
    await batch("noor", "gCardPb5Et", [], ["mRavi11Xc4"]);
    expect(await drift()).toMatchObject({ code: 0, state: "closed", pull: null });
    expect([forge.access.pull(2).state, forge.access.tip(BRANCH)]).toEqual(["closed", null]);
    expect(forge.access.comments(2)).toHaveLength(1);
    forge.github.clearRequests();
    expect(await drift()).toMatchObject({ code: 0, state: "none" });
    expect(writes()).toEqual([]);
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    expect(await drift()).toMatchObject({ state: "opened", pull: 3 });
  });

  it("says aloud what it agrees to, since nothing changes on the platform and nobody is asked", async () => {
    await begin();
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    const { pull } = await drift();
    await forge.rolebook(["plan", "--pull-request", String(pull)]);
    const [comment] = forge.access.comments(pull ?? 0);
    expect(comment?.body).toContain(
      "Merging this agrees to what somebody did on the platform outside Git: Membership ravi@&#8203;acme.example in Card publishers.",
    );
  });

  it("is one issue, however often it comes and goes, and no other while a person has closed it", async () => {
    await begin();
    const there = () => forge.access.issues().map(({ number, state }) => `${number} ${state}`);
    for (let time = 0; time < 2; time += 1) {
      await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
      await drift();
      expect(there()).toEqual(["1 open"]);
      await batch("noor", "gCardPb5Et", [], ["mRavi11Xc4"]);
      await drift();
      expect(there()).toEqual(["1 closed"]);
    }
  });

  it("is never a group that is gone, when one just like it is there under another name", async () => {
    await begin();
    await hand("tomas", "PATCH", "/v1/groups/gCardPb5Et", { name: "Card people" });
    const shown = await drift();
    expect(shown).toMatchObject({ state: "opened", failure: null });
    expect(shown.refused.map(({ kind }) => kind)).toEqual(["Membership", "Membership", "Group"]);
    expect(forge.access.git("diff", "main", BRANCH)).toBe("");
    expect(forge.access.pull(shown.pull ?? 0).body).toContain("just like it and not in Git");
  });

  it("stays closed when a person closed it, until something else drifts", async () => {
    await begin();
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    const { pull } = await drift();
    forge.access.closePull(pull ?? 0, "hana");
    for (const { number, state } of forge.access.issues()) if (state === "open") forge.access.closeIssue(number);
    forge.github.clearRequests();
    const no = await drift();
    expect(no).toMatchObject({ code: 2, state: "left-alone", pull: null });
    expect(no.why).toContain("was closed");
    expect(writes()).toEqual([]);
    await batch("noor", "gCardPb5Et", ["mLars09Ol2"]);
    const more = await drift();
    expect(more.state).toBe("opened");
    expect(issues().filter((issue) => issue.startsWith("open"))).toHaveLength(1);
  });

  it("is built anew when the base moves, and left alone when somebody has put a commit on it", async () => {
    await begin();
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    const { pull } = await drift();
    const number = pull ?? 0;
    const first = forge.access.tip(BRANCH);
    forge.pushToMain("hana", (desk) => desk.write("README.md", "About\n"));
    expect(await drift()).toMatchObject({ state: "updated", pull: number });
    const second = forge.access.tip(BRANCH);
    expect(second).not.toBe(first);
    expect(forge.access.git("rev-parse", `${BRANCH}^`).trim()).toBe(forge.access.tip("main"));

    const theirs = forge.amend(number, (desk) => desk.write("NOTES.md", "Mine\n"), "ana");
    await batch("noor", "gCardPb5Et", ["mLars09Ol2"]);
    expect(await drift()).toMatchObject({ code: 2, state: "left-alone", pull: number });
    expect(forge.access.tip(BRANCH)).toBe(theirs);
    expect(forge.access.comments(number)).toHaveLength(1);
    expect(await drift()).toMatchObject({ state: "left-alone" });
    expect([forge.access.tip(BRANCH), forge.access.comments(number).length]).toEqual([theirs, 1]);
  });

  it("is proposed once by two runs at once, and nothing is lost", async () => {
    await begin();
    await tenEdits();
    const one = forge.checkout();
    const two = forge.checkout({ depth: 0 });
    const both = await Promise.all([drift([], one), drift([], two)]);
    expect(both.map(({ code, failure }) => [code, failure])).toEqual([
      [2, null],
      [2, null],
    ]);
    expect(forge.access.pulls().filter(({ state }) => state === "open")).toHaveLength(1);
    const tip = forge.access.tip(BRANCH);
    expect(await drift()).toMatchObject({ state: "same" });
    expect(forge.access.tip(BRANCH)).toBe(tip);
    expect(issues().filter((issue) => issue.startsWith("open"))).toHaveLength(1);
  });
});

describe("files that are behind", () => {
  it("follow whoever has another name, and lose what is over; who did what is remembered when the log forgets", async () => {
    await begin();
    const creators = "policies/acme/memberships/card-creators.yaml";
    const ending = "  - email: bo@acme.example\n    until: 2031-01-31\n    reason: Contract C-102";
    const group = "policies/acme/groups/insights.yaml";
    forge.pushToMain("hana", (desk) => {
      desk.edit(creators, "  - bo@acme.example", ending);
      desk.write(group, `${desk.read(group).trimEnd()}\nowners: [mei@acme.example]\n`);
    });
    // That a group has owners now is a rule, and agreed to like one.
    const noor = { GIT_AUTHOR_NAME: "noor", GIT_AUTHOR_EMAIL: by("noor") };
    const environment = { ...noor, GIT_COMMITTER_NAME: "noor", GIT_COMMITTER_EMAIL: by("noor") };
    expect((await forge.rolebook(["apply", "--approve", (await plan()).digest], { environment })).code).toBe(0);
    await hand("mei", "PATCH", "/v1/members/mMei06Yh7k", { email: "mei.chen@acme.example" });
    await hand("noor", "PATCH", "/v1/groups/gInsigh7Gu", { description: "Ours" });
    const over = ["--now", "2031-02-01T00:00:00Z"];
    const shown = await drift(over);
    expect(shown).toMatchObject({ code: 2, state: "opened", drift: 1, escalates: false, pull: 1, failure: null });
    await expect(forge.access.git("diff", "main", BRANCH)).toMatchFileSnapshot("golden/drift-behind.diff");
    const { body } = forge.access.pull(1);
    expect(body).toContain("`bo@acme.example in Card creators`");
    expect(body).toContain("`mei@acme.example to mei.chen@acme.example`");
    expect(body).toContain("by noor@&#8203;acme.example");
    expect(forge.access.issues()).toEqual([]);

    forge.simulator.load({ ...forge.simulator.dump(), audit: [] });
    forge.github.clearRequests();
    expect(await drift(over)).toMatchObject({ state: "same", pull: 1 });
    expect(writes()).toEqual([]);

    forge.access.merge({ number: 1, method: "merge", login: "hana" });
    const after = await plan();
    expect([after.drift, after.proposals, after.changes.map(({ key }) => key)]).toEqual([
      [],
      [],
      ["Membership/card creators/bo@acme.example"],
    ]);
  });

  it("are mended from a bare clone as well", async () => {
    await begin();
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    const bare = forge.checkout();
    bare.git("clone", "-q", "--bare", forge.access.url, "bare.git");
    const cwd = `${bare.dir}/bare.git`;
    const { code, stdout, stderr } = await runProcess(cwd, ["drift", "--propose"], {
      environment: forge.environment(),
    });
    expect([code, stderr]).toEqual([2, ""]);
    expect(stdout).toBe("acme: 1 entity drifted, and somebody has more than Git says. Pull request #2 is open.\n");
    expect(await drift()).toMatchObject({ state: "same", pull: 2 });
  });
});

describe("drift that is undone", () => {
  it("is a pull request without edits, whose plan undoes it", async () => {
    await begin({ target: "    drift: revert\n" });
    await hand("mei", "PATCH", "/v1/groups/gCardCr4Dr", { environmentIds: [] });
    const shown = await drift();
    expect(shown).toMatchObject({ code: 2, state: "opened", pull: 2, drift: 1, escalates: true });
    expect(forge.access.git("diff", "main", BRANCH)).toBe("");
    const body = forge.access.pull(2).body ?? "";
    expect(body).toContain("undone on the platform, once approved");
    expect(body).toContain("```diff");
    expect(await drift()).toMatchObject({ state: "same" });
    forge.access.merge({ number: 2, method: "merge", login: "hana" });
    const waiting = await drift();
    expect(waiting).toMatchObject({ state: "left-alone", pull: null });
    expect(waiting.why).toContain("waits to be applied");
    const { digest, changes } = await plan();
    expect(changes.map(({ action, key, origin }) => [action, key, origin])).toEqual([
      ["update", "Group/card creators", "drift"],
    ]);
    expect((await forge.rolebook(["apply", "--approve", digest])).code).toBe(0);
    expect(await drift()).toMatchObject({ code: 0, state: "none", drift: 0 });
  });

  it("goes by the group's word where it has one", async () => {
    await begin({ target: "    drift: report\n" });
    const file = "policies/acme/groups/card-creators.yaml";
    forge.pushToMain("hana", (desk) => desk.write(file, `${desk.read(file).trimEnd()}\ndrift: propose\n`));
    expect((await forge.rolebook(["apply"])).code).toBe(0);
    await hand("mei", "PATCH", "/v1/groups/gCardCr4Dr", { environmentIds: [] });
    await hand("mei", "PATCH", "/v1/groups/gInsigh7Gu", { environmentIds: [] });
    expect(await drift()).toMatchObject({ state: "opened", drift: 2 });
    const diff = forge.access.git("diff", "--stat", "main", BRANCH);
    expect(diff).toContain("card-creators.yaml");
    expect(diff).not.toContain("insights");
  });
});

describe("what is not proposed", () => {
  it("is drift that is only reported: an issue while it escalates, and no pull request", async () => {
    await begin({ target: "    drift: report\n" });
    await hand("mei", "PATCH", "/v1/groups/gCardCr4Dr", { environmentIds: [] });
    expect(await drift()).toMatchObject({ code: 2, state: "none", drift: 1, escalates: true, pull: null });
    expect([forge.access.pulls().length, issues().length, forge.access.tip(BRANCH)]).toEqual([0, 1, null]);
    const shown = await forge.rolebook(["drift"]);
    expect(shown.stdout).toContain("(escalates, report)");
    const json = JSON.parse((await forge.rolebook(["drift", "--format", "json"])).stdout) as PlanOutput;
    expect(validatePlan(json), JSON.stringify(validatePlan.errors)).toBe(true);
    expect(json.drift.map(({ key, mode, effect, by: deed }) => [key, mode, effect, deed?.by, deed?.action])).toEqual([
      ["Group/card creators", "report", "escalates", by("mei"), "group.updated"],
    ]);
    const markdown = await forge.rolebook(["drift", "--format", "markdown"]);
    expect(markdown.stdout).toContain("by mei@&#8203;acme.example on ");
    expect(shown.stdout).toMatch(/by mei@acme\.example on \d{4}-\d\d-\d\d \d\d:\d\d UTC \(group\.updated\)/);
  });

  it("is what files cannot say: it is left to a person, with why", async () => {
    await begin();
    const made = (await hand("mei", "POST", "/v1/roles", { name: "By hand" })) as { data: { id: string } };
    await hand("mei", "PATCH", "/v1/groups/gInsigh7Gu", { roleIds: ["rInsight74", made.data.id] });
    const shown = await drift();
    expect(shown).toMatchObject({ state: "opened", refused: [{ kind: "Group", name: "Insights" }] });
    expect(forge.access.pull(1).body).toContain("rolebook import");
  });

  it("is anything, after a read that is doubtful or with files that are wrong", async () => {
    await begin();
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    forge.simulator.faults.set([{ kind: "truncate", operation: "listMembers", rows: 3 }]);
    const doubtful = await drift();
    expect(doubtful).toMatchObject({ code: 1, state: "left-alone" });
    expect(doubtful.failure).toContain("doubtful");
    forge.simulator.faults.set([]);
    forge.pushToMain("hana", (desk) =>
      desk.edit("policies/acme/groups/insights.yaml", "name: Insights", "name: Insights\nroles: [1]\nroles: [2]"),
    );
    const wrong = await drift();
    expect(wrong).toMatchObject({ code: 1, state: "left-alone" });
    expect(wrong.failure).toContain("insights.yaml");
    expect(forge.access.pulls()).toEqual([]);
  });

  it("says that only --propose proposes, and never needs the log", async () => {
    await begin();
    await batch("noor", "gCardPb5Et", ["mRavi11Xc4"]);
    forge.simulator.faults.set([{ kind: "malformed", operation: "listAuditLog" }]);
    const shown = await forge.rolebook(["drift"]);
    expect([shown.code, shown.stderr]).toEqual([2, expect.stringContaining("`rolebook drift --propose`")]);
    expect(shown.stderr).toContain("who changed what cannot be told");
    const proposed = await drift();
    expect(proposed).toMatchObject({ code: 2, state: "opened" });
  });
});

/** Instants, and what the text remembers of them, differ from run to run. */
function withoutTimes(text: string): string {
  return text
    .replace(/^(<!-- rolebook:drift-state 1 [0-9a-f]+ \w+) \S+ -->$/m, "$1 ... -->")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:(?:&#8203;)?\d\d UTC/g, "DATE UTC");
}
