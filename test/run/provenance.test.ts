// Where access comes from, by real repositories: what applies made, what was there before, and what no history here tells.
import { describe, expect, it } from "vitest";
import type { Path } from "../../src/model/grant.ts";
import type { Provenance } from "../../src/model/review.ts";
import { desiredState } from "../../src/run/desired.ts";
import { openProvenances } from "../../src/run/provenance.ts";
import { chooseTargets, driverOf, openWorkspace } from "../../src/run/workspace.ts";
import { clone, writeFiles } from "../git/scratch.ts";
import { appliedWorld, contextIn } from "../support/applied.ts";

const ROLE = `kind: Role
name: Editor
permissions:
  Card template: edit
  Stream: view
`;
const GROUP = `kind: Group
name: Makers
roles: [Editor]
environments: [dev, staging]
`;
const members = (...names: readonly string[]) =>
  `kind: Membership\ngroup: Makers\nmembers:\n${names.map((name) => `  - ${name}@acme.example\n`).join("")}`;
const FILES = { "acme/role.yaml": ROLE, "acme/group.yaml": GROUP, "acme/makers.yaml": members("ana") };

const BO = "Bo <bo@acme.example>";

async function ask(
  folder: string,
  member = "ana",
  more: Partial<{ resource: string; scope: string; level: string; path: Path }> = {},
) {
  const context = contextIn(folder, []);
  const workspace = await openWorkspace(context, { policies: "policies" }, { git: true });
  const [target] = chooseTargets(workspace.policies, "acme");
  if (!target) throw new Error("no target");
  const declared = desiredState(workspace, target, context.now()).state;
  const { platform } = driverOf(target);
  const { ofPath } = await openProvenances(context, workspace, { target, platform, declared });
  const question = { path: { group: "Makers", role: "Editor" }, resource: "Card template", scope: "dev", ...more };
  return ofPath({ member: `${member}@acme.example`, ...question });
}

/** The parts that most cases are about. */
const brief = ({ how, since, pull, author, approvers, emergency }: Provenance) => [
  how,
  since?.slice(0, 10) ?? null,
  pull,
  author?.split(" ")[0] ?? null,
  approvers.map((name) => name.split(/[@ ]/)[0]).join(" "),
  ...(emergency ? ["emergency"] : []),
];

/** A world where the import was applied: it was all there already, so nothing was changed. */
const imported = () => appliedWorld(FILES);

