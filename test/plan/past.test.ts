// What is told of a moment, against a history that is made up: looks, applies and edits by hand in any order. What is told without a
// doubt about a thing is what was so of that thing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entity, NO_ATTRIBUTES, type State, stateOf } from "../../src/model/entity.ts";
import { type Attempt, type Doubt, reconstruct, type Sight } from "../../src/plan/past.ts";
import type { RecordedChange } from "../../src/plan/past-steps.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";

const GROUPS = ["a", "b"] as const;
const PEOPLE = ["ana@x", "bo@x", "chen@x"] as const;
const KEYS = GROUPS.flatMap((group) => PEOPLE.map((person) => `Membership/${group}/${person}`));

type Event =
  /** Somebody comes or goes by hand, and the platform's log is read at the next look, or not. */
  | { readonly what: "hand"; readonly key: number; readonly logged: boolean }
  | { readonly what: "look" }
  | { readonly what: "apply"; readonly keys: readonly number[]; readonly ending: "read" | "unread" | "failed" };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ what: fc.constant("hand" as const), key: fc.nat(KEYS.length - 1), logged: fc.boolean() }),
  fc.record({ what: fc.constant("look" as const) }),
  fc.record({
    what: fc.constant("apply" as const),
    keys: fc.uniqueArray(fc.nat(KEYS.length - 1), { minLength: 1, maxLength: 3 }),
    ending: fc.constantFrom("read" as const, "read" as const, "unread" as const, "failed" as const),
  }),
);

const entityOf = (key: string): Entity => {
  const [, group = "", person = ""] = key.split("/");
  return { kind: "Membership", section: `Membership/${group}`, local: person, name: person, attributes: NO_ATTRIBUTES };
};
const stateFrom = (held: ReadonlySet<string>): State => stateOf([...held].map(entityOf));
const heldIn = (state: State) =>
  KEYS.filter((key) => entityOf(key) && state.get(entityOf(key).section)?.has(entityOf(key).local));

/** A history as it really was, and as the ledger has it. */
class History {
  readonly truth: { readonly at: number; readonly held: ReadonlySet<string> }[] = [{ at: 0, held: new Set() }];
  readonly sights: Sight[] = [];
  readonly attempts: Attempt[] = [];
  readonly #held = new Set<string>();
  /** Since the last look: what was done by hand, and whether exactly one logged deed accounts for it. */
  readonly #deeds = new Map<string, { at: number; logged: boolean; count: number }>();
  at = 0;

  constructor(events: readonly Event[]) {
    this.#see(undefined);
    for (const one of events) this.#happen(one);
  }

