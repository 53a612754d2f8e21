// "Did you mean": what is close, or an address of which only the end was left out.
import { expect, test } from "vitest";
import { nearest, nearestOf } from "../../src/model/nearest.ts";

const KNOWN = ["ana@acme.example", "Ana@acme.example", "bo@acme.example", "bo@else.example", "Card creators"];

test.each([
  ["card creater", "Card creators"],
  ["ana@acme.exampl", "ana@acme.example"],
  ["Ana", "Ana@acme.example"],
  // Two people have that address somewhere.
  ["bo", undefined],
  ["an", undefined],
  ["something else", undefined],
])("%j", (name, expected) => {
  expect(nearest(name, KNOWN)).toBe(expected);
  expect(nearest(name, KNOWN.values())).toBe(expected);
});

test("says what may be meant, and what there is", () => {
  expect(nearestOf("autum", ["autumn", "spring"])).toBe('Did you mean "autumn"? There are autumn, spring.');
  expect(nearestOf("winter", ["spring"])).toBe("There is spring.");
});
