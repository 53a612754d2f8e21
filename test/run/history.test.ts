// The story of an access, from real repositories with what was applied on their ledgers.
import { describe, expect, it } from "vitest";
import { runHistory } from "../../src/run/history.ts";
import { schemaErrors } from "../report/schema.ts";
import { appliedWorld, contextIn, SETTINGS } from "../support/applied.ts";

const GROUP = "kind: Group\nname: Makers\nroles: [Editor]\nenvironments: [dev]\n";
const ROLE = "kind: Role\nname: Editor\npermissions: { Stream: view }\n";
const members = (...names: readonly string[]) =>
  `kind: Membership\ngroup: Makers\nmembers:\n${names.map((name) => `  - ${name}@acme.example\n`).join("")}`;

async function story(
  folder: string,
  name: string,
  format: "human" | "json" = "json",
  more: { readonly resource?: string; readonly target?: string } = {},
) {
  const sink: string[] = [];
  const options = { policies: "policies", format, full: false, offline: true, ...more } as const;
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
      {
        event: "applied",
        deeds: [{ action: "delete" }],
        provenance: { emergency: true, emergencyBy: "hana@acme.example" },
        reason: "there was no time",
      },
    ]);
    const text = await story(folder, "Makers", "human");
    expect(text).toContain("Group Makers (target acme)");
    expect(text).toContain("approved by noor@acme.example");
  });

  it("names who broke the glass, and not only who wrote the line", async () => {
    const { folder } = await worldWithStory();
    const text = (await story(folder, "bo@acme.example", "human")).replace(/\s+/g, " ");
    expect(text).toContain("Applied in an emergency by hana@acme.example, approved by nobody");
    expect(text).toContain("break-glass by hana@acme.example: nobody approved it");
  });

  it("guesses what was meant by a name that nothing has", async () => {
    const { folder } = await worldWithStory();
    await expect(story(folder, "bob@acme.example")).rejects.toMatchObject({ hint: 'Did you mean "bo@acme.example"?' });
  });
});

describe("several targets", () => {
  const SECOND = `  - name: beta
    platform: atomic
    url: http://127.0.0.1:2
    organization: beta
    environments: [dev]
    credentials: { clientId: ACME_CLIENT_ID, clientSecret: ACME_CLIENT_SECRET }
`;
  const twoTargets = async () => {
    const world = appliedWorld({
      "rolebook.yaml": SETTINGS.replace("people:\n", `${SECOND}people:\n`),
      "acme/role.yaml": ROLE,
      "acme/group.yaml": GROUP,
      "acme/makers.yaml": members("ana", "bo"),
      "beta/role.yaml": ROLE.replace("Stream", "Theme"),
      "beta/group.yaml": GROUP,
      "beta/makers.yaml": members("ana"),
    });
    await world.apply({ at: "2026-01-02T08:00:00Z" });
    return world.folder;
  };
  const told = async (...args: Parameters<typeof story>) => JSON.parse(await story(...args)).stories as readonly Told[];
  interface Told {
    readonly target: string;
    readonly subject: string;
    readonly events: readonly { readonly event: string }[];
  }
  const heads = (stories: readonly Told[]) => stories.map(({ target, subject }) => `${subject} of ${target}`);

  it("have a story each, of whoever and whatever is called so", async () => {
    const folder = await twoTargets();
    const both = await told(folder, "ana@acme.example");
    expect(heads(both)).toEqual(["member of acme", "member of beta"]);
    // Nothing was ever applied to the second: there only the files tell.
    expect(both.map(({ events }) => events.map(({ event }) => event))).toEqual([["applied"], ["adopted"]]);
    expect(heads(await told(folder, "Makers"))).toEqual(["group of acme", "group of beta"]);
    expect(heads(await told(folder, "bo@acme.example"))).toEqual(["member of acme"]);
    expect(heads(await told(folder, "ana@acme.example", "json", { target: "beta" }))).toEqual(["member of beta"]);
    const text = await story(folder, "ana@acme.example", "human");
    expect(text.indexOf("(target acme)")).toBeLessThan(text.indexOf("(target beta)"));
    await expect(story(folder, "bo@acme.example", "json", { target: "beta" })).rejects.toThrow("was called");
  });
});

describe("one resource of a story", () => {
  it("is asked for by its name, however it is written, and guessed at when it is none", async () => {
    const { folder } = await worldWithStory();
    const events = async (resource: string) =>
      JSON.parse(await story(folder, "bo@acme.example", "json", { resource })).stories[0].events;
    expect(await events("stream")).toEqual(await events("Stream"));
    await expect(events("Strem")).rejects.toMatchObject({ hint: 'Did you mean "Stream"?' });
    await expect(events("Nothing like it at all")).rejects.toThrow('There is no resource "Nothing like it at all"');
  });
});
