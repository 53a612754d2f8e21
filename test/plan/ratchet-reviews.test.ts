// Nobody does away with the look at their own access by the commit that it helps: what loosens a review is named, and waits for the
// owners of the targets it is about; what tightens one, or says the same in other words, is not.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReviewDefinition, ReviewRules } from "../../src/model/campaign.ts";
import { keyOf, stateOf } from "../../src/model/entity.ts";
import type { Target } from "../../src/model/settings.ts";
import { NO_GOVERNANCE } from "../../src/model/waiver.ts";
import { type Rules, weakeningsOf } from "../../src/plan/ratchet.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const OWNERS = ["ana@acme.example", "kim@acme.example"];
const target = (parts: Partial<Target> = {}) => openTarget({ owners: OWNERS, ...parts });
const place = { file: "policies/reviews/quarterly.yaml", line: 2, column: 7 };

/** Everything of it can be loosened and tightened. */
const QUARTERLY: ReviewDefinition = {
  name: "quarterly",
  description: "Four times a year",
  scope: {
    targets: ["acme", "vault"],
    groups: ["Card creators", "Owner"],
    resources: ["Card template"],
    levels: ["edit", "admin"],
    scopes: ["production"],
    changedSince: "2026-06-30",
  },
  reviewers: { from: "named", named: ["bo@acme.example", "cy@acme.example"], fallback: ["dee@acme.example"] },
  schedule: { cron: "0 6 1 */3 *", days: 14 },
  overdue: "revoke",
  place,
};
const ONCE: ReviewDefinition = {
  name: "once",
  scope: {},
  reviewers: { from: "group-owners", named: [], fallback: [] },
  due: "2026-12-31",
  place,
};
const { schedule: _, ...UNDATED } = QUARTERLY;
const { overdue: __, ...FOLLOWING } = QUARTERLY;
const scoped = (scope: ReviewDefinition["scope"]) => ({ ...QUARTERLY, scope: { ...QUARTERLY.scope, ...scope } });
const without = (part: keyof ReviewDefinition["scope"]) => {
  const { [part]: _, ...scope } = QUARTERLY.scope;
  return { ...QUARTERLY, scope };
};
const decided = (reviewers: Partial<ReviewDefinition["reviewers"]>) => ({
  ...QUARTERLY,
  reviewers: { ...QUARTERLY.reviewers, ...reviewers },
});
const scheduled = (schedule: Partial<NonNullable<ReviewDefinition["schedule"]>>) => ({
  ...QUARTERLY,
  schedule: { cron: "0 6 1 */3 *", days: 14, ...schedule },
});

const SETTINGS: ReviewRules["settings"] = { overdue: "revoke", escalateDays: 7 };
const rules = (definitions: readonly ReviewDefinition[], settings: Partial<ReviewRules["settings"]> = {}): Rules => ({
  target: target(),
  guardrails: [],
  reviews: { definitions, settings: { ...SETTINGS, ...settings } },
});
const found = (head: Rules, base: Rules, now = NOW) => weakeningsOf(head, base, atomic.fold, now);
const said = (head: Rules, base: Rules, now = NOW) => found(head, base, now).map(({ what }) => what);

