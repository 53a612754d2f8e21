// The world that tests of the loop start from: what it hands them is true.
import { afterAll, beforeAll, expect, test } from "vitest";
import { APPLIED_REF, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";

let forge: Forge;
beforeAll(async () => {
  forge = await forgeWorld();
});
afterAll(() => forge?.close());

test("starts with everything imported, pushed and recorded as applied", async () => {
  expect(forge.atOrigin(APPLIED_REF)).toBe(forge.access.tip("main"));
  expect(forge.atOrigin(LEDGER_REF)).not.toBeNull();
  const plan = await forge.rolebook(["plan", "--format", "json"]);
  expect([plan.code, plan.stderr]).toEqual([0, ""]);
  expect(forge.github.requests()).toEqual([]);
});

test("starts the same whether it was set up or is a copy", async () => {
  const factsOf = ({ access, url, git }: Forge) => ({
    url,
    tip: access.tip("main"),
    refs: access.git("for-each-ref", "--format=%(objectname) %(refname)"),
    here: git("for-each-ref", "--format=%(objectname) %(refname)"),
    status: git("status", "--porcelain"),
  });
  const first = await forgeWorld();
  const facts = factsOf(first);
  await first.close();
  const copy = await forgeWorld();
  try {
    expect(factsOf(copy)).toEqual({ ...facts, status: "" });
    expect(copy.url).not.toBe(forge.url);
    expect(copy.read("policies/rolebook.yaml")).toContain(copy.url);
    const plan = await copy.rolebook(["plan", "--format", "json"]);
    expect([plan.code, plan.stderr]).toEqual([0, ""]);
  } finally {
    await copy.close();
  }
});

test("people propose, add to it, and merge", async () => {
  const role = "policies/acme/roles/card-editor.yaml";
  const number = forge.propose({
    login: "ana",
    branch: "widen",
    edit: (desk) => desk.edit(role, "Card template: edit", "Card template: admin"),
  });
  const more = forge.amend(number, (desk) => desk.edit(role, "Theme: view", "Theme: edit"), "bo");
  expect(forge.access.pull(number).head.commit).toBe(more);
  forge.access.review({ number, login: "hana" });
  forge.access.merge({ number, method: "squash", login: "hana" });
  const plan = await forge.rolebook(["plan", "--format", "json"]);
  expect(JSON.parse(plan.stdout).changes).toHaveLength(1);
  const shallow = forge.checkout();
  expect(shallow.git("rev-list", "--count", "HEAD").trim()).toBe("1");
  expect(shallow.git("rev-parse", "HEAD").trim()).toBe(forge.access.tip("main"));
});
