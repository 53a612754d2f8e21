// Places of values, meanings of scalars, and what a file is turned into; and that no bytes make the parser throw.
import fc from "fast-check";
import { CORE_SCHEMA, loadAll, YAMLException } from "js-yaml";
import { describe, expect, test } from "vitest";
import { countMarks, type DocumentPath, placeOf } from "../../src/model/document.ts";
import { resolvePlain } from "../../src/policy/build.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { bytesOf, parse, show } from "./files.ts";

const GROUP = `# A comment
kind: Group
name: "Card creators"
description: |
  Two
  lines
roles: [Card editor,   'Theme viewer']
environments:
- dev
-   test
`;

function placeText(path: DocumentPath, what?: "key" | "value"): string {
  const [document] = parse(GROUP).documents;
  if (!document) throw new Error("no document");
  const { line, column } = placeOf(document, path, what);
  return `${line}:${column}`;
}

describe("places", () => {
  test.each([
    [[], undefined, "2:1"],
    [["kind"], "key", "2:1"],
    [["kind"], undefined, "2:7"],
    [["name"], undefined, "3:7"],
    [["description"], "key", "4:1"],
    // A block's text begins on the next line; its key is where an author looks.
    [["description"], undefined, "4:1"],
    [["roles"], undefined, "7:8"],
    [["roles", 0], undefined, "7:9"],
    [["roles", 1], undefined, "7:24"],
    [["environments"], undefined, "9:1"],
    [["environments", 1], undefined, "10:5"],
    // What is not there is where its holder is.
    [["environments", 7], undefined, "9:1"],
    [["absent"], undefined, "2:1"],
  ] as const)("%j %s is at %s", (path, what, expected) => expect(placeText(path, what)).toBe(expected));

  test("columns count UTF-16 units, lines end with LF, CR LF or CR", () => {
    const { documents } = parse('{kind: Role, description: "😀😀", name: x}\n');
    const [role] = documents;
    expect(role && placeOf(role, ["name"])).toMatchObject({ line: 1, column: 41 });
    const [member] = parse("kind: Member\remail: a@b.c\r\nfirstName: A\n").documents;
    expect(member && placeOf(member, ["firstName"])).toMatchObject({ line: 3, column: 12 });
  });

  test("keys that look like indexes keep their places, though objects list them first", () => {
    const [role] = parse(
      "kind: Role\nname: x\npermissions:\n  Tag: view\n  10: view\n  Theme: edit\n  2: view\n",
    ).documents;
    const at = (key: string) => role && placeOf(role, ["permissions", key], "key").line;
    expect(["Tag", "10", "Theme", "2"].map(at)).toEqual([4, 5, 6, 7]);
  });

  test("an error in one document does not hide the others, and their places hold", () => {
    const { documents, findings } = parse(
      "kind: Role\nname: [\n---\nkind: Role\nname: b\ncolour: red\n---\nkind: Role\n\tname: c\n",
    );
    expect(show(findings).map((line) => line.split(" ")[0])).toEqual(["a.yaml:2:7", "a.yaml:6:1", "a.yaml:9:1"]);
    expect(documents.map(({ value }) => value.name)).toEqual(["[", "b", undefined]);
    expect(documents.map(({ broken }) => broken ?? false)).toEqual([true, false, true]);
  });
});

describe("documents", () => {
  test("a wrong part is cut out and the rest is kept, marks and all", () => {
    const [document] = parse("kind: Group\nname: x\ncolour: red\nroles: [a, 1, b]\nenvironments: all\n").documents;
    expect(document?.value).toEqual({ kind: "Group", name: "x", roles: ["a", "b"], environments: "all" });
    expect(document?.marks.length).toBe(2 * countMarks(document?.value ?? {}));
    expect(document && placeOf(document, ["roles", 1])).toMatchObject({ line: 4, column: 15 });
    expect(document && placeOf(document, ["environments"])).toMatchObject({ line: 5, column: 15 });
  });

  test("a document beyond repair keeps what it is about, and says that it is broken", () => {
    const [document] = parse("kind: Membership\ngroup: x\n").documents;
    expect(document).toMatchObject({ broken: true, value: { kind: "Membership", group: "x" } });
  });

  test("without a platform only settings are read; a platform without schemas gives nothing", () => {
    expect(show(parseFile("a.yaml", bytesOf("kind: Role\nname: x\n"), undefined).findings)[0]).toContain(
      "unknown-kind",
    );
    expect(parseFile("a.yaml", bytesOf("kind: Role\nname: x\n"), "nowhere")).toEqual({
      file: "a.yaml",
      documents: [],
      findings: [],
    });
  });
});

