// What was true of a target at a moment, from what was seen of it before and after and what applies said they did in between. It
// takes over what is certain, leaves what is not as it was seen last, and says which is which. Pure.
import { type Entity, groupOfSection, keyOf, MEMBERSHIP, type State } from "../model/entity.ts";
import { kindSpec, type Platform } from "../model/platform.ts";
import { displayName } from "./changes.ts";
import { differencesOf, isSame } from "./observe.ts";
import { foundOf, type RecordedChange, Remembered, renamesIn } from "./past-steps.ts";

/** A look, as a state. Instants are Unix time, ms. */
export interface Sight {
  readonly at: number;
  readonly state: State;
  /** An incomplete one says nothing of what is missing. */
  readonly complete: boolean;
  /** Of whose writes it is the end: the folder of an apply on the ledger. */
  readonly run?: string;
  /** Nobody looked: it is what the files said when all of it was applied. */
  readonly assumed?: true;
  /** Key -> since when it is so, where the platform's log told. */
  readonly since: ReadonlyMap<string, number>;
}

/** One try of an apply. */
export interface Attempt {
  /** The apply's folder on the ledger. */
  readonly run: string;
  readonly from: number;
  /** Null while nothing says that it is over. */
  readonly to: number | null;
  /** All changes of the plan that it began with, as they were then; none for a later try. */
  readonly found: readonly RecordedChange[];
  readonly made: readonly RecordedChange[];
  /** It may have made them. */
  readonly unsure: readonly RecordedChange[];
  /** Nobody read the platform after it. */
  readonly unread: boolean;
}

export interface PastInput {
  readonly platform: Platform;
  readonly at: number;
  /** The last look by then that can be relied on, and later ones that are incomplete, oldest first. */
  readonly before: readonly Sight[];
  /** The first after it that can be relied on. */
  readonly next: Sight | undefined;
  /** In order of time. */
  readonly attempts: readonly Attempt[];
}

/** Something that may have been so at the moment, or not. */
export type Doubt =
  /** Changed behind Rolebook's back, some time between two instants. `firstSeen`: nobody had looked before. */
  | {
      readonly why: "by-hand";
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly firstSeen?: true;
    }
  /** An apply was under way, or had been killed. */
  | { readonly why: "running"; readonly from: number; readonly to: number | null; readonly names: readonly string[] }
  /** What came of changes is not known. `found`: when they were seen to be there, whoever had made them; null while nobody looked. */
  | {
      readonly why: "outcome";
      readonly to: number;
      readonly found: number | null;
      readonly names: readonly string[];
    }
  /** An apply could not read the platform again. */
  | { readonly why: "unread"; readonly to: number }
  /** The last look was not whole. */
  | { readonly why: "incomplete"; readonly at: number }
  /** There is no look from before the moment. */
  | { readonly why: "before-first"; readonly first: number };

export interface Reconstruction {
  readonly state: State;
  readonly doubts: readonly Doubt[];
}

/** What was true. Undefined where nothing is known: no look, neither before nor after. */
export function reconstruct(input: PastInput): Reconstruction | undefined {
  const [base] = input.before;
  if (base) return new Telling(input, base).tell();
  return input.next && { state: undone(input, input.next), doubts: [{ why: "before-first", first: input.next.at }] };
}

/** Until when a look is as good as the moment itself: until the apply has ended whose end it saw. */
export function seenUntil({ at, run }: Sight, attempts: readonly Attempt[]): number {
  const ends = attempts.flatMap((attempt) =>
    attempt.run === run && attempt.to !== null && attempt.to >= at ? [attempt.to] : [],
  );
  return ends.length === 0 ? at : Math.min(...ends);
}

/** What the first look found, less what applies did before it. */
function undone({ platform, at, attempts }: PastInput, next: Sight): State {
  const memory = new Remembered(next.state, platform);
  for (const { from, found } of [...attempts].reverse()) {
    if (from <= at || from > next.at) continue;
    for (const change of [...found].reverse()) memory.put(change.key, foundOf(change, memory.at(change.key)));
  }
  return memory.state;
}

