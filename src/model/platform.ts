// What the core must know of a platform without knowing the platform: its kinds, how their attributes
// compare, what its names fold to, and what its entities mean. All of it pure; HTTP is in `driver.ts`.
import type { Change } from "./change.ts";
import type { Json, PolicyDocument } from "./document.ts";
import type { Entity, MemberFacts, State } from "./entity.ts";
import type { Finding } from "./finding.ts";
import type { Grant } from "./grant.ts";
import type { KeysSpec } from "./keys.ts";
import type { SecretShape } from "./secret.ts";
import type { Person } from "./settings.ts";

/**
 * How an attribute's values compare and merge.
 * - `text`: a string; compared after trimming and Unicode NFC. With `refersTo`, the name of one entity.
 * - `flag`: a boolean.
 * - `set`: names of entities of `refersTo`, order without meaning; each element is compared on its own. With
 *   `element`, each element is composite: a mapping in files, one canonical text everywhere else.
 * - `map`: name -> level, each entry compared on its own; names are catalogue names, already canonical.
 * - `scope`: the string `all`, or a set of names of `refersTo`; compared as one value, since taking the last
 *   name out of a set can mean "everything".
 */
export type AttributeType = "text" | "flag" | "set" | "map" | "scope";

/** A name that a value points at. */
export interface Reference {
  readonly kind: string;
  readonly name: string;
}

/** How the elements of a set that are more than a name are written, read and followed. */
export interface ElementFormat {
  /** The canonical text of an element as files write it (valid by its schema, a `problem` aside): equal texts are equal elements. */
  readonly format: (element: Json) => string;
  /** What files write for a canonical text; `format` gives the text back. Keys in the order `fmt` writes them. */
  readonly parse: (text: string) => Json;
  /** What is wrong with an element beyond what its schema tells, in an author's words. */
  readonly problem?: (element: Json) => { readonly message: string; readonly hint: string } | undefined;
  /** The names that an element points at. */
  readonly references: (text: string) => readonly Reference[];
  /** The same element with every name in it replaced by what `rename` says. */
  readonly rename: (text: string, rename: (reference: Reference) => string) => string;
}

export interface AttributeSpec {
  readonly type: AttributeType;
  /** The kind whose names a `set`, a `scope` or a `text` holds. */
  readonly refersTo?: string;
  /** For a `set` of composite elements, instead of `refersTo`. */
  readonly element?: ElementFormat;
  /** Kept in Git only (`until`, `reason`): never compared with live and never sent. */
  readonly policyOnly?: boolean;
  /** For a `flag`: where it is false, the entity is there and does nothing (somebody who is disabled). */
  readonly enables?: boolean;
  /** Of members: whoever has something here has a place of their own, and need be in no group. */
  readonly isPlace?: boolean;
}

export interface KindSpec {
  readonly kind: string;
  /** Conventional folder below the target's, and the schema's base name: `roles`, `role`. */
  readonly folder: string;
  readonly schema: string;
  /** What identifies a document of this kind; `group` for memberships, whose entities are (group, member) pairs. */
  readonly identity: "name" | "email" | "group";
  /** An attribute (a reference) that identifies together with the name, which is unique for each owner only. */
  readonly owner?: string;
  /**
   * What an entity of this name rests on besides what its attributes name, in a state: what a qualified name says it belongs
   * to, and what else shapes its meaning. It must be there, stays while this one does, and who changes it changes this one's access.
   */
  readonly restsOn?: (name: string, state: State) => readonly Reference[];
  /** In the order `fmt` writes them. Does not include the identity itself. */
  readonly attributes: Readonly<Record<string, AttributeSpec>>;
  /** `managed`: compared and changed. `reference`: read only, exists for others to point at. `policy`: exists in files only. */
  readonly role: "managed" | "reference" | "policy";
  /** The entities are keys that programs use: they are issued, rotated and revoked by `keys`. */
  readonly keys?: KeysSpec;
}

/** Something permissions are about. */
export interface ResourceSpec {
  readonly name: string;
  /** Other names it is known by; resolved to `name` before anything is compared. */
  readonly aliases: readonly string[];
  /** The levels it offers, lowest first; each includes the ones before it. Not every resource offers every level. */
  readonly levels: readonly string[];
  /** `organization` resources have no environment, and are dead in a group that is limited to some. */
  readonly scope: "environment" | "organization";
  /** One line, for completion and reports. */
  readonly about: string;
}

