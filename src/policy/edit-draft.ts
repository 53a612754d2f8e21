// The files of a target while an edit is made: each step is some splices and what the documents must say afterwards, and
// is refused when a parse of the new text says anything else. Nothing is edited in a document that has errors.
import type { DocumentPath, Json } from "../model/document.ts";
import type { EditedFile, EditResult, FileText } from "../model/edit.ts";
import { compareText, type Finding, type Place } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import { plainOf, readSource, type SourceDocument } from "./edit-source.ts";
import { parseFile } from "./parse.ts";
import { parseParts } from "./syntax.ts";
import { decodeText, lineStartsOf, placeIn } from "./text.ts";

/** Text that replaces a stretch of a file. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface DraftFile {
  readonly path: string;
  readonly hasMark: boolean;
  /** Without the byte order mark. */
  readonly text: string;
  readonly lineStarts: readonly number[];
  readonly documents: readonly SourceDocument[];
  readonly values: readonly Json[];
  /** For each document the first error in it, if there is one. */
  readonly faults: readonly (Finding | undefined)[];
}

/** A document of a file. */
export interface DocumentSpot {
  readonly path: string;
  readonly document: number;
}

/** What stops an edit; thrown by the steps of one, and caught where it began. */
export class EditRefused extends Error {
  override readonly name = "EditRefused";
  readonly place: Place | undefined;

  constructor(reason: string, place?: Place) {
    super(reason);
    this.place = place;
  }
}

/** The files of a target and what has been made of them. */
export class Draft {
  readonly platform: Platform;
  readonly target: string;
  private readonly files = new Map<string, DraftFile>();
  private readonly errors = new Map<string, readonly Finding[]>();
  private readonly changed = new Map<string, DraftFile | null>();
  private readonly given = new Map<string, string>();

  constructor(files: readonly FileText[], target: string, platform: Platform) {
    this.platform = platform;
    this.target = target;
    for (const { path, bytes } of [...files].sort((left, right) => compareText(left.path, right.path))) {
      if (!path.startsWith(`${target}/`)) continue;
      const opened = openFile(path, bytes, platform);
      this.files.set(path, opened.file);
      this.errors.set(path, opened.errors);
      this.given.set(path, opened.file.text);
    }
  }

  /** Paths of the files there are now. */
  paths(): string[] {
    return [...this.files.keys()];
  }

  fileAt(path: string): DraftFile {
    const file = this.files.get(path);
    if (!file) throw new EditRefused(`There is no file ${path}`);
    return file;
  }

  has(path: string): boolean {
    return this.files.has(path);
  }

  /** Every document as a value. One that does not say what it is may be about anything, and stops every edit. */
  *documents(): Iterable<DocumentSpot & { readonly value: { readonly [key: string]: Json } }> {
    for (const { path, values } of [...this.files.values()])
      for (const [document, value] of values.entries()) {
        const mapping = value !== null && typeof value === "object" && !Array.isArray(value) ? (value as JsonMap) : {};
        if (typeof mapping.kind === "string") yield { path, document, value: mapping };
        else this.demandSound({ path, document });
      }
  }

  /** Makes splices in a file. `expected` says what its documents are then. */
  splice(path: string, splices: readonly Splice[], expected: readonly Json[], faults?: DraftFile["faults"]): void {
    const file = this.fileAt(path);
    const first = splices.reduce((least, { from }) => Math.min(least, from), file.text.length);
    const next = openText(file, applySplices(file.text, splices));
    if (!next || !isSame(next.values, expected))
      throw new EditRefused(
        "Its layout does not let this be changed alone; a person has to edit it",
        placeIn(path, file.lineStarts, first),
      );
    const fresh = { ...next, faults: faults ?? file.faults };
    this.files.set(path, fresh);
    this.changed.set(path, fresh);
  }

  /** Refuses a document that has an error: what it means, nobody can say. */
  demandSound({ path, document }: DocumentSpot): void {
    const error = this.fileAt(path).faults[document];
    if (error) throw new EditRefused(error.message, error.place);
  }

  /** Adds a file, or takes one away. */
  addFile(path: string, text: string): void {
    const file = openText({ path, hasMark: false }, text);
    if (!file) throw new EditRefused(`The text of ${path} cannot be written as YAML`);
    this.files.set(path, file);
    this.changed.set(path, file);
  }

  removeFile(path: string): void {
    this.files.delete(path);
    this.changed.set(path, null);
  }

