// Whose reviews approve which changes: every rule by example. That they hold of anything is in approvals-properties.test.ts.
import { describe, expect, it } from "vitest";
import type { State } from "../../src/model/entity.ts";
import type { Review } from "../../src/model/host.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Person, Target } from "../../src/model/settings.ts";
import type { Shown } from "../../src/model/shown.ts";
import { type ApprovalInput, judgeReviews, type ReviewedPull } from "../../src/plan/approvals.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { type Account, openAccount, stateOfAccount } from "../support/account.ts";
import { type Domain, openDomain, stateOfDomain } from "../support/keystone.ts";
import { type Organization, openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const address = (name: string) => `${name}@acme.example`;
const NAMES = ["ana", "kim", "bo", "cy", "dee", "eve"];
const LIVE: Organization = {
  roles: {
    "Card editor": { permissions: { "Card template": "edit" } },
    Owner: { permissions: { Role: "edit" } },
  },
  groups: {
    "Card creators": { roles: ["Card editor"], environments: "all", members: [address("bo")] },
    Testers: { roles: ["Card editor"], environments: ["dev"], members: [address("cy")] },
    Owners: { roles: ["Owner"], environments: "all", members: [address("ana")] },
  },
  members: Object.fromEntries(NAMES.map((name) => [address(name), { firstName: name, lastName: "Li" }])),
};
const TARGET = openTarget({ owners: [address("ana"), address("kim")], scopeOwners: { dev: [address("cy")] } });
const PEOPLE: readonly Person[] = ["ana", "kim", "bo", "cy", "dee"].map((name) => person(`${name}-hub`, name));
const GROUP_OWNERS = new Map([["card creators", [address("Bo")]]]);
const COMMIT = "abc1234def".padEnd(40, "0");

function person(login: string, ...names: readonly string[]): Person {
  return { login, members: names.map(address), place: TARGET.place };
}

/** The organization with some of a group otherwise. */
function changed(name: string, parts: Partial<Organization["groups"][string]>): Organization {
  const group = LIVE.groups[name] ?? { roles: [], environments: "all", members: [] };
  return { ...LIVE, groups: { ...LIVE.groups, [name]: { ...group, ...parts } } };
}
const joining = (group: string, ...names: readonly string[]) =>
  changed(group, { members: [...(LIVE.groups[group]?.members ?? []), ...names.map(address)] });

let lastReview = 0;
function review(login: string, parts: Partial<Review> = {}): Review {
  lastReview += 1;
  return { id: lastReview, login, state: "approved", commit: COMMIT, at: "2026-11-22T10:00:00Z", ...parts };
}

interface Case {
  readonly live?: Organization;
  readonly want: Organization;
  readonly reviews: readonly Review[];
  readonly pull?: Partial<ReviewedPull>;
  readonly target?: Partial<Target>;
  readonly people?: readonly Person[];
  readonly groupOwners?: ApprovalInput["groupOwners"];
  readonly plan?: Partial<PlanInput>;
  /** What the check showed; everything there is by default. */
  readonly shown?: (plan: Plan) => Shown | undefined;
}

function judge({ live = LIVE, want, ...rest }: Case) {
  return judgeStates(stateOfOrganization(live), stateOfOrganization(want), rest);
}

function judgeStates(live: State, want: State, given: Omit<Case, "live" | "want">, platform = atomic) {
  const target = { ...TARGET, ...given.target };
  const built = planFor({ base: live, want, live }, { platform, target, ...given.plan });
  const shown = given.shown ?? (({ target, digest }: Plan) => ({ target, digest, changes: undefined, weakens: [] }));
  const verdict = judgeReviews({
    ...built,
    target,
    platform,
    people: given.people ?? PEOPLE,
    groupOwners: given.groupOwners ?? GROUP_OWNERS,
    pull: {
      number: 7,
      authors: ["dee-hub"],
      unknownAuthor: false,
      merged: false,
      reviews: given.reviews,
      shownAt: () => shown(built.plan),
      ...given.pull,
    },
  });
  const named = verdict.changes.map((item, index) => ({ ...item, name: built.plan.changes[index]?.name }));
  return { ...verdict, plan: built.plan, changes: named };
}

const why = ({ discounted }: ReturnType<typeof judge>) => discounted.map(({ why }) => why);

describe("an owner's review", () => {
  it("approves, and is the evidence", () => {
    const given = review("Ana-Hub");
    const { approved, changes, discounted, hopeless } = judge({
      want: joining("Card creators", "eve"),
      reviews: [given],
    });
    expect(approved).toBe(true);
    expect(changes).toEqual([
      {
        id: changes[0]?.id,
        name: "eve@acme.example in Card creators",
        label: "escalating",
        needed: 1,
        by: [{ pull: 7, review: given.id, login: "Ana-Hub", member: address("ana"), commit: COMMIT, at: given.at }],
        against: [],
        approved: true,
        owners: [address("Bo"), address("ana"), address("kim")],
      },
    ]);
    expect([discounted, hopeless]).toEqual([[], []]);
  });

  it.each<[string, string, Partial<Case>]>([
    ["opened it", "ana-hub opened the pull request", { pull: { authors: ["Ana-hub"] } }],
    ["wrote a commit", "ana-hub wrote a part of the pull request", { pull: { authors: ["dee-hub", "ana-hub"] } }],
    [
      "wrote it by another login",
      "ana-hub is another login of somebody who wrote a part of the pull request",
      { pull: { authors: ["ana-two"] }, people: [...PEOPLE, person("ana-two", "ana")] },
    ],
    ["is nobody", "ana-hub is nobody the settings know", { people: [person("kim-hub", "kim")] }],
    ["owns nothing here", "ana-hub does not own group Card creators", { target: { owners: [address("kim")] } }],
    ["saw nothing", "ana-hub reviewed abc1234 before its plan was shown", { shown: () => undefined }],
    [
      "saw another target's plan",
      "ana-hub reviewed abc1234 before its plan was shown",
      { shown: ({ digest }) => ({ target: "other", digest, changes: undefined, weakens: [] }) },
    ],
    [
      "saw less",
      "ana-hub reviewed abc1234, which showed less than there is now",
      { shown: () => ({ target: "acme", digest: "0".repeat(64), changes: [], weakens: [] }) },
    ],
    [
      "saw too much to record",
      "ana-hub reviewed abc1234, which showed less than there is now",
      { shown: () => ({ target: "acme", digest: "0".repeat(64), changes: undefined, weakens: [] }) },
    ],
    [
      "gave it for no commit",
      "ana-hub reviewed a commit that is not known",
      { reviews: [review("ana-hub", { commit: null })] },
    ],
    ["gains by it", "ana-hub gains by it", { want: joining("Card creators", "ana") }],
  ])("counts for nothing when she %s", (_name, sentence, parts) => {
    const verdict = judge({ want: joining("Card creators", "eve"), reviews: [review("ana-hub")], ...parts });
    expect(why(verdict)).toEqual([sentence]);
    expect(verdict.changes.map(({ by, approved }) => [by, approved])).toEqual([[[], false]]);
    expect(verdict.approved).toBe(false);
  });

  it("counts for what it showed, when the same changes were shown by their ids", () => {
    const shown = ({ target, changes }: Plan) => ({
      target,
      digest: "0".repeat(64),
      changes: ["f".repeat(24), ...changes.map(({ id }) => id)],
      weakens: [],
    });
    const verdict = judge({ want: joining("Card creators", "eve"), reviews: [review("ana-hub")], shown });
    expect([verdict.approved, verdict.stale]).toEqual([true, []]);
  });
});

describe("a review that showed less than there is now", () => {
  const first = ({ target, changes }: Plan) => ({
    target,
    digest: "0".repeat(64),
    changes: changes.slice(0, 1).map(({ id }) => id),
    weakens: [],
  });
  const want = joining("Card creators", "eve", "dee");

  it("is void as a whole and to be dismissed while the pull request is open", () => {
    const given = review("ana-hub");
    const { changes, stale } = judge({ want, reviews: [given], shown: first });
    expect(changes.map(({ approved }) => approved)).toEqual([false, false]);
    expect(stale).toEqual([given.id]);
  });

  it("stands for what it showed once that is merged", () => {
    const { changes, stale, discounted } = judge({
      want,
      reviews: [review("ana-hub")],
      shown: first,
      pull: { merged: true },
    });
    expect(changes.map(({ approved }) => approved)).toEqual([true, false]);
    expect([stale, discounted]).toEqual([[], []]);
  });

  it("is nobody's business when it could not count anyway", () => {
    const reviews = [review("dee-hub"), review("bo-hub"), review("stranger")];
    expect(
      judge({ want: changed("Testers", { members: [] }), reviews, shown: first, target: { scopeOwners: {} } }).stale,
    ).toEqual([]);
  });

  it("is left alone when the same person has seen everything since", () => {
    const [early, late] = [
      review("ana-hub", { commit: "1".repeat(40) }),
      review("ana-hub", { at: "2026-11-22T11:00:00Z" }),
    ];
    const built = planFor({
      base: stateOfOrganization(LIVE),
      live: stateOfOrganization(LIVE),
      want: stateOfOrganization(want),
    });
    const whole = { target: "acme", digest: built.plan.digest, changes: undefined, weakens: [] };
    const shownAt = (commit: string) => (commit === COMMIT ? whole : first(built.plan));
    const verdict = judge({ want, reviews: [early, late], pull: { shownAt } });
    expect([verdict.approved, verdict.stale, verdict.changes[0]?.by[0]?.review]).toEqual([true, [], late.id]);
  });
});

describe("what a person decided last", () => {
  const at = (minute: number) => ({ at: `2026-11-22T10:0${minute}:00Z` });
  it.each<[string, readonly Review[], boolean]>([
    [
      "changes are asked for afterwards",
      [review("ana-hub", at(0)), review("ana-hub", { state: "changes-requested", ...at(1) })],
      false,
    ],
    [
      "changes were asked for before",
      [review("ana-hub", { state: "changes-requested", ...at(0) }), review("ana-hub", at(1))],
      true,
    ],
    [
      "another owner asks for changes",
      [review("ana-hub", at(0)), review("kim-hub", { state: "changes-requested", ...at(0) })],
      false,
    ],
    [
      "somebody else asks for changes",
      [review("ana-hub", at(0)), review("cy-hub", { state: "changes-requested", ...at(0) })],
      true,
    ],
    [
      "the author asks for changes",
      [review("ana-hub", at(0)), review("dee-hub", { state: "changes-requested", ...at(0) })],
      true,
    ],
    ["it was dismissed", [review("ana-hub", { state: "dismissed", ...at(0) })], false],
    [
      "a later one was dismissed",
      [review("ana-hub", at(0)), review("ana-hub", { state: "dismissed", ...at(1) })],
      false,
    ],
    ["a comment follows", [review("ana-hub", at(0)), review("ana-hub", { state: "commented", ...at(1) })], true],
    ["a review is being written", [review("ana-hub", at(0)), review("ana-hub", { state: "pending", ...at(1) })], true],
  ])("counts: %s", (_name, reviews, approved) => {
    expect(judge({ want: joining("Card creators", "eve"), reviews }).approved).toBe(approved);
  });

  it("is shown where it stands against", () => {
    const against = review("kim-hub", { state: "changes-requested" });
    const { changes } = judge({ want: joining("Card creators", "eve"), reviews: [review("ana-hub"), against] });
    expect(changes[0]?.against.map(({ review, member }) => [review, member])).toEqual([[against.id, address("kim")]]);
  });
});

describe("how many it takes", () => {
  const twice = { approvals: { escalating: 2, reducing: 1, neutral: 1, weakening: 1 } };
  const both = [review("ana-hub"), review("kim-hub")];

  it("goes by what a change does", () => {
    const out = changed("Card creators", { members: [] });
    const labels = (want: Organization) => judge({ want, reviews: [review("ana-hub")], target: twice });
    const rows = [joining("Card creators", "eve"), out, changed("Card creators", { description: "New" })].map((want) =>
      labels(want).changes.map(({ label, needed, approved }) => [label, needed, approved]),
    );
    expect(rows).toEqual([[["escalating", 2, false]], [["reducing", 1, true]], [["neutral", 1, true]]]);
  });

  it("counts people, not reviews, nor logins of one person", () => {
    const want = joining("Card creators", "eve");
    expect(judge({ want, reviews: both, target: twice }).approved).toBe(true);
    expect(judge({ want, reviews: [review("ana-hub"), review("ana-hub")], target: twice }).approved).toBe(false);
    const people = [...PEOPLE, person("ana-two", "ana"), person("two", "kim", "ana")];
    expect(judge({ want, reviews: [review("ana-hub"), review("ana-two")], target: twice, people }).approved).toBe(
      false,
    );
    expect(judge({ want, reviews: both, target: twice, people }).approved).toBe(false);
  });

  it("takes one more where a commit is by nobody knows whom", () => {
    const want = joining("Card creators", "eve");
    const given = (reviews: readonly Review[]) => judge({ want, reviews, pull: { unknownAuthor: true } });
    expect([given([review("ana-hub")]).approved, given(both).approved]).toEqual([false, true]);
  });

  it("is judged without what the rest takes away, since that can be held", () => {
    // Bo has the editor's role in both groups: leaving one while joining the other moves nothing, as a whole.
    const emptied = changed("Testers", { roles: [], members: [address("cy"), address("eve")] });
    const { changes } = judge({ want: emptied, reviews: [review("ana-hub")], target: twice });
    expect(changes.map(({ name, label, approved }) => [name, label, approved])).toEqual([
      ["eve@acme.example in Testers", "escalating", false],
      ["Testers", "reducing", true],
    ]);
  });

  it("is judged without what swaps the levels of a role that nobody had yet, since that can be held", () => {
    // Organization-wide levels are dead in a group limited to environments: the whole plan gives Eve nothing.
    const spare = (permissions: Readonly<Record<string, string>>): Organization => ({
      ...LIVE,
      roles: { ...LIVE.roles, Spare: { permissions } },
    });
    const live = spare({ "Card template": "view" });
    const want = {
      ...spare({ Organization: "view" }),
      groups: { ...LIVE.groups, Spares: { roles: ["Spare"], environments: ["dev"], members: [address("eve")] } },
    };
    const { changes } = judge({ live, want, reviews: [review("ana-hub")], target: twice });
    expect(changes.map(({ name, label }) => [name, label])).toEqual([
      ["Spares", "escalating"],
      ["eve@acme.example in Spares", "escalating"],
      ["Spare", "escalating"],
    ]);
  });
});

describe("who owns a change", () => {
  const bo = [review("bo-hub")];
  const cy = [review("cy-hub")];
  const approvals = (verdict: ReturnType<typeof judge>) =>
    verdict.changes.map(({ name, approved }) => [name, approved]);

  it("a group's owner decides who is in it, and what it loses", () => {
    expect(judge({ want: joining("Card creators", "eve"), reviews: bo }).approved).toBe(true);
    expect(judge({ want: changed("Card creators", { roles: [] }), reviews: bo }).approved).toBe(true);
    expect(judge({ want: joining("Testers", "eve"), reviews: bo, target: { scopeOwners: {} } }).approved).toBe(false);
  });

  it("a group's owner does not decide what else it gives", () => {
    const live = changed("Card creators", { members: [] });
    const want = changed("Card creators", { roles: ["Card editor", "Owner"], members: [address("eve")] });
    expect(approvals(judge({ live, want, reviews: bo }))).toEqual([
      ["eve@acme.example in Card creators", true],
      ["Card creators", false],
    ]);
  });

  it("a scope's owner decides on what touches no other scope", () => {
    expect(judge({ want: joining("Testers", "eve"), reviews: cy }).approved).toBe(true);
    expect(judge({ want: joining("Card creators", "eve"), reviews: cy }).approved).toBe(false);
    for (const environments of ["all", ["dev", "production"], ["production"]] as const) {
      const want = changed("Testers", { environments, members: [] });
      expect(approvals(judge({ want, reviews: cy }))).toEqual(approvals(judge({ want, reviews: [] })));
    }
    const owners = { scopeOwners: { DEV: [address("CY")], production: [address("cy")] } };
    const live = changed("Testers", { members: [] });
    const want = changed("Testers", { environments: ["dev", "production"], members: [] });
    expect(judge({ live, want, reviews: cy, target: owners }).approved).toBe(true);
  });

  it("a scope's owner decides where a group's grants really reach", () => {
    const domain = (grants: Domain["groups"][string]["grants"], members: readonly string[]): Domain => ({
      roles: { operator: { implies: [] } },
      groups: { developers: { grants, members } },
      members: Object.fromEntries(["cy", "eve"].map((name) => [name, { enabled: true, grants: [] }])),
    });
    const approved = (grants: Domain["groups"][string]["grants"], scopeOwners: Target["scopeOwners"]) => {
      const [live, want] = [domain(grants, ["cy"]), domain(grants, ["cy", "eve"])].map(stateOfDomain) as [State, State];
      const target = openDomain({ owners: ["ana"], scopeOwners });
      const people = [{ login: "bo-hub", members: ["bo"], place: TARGET.place }];
      return judgeStates(live, want, { reviews: bo, target, people, groupOwners: new Map() }, keystone).approved;
    };
    const on = (project: string) => ({ role: "operator", on: "project" as const, project });
    const below = { role: "operator", on: "below" as const, project: "dev" };
    const all = { "dev-web": ["bo"], "dev-web-eu": ["bo"], dev: ["bo"] };
    expect(approved([on("dev")], { dev: ["bo"] })).toBe(true);
    expect(approved([on("dev"), on("production")], { dev: ["bo"] })).toBe(false);
    expect(approved([below], { dev: ["bo"] })).toBe(false);
    expect(approved([below], all)).toBe(true);
    expect(approved([on("dev"), { role: "operator", on: "domain" }], all)).toBe(false);
    expect(approved([], all)).toBe(false);
  });

  it("a workspace's owner decides on what belongs to no other workspace", () => {
    const base: Account = {
      workspaces: { "acme-dev": {}, "acme-prod": {} },
      products: {
        "acme-dev/manage": { active: true, subscribed: true },
        "acme-prod/manage": { active: true, subscribed: true },
      },
      roles: { "acme-dev/manage/Editor": { implies: [] }, "acme-prod/manage/Editor": { implies: [] } },
      groups: { "acme-dev/Editors": { roles: ["acme-dev/manage/Editor"], members: [] } },
      members: { "eve@acme.example": { firstName: "Eve", workspaces: [], roles: [], invited: false } },
      integrations: {},
      keys: { "acme-dev/Shop": { product: "acme-dev/manage" } },
    };
    const decided = (parts: Partial<Account>) => {
      const target = openAccount({ owners: ["ana@acme.example"], scopeOwners: { "acme-dev": ["cy@acme.example"] } });
      const [live, want] = [stateOfAccount(base), stateOfAccount({ ...base, ...parts })];
      return judgeStates(live, want, { reviews: cy, target, groupOwners: new Map() }, atomyx).approved;
    };
    const eve = (parts: Partial<Account["members"][string]>) => ({
      members: { "eve@acme.example": { firstName: "Eve", workspaces: [], roles: [], invited: false, ...parts } },
    });
    const editors = { roles: ["acme-dev/manage/Editor"], members: ["eve@acme.example"] };
    expect(decided({ groups: { "acme-dev/Editors": editors } })).toBe(true);
    expect(decided({ groups: { ...base.groups, "acme-prod/Editors": { roles: [], members: [] } } })).toBe(false);
    const across = ["acme-dev/manage/Editor", "acme-prod/manage/Editor"];
    expect(decided({ groups: { "acme-dev/Editors": { roles: across, members: [] } } })).toBe(false);
    expect(decided({ roles: { ...base.roles, "acme-dev/manage/Viewer": { implies: [] } } })).toBe(true);
    expect(decided({ roles: { ...base.roles, "acme-prod/manage/Viewer": { implies: [] } } })).toBe(false);
    expect(decided({ keys: {} })).toBe(true);
    expect(decided(eve({ workspaces: [{ workspace: "acme-dev", role: "Admin" }] }))).toBe(true);
    expect(decided(eve({ workspaces: [{ workspace: "acme-prod", role: "Member" }] }))).toBe(false);
    expect(decided(eve({ roles: ["acme-dev/manage/Editor"] }))).toBe(true);
    expect(decided(eve({ roles: ["acme-dev/manage/Editor", "acme-prod/manage/Editor"] }))).toBe(false);
    expect(decided(eve({ firstName: "Eva", workspaces: [{ workspace: "acme-dev", role: "Member" }] }))).toBe(false);
    expect(decided({ members: {} })).toBe(false);
    expect(decided({ workspaces: { ...base.workspaces, "acme-dev": { team: "Cards" } } })).toBe(false);
  });

  it("who owned a name does not own a group that takes it", () => {
    const live = stateOfOrganization({
      ...LIVE,
      groups: { Owners: { roles: ["Owner"], environments: "all", members: [] } },
    });
    const renamed = stateOfOrganization({
      ...LIVE,
      groups: { "Card creators": { roles: ["Owner"], environments: "all", members: [address("eve")] } },
    });
    const section = new Map(renamed.get("Group"));
    const group = section.get("card creators");
    if (group) section.set("card creators", { ...group, previously: "owners" });
    const want = new Map(renamed).set("Group", section);
    const verdict = judgeStates(live, want, { reviews: bo });
    expect(approvals(verdict)).toEqual([
      ["eve@acme.example in Card creators", false],
      ["Card creators", false],
    ]);
  });

  it("weakenings are for those whom they name, or for the target's owners", () => {
    const want = LIVE;
    const base = { target: { ...TARGET, minimumOwners: 2 }, guardrails: [] };
    const verdict = judge({ want, reviews: [review("kim-hub")], plan: { baseRules: base } });
    expect(verdict.weakens.map(({ label, owners, approved }) => [label, owners, approved])).toEqual([
      ["weakening", [address("ana"), address("kim")], true],
    ]);
    expect(judge({ want, reviews: bo, plan: { baseRules: base } }).approved).toBe(false);
    const shown = ({ target, changes }: Plan) => ({
      target,
      digest: "",
      changes: changes.map(({ id }) => id),
      weakens: [],
    });
    expect(judge({ want, reviews: [review("kim-hub")], plan: { baseRules: base }, shown }).approved).toBe(false);
  });
});

describe("who gains", () => {
  const raised = {
    ...LIVE,
    roles: { ...LIVE.roles, "Card editor": { permissions: { "Card template": "edit", "Card instance": "edit" } } },
  };
  const owners = { target: { owners: [address("bo"), address("ana"), address("kim")] } };

  it("is who is in a group that carries a role that gives more", () => {
    const by = (login: string) => judge({ want: raised, reviews: [review(login)], ...owners });
    expect(why(by("bo-hub"))).toEqual(["bo-hub gains by it"]);
    expect(by("kim-hub").approved).toBe(true);
    expect(by("kim-hub").changes[0]?.owners).toEqual([address("ana"), address("kim")]);
  });

  it("is who joins such a group by the same plan", () => {
    const want = { ...raised, groups: joining("Testers", "kim").groups };
    expect(judge({ want, reviews: [review("kim-hub")] }).changes.map(({ approved }) => approved)).toEqual([
      false,
      false,
    ]);
  });

  it("is not who could give themselves anything already", () => {
    const live = joining("Card creators", "ana");
    const want = { ...raised, groups: live.groups };
    expect(judge({ live, want, reviews: [review("ana-hub")] }).approved).toBe(true);
  });

  it("is nobody by a change that gives nobody anything", () => {
    const want = changed("Card creators", { description: "For cards" });
    expect(judge({ want, reviews: [review("bo-hub")] }).approved).toBe(true);
  });
});

describe("what nobody may approve", () => {
  it("is said when nobody is named", () => {
    const { hopeless, approved } = judge({
      want: joining("Card creators", "eve"),
      reviews: [review("ana-hub")],
      target: { owners: [], scopeOwners: {} },
      groupOwners: new Map(),
    });
    expect(approved).toBe(false);
    expect(hopeless).toEqual([
      {
        message: "Nobody may approve 1 change: the settings of the base name no owners of acme",
        hint: "Name owners of the target in the settings, in a pull request of its own.",
      },
    ]);
  });

  it("is said when more are needed than may", () => {
    const { hopeless } = judge({
      want: joining("Testers", "eve", "dee"),
      reviews: [],
      target: { approvals: { escalating: 3, reducing: 1, neutral: 1, weakening: 1 }, scopeOwners: {} },
    });
    expect(hopeless.map(({ message }) => message)).toEqual([
      "2 changes need 3 approvals, and only ana-hub, kim-hub may give one",
    ]);
  });

  it("is nothing when there is nothing to approve", () => {
    const verdict = judge({ want: LIVE, reviews: [review("stranger")], target: { owners: [] } });
    expect(verdict).toMatchObject({ approved: true, changes: [], discounted: [], stale: [], hopeless: [] });
  });
});
