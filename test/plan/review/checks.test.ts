// What counts in a campaign, and what is said of the rest: each case is a story of somebody who did something else than asked.
import { describe, expect, test } from "vitest";
import type { RosterEntry } from "../../../src/model/campaign.ts";
import { stateOf } from "../../../src/model/entity.ts";
import { namesNow, stableNames } from "../../../src/plan/review/held.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import {
  codes,
  DEFINITION,
  decide,
  decideAll,
  entryFor,
  filesOf,
  grantedBy,
  heldNow,
  judge,
  PEOPLE,
  review,
  row,
  startOf,
} from "./campaign.ts";

const BO = "bo@acme.example";
const DI = "di@acme.example";
const ED = "ed@acme.example";

/** Ana decides on what Bo, Di and Ed have as makers. */
function makers() {
  const start = startOf([row({ member: BO }), row({ member: DI }), row({ member: ED })]);
  const files = filesOf(start);
  const [name = ""] = [...files.keys()];
  return { start, files, name, text: files.get(name) ?? "" };
}

function decided(edit: (text: string) => string, reviews = [review("ana", ["ana.yaml"])]) {
  const { start, name, text } = makers();
  return { start, state: judge(start, new Map([[name, edit(text)]]), { reviews }) };
}

test("a decision counts once its reviewer has approved the very file", () => {
  const { start, state } = decided((text) => decide(text, BO, "revoke", "Moved to sales"));
  const [one, ...more] = state.decided;
  expect(more).toEqual([]);
  expect(one).toMatchObject({
    entry: entryFor(start, BO).id,
    decision: { decision: "revoke" },
    justification: "Moved to sales",
    by: "reviewer",
    who: "ana@acme.example",
    approval: { pull: 12, login: "ana", at: "2026-10-05T09:00:00Z" },
    file: { path: "policies/reviews/quarterly-2026-10-01/ana.yaml" },
  });
  expect(state.undecided).toHaveLength(2);
  expect(codes(state)).toEqual(["entries-undecided"]);
  expect(state.progress).toMatchObject([
    { reviewer: "ana@acme.example", login: "ana", entries: 3, filled: 1, settled: 1 },
  ]);
});

test("nobody becomes a reviewer by settings that were not applied yet, nor is rid of what bars them", () => {
  const { start, files, name, text } = makers();
  const filled = new Map([...files, [name, decideAll(text, "keep")]]);
  const bo = review("bo", ["ana.yaml"]);
  const and = (login: string, ...members: string[]) =>
    PEOPLE.map((one) => (one.login === login ? { ...one, members: [...one.members, ...members] } : one));
  const decidedBy = (more: Parameters<typeof judge>[2]) => judge(start, filled, more).decided.length;
  const people = and("bo", "ana@acme.example");
  expect(decidedBy({ people, reviews: [bo], former: [people] })).toBeGreaterThan(0);
  expect(decidedBy({ people, reviews: [bo], former: [people, PEOPLE] })).toBe(0);
  const ana = review("ana", ["ana.yaml"]);
  expect(decidedBy({ people, reviews: [ana], former: [PEOPLE] })).toBe(2);
  expect(decidedBy({ reviews: [ana] })).toBe(3);
  expect(decidedBy({ reviews: [ana], former: [and("ana", DI)] })).toBe(2);
});

test("all that can be decided is: keep, revoke, a lower level, an end", () => {
  const { state } = decided((text) =>
    decide(
      decide(decide(text, BO, "keep"), DI, "reduce to view", "Only looks"),
      ED,
      "until 2026-12-31",
      "Until the move",
    ),
  );
  expect(state.decided.map(({ decision }) => decision)).toEqual([
    { decision: "keep" },
    { decision: "reduce", level: "view" },
    { decision: "until", until: "2026-12-31" },
  ]);
  expect([state.undecided, state.findings]).toEqual([[], []]);
});

