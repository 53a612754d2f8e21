// A document's values as an entity's attributes, in canonical form: references by the name they are declared with,
// scopes expanded, aliases resolved. What cannot be resolved is reported once and left out.
import { type DocumentPath, type Json, placeOf } from "../model/document.ts";
import { type Attributes, NO_ATTRIBUTES, type Value } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { type AttributeSpec, type KindSpec, REVIEWED, type Reference } from "../model/platform.ts";
import { isDay } from "../model/until.ts";
import { didYouMean } from "./hint.ts";
import { notADay } from "./memberships.ts";
import { clean, kebab, type Names, nameIn } from "./names.ts";
import type { ParsedDocument } from "./schema.ts";

/** The word for every environment there is. */
const ALL = "all";

/** Resolves documents of one target. Holds what is worth computing once. */
export interface AttributeReader {
  readonly read: (document: ParsedDocument, spec: KindSpec) => Attributes;
}

/** A reader over the names of a target. */
export function createAttributeReader(names: Names): AttributeReader {
  const { fold } = names.platform;
  const resources = new Map<string, string>();
  for (const { name, aliases } of names.platform.resources)
    for (const known of [name, ...aliases]) resources.set(fold(known), name);
  const expansions = new Map<ParsedDocument, readonly string[] | undefined>();
  const context: Context = { names, resources, expansions };
  return {
    read: (document, spec) => {
      const attributes: { [attribute: string]: Value } = {};
      let count = 0;
      for (const attribute in spec.attributes) {
        const raw = document.value[attribute];
        const attributeSpec = spec.attributes[attribute];
        if (raw === undefined || !attributeSpec) continue;
        const value = readAttribute(context, { document, spec, attribute, attributeSpec }, raw);
        if (value === undefined) continue;
        attributes[attribute] = value;
        count++;
      }
      return count === 0 ? NO_ATTRIBUTES : attributes;
    },
  };
}

interface Context {
  readonly names: Names;
  /** Folded name or alias -> resource. */
  readonly resources: ReadonlyMap<string, string>;
  /** Scope document -> its set of names; undefined when there is none to use. */
  readonly expansions: Map<ParsedDocument, readonly string[] | undefined>;
}

interface Spot {
  readonly document: ParsedDocument;
  readonly spec: KindSpec;
  readonly attribute: string;
  readonly attributeSpec: AttributeSpec;
}

function readAttribute(context: Context, spot: Spot, raw: Json): Value | undefined {
  const { type } = spot.attributeSpec;
  switch (type) {
    case "text":
      if (typeof raw !== "string") return undefined;
      if (spot.attribute === REVIEWED && !isDay(clean(raw)))
        context.names.report(notADay(raw, placeOf(spot.document, [spot.attribute])));
      return spot.attributeSpec.refersTo === undefined
        ? clean(raw)
        : resolveReference(context, spot, { kind: spot.attributeSpec.refersTo, name: raw }, [spot.attribute]);
    case "flag":
      return typeof raw === "boolean" ? raw : undefined;
    case "map":
      return readMap(context, spot, raw);
    case "set":
      return spot.spec.role === "policy" ? expandScope(context, spot.document, spot.spec) : readSet(context, spot, raw);
    case "scope":
      return typeof raw === "string" ? readScope(context, spot, raw) : readSet(context, spot, raw, true);
    default:
      return type satisfies never;
  }
}

/** Names or elements in declared form, sorted by fold, each once. Where empty would mean everything, it is refused. */
function readSet(context: Context, spot: Spot, raw: Json, refuseEmpty = false): readonly string[] | undefined {
  if (!Array.isArray(raw)) return undefined;
  const { names } = context;
  const { document, attribute, attributeSpec } = spot;
  if (refuseEmpty && raw.length === 0) {
    const message = `"${attribute}" is empty, which the platform takes to mean every one there is`;
    const hint = `Write ${attribute}: ${ALL} if that is meant, or name them.`;
    names.report({
      severity: "error",
      code: `empty-${attribute}`,
      message,
      place: placeOf(document, [attribute]),
      hint,
    });
    return undefined;
  }
  const found = new Map<string, string>();
  for (const [index, item] of raw.entries()) {
    const path = [attribute, index];
    if (attributeSpec.element && reportProblem(context, spot, attributeSpec.element.problem?.(item), path)) continue;
    const text = attributeSpec.element ? attributeSpec.element.format(item) : item;
    if (typeof text !== "string") continue;
    const local = names.platform.fold(text);
    if (found.has(local)) {
      const message = `"${text}" is listed twice in "${attribute}"`;
      const place = placeOf(document, path);
      names.report({ severity: "warning", code: "duplicate-entry", message, place, hint: "Remove one of them." });
      continue;
    }
    found.set(local, resolveItem(context, spot, text, path));
  }
  return [...found].sort((left, right) => compareText(left[0], right[0])).map(([, name]) => name);
}

