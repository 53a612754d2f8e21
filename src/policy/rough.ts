// What documents say by themselves, as entities: names as they are written and nothing looked up, so that one file of an old commit
// can be read without all the others of that commit. Good for telling what a commit gave or took, and for nothing else.
import type { Json } from "../model/document.ts";
import {
  type Attributes,
  type Entity,
  MEMBERSHIP,
  membershipSection,
  NO_ATTRIBUTES,
  type Value,
} from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { type AttributeSpec, type KindSpec, kindSpec, type Platform } from "../model/platform.ts";
import { memberIdentity } from "./memberships.ts";
import { clean, nameIn } from "./names.ts";
import type { ParsedDocument } from "./schema.ts";

/** In front of the name of a set of scopes, where a value names one instead of scopes. */
export const NAMED_SET = "\u0000set ";

/** The entities of some documents by their keys; of two with one key the last. Broken documents say what is left of them. */
export function roughEntities(documents: Iterable<ParsedDocument>, platform: Platform): Map<string, Entity> {
  const resources = new Map<string, string>();
  for (const { name, aliases } of platform.resources)
    for (const known of [name, ...aliases]) resources.set(platform.fold(known), name);
  const entities = new Map<string, Entity>();
  for (const document of documents) {
    const spec = kindSpec(platform, document.kind);
    if (!spec || document.broken) continue;
    const found =
      spec.kind === MEMBERSHIP ? memberships(document, platform) : [entityOf(document, spec, platform, resources)];
    for (const entity of found) if (entity) entities.set(`${entity.section}/${entity.local}`, entity);
  }
  return entities;
}

function* memberships({ value }: ParsedDocument, platform: Platform): Iterable<Entity> {
  const { group, members } = value;
  if (typeof group !== "string" || !Array.isArray(members)) return;
  const [section, identity] = [membershipSection(platform.fold(group)), memberIdentity(platform)];
  for (const item of members as readonly Json[]) {
    const name = typeof item === "string" ? item : (item as { readonly [key: string]: Json } | null)?.[identity];
    if (typeof name !== "string") continue;
    yield { kind: MEMBERSHIP, section, local: platform.fold(name), name: clean(name), attributes: NO_ATTRIBUTES };
  }
}

function entityOf(
  document: ParsedDocument,
  spec: KindSpec,
  platform: Platform,
  resources: ReadonlyMap<string, string>,
): Entity | undefined {
  const written = nameIn(document, spec);
  if (written === undefined) return undefined;
  const [name, { previously }] = [clean(written), document.value];
  const attributes: { [attribute: string]: Value } = {};
  for (const [attribute, one] of Object.entries(spec.attributes)) {
    const value = roughValue(one, document.value[attribute], platform, resources);
    if (value !== undefined) attributes[attribute] = value;
  }
  const entity = {
    kind: spec.kind,
    section: spec.kind,
    local: platform.fold(name),
    name,
    attributes: attributes as Attributes,
  };
  return typeof previously === "string" ? { ...entity, previously: platform.fold(previously) } : entity;
}

function roughValue(
  { type, element }: AttributeSpec,
  raw: Json | undefined,
  { fold }: Platform,
  resources: ReadonlyMap<string, string>,
): Value | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw === "boolean") return type === "flag" ? raw : undefined;
  if (typeof raw === "string") {
    if (type === "scope") return raw === "all" ? raw : [`${NAMED_SET}${fold(raw)}`];
    return type === "text" ? clean(raw) : undefined;
  }
  if (Array.isArray(raw)) {
    const texts = (raw as readonly Json[]).flatMap((item) => textOf(item, element));
    return type === "set" || type === "scope" ? texts.sort(compareText) : undefined;
  }
  if (type !== "map" || typeof raw === "number") return undefined;
  const entries = Object.entries(raw).flatMap(([key, level]) =>
    typeof level === "string" ? [[resources.get(fold(key)) ?? clean(key), level] as const] : [],
  );
  return Object.fromEntries(entries.sort(([left], [right]) => compareText(left, right)));
}

/** The canonical text of an element; nothing for what no schema lets through. */
function textOf(item: Json, element: AttributeSpec["element"]): string[] {
  if (!element) return typeof item === "string" ? [clean(item)] : [];
  return item !== null && typeof item === "object" ? [element.format(item)] : [];
}
