// What the variables of CEL rules hold, over one state. Made when an expression asks for it and kept, so that a rule over everyone
// costs by what it looks at. Classes with getters rather than records: the library tells types by their constructor.
import {
  type Attributes,
  EMPTY_SECTION,
  type Entity,
  entityAt,
  type MemberFacts,
  membershipSection,
  type Value,
} from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant } from "../../model/grant.ts";
import { GROUP, kindSpec, MEMBER } from "../../model/platform.ts";
import { namesIn } from "../../model/roster.ts";
import { endOfAccess } from "../../model/until.ts";
import type { CEL_TYPES, CelType } from "./cel-types.ts";
import { allSaidOf, type Subject } from "./entities.ts";
import type { Ground } from "./ground.ts";
import { groupFinder } from "./memberships.ts";

/** A class has exactly the fields that its type declares. */
export type Fields<Type extends CelType> = { readonly [Field in keyof (typeof CEL_TYPES)[Type]]: unknown };

/** Thrown where something is not known yet. An answer that does without it is the answer whatever it will be. */
export class UnknownValue extends Error {}
export const UNKNOWN = new UnknownValue("unknown");

/** The values over one state, each made once. */
export class CelValues {
  readonly ground: Ground;
  readonly #grants = new Map<readonly Grant[], readonly CelGrant[]>();
  readonly #owners = new Map<readonly Grant[], boolean>();
  readonly #sorted = new Map<string, readonly Entity[]>();
  #groups: ReturnType<typeof groupFinder> | undefined;

  constructor(ground: Ground) {
    this.ground = ground;
  }

  /** Everything of one kind in code-point order, so that steps run out at the same one every time. */
  sorted(kind: string): readonly Entity[] {
    const section = this.ground.state.get(kind) ?? EMPTY_SECTION;
    const known = this.#sorted.get(kind) ?? [...section.keys()].sort().map((local) => section.get(local) as Entity);
    this.#sorted.set(kind, known);
    return known;
  }

  /** One array for each array of grants. */
  grantsOf(grants: readonly Grant[]): readonly CelGrant[] {
    const known = this.#grants.get(grants) ?? grants.map((grant) => new CelGrant(grant));
    this.#grants.set(grants, known);
    return known;
  }

  ownerEquivalent(grants: readonly Grant[]): boolean {
    const known = this.#owners.get(grants) ?? this.ground.platform.ownerEquivalent(grants);
    this.#owners.set(grants, known);
    return known;
  }

  /** The groups a member is in, sorted by name. */
  groupsOf(member: string): readonly Entity[] {
    this.#groups ??= groupFinder(this.ground.state);
    return this.#groups(member);
  }
}

export class CelMember implements Fields<"Member"> {
  readonly #values: CelValues;
  readonly #entity: Entity;

  constructor(values: CelValues, entity: Entity) {
    this.#values = values;
    this.#entity = entity;
  }

  get name(): string {
    return this.#entity.name;
  }

  get email(): string {
    const { platform } = this.#values.ground;
    return kindSpec(platform, MEMBER)?.identity === "email" ? this.#entity.name : textOf(this.#entity.attributes.email);
  }

  get firstName(): string {
    return textOf(this.#entity.attributes.firstName);
  }

  get lastName(): string {
    return textOf(this.#entity.attributes.lastName);
  }

  get groups(): readonly string[] {
    return this.#values.groupsOf(this.#entity.local).map(({ name }) => name);
  }

  get memberships(): readonly CelMembership[] {
    const { ground } = this.#values;
    return this.#values.groupsOf(this.#entity.local).map(({ name, local }) => {
      const declared = entityAt(ground.declared, membershipSection(local), this.#entity.local);
      return new CelMembership(name, declared?.attributes ?? {}, ground.target.timeZone);
    });
  }

  get grants(): readonly CelGrant[] {
    return this.#values.grantsOf(this.#values.ground.view.grantsOf(this.#entity.local));
  }

  get ownerEquivalent(): boolean {
    return this.#values.ownerEquivalent(this.#values.ground.view.grantsOf(this.#entity.local));
  }

  get status(): string {
    return this.#entity.status ?? "";
  }

  get multiFactor(): boolean | undefined {
    return this.#facts.multiFactor;
  }

  get lastActive(): Date | undefined {
    const { lastActive } = this.#facts;
    return lastActive === undefined ? undefined : new Date(lastActive ?? 0);
  }

  /** Files say nothing of what the platform reports, neither that it is so nor that it is not. */
  get #facts(): MemberFacts {
    if (!this.#values.ground.live) throw UNKNOWN;
    return this.#entity.facts ?? {};
  }

  get attributes(): Attributes {
    return this.#entity.attributes;
  }
}

export class CelMembership implements Fields<"Membership"> {
  readonly group: string;
  readonly until: string;
  readonly ends: Date | undefined;
  readonly reason: string;

