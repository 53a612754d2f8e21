// What a change of the files agrees to without changing anything on the platform: all of it, and nothing else.
import { expect, it } from "vitest";
import type { State } from "../../src/model/entity.ts";
import { agreedTo } from "../../src/plan/agreed.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { type Organization, stateOfOrganization } from "../support/organization.ts";

const cards = { roles: ["Editor"], environments: ["dev"], members: ["ana@acme.example"] };
const git: Organization = {
  roles: { Editor: { permissions: { Theme: "edit" } } },
  groups: { Cards: cards },
  members: { "ana@acme.example": { firstName: "Ana", lastName: "Li" } },
};
const joined: Organization = {
  ...git,
  groups: { Cards: { ...cards, members: ["ana@acme.example", "mal@acme.example"] } },
};
const state = stateOfOrganization;

function agreed(before: State, after: State, live: State, changed: readonly string[] = []) {
  const entities = agreedTo({ before, after, live, platform: atomic, changed: new Set(changed) });
  return entities.map(({ section, local }) => `${section}/${local}`);
}

it("is who came in by hand and is written down", () => {
  const mal = "Membership/cards/mal@acme.example";
  expect(agreed(state(git), state(joined), state(joined))).toEqual([mal]);
  expect(agreed(state(git), state(joined), state(git))).toEqual([]);
  expect(agreed(state(git), state(joined), state(joined), [mal])).toEqual([]);
  expect(agreed(state(git), state(git), state(joined))).toEqual([]);
});

it("is what has more by hand and is written down as it is", () => {
  const more: Organization = { ...git, roles: { Editor: { permissions: { Theme: "admin" } } } };
  expect(agreed(state(git), state(more), state(more))).toEqual(["Role/editor"]);
  expect(agreed(state(git), state(more), state(more), ["Role/editor"])).toEqual([]);
});

it("is not who was in a group that is renamed", () => {
  const renamed = state({ ...git, groups: { Makers: cards } });
  const makers = renamed.get("Group")?.get("makers");
  if (!makers) throw new Error("no such group");
  const after = new Map(renamed).set("Group", new Map([["makers", { ...makers, previously: "cards" }]]));
  expect(agreed(state(git), after, renamed, ["Group/makers"])).toEqual([]);
});
