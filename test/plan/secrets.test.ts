// What looks like a secret in live state is crossed out of it, and told; everything else is the very same.
import { expect, test } from "vitest";
import { type Entity, stateOf } from "../../src/model/entity.ts";
import { withoutSecrets } from "../../src/plan/secrets.ts";
import { drivers } from "../../src/platform/index.ts";
import { characters } from "../support/secrets.ts";

const SHAPES = drivers.flatMap(({ platform }) => platform.secrets ?? []);
const group = (name: string, description: string): Entity => ({
  kind: "Group",
  section: "Group",
  local: name.toLowerCase(),
  name,
  id: "g1",
  attributes: { description, roles: ["Reader"] },
});

test("a key in a description is crossed out and told by four characters", () => {
  const key = `avk${"_p_"}${characters(3)(32)}`;
  const state = stateOf([group("Web", `For the shop: ${key} (Ana)`), group("Support", "Telephone and chat")]);
  const clean = withoutSecrets(state, SHAPES);
  const said = JSON.stringify([clean.findings, [...(clean.state.get("Group")?.values() ?? [])]]);
  expect(said).not.toContain(key.slice(4, 12));
  expect(clean.state.get("Group")?.get("web")).toMatchObject({
    id: "g1",
    attributes: { description: `For the shop: ${"x".repeat(key.length)} (Ana)`, roles: ["Reader"] },
  });
  expect(clean.state.get("Group")?.get("support")).toBe(state.get("Group")?.get("support"));
  expect(clean.findings).toEqual([
    expect.objectContaining({ severity: "warning", code: "secret-on-platform", key: "Group/web" }),
  ]);
});

test("a state without one is the same object", () => {
  const state = stateOf([
    group("Support", "Telephone and chat, see https://wiki.acme.example/support/how-to-reach-us"),
  ]);
  expect(withoutSecrets(state, SHAPES)).toEqual({ state, findings: [] });
  expect(withoutSecrets(state, SHAPES).state).toBe(state);
});
