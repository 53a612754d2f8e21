// What holds of any reviews of any plan; and that what reviews approve is safe, against every part of a plan there is.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import { groupOfSection, type State } from "../../src/model/entity.ts";
import type { Grant } from "../../src/model/grant.ts";
import type { Review } from "../../src/model/host.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Person, Target } from "../../src/model/settings.ts";
import { type ApprovalInput, judgeReviews } from "../../src/plan/approvals.ts";
import type { BuiltPlan } from "../../src/plan/build.ts";
import { ownsAll } from "../../src/plan/realms.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { account, openAccount, stateOfAccount } from "../support/account.ts";
import { domain, openDomain, stateOfDomain } from "../support/keystone.ts";
import { openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

interface World {
  readonly platform: Platform;
  readonly state: fc.Arbitrary<State>;
  readonly open: (parts: Partial<Target>) => Target;
  readonly people: readonly string[];
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
}

const worlds: readonly World[] = [
  {
    platform: atomic,
    state: organization.map(stateOfOrganization),
    open: openTarget,
    people: ["ana", "bo", "chen", "dee"].map((name) => `${name}@acme.example`),
    groups: ["card creators", "analysts", "everyone", "g6"],
    scopes: ["dev", "production"],
  },
  {
    platform: keystone,
    state: domain.map(stateOfDomain),
    open: openDomain,
    people: ["ana", "bo", "chen", "dee"],
    groups: ["developers", "everyone", "night shift"],
    scopes: ["dev", "production"],
  },
  {
    platform: atomyx,
    state: account.map(stateOfAccount),
    open: openAccount,
    people: ["ana", "bo", "chen", "dee"].map((name) => `${name}@acme.example`),
    groups: ["acme-dev/everyone", "acme-prod/everyone", "eu/éditeurs"],
    scopes: ["acme-dev", "acme-prod"],
  },
];

const LOGINS = ["l-ana", "l-bo", "l-chen", "l-dee", "l-two", "stranger"];
const COMMITS = ["a".repeat(40), "b".repeat(40)];
const PLACE = openTarget().place;
const count = fc.integer({ min: 1, max: 3 });
/** What a check showed: part of the ids, all by the digest, or nothing. */
type Showing = number | "digest" | "nothing";
const showing: fc.Arbitrary<Showing> = fc.oneof(fc.nat(0xffff), fc.constantFrom("digest" as const, "nothing" as const));

interface Case {
  readonly input: ApprovalInput;
  readonly built: BuiltPlan;
  readonly showings: Readonly<Record<string, Showing>>;
}

function cases({ platform, state, open, people, groups, scopes }: World): fc.Arbitrary<Case> {
  const some = fc.subarray([...people]);
  const review = fc.record({
    login: fc.constantFrom(...LOGINS),
    state: fc.constantFrom<Review["state"]>(
      "approved",
      "approved",
      "approved",
      "changes-requested",
      "commented",
      "dismissed",
    ),
    commit: fc.constantFrom(...COMMITS),
    minute: fc.nat(9),
  });
  return fc
    .record({
      states: fc.tuple(state, state),
      // Which of the way from one to the other the pull request goes: few changes, so that every part can be looked at.
      steps: fc.array(fc.nat(999), { maxLength: 5 }),
      owners: some,
      counts: fc.record({ escalating: count, reducing: count, neutral: count, weakening: count }),
      weakened: fc.boolean(),
      groupOwners: fc.uniqueArray(fc.tuple(fc.constantFrom(...groups), some), { selector: ([name]) => name }),
      scopeOwners: fc.uniqueArray(fc.tuple(fc.constantFrom(...scopes), some), { selector: ([name]) => name }),
      second: fc.option(fc.constantFrom(...people), { nil: undefined }),
      authors: fc.subarray(LOGINS, { minLength: 1, maxLength: 2 }),
      unknownAuthor: fc.boolean(),
      merged: fc.boolean(),
      reviews: fc.array(review, { maxLength: 8 }),
      showings: fc.record(Object.fromEntries(COMMITS.map((commit) => [commit, showing]))),
    })
    .map((given): Case => {
      const [live, other] = given.states;
      const way = planFor({ base: live, live, want: other }, { platform, target: open({}) });
      const chosen = new Set(given.steps.map((step) => way.plan.changes[step % Math.max(1, way.plan.changes.length)]));
      const want = way.afterOf((change) => chosen.has(change));
      const parts = { owners: given.owners, approvals: given.counts };
      const target = open({ ...parts, scopeOwners: Object.fromEntries(given.scopeOwners) });
      const rules = { target: { ...target, minimumOwners: 2 }, guardrails: [] };
      const built = planFor(
        { base: live, live, want },
        { platform, target, ...(given.weakened ? { baseRules: rules } : {}) },
      );
      const { plan } = built;
      const known = people.map(
        (member, index): Person => ({ login: LOGINS[index] ?? "", members: [member], place: PLACE }),
      );
      const two = given.second === undefined ? [] : [{ login: "l-two", members: [given.second], place: PLACE }];
      const input: ApprovalInput = {
        ...built,
        target,
        platform,
        people: [...known, ...two],
        groupOwners: new Map(given.groupOwners),
        pull: {
          number: 1,
          authors: given.authors,
          unknownAuthor: given.unknownAuthor,
          merged: given.merged,
          reviews: given.reviews.map(({ minute, ...rest }, index) => ({
            ...rest,
            id: index + 1,
            at: `2026-11-22T10:0${minute}:00Z`,
          })),
          shownAt: (commit) => {
            const shows = given.showings[commit] ?? "nothing";
            if (shows === "nothing") return undefined;
            if (shows === "digest")
              return { target: target.name, digest: plan.digest, changes: undefined, weakens: [] };
            const shown = (items: readonly { readonly id: string }[], from: number) =>
              items.map(({ id }) => id).filter((_id, index) => ((shows >> ((index + from) % 16)) & 1) === 1);
            return {
              target: target.name,
              digest: "",
              changes: shown(plan.changes, 0),
              weakens: shown(plan.weakens, 7),
            };
          },
        },
      };
      return { input, built, showings: given.showings };
    });
}

function approvedOf(input: ApprovalInput, reviews = input.pull.reviews): ReadonlySet<string> {
  const { changes, weakens } = judgeReviews({ ...input, pull: { ...input.pull, reviews } });
  return new Set([...changes, ...weakens].filter(({ approved }) => approved).map(({ id }) => id));
}

function expectWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): void {
  expect([...some].filter((id) => !all.has(id))).toEqual([]);
}