  #happen(one: Event): void {
    this.at += 10;
    if (one.what === "look") this.#see(undefined);
    else if (one.what === "apply")
      this.#apply(
        one.keys.map((key) => KEYS[key] as string),
        one.ending,
      );
    else {
      const key = KEYS[one.key] as string;
      this.#toggle(key);
      this.#deeds.set(key, { at: this.at, logged: one.logged, count: (this.#deeds.get(key)?.count ?? 0) + 1 });
    }
  }

  #toggle(key: string): void {
    if (!this.#held.delete(key)) this.#held.add(key);
    this.truth.push({ at: this.at, held: new Set(this.#held) });
  }

  #see(run: string | undefined): void {
    const dated = [...this.#deeds].filter(([, { logged, count }]) => logged && count === 1);
    const since = new Map(dated.map(([key, { at }]) => [key, at]));
    this.sights.push({ at: this.at, state: stateFrom(this.#held), complete: true, ...(run ? { run } : {}), since });
    this.#deeds.clear();
  }

  /** The last change of one that failed is made, or not, and the apply does not know. */
  #apply(keys: readonly string[], ending: "read" | "unread" | "failed"): void {
    const [run, from] = [`run-${this.at}`, this.at];
    const changes = keys.map((key): RecordedChange => {
      const view = { name: entityOf(key).name, attributes: NO_ATTRIBUTES };
      const there = this.#held.has(key);
      const views = there ? { before: view, after: null } : { before: null, after: view };
      return { id: key, action: there ? "delete" : "create", kind: "Membership", key, name: key, ...views };
    });
    const unsure = ending === "failed" ? changes.slice(-1) : [];
    const made = changes.filter((change) => !unsure.includes(change));
    for (const { key } of [...made, ...unsure.filter(() => from % 20 === 0)]) {
      this.at += 1;
      this.#toggle(key);
    }
    this.at += 1;
    if (ending === "read") this.#see(run);
    this.at += 1;
    this.attempts.push({ run, from, to: this.at, found: changes, made, unsure, unread: ending !== "read" });
  }

  heldAt(at: number): ReadonlySet<string> {
    return this.truth.findLast((one) => one.at <= at)?.held ?? new Set();
  }

  toldAt(at: number) {
    const before = this.sights.filter((sight) => sight.at <= at).slice(-1);
    const next = this.sights.find((sight) => sight.at > at);
    return reconstruct({ platform: atomic, at, before, next, attempts: this.attempts });
  }
}

/** What a doubt is about: of an edit by hand `Membership PERSON in GROUP`, else keys. */
function doubted(doubts: readonly Doubt[]): ReadonlySet<string> {
  return new Set(
    doubts.flatMap((doubt) => {
      if (doubt.why === "running" || doubt.why === "outcome") return doubt.names;
      if (doubt.why !== "by-hand") return [];
      const [, person, group] = /^Membership (.*) in (.*)$/.exec(doubt.name) ?? [];
      return [`Membership/${group}/${person}`];
    }),
  );
}

describe("what is told of a moment", () => {
  it("is what was so of everything that is not doubted and did not come and go unseen", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 14 }), (events) => {
        const history = new History(events);
        for (let at = 0; at <= history.at + 5; at += 1) {
          const told = history.toldAt(at);
          if (!told) throw new Error("nothing is known");
          const doubts = doubted(told.doubts);
          const said = new Set(heldIn(told.state));
          for (const key of KEYS) {
            if (doubts.has(key) || isUnseen(history, key, at)) continue;
            expect([at, key, said.has(key)]).toEqual([at, key, history.heldAt(at).has(key)]);
          }
        }
      }),
      // Failed without an answer, and then made by hand: the next look cannot tell which it was.
      {
        examples: [
          [[{ what: "apply", keys: [0], ending: "failed" }, { what: "hand", key: 0, logged: false }, { what: "look" }]],
        ],
      },
    );
  });

  it("is certain at every look", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 14 }), (events) => {
        const history = new History(events);
        for (const { at } of history.sights) {
          const told = history.toldAt(at);
          expect(told?.doubts).toEqual([]);
          expect(new Set(heldIn(told?.state ?? new Map()))).toEqual(history.heldAt(at));
        }
      }),
    );
  });
});

/** More than one edit between two looks, or one that nobody has looked at yet: the ledger cannot know, and the gap itself is said. */
function isUnseen({ sights, attempts, truth }: History, key: string, at: number): boolean {
  const from = sights.findLast((sight) => sight.at <= at)?.at ?? 0;
  const to = sights.find((sight) => sight.at > at)?.at ?? Number.POSITIVE_INFINITY;
  const times = truth.filter(
    ({ at: moved }, index) =>
      moved > from && moved <= to && truth[index - 1]?.held.has(key) !== truth[index]?.held.has(key),
  );
  const byApply = ({ at: moved }: { readonly at: number }) =>
    attempts.some((attempt) => moved > attempt.from && moved < (attempt.to ?? 0));
  const byHand = times.filter((move) => !byApply(move));
  return byHand.length > 1 || (byHand.length === 1 && (to === Number.POSITIVE_INFINITY || times.length > 1));
}
