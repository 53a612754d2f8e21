// Edits of files that people wrote: this repository's own policies, every bad file there is a case of, and texts that somebody
// slipped in while typing. Whatever stands in a file, an edit is made whole or refused; it never throws and never guesses.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Edit, FileText } from "../../src/model/edit.ts";
import { groupOfSection } from "../../src/model/entity.ts";
import { editFiles } from "../../src/policy/edit.ts";
import { chooseEdit, intend } from "./edit-intent.ts";
import { Choices, linesOfState, stateOfFiles, WORLDS, type World, writeFiles } from "./edit-world.ts";
import { bytesOf } from "./files.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const [acme, cloud, vault] = WORLDS as readonly [World, World, World];

/** The files of a folder as those of the target `acme`. */
function filesIn(folder: string): FileText[] {
  const paths = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => path.endsWith(".yaml")).sort();
  return files.map((path) => ({ path: `acme/${path}`, bytes: readFileSync(join(ROOT, folder, path)) }));
}

function edited(files: readonly FileText[], edit: Edit, world: World): FileText[] {
  const result = editFiles(files, "acme", world.platform, edit);
  if (result.kind === "refused") throw new Error(`${JSON.stringify(edit)}: ${result.reason}`);
  const changed = new Map(result.files.map(({ path, bytes }) => [path, bytes]));
  const kept = files.flatMap((file) => {
    const bytes = changed.get(file.path);
    return bytes === null ? [] : [bytes ? { path: file.path, bytes } : file];
  });
  const fresh = result.files.filter(({ path }) => !files.some((file) => file.path === path));
  return [...kept, ...fresh.flatMap(({ path, bytes }) => (bytes ? [{ path, bytes }] : []))];
}

function linesOf(files: readonly FileText[], world: World): string[] {
  return linesOfState(stateOfFiles(files, world).state, world.platform);
}

function textsOf(files: readonly FileText[]): string[] {
  return files.map(({ path, bytes }) => `${path}\n${new TextDecoder().decode(bytes)}`);
}

describe("this repository's policies", () => {
  const files = filesIn("policies/acme");
  const { state, errors } = stateOfFiles(files, acme);
  const memberships = [...state].flatMap(([section, entities]) => {
    const group = groupOfSection(section);
    return group === undefined ? [] : [...entities.values()].map(({ name, place }) => ({ group, member: name, place }));
  });

  test("are good", () => {
    expect(errors).toEqual([]);
    expect(memberships.length).toBeGreaterThan(20);
  });

  test.each(memberships)("$member leaves $group, by name and by place", ({ group, member, place }) => {
    const edit: Edit = { edit: "remove-member", group, member };
    const left = edited(files, edit, acme);
    expect(linesOf(left, acme)).toEqual(linesOfState(intend(state, edit, acme), acme.platform));
    if (place) expect(textsOf(edited(files, { edit: "remove-entry", place }, acme))).toEqual(textsOf(left));
  });

  test.each([...new Set(memberships.map(({ group }) => group))])("somebody joins %s, and leaves no trace", (group) => {
    for (const member of ["aaron@acme.example", "mia@acme.example", "zz@acme.example"]) {
      const more = edited(files, { edit: "add-member", group, member }, acme);
      expect(textsOf(edited(more, { edit: "remove-member", group, member }, acme))).toEqual(textsOf(files));
    }
  });

  test("every attribute can be what any other entity of its kind has, or nothing", () => {
    let count = 0;
    for (const { kind, attributes, role } of acme.platform.kinds) {
      const entities = role === "managed" ? [...(state.get(kind)?.values() ?? [])] : [];
      for (const { name } of entities.slice(0, 8))
        for (const attribute of Object.keys(attributes))
          for (const value of new Set([
            undefined,
            ...entities.slice(0, 8).map((other) => other.attributes[attribute]),
          ])) {
            const edit: Edit = { edit: "set-attribute", kind, name, attribute, value };
            expect(linesOf(edited(files, edit, acme), acme)).toEqual(
              linesOfState(intend(state, edit, acme), acme.platform),
            );
            count++;
          }
    }
    expect(count).toBeGreaterThan(100);
  });
});

describe.each([
  ["test/cases/invalid/policies/acme", acme, "Card creators", "ana@acme.example"],
  ["test/cases/invalid-keystone/cloud", cloud, "ops", "ana"],
  ["test/cases/invalid-atomyx/acme", vault, "acme-prod/Editors", "ana@acme.example"],
] as const)("%s", (folder, world, group, member) => {
  const edits: readonly Edit[] = [
    { edit: "add-member", group, member },
    { edit: "remove-member", group, member },
    { edit: "rename-member", from: member, to: world.newPeople[0] as string },
    { edit: "rename", kind: "Group", from: group, to: "Another" },
    { edit: "add-document", kind: "Role", name: "Another", attributes: {} },
    { edit: "remove-document", kind: "Group", name: group },
    { edit: "set-attribute", kind: "Group", name: group, attribute: "description", value: "New" },
  ];
  test.each(filesIn(folder))("$path is edited or refused", (file) => {
    for (const edit of edits) {
      const result = editFiles([file], "acme", world.platform, edit);
      if (result.kind === "refused") expect(result.reason).not.toBe("");
    }
  });

  test("with one file that is not YAML nothing is edited", () => {
    const broken = { path: "acme/broken.yaml", bytes: bytesOf("kind: [") };
    const [good] = filesIn(folder);
    for (const edit of edits)
      expect(editFiles(good ? [good, broken] : [], "acme", world.platform, edit).kind).toBe("refused");
  });
});

test("a slip of the pen is no reason to say something else", () => {
  const outcomes = { edited: 0, refused: 0 };
  const tape = fc.array(fc.nat(999), { minLength: 8, maxLength: 120 });
  const slip = fc.constantFrom(
    " ",
    "\n",
    "\r",
    "\t",
    "-",
    ":",
    "#",
    ",",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "|",
    ">",
    "&a",
    "*a",
    "? ",
    "---\n",
    "...\n",
    "  ",
    "\n# x\n",
    "!t ",
    "<<: ",
    "\u2028",
    "\u0085",
  );
  fc.assert(
    fc.property(
      tape,
      tape,
      fc.array(fc.tuple(fc.nat(99_999), slip, fc.nat(2)), { minLength: 1, maxLength: 3 }),
      (decisions, hand, slips) => {
        const choices = new Choices(decisions);
        const written = writeFiles(choices, acme.documents(choices), hand);
        const edit = chooseEdit(choices, stateOfFiles(written, acme).state, acme);
        if (!edit) return;
        const files = written.map(({ path, text }, index) => {
          let slipped = text;
          for (const [at, what, cut] of index === 0 ? slips : []) {
            const offset = at % (slipped.length + 1);
            slipped = slipped.slice(0, offset) + what + slipped.slice(offset + cut);
          }
          return { path, bytes: bytesOf(slipped) };
        });
        const { state } = stateOfFiles(files, acme);
        const result = editFiles(files, "acme", acme.platform, edit);
        outcomes[result.kind] += 1;
        if (result.kind === "refused" || edit.edit === "remove-entry") return;
        expect(linesOf(edited(files, edit, acme), acme)).toEqual(
          linesOfState(intend(state, edit, acme), acme.platform),
        );
      },
    ),
    { numRuns: Number(process.env.EDIT_RUNS ?? 1000) },
  );
  expect(outcomes.edited).toBeGreaterThan(outcomes.refused / 3);
}, 1_800_000);
