// Who did what drifted: the last who touched what differs, and nobody where the log is not sure.
import { describe, expect, it } from "vitest";
import type { Activity } from "../../src/model/driver.ts";
import type { Discrepancy } from "../../src/model/plan.ts";
import { matchDeeds } from "../../src/plan/deeds.ts";

const item = (key: string, shape: Discrepancy["shape"], ...attributes: readonly string[]): Discrepancy => ({
  kind: key.split("/")[0] ?? "",
  key,
  name: key,
  shape,
  attributes: attributes.map((attribute) => ({ attribute, base: "a", want: "a", live: "b" })),
});
const entry = (by: string, minute: number, keys: readonly string[], attributes?: readonly string[]): Activity => ({
  at: `2026-11-20T10:${String(minute).padStart(2, "0")}:00.000Z`,
  by,
  person: by.includes("@"),
  action: "group.updated",
  keys,
  ...(attributes ? { attributes } : {}),
});
const who = (items: readonly Discrepancy[], activity: readonly Activity[], busy: [number, number][] = []) => {
  const at = (minute: number) => Date.parse("2026-11-20T10:00:00Z") + minute * 60_000;
  const deeds = matchDeeds(
    items,
    activity,
    busy.map(([from, until]) => ({ from: at(from), until: at(until) })),
  );
  return items.map(({ key }) => deeds.get(key)?.by);
};

describe("who did it", () => {
  it("is the last who touched an attribute that differs", () => {
    const log = [entry("late@x", 9, ["Group/a"], ["description"]), entry("early@x", 3, ["Group/a"], ["roles", "name"])];
    expect(who([item("Group/a", "changed", "roles/Editor")], log)).toEqual(["early@x"]);
    expect(who([item("Group/a", "changed", "description")], log)).toEqual(["late@x"]);
    expect(who([item("Group/a", "changed", "environments")], log)).toEqual([undefined]);
    expect(who([item("Group/a", "missing")], log)).toEqual(["late@x"]);
    expect(who([item("Group/b", "missing")], log)).toEqual([undefined]);
  });

  it("of a membership is also whoever removed or renamed its group or its member", () => {
    const log = [
      entry("described@x", 9, ["Group/a"], ["description"]),
      entry("removed@x", 8, ["Member/bo@x"]),
      entry("renamed@x", 7, ["Group/b", "Group/c"], ["name"]),
    ];
    const items = [item("Membership/a/bo@x", "missing"), item("Membership/b/eve@x", "missing")];
    expect(who(items, log)).toEqual(["removed@x", "renamed@x"]);
    expect(who([item("Membership/a/eve@x", "extra")], log)).toEqual([undefined]);
  });

  it("is no program that wrote while Rolebook applied, and a person at any time", () => {
    const log = [entry("rolebook-writer", 5, ["Group/a"]), entry("bo@x", 4, ["Group/a"])];
    expect(who([item("Group/a", "missing")], log, [[5, 5]])).toEqual(["bo@x"]);
    expect(who([item("Group/a", "missing")], log, [[20, 30]])).toEqual(["rolebook-writer"]);
    expect(who([item("Group/a", "missing")], log.slice(0, 1), [[4, 6]])).toEqual([undefined]);
  });
});
