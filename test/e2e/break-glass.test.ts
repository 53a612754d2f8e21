// An emergency, through the built command line: a member whom the base names applies without approval, everybody is told, and
// nothing but approvals is lifted.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schemaErrors } from "../report/schema.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";
import { receiptsSince, rememberMoment } from "../support/world.ts";

const MEMBERS = "policies/acme/memberships/card-creators.yaml";
const WHY = "Production is down <b>@everybody</b>, and Ravi can mend it";
const glass = (reason = WHY) => ["apply", "--break-glass", reason, "--format", "json"];
const as = (name: string) => ({
  GIT_AUTHOR_NAME: name,
  GIT_AUTHOR_EMAIL: `${name}@acme.example`,
  GIT_COMMITTER_NAME: name,
  GIT_COMMITTER_EMAIL: `${name}@acme.example`,
});
const inActions = (actor: string, more: Record<string, string> = {}) => ({
  GITHUB_ACTIONS: "true",
  GITHUB_ACTOR: actor,
  GITHUB_TRIGGERING_ACTOR: actor,
  ...more,
});

describe("breaking the glass", () => {
  let forge: Forge;
  let before: ReturnType<typeof rememberMoment>;
  beforeAll(async () => {
    forge = await forgeWorld({ target: "    breakGlass: [tomas@acme.example]\n" });
    forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, "members:\n", "members:\n  - ravi@acme.example\n"));
    forge.update();
    before = rememberMoment(forge);
  });
  afterAll(() => forge?.close());

  it.each<[string, readonly string[], Record<string, string>, string]>([
    ["without a reason", glass("  because  "), as("tomas"), "--break-glass needs a reason of 10 to 1000 characters"],
    ["together with an approval", [...glass(), "--approve", "0".repeat(64)], as("tomas"), "do not go together"],
    [
      "to whom the settings do not name",
      glass(),
      as("noor"),
      "noor <noor@acme.example> may not apply to acme without approval",
    ],
    [
      "to another login",
      glass(),
      { ...as("tomas"), ...inActions("noor") },
      "noor may not apply to acme without approval",
    ],
    ["to a stranger", glass(), { ...as("tomas"), ...inActions("mallory") }, "mallory may not apply"],
    ["to nobody", glass(), { ...as("tomas"), ...inActions("") }, "nobody may not apply"],
    [
      "to whoever runs again what somebody else ran",
      glass(),
      { ...as("tomas"), ...inActions("tomas", { GITHUB_TRIGGERING_ACTOR: "bo" }) },
      "bo may not apply",
    ],
  ])("is refused %s", async (_name, args, environment, message) => {
    const result = await forge.rolebook(args, { environment });
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(rememberMoment(forge)).toEqual(before);
    expect(forge.simulator.counters.view().writes).toEqual([]);
    expect(forge.access.issues()).toEqual([]);
  });

  it("is refused to whom only the commit names that would be applied, and lets nobody in for good", async () => {
    const desk = forge.checkout({ depth: 0 });
    desk.edit("policies/rolebook.yaml", "breakGlass: [tomas@", "breakGlass: [bo@acme.example, tomas@");
    desk.commit("me too");
    const refused = await desk.rolebook(glass(), { environment: as("bo") });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("bo <bo@acme.example> may not apply")]);
    const weakening = await desk.rolebook(glass(), { environment: inActions("tomas") });
    expect([weakening.code, weakening.stderr]).toEqual([
      1,
      expect.stringContaining("tomas@acme.example may not approve what this commit weakens"),
    ]);
    expect(forge.simulator.counters.view().writes).toEqual([]);
  });
});