describe.each(worlds)("reviews on $platform.name", (world) => {
  const { platform } = world;
  const { fold } = platform;
  const check = (test: (given: Case) => void) => fc.assert(fc.property(cases(world), test), { numRuns: 300 });
  const membersOf = ({ people }: ApprovalInput, login: string): readonly string[] =>
    people.filter((person) => person.login === login).flatMap(({ members }) => members);
  const allOwners = ({ target, groupOwners }: ApprovalInput): ReadonlySet<string> =>
    new Set([...target.owners, ...[...groupOwners.values()].flat(), ...Object.values(target.scopeOwners).flat()]);

  it("of those who own nothing decide nothing", () =>
    check(({ input }) => {
      const owners = allOwners(input);
      const counting = input.pull.reviews.filter(({ login }) =>
        membersOf(input, login).some((name) => owners.has(name)),
      );
      expect(approvedOf(input, counting)).toEqual(approvedOf(input));
    }));

  it("of authors decide nothing, whichever login they use", () =>
    check(({ input }) => {
      const authors = new Set(input.pull.authors.flatMap((login) => membersOf(input, login)));
      const others = input.pull.reviews.filter(
        ({ login }) =>
          !input.pull.authors.includes(login) && !membersOf(input, login).some((name) => authors.has(name)),
      );
      expect(approvedOf(input, others)).toEqual(approvedOf(input));
    }));

  it("approve no more when one approval is missing", () =>
    check(({ input }) => {
      const all = approvedOf(input);
      for (const [index, { state }] of input.pull.reviews.entries())
        if (state === "approved") expectWithin(approvedOf(input, input.pull.reviews.toSpliced(index, 1)), all);
    }));

  it("decide the same in any order of different people's", () =>
    check(({ input }) => {
      const verdict = (reviews: readonly Review[]) => {
        const { stale, ...rest } = judgeReviews({ ...input, pull: { ...input.pull, reviews } });
        return { ...rest, stale: [...stale].sort((a, b) => a - b) };
      };
      const { reviews } = input.pull;
      expect(verdict([...reviews].reverse())).toEqual(verdict(reviews));
    }));

  it("approve nothing that they were not shown, and nothing of a plan they saw a part of while it is open", () =>
    check(({ input, built, showings }) => {
      const shown = COMMITS.filter((commit) => input.pull.reviews.some((review) => review.commit === commit)).map(
        (commit) => input.pull.shownAt(commit, ""),
      );
      const everything = [...built.plan.changes, ...built.plan.weakens].map(({ id }) => id);
      for (const id of approvedOf(input)) {
        const by = shown.filter(
          (one) => one?.digest === built.plan.digest || one?.changes?.includes(id) || one?.weakens.includes(id),
        );
        expect(by.length, JSON.stringify(showings)).toBeGreaterThan(0);
        if (!input.pull.merged)
          expect(
            by.some(
              (one) =>
                one?.digest === built.plan.digest ||
                everything.every((other) => one?.changes?.includes(other) || one?.weakens.includes(other)),
            ),
          ).toBe(true);
      }
    }));

  it("are as many people's as it takes, each an owner of what they approve", () =>
    check(({ input, built }) => {
      const { changes, weakens } = judgeReviews(input);
      for (const item of [...changes, ...weakens]) {
        if (!item.approved) continue;
        const people = new Set(item.by.map(({ login }) => membersOf(input, login).map(fold).join()));
        expect(people.size).toBeGreaterThanOrEqual(
          input.target.approvals[item.label] + (input.pull.unknownAuthor ? 1 : 0),
        );
        const change = built.plan.changes.find(({ id }) => id === item.id);
        for (const { login, member } of item.by) {
          expect(membersOf(input, login)).toContain(member);
          expect(mayOwn(input, change, member)).toBe(true);
        }
      }
    }));

  // A second answer to who may own a change: the widest reading of the settings.
  function mayOwn({ target, groupOwners }: ApprovalInput, change: Change | undefined, member: string): boolean {
    if (target.owners.includes(member)) return true;
    if (!change) return false;
    const group = groupOfSection(change.section) ?? (change.kind === "Group" ? change.local : undefined);
    if (group !== undefined && groupOwners.get(group)?.includes(member)) return true;
    const owned = Object.entries(target.scopeOwners).filter(([, owners]) => owners.includes(member));
    // Where workspaces are in front of names, what is about another one is not theirs.
    if (platform.name === "atomyx") return owned.some(([scope]) => isWithin(change, group ?? change.local, scope));
    return group !== undefined && owned.length > 0;
  }

  function isWithin({ kind, action, before, after }: Change, local: string, scope: string): boolean {
    if (kind !== "Member") return local.startsWith(`${scope}/`);
    const names = (view: typeof before) => JSON.stringify({ ...view?.attributes, workspaces: null, roles: null });
    return action === "update" && names(before) === names(after);
  }

  it("are nobody's who gets more by it, whatever part of the plan is made", () =>
    check(({ input, built }) => {
      const { changes } = judgeReviews(input);
      const plan = built.plan.changes;
      for (const [index, item] of changes.entries())
        for (const login of new Set(item.by.map((review) => review.login)))
          for (const member of membersOf(input, login).map(fold)) {
            if (ownsAll(platform, built.live, grantsOf(built.live, member))) continue;
            for (let part = 0; part < 2 ** plan.length; part++) {
              const made = (change: Change) => ((part >> plan.indexOf(change)) & 1) === 1;
              const without = built.afterOf((change) => made(change) && change !== plan[index]);
              const with_ = built.afterOf((change) => made(change) || change === plan[index]);
              expectNoMore(grantsOf(with_, member), [...grantsOf(without, member), ...grantsOf(built.live, member)]);
            }
          }
    }));

  it("are counted as for giving something wherever a part of the plan gives somebody something by it", () =>
    check(({ input, built }) => {
      const plan = built.plan.changes;
      const { changes } = judgeReviews(input);
      const members = new Set(
        [built.live, built.afterOf(() => true)].flatMap((state) => [...(state.get("Member")?.keys() ?? [])]),
      );
      for (const [index, { label }] of changes.entries()) {
        if (label === "escalating") continue;
        for (let part = 0; part < 2 ** plan.length; part++) {
          const made = (change: Change) => ((part >> plan.indexOf(change)) & 1) === 1;
          const without = built.afterOf((change) => made(change) && change !== plan[index]);
          const with_ = built.afterOf((change) => made(change) || change === plan[index]);
          for (const member of members)
            expectNoMore(grantsOf(with_, member), [...grantsOf(without, member), ...grantsOf(built.live, member)]);
        }
      }
    }));

  function grantsOf(state: State, member: string): readonly Grant[] {
    return platform.access(state).grantsOf(member);
  }

  function expectNoMore(some: readonly Grant[], others: readonly Grant[]): void {
    const rank = (grant: Grant) => platform.rankOf(grant.resource, grant.level);
    const more = some.filter(
      (grant) =>
        !others.some(
          (other) => other.resource === grant.resource && other.scope === grant.scope && rank(other) >= rank(grant),
        ),
    );
    expect(more).toEqual([]);
  }
});