  /** What became of the files; refused when an edit would bring an error into one. */
  result(): EditResult {
    const files: EditedFile[] = [];
    for (const [path, file] of this.changed) {
      if (file && file.text === this.given.get(path)) continue;
      const bytes = file && encode(file);
      files.push({ path, bytes });
      if (!bytes) continue;
      const before = new Set((this.errors.get(path) ?? []).map(({ code, message }) => `${code}\n${message}`));
      const error = errorsOf(path, bytes, this.platform).find(
        ({ code, message }) => !before.has(`${code}\n${message}`),
      );
      if (error) return { kind: "refused", reason: error.message };
    }
    return { kind: "edited", files: files.sort((left, right) => compareText(left.path, right.path)) };
  }
}

/** Splices made in a text; they do not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let [result, at] = ["", 0];
  for (const { from, to, text: fresh } of [...splices].sort((a, b) => a.from - b.from || a.to - b.to)) {
    result += text.slice(at, from) + fresh;
    at = to;
  }
  return result + text.slice(at);
}

/** A value with the part at a path replaced by what `change` makes of it; undefined takes it out. */
export function changeAt(value: Json, path: DocumentPath, change: (part: Json) => Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (Array.isArray(value))
    return value.flatMap((item, index) => {
      if (index !== step) return [item];
      const changed = changeAt(item, rest, change);
      return changed === undefined ? [] : [changed];
    });
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).flatMap(([key, item]) => {
    if (key !== step) return [[key, item] as const];
    const changed = changeAt(item, rest, change);
    return changed === undefined ? [] : [[key, changed] as const];
  });
  return Object.fromEntries(entries);
}

function isSame(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isSame((left as JsonMap)[key], (right as JsonMap)[key]));
}

type JsonMap = { readonly [key: string]: Json };

interface OpenedFile {
  readonly file: DraftFile;
  readonly errors: readonly Finding[];
}

/** What was read of bytes, for the edits after this one: an edit reads all files of a target and changes one. */
const opened = new WeakMap<Uint8Array, OpenedFile & { readonly platform: string }>();

function openFile(path: string, bytes: Uint8Array, platform: Platform): OpenedFile {
  const known = opened.get(bytes);
  if (known?.file.path === path && known.platform === platform.name) return known;
  const text = decodeText(path, bytes);
  if (typeof text !== "string") throw new EditRefused(text.message, text.place);
  const read = openText({ path, hasMark: bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf }, text);
  if (!read) throw notYaml(path, text);
  const errors = errorsOf(path, bytes, platform);
  const faults: (Finding | undefined)[] = read.documents.map(() => undefined);
  for (const error of errors) {
    const document = documentAt(read, error.place);
    // A directive is an error, and no reason to leave the rest of the file alone.
    if (error.code !== "yaml-directive") faults[document] ??= error;
  }
  const fresh = { file: { ...read, faults }, errors, platform: platform.name };
  opened.set(bytes, fresh);
  return fresh;
}

function notYaml(path: string, text: string): EditRefused {
  const parts = parseParts({ file: path, text, base: 0, lineStarts: lineStartsOf(text) });
  const problem = parts.find((part) => part.problem)?.problem;
  return new EditRefused(
    problem?.message ?? "The file is not YAML",
    problem?.place ?? { file: path, line: 1, column: 1 },
  );
}

function errorsOf(path: string, bytes: Uint8Array, platform: Platform): Finding[] {
  return parseFile(path, bytes, platform.name).findings.filter(({ severity }) => severity === "error");
}

function openText({ path, hasMark }: Pick<DraftFile, "path" | "hasMark">, text: string): DraftFile | undefined {
  const lineStarts = lineStartsOf(text);
  const [part, another] = parseParts({ file: path, text, base: 0, lineStarts });
  if (!part?.events || another) return undefined;
  const documents = readSource(text, part.events);
  const values = documents.map(({ root }) => plainOf(root));
  return { path, hasMark, text, lineStarts, documents, values, faults: documents.map(() => undefined) };
}

function encode({ text, hasMark }: DraftFile): Uint8Array {
  return new TextEncoder().encode(hasMark ? `\ufeff${text}` : text);
}

/** The document that a place lies in. */
function documentAt({ documents, lineStarts }: DraftFile, place: Place | undefined): number {
  const offset = (lineStarts[(place?.line ?? 1) - 1] ?? 0) + (place?.column ?? 1) - 1;
  const found = documents.findLastIndex(({ marker, root }) => (marker ?? root.start) <= offset);
  return Math.max(0, found);
}
