// Why someone has an access, and who has it: readable tables, and JSON that keeps to its schema.
import { describe, expect, test } from "vitest";
import type { Explanation, WhoCan } from "../../src/model/answers.ts";
import { renderExplanation, renderPerson, renderWhoCan } from "../../src/report/access-text.ts";
import { explanationToJson, whoCanToJson } from "../../src/report/answers-json.ts";
import { DENIED, ENVIRONMENTS, EXPLANATION, LAYERED, people, WHO_CAN } from "./examples.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { schemaErrors } from "./schema.ts";

const OPTIONS = { color: false, width: 80, environments: ENVIRONMENTS, full: false };

describe("explain", () => {
  test("as a table", async () => {
    await expect(renderExplanation(EXPLANATION, OPTIONS)).toMatchFileSnapshot("golden/explain.txt");
  });

  test("nobody, and nothing", () => {
    expect(renderExplanation({ ...EXPLANATION, present: false, grants: [] }, OPTIONS)).toContain("no such member");
    expect(renderExplanation({ ...EXPLANATION, grants: [] }, OPTIONS)).toContain("holds no access");
  });

  test("what is not held: the groups that would give it", async () => {
    await expect(renderExplanation(DENIED, OPTIONS)).toMatchFileSnapshot("golden/explain-denied.txt");
    const none = renderExplanation({ ...DENIED, grants: [] }, OPTIONS);
    expect(none).toContain("ana@acme.example (Ana Li) does not hold Override card approval\n");
  });

  test("what is not held: the conditions, and which of them are missing", async () => {
    const options = { ...OPTIONS, environments: ["acme-dev", "acme-prod"], scopeWord: "workspaces" };
    await expect(renderExplanation(LAYERED, options)).toMatchFileSnapshot("golden/explain-layers.txt");
  });

  test("many places where it is not held: some, and all of them with --full", () => {
    const [first] = LAYERED.denied;
    const denied = Array.from({ length: 30 }, (_, place) => {
      const layers = (first?.layers ?? []).map((layer) => ({ ...layer, because: `${layer.because} ${place}` }));
      return { resource: "manage/Editor", scope: `w${place}`, layers, offers: [] };
    });
    const short = renderExplanation({ ...LAYERED, denied }, OPTIONS);
    expect(short).toContain("… nor in 18 more places (--full shows all)");
    const full = renderExplanation({ ...LAYERED, denied }, { ...OPTIONS, full: true });
    for (const { scope } of denied) expect(full).toContain(`  ${scope}: `);
  });

  test("one person on several targets, beneath one heading", async () => {
    const person = { member: "ana@acme.example", login: "ana-li" };
    const elsewhere: Explanation = { ...EXPLANATION, target: "clouds", member: "ana", name: "ana", grants: [] };
    const known = { environments: ENVIRONMENTS };
    const parts = [
      { answer: { ...EXPLANATION, target: "acme" }, known },
      { answer: elsewhere, known: { environments: [] } },
      { answer: LAYERED, known: { environments: ["acme-dev", "acme-prod"], scopeWord: "workspaces" } },
      { answer: { ...elsewhere, target: "other", member: person.member, name: "", present: false }, known },
    ];
    await expect(renderPerson(person, parts, OPTIONS)).toMatchFileSnapshot("golden/explain-person.txt");
  });

  test("as JSON keeps to its schema", () => {
    for (const answer of [EXPLANATION, { ...EXPLANATION, target: "acme" }, DENIED, LAYERED]) {
      const value = JSON.parse(JSON.stringify(explanationToJson(answer, "ana-li")));
      expect(schemaErrors("explain", value)).toEqual([]);
      expect(value.grants).toHaveLength(answer.grants.length);
      expect(value.denied).toHaveLength(answer.denied.length);
    }
  });
});

describe("who-can", () => {
  test("as a table", async () => {
    await expect(renderWhoCan(WHO_CAN, OPTIONS)).toMatchFileSnapshot("golden/who-can.txt");
  });

  test("nobody", () => {
    expect(renderWhoCan({ ...WHO_CAN, holders: [], scope: "prod" }, OPTIONS)).toBe(
      "Nobody holds Card template: edit in prod\n",
    );
  });

  test("many people: counted, and all of them with --full", () => {
    const [first] = WHO_CAN.holders;
    const holders = people(500).flatMap((member) => (first ? [{ ...first, member }] : []));
    const short = renderWhoCan({ ...WHO_CAN, holders }, OPTIONS);
    expect(short).toContain("500 people hold Card template: edit");
    expect(short).toContain("… and 300 more rows for 300 more people (--full shows all)");
    const full = renderWhoCan({ ...WHO_CAN, holders }, { ...OPTIONS, full: true });
    for (const { member } of holders) expect(full).toContain(member);
  });

  test("as JSON keeps to its schema", () => {
    const value = JSON.parse(JSON.stringify(whoCanToJson(WHO_CAN)));
    expect(schemaErrors("who-can", value)).toEqual([]);
    expect(value.holders).toHaveLength(WHO_CAN.holders.length);
  });
});

test("hostile names are harmless in both", () => {
  for (const name of HOSTILE_NAMES) {
    const place = { file: name, line: 1, column: 1 };
    const paths = [{ group: name, role: name, membershipPlace: place, groupPlace: place, rolePlace: place }];
    const explanation: Explanation = {
      target: name,
      member: name,
      name: `${name}!`,
      present: true,
      grants: [{ resource: name, scope: name, level: name, paths }],
      denied: [true, false].map((holds) => ({
        resource: name,
        scope: name,
        layers: holds ? [] : [{ name, holds, because: name, hint: name }],
        offers: [{ group: name, level: name }],
      })),
    };
    const part = { answer: explanation, known: { environments: [] } };
    const person = renderPerson({ member: name, login: name }, [part, part], OPTIONS);
    const whoCan: WhoCan = {
      level: name,
      resource: name,
      scope: name,
      holders: [{ member: name, scope: name, level: name, paths }],
    };
    for (const text of [renderExplanation(explanation, OPTIONS), person, renderWhoCan(whoCan, OPTIONS)])
      expect(terminalDangers(text)).toEqual([]);
    expect(schemaErrors("explain", JSON.parse(JSON.stringify(explanationToJson(explanation))))).toEqual([]);
  }
});