describe("scalars mean what the core schema of YAML 1.2 says", () => {
  const words = [
    "~",
    "null",
    "Null",
    "nULL",
    "true",
    "TRUE",
    "tRUE",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "y",
    ".inf",
    "-.Inf",
    "+.inf",
    ".nan",
  ];
  const numbers = [
    "0",
    "-1",
    "+12",
    "007",
    "0o17",
    "0x1F",
    "-0x1",
    "1e3",
    "1.",
    ".5",
    "-.5",
    "1_000",
    "1.2.3",
    "2027-01-31",
    "12:30",
    "+",
    ".",
    "1e",
    "0b1",
  ];
  test.each([...words, ...numbers])("%s", (text) => {
    const [expected] = loadAll(`- ${text}`, { schema: CORE_SCHEMA }) as [[unknown]];
    expect(resolvePlain(text)).toEqual(expected[0]);
  });

  test("of any plain text", () => {
    const plain = fc.stringMatching(/^[-+.0-9a-zA-Z~][-+.0-9a-zA-Z_]{0,8}$/);
    fc.assert(
      fc.property(plain, (text) => {
        fc.pre(text !== "-" && !/^-+$/.test(text) && text !== "...");
        const [expected] = loadAll(`- ${text}`, { schema: CORE_SCHEMA }) as [[unknown]];
        expect(resolvePlain(text)).toEqual(expected[0]);
      }),
      { numRuns: 2000 },
    );
  });
});

test("values are those of js-yaml's own loader, for any YAML of maps, lists and scalars", () => {
  const { key } = fc.letrec(() => ({ key: fc.stringMatching(/^[a-z0-9 ]{1,6}$/) }));
  const value = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: "small" }, fc.string(), fc.integer(), fc.boolean(), tie("list"), tie("map")),
    list: fc.array(tie("node"), { maxLength: 4 }),
    map: fc.dictionary(key, tie("node"), { maxKeys: 4 }),
  })).map;
  fc.assert(
    fc.property(value, (generated) => {
      // JSON is YAML: one line, every kind of node, every escape.
      const text = JSON.stringify({ kind: "Role", name: "x", permissions: generated });
      let expected: unknown;
      try {
        [expected] = loadAll(text, { schema: CORE_SCHEMA });
      } catch (error) {
        // Lone surrogates and the like.
        expect(error).toBeInstanceOf(YAMLException);
        return;
      }
      const levels = Object.entries((expected as { permissions: Record<string, unknown> }).permissions);
      const texts = levels.filter(([, level]) => typeof level === "string");
      const [document] = parse(text).documents;
      expect(document?.value.permissions).toEqual(Object.fromEntries(texts));
      expect(document?.marks.length).toBe(2 * countMarks(document?.value ?? {}));
    }),
    { numRuns: 500 },
  );
});

describe("parsing never throws, and every finding has a place in the file", () => {
  const check = (bytes: Uint8Array) => {
    const { findings, documents } = parseFile("x.yaml", bytes, "atomic");
    for (const { place } of findings) {
      expect(place?.line).toBeGreaterThan(0);
      expect(place?.column).toBeGreaterThan(0);
    }
    for (const { value, marks } of documents) expect(marks.length).toBe(2 * countMarks(value));
  };
  test("whatever the bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), { numRuns: 2000 });
  });
  test("whatever the text made of YAML's own pieces", () => {
    const pieces = [
      "kind: ",
      "Role",
      "Membership",
      "members",
      "group",
      "name",
      ": ",
      "\n",
      "  ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "'",
      '"',
      "#",
      " #c",
      "|",
      ">-",
      "---\n",
      "...\n",
      "&a",
      "*a",
      "!t",
      "? ",
      "\t",
      "a@b.c",
      "email",
      "1",
      "~",
      "%YAML 1.2\n",
      "\\",
      "__proto__",
      "\r\n",
      "\ufeff",
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (generated) => check(bytesOf(generated))),
      { numRuns: 5000 },
    );
  });
});