/** Everything the platform's checks and resolution may look at. */
export interface PolicySet {
  readonly target: string;
  /** Every schema-valid document of the target, in file order. */
  readonly documents: readonly PolicyDocument[];
  /** Names of the scopes the settings declare (environments, projects), or undefined when they declare none. */
  readonly scopes: readonly string[] | undefined;
  /** Who is who on the Git host; empty where the settings do not say. */
  readonly people: readonly Person[];
  /** The instant that ends of access are judged by. */
  readonly now: Date;
  /** The zone that dates are days of. */
  readonly timeZone: string;
  /** Days before an access ends that it is warned about. */
  readonly warnDays: number;
}

/** A named check over the whole desired state of a target. Pure, and silent when all is well. */
export interface Check {
  /** The first code it reports, for listing. */
  readonly name: string;
  readonly run: (policies: PolicySet, state: State, platform: Platform) => Iterable<Finding>;
}

/** Lists of grants, each sorted by resource then scope, whose union somebody holds: the highest level of each, by every path. */
export type GrantParts = readonly (readonly Grant[])[];

/** What everyone holds, as numbers: for whoever looks for a few among very many. */
export interface Holdings {
  /** Everyone who could hold something, in no order. */
  readonly members: readonly string[];
  /** Every list that somebody holds, once, and perhaps others. */
  readonly lists: GrantParts;
  /** The numbers of everybody's lists, one member's after the other's. */
  readonly held: Int32Array;
  /** Member -> where theirs end. */
  readonly ends: Int32Array;
}

/** What one state means for people. Built once per state; answers are memoized and sorted. */
export interface AccessView {
  /** Folded addresses of everyone who could hold something, in code-point order. */
  readonly members: () => readonly string[];
  /**
   * What a member holds: sorted by resource then scope, one entry each with the highest level and every path.
   * Members who hold the same through the same paths get the *same array object*, so callers may group by identity.
   */
  readonly grantsOf: (member: string) => readonly Grant[];
  /**
   * The same as lists that are not put together yet (one for each of the member's groups, say): much cheaper, and
   * `grantsOf` is their union. Members with the same lists get the *same array object*. A list that is one object is
   * the same grants, also between two views.
   */
  readonly partsOf: (member: string) => GrantParts;
  /** The same of everyone at once, where a view can tell that for less than asking for each. */
  readonly holdings?: () => Holdings;
  /**
   * Whether anybody's grants pass a test that more grants, or higher levels, can only help to pass. Much cheaper than
   * asking for every member; of a view of some members it is still about everyone.
   */
  readonly anyone: (test: (grants: readonly Grant[]) => boolean) => boolean;
}

/** Whether somebody holds a resource in a scope. */
export interface AccessQuestion {
  /** A folded name, perhaps one that the state does not know. */
  readonly member: string;
  /** As grants spell it. */
  readonly resource: string;
  /** As grants spell it. */
  readonly scope: string;
}

/** One of the conditions that must all hold for somebody to hold something, in the platform's own words. */
export interface Layer {
  /** One or two words, always the same for the same condition: `workspace membership`. */
  readonly name: string;
  readonly holds: boolean;
  /** What is so, as a clause without a full stop: `ana@acme.example is no member of acme-prod`. Names are as they are. */
  readonly because: string;
  /** Where it does not hold: what would make it hold, as a sentence. */
  readonly hint?: string;
}

/** A step that the platform leaves to somebody else, or to nobody: it becomes a finding instead of a change. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** Who can do it, and how. */
  readonly hint: string;
}