/** Two versions of a definition of which the second is looser, what is said of that, and whether the way back is no weakening. */
const LOOSER: readonly (readonly [
  string,
  ReviewDefinition,
  ReviewDefinition | undefined,
  string,
  "back is fine" | "both ways",
])[] = [
  ["removed", QUARTERLY, undefined, "is removed", "back is fine"],
  ["another name", QUARTERLY, { ...QUARTERLY, name: "yearly" }, "is removed", "both ways"],
  ["not of this target", QUARTERLY, scoped({ targets: ["vault"] }), "no longer looks at acme", "back is fine"],
  [
    "of another target alone",
    ONCE,
    { ...ONCE, scope: { targets: ["vault"] } },
    "no longer looks at acme",
    "back is fine",
  ],
  ["fewer groups", QUARTERLY, scoped({ groups: ["owner"] }), "no longer looks at groups Card creators", "back is fine"],
  [
    "some groups",
    without("groups"),
    QUARTERLY,
    "looks only at groups Card creators, Owner, and looked at all",
    "back is fine",
  ],
  [
    "other groups",
    QUARTERLY,
    scoped({ groups: ["Owner", "Editor"] }),
    "no longer looks at groups Card creators",
    "both ways",
  ],
  [
    "other resources",
    QUARTERLY,
    scoped({ resources: ["Theme"] }),
    "no longer looks at resources Card template",
    "both ways",
  ],
  [
    "some resources",
    without("resources"),
    QUARTERLY,
    "looks only at resources Card template, and looked at all",
    "back is fine",
  ],
  ["fewer levels", QUARTERLY, scoped({ levels: ["edit"] }), "no longer looks at levels admin", "back is fine"],
  ["some levels", without("levels"), QUARTERLY, "looks only at levels edit, admin, and looked at all", "back is fine"],
  [
    "some environments",
    without("scopes"),
    QUARTERLY,
    "looks only at scopes production, and looked at all",
    "back is fine",
  ],
  [
    "people who can do everything",
    QUARTERLY,
    scoped({ ownerEquivalent: true }),
    "looks only at people who could give themselves anything, and looked at everybody",
    "back is fine",
  ],
  [
    "what came lately",
    without("changedSince"),
    QUARTERLY,
    "looks only at what came since 2026-06-30, and looked at everything",
    "back is fine",
  ],
  [
    "what came later",
    QUARTERLY,
    scoped({ changedSince: "2026-07-01" }),
    "looks only at what came since 2026-07-01, and looked at what came since 2026-06-30",
    "back is fine",
  ],
  [
    "what came since the last",
    QUARTERLY,
    scoped({ changedSince: "last-review" }),
    "looks only at what came since last-review, and looked at what came since 2026-06-30",
    "both ways",
  ],
  [
    "one reviewer less",
    QUARTERLY,
    decided({ named: ["cy@acme.example"] }),
    "is decided by cy@acme.example, and was by bo@acme.example, cy@acme.example",
    "both ways",
  ],
  [
    "another reviewer",
    QUARTERLY,
    decided({ named: ["eve@acme.example", "bo@acme.example", "cy@acme.example"] }),
    "is decided by eve@acme.example, bo@acme.example, cy@acme.example, and was by bo@acme.example, cy@acme.example",
    "both ways",
  ],
  [
    "named instead of the groups' owners",
    decided({ from: "group-owners", named: [] }),
    QUARTERLY,
    "is decided by bo@acme.example, cy@acme.example, and was by the owners of the groups",
    "both ways",
  ],
  [
    "another fallback",
    QUARTERLY,
    decided({ fallback: ["eve@acme.example"] }),
    "has the fallback eve@acme.example, and had dee@acme.example",
    "both ways",
  ],
  [
    "no fallback",
    QUARTERLY,
    decided({ fallback: [] }),
    "has the fallback nobody, and had dee@acme.example",
    "both ways",
  ],
  [
    "no owner as fallback",
    decided({ fallback: OWNERS }),
    decided({ fallback: ["ana@acme.example"] }),
    "has the fallback ana@acme.example, and had ana@acme.example, kim@acme.example",
    "back is fine",
  ],
  [
    "half as often",
    QUARTERLY,
    scheduled({ cron: "0 6 1 */6 *" }),
    "begins at 0 6 1 */6 *, and began at 0 6 1 */3 *: not on all days that it did",
    "back is fine",
  ],
  [
    "on other days",
    QUARTERLY,
    scheduled({ cron: "0 6 2 */3 *" }),
    "begins at 0 6 2 */3 *, and began at 0 6 1 */3 *: not on all days that it did",
    "both ways",
  ],
  ["more time", QUARTERLY, scheduled({ days: 15 }), "gives 15 days to decide, and gave 14", "back is fine"],
  [
    "once only",
    QUARTERLY,
    { ...UNDATED, due: "2026-12-31" },
    "is due on 2026-12-31, and began at 0 6 1 */3 *",
    "both ways",
  ],
  ["put off", ONCE, { ...ONCE, due: "2027-01-01" }, "is due on 2027-01-01, and was on 2026-12-31", "back is fine"],
  [
    "due too early to begin",
    ONCE,
    { ...ONCE, due: "2026-11-21" },
    "is due on 2026-11-21, and was on 2026-12-31: that day is over, so that it never begins",
    "back is fine",
  ],
  [
    "kept by its own word",
    QUARTERLY,
    { ...QUARTERLY, overdue: "keep" },
    "keeps what nobody decides in time, and revoked it",
    "back is fine",
  ],
  [
    "kept against the settings' word",
    FOLLOWING,
    { ...FOLLOWING, overdue: "keep" },
    "keeps what nobody decides in time, and revoked it",
    "back is fine",
  ],
];

