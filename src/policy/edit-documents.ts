// Whole documents: a new one in the file that convention says, or one less. A file in which no document is left goes.
import type { Json } from "../model/document.ts";
import { kindSpec } from "../model/platform.ts";
import { arrange } from "./arrange.ts";
import { cutLines, textAfterLine } from "./edit-block.ts";
import { type DocumentSpot, type Draft, type DraftFile, EditRefused } from "./edit-draft.ts";
import { placeOfDocument } from "./edit-find.ts";
import { breakOfLine, lineOf, textOfLine } from "./edit-lines.ts";
import { conventionalFile } from "./file-names.ts";
import { plainOf, printDocuments, treeOf } from "./layout.ts";
import { modelineOf } from "./write.ts";

const MODELINE = /^# yaml-language-server: \$schema=(\S+)\/([^/\s]+)\/[^/\s]+\.json$/;

/** A document goes into the file of its kind and name: behind what is there, or into a new file. */
export function addDocument(draft: Draft, kind: string, name: string, value: { readonly [key: string]: Json }): void {
  const spec = kindSpec(draft.platform, kind);
  if (!spec || spec.role === "reference") throw new EditRefused(`There are no documents of kind ${kind}`);
  const path = `${draft.target}/${conventionalFile(spec, name)}`;
  const root = treeOf(value);
  arrange(root, draft.platform);
  const text = printDocuments([{ head: [], root }]);
  if (draft.has(path)) {
    appendDocument(draft, path, text.trimEnd().split("\n"), plainOf(root));
    return;
  }
  const schemas = schemasNear(draft, path);
  const head = schemas === undefined ? "" : `${modelineOf(schemas, draft.platform.name, spec.schema)}\n`;
  draft.addFile(path, head + text);
}

function appendDocument(draft: Draft, path: string, lines: readonly string[], value: Json): void {
  const file = draft.fileAt(path);
  const isFirst = file.documents.length === 0;
  let last = file.lineStarts.length - 1;
  if (textOfLine(file, last) === "" && last > 0) last--;
  const splice =
    file.text === ""
      ? { from: 0, to: 0, text: `${lines.join("\n")}\n` }
      : textAfterLine(file, last, isFirst ? lines : ["---", ...lines]);
  draft.splice(path, [splice], [...file.values, value], [...file.faults, undefined]);
}

/** The folder of schemas that files in the same depth name to editors. */
function schemasNear(draft: Draft, path: string): string | undefined {
  const depthOf = (file: string) => file.split("/").length;
  for (const other of draft.paths()) {
    const [, schemas, platform] = MODELINE.exec(textOfLine(draft.fileAt(other), 0)) ?? [];
    if (schemas === undefined || platform !== draft.platform.name) continue;
    if (depthOf(other) === depthOf(path) || schemas.includes("://")) return schemas;
  }
  return undefined;
}

/** A document goes, with the separator before it, or with the one behind it when it is the first. */
export function removeDocument(draft: Draft, spot: DocumentSpot): void {
  draft.demandSound(spot);
  const file = draft.fileAt(spot.path);
  const isLast = file.values.every((value, index) => index === spot.document || value === null);
  if (isLast) {
    draft.removeFile(spot.path);
    return;
  }
  if (file.documents.some(({ hasDirectives, marker }, index) => hasDirectives || (marker === undefined && index > 0)))
    throw new EditRefused("Not every document of the file begins with a plain `---`", placeOfDocument(draft, spot));
  const without = <T>(all: readonly T[]) => all.filter((_, index) => index !== spot.document);
  draft.splice(spot.path, [cutDocument(file, spot.document)], without(file.values), without(file.faults));
}

function cutDocument(file: DraftFile, index: number) {
  const document = file.documents[index];
  const next = file.documents[index + 1];
  const end = next?.marker === undefined ? file.lineStarts.length - 1 : lineOf(file, next.marker) - 1;
  const last = textOfLine(file, end) === "" && breakOfLine(file, end) === "" && end > 0 ? end - 1 : end;
  if (document?.marker !== undefined) return cutLines(file, { first: lineOf(file, document.marker), last });
  const first = afterHead(file, lineOf(file, document?.root.start ?? 0));
  // The separator that is left would stand before everything, where it says nothing.
  const isBare = next?.marker !== undefined && textOfLine(file, last + 1).trim() === "---";
  return cutLines(file, { first, last: isBare ? last + 1 : last });
}

/** The line after the comments that are about the whole file: all that the editors' line is among, or that a blank line follows. */
function afterHead(file: DraftFile, root: number): number {
  let head = 0;
  for (let line = 0; line < root; line++) {
    const text = textOfLine(file, line).trim();
    if (text === "") head = line + 1;
    else if (/^#\s*yaml-language-server:/.test(text)) {
      head = line + 1;
      while (head < root && textOfLine(file, head).trim().startsWith("#")) head++;
    }
  }
  return head;
}