describe("who decides", () => {
  const everything = (text: string) => decideAll(text, "revoke", "The desk is closed");

  test("nobody, while nobody has approved", () => {
    const { state } = decided(everything, []);
    expect(state.decided).toEqual([]);
    expect(codes(state)).toEqual(["entries-undecided", "approval-missing"]);
    expect(state.progress).toMatchObject([{ filled: 3, settled: 0 }]);
  });

  test("not by an approval of another version of the file", () => {
    const { state } = decided(everything, [review("ana", [])]);
    expect(state.decided).toEqual([]);
    expect(codes(state)).toEqual(["entries-undecided", "approval-outdated"]);
  });

  test("not somebody else, whoever that is", () => {
    for (const login of ["cy", "stranger", "hana"]) {
      const { state } = decided(everything, [review(login, ["ana.yaml"])]);
      expect(state.decided).toEqual([]);
      expect(codes(state)).toEqual(["entries-undecided", "approval-of-another"]);
    }
  });

  test("not by an approval that was taken back", () => {
    for (const state of ["changes-requested", "dismissed"] as const) {
      const back = review("ana", ["ana.yaml"], { state, at: "2026-10-06T09:00:00Z" });
      expect(decided(everything, [review("ana", ["ana.yaml"]), back]).state.decided).toEqual([]);
    }
    const comment = review("ana", ["ana.yaml"], { state: "commented", at: "2026-10-06T09:00:00Z" });
    expect(decided(everything, [review("ana", ["ana.yaml"]), comment]).state.decided).toHaveLength(3);
  });

  test("a login that only looks like a member's name speaks for nobody", () => {
    const start = startOf([row({ member: BO })]);
    const people = PEOPLE.filter(({ login }) => login !== "ana");
    const files = new Map([...filesOf(start)].map(([name, text]) => [name, everything(text)]));
    const imitator = review("ana@acme.example", ["ana.yaml"]);
    expect(judge(start, files, { people, reviews: [imitator] }).decided).toEqual([]);
  });
});

describe("self-review", () => {
  test("whoever comes into a group's ownership does not decide on their own access", () => {
    // Bo owns nothing when it begins; his login is given to the reviewer's member afterwards.
    const { start, name, text } = makers();
    const people = PEOPLE.map((person) =>
      person.login === "bo" ? { ...person, members: [BO, "ana@acme.example"] } : person,
    ).filter(({ login }) => login !== "ana");
    const files = new Map([[name, decideAll(text, "keep")]]);
    const state = judge(start, files, { people, reviews: [review("bo", ["ana.yaml"])] });
    expect(state.decided.map(({ entry }) => entry)).not.toContain(entryFor(start, BO).id);
    expect(state.decided).toHaveLength(2);
    expect(state.undecided).toEqual([entryFor(start, BO).id]);
    const [self] = state.findings.filter(({ code }) => code === "self-review");
    expect(self).toMatchObject({
      severity: "error",
      place: { file: "policies/reviews/quarterly-2026-10-01/ana.yaml" },
    });
  });

  test("the fallback decides on everybody's but their own", () => {
    const hana = "hana@acme.example";
    const start = startOf([row({ member: BO }), row({ member: hana })]);
    const files = new Map([...filesOf(start)].map(([name, text]) => [name, decideAll(text, "keep")]));
    const late = review("hana", ["ana.yaml"], { at: "2026-10-16T09:00:00Z" });
    const state = judge(start, files, { reviews: [late], now: new Date("2026-10-17T00:00:00Z") });
    expect(state.decided.map(({ entry }) => entry)).toEqual([entryFor(start, BO).id]);
    expect(codes(state)).toEqual(["review-overdue", "self-review"]);
  });

  test("nobody decides on what they granted", () => {
    const by = grantedBy("bo", "hana@acme.example");
    const start = startOf([row({ member: DI, by })]);
    const files = new Map([...filesOf(start)].map(([name, text]) => [name, decideAll(text, "keep")]));
    const late = review("hana", ["ana.yaml"], { at: "2026-10-16T09:00:00Z" });
    const state = judge(start, files, { reviews: [late], now: new Date("2026-10-17T00:00:00Z") });
    expect(state.decided).toEqual([]);
    expect(codes(state)).toEqual(["review-overdue", "own-grant-reviewed"]);
  });
});

