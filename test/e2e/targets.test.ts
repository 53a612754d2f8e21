// Several targets side by side through the built command line: two platforms, of which one is down or answers nonsense. The other's
// results are complete, the failure is told at the end with its name, and the exit code says that something failed.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExplanationJson } from "../../src/report/answers-json.ts";
import { createSimulator, type Simulator } from "../../src/simulator/server.ts";
import { createFolder, type Folder, type Result } from "../support/world.ts";

const settings = (first: string, second: string) => `kind: Settings
targets:
${[
  ["broken", second],
  ["acme", first],
]
  .map(
    ([name, url]) => `  - name: ${name}
    platform: atomic
    url: ${url}
    organization: acme
    credentials: { clientId: ACME_CLIENT_ID, clientSecret: ACME_CLIENT_SECRET }
    environments: [dev, test, staging, production]
    drift: propose
`,
  )
  .join("")}`;

const OWNER = "policies/acme/memberships/owner.yaml";

let folder: Folder;
let simulators: readonly Simulator[];
let urls: readonly string[];
/** Answers everything with something that is no API. */
let nonsense: Server;
let nowhere: string;
beforeAll(async () => {
  simulators = [createSimulator(), createSimulator()];
  urls = await Promise.all(simulators.map((simulator) => simulator.listen()));
  nonsense = createServer((_request, response) => response.end("<html>It works!</html>"));
  await new Promise<void>((ready) => nonsense.listen(0, "127.0.0.1", ready));
  nowhere = `http://127.0.0.1:${(nonsense.address() as AddressInfo).port}`;
  folder = createFolder();
});
afterAll(async () => {
  await Promise.all((simulators ?? []).map((simulator) => simulator.close()));
  nonsense?.close();
  folder?.remove();
});

const use = (second: string) => folder.write("policies/rolebook.yaml", settings(urls[0] ?? "", second));
const run = (...args: readonly string[]) => folder.rolebook(args);

/** The failure of the one target is the last thing said, and nobody is told less of the other. */
function expectOneFailed({ code, stderr }: Result): void {
  expect(code).toBe(1);
  const said = stderr.trimEnd().split("\n");
  expect(said.at(-1)).toBe("1 of 2 targets failed; what is said of the others is complete.");
  expect(stderr).toMatch(/^broken: /m);
  expect(stderr).not.toContain("    at ");
}

describe("while one platform answers nonsense", () => {
  beforeAll(() => use(nowhere));

  it("import writes the files of the other", async () => {
    const result = await run("import");
    expectOneFailed(result);
    expect(result.stdout).toContain(`${OWNER}\n`);
    expect(result.stdout).not.toContain("policies/broken");
    folder.commit("import");
  });

  it("plan, in every format, is the other's, and an array all the same", async () => {
    const human = await run("plan");
    expectOneFailed(human);
    expect(human.stdout).toContain("acme");
    const json = await run("plan", "--format", "json");
    expectOneFailed(json);
    expect(JSON.parse(json.stdout)).toMatchObject([{ target: "acme", changes: [], refused: false }]);
  });

  it("apply applies to the other", async () => {
    expectOneFailed(await run("apply"));
    expect(folder.git("for-each-ref", "--format=%(refname)", "refs/rolebook/applied").trim()).toBe(
      "refs/rolebook/applied/acme",
    );
  });

  it("explain --live and who-can --live answer for the other", async () => {
    const explained = await run("explain", "ana@acme.example", "--live", "--format", "json");
    expectOneFailed(explained);
    const alone = await run("explain", "ana@acme.example", "--live", "--format", "json", "--target", "acme");
    expect(alone.code).toBe(0);
    expect(JSON.parse(explained.stdout) as ExplanationJson).toEqual(JSON.parse(alone.stdout));
    const holders = await run("who-can", "view", "Card template", "--live");
    expectOneFailed(holders);
    expect(holders.stdout).toContain("(target acme)");
  });

  it("is the command's own failure where nothing else was asked about", async () => {
    const result = await run("plan", "--target", "broken");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).not.toContain("of 2 targets");
  });
});

describe("while one platform is down", () => {
  beforeAll(async () => {
    use(urls[1] ?? "");
    folder.commit("the other platform");
    for (const [command, ...rest] of [["import"], ["commit"], ["apply"]] as const) {
      if (command === "commit") folder.commit("import");
      else expect((await run(command, ...rest)).code, command).toBe(0);
    }
    await simulators[1]?.close();
  });

  it("drift is told of the other", async () => {
    const drift = await run("drift");
    expectOneFailed(drift);
    expect(drift.stdout).toContain("acme");
  });

  it("a person on both is shown once, from the files", async () => {
    const { code, stdout } = await run("explain", "ana@acme.example");
    expect(code).toBe(0);
    expect(stdout.match(/Ana/g)).toHaveLength(1);
    expect(stdout).toMatch(/\nbroken: holds access to [\s\S]*\nacme: holds access to /);
  });
});
