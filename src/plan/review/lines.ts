// The lines of files that give an access: the element of a group's or member's document that names the role, the permission in a
// role's document. Where no single line does, the line that names the thing. It finds places and judges nothing.
import { type Json, type PolicyDocument, placeOf } from "../../model/document.ts";
import { EMPTY_SECTION, type Entity, entityAt, type State } from "../../model/entity.ts";
import type { Place } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import { lazy, memo } from "../../model/lazy.ts";
import {
  type AttributeSpec,
  GROUP,
  type KindSpec,
  kindSpec,
  MEMBER,
  type Platform,
  resourcesOf,
} from "../../model/platform.ts";
import { cellOf } from "./ground.ts";

const ROLE = "Role";

type Cell = Pick<Grant, "resource" | "scope">;

export interface GivingLines {
  /** Where a member (by the folded name that files have) or a group is given a path's role; `reader` is somebody who has it by that. */
  readonly ofHolder: (kind: string, local: string, path: Path, cell: Cell, reader: string) => Place | undefined;
  /** Where a role (by folded name) gives a resource. */
  readonly ofRole: (local: string, resource: string) => Place | undefined;
}

/** Without documents nothing is found. */
export function createLines(documents: readonly PolicyDocument[], declared: State, platform: Platform): GivingLines {
  const byName = lazy(() => indexDocuments(documents, platform));
  const resourceNamed = memo((name: string) => {
    const wanted = platform.fold(name);
    const called = ({ name, aliases }: { name: string; aliases: readonly string[] }) =>
      [name, ...aliases].some((known) => platform.fold(known) === wanted);
    return resourcesOf(platform, declared).find(called)?.name;
  });
  const ofRole = memo((key: string) => {
    const [local = "", resource = ""] = key.split("\n");
    const document = byName().get(`${ROLE}\n${local}`);
    const spec = kindSpec(platform, ROLE);
    if (!document || !spec) return undefined;
    for (const [name, attribute] of Object.entries(spec.attributes)) {
      if (attribute.type !== "map") continue;
      const given = Object.keys((document.value[name] ?? {}) as object).find((key) => resourceNamed(key) === resource);
      if (given !== undefined) return placeOf(document, [name, given], "key");
    }
    return placeOf(document, [spec.identity]);
  });
  const holderLine = createHolderLines(declared, platform, (kind, local) => byName().get(`${kind}\n${local}`));
  const known = new Map<string, Place | undefined>();
  return {
    ofHolder: (kind, local, path, cell, reader) => {
      const key = `${kind}\n${local}\n${path.role ?? ""}\n${cellOf(cell)}`;
      if (!known.has(key)) known.set(key, holderLine(kind, local, path, cell, reader));
      return known.get(key);
    },
    ofRole: (local, resource) => ofRole(`${local}\n${resource}`),
  };
}

function indexDocuments(documents: readonly PolicyDocument[], { kinds, fold }: Platform): Map<string, PolicyDocument> {
  const found = new Map<string, PolicyDocument>();
  const wanted = kinds.filter(({ kind }) => kind === GROUP || kind === MEMBER || kind === ROLE);
  for (const document of documents) {
    const spec = wanted.find(({ kind }) => kind === document.kind);
    const name = spec && document.value[spec.identity];
    if (typeof name === "string") found.set(`${document.kind}\n${fold(name)}`, document);
  }
  return found;
}

/** An element of a holder's document that names the role. */
interface Candidate {
  readonly attribute: string;
  readonly index: number;
  /** As states have it. */
  readonly text: string;
  /** It names this very scope. */
  readonly here: boolean;
}

function createHolderLines(
  declared: State,
  platform: Platform,
  documentOf: (kind: string, local: string) => PolicyDocument | undefined,
) {
  const gives = createTrial(declared, platform);
  return (kind: string, local: string, path: Path, cell: Cell, reader: string): Place | undefined => {
    const document = documentOf(kind, local);
    const spec = kindSpec(platform, kind);
    if (!document || !spec) return undefined;
    const candidates = candidatesIn(document, spec, path, cell.scope, platform);
    const holder = entityAt(declared, kind, local);
    const best =
      candidates.length < 2
        ? candidates[0]
        : (candidates.find(({ here }) => here) ??
          candidates.find((one) => holder && gives(holder, one, path, cell, reader)) ??
          candidates[0]);
    return placeOf(document, best ? [best.attribute, best.index] : [spec.identity]);
  };
}

function candidatesIn(
  document: PolicyDocument,
  spec: KindSpec,
  { role = "" }: Path,
  scope: string,
  platform: Platform,
): Candidate[] {
  const { fold } = platform;
  return Object.entries(spec.attributes).flatMap(([attribute, of]) => {
    const list = document.value[attribute];
    if (of.type !== "set" || !Array.isArray(list)) return [];
    return list.flatMap((item: Json, index): Candidate[] => {
      const text = textOf(item, of);
      if (!of.element)
        return of.refersTo === ROLE && fold(text) === fold(role) ? [{ attribute, index, text, here: false }] : [];
      const names = of.element.references(text);
      const isIt =
        fold(text) === fold(role) || names.some(({ kind, name }) => kind === ROLE && fold(name) === fold(role));
      const here = names.some(({ kind, name }) => kind === platform.scopeKind && fold(name) === fold(scope));
      return isIt ? [{ attribute, index, text, here }] : [];
    });
  });
}

function textOf(item: Json, { element }: AttributeSpec): string {
  return element ? element.format(item) : String(item);
}

/** Whether one element by itself gives a cell: tried with the holder as it is but for the others. What it gives is worked out once. */
function createTrial(declared: State, platform: Platform) {
  const known = new Map<string, ReadonlySet<string>>();
  return (holder: Entity, { attribute, text }: Candidate, path: Path, cell: Cell, reader: string): boolean => {
    const key = `${holder.kind}\n${holder.local}\n${attribute}\n${text}`;
    const cells = known.get(key) ?? cellsOf(holder, attribute, text, path, reader);
    known.set(key, cells);
    return cells.has(cellOf(cell));
  };

  function cellsOf(holder: Entity, attribute: string, text: string, path: Path, reader: string): ReadonlySet<string> {
    const alone: Entity = { ...holder, attributes: { ...holder.attributes, [attribute]: [text] } };
    const section = new Map(declared.get(holder.section) ?? EMPTY_SECTION).set(holder.local, alone);
    const view = platform.access(new Map([...declared, [holder.section, section]]), new Set([reader]));
    const grants = view.grantsOf(reader).filter(({ via }) => via.some(({ group }) => group === path.group));
    return new Set(grants.map(cellOf));
  }
}