describe("missing coverage", () => {
  test("an entry that is taken out is told, and not decided", () => {
    const { start, state } = decided((text) => {
      const parts = decideAll(text, "keep").split(/(?=^ {2}- entry: )/m);
      return parts.filter((part) => !part.includes(BO)).join("");
    });
    expect(state.undecided).toEqual([entryFor(start, BO).id]);
    expect(codes(state)).toContain("roster-entry-missing");
  });

  test("so is a whole file", () => {
    const { start } = makers();
    const state = judge(start, new Map());
    expect(state.undecided).toHaveLength(3);
    expect(state.findings.map(({ code, message }) => [code, message])).toContainEqual([
      "roster-entry-missing",
      "Review quarterly-2026-10-01 has no file of ana@acme.example any more: 3 entries cannot be decided",
    ]);
  });

  test("an entry that was never there decides nothing", () => {
    const { state } = decided((text) => `${decideAll(text, "keep")}  - entry: 0123456789abcdef\n    decision: keep\n`);
    expect(state.decided).toHaveLength(3);
    expect(codes(state)).toEqual(["roster-entry-unknown"]);
  });

  test("an entry that stands twice is not decided, whichever is meant", () => {
    const { start, state } = decided((text) => {
      const parts = decideAll(text, "keep").split(/(?=^ {2}- entry: )/m);
      return [...parts, parts.find((part) => part.includes(BO))?.replace("keep", "revoke")].join("");
    });
    expect(state.undecided).toEqual([entryFor(start, BO).id]);
    expect(codes(state)).toContain("roster-entry-twice");
  });

  test("an entry that says something else than what was asked is not decided", () => {
    const edits: ((text: string) => string)[] = [
      (text) => text.replace(`member: ${BO}`, "member: somebody@acme.example"),
      (text) => text.replace("Card template: edit in production", "Card template: view in production"),
      (text) => text.replace("    risk: low\n", ""),
      (text) => text.replace("    risk: low\n", "    risk: low\n    roles: [Auditor]\n"),
    ];
    for (const edit of edits) {
      const { start, state } = decided((text) => edit(decideAll(text, "keep")));
      expect(state.undecided).toEqual([entryFor(start, BO).id]);
      expect(codes(state)).toContain("roster-entry-edited");
    }
  });

  test("what only looks otherwise is the same: another layout, another order, comments", () => {
    const { state } = decided((text) =>
      decideAll(text, "keep")
        .replaceAll(/through: \[(.*)\]/g, "through:\n      - $1 # the group")
        .replaceAll(/( {4}risk: low\n)( {4}recommendation: keep\n)/g, "$2$1"),
    );
    expect([state.undecided, state.findings]).toEqual([[], []]);
  });

  test("nobody gets an entry by moving it into a file of their own", () => {
    const start = startOf([row({ member: BO }), row({ member: DI, groups: ["Checkers"] })]);
    const files = filesOf(start);
    expect([...files.keys()]).toEqual(["ana.yaml", "cy.yaml"]);
    const moved = (files.get("ana.yaml") ?? "").replace(/^[\s\S]*?(?= {2}- entry: )/, "");
    const all = new Map([["cy.yaml", decideAll((files.get("cy.yaml") ?? "") + moved, "keep")]]);
    const state = judge(start, all, { reviews: [review("cy", ["cy.yaml"])] });
    expect(state.decided.map(({ entry }) => entry)).toEqual([entryFor(start, DI).id]);
    expect(codes(state)).toContain("roster-entry-moved");
    const claimed = new Map(
      [...files].map(([name, text]) => [name, decideAll(text, "keep").replace("reviewer: ana@", "reviewer: cy@")]),
    );
    expect(judge(start, claimed, { reviews: [review("cy", ["ana.yaml", "cy.yaml"])] }).undecided).toEqual([
      entryFor(start, BO).id,
    ]);
  });
});

