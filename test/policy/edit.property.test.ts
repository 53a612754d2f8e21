// Edits of scribbled files: what they mean afterwards is exactly what was meant, and nothing else in them has moved.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Edit, EditResult, FileText } from "../../src/model/edit.ts";
import { editFiles } from "../../src/policy/edit.ts";
import { chooseEdit, intend } from "./edit-intent.ts";
import { Choices, linesOfState, stateOfFiles, WORLDS, type World, type WrittenFile, writeFiles } from "./edit-world.ts";

const RUNS = Number(process.env.EDIT_RUNS ?? 3000);
const tapes = fc.tuple(
  fc.array(fc.nat(999), { minLength: 8, maxLength: 120 }),
  fc.array(fc.nat(999), { minLength: 8, maxLength: 120 }),
);

interface Scene {
  readonly files: readonly WrittenFile[];
  readonly edit: Edit;
  readonly world: World;
}

function sceneOf(world: World, tape: readonly number[], hand: readonly number[]): Scene | undefined {
  const choices = new Choices(tape);
  const files = writeFiles(choices, world.documents(choices), hand);
  const { state, errors } = stateOfFiles(files, world);
  expect(errors).toEqual([]);
  const edit = chooseEdit(choices, state, world);
  return edit && { files, edit, world };
}

/** The files after an edit. */
function after(files: readonly FileText[], result: EditResult): FileText[] {
  if (result.kind === "refused") return [...files];
  const changed = new Map(result.files.map(({ path, bytes }) => [path, bytes]));
  const kept = files.filter(({ path }) => !changed.has(path));
  return [...kept, ...result.files.flatMap(({ path, bytes }) => (bytes ? [{ path, bytes }] : []))];
}

for (const world of WORLDS)
  test(`${world.platform.title}: an edit means what it says`, () => {
    const outcomes = new Map<string, number>();
    const count = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(tapes, ([tape, hand]) => {
        const scene = sceneOf(world, tape, hand);
        if (!scene) return;
        const { files, edit } = scene;
        const { state } = stateOfFiles(files, world);
        const result = editFiles(files, "acme", world.platform, edit);
        count(result.kind);
        if (result.kind === "refused") {
          count(`${edit.edit}: ${result.reason}`);
          if (process.env.EDIT_RUNS)
            console.log(
              JSON.stringify(edit),
              result,
              JSON.stringify(
                files
                  .find(({ path }) => path === result.place?.file)
                  ?.text.split(/\r?\n/)
                  .slice(Math.max(0, (result.place?.line ?? 1) - 6), (result.place?.line ?? 0) + 6),
                undefined,
                1,
              ),
            );
          return;
        }
        count(edit.edit);
        const edited = after(files, result);
        expect(linesOfState(stateOfFiles(edited, world).state, world.platform)).toEqual(
          linesOfState(intend(state, edit, world), world.platform),
        );
      }),
      { numRuns: RUNS },
    );
    if (process.env.EDIT_RUNS) console.log(outcomes);
    expect((outcomes.get("refused") ?? 0) / (outcomes.get("edited") ?? 1)).toBeLessThan(0.05);
  }, 600_000);
