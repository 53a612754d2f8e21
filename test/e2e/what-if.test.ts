// `what-if` by the built command: of the files no platform is asked, with --live the platform is, and nothing is written anywhere.
import { afterAll, beforeAll, expect, it } from "vitest";
import { importedWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await importedWorld();
});
afterAll(() => world?.close());

const MEMBER = "bo@acme.example";

interface Answer {
  readonly source: string;
  readonly people: readonly {
    readonly member: string;
    readonly losesEverything: boolean;
    readonly outcomes: readonly object[];
  }[];
}

async function ask(...args: readonly string[]): Promise<Answer> {
  const { code, stdout, stderr } = await world.rolebook(["what-if", ...args, "--format", "json"]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

it("answers from the files without the platform, and from the platform what only that has", async () => {
  const before = world.git("rev-parse", "rolebook/ledger");
  const [files, live] = [await ask("--remove", MEMBER), await ask("--remove", MEMBER, "--live")];
  expect([files.source, live.source]).toEqual(["files", "live"]);
  const cells = ({ people }: Answer) =>
    people.flatMap(({ member, outcomes }) => outcomes.map((outcome) => JSON.stringify([member, outcome])));
  expect(cells(live)).toEqual(cells(files));
  expect(files.people.map(({ member, losesEverything }) => [member, losesEverything])).toEqual([[MEMBER, true]]);
  // By hand somebody makes a group that no file knows.
  await world.byHand("POST", "/v1/groups", { name: "By hand" });
  const unknown = await world.rolebook(["what-if", "--remove", "By hand"]);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('Nothing here is called "By hand".')]);
  expect((await ask("--remove", "By hand", "--live")).people).toEqual([]);
  const offline = { environment: { ACME_CLIENT_SECRET: "wrong" } };
  expect((await world.rolebook(["what-if", "--remove", MEMBER], offline)).code).toBe(0);
  expect((await world.rolebook(["what-if", "--remove", MEMBER, "--live"], offline)).code).toBe(1);
  expect([world.git("rev-parse", "rolebook/ledger"), world.git("status", "--porcelain")]).toEqual([before, ""]);
});

it("refuses what it cannot be asked together, and is told what to ask", async () => {
  const both = await world.rolebook(["what-if", "--edit", "policies", "--live"]);
  expect([both.code, both.stderr]).toEqual([64, expect.stringContaining("cannot be used with option")]);
  const none = await world.rolebook(["what-if"]);
  expect([none.code, none.stderr]).toEqual([
    64,
    expect.stringContaining("what-if has to be told what would be otherwise"),
  ]);
});