describe("once the glass is broken", () => {
  it("is loud, on record, and told in one issue", async () => {
    const forge = await forgeWorld({ target: "    breakGlass: [hana@acme.example]\n" });
    try {
      forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, "members:\n", "members:\n  - ravi@acme.example\n"));
      forge.update();
      const before = rememberMoment(forge);
      const result = await forge.rolebook(glass(), { environment: as("hana") });
      expect(result.stderr).toContain("!!! BREAK GLASS: 1 change to acme without approval, by hana@acme.example");
      expect(result.stderr).toContain(`!!! ${WHY}`);
      expect(result.code).toBe(0);
      expect(schemaErrors("receipt", JSON.parse(result.stdout))).toEqual([]);
      const [receipt] = receiptsSince(forge, before);
      expect(receipt).toMatchObject({ converged: true, outcomes: [{ status: "applied" }] });
      expect(receipt?.approval).toMatchObject({ by: "hana@acme.example", how: "break-glass", reason: WHY });
      expect(forge.simulator.counters.view().writes).toHaveLength(1);
      const issues = forge.access.issues();
      expect(issues.map(({ title, state }) => [title, state])).toEqual([
        ["Break glass: acme was applied to without approval", "open"],
      ]);
      const body = issues[0]?.body ?? "";
      expect(body).toMatch(/^<!-- rolebook:break-glass acme\/\d{8}T\d{9}Z-[0-9a-f]{8} -->\n/);
      expect(body).toContain("`hana@acme.example`");
      expect(body).toContain("`ravi@acme.example in Card creators` (escalates)");
      expect(body).toContain("> Production is down \\<b>@&#8203;everybody\\</b>, and Ravi can mend it\n");
      const again = await forge.rolebook(["apply"], { environment: as("hana") });
      expect(again.code).toBe(0);
      expect(forge.access.issues()).toHaveLength(1);
    } finally {
      await forge.close();
    }
  });

  it("a freeze is passed, which nothing else does, and that is on record", async () => {
    const freeze =
      "    freeze:\n      - { from: 2020-01-01T00:00:00Z, until: 2999-01-01T00:00:00Z, reason: Holidays }\n";
    const forge = await forgeWorld({ target: "    breakGlass: [hana@acme.example]\n" });
    try {
      forge.pushToMain("bo", (desk) =>
        desk.edit("policies/rolebook.yaml", "    breakGlass:", `${freeze}    breakGlass:`),
      );
      expect((await forge.rolebook(["apply"], { environment: as("hana") })).code).toBe(0);
      forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, "members:\n", "members:\n  - ravi@acme.example\n"));
      const { digest } = JSON.parse((await forge.rolebook(["plan", "--format", "json"])).stdout);
      const before = rememberMoment(forge);
      for (const args of [["apply", "--approve", digest], ["apply"]]) {
        const result = await forge.rolebook(args, { environment: as("hana") });
        expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("acme is frozen: Holidays")]);
      }
      const merged = await forge.rolebook(["apply", "--merged"]);
      expect([merged.code, merged.stdout]).toEqual([2, expect.stringContaining("acme is frozen: Holidays")]);
      expect(rememberMoment(forge)).toEqual(before);
      const result = await forge.rolebook(glass(), { environment: as("hana") });
      expect(result.stderr).toContain("!!! acme is frozen (Holidays), and is applied to all the same");
      expect(result.code).toBe(0);
      const [receipt] = receiptsSince(forge, before);
      expect(receipt).toMatchObject({ converged: true, approval: { how: "break-glass", despite: "Holidays" } });
      expect(forge.simulator.counters.view().writes).toHaveLength(1);
    } finally {
      await forge.close();
    }
  });

  it("what the host could not be told is told by the next apply of merges, and a host that fails does not stop that", async () => {
    const forge = await forgeWorld({ target: "    breakGlass: [hana@acme.example]\n" });
    try {
      forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, "members:\n", "members:\n  - ravi@acme.example\n"));
      expect((await forge.rolebook(glass(), { environment: as("hana"), token: "none" })).code).toBe(0);
      expect(forge.access.issues()).toEqual([]);
      for (const _ of [1, 2]) {
        expect((await forge.rolebook(["apply", "--merged"])).code).toBe(0);
        expect(forge.access.issues().map(({ title }) => title)).toEqual([
          "Break glass: acme was applied to without approval",
        ]);
      }
    } finally {
      await forge.close();
    }
  });

  it("what the host could not be told is told later, once", async () => {
    const forge = await forgeWorld({ target: "    breakGlass: [hana@acme.example]\n" });
    try {
      forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, "members:\n", "members:\n  - ravi@acme.example\n"));
      const untold = await forge.rolebook(glass(), { environment: as("hana"), token: "none" });
      expect([untold.code, untold.stderr]).toEqual([0, expect.stringContaining("No Git host is known here")]);
      expect(forge.access.issues()).toEqual([]);
      forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, "  - ravi@acme.example\n", ""));
      const told = await forge.rolebook(glass("Ravi is done, and access ends"), { environment: inActions("hana") });
      expect(told.code).toBe(0);
      expect(told.stderr.match(/Opened issue/g)).toHaveLength(2);
      expect(forge.access.issues()).toHaveLength(2);
    } finally {
      await forge.close();
    }
  });

  it("guardrails and the proof against lock-outs still hold", async () => {
    const forge = await forgeWorld({ target: "    breakGlass: [hana@acme.example]\n" });
    try {
      forge.pushToMain("bo", (desk) =>
        desk.write(
          "policies/guardrails/creators.yaml",
          "kind: Guardrail\nname: Reasons\nrule: reason-required\nseverity: error\nowners: [hana@acme.example]\n",
        ),
      );
      await forge.rolebook([
        "apply",
        "--approve",
        JSON.parse((await forge.rolebook(["plan", "--format", "json"])).stdout).digest,
      ]);
      forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, "members:\n", "members:\n  - ravi@acme.example\n"));
      const before = rememberMoment(forge);
      const result = await forge.rolebook(glass(), { environment: as("hana") });
      expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("The plan has errors")]);
      expect(rememberMoment(forge)).toEqual(before);
    } finally {
      await forge.close();
    }
  });
});
