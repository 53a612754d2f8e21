// Entities as the text of a policy file, in the very layout that `fmt` gives. It writes what it is handed, and decides
// neither what belongs in a file nor where the file goes.
import type { Json } from "../model/document.ts";
import { type Entity, groupOfSection, MEMBERSHIP } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { bareName, type KindSpec, type Platform } from "../model/platform.ts";
import { arrange } from "./arrange.ts";
import { type DocumentNode, printDocuments, treeOf } from "./layout.ts";
import { memberIdentity } from "./memberships.ts";

export interface RenderOptions {
  /** Path or URL of the folder of schemas, for editors: the file begins with a line that names its kind's schema. */
  readonly schemas?: string;
  /** Folded name -> name as people see it, of groups whose memberships are rendered without the group itself. */
  readonly groupNames?: ReadonlyMap<string, string>;
}

/**
 * Renders entities as one file: a document each, a group's memberships in one document, in the order of the platform's
 * kinds and then of names. Reference kinds are left out. Empty text for nothing.
 */
export function renderEntities(entities: Iterable<Entity>, platform: Platform, options: RenderOptions = {}): string {
  const sorted = [...entities].sort(
    (left, right) => compareText(left.section, right.section) || compareText(left.local, right.local),
  );
  const documents: DocumentNode[] = [];
  const written: KindSpec[] = [];
  for (const spec of platform.kinds) {
    const ofKind = sorted.filter(({ kind }) => kind === spec.kind);
    if (spec.role === "reference" || ofKind.length === 0) continue;
    const values =
      spec.identity === "group"
        ? membershipValues(ofKind, sorted, platform, options)
        : ofKind.map((entity) => valueOfEntity(entity, spec));
    for (const value of values) {
      const root = treeOf(value);
      arrange(root, platform);
      documents.push({ head: [], root });
    }
    written.push(spec);
  }
  const [only, another] = written;
  if (only && !another && options.schemas !== undefined && documents[0])
    documents[0].head.push(modelineOf(options.schemas, platform.name, only.schema));
  return printDocuments(documents);
}

/** The comment that tells editors a file's schema. */
export function modelineOf(schemas: string, platform: string, schema: string): string {
  return `# yaml-language-server: $schema=${schemas.replace(/\/+$/, "")}/${platform}/${schema}.json`;
}

/** What files write for an entity that is no membership. */
export function valueOfEntity(entity: Entity, spec: KindSpec): { readonly [key: string]: Json } {
  const owner = spec.owner === undefined ? undefined : entity.attributes[spec.owner];
  const name = typeof owner === "string" ? bareName(entity.name, owner) : entity.name;
  const value: { [key: string]: Json } = { kind: spec.kind, [spec.identity]: name };
  if (entity.previously !== undefined) value.previously = entity.previously;
  for (const [attribute, { element }] of Object.entries(spec.attributes)) {
    const given = entity.attributes[attribute];
    if (given !== undefined) value[attribute] = element && Array.isArray(given) ? given.map(element.parse) : given;
  }
  return value;
}

function membershipValues(
  memberships: readonly Entity[],
  all: readonly Entity[],
  platform: Platform,
  options: RenderOptions,
): Json[] {
  const identity = memberIdentity(platform);
  const groups = new Map(all.filter(({ kind }) => kind === "Group").map((entity) => [entity.local, entity.name]));
  const bySection = new Map<string, Entity[]>();
  for (const entity of memberships) {
    const section = bySection.get(entity.section);
    if (section) section.push(entity);
    else bySection.set(entity.section, [entity]);
  }
  return [...bySection].map(([section, entities]) => {
    const local = groupOfSection(section) ?? section;
    const name = groups.get(local) ?? options.groupNames?.get(local) ?? local;
    return { kind: MEMBERSHIP, group: name, members: entities.map((entity) => memberValue(entity, identity)) };
  });
}

function memberValue({ name, attributes }: Entity, identity: string): Json {
  const { until, reason } = attributes;
  if (typeof until !== "string" && typeof reason !== "string") return name;
  return {
    [identity]: name,
    ...(typeof until === "string" ? { until } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
  };
}
