// Entities of any kind as rules about what is said of them see them: live and in files together, what they refer to, how they
// are spoken of. It judges nothing, and knows no kind by name but people and groups.
import { EMPTY_SECTION, type Entity, entityAt, type Value } from "../../model/entity.ts";
import { GROUP, type KindSpec, kindSpec, MEMBER } from "../../model/platform.ts";
import { referencesIn } from "../leaves.ts";
import type { Breach, Described } from "./breach.ts";
import type { Survey } from "./survey.ts";

/** One entity that is there. */
export interface Subject {
  readonly spec: KindSpec;
  readonly entity: Entity;
  /** As a file says it; absent where none does. */
  readonly declared: Entity | undefined;
}

/** Every entity of a kind that is there; of a kind that exists in files alone, every one that is declared. */
export function* subjectsOf(kind: string, survey: Survey): Iterable<Subject> {
  const { platform, state, declared } = survey.ground;
  const spec = kindSpec(platform, kind);
  if (!spec) return;
  const section = (spec.role === "policy" ? declared : state).get(kind) ?? EMPTY_SECTION;
  for (const entity of section.values()) yield subjectOf(spec, entity, survey);
}

function subjectOf(spec: KindSpec, entity: Entity, survey: Survey): Subject {
  const known = entityAt(survey.ground.declared, entity.section, entity.local);
  // What every target comes with stands in no file, and has no place.
  return { spec, entity, declared: known?.place ? known : undefined };
}

/** What is said of an entity: only files say what is kept in Git alone. */
export function saidOf({ spec, entity, declared }: Subject, attribute: string): Value | undefined {
  const source = spec.attributes[attribute]?.policyOnly ? declared : entity;
  return source?.attributes[attribute];
}

/** The names in a value, or its text; none where nothing is said. */
export function textsOf(value: Value | undefined): readonly string[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "object") return Object.entries(value).map(([name, level]) => `${name}: ${level}`);
  const text = value === undefined ? "" : String(value).trim();
  return text === "" ? [] : [text];
}

/** The kinds that entities of a kind can point at: those that it refers to, and that which it is part of. */
export function pointsAt(spec: KindSpec, kind: string): boolean {
  return spec.within === kind || Object.values(spec.attributes).some(({ refersTo }) => refersTo === kind);
}

/** The entities of another kind that one is part of or refers to, as far as they are there. */
export function relatedTo(subject: Subject, kind: string, survey: Survey): Subject[] {
  const { platform, state } = survey.ground;
  const { spec, entity } = subject;
  const other = kindSpec(platform, kind);
  const end = entity.local.indexOf("/");
  const container = spec.within === kind && end > 0 ? [entity.local.slice(0, end)] : [];
  const named = Object.entries(spec.attributes).flatMap(([name, attribute]) =>
    referencesIn(attribute, saidOf(subject, name))
      .filter((reference) => reference.kind === kind)
      .map((reference) => platform.fold(reference.name)),
  );
  return [...new Set([...container, ...named])].flatMap((local) => {
    const found = entityAt(state, kind, local);
    return other && found ? [subjectOf(other, found, survey)] : [];
  });
}

/** Whether every target of the platform comes with an entity. */
export function isDefault({ entity: { section, local } }: Subject, { ground: { platform } }: Survey): boolean {
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
