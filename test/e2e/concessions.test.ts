// What a commit gives by Git's word alone, through the whole loop: who was let in by hand stays only when owners agree, and so does
// access that ends later.
import { afterAll, beforeAll, expect, it } from "vitest";
import { APPLIED_REF, type Forge, forgeWorld } from "../support/forge.ts";

const MEMBERS = "policies/acme/memberships/card-creators.yaml";
const ADOPTED = "ravi@acme.example in Card creators is adopted: made by hand";

let forge: Forge;
beforeAll(async () => {
  forge = await forgeWorld({ target: "    approvals: { escalating: 2 }\n" });
});
afterAll(() => forge?.close());

async function plan(number: number) {
  const { code, stdout } = await forge
    .checkout()
    .rolebook(["plan", "--pull-request", String(number), "--format", "json"]);
  const [target] = JSON.parse(stdout).targets;
  const body = forge.access.comments(number)[0]?.body ?? "";
  return { code, plan: target.plan, body };
}

async function byHand(): Promise<void> {
  const ravi = Object.values(forge.simulator.dump().members).find(({ email }) => email === "ravi@acme.example")?.id;
  await forge.byHand("POST", "/v1/groups/gCardCr4Dr/members/batch", { add: [ravi] });
  forge.simulator.counters.reset();
}

it("who was let in by hand is adopted with as many approvals as letting them in takes, and never with their own", async () => {
  await byHand();
  const number = forge.propose({
    login: "ana",
    branch: "adopt",
    edit: (desk) => desk.edit(MEMBERS, "members:\n", "members:\n  - ravi@acme.example\n"),
  });
  const first = await plan(number);
  expect([first.code, first.plan.changes]).toEqual([2, []]);
  expect(first.plan.weakens).toMatchObject([{ what: ADOPTED, label: "escalating" }]);
  expect(first.body).toContain("Gives access that no change shows (1)");
  expect(first.body).toContain("1 escalating change needs 2 approvals");
  forge.access.review({ number, login: "hana" });
  forge.access.review({ number, login: "ravi" });
  expect((await plan(number)).code).toBe(2);
  forge.access.merge({ number });
  const before = forge.atOrigin(APPLIED_REF);
  const held = await forge.rolebook(["apply", "--merged"]);
  expect([held.code, held.stdout]).toEqual([
    2,
    expect.stringContaining("ravi@acme.example in Card creators is adopted"),
  ]);
  expect(forge.atOrigin(APPLIED_REF)).toBe(before);
  forge.access.review({ number, login: "noor" });
  const applied = await forge.rolebook(["apply", "--merged"]);
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  expect(forge.atOrigin(APPLIED_REF)).not.toBe(before);
  expect(forge.simulator.counters.view().writes).toEqual([]);
});

it("at a terminal it takes an approval, too, and an owner's", async () => {
  const edit = (from: string, to: string) => forge.pushToMain("bo", (desk) => desk.edit(MEMBERS, from, to));
  const entry = "  - email: ravi@acme.example\n    until: 2999-01-31\n    reason: Contract\n";
  edit("  - ravi@acme.example\n", entry);
  expect((await forge.rolebook(["apply"])).code).toBe(0);
  edit("2999-01-31", "2999-12-31");
  const refused = await forge.rolebook(["apply"]);
  expect(refused.code).toBe(1);
  expect(refused.stdout.replace(/\s+/g, " ")).toContain(
    "ravi@acme.example in Card creators ends on 2999-12-31 and not on 2999-01-31",
  );
  const { digest } = JSON.parse((await forge.rolebook(["plan", "--format", "json"])).stdout);
  const by = (name: string) => {
    const email = `${name}@acme.example`;
    const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email };
    return { ...author, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
  };
  const stranger = await forge.rolebook(["apply", "--approve", digest], { environment: by("bo") });
  expect([stranger.code, stranger.stderr]).toEqual([
    1,
    expect.stringContaining("may not approve what this commit gives by Git's word alone"),
  ]);
  const agreed = await forge.rolebook(["apply", "--approve", digest], { environment: by("hana") });
  expect([agreed.code, agreed.stderr]).toEqual([0, ""]);
  expect(agreed.stdout).toContain("Agreed to 1 thing beside the changes");
});
