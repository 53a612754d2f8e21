// Where a path of a grant comes from: the parts it is made of (the membership, what the group or member gives, where, what the role
// permits), and of them the one that came last. What each part comes from is told by whoever asks. Pure.
import { EMPTY_SECTION, type Entity, entityAt, MEMBERSHIP, membershipSection, type State } from "../model/entity.ts";
import type { Path } from "../model/grant.ts";
import { OverlayMap } from "../model/overlay.ts";
import { type AttributeSpec, GROUP, type KindSpec, kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import type { Provenance } from "../model/review.ts";
import { ALL, piecesIn } from "./gifts.ts";
import { comparedAttributes, pointsElsewhere, referencesIn } from "./leaves.ts";
import { ALWAYS, BY_HAND, earliest, later, type Origin, UNKNOWN, UNTOLD } from "./origin.ts";

/** What is known of parts: undefined where nothing is. */
export interface PartOrigins {
  readonly made: (section: string, local: string) => Origin | undefined;
  /** Of a folded piece of an attribute, held at a rank or higher. */
  readonly piece: (
    section: string,
    local: string,
    attribute: string,
    piece: string,
    rank: number,
  ) => Origin | undefined;
}

export interface PathAsked {
  /** Folded. */
  readonly member: string;
  readonly path: Path;
  readonly resource: string;
  readonly scope: string;
  /** Of the grant, where the path gives all of it. */
  readonly level?: string;
}

interface Holder {
  readonly spec: KindSpec;
  readonly local: string;
}

/**
 * A function from paths to where they come from. `declared` is all that files say, with what has ended; what has no place in it is
 * said by nobody.
 */
export function createPathOrigins(
  platform: Platform,
  declared: State,
  origins: PartOrigins,
): (asked: PathAsked) => Provenance {
  const finder = new Finder(platform, declared, origins);
  return (asked) => finder.originOf(asked).provenance ?? UNKNOWN;
}

class Finder {
  readonly #platform: Platform;
  readonly #declared: State;
  readonly #origins: PartOrigins;
  readonly #given = new Map<string, Origin>();
  readonly #gives = new Map<string, ReadonlySet<string>>();
  /** Of whom was asked last: questions come person by person. */
  #own: Own = { member: "", memberships: new Map(), places: new Map() };

  constructor(platform: Platform, declared: State, origins: PartOrigins) {
    this.#platform = platform;
    this.#declared = declared;
    this.#origins = origins;
  }

  originOf(asked: PathAsked): Origin {
    const { member, path } = asked;
    const { fold } = this.#platform;
    const group = path.group === undefined ? undefined : fold(path.group);
    const [kind, local] = group === undefined ? [MEMBER, member] : [GROUP, group];
    const key = JSON.stringify([kind, local, path.role, asked.resource, asked.scope, path.level ?? asked.level]);
    const given = orMade(this.#given, key, () => this.#givenBy(kind, local, asked));
    const { memberships, places } = this.#ownOf(member);
    const placed = later(
      given,
      orMade(places, asked.scope, () => this.#placeOf(member, asked.scope)),
    );
    if (group === undefined) return placed;
    return later(
      orMade(memberships, group, () => this.#membership(group, member)),
      placed,
    );
  }

  #ownOf(member: string): Own {
    if (this.#own.member !== member) this.#own = { member, memberships: new Map(), places: new Map() };
    return this.#own;
  }

  #membership(group: string, member: string): Origin {
    const section = membershipSection(group);
    if (!this.#said(section, member)) return BY_HAND;
    return this.#origins.made(section, member) ?? UNTOLD;
  }

  /** What lets a member be where the grant is, where that is a thing of its own: whichever came last. */
  #placeOf(member: string, scope: string): Origin {
    const spec = kindSpec(this.#platform, MEMBER);
    const entity = this.#said(MEMBER, member);
    let origin = ALWAYS;
    for (const [name, attribute] of spec ? comparedAttributes(spec) : []) {
      const value = entity?.attributes[name];
      if (attribute.enables && value === true) origin = later(origin, this.#pieceOr(MEMBER, member, name, "", ALWAYS));
      if (!attribute.isPlace || !Array.isArray(value)) continue;
      const here = (value as readonly string[]).filter((text) => this.#isIn(attribute, text, scope));
      const since = here.map((text) => this.#pieceOr(MEMBER, member, name, this.#platform.fold(text), ALWAYS));
      if (since.length > 0) origin = later(origin, earliest(since));
    }
    return origin;
  }

  /** What a group gives its members, or a member holds by themselves. */
  #givenBy(kind: string, local: string, asked: PathAsked): Origin {
    const spec = kindSpec(this.#platform, kind);
    if (!spec) return ALWAYS;
    const holder = { spec, local };
    const { role } = asked.path;
    const scope = this.#scopeOf(holder, asked.scope);
    if (role === undefined) return scope;
    return later(later(scope, this.#roleOf(holder, role, asked)), this.#permissionOf(role, asked));
  }

  /** Since when the holder is where the grant is, where an attribute says so. What has no scope is held by who is everywhere. */
  #scopeOf({ spec, local }: Holder, scope: string): Origin {
    let origin = ALWAYS;
    for (const [name, attribute] of comparedAttributes(spec)) {
      if (attribute.type !== "scope") continue;
      const value = this.#said(spec.kind, local)?.attributes[name];
      // What no file speaks of is left as it is.
      if (value === undefined) continue;
      const said = piecesIn(attribute, value, this.#platform.fold);
      const wanted = scope === ORGANIZATION ? [] : [this.#platform.fold(scope)];
      if (![ALL, ...wanted].some((piece) => said.has(piece))) return BY_HAND;
      const known = [...wanted, ALL].flatMap((piece) => this.#origins.piece(spec.kind, local, name, piece, 0) ?? []);
      origin = later(origin, known.length > 0 ? earliest(known) : UNTOLD);
    }
    return origin;
  }

  /** Since when the holder has the role where the grant is: by the first of all elements that give it there. */
  #roleOf(holder: Holder, role: string, asked: PathAsked): Origin {
    const { spec, local } = holder;
    const said: { readonly name: string; readonly attribute: AttributeSpec; readonly text: string }[] = [];
    let isOfDefaults = false;
    for (const [name, attribute] of comparedAttributes(spec)) {
      if (!pointsElsewhere(attribute) || attribute.type !== "set") continue;
      const declared = this.#said(spec.kind, local)?.attributes[name];
      const value = declared ?? entityAt(this.#platform.defaults, spec.kind, local)?.attributes[name];
      for (const text of Array.isArray(value) ? (value as readonly string[]) : [])
        if (this.#names(attribute, text, role)) {
          said.push({ name, attribute, text });
          isOfDefaults ||= declared === undefined;
        }
    }
    if (said.length === 0) return BY_HAND;
    if (isOfDefaults) return ALWAYS;
    const exact = said.filter(({ attribute, text }) => this.#isIn(attribute, text, asked.scope));
    const near = exact.length > 0 ? exact : said;
    const giving =
      near.length > 1
        ? near.filter(({ name, text }) => this.#cells(holder, name, text, asked).has(cellOf(asked)))
        : near;
    return earliest(
      (giving.length > 0 ? giving : near).map(({ name, text }) =>
        this.#pieceOr(spec.kind, local, name, this.#platform.fold(text), undefined),
      ),
    );
  }

  /** Since when the role permits it: by itself, or through the roles that it includes, whichever of these ways came first. */
  #permissionOf(role: string, asked: PathAsked): Origin {
    const { fold, rankOf } = this.#platform;
    const level = asked.path.level ?? asked.level;
    const rank = level === undefined ? 0 : rankOf(asked.resource, level);
    for (const spec of this.#platform.kinds) {
      const local = fold(role);
      const entity = this.#entity(spec.kind, local);
      const maps = comparedAttributes(spec).filter(([, { type }]) => type === "map");
      const inner = comparedAttributes(spec).filter(
        ([, { type, refersTo }]) => type === "set" && refersTo === spec.kind,
      );
      if (!entity || maps.length + inner.length === 0) continue;
      for (const [name] of maps) return this.#entryOf(spec.kind, local, name, asked.resource, rank);
      return this.#wayThrough(
        spec,
        local,
        asked.resource,
        inner.map(([name]) => name),
      );
    }
    return ALWAYS;
  }

  #entryOf(kind: string, local: string, attribute: string, resource: string, rank: number): Origin {
    const value = this.#entity(kind, local)?.attributes[attribute];
    const level =
      value !== undefined && typeof value === "object"
        ? (value as Readonly<Record<string, string>>)[resource]
        : undefined;
    if (level === undefined || this.#platform.rankOf(resource, level) < rank) return BY_HAND;
    if (!this.#said(kind, local)) return ALWAYS;
    return this.#pieceOr(kind, local, attribute, resource, undefined, rank);
  }

  /** The way to the role that the resource is, of which the last step came first. */
  #wayThrough(spec: KindSpec, from: string, resource: string, attributes: readonly string[]): Origin {
    const { fold } = this.#platform;
    const best = new Map<string, Origin>([[from, ALWAYS]]);
    const done = new Set<string>();
    for (;;) {
      let next: string | undefined;
      for (const [local, { at }] of best)
        if (!done.has(local) && (next === undefined || at < (best.get(next)?.at ?? 0))) next = local;
      if (next === undefined) return ALWAYS;
      const so = best.get(next) ?? ALWAYS;
      if (isCalled(this.#entity(spec.kind, next)?.name ?? next, resource, fold)) return so;
      done.add(next);
      const entity = this.#entity(spec.kind, next);
      for (const attribute of attributes) {
        const value = entity?.attributes[attribute];
        for (const name of Array.isArray(value) ? (value as readonly string[]) : []) {
          const local = fold(name);
          const step = this.#said(spec.kind, next)
            ? later(so, this.#pieceOr(spec.kind, next, attribute, local, undefined))
            : so;
          const known = best.get(local);
          if (!known || step.at < known.at) best.set(local, step);
        }
      }
    }
  }

  /** What is known of a piece that files say; else `otherwise`, or that nobody knows. */
  #pieceOr(
    kind: string,
    local: string,
    attribute: string,
    piece: string,
    otherwise: Origin | undefined,
    rank = 0,
  ): Origin {
    return this.#origins.piece(kind, local, attribute, piece, rank) ?? otherwise ?? UNTOLD;
  }

  #said(section: string, local: string): Entity | undefined {
    const entity = entityAt(this.#declared, section, local);
    return entity?.place ? entity : undefined;
  }

  #entity(kind: string, local: string): Entity | undefined {
    return this.#said(kind, local) ?? entityAt(this.#platform.defaults, kind, local);
  }

  /** Whether an element is the role, or names it. */
  #names(attribute: AttributeSpec, text: string, role: string): boolean {
    const { fold } = this.#platform;
    const wanted = fold(role);
    return fold(text) === wanted || referencesIn(attribute, [text]).some(({ name }) => fold(name) === wanted);
  }

  /** Whether an element names the scope. */
  #isIn(attribute: AttributeSpec, text: string, scope: string): boolean {
    const { fold, scopeKind } = this.#platform;
    return referencesIn(attribute, [text]).some(({ kind, name }) => kind === scopeKind && fold(name) === fold(scope));
  }

  /** What a holder would give with one element alone, by the platform's own rules. */
  #cells({ spec, local }: Holder, attribute: string, text: string, { member }: PathAsked): ReadonlySet<string> {
    const key = JSON.stringify([spec.kind, local, attribute, text]);
    const known = this.#gives.get(key);
    if (known) return known;
    const state = new Map(this.#declared);
    const entity = this.#entity(spec.kind, local);
    const section = state.get(spec.kind) ?? EMPTY_SECTION;
    if (entity)
      state.set(
        spec.kind,
        new OverlayMap(
          section,
          new Map([[local, { ...entity, attributes: { ...entity.attributes, [attribute]: [text] } }]]),
        ),
      );
    if (spec.kind === GROUP) {
      const name = this.#said(MEMBER, member)?.name ?? member;
      const membership = { kind: MEMBERSHIP, section: membershipSection(local), local: member, name, attributes: {} };
      state.set(membershipSection(local), new Map([[member, membership]]));
    }
    const isOwn = ({ group }: Path) =>
      group === undefined ? spec.kind === MEMBER : this.#platform.fold(group) === local;
    const grants = this.#platform.access(state, new Set([member])).grantsOf(member);
    const cells = new Set(grants.filter(({ via }) => via.some(isOwn)).map(cellOf));
    this.#gives.set(key, cells);
    return cells;
  }
}

/** What is known of one member. */
interface Own {
  readonly member: string;
  /** Folded group -> since when they are in it. */
  readonly memberships: Map<string, Origin>;
  /** Scope -> since when they are there. */
  readonly places: Map<string, Origin>;
}

function orMade(known: Map<string, Origin>, key: string, make: () => Origin): Origin {
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
}

/** Scope of what has none. */
const ORGANIZATION = "organization";

function cellOf({ resource, scope }: { readonly resource: string; readonly scope: string }): string {
  return JSON.stringify([resource, scope]);
}

/** Whether a role is what a resource is called, which may leave out the place that the role's name begins with. */
function isCalled(role: string, resource: string, fold: (name: string) => string): boolean {
  const [name, wanted] = [fold(role), fold(resource)];
  return name === wanted || name.endsWith(`/${wanted}`);
}
