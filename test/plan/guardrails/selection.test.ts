// What selectors find in one list of grants: levels as ladders, aliases, scopes, and paths that give less than their grant.
import { describe, expect, test } from "vitest";
import type { Grant } from "../../../src/model/grant.ts";
import type { PermissionSelector } from "../../../src/model/guardrail.ts";
import { selectIn } from "../../../src/plan/guardrails/selection.ts";
import { surveyState } from "../../../src/plan/guardrails/survey.ts";
import { ATOMIC, NOW, worldOf } from "./worlds.ts";

const { platform, target, declared } = worldOf("atomic", ATOMIC);
const view = platform.access(declared);
const survey = surveyState({ platform, target, state: declared, declared, view, now: NOW, live: false });

const part: readonly Grant[] = [
  { resource: "Audit log", scope: "organization", level: "view", via: [{ group: "A", role: "looks" }] },
  {
    resource: "Card template",
    scope: "dev",
    level: "admin",
    via: [
      { group: "A", role: "edits", level: "edit" },
      { group: "A", role: "all" },
    ],
  },
  { resource: "Customer", scope: "production", level: "admin", via: [{ role: "direct" }] },
  { resource: "Role", scope: "organization", level: "edit", via: [{ group: "A", role: "roles" }] },
];

const held = (selector: PermissionSelector, owner = false) =>
  selectIn(survey, [selector])
    .holdsIn(part, owner)
    .map(({ resource, level, path }) => `${resource} ${level} by ${path.role}`);

describe("a selector", () => {
  test.each([
    [{ resource: "card TEMPLATE" }, ["Card template edit by edits", "Card template admin by all"]],
    [{ resource: "Card template", level: "edit" }, ["Card template edit by edits", "Card template admin by all"]],
    [{ resource: "Card template", level: "admin" }, ["Card template admin by all"]],
    [{ resource: "Activity log" }, ["Audit log view by looks"]],
    [{ resource: "Audit log", level: "edit" }, []],
    [{ level: "admin" }, ["Card template admin by all", "Customer admin by direct"]],
    [{ level: "edit", scopes: ["PRODUCTION"] }, ["Customer admin by direct"]],
    [{ scopes: ["organization"] }, ["Audit log view by looks", "Role edit by roles"]],
    [{ scopes: [] }, []],
    [{ resource: "Nothing" }, []],
    [{ level: "nothing" }, []],
  ] as const)("%j", (selector, said) => {
    expect(held(selector)).toEqual(said);
    expect(held({ ...selector, ownerEquivalent: true })).toEqual([]);
    expect(held({ ...selector, ownerEquivalent: true }, true)).toEqual(said);
  });

  test("of owners alone means what makes them owners", () =>
    expect(held({ ownerEquivalent: true }, true)).toEqual(["Role edit by roles"]));
});
