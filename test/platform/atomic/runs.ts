// What the reader's and the writer's tests share: runs over the simulator's organization, and people in numbers.
import { type State, stateOf } from "../../../src/model/entity.ts";
import { driver } from "../../../src/platform/atomic/driver.ts";
import { runsOver } from "../runs.ts";
import { entity, membership, seed, startSimulator } from "./harness.ts";

export const { start, read, writeTo, edited } = runsOver(driver, seed, startSimulator);

/** People and groups in numbers, to fill pages. */
export function crowd(people: number, groups: number, memberships: number): State {
  const members = Array.from({ length: people }, (_, n) =>
    entity("Member", `p${n}@acme.example`, { firstName: "P", lastName: `${n}` }),
  );
  const names = Array.from({ length: groups }, (_, n) => `Group ${n}`);
  return stateOf([
    entity("Environment", "dev"),
    entity("Role", "R", { description: "", permissions: { Tag: "view" } }),
    ...names.map((name) => entity("Group", name, { description: "", roles: ["R"], environments: "all" })),
    ...members,
    ...Array.from({ length: memberships }, (_, n) =>
      membership(names[Math.floor(n / people) % groups] ?? "", `p${n % people}@acme.example`),
    ),
  ]);
}
