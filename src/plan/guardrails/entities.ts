// Entities of any kind as rules about what is said of them see them: live and in files together, what they refer to, how they
// are spoken of. It judges nothing, and knows no kind by name but people and groups.
import { type Attributes, EMPTY_SECTION, type Entity, entityAt, type Value } from "../../model/entity.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import { type AttributeSpec, GROUP, type KindSpec, kindSpec, MEMBER } from "../../model/platform.ts";
import { pointedAt } from "../leaves.ts";
import type { Breach, Described } from "./breach.ts";
import type { Ground } from "./ground.ts";

/** A guardrail about things and what is said of them, rather than about what people hold. */
export type AboutThings = Guardrail & {
  readonly rule: "documentation-required" | "reviewed-within" | "matching-attribute";
};

export function isAboutThings(guardrail: Guardrail): guardrail is AboutThings {
  return ["documentation-required", "reviewed-within", "matching-attribute"].includes(guardrail.rule);
}

/** One entity that is there. */
export interface Subject {
  readonly spec: KindSpec;
  readonly entity: Entity;
  /** As a file says it; absent where none does. */
  readonly declared: Entity | undefined;
}

/** Every entity of a kind that is there; of a kind that exists in files alone, every one that is declared. */
export function* subjectsOf(kind: string, ground: Ground): Iterable<Subject> {
  const { platform, state, declared } = ground;
  const spec = kindSpec(platform, kind);
  if (!spec) return;
  const section = (spec.role === "policy" ? declared : state).get(kind) ?? EMPTY_SECTION;
  for (const entity of section.values()) yield subjectOf(spec, entity, ground);
}

/** The entity of a kind and folded name, if there. */
export function subjectAt(kind: string, local: string, ground: Ground): Subject | undefined {
  const spec = kindSpec(ground.platform, kind);
  const entity = spec && entityAt(spec.role === "policy" ? ground.declared : ground.state, kind, local);
  return entity && subjectOf(spec, entity, ground);
}

function subjectOf(spec: KindSpec, entity: Entity, ground: Ground): Subject {
  const known = entityAt(ground.declared, entity.section, entity.local);
  // What every target comes with stands in no file, and has no place.
  return { spec, entity, declared: known?.place ? known : undefined };
}

/** The spec of an attribute, if the kind has it: names come from files, and may be those that every object has. */
export function attributeOf({ attributes }: KindSpec, name: string): AttributeSpec | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

/** What is said of an entity: only files say what is kept in Git alone. */
export function saidOf({ spec, entity, declared }: Subject, attribute: string): Value | undefined {
  const known = attributeOf(spec, attribute);
  return known && (known.policyOnly ? declared : entity)?.attributes[attribute];
}

/** Everything that is said of an entity. */
export function allSaidOf(subject: Subject): Attributes {
  const { spec, entity, declared } = subject;
  if (!declared) return entity.attributes;
  const names = Object.keys(declared.attributes).filter((name) => spec.attributes[name]?.policyOnly);
  return {
    ...entity.attributes,
    ...Object.fromEntries(names.map((name) => [name, declared.attributes[name] as Value])),
  };
}

/** The names in a value, or its text; none where nothing is said. */
export function textsOf(value: Value | undefined): readonly string[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "object") return Object.entries(value).map(([name, level]) => `${name}: ${level}`);
  const text = value === undefined ? "" : String(value).trim();
  return text === "" ? [] : [text];
}

/** Whether entities of a kind may point at another kind, by what they say or by their names. */
export function mayPointAt(spec: KindSpec, kind: string, ground: Ground): boolean {
  const { restsOn, attributes } = spec;
  // What the elements of a set point at is for the platform to know.
  if (Object.values(attributes).some(({ refersTo, element }) => refersTo === kind || element)) return true;
  if (!restsOn) return false;
  const subjects = [...subjectsOf(spec.kind, ground)];
  const names = subjects.map(({ entity }) => restsOn(entity.name, ground.state));
  return subjects.length === 0 || names.some((references) => references.some((reference) => reference.kind === kind));
}

/** The entities of another kind that one refers to, or belongs to by its name, as far as they are there. */
export function relatedTo(subject: Subject, kind: string, ground: Ground): Subject[] {
  const { platform, state } = ground;
  const { spec, entity } = subject;
  // What is kept in Git alone may point as well.
  const references = pointedAt(spec, { name: entity.name, attributes: allSaidOf(subject) }, state);
  const locals = references.filter((one) => one.kind === kind).map(({ name }) => platform.fold(name));
  return [...new Set(locals)].flatMap((local) => {
    const found = subjectAt(kind, local, ground);
    return found ? [found] : [];
  });
}

/** Whether every target of the platform comes with an entity. */
export function isDefault({ entity: { section, local } }: Subject, { platform }: Ground): boolean {
  return entityAt(platform.defaults, section, local) !== undefined;
}

/** `Workspace acme-prod` */
export function subjectText({ entity: { kind, name } }: Subject): string {
  return `${kind} ${name}`;
}

/** What a rule finds wrong with an entity. */
export interface Complaint {
  /** After the entity's name. */
  readonly text: string;
  /** What stands for placeholders besides the entity's kind and name. */
  readonly values: Readonly<Record<string, string>>;
  /** What it consists of -> how bad that is. */
  readonly extent: ReadonlyMap<string, number>;
  /** Nobody has done anything: only time has passed. */
  readonly lapsed?: boolean;
}

/** The breach that a complaint about an entity is. */
export function breachBy(subject: Subject, complaint: Complaint): Breach {
  const { kind, section, local } = subject.entity;
  return {
    subject: `${kind} ${local}`,
    ...(kind === MEMBER ? { member: local } : kind === GROUP ? { group: local } : { entity: local }),
    extent: () => complaint.extent,
    ...(complaint.lapsed ? { lapsed: true } : {}),
    describe: (): Described => ({
      text: `${subjectText(subject)} ${complaint.text}`,
      values: { ...wordsFor(subject), ...complaint.values },
      ...(subject.declared?.place ? { place: subject.declared.place } : { key: `${section}/${local}` }),
    }),
  };
}

function wordsFor({ entity: { kind, name } }: Subject): Record<string, string> {
  const own = kind === MEMBER || kind === GROUP || kind === "Role" ? { [kind.toLowerCase()]: name } : {};
  return { kind, name, ...own };
}
