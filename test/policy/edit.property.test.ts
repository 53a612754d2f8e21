// Edits of scribbled files: what they mean afterwards is exactly what was meant, and nothing else in them has moved.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Edit, EditResult, FileText } from "../../src/model/edit.ts";
import { membershipSection, type State } from "../../src/model/entity.ts";
import { editFiles } from "../../src/policy/edit.ts";
import { chooseEdit, intend } from "./edit-intent.ts";
import { Choices, linesOfState, stateOfFiles, WORLDS, type World, writeFiles } from "./edit-world.ts";
import { bytesOf } from "./files.ts";

/** Of each property; set higher to look for what is rare. */
const RUNS = Number(process.env.EDIT_RUNS ?? 2000);
/** Of all edits that may be refused: layouts that a splice would have to take apart. */
const REFUSED_SHARE = 0.01;

const tape = fc.array(fc.nat(999), { minLength: 8, maxLength: 120 });
const tapes = fc.tuple(tape, tape);

interface Scene {
  readonly files: readonly FileText[];
  readonly state: State;
  readonly edit: Edit;
}

function sceneOf(world: World, [decisions, hand]: readonly [number[], number[]]): Scene | undefined {
  const choices = new Choices(decisions);
  const files = writeFiles(choices, world.documents(choices), hand);
  const { state, errors } = stateOfFiles(files, world);
  expect(errors).toEqual([]);
  const edit = chooseEdit(choices, state, world);
  return edit && { files, state, edit };
}

/** The files after an edit. */
function filesAfter(files: readonly FileText[], result: EditResult): FileText[] {
  if (result.kind === "refused") return [...files];
  const changed = new Map(result.files.map(({ path, bytes }) => [path, bytes]));
  const kept = files.filter(({ path }) => !changed.has(path));
  return [...kept, ...result.files.flatMap(({ path, bytes }) => (bytes ? [{ path, bytes }] : []))];
}

function textAt(files: readonly FileText[], path: string): string {
  const file = files.find((each) => each.path === path);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(file?.bytes);
}

/** The documents of a text, each with the separator before it. */
function chunksOf(text: string): string[] {
  return text.split(/^(?=---(?:\s|$))/m);
}