describe("overdue", () => {
  const late = (at: string) => review("hana", ["ana.yaml"], { at });
  const kept = (text: string) => decideAll(text, "keep");
  const at = (now: string, reviews = [late("2026-10-16T09:00:00Z")], overdue?: "keep" | "revoke") => {
    const { start, name, text } = makers();
    const settings = { overdue: overdue ?? "keep", escalateDays: 7, remind: "0 7 * * *" } as const;
    return judge(start, new Map([[name, kept(text)]]), { reviews, now: new Date(now), settings });
  };

  test("the last day is the reviewer's, whole", () => {
    expect(at("2026-10-15T23:59:59.999Z", []).phase).toBe("open");
    const state = at("2026-10-16T00:00:00.000Z", []);
    expect(state.phase).toBe("escalated");
    expect(codes(state)).toEqual(["review-overdue", "approval-missing"]);
    expect(state.undecided).toHaveLength(3);
  });

  test("the fallback's word counts when it is given after that day, and not before", () => {
    expect(at("2026-10-17T00:00:00Z").decided.map(({ by, who }) => [by, who])).toEqual(
      Array.from({ length: 3 }, () => ["fallback", "hana@acme.example"]),
    );
    expect(at("2026-10-17T00:00:00Z", [late("2026-10-15T23:59:59Z")]).decided).toEqual([]);
  });

  test("the reviewer still may, and goes first", () => {
    const own = review("ana", ["ana.yaml"], { at: "2026-10-17T09:00:00Z" });
    const state = at("2026-10-18T00:00:00Z", [late("2026-10-16T09:00:00Z"), own]);
    expect(state.decided.map(({ by }) => by)).toEqual(["reviewer", "reviewer", "reviewer"]);
  });

  test("then the default decides: the review's own, else that of the settings", () => {
    expect(at("2026-10-22T23:59:59.999Z", []).decided).toEqual([]);
    const state = at("2026-10-23T00:00:00Z", [], "revoke");
    expect(state.phase).toBe("over");
    expect([state.undecided, codes(state)]).toEqual([[], expect.arrayContaining(["decided-by-default"])]);
    expect(state.decided[0]).toEqual({
      entry: expect.any(String),
      decision: { decision: "revoke" },
      justification: "Nobody decided until 2026-10-22",
      by: "default",
      who: "",
    });
    const start = startOf([row({ member: BO })], { ...DEFINITION, overdue: "keep" });
    const settings = { overdue: "revoke", escalateDays: 0, remind: "0 7 * * *" } as const;
    const own = judge(start, filesOf(start), { settings, now: new Date("2026-10-16T00:00:00Z") });
    expect(own.decided.map(({ decision }) => decision)).toEqual([{ decision: "keep" }]);
  });
});

describe("a reviewer who left", () => {
  const { start, name, text } = makers();
  const files = new Map([[name, decideAll(text, "keep")]]);
  const early = review("hana", ["ana.yaml"]);

  test("gives way to the fallback at once: without a login", () => {
    const people = PEOPLE.filter(({ login }) => login !== "ana");
    expect(codes(judge(start, files, { people }))).toEqual(["reviewer-left", "approval-missing"]);
    expect(judge(start, files, { people, reviews: [early] }).decided.map(({ by }) => by)).toEqual(
      Array.from({ length: 3 }, () => "fallback"),
    );
  });

  test("or no member any more", () => {
    const isMember = (member: string) => member !== "ana@acme.example";
    const state = judge(start, files, { isMember });
    expect(codes(state)).toEqual(["reviewer-left", "approval-missing"]);
    expect(state.progress).toMatchObject([{ left: true }]);
    expect(judge(start, files, { isMember, reviews: [early] }).undecided).toEqual([]);
  });

  test("what they decided while they were there stays decided", () => {
    const isMember = (member: string) => member !== "ana@acme.example";
    const state = judge(start, files, { isMember, reviews: [review("ana", ["ana.yaml"])] });
    expect(state.decided.map(({ by }) => by)).toEqual(["reviewer", "reviewer", "reviewer"]);
    expect(state.findings).toEqual([]);
  });
});

