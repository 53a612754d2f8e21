// What the documents of a target declare, by name: the index that references are looked up in.
// It finds and reports double declarations, and judges nothing else.
import { type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding, Place } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { type KindSpec, kindSpec, MEMBER, ownedName, type Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { didYouMean } from "./hint.ts";
import type { ParsedDocument } from "./schema.ts";

/** Candidates that hints look at in one run, well under a second; who has more misspelt names has other troubles. */
const HINT_BUDGET = 2_000_000;

export interface Declared {
  readonly local: string;
  /** As its declaration writes it. */
  readonly name: string;
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
  /** The hint for a name that is not there. */
  readonly hintFor: (kind: string, name: string) => { readonly hint?: string };
  readonly report: (finding: Finding) => void;
}

/** Indexes the documents, and the scopes that the settings declare. */
export function indexNames(
  documents: readonly ParsedDocument[],
  target: Target,
  platform: Platform,
  report: (finding: Finding) => void,
): Names {
  const declared = new Map<string, Map<string, Declared>>(platform.kinds.map(({ kind }) => [kind, new Map()]));
  const reference = kindSpec(platform, platform.scopeKind);
  for (const name of target.environments ?? []) {
    const local = platform.fold(name);
    if (reference)
      declared.get(reference.kind)?.set(local, { local, name: clean(name), document: undefined, spec: reference });
  }
  for (const document of documents) declare(document, declared, platform, report);
  let budget = HINT_BUDGET;
  const defaultNames = (kind: string) => platform.defaults.get(kind);
  const find = (kind: string, name: string): Declared | undefined => {
    const local = platform.fold(name);
    const known = declared.get(kind)?.get(local);
    const spec = known ? undefined : kindSpec(platform, kind);
    const standard = spec && defaultNames(kind)?.get(local);
    return standard && spec ? { local, name: standard.name, document: undefined, spec } : known;
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
  return { platform, declared, isClosed, find, hintFor, report };
}

function declare(
  document: ParsedDocument,
  declared: ReadonlyMap<string, Map<string, Declared>>,
  platform: Platform,
  report: (finding: Finding) => void,
): void {
  const spec = kindSpec(platform, document.kind);
  const index = declared.get(document.kind);
  if (!spec || !index || spec.identity === "group") return;
  const name = nameIn(document, spec);
  if (name === undefined) return;
  const local = platform.fold(name);
  const first = index.get(local);
  if (!first) {
    index.set(local, { local, name: clean(name), document, spec });
    return;
  }
  const where = first.document ? describePlace(placeOf(first.document, [spec.identity])) : "the settings";
  report({
    severity: "error",
    code: `duplicate-${kebab(spec.kind)}`,
    message: `${spec.kind} "${name}" is declared twice; first in ${where}`,
    place: placeOf(document, [spec.identity]),
    hint: `Keep one document${foldsCase(platform) ? "; names are compared without regard to case" : ""}.`,
  });
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
