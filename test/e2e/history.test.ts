// Where access comes from, over real Git, a Git host and the simulator: what was merged and applied, an emergency and adopted drift,
// as `history` and `review` tell it afterwards.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schemaErrors } from "../report/schema.ts";
import { APPLIED_REF, type Forge, forgeWorld } from "../support/forge.ts";

const MEMBERS = "policies/acme/memberships/card-creators.yaml";
const WHY = "Production is down, and Olu can mend it";
const hana = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "Hana"],
    [`GIT_${role}_EMAIL`, "hana@acme.example"],
  ]),
);

let forge: Forge;
let merged: number;
let adopted: number;
let emergency: string;

const joined = (login: string) => (desk: { readonly edit: (path: string, from: string, to: string) => void }) =>
  desk.edit(MEMBERS, "members:\n", `members:\n  - ${login}@acme.example\n`);

async function must(args: readonly string[], codes: readonly number[] = [0], run = {}): Promise<string> {
  const { code, stdout, stderr } = await forge.rolebook(args, run);
  if (!codes.includes(code ?? -1)) throw new Error(`${args.join(" ")}: exit ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Shown on the pull request, approved, merged by rebase, applied. */
async function agreed(number: number): Promise<void> {
  await must(["plan", "--pull-request", String(number)], [0, 2]);
  forge.access.review({ number, login: "hana" });
  forge.access.merge({ number, method: "rebase", login: "bo" });
  await must(["apply", "--merged"]);
}

beforeAll(async () => {
  forge = await forgeWorld({ target: "    drift: propose\n    breakGlass: [hana@acme.example]\n" });
  merged = forge.propose({ login: "bo", branch: "ravi-creates", edit: joined("ravi") });
  // Two commits, so that a rebase brings two of other names than those that were approved.
  forge.amend(merged, (desk) =>
    desk.write(
      "policies/acme/groups/insights.yaml",
      desk.read("policies/acme/groups/insights.yaml").replace(/^description:.*$/m, "description: Beside it"),
    ),
  );
  await agreed(merged);
  forge.pushToMain("bo", joined("olu"));
  await must(["apply", "--break-glass", WHY], [0], { environment: hana });
  emergency = forge.access.tip("main") ?? "";
  await forge.byHand(
    "POST",
    "/v1/groups/gCardPb5Et/members/batch",
    { add: ["mRavi11Xc4"], remove: [] },
    "noor@acme.example",
  );
  adopted = JSON.parse(await must(["drift", "--propose", "--format", "json"], [2])).pull;
  await agreed(adopted);
});
afterAll(() => forge?.close());

describe("where access comes from", () => {
  it("is told of a member: the pull request and who approved it, and drift that files adopted", async () => {
    const told = JSON.parse(await must(["history", "ravi@acme.example", "--format", "json"]));
    expect(schemaErrors("history", told)).toEqual([]);
    expect(told).toMatchObject({ login: "ravi", stories: [{ name: "ravi@acme.example", subject: "member" }] });
    const { events } = told.stories[0];
    const creating = events.filter(({ deeds = [] }: { readonly deeds?: readonly { readonly name: string }[] }) =>
      deeds.some(({ name }) => name === "ravi@acme.example in Card creators"),
    );
    expect(creating).toMatchObject([
      { event: "applied", provenance: { how: "applied", pull: merged, approvers: ["hana@acme.example"] } },
    ]);
    const publishing = JSON.stringify(events.filter(({ event }: { readonly event: string }) => event !== "applied"));
    expect(publishing).toContain('"event":"drifted"');
    expect(publishing).toContain("noor@acme.example");
    expect(publishing).toContain('"event":"settled"');
    expect(events).toContainEqual(
      expect.objectContaining({
        event: "adopted",
        names: ["ravi@acme.example in Card publishers"],
        provenance: expect.objectContaining({ how: "written", commit: forge.atOrigin(APPLIED_REF) }),
      }),
    );
    const text = await must(["history", "ravi@acme.example"]);
    expect(text).toContain(`pull request ${merged}`);
    expect(text).toContain("approved by hana@acme.example");
    expect(text).toMatch(/Drift: Membership ravi@acme\.example in Card publishers\s.*by noor@acme\.example/s);
  });

  it("is told of an emergency, which nobody approved", async () => {
    const text = (await must(["history", "olu@acme.example"])).replace(/\s+/g, " ");
    expect(text).toContain("Applied in an emergency by hana@acme.example, approved by nobody");
    expect(text).toContain(`because: "${WHY}"`);
  });

  it("is what the report says of each path", async () => {
    const report = JSON.parse(await must(["review", "--format", "json"], [0, 1, 2]));
    expect(schemaErrors("review", report)).toEqual([]);
    const through = (member: string, group: string) =>
      report.rows
        .filter((row: { readonly member: string }) => row.member === member)
        .flatMap((row: { readonly paths: readonly Record<string, unknown>[] }) => row.paths)
        .filter((path: Record<string, unknown>) => path.group === group)
        .map(({ provenance }: Record<string, unknown>) => provenance);
    const ravi = through("ravi@acme.example", "Card creators");
    expect(ravi.length).toBeGreaterThan(0);
    for (const one of ravi)
      expect(one).toMatchObject({ how: "applied", pull: merged, approvers: ["hana@acme.example"], emergency: false });
    const [olu] = through("olu@acme.example", "Card creators");
    expect(olu).toMatchObject({
      how: "applied",
      commit: emergency,
      pull: null,
      approvers: [],
      emergency: true,
      emergencyBy: "hana@acme.example",
    });
    const [drifted] = through("ravi@acme.example", "Card publishers");
    expect(drifted).toMatchObject({ how: "written", pull: null, approvers: [], emergency: false });
  });
});