  constructor(group: string, { until, reason }: Attributes, timeZone: string) {
    this.group = group;
    this.until = textOf(until);
    this.reason = textOf(reason);
    const end = endOfAccess(this.until, timeZone);
    this.ends = end === undefined ? undefined : new Date(end);
  }
}

export class CelGrant implements Fields<"Grant"> {
  readonly #grant: Grant;

  constructor(grant: Grant) {
    this.#grant = grant;
  }

  get resource(): string {
    return this.#grant.resource;
  }

  get level(): string {
    return this.#grant.level;
  }

  get scope(): string {
    return this.#grant.scope;
  }

  get groups(): readonly string[] {
    return distinct(this.#grant.via.flatMap(({ group }) => group ?? []));
  }

  get roles(): readonly string[] {
    return distinct(this.#grant.via.flatMap(({ role }) => role ?? []));
  }

  get direct(): boolean {
    return this.#grant.via.some(({ group }) => group === undefined);
  }
}

export class CelGroup implements Fields<"Group"> {
  readonly #ground: Ground;
  readonly #entity: Entity;
  #members: readonly string[] | undefined;

  constructor(ground: Ground, entity: Entity) {
    this.#ground = ground;
    this.#entity = entity;
  }

  get name(): string {
    return this.#entity.name;
  }

  get description(): string {
    return textOf(this.#entity.attributes.description);
  }

  get owners(): readonly string[] {
    return listOf(this.#declared.owners);
  }

  get roles(): readonly string[] {
    return distinct(rolesOf(this.#entity, this.#ground));
  }

  get members(): readonly string[] {
    const section = this.#ground.state.get(membershipSection(this.#entity.local)) ?? EMPTY_SECTION;
    this.#members ??= namesIn(section).sort();
    return this.#members;
  }

  get membersMode(): string {
    return textOf(this.#declared.members) || "additive";
  }

  get attributes(): Attributes {
    return this.#entity.attributes;
  }

  /** What only files say. */
  get #declared(): Attributes {
    return (entityAt(this.#ground.declared, GROUP, this.#entity.local) ?? this.#entity).attributes;
  }
}

/** The roles that any attribute of a group names. */
function rolesOf({ kind, attributes }: Entity, { platform }: Ground): string[] {
  return Object.entries(kindSpec(platform, kind)?.attributes ?? {}).flatMap(([name, { refersTo, element }]) => {
    const texts = listOf(attributes[name]);
    if (refersTo === "Role") return texts;
    const references = element ? texts.flatMap(element.references) : [];
    return references.filter((reference) => reference.kind === "Role").map((reference) => reference.name);
  });
}

export class CelRole implements Fields<"Role"> {
  readonly #entity: Entity;

  constructor(entity: Entity) {
    this.#entity = entity;
  }

  get name(): string {
    return this.#entity.name;
  }

  get description(): string {
    return textOf(this.#entity.attributes.description);
  }

  get permissions(): object {
    const { permissions } = this.#entity.attributes;
    return typeof permissions === "object" && !Array.isArray(permissions) ? permissions : {};
  }

  get attributes(): Attributes {
    return this.#entity.attributes;
  }
}

export class CelEntity implements Fields<"Entity"> {
  readonly #subject: Subject;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  get kind(): string {
    return this.#subject.entity.kind;
  }

  get name(): string {
    return this.#subject.entity.name;
  }

  get declared(): boolean {
    return this.#subject.declared !== undefined;
  }

  get status(): string {
    return this.#subject.entity.status ?? "";
  }

  get attributes(): Attributes {
    return allSaidOf(this.#subject);
  }
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

function listOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort(compareText);
}
