// The story of an access, from real repositories with what was applied on their ledgers.
import { describe, expect, it } from "vitest";
import { runHistory } from "../../src/run/history.ts";
import { schemaErrors } from "../report/schema.ts";
import { appliedWorld, contextIn } from "../support/applied.ts";

const GROUP = "kind: Group\nname: Makers\nroles: [Editor]\nenvironments: [dev]\n";
const ROLE = "kind: Role\nname: Editor\npermissions: { Stream: view }\n";
const members = (...names: readonly string[]) =>
  `kind: Membership\ngroup: Makers\nmembers:\n${names.map((name) => `  - ${name}@acme.example\n`).join("")}`;

async function story(folder: string, name: string, format: "human" | "json" = "json") {
  const sink: string[] = [];
  const options = { policies: "policies", format, full: false, offline: true } as const;
  await runHistory(contextIn(folder, sink), name, options);
  return sink.join("");
}

async function worldWithStory() {
  const world = appliedWorld({ "acme/role.yaml": ROLE, "acme/group.yaml": GROUP, "acme/makers.yaml": members("ana") });
  await world.apply({ at: "2026-01-02T08:00:00Z" });
  world.commit({ "acme/makers.yaml": members("ana", "bo") }, { at: "2026-02-01T08:00:00Z" });
  await world.apply({ at: "2026-02-02T08:00:00Z", reviews: [[4, "noor"]] });
  world.commit({ "acme/makers.yaml": members("ana") }, { at: "2026-03-01T08:00:00Z" });
  await world.apply({ at: "2026-03-02T08:00:00Z", breakGlass: "hana@acme.example" });
  return world;
}

describe("the story of an access", () => {
  it("says who gave it and took it when, and who agreed", async () => {
    const { folder } = await worldWithStory();
    const told = JSON.parse(await story(folder, "bo@acme.example"));
    expect(schemaErrors("history", told)).toEqual([]);
    const [{ events }] = told.stories;
    expect(events).toMatchObject([
      { event: "applied", at: "2026-02-02T08:30:00.000Z", deeds: [{ action: "create" }], provenance: { pull: 4 } },
      { event: "applied", deeds: [{ action: "delete" }], provenance: { emergency: true }, reason: "there was no time" },
    ]);
    const text = await story(folder, "Makers", "human");
    expect(text).toContain("Group Makers (target acme)");
    expect(text).toContain("approved by noor@acme.example");
  });

  it("guesses what was meant by a name that nothing has", async () => {
    const { folder } = await worldWithStory();
    await expect(story(folder, "bob@acme.example")).rejects.toMatchObject({ hint: 'Did you mean "bo@acme.example"?' });
  });
});
