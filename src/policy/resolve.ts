// Parsed files to the desired state of one target: every name looked up, every reference checked, every value canonical.
// Generic over platforms: their kinds say what is what. An entity with a mistake is still resolved as far as it can
// be, so that one mistake makes one finding; whoever uses the state must look at the findings first.
import { type PolicyDocument, placeAt } from "../model/document.ts";
import { EMPTY_SECTION, type Entity, NO_ATTRIBUTES, type Section, type State } from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import { OverlayMap } from "../model/overlay.ts";
import type { Platform } from "../model/platform.ts";
import type { Person, Target } from "../model/settings.ts";
import { finish, STEP_ITEMS, type Steps } from "../model/steps.ts";
import { type AttributeReader, createAttributeReader } from "./attributes.ts";
import { createMemberships, type MembershipDocuments, sortMemberships } from "./memberships.ts";
import { type Declared, indexNames, type Names } from "./names.ts";
import type { ParsedFile } from "./parse.ts";
import { type SharedPeople, shareMemberships, sharePeople } from "./reuse.ts";

export interface Policies {
  readonly target: Target;
  /** Every policy file of the target, in any order. */
  readonly files: readonly ParsedFile[];
  /** Who is who on the Git host, by the settings. */
  readonly people?: readonly Person[];
  /** The instant that ends of access are judged by. */
  readonly now: Date;
}

export interface Resolved {
  /** The desired state. Only as good as the findings (these and the files' own) say. */
  readonly state: State;
  /** Every schema-valid document, in file order. */
  readonly documents: readonly PolicyDocument[];
  /** What is wrong between documents; what is wrong within one is in `ParsedFile.findings`. */
  readonly findings: readonly Finding[];
  /** Sorted. */
  readonly files: readonly ParsedFile[];
  readonly names: Names;
  readonly memberships: MembershipDocuments;
}

/**
 * Resolves the policy files of a target. What has the very same documents in `like`, another version of the policies,
 * is taken over from there, so that two versions with little between them cost little more than one; the findings
 * about what is taken over are in `like`.
 */
export function resolvePolicies(policies: Policies, platform: Platform, like?: Resolved): Resolved {
  return finish(resolveSteps(policies, platform, like));
}

/** The same in steps. */
export function* resolveSteps(policies: Policies, platform: Platform, like?: Resolved): Steps<Resolved> {
  const findings: Finding[] = [];
  const files = [...policies.files].sort((left, right) => compareText(left.file, right.file));
  const documents = files.flatMap(({ documents }) => documents);
  const people = sharePeople(files, platform, like);
  const report = (finding: Finding) => findings.push(finding);
  const names = yield* indexNames(documents, policies.target, platform, report, people?.declared);
  const reader = createAttributeReader(names);
  const state = new Map<string, Section>();
  const entity = (declared: Declared) => entityOf(declared, policies.target, platform, reader);
  for (const [kind, index] of names.declared) {
    const section = index === people?.declared ? peopleSection(kind, people, entity) : yield* sectionOf(index, entity);
    if (section.size > 0) state.set(kind, section);
  }
  const memberships = sortMemberships(documents, names);
  const create = createMemberships(names, { now: policies.now, timeZone: policies.target.timeZone });
  for (const [section, sources] of memberships) {
    state.set(section, (people && shareMemberships(section, sources, people)) ?? create(section, sources));
    yield;
  }
  return { state, documents: documents.filter(({ broken }) => !broken), findings, files, names, memberships };
}

function* sectionOf(index: ReadonlyMap<string, Declared>, entity: (declared: Declared) => Entity): Steps<Section> {
  const section = new Map<string, Entity>();
  for (const [local, declared] of index) {
    section.set(local, entity(declared));
    if (section.size % STEP_ITEMS === 0) yield;
  }
  return section;
}

/** The members of the other version with those that are not the same. */
function peopleSection(kind: string, people: SharedPeople, entity: (declared: Declared) => Entity): Section {
  const changes = new Map<string, Entity | undefined>();
  for (const [local, declared] of people.changes) changes.set(local, declared && entity(declared));
  return new OverlayMap(people.like.state.get(kind) ?? EMPTY_SECTION, changes);
}

function entityOf(
  { local, name, document, spec }: Declared,
  target: Target,
  platform: Platform,
  reader: AttributeReader,
): Entity {
  const { kind } = spec;
  if (!document) return { kind, section: kind, local, name, attributes: NO_ATTRIBUTES, place: target.place };
  const attributes = document.broken ? NO_ATTRIBUTES : reader.read(document, spec);
  const place = placeAt(document, 0);
  const { previously } = document.value;
  const entity: Entity = { kind, section: kind, local, name, attributes, place };
  return typeof previously === "string" ? { ...entity, previously: platform.fold(previously) } : entity;
}
