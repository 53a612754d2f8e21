// What the documents of a target declare, by name: the index that references are looked up in.
// It finds and reports double declarations, and judges nothing else.
import { type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding, Place } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { type KindSpec, kindSpec, MEMBER, ownedName, type Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { STEP_ITEMS, type Steps } from "../model/steps.ts";
import { didYouMean } from "./hint.ts";
import type { ParsedDocument } from "./schema.ts";

/** Candidates that hints look at in one run, well under a second; who has more misspelt names has other troubles. */
const HINT_BUDGET = 2_000_000;

export interface Declared {
  readonly local: string;
  /** As its declaration writes it. */
  readonly name: string;
  /** Its place among those of its kind: no two have the same. */
  readonly number: number;
  /** Undefined for what the settings or the platform declare. */
  readonly document: ParsedDocument | undefined;
  readonly spec: KindSpec;
}

export interface Names {
  readonly platform: Platform;
  /** What the target itself declares, by kind and folded name, in the order of the files. */
  readonly declared: ReadonlyMap<string, ReadonlyMap<string, Declared>>;
  /** Whether names of the kind can be checked: someone said which there are. */
  readonly isClosed: (kind: string) => boolean;
  readonly find: (kind: string, name: string) => Declared | undefined;
  /** Something is declared twice. */
  readonly repeated: boolean;
  /** The hint for a name that is not there. */
  readonly hintFor: (kind: string, name: string) => { readonly hint?: string };
  readonly report: (finding: Finding) => void;
}

/** Indexes the documents, and the scopes that the settings declare. `people` are the members, where they are indexed already. */
export function* indexNames(
  documents: readonly ParsedDocument[],
  target: Target,
  platform: Platform,
  report: (finding: Finding) => void,
  people?: ReadonlyMap<string, Declared>,
): Steps<Names> {
  const declared = new Map<string, Map<string, Declared>>(platform.kinds.map(({ kind }) => [kind, new Map()]));
  const specs = new Map(platform.kinds.map((spec) => [spec.kind, spec]));
  const member = memberSpec(platform)?.kind;
  const reference = kindSpec(platform, platform.scopeKind);
  for (const name of target.environments ?? []) {
    const local = platform.fold(name);
    if (reference)
      declared
        .get(reference.kind)
        ?.set(local, { local, name: clean(name), number: 0, document: undefined, spec: reference });
  }
  let repeated = false;
  for (const [position, document] of documents.entries()) {
    if (position % STEP_ITEMS === 0) yield;
    const spec = specs.get(document.kind);
    if (!spec || (people && spec.kind === member)) continue;
    const repeats = declare(document, spec, declared, platform, report);
    repeated ||= repeats;
  }
  const all: Map<string, ReadonlyMap<string, Declared>> = new Map(declared);
  if (people && member !== undefined) all.set(member, people);
  return { platform, declared: all, repeated, report, ...questions(all, platform) };
}

/** What can be asked about declared names. */
function questions(
  declared: ReadonlyMap<string, ReadonlyMap<string, Declared>>,
  platform: Platform,
): Pick<Names, "find" | "hintFor" | "isClosed"> {
  let budget = HINT_BUDGET;
  const defaultNames = (kind: string) => platform.defaults.get(kind);
  const find = (kind: string, name: string): Declared | undefined => {
    const local = platform.fold(name);
    const known = declared.get(kind)?.get(local);
    const spec = known ? undefined : kindSpec(platform, kind);
    const standard = spec && defaultNames(kind)?.get(local);
    return standard && spec ? { local, name: standard.name, number: 0, document: undefined, spec } : known;
  };
  const hintFor = (kind: string, name: string) => {
    const candidates = [...(declared.get(kind)?.values() ?? []), ...(defaultNames(kind)?.values() ?? [])];
    budget -= candidates.length;
    return budget < 0
      ? {}
      : didYouMean(
          nearest(
            name,
            candidates.map((candidate) => candidate.name),
          ),
        );
  };
  // References are checked against the settings' list when there is one, members when files declare any at all.
  const isClosed = (kind: string) => {
    const spec = kindSpec(platform, kind);
    const isOpen = spec?.role === "reference" || spec?.kind === MEMBER;
    return !isOpen || (declared.get(kind)?.size ?? 0) > 0;
  };
  return { isClosed, find, hintFor };
}

/** The kind of the people, who go by address or by name. */
export function memberSpec(platform: Platform): KindSpec | undefined {
  return kindSpec(platform, MEMBER);
}

/** What a document declares; undefined for memberships and for what lacks its name. */
export function declarationOf(
  document: ParsedDocument,
  spec: KindSpec,
  platform: Platform,
  number: number,
): Declared | undefined {
  const name = spec.identity === "group" ? undefined : nameIn(document, spec);
  if (name === undefined) return undefined;
  const local = platform.fold(name);
  // What is its own fold is trimmed and composed already.
  return { local, name: local === name ? name : clean(name), number, document, spec };
}

/** Adds what a document declares; true (with a finding) when something of that name is there already. */
function declare(
  document: ParsedDocument,
  spec: KindSpec,
  declared: ReadonlyMap<string, Map<string, Declared>>,
  platform: Platform,
  report: (finding: Finding) => void,
): boolean {
  const index = declared.get(spec.kind);
  const declaration = index && declarationOf(document, spec, platform, index.size);
  if (!declaration) return false;
  const first = index.get(declaration.local);
  // What the settings name, a document may say more about.
  if (!first?.document) {
    index.set(declaration.local, declaration);
    return false;
  }
  const where = describePlace(placeOf(first.document, [spec.identity]));
  report({
    severity: "error",
    code: `duplicate-${kebab(spec.kind)}`,
    message: `${spec.kind} "${nameIn(document, spec)}" is declared twice; first in ${where}`,
    place: placeOf(document, [spec.identity]),
    hint: `Keep one document${foldsCase(platform) ? "; names are compared without regard to case" : ""}.`,
  });
  return true;
}

/** The name that a document declares: what identifies it, with its owner where that is part of it. */
export function nameIn(document: PolicyDocument, { identity, owner }: KindSpec): string | undefined {
  const name = document.value[identity];
  const holder = owner === undefined ? undefined : document.value[owner];
  if (typeof name !== "string") return undefined;
  if (owner === undefined) return name;
  return typeof holder === "string" ? ownedName(clean(name), clean(holder)) : undefined;
}

/** Whether names that differ in case are one name. */
export function foldsCase({ fold }: Platform): boolean {
  return fold("A") === fold("a");
}

/** A name or text as it is compared: trimmed and in Unicode NFC. Cheap for what is so already. */
export function clean(text: string): string {
  const trimmed = text.trim();
  return /[\u0080-\uffff]/.test(trimmed) ? trimmed.normalize("NFC") : trimmed;
}

/** A place in a sentence. */
export function describePlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** `EnvironmentScope` -> `environment-scope`. */
export function kebab(kind: string): string {
  return kind.replace(/(?<=[a-z])[A-Z]/g, "-$&").toLowerCase();
}