/** A platform's pure half. Drivers add a reader and a writer (`driver.ts`). */
export interface Platform {
  readonly name: string;
  readonly title: string;
  readonly kinds: readonly KindSpec[];
  /**
   * Entities every new target comes with. Files may refer to them without declaring them, `import` leaves them
   * out while they are unchanged, and access computed from files alone takes them as they are published.
   */
  readonly defaults: State;
  /** The kind whose names are the scopes of grants: environments, projects. */
  readonly scopeKind: string;
  /** What live members report beyond their attributes (`Entity.facts`). */
  readonly reports: readonly (keyof MemberFacts)[];
  /** Sets of credential parts, of which a target names one whole; the first is what `init` proposes. */
  readonly credentials: readonly (readonly string[])[];
  /** What its keys and tokens look like, where they have a shape: no policy file may hold one. */
  readonly secrets?: readonly SecretShape[];
  /** The catalogue that the keys of `map` attributes come from. */
  readonly resources: readonly ResourceSpec[];
  /** What grants are about, where that depends on the state; else `resources`. */
  readonly resourcesIn?: (state: State) => readonly ResourceSpec[];
  /** What a name is compared by: two names with equal folds are one name on this platform. */
  readonly fold: (name: string) => string;
  /** The place of a level in its resource's ladder, higher includes lower; -1 when the resource has no such level. */
  readonly rankOf: (resource: string, level: string) => number;
  readonly checks: readonly Check[];
  /** What is worth saying about live state that no file speaks of. Pure, and silent when all is well; warnings only. */
  readonly checkLive?: (live: State, want: State) => readonly Finding[];
  /**
   * What a state means. With `among` the view knows only those members (folded addresses) and nobody else.
   * A member's grants depend on the member, their memberships, and what their groups refer to, at any remove. Less in a
   * state (an entity, an element of a set, an entry or level of a map, a name of a scope) never gives anybody more, and a
   * text that refers to nothing gives nothing: the proof against lock-outs rests on both.
   */
  readonly access: (state: State, among?: ReadonlySet<string>) => AccessView;
  /**
   * The conditions of holding a resource in a scope, in the order that the platform asks them: all of them hold exactly where
   * `access` gives the resource there, at whatever level. Absent where nothing but groups gives access; empty where that
   * is so of this resource.
   */
  readonly layers?: (state: State, asked: AccessQuestion) => readonly Layer[];
  /**
   * Whether the platform leaves a step to somebody else. `live` is the entity there, `want` the declared one; a create has
   * no `live`, a delete no `want`. A refused step is a warning, whatever Git's history says, and never drift.
   */
  readonly refuses?: (live: Entity | undefined, want: Entity | undefined) => Refusal | undefined;
  /** Whether someone with these grants could give themselves anything: the people who must not all be lost. */
  readonly ownerEquivalent: (grants: readonly Grant[]) => boolean;
  /**
   * The scopes in which someone with these grants could give themselves anything, as grants spell them; some exactly where
   * `ownerEquivalent` holds, and never fewer for more grants. Absent where who owns one scope owns them all.
   */
  readonly ownerScopes?: (grants: readonly Grant[]) => readonly string[];
  /**
   * What a change does by itself, judged in the states around the whole plan:
   * what it gives is judged by what else is there afterwards, what it takes by what was there before.
   */
  readonly effectOf: (
    change: Pick<Change, "action" | "kind" | "section" | "local">,
    before: AccessView,
    after: AccessView,
  ) => {
    readonly gives: boolean;
    readonly takes: boolean;
  };
}

/** The kinds that every platform has, with these names. */
export const GROUP = "Group";
export const MEMBER = "Member";

/** An attribute of any kind: the day of its last review. Kept in Git only. */
export const REVIEWED = "reviewed";

/** What grants can be about in a state. */
export function resourcesOf(platform: Platform, state: State): readonly ResourceSpec[] {
  return platform.resourcesIn?.(state) ?? platform.resources;
}

/** The display names of the scopes in a state. */
export function scopesOf(platform: Pick<Platform, "scopeKind">, state: State): readonly string[] {
  return [...(state.get(platform.scopeKind)?.values() ?? [])].map(({ name }) => name);
}

/** What the platform's scopes are called in a sentence: `environments`, `projects`. */
export function scopeWord({ scopeKind }: Platform): string {
  return `${scopeKind.toLowerCase()}s`;
}

/** The name of an entity whose name is unique for each owner only. */
export function ownedName(name: string, owner: string): string {
  return `${name} of ${owner}`;
}

/** The name without its owner's: what `ownedName` was given. */
export function bareName(name: string, owner: string): string {
  const suffix = ` of ${owner}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** The spec of a kind, or undefined for a kind this platform does not have. */
export function kindSpec(platform: Platform, kind: string): KindSpec | undefined {
  return platform.kinds.find((spec) => spec.kind === kind);
}