describe("what an apply made", () => {
  it("is by the pull request whose reviews approved it, since the apply ended", async () => {
    const world = appliedWorld(FILES);
    await world.apply({ at: "2026-01-02T08:00:00Z" });
    const commit = world.commit(
      { "acme/makers.yaml": members("ana", "bo") },
      { at: "2026-02-01T08:00:00Z", author: BO, message: "More (#4)" },
    );
    await world.apply({
      at: "2026-02-02T08:00:00Z",
      reviews: [
        [4, "noor"],
        [4, "hana"],
      ],
    });
    expect(await ask(world.folder, "bo")).toEqual({
      how: "applied",
      since: "2026-02-02T08:30:00.000Z",
      commit,
      pull: 4,
      author: BO,
      approvers: ["hana@acme.example", "noor@acme.example"],
    });
    expect(brief(await ask(world.folder))).toEqual(["applied", "2026-01-02", null, "Ana", "Ana"]);
  });

  it("is of the part of the path that came last", async () => {
    const world = appliedWorld({ ...FILES, "acme/group.yaml": GROUP.replace("[dev, staging]", "[dev]") });
    await world.apply({ at: "2026-01-02T08:00:00Z" });
    world.commit({ "acme/group.yaml": GROUP }, { at: "2026-02-01T08:00:00Z", message: "Staging (#5)" });
    await world.apply({ at: "2026-02-02T08:00:00Z", reviews: [[5, "hana"]] });
    world.commit(
      { "acme/role.yaml": ROLE.replace("template: edit", "template: admin") },
      { at: "2026-03-01T08:00:00Z", author: BO },
    );
    await world.apply({ at: "2026-03-02T08:00:00Z", reviews: [[6, "noor"]] });
    expect(brief(await ask(world.folder, "ana", { level: "edit" }))).toEqual([
      "applied",
      "2026-01-02",
      null,
      "Ana",
      "Ana",
    ]);
    expect(brief(await ask(world.folder, "ana", { scope: "staging", level: "edit" }))).toEqual([
      "applied",
      "2026-02-02",
      5,
      "Ana",
      "hana",
    ]);
    for (const scope of ["dev", "staging"])
      expect(brief(await ask(world.folder, "ana", { scope, level: "admin" }))).toEqual([
        "applied",
        "2026-03-02",
        6,
        "Bo",
        "noor",
      ]);
    expect(brief(await ask(world.folder, "ana", { resource: "Stream", scope: "staging" }))).toEqual([
      "applied",
      "2026-02-02",
      5,
      "Ana",
      "hana",
    ]);
  });

  it("counts anew after it was taken, and not when it failed", async () => {
    const world = appliedWorld(FILES);
    await world.apply({ at: "2026-01-02T08:00:00Z" });
    world.commit({ "acme/makers.yaml": members("bo") }, { at: "2026-02-01T08:00:00Z" });
    await world.apply({ at: "2026-02-02T08:00:00Z" });
    world.commit({ "acme/makers.yaml": members("ana", "bo") }, { at: "2026-03-01T08:00:00Z" });
    await world.apply({ at: "2026-03-02T08:00:00Z", failing: ["Membership/makers/ana@acme.example"] });
    // Whatever is there, no apply made it.
    expect((await ask(world.folder)).how).toBe("written");
    await world.apply({ at: "2026-03-03T08:00:00Z", reviews: [[9, "hana"]] });
    expect((await ask(world.folder)).how).toBe("written");
    world.commit({ "acme/makers.yaml": members("bo") }, { at: "2026-04-01T08:00:00Z" });
    await world.apply({ at: "2026-04-02T08:00:00Z" });
    world.commit({ "acme/makers.yaml": members("bo", "ana") }, { at: "2026-05-01T08:00:00Z" });
    await world.apply({ at: "2026-05-02T08:00:00Z", breakGlass: "hana@acme.example" });
    expect(brief(await ask(world.folder))).toEqual(["applied", "2026-05-02", null, "Ana", "", "emergency"]);
  });

  it("follows renames: of the group, of the role and of the person", async () => {
    const member = "kind: Member\nemail: ana@acme.example\n";
    const world = appliedWorld({ ...FILES, "acme/ana.yaml": member });
    await world.apply({ at: "2026-01-02T08:00:00Z", reviews: [[3, "hana"]] });
    world.commit(
      {
        "acme/role.yaml": ROLE.replace("name: Editor", "name: Writer\npreviously: Editor"),
        "acme/group.yaml": GROUP.replace("name: Makers", "name: Builders\npreviously: Makers").replace(
          "Editor",
          "Writer",
        ),
        "acme/makers.yaml": members("li").replace("Makers", "Builders"),
        "acme/ana.yaml": "kind: Member\nemail: li@acme.example\npreviously: ana@acme.example\n",
      },
      { at: "2026-02-01T08:00:00Z" },
    );
    const path = { group: "Builders", role: "Writer" };
    // Not applied yet: the platform has it by the old names.
    expect(brief(await ask(world.folder, "li", { path }))).toEqual(["applied", "2026-01-02", 3, "Ana", "hana"]);
    await world.apply({ at: "2026-02-02T08:00:00Z", reviews: [[4, "noor"]] });
    expect(brief(await ask(world.folder, "li", { path }))).toEqual(["applied", "2026-01-02", 3, "Ana", "hana"]);
  });

  it("has no author where several commits of different people may have brought it", async () => {
    const world = appliedWorld(FILES);
    world.commit({ "acme/makers.yaml": members("ana", "bo") }, { at: "2026-01-01T09:00:00Z", author: BO });
    world.commit({ "acme/makers.yaml": members("ana", "bo", "mei") }, { at: "2026-01-01T10:00:00Z" });
    await world.apply({ at: "2026-01-02T08:00:00Z" });
    expect(await ask(world.folder, "bo")).toMatchObject({
      how: "applied",
      author: null,
      commit: world.git("rev-parse", "HEAD"),
    });
  });
});

