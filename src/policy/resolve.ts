// Parsed files to the desired state of one target: every name looked up, every reference checked, every value canonical.
// Generic over platforms: their kinds say what is what. An entity with a mistake is still resolved as far as it can
// be, so that one mistake makes one finding; whoever uses the state must look at the findings first.
import { type PolicyDocument, placeAt } from "../model/document.ts";
import { type Entity, NO_ATTRIBUTES, type Section, type State } from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import { kindSpec, type Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { type AttributeReader, createAttributeReader } from "./attributes.ts";
import { createMemberships, type MembershipDocuments, sortMemberships } from "./memberships.ts";
import { type Declared, indexNames, type Names } from "./names.ts";
import type { ParsedFile } from "./parse.ts";
import type { ParsedDocument } from "./schema.ts";

export interface Policies {
  readonly target: Target;
  /** Every policy file of the target, in any order. */
  readonly files: readonly ParsedFile[];
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
  readonly names: Names;
  readonly memberships: MembershipDocuments;
}

/**
 * Resolves the policy files of a target. What has the very same documents in `like`, another version of the policies,
 * is taken over from there, so that two versions with little between them cost little more than one; the findings
 * about what is taken over are in `like`.
 */
export function resolvePolicies(policies: Policies, platform: Platform, like?: Resolved): Resolved {
  const findings: Finding[] = [];
  const files = [...policies.files].sort((left, right) => compareText(left.file, right.file));
  const documents = files.flatMap(({ documents }) => documents);
  const names = indexNames(documents, policies.target, platform, (finding) => findings.push(finding));
  const reader = createAttributeReader(names);
  const state = new Map<string, ReadonlyMap<string, Entity>>();
  for (const [kind, index] of names.declared) {
    if (index.size === 0) continue;
    const section = new Map<string, Entity>();
    const known = like && selfContained(kind, platform) ? like : undefined;
    for (const declared of index.values())
      section.set(
        declared.local,
        sameEntity(declared, known) ?? entityOf(kind, declared, policies.target, platform, reader),
      );
    state.set(kind, section);
  }
  const memberships = sortMemberships(documents, names);
  const create = createMemberships(names);
  const renamed = like && renamedMembers(names, like.names);
  for (const [section, sources] of memberships)
    state.set(section, (renamed && sameMemberships(section, sources, like, renamed)) ?? create(section, sources));
  return { state, documents: documents.filter(({ broken }) => !broken), findings, names, memberships };
}

/** Whether entities of a kind depend on nothing but their own documents. */
function selfContained(kind: string, platform: Platform): boolean {
  const attributes = Object.values(kindSpec(platform, kind)?.attributes ?? {});
  return attributes.every(({ type }) => type === "text" || type === "flag");
}

/** The entity that another version made of the same document. */
function sameEntity({ spec, local, document }: Declared, like: Resolved | undefined): Entity | undefined {
  if (!document || like?.names.declared.get(spec.kind)?.get(local)?.document !== document) return undefined;
  return like.state.get(spec.kind)?.get(local);
}

/** The memberships that another version made of the same documents, if it calls their members the same. */
function sameMemberships(
  section: string,
  sources: readonly ParsedDocument[],
  like: Resolved,
  renamed: readonly string[],
): Section | undefined {
  const others = like.memberships.get(section);
  if (sources.length !== others?.length || !sources.every((document, index) => document === others[index]))
    return undefined;
  const found = like.state.get(section);
  return renamed.some((local) => found?.has(local)) ? undefined : found;
}

/** Addresses that are declared in one version only, or under another name. */
function renamedMembers(names: Names, others: Names): string[] {
  const kind = names.platform.kinds.find(({ identity }) => identity === "email")?.kind ?? "";
  const [here, there] = [names.declared.get(kind) ?? NO_NAMES, others.declared.get(kind) ?? NO_NAMES];
  const renamed: string[] = [];
  for (const [local, { name }] of here) if (there.get(local)?.name !== name) renamed.push(local);
  for (const local of there.keys()) if (!here.has(local)) renamed.push(local);
  return renamed;
}

const NO_NAMES: ReadonlyMap<string, Declared> = new Map();

function entityOf(
  kind: string,
  { local, name, document, spec }: Declared,
  target: Target,
  platform: Platform,
  reader: AttributeReader,
): Entity {
  if (!document) return { kind, section: kind, local, name, attributes: NO_ATTRIBUTES, place: target.place };
  const attributes = document.broken ? NO_ATTRIBUTES : reader.read(document, spec);
  const place = placeAt(document, 0);
  const { previously } = document.value;
  const entity: Entity = { kind, section: kind, local, name, attributes, place };
  return typeof previously === "string" ? { ...entity, previously: platform.fold(previously) } : entity;
}
