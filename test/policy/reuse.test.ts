// Resolving a version of the policies with the help of another one gives what resolving it alone gives.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { State } from "../../src/model/entity.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { type ParsedFile, parseFile } from "../../src/policy/parse.ts";
import { resolvePolicies } from "../../src/policy/resolve.ts";
import { openTarget } from "../support/organization.ts";
import { bytesOf } from "./files.ts";

const address = fc.constantFrom(
  "ana@acme.example",
  "Ana@acme.example",
  "bo@acme.example",
  "CHEN@acme.example",
  "dee@x.y",
);
const group = fc.constantFrom("Cards", "cards", "Support", "Ünicode");
const document = fc.oneof(
  fc.record({ kind: fc.constant("Member"), email: address, firstName: fc.constantFrom("Ana", "Bo") }),
  fc.record({ kind: fc.constant("Role"), name: fc.constantFrom("Editor", "editor", "Viewer") }),
  fc.record({
    kind: fc.constant("Group"),
    name: group,
    roles: fc.subarray(["Editor", "Viewer"]),
    environments: fc.constantFrom("all", "some", ["dev"]),
  }),
  fc.record({
    kind: fc.constant("EnvironmentScope"),
    name: fc.constant("some"),
    environments: fc.subarray(["dev", "test"], { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant("Membership"),
    group,
    members: fc.array(fc.oneof(address, fc.record({ email: address, until: fc.constant("2031-01-31") })), {
      maxLength: 4,
    }),
  }),
);
const file = fc.array(document, { minLength: 1, maxLength: 4 });

/** JSON is YAML, so a document is written as JSON. */
function parse(name: string, documents: readonly object[]): ParsedFile {
  const text = documents.map((one) => `---\n${JSON.stringify(one)}\n`).join("");
  return parseFile(`policies/acme/${name}.yaml`, bytesOf(text), "atomic");
}

/** Everything that is in a state, in plain form. */
function plain(state: State) {
  return [...state].map(([section, entities]) => [section, [...entities].sort(([a], [b]) => (a < b ? -1 : 1))]).sort();
}

describe("resolving with the help of another version", () => {
  test("gives the same state, whatever the two have in common", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(file, file, fc.constantFrom("same", "differs", "here", "there")), { maxLength: 6 }),
        (pairs) => {
          const [here, there]: [ParsedFile[], ParsedFile[]] = [[], []];
          for (const [index, [first, second, how]] of pairs.entries()) {
            const parsed = parse(`f${index}`, first);
            if (how !== "there") here.push(parsed);
            if (how === "same") there.push(parsed);
            else if (how !== "here") there.push(parse(`f${index}`, second));
          }
          const policies = (files: readonly ParsedFile[]) => ({ target: openTarget(), files, now: new Date(0) });
          const like = resolvePolicies(policies(there), atomic);
          const alone = resolvePolicies(policies(here), atomic);
          expect(plain(resolvePolicies(policies(here), atomic, like).state)).toEqual(plain(alone.state));
          expect(plain(like.state)).toEqual(plain(resolvePolicies(policies(there), atomic).state));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("takes over what has the same documents, as the same objects", () => {
    const people = parse("people", [{ kind: "Member", email: "ana@acme.example" }]);
    const cards = parse("cards", [{ kind: "Membership", group: "Cards", members: ["ana@acme.example"] }]);
    const [old, young] = [[{ kind: "Group", name: "Cards", roles: [] }], [{ kind: "Group", name: "Cards" }]];
    const policies = (groups: readonly object[]) => ({
      target: openTarget(),
      files: [people, cards, parse("groups", groups)],
      now: new Date(0),
    });
    const like = resolvePolicies(policies(old), atomic);
    const { state } = resolvePolicies(policies(young), atomic, like);
    expect(state.get("Membership/cards")).toBe(like.state.get("Membership/cards"));
    expect(state.get("Member")?.get("ana@acme.example")).toBe(like.state.get("Member")?.get("ana@acme.example"));
    expect(state.get("Group")?.get("cards")).not.toEqual(like.state.get("Group")?.get("cards"));
  });
});