describe("a review that is looser", () => {
  it.each(LOOSER)("%s", (_, base, head, what, back) => {
    const weakenings = found(rules(head ? [head] : []), rules([base]));
    expect(weakenings.map((one) => one.what)).toEqual([`Review "${base.name}" ${what}`]);
    for (const { owners, id, gives } of weakenings) expect([owners, id.length, gives]).toEqual([OWNERS, 24, undefined]);
    expect(weakenings[0]?.place).toEqual(head?.name === base.name ? place : undefined);
    const again = said(rules([base]), rules(head ? [head] : []));
    expect(again.length > 0).toBe(back === "both ways");
  });

  it("has an id of its own for each way, the same every time", () => {
    const ids = () =>
      LOOSER.flatMap(([, base, head]) => found(rules(head ? [head] : []), rules([base]))).map(({ id }) => id);
    // Removed and called otherwise are one; so are two that keep, and two that leave out one group.
    expect(new Set(ids()).size).toBe(LOOSER.length - 3);
    expect(ids()).toEqual(ids());
  });

  it("is told once for each thing that is", () => {
    const head = { ...scheduled({ cron: "0 6 1 1 *", days: 30 }), overdue: "keep" as const };
    expect(said(rules([head]), rules([QUARTERLY, ONCE]))).toEqual([
      'Review "once" is removed',
      'Review "quarterly" begins at 0 6 1 1 *, and began at 0 6 1 */3 *: not on all days that it did',
      'Review "quarterly" gives 30 days to decide, and gave 14',
      'Review "quarterly" keeps what nobody decides in time, and revoked it',
    ]);
  });

  it("is the matter of the owners of each target that it was about, and of nobody else's", () => {
    const vault = (definitions: readonly ReviewDefinition[]) => ({
      ...rules(definitions),
      target: target({ name: "vault", owners: ["vic@acme.example"] }),
    });
    const other = (definitions: readonly ReviewDefinition[]) => ({
      ...rules(definitions),
      target: target({ name: "other", owners: ["olu@acme.example"] }),
    });
    expect(found(vault([]), vault([QUARTERLY])).map(({ owners }) => owners)).toEqual([["vic@acme.example"]]);
    expect(found(other([]), other([QUARTERLY]))).toEqual([]);
    // A scope that says nothing of targets is about all of them.
    expect(found(other([]), other([ONCE])).map(({ owners }) => owners)).toEqual([["olu@acme.example"]]);
    const narrowed = [scoped({ targets: ["vault"] })];
    expect(found(vault(narrowed), vault([QUARTERLY]))).toEqual([]);
  });
});