describe("a grant that vanished meanwhile", () => {
  const { start, files } = makers();

  test("need not be decided", () => {
    const state = judge(start, files, { held: heldNow([row({ member: BO }), row({ member: ED })]) });
    expect(state.vanished).toEqual([entryFor(start, DI).id]);
    expect(state.undecided).toEqual([entryFor(start, BO).id, entryFor(start, ED).id]);
    expect(codes(state)).toEqual(["entries-undecided", "entry-vanished"]);
  });

  test("is said where files give it still: an apply may bring it back", () => {
    const live = heldNow([row({ member: BO }), row({ member: ED })]).get("acme");
    const saidOf = (of: readonly Parameters<typeof row>[0][]) =>
      heldNow(of.map(row)).get("acme")?.grantsOf ?? (() => []);
    const hintOf = (of: readonly Parameters<typeof row>[0][]) => {
      const held = new Map(live ? [["acme", { ...live, saidOf: saidOf(of) }]] : []);
      const state = judge(start, files, { held });
      expect(state.vanished).toEqual([entryFor(start, DI).id]);
      return state.findings.find(({ code }) => code === "entry-vanished")?.hint;
    };
    expect(hintOf([{ member: BO }, { member: ED }])).toBe("Nothing to decide there.");
    expect(hintOf([{ member: BO }, { member: DI }])).toContain(`files still say it of ${DI}, and an apply may give it`);
  });

  test("has vanished where the same is held through something else", () => {
    const held = heldNow([row({ member: BO, groups: ["Checkers"] }), row({ member: DI }), row({ member: ED })]);
    expect(judge(start, files, { held }).vanished).toEqual([entryFor(start, BO).id]);
  });

  test("stays decided where somebody had decided it", () => {
    const { name, text } = makers();
    const edited = new Map([[name, decide(text, DI, "revoke", "Left the desk")]]);
    const reviews = [review("ana", ["ana.yaml"])];
    const state = judge(start, edited, { reviews, held: heldNow([row({ member: BO }), row({ member: ED })]) });
    expect(state.decided.map(({ entry }) => entry)).toEqual([entryFor(start, DI).id]);
    expect(state.undecided).toHaveLength(2);
  });

  test("nothing has where nobody looked", () => {
    expect(judge(start, files).vanished).toEqual([]);
  });
});

describe("a group renamed during the campaign", () => {
  const fold = atomic.fold;
  const group = (name: string, more = {}) => ({
    kind: "Group",
    section: "Group",
    local: fold(name),
    name,
    attributes: {},
    ...more,
  });
  const before = makers().start;
  const now = [BO, DI, ED].map((member) => row({ member, groups: ["Card makers"] }));

  test("is the same by the platform's id", () => {
    const names = stableNames("acme", before.entries, stateOf([group("Makers", { id: "g1" })]), fold);
    expect(names).toEqual([{ target: "acme", kind: "Group", name: "Makers", id: "g1" }]);
    const live = stateOf([group("Card makers", { id: "g1" }), group("Makers", { id: "g2" })]);
    const nameNow = namesNow({ names }, "acme", { live, declared: stateOf([]), fold });
    expect(nameNow("Group", "MAKERS")).toBe("Card makers");
    expect(judge(before, filesOf(before), { held: heldNow(now, nameNow) }).vanished).toEqual([]);
  });

  test("or by what the files say it was called", () => {
    const live = stateOf([group("Card makers")]);
    const declared = stateOf([group("Card makers", { previously: fold("Makers") })]);
    const nameNow = namesNow({}, "acme", { live, declared, fold });
    expect(judge(before, filesOf(before), { held: heldNow(now, nameNow) }).vanished).toEqual([]);
  });

  test("and another group of that name is another group", () => {
    const names = [{ target: "acme", kind: "Group", name: "Makers", id: "g1" }];
    const live = stateOf([group("Card makers", { id: "g1" }), group("Makers", { id: "g2" })]);
    const nameNow = namesNow({ names }, "acme", { live, declared: stateOf([]), fold });
    const held = heldNow(
      [BO, DI, ED].map((member) => row({ member, groups: ["Makers"] })),
      nameNow,
    );
    expect(judge(before, filesOf(before), { held }).vanished).toHaveLength(3);
  });

  test("so is a person who goes by another address", () => {
    const names = [{ target: "acme", kind: "Member", name: BO, id: "m1" }];
    const renamed = {
      kind: "Member",
      section: "Member",
      local: "bo@new.example",
      name: "bo@new.example",
      attributes: {},
      id: "m1",
    };
    const nameNow = namesNow({ names }, "acme", { live: stateOf([renamed]), declared: stateOf([]), fold });
    const rows = [row({ member: "bo@new.example" }), row({ member: DI }), row({ member: ED })];
    expect(judge(before, filesOf(before), { held: heldNow(rows, nameNow) }).vanished).toEqual([]);
  });
});

