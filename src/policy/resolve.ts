// Parsed files to the desired state of one target: every name looked up, every reference checked, every value canonical.
// Generic over platforms: their kinds say what is what. An entity with a mistake is still resolved as far as it can
// be, so that one mistake makes one finding; whoever uses the state must look at the findings first.
import { type PolicyDocument, placeAt } from "../model/document.ts";
import { type Entity, NO_ATTRIBUTES, type State } from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { type AttributeReader, createAttributeReader } from "./attributes.ts";
import { addMemberships } from "./memberships.ts";
import { type Declared, indexNames } from "./names.ts";
import type { ParsedFile } from "./parse.ts";

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
}

/** Resolves the policy files of a target. */
export function resolvePolicies(policies: Policies, platform: Platform): Resolved {
  const findings: Finding[] = [];
  const files = [...policies.files].sort((left, right) => compareText(left.file, right.file));
  const documents = files.flatMap(({ documents }) => documents);
  const names = indexNames(documents, policies.target, platform, (finding) => findings.push(finding));
  const reader = createAttributeReader(names);
  const state = new Map<string, Map<string, Entity>>();
  for (const [kind, index] of names.declared) {
    if (index.size === 0) continue;
    const section = new Map<string, Entity>();
    for (const declared of index.values())
      section.set(declared.local, entityOf(kind, declared, policies.target, platform, reader));
    state.set(kind, section);
  }
  addMemberships(documents, names, state);
  return { state, documents: documents.filter(({ broken }) => !broken), findings };
}

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
