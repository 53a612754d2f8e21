// The lines of files that give an access: the element of a group's or member's document that names the role, the permission in a
// role's document. Where no single line does, the line that names the thing. It finds places and judges nothing.
import { type Json, type PolicyDocument, placeOf } from "../../model/document.ts";
import { entityAt, type State } from "../../model/entity.ts";
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
import type { ReviewedTarget } from "./input.ts";

const ROLE = "Role";

type Cell = Pick<Grant, "resource" | "scope">;

export interface GivingLines {
  /** Where a member or a group is given a path's role, of which a cell comes. */
  readonly ofHolder: (holder: Holder, path: Path, cell: Cell) => Place | undefined;
  /** Where a role (by folded name) gives a resource. */
  readonly ofRole: (local: string, resource: string) => Place | undefined;
}

export interface Holder {
  readonly kind: string;
  /** Folded name that files have. */
  readonly local: string;
  /** Folded name that the platform has. */
  readonly live: string;
  /** Folded name of somebody who has a cell by it. */
  readonly reader: string;
}

/** Without documents nothing is found. */
export function createLines({ documents = [], declared, live, platform }: ReviewedTarget): GivingLines {
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
  const holderLine = createHolderLines(live, platform, (kind, local) => byName().get(`${kind}\n${local}`));
  const known = new Map<string, Place | undefined>();
  return {
    ofHolder: (holder, path, cell) => {
      const key = `${holder.kind}\n${holder.local}\n${path.role ?? ""}\n${cellOf(cell)}`;
      if (!known.has(key)) known.set(key, holderLine(holder, path, cell));
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
  live: State,
  platform: Platform,
  documentOf: (kind: string, local: string) => PolicyDocument | undefined,
) {
  const gives = createTrial(live, platform);
  return (holder: Holder, path: Path, cell: Cell): Place | undefined => {
    const document = documentOf(holder.kind, holder.local);
    const spec = kindSpec(platform, holder.kind);
    if (!document || !spec) return undefined;
    const candidates = candidatesIn(document, spec, path, cell.scope, platform);
    const best =
      (candidates.length > 1 ? candidates.find((one) => gives(holder, one, path, cell)) : undefined) ??
      candidates.find(({ here }) => here) ??
      candidates[0];
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

/** Whether one element by itself gives a cell: tried on the platform's state without the others. What it gives is worked out once. */
function createTrial(live: State, platform: Platform) {
  const known = new Map<string, ReadonlySet<string>>();
  return (holder: Holder, candidate: Candidate, path: Path, cell: Cell): boolean => {
    const key = `${holder.kind}\n${holder.live}\n${candidate.attribute}\n${candidate.text}`;
    const cells = known.get(key) ?? cellsOf(holder, candidate, path);
    known.set(key, cells);
    return cells.has(cellOf(cell));
  };

  function cellsOf({ kind, live: local, reader }: Holder, { attribute, text }: Candidate, path: Path): Set<string> {
    const entity = entityAt(live, kind, local);
    if (!entity) return new Set();
    const alone = { ...entity, attributes: { ...entity.attributes, [attribute]: [text] } };
    const section = new Map(live.get(kind)).set(local, alone);
    const view = platform.access(new Map([...live, [kind, section]]), new Set([reader]));
    const grants = view.grantsOf(reader).filter(({ via }) => via.some(({ group }) => group === path.group));
    return new Set(grants.map(cellOf));
  }
}