describe("decisions that cannot be made", () => {
  const one = (decision: string, justification = "Because") =>
    decided((text) => decide(text, BO, decision, justification)).state;

  test("a level that is not below, or that is none", () => {
    for (const [level, message] of [
      ["edit", 'Nothing that bo@acme.example holds here is above the level "edit"'],
      ["edti", 'Nothing that bo@acme.example holds here has the level "edti"'],
    ]) {
      const state = one(`reduce to ${level}`);
      expect(state.decided).toEqual([]);
      expect(state.findings.map(({ message }) => message)).toContain(message);
    }
    expect(one("reduce to view").decided).toHaveLength(1);
  });

  test("an end that had passed when it was approved", () => {
    expect(codes(one("until 2026-10-04"))).toContain("decision-cannot-be-made");
    // It was approved on the fifth, and is looked at on the sixth.
    expect(one("until 2026-10-05").decided).toHaveLength(1);
  });

  test("and whatever takes something away says why", () => {
    for (const decision of ["revoke", "reduce to view", "until 2026-12-31"])
      expect(codes(one(decision, " "))).toEqual(["entries-undecided", "justification-missing"]);
    expect(one("keep", "").decided).toHaveLength(1);
  });
});

describe("decisions that look as if nobody had looked", () => {
  const many = (count: number) => {
    const start = startOf(Array.from({ length: count }, (_, index) => row({ member: `p${index}@acme.example` })));
    const [[name = "", text = ""] = []] = [...filesOf(start)];
    return { start, name, text };
  };
  const at = (time: string) => [review("ana", ["ana.yaml"], { at: time })];

  test("everything kept within moments of the start", () => {
    const { start, name, text } = many(20);
    const files = new Map([[name, decideAll(text, "keep")]]);
    expect(codes(judge(start, files, { reviews: at("2026-10-01T06:00:40Z") }))).toEqual(["blanket-approval"]);
    expect(codes(judge(start, files, { reviews: at("2026-10-01T06:02:00Z") }))).toEqual([]);
    const looked = new Map([[name, decide(decideAll(text, "keep"), "p3@acme.example", "revoke", "Left")]]);
    expect(codes(judge(start, looked, { reviews: at("2026-10-01T06:00:40Z") }))).toEqual([]);
    const few = many(4);
    const some = new Map([[few.name, decideAll(few.text, "keep")]]);
    expect(codes(judge(few.start, some, { reviews: at("2026-10-01T06:00:05Z") }))).toEqual([]);
  });

  test("copied justifications, however they are spaced", () => {
    const { start, name, text } = many(8);
    let edited = decideAll(text, "keep");
    for (let index = 0; index < 5; index += 1)
      edited = decide(edited, `p${index}@acme.example`, "keep", index % 2 === 0 ? "Needs it" : "needs  it.");
    const reviews = at("2026-10-05T06:00:00Z");
    const state = judge(start, new Map([[name, edited]]), { reviews });
    expect(state.findings).toMatchObject([
      { code: "copied-justification", message: 'ana@acme.example gave one justification for 5 entries: "Needs it"' },
    ]);
    const own = new Map([[name, edited.replace("Needs it", "Runs the desk")]]);
    expect(codes(judge(start, own, { reviews }))).toEqual([]);
  });

  test("a recommendation passed over without a word", () => {
    const dormant = {
      level: "high",
      score: 70,
      reasons: [{ code: "dormant", text: "not active for 200 days" }],
    } as const;
    const start = startOf([row({ member: BO, more: { risk: dormant } })]);
    const [[name = "", text = ""] = []] = [...filesOf(start)];
    const reviews = at("2026-10-05T06:00:00Z");
    const state = judge(start, new Map([[name, decide(text, BO, "keep")]]), { reviews });
    expect([state.undecided, codes(state)]).toEqual([[], ["kept-without-reason"]]);
    const said = new Map([[name, decide(text, BO, "keep", "On parental leave until June")]]);
    expect(codes(judge(start, said, { reviews }))).toEqual([]);
  });
});

test("ten thousand entries are judged in one go, each by its own line", () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => row({ member: `p${index}@acme.example` }));
  const start = startOf(rows);
  const files = new Map([...filesOf(start)].map(([name, text]) => [name, decideAll(text, "keep")]));
  expect(files.size).toBe(20);
  const state = judge(start, files, { reviews: [review("ana", [...files.keys()])], held: heldNow(rows) });
  expect(state.decided).toHaveLength(10_000);
  expect(new Set(state.decided.map(({ entry }) => entry))).toEqual(
    new Set(start.entries.map(({ id }: RosterEntry) => id)),
  );
});
