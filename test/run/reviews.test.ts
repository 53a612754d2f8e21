// Reviews as a Git host has them, read over its API and judged: what really happened on a pull request decides what is approved.
import { execFileSync } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { type HostAuthentication, openHostReader, openHostWriter } from "../../src/git/host.ts";
import { writeShown } from "../../src/model/shown.ts";
import { judgeReviews, type ReviewVerdict } from "../../src/plan/approvals.ts";
import type { BuiltPlan } from "../../src/plan/build.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { approvalByReviews, approvedIds, CHECK_NAME, readReviews } from "../../src/run/reviews.ts";
import { git, initRepository, writeFiles } from "../git/scratch.ts";
import { type GitHub, type GitHubRepository, startGitHub } from "../support/github/github.ts";
import { type Organization, openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const address = (login: string) => `${login}@acme.example`;
const LOGINS = ["ana", "kim", "bo", "dee"];
const TARGET = openTarget({ owners: ["ana", "kim", "bo"].map(address) });
const PEOPLE = LOGINS.map((login) => ({ login, members: [address(login)], place: TARGET.place }));

/** Dee and Eve, or only some, become card editors; so does whoever else is named. */
function planOf(...joining: readonly string[]): BuiltPlan {
  const organization = (members: readonly string[]): Organization => ({
    roles: { Editor: { permissions: { "Card template": "edit" } } },
    groups: { Creators: { roles: ["Editor"], environments: "all", members: members.map(address) } },
    members: Object.fromEntries(
      [...LOGINS, "eve"].map((login) => [address(login), { firstName: login, lastName: "Li" }]),
    ),
  });
  const live = stateOfOrganization(organization([]));
  return planFor({ base: live, live, want: stateOfOrganization(organization(joining)) }, { target: TARGET });
}

interface Stage {
  readonly github: GitHub;
  readonly access: GitHubRepository;
  readonly number: number;
  /** Commits more to the pull request, as one of them, or as somebody without an account. */
  readonly push: (login: string) => string;
  /** Shows a plan by a check on the head, as Rolebook does. */
  readonly show: (built: BuiltPlan) => Promise<void>;
  readonly judge: (built: BuiltPlan) => Promise<ReviewVerdict>;
}

interface Setting {
  readonly author?: string;
  /** The first commit's. */
  readonly by?: string;
  readonly token?: "write" | "person";
  readonly branch?: string;
}

async function stage({ author = "dee", by = author, token = "write", branch = "more" }: Setting = {}): Promise<Stage> {
  const github = await startGitHub();
  onTestFinished(() => github.close());
  for (const login of LOGINS) github.addPerson({ login, email: address(login) });
  const access = github.createRepository("acme/access");
  const clone = initRepository({ "a.txt": "one\n" });
  git(clone, "remote", "add", "origin", access.bare);
  git(clone, "push", "-q", "origin", "main");
  git(clone, "checkout", "-q", "-b", branch);
  let version = 0;
  const push = (login: string) => {
    version += 1;
    writeFiles(clone, { "b.txt": `${version}\n` });
    git(clone, "add", "--all");
    const [name, email] = login === "rolebook" ? ["Rolebook", "rolebook@localhost"] : [login, address(login)];
    const person = (what: string) => ({ [`GIT_${what}_NAME`]: name, [`GIT_${what}_EMAIL`]: email });
    const env = { ...process.env, ...person("AUTHOR"), ...person("COMMITTER") };
    execFileSync("git", ["commit", "-q", "-m", `version ${version}`], { cwd: clone, env });
    git(clone, "push", "-q", "origin", branch);
    return git(clone, "rev-parse", branch);
  };
  push(by);
  const number = access.openPull({ head: branch, author, title: "More" });
  const authentication: HostAuthentication = { kind: "token", token: access.tokens[token] };
  const options = { apiUrl: github.url, repository: access.name, authentication, userAgent: "test" };
  const reader = openHostReader(options);
  const writer = openHostWriter(options);
  return {
    github,
    access,
    number,
    push,
    show: async ({ plan }) => {
      const { digest, changes, weakens } = plan;
      const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);
      const text = writeShown([{ target: "acme", digest, changes: ids(changes), weakens: ids(weakens) }]);
      const commit = access.pull(number).head.commit;
      const check = {
        name: CHECK_NAME,
        commit,
        conclusion: "action_required",
        title: "Plan",
        summary: "-",
        text,
      } as const;
      await writer.createCheck({ ...check, annotations: [] });
    },
    judge: async (built) => {
      const reviewsOf = await readReviews(reader, await reader.pull(number));
      const judged = { ...built, target: TARGET, people: PEOPLE, platform: atomic, groupOwners: new Map() };
      return judgeReviews({ ...judged, pull: reviewsOf("acme") });
    },
  };
}

const why = ({ discounted }: ReviewVerdict) => discounted.map(({ why }) => why);

