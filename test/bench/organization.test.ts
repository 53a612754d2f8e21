// The benchmark's organization is the same every time, makes policies without a mistake, and is one the simulator can load;
// its guardrails are of every kind.
import { describe, expect, test } from "vitest";
import type { Guardrail, RuleName } from "../../src/model/guardrail.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { checkPolicies } from "../../src/policy/rules.ts";
import { readSettings } from "../../src/policy/settings.ts";
import { createSimulator } from "../../src/simulator/server.ts";

const load = (name: string) => import(new URL(`../../.build/bench/${name}.mjs`, import.meta.url).href);
const { generateOrganization, randomFrom } = await load("organization");
const { changePeople, driftedState, pendingChange } = await load("changes");
const { policyFiles, stateDocument, yamlOf } = await load("render");
const { GUARDRAILS } = await load("guardrails");

const URL_OF_NOTHING = "http://127.0.0.1:1";

/** Path -> text. */
function filesOf(organization: unknown): Map<string, string> {
  const files = new Map<string, string>();
  for (const { path, documents } of policyFiles(organization, URL_OF_NOTHING)) files.set(path, yamlOf(documents()));
  return files;
}

function findingsOf(organization: unknown) {
  const files = [...filesOf(organization)].map(([path, text]) =>
    parseFile(path, new TextEncoder().encode(text), path === "rolebook.yaml" ? undefined : "atomic"),
  );
  const settings = readSettings(
    files.find(({ file }) => file === "rolebook.yaml") ?? { file: "", documents: [], findings: [] },
    ["atomic"],
  );
  const [target] = settings.settings?.targets ?? [];
  if (!target) throw new Error("no target");
  const policies = { target, files: files.filter(({ file }) => file !== "rolebook.yaml"), now: new Date("2026-01-01") };
  return [...settings.findings, ...checkPolicies(policies, atomic).findings];
}

describe("the benchmark's organization", () => {
  const base = generateOrganization(0.01, 7);
  const changes = { adds: 60, removes: 30, joiners: 5, groups: 20 };

  test("has the proportions of the big job and is the same every time", () => {
    expect([base.members.length, base.groups.length, base.roles.length]).toEqual([1000, 50, 100]);
    expect(base.groups.reduce((sum: number, group: { people: unknown[] }) => sum + group.people.length, 0)).toBe(2970);
    expect(filesOf(generateOrganization(0.01, 7))).toEqual(filesOf(base));
    expect(filesOf(generateOrganization(0.01, 8))).not.toEqual(filesOf(base));
  });

  test.each([
    ["as generated", base],
    ["with a small change", pendingChange(base, randomFrom(1))],
    ["with many people moved", changePeople(base, changes, randomFrom(2))],
  ])("makes policies without an error, %s", (_, organization) => {
    expect(findingsOf(organization).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("moves as many people as it is asked to", () => {
    const count = ({ groups }: typeof base) =>
      groups.reduce((sum: number, group: { people: unknown[] }) => sum + group.people.length, 0);
    expect(count(changePeople(base, changes, randomFrom(2)))).toBe(count(base) + 60 - 30 + 5);
  });

  test("is a state that the simulator takes, drift and all", () => {
    const state = JSON.parse([...stateDocument(driftedState(base, randomFrom(3)))].join(""));
    const { store } = createSimulator({ seed: state });
    expect(store.members.byId.size).toBe(1003);
    expect(store.groups.byId.size).toBe(51);
  });
});

test("the benchmark's guardrails are twenty of every kind that is about people, four of them expressions", () => {
  const kinds: Readonly<
    Record<Exclude<RuleName, "documentation-required" | "reviewed-within" | "matching-attribute">, true>
  > = {
    "separation-of-duties": true,
    "permission-holders": true,
    "holder-count": true,
    "environment-separation": true,
    "escalation-holders": true,
    "time-limit": true,
    "reason-required": true,
    "shared-account": true,
    "address-domain": true,
    "multi-factor": true,
    "dormant-member": true,
    "role-group-name": true,
    "group-owner": true,
    cel: true,
  };
  const guardrails: readonly Guardrail[] = GUARDRAILS;
  expect(new Set(guardrails.map(({ name }) => name)).size).toBe(20);
  expect(new Set(guardrails.map(({ rule }) => rule))).toEqual(new Set(Object.keys(kinds)));
  expect(guardrails.filter(({ rule }) => rule === "cel")).toHaveLength(4);
  expect(new Set(guardrails.map(({ severity }) => severity))).toEqual(new Set(["warning"]));
});