describe("what was there before", () => {
  it("is since the commit that first said it, wherever the line has moved since", async () => {
    const world = imported();
    world.commit(
      { "acme/makers.yaml": members("ana", "bo") },
      { at: "2026-02-01T08:00:00Z", author: BO, message: "Adopt Bo (#7)" },
    );
    // Moved within the file, laid out anew, and to another file.
    world.commit(
      { "acme/makers.yaml": `# Those who make\n${members("bo", "ana")}` },
      { at: "2026-03-01T08:00:00Z", author: BO },
    );
    world.commit(
      { "acme/makers.yaml": null, "acme/people/makers.yaml": members("bo", "ana") },
      { at: "2026-04-01T08:00:00Z", author: BO },
    );
    world.commit(
      { "acme/people/makers.yaml": `${members("bo")}---\n${members("ana")}` },
      { at: "2026-05-01T08:00:00Z", author: BO },
    );
    expect(brief(await ask(world.folder))).toEqual(["written", "2026-01-01", null, "Ana", ""]);
    expect(brief(await ask(world.folder, "bo"))).toEqual(["written", "2026-02-01", 7, "Bo", ""]);
  });

  it("is not what was taken out of the files and came back", async () => {
    const world = imported();
    world.commit({ "acme/makers.yaml": members("bo") }, { at: "2026-02-01T08:00:00Z" });
    world.commit({ "acme/makers.yaml": members("bo", "ana") }, { at: "2026-03-01T08:00:00Z", author: BO });
    expect(brief(await ask(world.folder))).toEqual(["written", "2026-03-01", null, "Bo", ""]);
  });

  it("is known of every part: a level, a role, an environment", async () => {
    const world = imported();
    world.commit({ "acme/role.yaml": ROLE.replace("Stream: view", "Stream: edit") }, { at: "2026-02-01T08:00:00Z" });
    world.commit(
      { "acme/group.yaml": GROUP.replace("staging", "production, staging") },
      { at: "2026-03-01T08:00:00Z" },
    );
    const stream = { resource: "Stream" };
    expect((await ask(world.folder, "ana", { ...stream, level: "view" })).since).toBe("2026-01-01T08:00:00.000Z");
    expect((await ask(world.folder, "ana", { ...stream, level: "edit" })).since).toBe("2026-02-01T08:00:00.000Z");
    expect((await ask(world.folder, "ana", { ...stream, scope: "production" })).since).toBe("2026-03-01T08:00:00.000Z");
  });

  it("has the merge that brought it, and whoever wrote it there", async () => {
    const world = imported();
    world.git("checkout", "-q", "-b", "more");
    world.commit({ "acme/makers.yaml": members("ana", "bo") }, { at: "2026-02-01T08:00:00Z", author: BO });
    world.git("checkout", "-q", "main");
    world.commit({ "acme/role.yaml": `${ROLE}description: Edits\n` }, { at: "2026-02-02T08:00:00Z" });
    world.git("merge", "-q", "--no-ff", "-m", "Merge pull request #21 from acme/more", "more");
    expect(await ask(world.folder, "bo")).toMatchObject({
      how: "written",
      pull: 21,
      author: BO,
      commit: world.git("rev-parse", "HEAD"),
    });
  });

  it("is followed through a rename that the files say", async () => {
    const world = imported();
    world.commit(
      {
        "acme/group.yaml": GROUP.replace("name: Makers", "name: Builders\npreviously: Makers"),
        "acme/makers.yaml": members("ana", "bo").replace("Makers", "Builders"),
      },
      { at: "2026-02-01T08:00:00Z" },
    );
    const path = { group: "Builders", role: "Editor" };
    expect((await ask(world.folder, "ana", { path })).since).toBe("2026-01-01T08:00:00.000Z");
    expect((await ask(world.folder, "bo", { path })).since).toBe("2026-02-01T08:00:00.000Z");
  });
});

describe("what nothing tells", () => {
  it("is unknown where a clone does not reach back so far, and nothing else is", async () => {
    const world = imported();
    world.commit({ "acme/makers.yaml": members("ana", "bo") }, { at: "2026-02-01T08:00:00Z" });
    world.commit({ "acme/makers.yaml": members("ana", "bo", "mei") }, { at: "2026-03-01T08:00:00Z" });
    const shallow = clone(`file://${world.folder}`, "--depth", "2");
    expect(await ask(shallow, "bo")).toMatchObject({ how: "unknown", since: null, commit: null });
    expect(brief(await ask(shallow, "mei"))).toEqual(["written", "2026-03-01", null, "Ana", ""]);
    const one = clone(`file://${world.folder}`, "--depth", "1");
    for (const member of ["ana", "mei"]) expect((await ask(one, member)).how).toBe("unknown");
  });

  it("is unmanaged where no file says it: a membership, a role of the group, a level", async () => {
    const world = imported();
    await world.apply({ at: "2026-01-02T08:00:00Z" });
    const unmanaged = { how: "unmanaged", since: null, commit: null, pull: null, author: null, approvers: [] };
    expect(await ask(world.folder, "mei")).toEqual(unmanaged);
    expect(await ask(world.folder, "ana", { path: { group: "Makers", role: "Other" } })).toEqual(unmanaged);
    expect(await ask(world.folder, "ana", { level: "admin" })).toEqual(unmanaged);
    expect(await ask(world.folder, "ana", { scope: "production" })).toEqual(unmanaged);
  });

  it("is unknown while the edit that says it is not committed", async () => {
    const world = imported();
    writeFiles(world.folder, { "policies/acme/makers.yaml": members("ana", "bo") });
    expect((await ask(world.folder, "bo")).how).toBe("unknown");
    expect(brief(await ask(world.folder))).toEqual(["written", "2026-01-01", null, "Ana", ""]);
  });

  it("takes what a new organization has for granted", async () => {
    const world = appliedWorld({ "acme/owners.yaml": "kind: Membership\ngroup: Owner\nmembers: [ana@acme.example]\n" });
    await world.apply({ at: "2026-01-02T08:00:00Z", reviews: [[2, "hana"]] });
    const path = { group: "Owner", role: "Owner" };
    expect(brief(await ask(world.folder, "ana", { path, level: "admin" }))).toEqual([
      "applied",
      "2026-01-02",
      2,
      "Ana",
      "hana",
    ]);
  });
});