class Telling {
  readonly #input: PastInput;
  readonly #base: Sight;
  readonly #doubts: Doubt[] = [];
  readonly #now: Remembered;
  /** Keys of which something else already says that they are not certain. */
  readonly #loose = new Set<string>();
  /** The moment is that of the look itself, or of the end of the apply that it is the end of: nobody did anything in between. */
  readonly #isSeen: boolean;

  constructor(input: PastInput, base: Sight) {
    this.#input = input;
    this.#base = base;
    this.#now = new Remembered(base.state, input.platform);
    this.#isSeen = input.at <= seenUntil(base, input.attempts);
  }

  tell(): Reconstruction {
    const { at } = this.#input;
    const attempts = this.#input.attempts.filter((attempt) => !this.#isIn(attempt));
    this.#walk(attempts);
    const later = this.#now.copy();
    for (const attempt of attempts)
      if (attempt.from <= at && (attempt.to === null || attempt.to > at)) this.#interrupt(attempt, later);
    this.#lookAhead(
      attempts.filter(({ from }) => from > at),
      later,
    );
    return { state: this.#now.state, doubts: this.#doubts };
  }

  /** What an attempt did is in the last look: that was its own, or came after its end. */
  #isIn({ run, to }: Attempt): boolean {
    if (to === null) return false;
    // Of several tries of one apply it is the first that ended after its look.
    return to <= this.#base.at || (run === this.#base.run && to <= seenUntil(this.#base, this.#input.attempts));
  }

  /** Everything until the moment, in order of time. */
  #walk(attempts: readonly Attempt[]): void {
    const { at, before, next } = this.#input;
    const events: { readonly at: number; readonly happen: () => void }[] = [];
    for (const attempt of attempts) {
      const { from, to } = attempt;
      if (from > this.#base.at && from <= at) events.push({ at: from, happen: () => this.#find(attempt, this.#now) });
      if (to !== null && to <= at) events.push({ at: to, happen: () => this.#finish(attempt, next) });
    }
    for (const sight of before.slice(1))
      events.push({
        at: sight.at,
        happen: () => {
          this.#now.overlay(sight.state);
          this.#doubts.push({ why: "incomplete", at: sight.at });
        },
      });
    for (const { happen } of events.sort((a, b) => a.at - b.at)) happen();
  }

  /** What the plan of an attempt says was there when it began; the keys where that is something else than was known. */
  #find({ found }: Attempt, memory: Remembered): string[] {
    const renames = renamesIn(found, this.#input.platform);
    const moved: string[] = [];
    for (const change of found) {
      const key = memory.keyOf(change, renames);
      const known = memory.at(key);
      const was = foundOf({ ...change, key }, known);
      if (this.#same(known, was)) continue;
      memory.put(key, was);
      moved.push(key);
    }
    return moved;
  }

  #make({ found, made }: Pick<Attempt, "found" | "made">, memory: Remembered): void {
    const renames = renamesIn([...found, ...made], this.#input.platform);
    for (const change of made) memory.make(change, renames);
  }

  #finish(attempt: Attempt, next: Sight | undefined): void {
    const { to, unsure, unread } = attempt;
    this.#make(attempt, this.#now);
    if (unread) this.#doubts.push({ why: "unread", to: to ?? 0 });
    const seen = next && new Remembered(next.state, this.#input.platform);
    const open = unsure.filter(({ key }) => !seen || !this.#same(this.#now.at(key), seen.at(key)));
    const found = open.filter((change) => seen && this.#isFound(change, seen));
    const left = open.filter((change) => !found.includes(change));
    this.#leaveOpen(to ?? 0, found, next?.at ?? null);
    this.#leaveOpen(to ?? 0, left, null);
    for (const { key } of found) this.#now.put(key, seen?.at(key));
  }

  /** The next look found what a change of unknown outcome would have made. Somebody else may have made it since. */
  #isFound(change: RecordedChange, seen: Remembered): boolean {
    const trial = this.#now.copy();
    trial.make(change, []);
    return this.#same(trial.at(change.key), seen.at(change.key));
  }

  #leaveOpen(to: number, changes: readonly RecordedChange[], found: number | null): void {
    if (changes.length > 0) this.#doubts.push({ why: "outcome", to, found, names: changes.map(({ name }) => name) });
    for (const { key } of changes) this.#loose.add(key);
  }

  /** At the moment an attempt was under way: what it makes may be there, or not. */
  #interrupt(attempt: Attempt, later: Remembered): void {
    const { from, to, made, unsure } = attempt;
    const changes = [...made, ...unsure];
    if (changes.length > 0) this.#doubts.push({ why: "running", from, to, names: changes.map(({ name }) => name) });
    const renames = renamesIn([...attempt.found, ...made], this.#input.platform);
    for (const change of changes) {
      this.#loose.add(change.key);
      this.#loose.add(later.keyOf(change, renames));
    }
    this.#make(attempt, later);
  }

  /** What came after tells of the moment too: whatever no apply accounts for was done by hand, before or after it. */
  #lookAhead(attempts: readonly Attempt[], later: Remembered): void {
    const { next, platform } = this.#input;
    const limit = next?.at ?? Number.POSITIVE_INFINITY;
    for (const attempt of attempts) {
      if (attempt.from > limit) continue;
      for (const key of this.#find(attempt, later)) this.#byHand(key, later.at(key), attempt.from);
      this.#make(attempt, later);
      for (const { key } of attempt.unsure) this.#loose.add(key);
      if (attempt.to !== null && attempt.to <= limit) continue;
      for (const { key } of attempt.made) this.#loose.add(key);
    }
    if (!next) return;
    this.#complete(attempts, later, new Remembered(next.state, platform));
    for (const difference of differencesOf(later.state, next.state, platform)) {
      const key = keyOf(difference);
      this.#byHand(key, new Remembered(next.state, platform).at(key), next.at);
    }
  }

  /** What a change made is there with what the platform itself added to it. */
  #complete(attempts: readonly Attempt[], later: Remembered, seen: Remembered): void {
    for (const { made } of attempts)
      for (const { action, key, after } of made) {
        const [here, there] = [later.at(key), seen.at(key)];
        if (action !== "create" || !here || !there || !after) continue;
        const attributes = { ...there.attributes, ...after.attributes };
        if (this.#same({ ...there, attributes }, there)) later.put(key, there);
      }
  }

  /** Something was found at an instant after the moment, and no apply had made it so. */
  #byHand(key: string, found: Entity | undefined, to: number): void {
    if (this.#loose.has(key)) return;
    const { at, next } = this.#input;
    const since = next?.since.get(key);
    if (since !== undefined && since > this.#base.at && since <= to) {
      if (since <= at) this.#now.put(key, found);
      return;
    }
    this.#loose.add(key);
    const entity = found ?? this.#now.at(key);
    if (!entity || this.#isSeen) return;
    const name = displayName(entity, [next?.state ?? this.#now.state, this.#now.state]);
    const firstSeen = this.#base.assumed ? { firstSeen: true as const } : {};
    this.#doubts.push({ why: "by-hand", name: `${entity.kind} ${name}`, from: this.#base.at, to, ...firstSeen });
  }

  #same(one: Entity | undefined, other: Entity | undefined): boolean {
    if (!one || !other) return one === other;
    const kind = groupOfSection(one.section) === undefined ? one.kind : MEMBERSHIP;
    const spec = kindSpec(this.#input.platform, kind);
    return spec === undefined || isSame(spec, one, other);
  }
}