function reportProblem(
  { names }: Context,
  { document, spec, attribute }: Spot,
  problem: { readonly message: string; readonly hint: string } | undefined,
  path: DocumentPath,
): boolean {
  if (!problem) return false;
  const message = `In "${attribute}" of ${spec.kind} "${nameIn(document, spec) ?? ""}": ${problem.message}`;
  const place = placeOf(document, path);
  names.report({ severity: "error", code: "invalid-value", message, place, hint: problem.hint });
  return true;
}

/** An item of a set with its names in declared form. */
function resolveItem(context: Context, spot: Spot, text: string, path: DocumentPath): string {
  const { element, refersTo } = spot.attributeSpec;
  const resolve = (reference: Reference) => resolveReference(context, spot, reference, path);
  if (element) return element.rename(text, resolve);
  return refersTo === undefined ? clean(text) : resolve({ kind: refersTo, name: text });
}

/** The declared form of a name; the name as written (with a finding) when nothing declares it. */
function resolveReference(context: Context, spot: Spot, { kind, name }: Reference, path: DocumentPath): string {
  const { names } = context;
  const known = names.find(kind, name);
  if (known) return known.name;
  if (!names.isClosed(kind)) return clean(name);
  const isScope = scopeSpecs(context, kind).some((spec) => names.find(spec.kind, name));
  names.report({
    severity: "error",
    code: `unknown-${kebab(kind)}`,
    message: `${spot.spec.kind} "${nameOf(spot)}" refers to ${kind.toLowerCase()} "${name}", which nothing declares`,
    place: placeOf(spot.document, path),
    ...(isScope
      ? { hint: `"${name}" is a set: write ${spot.attribute}: ${name}, not in a list.` }
      : names.hintFor(kind, name)),
  });
  return clean(name);
}

/** `all`, or the set that a scope's name stands for. */
function readScope(context: Context, spot: Spot, raw: string): Value | undefined {
  const { names } = context;
  const kind = spot.attributeSpec.refersTo ?? "";
  if (names.platform.fold(raw) === ALL) return ALL;
  const specs = scopeSpecs(context, kind);
  for (const spec of specs) {
    const scope = names.find(spec.kind, raw);
    if (scope?.document) return expandScope(context, scope.document, spec);
  }
  const candidates = specs.flatMap((spec) =>
    [...(names.declared.get(spec.kind)?.values() ?? [])].map(({ name }) => name),
  );
  const one = names.find(kind, raw);
  names.report({
    severity: "error",
    code: `unknown-${kebab(kind)}`,
    message: `${spot.spec.kind} "${nameOf(spot)}" refers to the set "${raw}", which no ${specs[0]?.kind ?? "document"} declares`,
    place: placeOf(spot.document, [spot.attribute]),
    ...(one
      ? { hint: `For the one environment write ${spot.attribute}: [${one.name}].` }
      : didYouMean(nearest(raw, [ALL, ...candidates]))),
  });
  return undefined;
}

/** Kinds that name sets of a kind, such as EnvironmentScope for Environment. */
function scopeSpecs(context: Context, kind: string): readonly KindSpec[] {
  return context.names.platform.kinds.filter((spec) => spec.role === "policy" && setOf(spec)?.[1].refersTo === kind);
}

function setOf(spec: KindSpec): readonly [string, AttributeSpec] | undefined {
  return Object.entries(spec.attributes).find(([, attribute]) => attribute.type === "set");
}

/** The names a scope document stands for, resolved (and its mistakes reported) once. */
function expandScope(context: Context, document: ParsedDocument, spec: KindSpec): readonly string[] | undefined {
  if (context.expansions.has(document)) return context.expansions.get(document);
  const [attribute, attributeSpec] = setOf(spec) ?? ["", { type: "set" } as AttributeSpec];
  const spot: Spot = { document, spec, attribute, attributeSpec };
  const expansion = readSet(context, spot, document.value[attribute] ?? null, true);
  context.expansions.set(document, expansion);
  return expansion;
}

/** Entries by their resource's name, sorted. A name the catalogue does not know stays as written, for the platform's checks. */
function readMap(context: Context, spot: Spot, raw: Json): Value | undefined {
  if (raw === null || typeof raw !== "object" || Array.isArray(raw)) return undefined;
  const { names, resources } = context;
  const found = new Map<string, { readonly key: string; readonly level: string }>();
  for (const [key, level] of Object.entries(raw)) {
    const resource = resources.get(names.platform.fold(key)) ?? clean(key);
    const first = found.get(resource);
    if (first) {
      const same = first.key === resource ? "" : ` (as "${first.key}")`;
      const message = `${spot.spec.kind} "${nameOf(spot)}" has two entries for ${resource}${same}`;
      const place = placeOf(spot.document, [spot.attribute, key], "key");
      names.report({ severity: "error", code: "duplicate-permission", message, place, hint: "Keep one of them." });
    } else if (typeof level === "string") found.set(resource, { key, level });
  }
  const sorted = [...found].sort((left, right) => compareText(left[0], right[0]));
  return Object.fromEntries(sorted.map(([resource, { level }]) => [resource, level]));
}

function nameOf({ document, spec }: Spot): string {
  return nameIn(document, spec) ?? "";
}
