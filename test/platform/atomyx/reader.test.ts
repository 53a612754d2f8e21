// The Atomyx reader against the simulator with faults on: every read is whole, or says that it is not.
import { expect, test } from "vitest";
import { takesAway } from "../../../src/model/change.ts";
import { driver } from "../../../src/platform/atomyx/driver.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { planFor } from "../contract.ts";
import { runsOver } from "../runs.ts";
import { atomyxHarness, seed, startVault } from "./harness.ts";

const { start, read } = runsOver(driver, seed, startVault);

test("a small account takes a request for each collection, and a token", async () => {
  const running = await start(seed);
  expect((await read(running.connection)).requests).toBe(9);
  expect(running.simulator.counters.view().total).toBe(9);
});

test.each([
  ["workspaces", "listWorkspaces"],
  ["products", "listProducts"],
  ["product roles", "listProductRoles"],
  ["groups", "listVaultGroups"],
  ["members", "listVaultMembers"],
  ["memberships", "listVaultMemberships"],
  ["integrations", "listIntegrations"],
  ["API keys", "listApiKeys"],
])("truncated %s block every removal", async (collection, operation) => {
  const running = await start(seed, [{ kind: "truncate", operation, rows: 1 }]);
  const live = await read(running.connection);
  expect(live.findings[0]).toMatchObject({ code: "truncated-read", blocks: "removals" });
  expect(live.findings[0]?.message).toContain(`list of ${collection}`);
  const { changes } = planFor(atomyxHarness.want, seed, live, atomyx);
  // Without its workspace nothing of a product is seen at all, and so nothing of it can be taken away.
  if (operation !== "listWorkspaces") expect(changes.filter(takesAway).length).toBeGreaterThan(0);
  for (const change of changes.filter(takesAway)) expect(change.blockedBy, change.key).toContain("truncated-read");
});

test("a platform that fails for good is an error, not an empty state", async () => {
  const running = await start(seed, [{ kind: "error", status: 500, operation: "listProducts" }]);
  await expect(read(running.connection)).rejects.toThrow(/GET \/vault\/v1\/products: 500/);
});
