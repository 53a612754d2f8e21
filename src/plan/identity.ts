// The identity lock: a name stands for the person it stood for when it was first seen. Who only changed the name is followed;
// who only has the name is refused, until a reviewed file says otherwise. Pure; the ledger remembers, `run` reads it.
import type { Change } from "../model/change.ts";
import {
  EMPTY_SECTION,
  type Entity,
  entityAt,
  groupOfSection,
  MEMBERSHIP,
  type Section,
  type State,
} from "../model/entity.ts";
import { compareText, type Finding, type Place } from "../model/finding.ts";
import type { Proposal } from "../model/plan.ts";
import { kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import { PeopleSet } from "../model/roster.ts";
import type { Acknowledgement } from "../model/waiver.ts";
import { pointsElsewhere, referencesIn } from "./leaves.ts";
import { applyRenames, type Rename } from "./rename.ts";

export interface Identified {
  /** Live, with everyone whose name changed on the platform under the name that Git knows them by. */
  readonly live: State;
  readonly findings: readonly Finding[];
  /** Folded names that somebody else has now -> codes of the findings about it: no change of theirs may be made. */
  readonly impostors: ReadonlyMap<string, readonly string[]>;
  /** Edits of the files that follow renames. */
  readonly proposals: readonly Proposal[];
}

/**
 * Compares who is live with who was seen before. `identities`: folded name -> stable id. Names that `base` has and `want`
 * has not any more are judged too, since they are about to lose what they have. `acknowledgements` are the target's own.
 */
export function checkIdentities(
  want: State,
  live: State,
  identities: ReadonlyMap<string, string>,
  acknowledgements: readonly Acknowledgement[],
  platform: Platform,
  base: State = want,
): Identified {
  const judging = new Judging(want, base, live, acknowledgements, platform);
  for (const { local, id, now } of judging.suspects(identities)) judging.judge(local, id, now);
  judging.judgeNewcomers(identities);
  const findings = [...judging.findings, ...judging.unused(identities)];
  const { renames, impostors, proposals } = judging;
  return { live: applyRenames(live, renames, platform), findings, impostors, proposals };
}

/** Everyone whom desired state declares and live has, with the stable id: what an apply that is done may record. */
export function identitiesOf(want: State, live: State): ReadonlyMap<string, string> {
  const declared = new Declarations(want);
  const seen = new Map<string, string>();
  for (const [local, { id }] of live.get(MEMBER) ?? EMPTY_SECTION)
    if (id !== undefined && declared.has(local)) seen.set(local, id);
  return seen;
}

/** Who a state speaks of: by a document, or where there is none by being listed in a group. */
class Declarations {
  readonly #state: State;
  readonly #documents: Section;
  #listed: PeopleSet | undefined;

  constructor(state: State) {
    this.#state = state;
    this.#documents = state.get(MEMBER) ?? EMPTY_SECTION;
  }

  has(local: string): boolean {
    return this.#documents.has(local) || this.#isListed(local);
  }

  #isListed(local: string): boolean {
    if (!this.#listed) {
      this.#listed = new PeopleSet();
      for (const [section, entities] of this.#state)
        if (groupOfSection(section) !== undefined) this.#listed.addAll(entities);
    }
    return this.#listed.has(local);
  }

  /** The document, or else the first entry; a name without an own document is what the entry says. */
  find(local: string): Entity | undefined {
    const document = this.#documents.get(local);
    if (document || !this.#isListed(local)) return document;
    return entriesOf(this.#state, local)[0];
  }
}

/** The memberships of somebody, by group. */
function entriesOf(state: State, local: string): Entity[] {
  const sections = [...state.keys()].filter((section) => groupOfSection(section) !== undefined).sort(compareText);
  return sections.flatMap((section) => entityAt(state, section, local) ?? []);
}

/** A person as Git speaks of them. */
interface Known {
  readonly entity: Entity;
  /** Whether desired state still does. */
  readonly wanted: boolean;
}

/** A name that does not stand for whom it stood for. */
interface Suspect {
  readonly local: string;
  readonly id: string;
  /** Who has the id on the platform, whatever they are called. */
  readonly now: Entity | undefined;
}

class Judging {
  readonly findings: Finding[] = [];
  readonly impostors = new Map<string, readonly string[]>();
  readonly proposals: Proposal[] = [];
  readonly renames: Rename[] = [];
  readonly #want: State;
  readonly #live: Section;
  readonly #acknowledgements: readonly Acknowledgement[];
  readonly #used = new Set<Acknowledgement>();
  readonly #platform: Platform;
  readonly #wanted: Declarations;
  readonly #based: Declarations;
  #renamers: ReadonlyMap<string, Entity> | undefined;

  constructor(want: State, base: State, live: State, acknowledgements: readonly Acknowledgement[], platform: Platform) {
    this.#want = want;
    this.#live = live.get(MEMBER) ?? EMPTY_SECTION;
    this.#acknowledgements = acknowledgements;
    this.#platform = platform;
    this.#wanted = new Declarations(want);
    this.#based = base === want ? this.#wanted : new Declarations(base);
  }

  /** In the order to judge them: whom Git wants comes first, so that of two old names of one person the one that counts is followed. */
  suspects(identities: ReadonlyMap<string, string>): Suspect[] {
    const moved = new Map<string, string>();
    for (const [local, id] of identities) {
      const found = this.#live.get(local);
      if (!found || (found.id !== undefined && found.id !== id)) moved.set(local, id);
    }
    if (moved.size === 0) return [];
    const ids = new Set(moved.values());
    const nowOf = new Map<string, Entity>();
    for (const person of this.#live.values())
      if (person.id !== undefined && ids.has(person.id)) nowOf.set(person.id, person);
    const suspects: (Suspect & { readonly rank: number })[] = [];
    for (const [local, id] of moved) {
      const now = nowOf.get(id);
      // Whoever is gone without a trace is no suspect: people leave.
      if (now || this.#live.has(local)) suspects.push({ local, id, now, rank: this.#wanted.has(local) ? 0 : 1 });
    }
    return suspects.sort((one, other) => one.rank - other.rank || compareText(one.local, other.local));
  }

  judge(local: string, id: string, now: Entity | undefined): void {
    const holder = this.#live.get(local);
    const known = this.#knownAs(local);
    // Renamed in the files and on the platform alike: done.
    if (!known || (now && now.local === known.entity.local)) return;
    if (holder) this.#judgeHolder(local, id, holder, known, now);
    else if (now) this.#follow(known, now);
  }

  /** Whom Git wants under a name that nobody was seen by yet, while their id stands for somebody else. */
  judgeNewcomers(identities: ReadonlyMap<string, string>): void {
    const namesOf = new Map<string, string[]>();
    for (const [name, id] of identities) namesOf.set(id, [...(namesOf.get(id) ?? []), name]);
    for (const [local, holder] of this.#live) {
      const names = (holder.id === undefined ? undefined : namesOf.get(holder.id)) ?? [];
      if (names.length === 0 || identities.has(local) || names.includes(local)) continue;
      const entity = this.#wanted.find(local);
      if (!entity || this.#follows(entity, names) || this.#isAcknowledged(local, holder)) continue;
      const known = names.sort(compareText).join(", ");
      this.#refuse(holder, { entity, wanted: true }, [local], {
        message: `${holder.name} is not somebody new: the platform's id is ${holder.id}, which stands for ${known}`,
        instead: `If they are the same person, write previously: ${known}; if the new one is meant, `,
      });
    }
  }

  /** Whether Git says that somebody had one of some names before: in so many words, or, where people have no documents, by its lists. */
  #follows({ kind, previously }: Entity, names: readonly string[]): boolean {
    if (kind === MEMBER) return previously !== undefined && names.includes(previously);
    return names.some((name) => this.#based.has(name) && !this.#wanted.has(name));
  }

  /** Acknowledgements that nothing asked for. */
  unused(identities: ReadonlyMap<string, string>): Finding[] {
    return this.#acknowledgements
      .filter((acknowledgement) => !this.#used.has(acknowledgement))
      .map(({ member, id, place }): Finding => {
        const isRecorded = identities.get(this.#platform.fold(member)) === id;
        return {
          severity: "warning",
          code: "acknowledgement-not-needed",
          message: isRecorded
            ? `${member} is recorded as ${id} already`
            : `Nobody has to be acknowledged as ${member} with the id ${id}`,
          place,
          hint: isRecorded
            ? "Remove the document: it has done its work."
            : "Compare the name and the id with the plan.",
        };
      });
  }

  /** How Git speaks of somebody: by this name, by another that it says they had before, or until lately. */
  #knownAs(local: string): Known | undefined {
    const entity = this.#wanted.find(local) ?? this.#renamer(local);
    if (entity) return { entity, wanted: true };
    const last = this.#based.find(local);
    return last && { entity: last, wanted: false };
  }

  #renamer(local: string): Entity | undefined {
    this.#renamers ??= new Map(
      [...(this.#want.get(MEMBER)?.values() ?? [])].flatMap((entity) =>
        entity.previously === undefined ? [] : [[entity.previously, entity]],
      ),
    );
    return this.#renamers.get(local);
  }

  #judgeHolder(local: string, id: string, holder: Entity, known: Known, now: Entity | undefined): void {
    if (this.#isAcknowledged(local, holder)) return;
    const elsewhere = now ? `; ${id} is called ${now.name} now` : `; nobody has the id ${id} any more`;
    this.#refuse(holder, known, [local, known.entity.local], {
      message: `${holder.name} is not who it was: the platform's id was ${id} and is ${holder.id}${elsewhere}`,
      instead: "If the new one is meant, ",
    });
  }

  /** Whether a reviewed file says that this is who is meant by a name. */
  #isAcknowledged(local: string, holder: Entity): boolean {
    const { fold } = this.#platform;
    const reviewed = this.#acknowledgements.filter(({ member, id }) => fold(member) === local && id === holder.id);
    for (const acknowledgement of reviewed) this.#used.add(acknowledgement);
    return reviewed.length > 0;
  }

  #refuse(
    holder: Entity,
    known: Known,
    names: readonly string[],
    { message, instead }: { readonly message: string; readonly instead: string },
  ): void {
    this.findings.push({
      severity: "error",
      code: "identity-changed",
      message,
      key: `${MEMBER}/${holder.local}`,
      hint: `${instead}say so in a reviewed file in policies/identities/ with kind: Identity, the target, member: ${JSON.stringify(holder.name)}, id: ${JSON.stringify(holder.id)}, a reason and an owner as the approver; until then nothing of theirs is changed.`,
      blocks: "change",
      ...placed(known),
    });
    for (const name of names) this.impostors.set(name, ["identity-changed"]);
  }

  /** The person has another name on the platform: seen by the old one, and the files are to follow. */
  #follow(known: Known, now: Entity): void {
    const { entity, wanted } = known;
    const claimed = this.renames.some(({ from, to }) => from === now.local || to === entity.local);
    if (claimed || this.#live.has(entity.local) || this.#isTaken(now.local, entity)) return;
    this.renames.push({ kind: MEMBER, from: now.local, to: entity.local, name: entity.name, whole: true });
    this.findings.push({
      severity: "warning",
      code: "identity-renamed",
      message: `${entity.name} is now ${now.name} on the platform (the same person)`,
      key: `${MEMBER}/${entity.local}`,
      hint: wanted
        ? `Follow it in the files: ${this.#edit(entity, now.name)}.`
        : "Git does not list them any more; what they have under the new name goes.",
      ...placed(known),
    });
    if (wanted) this.proposals.push(...this.#proposals(entity, now.name));
  }

  /** Whether Git uses a name for somebody: then it says itself what is to become of it. */
  #isTaken(local: string, person: Entity): boolean {
    const renamer = this.#renamer(local);
    const isOthers = renamer !== undefined && renamer.local !== person.local;
    return isOthers || this.#wanted.has(local) || this.#based.has(local);
  }

  #edit(entity: Entity, to: string): string {
    if (entity.kind !== MEMBER) return `list ${to} instead of ${entity.name}`;
    return `${kindSpec(this.#platform, MEMBER)?.identity ?? "name"}: ${to} with previously: ${entity.name}`;
  }

  /** The document first, then whatever else names the person. */
  #proposals(entity: Entity, to: string): Proposal[] {
    const reason = `it is what the platform calls ${entity.name} now`;
    const propose = (what: string, place: Place | undefined): Proposal[] =>
      place ? [{ kind: "rename-member", what: `${what}: ${reason}`, place, to }] : [];
    const document = entityAt(this.#want, MEMBER, entity.local);
    return [
      ...(document ? propose(`Write ${this.#edit(document, to)}`, document.place) : []),
      ...[...entriesOf(this.#want, entity.local), ...this.#referring(entity.local)].flatMap(({ place }) =>
        propose(`Write ${to} instead of ${entity.name}`, place),
      ),
    ];
  }

  #referring(local: string): Entity[] {
    const { kinds, fold } = this.#platform;
    return kinds.flatMap(({ kind, attributes }) => {
      const pointing = Object.entries(attributes).filter(([, attribute]) => pointsElsewhere(attribute));
      if (pointing.length === 0) return [];
      return [...(this.#want.get(kind)?.values() ?? [])]
        .filter((entity) =>
          pointing.some(([name, attribute]) =>
            referencesIn(attribute, entity.attributes[name]).some(
              (reference) => reference.kind === MEMBER && fold(reference.name) === local,
            ),
          ),
        )
        .sort((left, right) => compareText(left.local, right.local));
    });
  }
}

/** A place of the base is one of an older commit, so it is not shown. */
function placed({ entity, wanted }: Known): { readonly place: Place } | Record<never, never> {
  return wanted && entity.place ? { place: entity.place } : {};
}

/** Everything about somebody whose name belongs to another one now. */
export function impostorChanges(
  changes: readonly Change[],
  impostors: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const blocked = new Map<string, readonly string[]>();
  if (impostors.size === 0) return blocked;
  for (const { kind, key, local } of changes) {
    const codes = kind === MEMBER || kind === MEMBERSHIP ? impostors.get(local) : undefined;
    if (codes) blocked.set(key, codes);
  }
  return blocked;
}
