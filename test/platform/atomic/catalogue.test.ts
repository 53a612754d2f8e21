// The catalogue against what the vendor publishes: counts, ladders, scopes, and the defects a loader must survive.
import { describe, expect, test } from "vitest";
import { defaultRoles, escalating, levels, resources } from "../../../src/platform/atomic/catalogue.ts";
import { defaults } from "../../../src/platform/atomic/defaults.ts";
import { effectiveLevel, fold, rankOf, resourceNamed } from "../../../src/platform/atomic/ladder.ts";

const offering = (...wanted: string[]) =>
  resources.filter((resource) => resource.levels.join() === wanted.join()).map(({ name }) => name);

describe("resources", () => {
  test("there are 25, each once, and no alias is another's name", () => {
    expect(resources).toHaveLength(25);
    const names = resources.flatMap(({ name, aliases }) => [name, ...aliases]).map(fold);
    expect(new Set(names).size).toBe(names.length);
  });

  test("each offers a ladder of its own, lowest first", () => {
    for (const { name, levels: ladder } of resources) {
      expect(ladder.length, name).toBeGreaterThan(0);
      const ranks = ladder.map((level) => levels.indexOf(level));
      expect(ranks, name).toEqual([...new Set(ranks)].sort());
      expect(ranks, name).not.toContain(-1);
    }
    expect(offering("view", "admin")).toEqual(["Audit log"]);
    expect(offering("admin")).toEqual(["Customer", "Override card approval"]);
    expect(offering("view", "edit", "admin")).toEqual(["Card instance", "Card template", "Environment"]);
    expect(offering("view")).toEqual(["Analytics exporter", "Request debugger", "Webhook request log"]);
    expect(offering("view", "edit")).toHaveLength(16);
  });

  test("seven belong to the whole organization", () => {
    expect(resources.filter(({ scope }) => scope === "organization").map(({ name }) => name)).toEqual([
      "Audit log",
      "Organization",
      "Request debugger",
      "Role",
      "Workbench member",
      "Workbench member group",
      "Workbench member group assignment",
    ]);
  });

  test("each says in one line what it is about", () => {
    for (const { name, about } of resources) expect(about, name).toMatch(/^[^\n.]{10,160}$/);
  });

  test.each([
    ["activity LOG", "Audit log"],
    ["SNS platform", "Notifications"],
    ["Notification platform", "Notifications"],
    ["Client key", "SDK API key"],
    ["Stream container", "Container"],
    ["Webhook credential", "Webhook credentials"],
    [" api keys ", "API authentication controls"],
    ["Workbench user group assignment", "Workbench member group assignment"],
  ])("%s is %s", (alias, name) => {
    expect(resourceNamed(alias)?.name).toBe(name);
  });

  test("who can edit one of three can take everything", () => {
    expect(escalating).toEqual(["Role", "Workbench member group", "Workbench member group assignment"]);
    for (const name of escalating) expect(rankOf(name, "edit")).toBe(1);
  });
});

describe("levels", () => {
  test.each([
    ["Request debugger", "edit", "view"],
    ["Request debugger", "admin", "view"],
    ["Audit log", "edit", "view"],
    ["Audit log", "admin", "admin"],
    ["Customer", "view", undefined],
    ["Customer", "edit", undefined],
    ["Customer", "admin", "admin"],
    ["Stream", "admin", "edit"],
    ["Card template", "edit", "edit"],
    ["Card template", "owner", undefined],
  ])("%s %s really gives %s", (name, level, effective) => {
    const resource = resourceNamed(name);
    expect(resource && effectiveLevel(resource, level)).toBe(effective);
  });

  test("a rank is a place in the resource's own ladder", () => {
    expect(rankOf("Audit log", "admin")).toBe(1);
    expect(rankOf("Card template", "admin")).toBe(2);
    expect(rankOf("Customer", "admin")).toBe(0);
    expect(rankOf("Request debugger", "edit")).toBe(-1);
    expect(rankOf("No such thing", "view")).toBe(-1);
  });
});

describe("default roles", () => {
  test("are kept as published, defects and all", () => {
    expect(Object.keys(defaultRoles)).toEqual(["Owner", "Admin", "Editor"]);
    expect(defaultRoles.Admin).toEqual(defaultRoles.Owner);
    expect(Object.keys(defaultRoles.Owner ?? {})).toHaveLength(23);
    expect(defaultRoles.Owner?.["Request debugger"]).toBe("edit");
    for (const role of Object.values(defaultRoles)) {
      expect(role).not.toHaveProperty("Audit log");
      expect(role).not.toHaveProperty("Connectors");
      for (const name of Object.keys(role)) expect(resources.map((resource) => resource.name)).toContain(name);
    }
    expect(defaultRoles.Editor?.Organization).toBe("view");
    expect(Object.keys(defaultRoles.Editor ?? {})).toHaveLength(7);
  });

  test("come as a role and a group of the same name that has everything everywhere", () => {
    expect([...defaults.keys()].sort()).toEqual(["Group", "Role"]);
    for (const name of ["owner", "admin", "editor"]) {
      const [role, group] = [defaults.get("Role")?.get(name), defaults.get("Group")?.get(name)];
      expect(group?.attributes).toEqual({ roles: [role?.name], environments: "all" });
    }
  });
});
