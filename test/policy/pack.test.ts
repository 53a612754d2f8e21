// What is packed for the cache comes back as it was, at whatever path; what is damaged does not come back at all.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Json, marksOf, packMarks } from "../../src/model/document.ts";
import { createPacker, createUnpacker } from "../../src/policy/pack.ts";
import { type ParsedFile, parseFile } from "../../src/policy/parse.ts";
import { bytesOf } from "./files.ts";

const WRONG = "kind: Member\nemail: a@b.c\nfirstNam: A\n---\nkind: Membership\ngroup: x\n---\n";

/** With the marks as numbers, however they are kept. */
function plain(parsed: ParsedFile | undefined) {
  return parsed && { ...parsed, documents: parsed.documents.map((one) => ({ ...one, marks: marksOf(one) })) };
}

describe("packed files", () => {
  test("come back as they were, findings, broken documents and all, at another path", () => {
    const packer = createPacker();
    const line = packer.pack(parseFile("old.yaml", bytesOf(WRONG), "atomic"));
    const unpack = createUnpacker(packer.tables());
    expect(plain(unpack?.(line, "new.yaml"))).toEqual(plain(parseFile("new.yaml", bytesOf(WRONG), "atomic")));
  });

  test("hold any value and any marks", () => {
    const value = fc.dictionary(
      fc.string(),
      fc.jsonValue({ maxDepth: 3 }).filter((json) => !JSON.stringify(json).includes("__proto__")),
    );
    const marks = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 3_000_000 }), fc.integer({ min: 1, max: 3_000_000 })))
      .map((places) => places.flat());
    fc.assert(
      fc.property(fc.array(fc.record({ value, marks, kind: fc.string() })), (some) => {
        const documents = some.map((one) => ({ ...one, file: "f.yaml", value: one.value as { [key: string]: Json } }));
        const packer = createPacker();
        const line = packer.pack({ file: "f.yaml", documents, findings: [] });
        const back = plain(createUnpacker(packer.tables())?.(line, "f.yaml"))?.documents;
        expect(JSON.stringify(back)).toBe(
          JSON.stringify(documents.map(({ file, kind, value, marks }) => ({ file, kind, value, marks }))),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("packed marks need no escapes in JSON", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5_000_000 })), (numbers) => {
        const text = packMarks(numbers.length % 2 === 0 ? numbers : [...numbers, 1]);
        expect(JSON.stringify(text)).toHaveLength(text.length + 2);
      }),
    );
  });

  test("that are damaged are nothing, and throw nothing", () => {
    const packer = createPacker();
    const line = packer.pack(parseFile("a.yaml", bytesOf("kind: Member\nemail: a@b.c\n"), "atomic"));
    expect(createUnpacker("")).toBeUndefined();
    expect(createUnpacker('{"texts":1}')).toBeUndefined();
    const unpack = createUnpacker(packer.tables());
    const other = createUnpacker(createPacker().tables());
    for (const damaged of [line.slice(1), line.slice(0, -1), "", "null", "[]", '[[[5000,0,""]],[]]'])
      expect(unpack?.(damaged, "a.yaml")).toBeUndefined();
    expect(other?.(line, "a.yaml")).toBeUndefined();
  });
});
