// Why someone has an access, and who has it: readable tables, and JSON that keeps to its schema.
import { describe, expect, test } from "vitest";
import type { Explanation, WhoCan } from "../../src/model/answers.ts";
import { renderExplanation, renderWhoCan } from "../../src/report/access-text.ts";
import { explanationToJson, whoCanToJson } from "../../src/report/answers-json.ts";
import { ENVIRONMENTS, EXPLANATION, people, WHO_CAN } from "./examples.ts";
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

  test("as JSON keeps to its schema", () => {
    for (const answer of [EXPLANATION, { ...EXPLANATION, target: "acme" }]) {
      const value = JSON.parse(JSON.stringify(explanationToJson(answer)));
      expect(schemaErrors("explain", value)).toEqual([]);
      expect(value.grants).toHaveLength(EXPLANATION.grants.length);
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
    };
    const whoCan: WhoCan = {
      level: name,
      resource: name,
      scope: name,
      holders: [{ member: name, scope: name, level: name, paths }],
    };
    for (const text of [renderExplanation(explanation, OPTIONS), renderWhoCan(whoCan, OPTIONS)])
      expect(terminalDangers(text)).toEqual([]);
    expect(schemaErrors("explain", JSON.parse(JSON.stringify(explanationToJson(explanation))))).toEqual([]);
  }
});