describe("reviews on the host", () => {
  const built = planOf("eve");

  it("approve what was shown before them", async () => {
    const { access, number, show, judge } = await stage();
    await show(built);
    const review = access.review({ number, login: "ana" });
    const verdict = await judge(built);
    expect(verdict.approved).toBe(true);
    expect(verdict.changes[0]?.by).toMatchObject([{ pull: number, review, login: "ana", member: address("ana") }]);
  });

  it("approve nothing that was shown only afterwards, or not at all", async () => {
    const { access, number, show, judge } = await stage();
    const review = access.review({ number, login: "ana" });
    expect([(await judge(built)).approved, why(await judge(built))]).toEqual([
      false,
      [expect.stringMatching(/^ana reviewed [0-9a-f]{7} before its plan was shown$/)],
    ]);
    await show(built);
    expect((await judge(built)).stale).toEqual([review]);
    access.review({ number, login: "ana" });
    expect((await judge(built)).approved).toBe(true);
  });

  it("are void when more is shown since, on the same commit or on a later one", async () => {
    const { access, number, push, show, judge } = await stage();
    await show(built);
    const review = access.review({ number, login: "ana" });
    const more = planOf("eve", "dee");
    const drifted = await judge(more);
    expect([drifted.approved, drifted.stale]).toEqual([false, [review]]);
    push("dee");
    await show(more);
    const edited = await judge(more);
    expect([edited.approved, edited.stale, edited.changes.map(({ approved }) => approved)]).toEqual([
      false,
      [review],
      [false, false],
    ]);
    // Back to what was seen: the very changes were approved.
    push("dee");
    await show(built);
    expect((await judge(built)).approved).toBe(true);
  });

  it("are not the author's, nor of those who wrote a part", async () => {
    const { access, number, push, show, judge } = await stage();
    push("ana");
    await show(built);
    access.review({ number, login: "ana" });
    expect(() => access.review({ number, login: "dee" })).toThrow("Unprocessable Entity");
    expect(why(await judge(built))).toEqual(["ana wrote a part of the pull request"]);
    access.review({ number, login: "kim" });
    expect((await judge(built)).approved).toBe(true);
  });

  it("are not of those who gain", async () => {
    const { access, number, show, judge } = await stage();
    const gains = planOf("bo");
    await show(gains);
    access.review({ number, login: "bo" });
    expect([why(await judge(gains)), (await judge(gains)).approved]).toEqual([["bo gains by it"], false]);
  });

  it("count no more once they are dismissed, nor against who asks for changes", async () => {
    const { access, number, show, judge } = await stage();
    await show(built);
    const review = access.review({ number, login: "ana" });
    access.dismiss(review, "kim", "Look again");
    expect((await judge(built)).approved).toBe(false);
    access.review({ number, login: "ana" });
    access.review({ number, login: "kim", state: "changes-requested" });
    const against = await judge(built);
    expect([against.approved, against.changes[0]?.against.map(({ login }) => login)]).toEqual([false, ["kim"]]);
    access.review({ number, login: "kim", state: "commented" });
    expect((await judge(built)).approved).toBe(false);
    access.review({ number, login: "kim" });
    expect((await judge(built)).approved).toBe(true);
  });

  it("are not of what another app says was shown", async () => {
    const { github, access, number, judge } = await stage();
    github.createApp("forger", access.name);
    const { digest, changes } = built.plan;
    const text = writeShown([{ target: "acme", digest, changes: changes.map(({ id }) => id), weakens: [] }]);
    access.addCheck({ commit: access.pull(number).head.commit, name: CHECK_NAME, app: "forger", text });
    access.review({ number, login: "ana" });
    expect((await judge(built)).approved).toBe(false);
  });

  it("are of nothing when Rolebook runs as a person, whose checks are nobody's", async () => {
    const { access, number, judge } = await stage({ token: "person" });
    access.review({ number, login: "ana" });
    expect((await judge(built)).approved).toBe(false);
  });

  it("are one more where a commit is by nobody that the host knows", async () => {
    const { access, number, push, show, judge } = await stage();
    push("unknown");
    await show(built);
    access.review({ number, login: "ana" });
    expect((await judge(built)).approved).toBe(false);
    access.review({ number, login: "kim" });
    expect((await judge(built)).approved).toBe(true);
  });

  const bot = { author: "github-actions[bot]", by: "rolebook" };

  it("are no more than usual where Rolebook itself wrote it", async () => {
    const { access, number, show, judge } = await stage({ ...bot, branch: "rolebook/drift/acme" });
    await show(built);
    access.review({ number, login: "ana" });
    expect((await judge(built)).approved).toBe(true);
  });

  it("are one more where somebody made a machine open it, or added to what Rolebook wrote under no account's name", async () => {
    for (const { branch, more } of [{ branch: "more" }, { branch: "rolebook/drift/acme", more: "unknown" }]) {
      const { access, number, push, show, judge } = await stage({ ...bot, branch });
      if (more) push(more);
      await show(built);
      access.review({ number, login: "ana" });
      expect((await judge(built)).approved).toBe(false);
      access.review({ number, login: "kim" });
      expect((await judge(built)).approved).toBe(true);
    }
  });

  it("stand for what they were shown once it is merged", async () => {
    const { access, number, show, judge } = await stage();
    await show(built);
    access.review({ number, login: "ana" });
    access.merge({ number, method: "squash", login: "kim" });
    const verdict = await judge(planOf("eve", "dee"));
    expect(verdict.changes.map(({ approved }) => approved)).toEqual([false, true]);
    expect(verdict.stale).toEqual([]);
  });
});

describe("the approval that reviews come to", () => {
  it("names what they approve, whose they are and when the last was given", async () => {
    const { access, number, show, judge } = await stage();
    const built = planOf("eve", "bo");
    await show(built);
    const first = access.review({ number, login: "kim" });
    const second = access.review({ number, login: "ana" });
    const verdicts = [await judge(built)];
    const approval = approvalByReviews(built.plan, verdicts);
    expect(approval).toMatchObject({
      by: "ana@acme.example, kim@acme.example",
      at: access.reviews(number).at(-1)?.submittedAt,
      how: "reviews",
      digest: built.plan.digest,
      changes: built.plan.changes.map(({ id }) => id),
      evidence: [{ review: first }, { review: second }],
    });
    expect(approvedIds(verdicts).changes).toEqual(new Set(approval?.changes));
    expect(approvalByReviews(planOf("dee").plan, verdicts)).toBeUndefined();
    expect(approvalByReviews(built.plan, [])).toBeUndefined();
  });
});
