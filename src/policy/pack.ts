// Parsed files as short JSON and back, for a cache to keep. Texts that come again and again (addresses, names, keys) stand
// in one table for many files, so that unpacking makes each of them once. Pure; knows nothing of where the text is kept.
import { type Json, packMarks } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import type { ParsedFile } from "./parse.ts";
import type { ParsedDocument } from "./schema.ts";

/** The tables that packed files refer to: texts, and the keys of mappings. */
interface Tables {
  readonly texts: readonly string[];
  readonly shapes: readonly (readonly string[])[];
}

/**
 * A packed value: a text's number; `[-1, ...items]` for a list; `[-2, value]` for a number, flag or null;
 * `[shape, ...values]` for a mapping, its keys in the table of shapes.
 */
type Packed = number | readonly unknown[];
const LIST = -1;
const PLAIN = -2;

export interface Packer {
  /** One line of text. Whatever the file's path is, another one can be given when it is unpacked. */
  readonly pack: (parsed: ParsedFile) => string;
  /** One line of text: the tables that everything packed until now needs. */
  readonly tables: () => string;
}

/** Packs any number of files against tables of their own. */
export function createPacker(): Packer {
  const [texts, shapes] = [new Map<string, number>(), new Map<string, number>()];
  const numberOf = (table: Map<string, number>, text: string): number => {
    const known = table.get(text);
    if (known !== undefined) return known;
    table.set(text, table.size);
    return table.size - 1;
  };
  const packValue = (value: Json): Packed => {
    if (typeof value === "string") return numberOf(texts, value);
    if (value === null || typeof value !== "object") return [PLAIN, value];
    if (Array.isArray(value)) return [LIST, ...value.map(packValue)];
    const packed: unknown[] = [numberOf(shapes, JSON.stringify(Object.keys(value)))];
    for (const item of Object.values(value)) packed.push(packValue(item));
    return packed;
  };
  return {
    pack: ({ documents, findings }) =>
      JSON.stringify([
        documents.map(({ value, kind, marks, broken }) => [
          packValue(value),
          packValue(kind),
          typeof marks === "string" ? marks : packMarks(marks),
          ...(broken ? [1] : []),
        ]),
        findings,
      ]),
    tables: () =>
      JSON.stringify({ texts: [...texts.keys()], shapes: [...shapes.keys()].map((keys) => JSON.parse(keys)) }),
  };
}

/** A function that unpacks what was packed against these tables; undefined when they are none, as is what is damaged. */
export function createUnpacker(
  tablesLine: string,
): ((packed: string, file: string) => ParsedFile | undefined) | undefined {
  const tables = parseLine(tablesLine);
  if (!isTables(tables)) return undefined;
  return (packed, file) => {
    const parsed = parseLine(packed);
    if (!Array.isArray(parsed) || parsed.length !== 2) return undefined;
    const [documents, findings] = parsed as [readonly (readonly unknown[])[], readonly Finding[]];
    try {
      return {
        file,
        documents: documents.map((document) => unpackDocument(document, file, tables)),
        findings: findings.map((finding) =>
          finding.place ? { ...finding, place: { ...finding.place, file } } : finding,
        ),
      };
    } catch {
      return undefined;
    }
  };
}

function unpackDocument(
  [value, kind, marks, broken]: readonly unknown[],
  file: string,
  tables: Tables,
): ParsedDocument {
  const document = {
    file,
    kind: unpackValue(kind as Packed, tables) as string,
    value: unpackValue(value as Packed, tables) as { readonly [key: string]: Json },
    marks: marks as string,
  };
  return broken === 1 ? { ...document, broken: true } : document;
}

function unpackValue(packed: Packed, tables: Tables): Json {
  if (typeof packed === "number") return known(tables.texts[packed]);
  const first = packed[0] as number;
  if (first === PLAIN) return packed[1] as Json;
  if (first === LIST) {
    const list = new Array<Json>(packed.length - 1);
    for (let index = 1; index < packed.length; index++) list[index - 1] = unpackValue(packed[index] as Packed, tables);
    return list;
  }
  const mapping: { [key: string]: Json } = {};
  const keys = known(tables.shapes[first]);
  for (let index = 1; index < packed.length; index++)
    mapping[keys[index - 1] as string] = unpackValue(packed[index] as Packed, tables);
  return mapping;
}

function known<T>(entry: T | undefined): T {
  if (entry === undefined) throw new Error("not in the table");
  return entry;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isTables(value: unknown): value is Tables {
  const tables = value as Partial<Tables> | undefined;
  return Array.isArray(tables?.texts) && Array.isArray(tables.shapes);
}