describe("a review that is not looser", () => {
  it.each<[string, readonly ReviewDefinition[]]>([
    ["as it was", [QUARTERLY]],
    [
      "in another file, with another description",
      [{ ...QUARTERLY, description: "Often", place: { ...place, file: "x.yaml", line: 7 } }],
    ],
    ["beside a new one", [QUARTERLY, ONCE]],
    ["of more targets", [scoped({ targets: ["other", "vault", "acme"] })]],
    ["of all targets", [without("targets")]],
    ["of more groups, in other words", [scoped({ groups: ["Editor", "OWNER", " card creators"] })]],
    ["of all groups", [without("groups")]],
    [
      "of more resources, levels and scopes",
      [
        scoped({
          resources: ["Theme", "Card template"],
          levels: ["admin", "edit", "view"],
          scopes: ["dev", "production"],
        }),
      ],
    ],
    ["of what came earlier", [scoped({ changedSince: "2026-01-01" })]],
    ["of everything", [{ ...QUARTERLY, scope: {} }]],
    [
      "with its reviewers in another order, and one written twice",
      [decided({ named: ["CY@acme.example", "bo@acme.example", "bo@acme.example"] })],
    ],
    [
      "with an owner of the target beside the reviewers and the fallback",
      [
        decided({
          named: ["bo@acme.example", "cy@acme.example", "ana@acme.example"],
          fallback: ["dee@acme.example", "KIM@acme.example"],
        }),
      ],
    ],
    ["more often", [scheduled({ cron: "0 6 1 * *" })]],
    ["at another hour", [scheduled({ cron: "30 22 1 1,4,7,10 *" })]],
    ["with less time", [scheduled({ days: 13 })]],
    ["without a word of its own where the settings say the same", [FOLLOWING]],
  ])("%s", (_, head) => {
    expect(said(rules(head), rules([QUARTERLY]))).toEqual([]);
  });

  it("once: earlier, revoking, or gone when its day is over", () => {
    expect(said(rules([{ ...ONCE, due: "2026-12-01" }]), rules([ONCE]))).toEqual([]);
    expect(said(rules([{ ...ONCE, overdue: "revoke" }]), rules([ONCE], { overdue: "keep" }))).toEqual([]);
    expect(said(rules([]), rules([ONCE]), new Date("2026-12-31T23:59:59Z"))).toEqual(['Review "once" is removed']);
    expect(said(rules([]), rules([ONCE]), new Date("2027-01-01T00:00:00Z"))).toEqual([]);
    expect(said(rules([{ ...ONCE, due: "2028-01-01" }]), rules([ONCE]), new Date("2027-01-01T00:00:00Z"))).toEqual([]);
  });

  it("before the first apply, nor where nothing is known of reviews", () => {
    expect(weakeningsOf(rules([]), undefined, atomic.fold, NOW)).toEqual([]);
    expect(found(rules([QUARTERLY]), { target: target(), guardrails: [] })).toEqual([]);
  });
});

