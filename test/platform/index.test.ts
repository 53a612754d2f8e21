// The index must be cheap: whoever only checks or plans from files must not pay for the HTTP client.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { drivers } from "../../src/platform/index.ts";

const INDEX = new URL("../../src/platform/index.ts", import.meta.url).pathname;
const STATIC_IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?from\s+"([^"]+)"/gm;

/** Everything a module loads at once, packages by name, files by path. */
function loads(file: string, seen = new Set<string>()): Set<string> {
  for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(STATIC_IMPORT)) {
    const target = specifier.startsWith(".") ? join(dirname(file), specifier) : specifier;
    if (seen.has(target)) continue;
    seen.add(target);
    if (specifier.startsWith(".")) loads(target, seen);
  }
  return seen;
}

test("the index loads the pure halves and no driver", () => {
  const packages = [...loads(INDEX)].filter((target) => !target.startsWith("/")).map((name) => name.split("/")[0]);
  expect(new Set(packages)).toEqual(new Set(["fastest-levenshtein", "temporal-polyfill"]));
});

test("a driver loads the HTTP client", () => {
  expect([...loads(join(dirname(INDEX), "atomic/driver.ts"))]).toContain("undici");
});

test("names are those of the platforms, each once", () => {
  const names = drivers.map(({ name }) => name);
  expect(names).toEqual(drivers.map(({ platform }) => platform.name));
  expect(new Set(names).size).toBe(names.length);
});
