// Drift that is to be undone, as pull requests see it: on the branch that Rolebook keeps for it, undoing is what the pull request does
// and what its reviews approve; on every other one it is pending, and nobody approves it by the way.
import { afterAll, beforeAll, expect, it } from "vitest";
import { readShown } from "../../src/model/shown.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";

const ROLE = "policies/acme/roles/card-editor.yaml";
const BRANCH = "rolebook/drift/acme";

let forge: Forge;
beforeAll(async () => {
  forge = await forgeWorld({ target: "    drift: revert\n" });
  const lars = Object.values(forge.simulator.dump().members).find(({ email }) => email === "lars@acme.example")?.id;
  await forge.byHand("POST", "/v1/groups/gCardCr4Dr/members/batch", { remove: [lars] });
});
afterAll(() => forge?.close());

interface Looked {
  readonly code: number | null;
  readonly planned: readonly string[];
  readonly pending: readonly string[];
  readonly body: string;
  readonly shown: number | undefined;
}

async function look(number: number): Promise<Looked> {
  const clone = forge.checkout();
  const { code, stdout, stderr } = await clone.rolebook(["plan", "--pull-request", String(number), "--format", "json"]);
  expect(stderr).toBe("");
  const [target] = JSON.parse(stdout).targets;
  const names = (plan: { readonly changes: readonly { readonly name: string; readonly origin: string }[] }) =>
    plan.changes.map(({ name, origin }) => `${name} (${origin})`);
  const { commit } = forge.access.pull(number).head;
  const record = readShown(forge.access.checks(commit, "rolebook").at(-1)?.text ?? "");
  return {
    code,
    planned: names(target.plan),
    pending: names(target.pending),
    body: forge.access.comments(number)[0]?.body ?? "",
    shown: record?.[0]?.changes?.length,
  };
}

const DRIFTED = "lars@acme.example in Card creators (drift)";

it("is pending in a pull request about something else", async () => {
  const number = forge.propose({
    login: "ana",
    branch: "widen",
    edit: (desk) => desk.edit(ROLE, "Card template: edit", "Card template: admin"),
  });
  const { code, planned, pending, body, shown } = await look(number);
  expect([code, planned, pending, shown]).toEqual([2, ["Card editor (policy)"], [DRIFTED], 1]);
  expect(body).toContain("Pending on the base branch already (1): not part of this");
});

it("is what the drift branch's own pull request does, though it touches no policy, and its reviews approve it", async () => {
  const number = forge.propose({ login: "bo", branch: BRANCH, edit: (desk) => desk.write("drift.md", "x\n") });
  const { code, planned, body, shown } = await look(number);
  expect([code, planned, shown]).toEqual([2, [DRIFTED], 1]);
  expect(body).not.toContain("Pending on the base branch");
  forge.access.review({ number, login: "hana" });
  expect((await look(number)).code).toBe(0);
});

it("is not, of a fork's branch with the same name", async () => {
  const fork = forge.access.fork("mallory");
  const desk = forge.desk("mei");
  desk.git("fetch", "-q", "origin");
  desk.git("checkout", "-q", "-B", "fake", "origin/main");
  desk.edit(ROLE, "Card template: edit", "Card template: admin");
  desk.commit("not Rolebook's");
  desk.git("push", "-q", "--force", fork.bare, `fake:${BRANCH}`);
  const number = forge.access.openPull({ head: BRANCH, author: "mallory", from: fork });
  const { planned, pending } = await look(number);
  expect([planned, pending]).toEqual([["Card editor (policy)"], [DRIFTED]]);
});
