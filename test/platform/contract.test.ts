// Every driver of the index keeps the contract. A driver without a harness fails here.
import { expect, test } from "vitest";
import { drivers } from "../../src/platform/index.ts";
import { atomicHarness } from "./atomic/harness.ts";
import { atomyxHarness } from "./atomyx/harness.ts";
import { describeDriver, type Harness } from "./contract.ts";
import { keystoneHarness } from "./keystone/harness.ts";

const harnesses: Readonly<Record<string, Harness>> = {
  atomic: atomicHarness,
  atomyx: atomyxHarness,
  keystone: keystoneHarness,
};

test("every driver has a harness", () => {
  expect(Object.keys(harnesses).sort()).toEqual(drivers.map(({ name }) => name).sort());
});

for (const { name, load } of drivers) {
  const harness = harnesses[name];
  if (harness) describeDriver(load, harness);
}
