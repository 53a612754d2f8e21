// What `import` writes where the settings name the scopes that files may describe as well.
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWorld, VAULT, type World } from "../support/world.ts";

const WORKSPACES = ["acme-dev", "acme-prod", "acme-prod-eu", "acme-staging"];

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

it("describes scopes that the settings only name, and each of them once", async () => {
  world.write("policies/rolebook.yaml", VAULT.settings(world.url, `    environments: [${WORKSPACES.join(", ")}]\n`));
  const first = await world.rolebook(["import"]);
  expect(first.code, first.stderr).toBe(0);
  const written = first.stdout.split("\n").filter((path) => path.includes("/workspaces/"));
  expect(written).toEqual(WORKSPACES.map((name) => `policies/vault/workspaces/${name}.yaml`).sort());
  expect(world.read("policies/vault/workspaces/acme-prod.yaml")).toContain("purpose: production\n");
  const second = await world.rolebook(["import"]);
  expect([second.code, second.stdout]).toEqual([0, ""]);
});