describe("what holds for all reviews", () => {
  const WAITS = "reviews.escalateDays is raised from 7 to 8: what nobody decides in time waits longer";
  const KEEPS = "reviews.overdue is keep, and was revoke: what nobody decides in time stays";
  const DROPS = "reviews.escalateDays is lowered from 7 to 0: no fallback decides what is then kept";
  const kept = { ...QUARTERLY, overdue: "keep" as const };
  it.each<[string, ReviewDefinition, Partial<ReviewRules["settings"]>, readonly string[]]>([
    ["no longer revokes, and a review follows it", FOLLOWING, { overdue: "keep" }, [KEEPS]],
    ["no longer revokes, and every review says so itself", QUARTERLY, { overdue: "keep" }, []],
    ["waits longer", QUARTERLY, { escalateDays: 8 }, [WAITS]],
    ["waits less", QUARTERLY, { escalateDays: 6 }, []],
    ["waits for nobody, and then revokes", FOLLOWING, { escalateDays: 0 }, []],
    ["waits for nobody, and then keeps", kept, { escalateDays: 0 }, [DROPS]],
    ["waits for nobody, where nobody is named", { ...kept, reviewers: ONCE.reviewers }, { escalateDays: 0 }, []],
    [
      "is of no matter to a target without reviews",
      scoped({ targets: ["vault"] }),
      { escalateDays: 90, overdue: "keep" },
      [],
    ],
  ])("%s", (_, definition, settings, expected) => {
    const weakenings = found(rules([definition], settings), rules([definition]));
    expect(weakenings.map(({ what }) => what)).toEqual(expected);
    for (const { owners, place } of weakenings) expect([owners, place]).toEqual([OWNERS, target().place]);
  });

  it("is not told beside the review that is gone", () => {
    expect(said(rules([], { escalateDays: 90, overdue: "keep" }), rules([FOLLOWING]))).toEqual([
      'Review "quarterly" is removed',
    ]);
  });

  it("made stricter is no weakening", () => {
    expect(said(rules([FOLLOWING]), rules([FOLLOWING], { overdue: "keep", escalateDays: 30 }))).toEqual([]);
  });
});

describe("names", () => {
  const creators = (name: string, previously?: string) =>
    stateOf([
      ...(stateOfOrganization({ roles: {}, members: {}, groups: {} }).get("Environment")?.values() ?? []),
      {
        kind: "Group",
        section: "Group",
        local: atomic.fold(name),
        name,
        attributes: { roles: [], environments: "all" },
        ...(previously === undefined ? {} : { previously: atomic.fold(previously) }),
      },
    ]);
  const looks = (...groups: readonly string[]) => scoped({ groups });
  const plan = (head: ReviewDefinition, name: string) => {
    const base = creators("Card creators");
    const want = creators(name, name === "Card creators" ? undefined : "Card creators");
    return planFor(
      { base, want, live: base },
      {
        target: target(),
        governance: { ...NO_GOVERNANCE, reviews: [head] },
        reviews: { definitions: [head], settings: SETTINGS },
        baseRules: {
          target: target(),
          guardrails: [],
          reviews: { definitions: [looks("Card creators")], settings: SETTINGS },
        },
      },
    ).plan;
  };

  it("of a group that the same commit renames are followed, and missed where they are not", () => {
    const renamed = plan(looks("Card makers"), "Card makers");
    expect(renamed.changes.map(({ key, action }) => [key, action])).toEqual([
      [keyOf({ section: "Group", local: "card makers" }), "update"],
    ]);
    expect(renamed.weakens).toEqual([]);
    const WHAT = 'Review "quarterly" no longer looks at groups Card creators';
    expect(plan(looks("Card creators"), "Card makers").weakens.map(({ what }) => what)).toEqual([WHAT]);
    expect(plan(looks("Card makers"), "Card creators").weakens.map(({ what }) => what)).toEqual([WHAT]);
    expect(plan(looks("Card creators"), "Card creators").weakens).toEqual([]);
  });

  it("are part of the plan's digest, with what is weakened of them", () => {
    const [same, gone] = [plan(looks("Card creators"), "Card creators"), plan(looks("Owner"), "Card creators")];
    expect([same.refused, gone.refused]).toEqual([false, false]);
    expect(same.digest).not.toBe(gone.digest);
  });

  it("of who decides may not become somebody else's login", () => {
    const person = (login: string, member: string) => ({ login, members: [member], place });
    const people = [person("bo-hub", "bo@acme.example"), person("eve-hub", "eve@acme.example")];
    const base = { ...rules([QUARTERLY]), people };
    for (const member of ["bo@acme.example", "dee@acme.example"]) {
      const head = { ...base, people: [...people, person("mallory", member)] };
      expect(said(head, base)).toEqual([`people lets mallory approve as ${member}`]);
    }
    expect(said({ ...base, people: [...people, person("mallory", "nobody@acme.example")] }, base)).toEqual([]);
  });
});