/** Numbers of the comments of a text, in order. */
function commentsOf(text: string): string[] {
  return [...text.matchAll(/#\s?(c\d+)\b/g)].map(([, name]) => name ?? "");
}

/** What differs: the middle that is left of two texts when what they begin and end with alike is taken away. */
function middles(before: string, now: string): readonly [string, string] {
  let start = 0;
  while (start < before.length && start < now.length && before[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, now.length) - start && before.at(-1 - end) === now.at(-1 - end)) end++;
  return [before.slice(start, before.length - end), now.slice(start, now.length - end)];
}

/** That an edit changed no more of the texts than it had to. */
function demandSmall({ files, edit }: Scene, edited: readonly FileText[], changed: readonly string[]): void {
  for (const path of changed.filter((each) => files.some((file) => file.path === each))) {
    const [before, now] = [textAt(files, path), textAt(edited, path)];
    if (now === "") continue;
    const [old, fresh] = [chunksOf(before), chunksOf(now)];
    const kept = fresh.filter((chunk) => old.includes(chunk)).length;
    const lineEnd = (text: string) => text.replace(/(?:\r?\n)+$/, "");
    switch (edit.edit) {
      case "add-member":
      case "set-until":
      case "set-attribute":
        // One document, and none more or less.
        expect([fresh.length, kept]).toEqual([old.length, old.length - 1]);
        break;
      case "add-document":
        expect(now.startsWith(before)).toBe(true);
        break;
      case "remove-document":
        expect(fresh.map(lineEnd).filter((chunk) => !old.map(lineEnd).includes(chunk)).length).toBeLessThanOrEqual(1);
        break;
      default:
    }
    if (["add-member", "set-until", "add-document", "rename", "rename-member"].includes(edit.edit))
      expect(commentsOf(now)).toEqual(commentsOf(before));
    if (edit.edit === "add-member") demandInsertion(before, now);
    if (edit.edit === "remove-member" && changed.length === 1 && fresh.length === old.length) {
      const [gone, left] = middles(before, now);
      // A deletion, perhaps with the comma before it.
      expect(left === "" || gone.startsWith(`,${left}`) || gone.endsWith(`${left},`)).toBe(true);
    }
    if (edit.edit === "rename-member") demandSameLines(before, now, edit.from);
    if (edit.edit === "rename" && edit.kind !== "ApplicationCredential") demandSameLines(before, now, edit.from);
  }
}

/** Only lines that held a name are others now, and there are as many. */
function demandSameLines(before: string, now: string, name: string): void {
  const [old, fresh] = [before.split(/\r\n?|\n/), now.split(/\r\n?|\n/)];
  expect(fresh.length).toBe(old.length);
  const unquoted = (line: string) => line.replaceAll("''", "'").replaceAll('\\"', '"').toLowerCase();
  const moved = old.filter((line, index) => line !== fresh[index]);
  expect(moved.filter((line) => !unquoted(line).includes(name.toLowerCase()))).toEqual([]);
}

/** Nothing of the old text is gone: one piece came in, or a comma and a line. */
function demandInsertion(before: string, now: string): void {
  const [old, fresh] = middles(before, now);
  expect(old === "" || fresh.startsWith(`,${old}`)).toBe(true);
}

describe.each(WORLDS.map((world) => [world.platform.title, world] as const))("%s", (_, world) => {
  test("an edit means what it says, and changes no more than it has to", () => {
    const outcomes = { edited: 0, refused: 0 };
    const made = new Set<string>();
    fc.assert(
      fc.property(tapes, (both) => {
        const scene = sceneOf(world, both);
        if (!scene) return;
        const { files, state, edit } = scene;
        const result = editFiles(files, "acme", world.platform, edit);
        outcomes[result.kind] += 1;
        if (result.kind === "refused") return;
        made.add(edit.edit);
        const edited = filesAfter(files, result);
        const lines = linesOfState(stateOfFiles(edited, world).state, world.platform);
        expect(lines).toEqual(linesOfState(intend(state, edit, world), world.platform));
        demandSmall(
          scene,
          edited,
          result.files.map(({ path }) => path),
        );
      }),
      { numRuns: RUNS },
    );
    expect(made.size).toBe(9);
    expect(outcomes.refused / outcomes.edited).toBeLessThan(REFUSED_SHARE);
  }, 1_800_000);

  test("a member who comes and goes leaves no trace", () => {
    let tried = 0;
    fc.assert(
      fc.property(tapes, fc.nat(999), ([decisions, hand], chosen) => {
        const choices = new Choices(decisions);
        const files = writeFiles(choices, world.documents(choices), hand);
        const { state } = stateOfFiles(files, world);
        const lists = [...state].filter(([section, { size }]) => section.startsWith(membershipSection("")) && size > 0);
        const [section] = lists[chosen % Math.max(1, lists.length)] ?? [];
        if (section === undefined) return;
        const group = section.slice(membershipSection("").length);
        const member = world.newPeople[chosen % world.newPeople.length] as string;
        const more = editFiles(files, "acme", world.platform, { edit: "add-member", group, member });
        if (more.kind === "refused") return;
        const added = filesAfter(files, more);
        const less = editFiles(added, "acme", world.platform, { edit: "remove-member", group, member });
        expect(less.kind).toBe("edited");
        for (const { path } of files) expect(textAt(filesAfter(added, less), path)).toBe(textAt(files, path));
        tried++;
      }),
      { numRuns: RUNS / 4 },
    );
    expect(tried).toBeGreaterThan(RUNS / 8);
  }, 1_800_000);

  test("a document with an anchor, a tag or an alias is left alone, and what is beside it is not", () => {
    const outcomes = { edited: 0, refused: 0 };
    fc.assert(
      fc.property(tapes, fc.nat(999), fc.constantFrom("&x ", "!!str ", "&x !!str "), (both, chosen, odd) => {
        const scene = sceneOf(world, both);
        if (!scene) return;
        const [first] = scene.files;
        if (!first) return;
        const text = textAt(scene.files, first.path);
        const spots = [...text.matchAll(/^["']?(?:name|group|email|kind)["']?:[ ]+(?=[\w"'])/gm)];
        const spot = spots[chosen % Math.max(1, spots.length)];
        if (!spot) return;
        const at = spot.index + spot[0].length;
        const files = [
          { path: first.path, bytes: bytesOf(text.slice(0, at) + odd + text.slice(at)) },
          ...scene.files.slice(1),
        ];
        const result = editFiles(files, "acme", world.platform, scene.edit);
        outcomes[result.kind] += 1;
        if (result.kind === "refused") {
          expect(result.reason).not.toBe("");
          return;
        }
        const chunk = chunksOf(textAt(files, first.path)).find((each) => each.includes(odd)) ?? "";
        const edited = textAt(filesAfter(files, result), first.path);
        expect(edited).toContain(chunk.replace(/^---[^\r\n]*[\r\n]+/, "").trimEnd());
      }),
      { numRuns: RUNS / 8 },
    );
    expect(outcomes.edited).toBeGreaterThan(RUNS / 80);
    expect(outcomes.refused).toBeGreaterThan(RUNS / 80);
  }, 1_800_000);
});
