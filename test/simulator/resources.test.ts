// The simulator keeps its own table of resources, as the other side of the wire would. This holds it against the driver's
// catalogue, so that neither drifts from the published model alone.
import { expect, test } from "vitest";
import { defaultRoles, resources } from "../../src/platform/atomic/catalogue.ts";
import { DEFAULT_ROLES } from "../../src/simulator/default-roles.ts";
import { RESOURCES } from "../../src/simulator/resources.ts";

test("both sides know the same resources and levels, but for the published exception", () => {
  const ours = Object.fromEntries(RESOURCES);
  const theirs = Object.fromEntries(resources.map(({ name, levels }) => [name, levels]));
  expect(Object.keys(ours)).toHaveLength(25);
  expect(ours).toEqual({ ...theirs, "Request debugger": ["view", "edit"] });
});

test("both sides know the same default roles, and the simulator would accept each of them", () => {
  expect(DEFAULT_ROLES).toEqual(defaultRoles);
  for (const permissions of Object.values(DEFAULT_ROLES))
    for (const [resource, level] of Object.entries(permissions)) expect(RESOURCES.get(resource)).toContain(level);
});