/** Ways to loosen a definition, of which each makes another thing looser. */
const WAYS: readonly ((definition: ReviewDefinition) => ReviewDefinition | undefined)[] = [
  () => undefined,
  (one) => ({ ...one, scope: { ...one.scope, targets: ["vault"] } }),
  (one) => ({
    ...one,
    scope: { ...one.scope, groups: (one.scope.groups ?? ["Owner", "Editor"]).slice(1).concat("New") },
  }),
  (one) => ({ ...one, scope: { ...one.scope, levels: one.scope.levels?.slice(1) ?? ["view"] } }),
  (one) => ({ ...one, scope: { ...one.scope, ownerEquivalent: true } }),
  (one) => ({ ...one, scope: { ...one.scope, changedSince: "2027-01-01" } }),
  (one) => ({ ...one, reviewers: { ...one.reviewers, fallback: [...one.reviewers.fallback, "eve@acme.example"] } }),
  (one) => ({ ...one, overdue: "keep" }),
  ({ schedule, ...one }) =>
    schedule
      ? { ...one, schedule: { ...schedule, days: schedule.days + 1 } }
      : { ...one, due: one.due === "2026-12-31" ? "2027-03-31" : "2027-12-31" },
  ({ schedule, ...one }) => (schedule ? { ...one, schedule: { ...schedule, cron: "0 6 31 12 *" } } : undefined),
];
const definition: fc.Arbitrary<ReviewDefinition> = fc
  .record({
    groups: fc.option(fc.subarray(["Owner", "Editor", "Card creators"], { minLength: 2 }), { nil: undefined }),
    levels: fc.option(fc.subarray(["edit", "admin", "view"], { minLength: 2 }), { nil: undefined }),
    changedSince: fc.constantFrom(undefined, "2026-01-31"),
    fallback: fc.subarray(["dee@acme.example", "ana@acme.example"]),
    days: fc.integer({ min: 1, max: 30 }),
    once: fc.boolean(),
    cron: fc.constantFrom("0 6 1 */3 *", "0 6 * * 1", "@monthly"),
    due: fc.constantFrom("2026-12-31", "2027-06-30"),
  })
  .map(({ groups, levels, changedSince, fallback, once, days, cron, due }) => ({
    name: "any",
    scope: { ...(groups ? { groups } : {}), ...(levels ? { levels } : {}), ...(changedSince ? { changedSince } : {}) },
    reviewers: { from: "group-owners", named: [], fallback },
    ...(once ? { due } : { schedule: { cron, days } }),
    place,
  }));

describe("any review", () => {
  it("weakens nothing as it is, wherever it stands", () => {
    fc.assert(
      fc.property(definition, (one) => {
        const copy: ReviewDefinition = { ...structuredClone(one), place: { ...place, file: "elsewhere.yaml" } };
        expect(said(rules([copy]), rules([one]))).toEqual([]);
      }),
    );
  });

  it("weakens however it is loosened, in several ways at once, too", () => {
    fc.assert(
      fc.property(definition, fc.subarray([...WAYS], { minLength: 1 }), (one, ways) => {
        const head = ways.reduce<ReviewDefinition | undefined>((so, loosen) => so && loosen(so), one);
        expect(said(rules(head ? [head] : []), rules([one]))).not.toEqual([]);
      }),
    );
  });

  it("weakens nothing when what can be taken back is", () => {
    // Who decides, and on which days, is exchanged either way; all else is only less or more.
    const ways = WAYS.filter((_, index) => ![2, 6, 9].includes(index));
    fc.assert(
      fc.property(definition, fc.subarray(ways, { minLength: 1 }), (one, some) => {
        const looser = some.reduce<ReviewDefinition | undefined>((so, loosen) => so && loosen(so), one);
        expect(said(rules([one]), rules(looser ? [looser] : []))).toEqual([]);
      }),
    );
  });
});
