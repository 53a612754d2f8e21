// What is written of a review, by what was asked for.
import { expect, it } from "vitest";
import { chooseForms } from "../../src/run/review-forms.ts";

it("is one thing on standard output, or in the one file that is named with a format, whatever its ending", () => {
  expect(chooseForms(undefined, [])).toEqual([{ format: "human" }]);
  expect(chooseForms("csv", [])).toEqual([{ format: "csv" }]);
  expect(chooseForms("csv", ["a.html"])).toEqual([{ format: "csv", output: "a.html" }]);
  expect(chooseForms("csv", ["report"])).toEqual([{ format: "csv", output: "report" }]);
});

it("is without a format one file after the other, each in the format of its ending", () => {
  const outputs = ["x/a.html", "a.b.md", "a.csv", "A.JSON", "a.txt"];
  const formats = ["html", "markdown", "csv", "json", "human"];
  expect(chooseForms(undefined, outputs)).toEqual(outputs.map((output, index) => ({ format: formats[index], output })));
});

it.each([
  [
    undefined,
    ["a.html", "report"],
    /the ending of --output report is no format's; use \.html, \.md, .* or say --format/,
  ],
  [undefined, ["a.xlsx"], /the ending of --output a\.xlsx /],
  [undefined, [".html"], /the ending of --output \.html /],
  [undefined, ["html/a"], /the ending of --output html\/a /],
  [undefined, ["constructor.constructor"], /the ending of --output constructor/],
  ["csv", ["a.csv", "b.csv"], /--format is for one --output/],
  [undefined, ["a.csv", "b.csv", "./b.csv"], /names the same file twice: \.\/b\.csv/],
] as const)("is refused: --format %s --output %j", (format, outputs, why) => {
  expect(chooseForms(format, outputs)).toMatch(why);
});
