// `npm run bench`: generates the big job from a seed, serves it from a simulator in a second process, and measures our plans
// and a large apply beside the least such work can cost, in one run. The results go to .github/benchmarks.md.
//
//   npm run bench                       sizes 0.1, 1 and 10
//   npm run bench -- --size 0.1,1       only these
//   npm run bench -- --quick            size 0.1 with few runs, and no file is written
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endAll, median, timeNode } from "./bench/measure.mjs";
import { firstLine, measureSize } from "./bench/size.mjs";
import { renderResults } from "./bench/table.mjs";
import { ENVIRONMENT, makeTools } from "./bench/world.mjs";
import { ROOT, setUp } from "./setup.mjs";

const RESULTS = join(ROOT, ".github", "benchmarks.md");
const SIZES = [0.1, 1, 10];
const START_RUNS = 21;
const START_LIMIT_MS = 20_000;

const { values } = parseArgs({
  options: { size: { type: "string" }, quick: { type: "boolean", default: false }, output: { type: "string" } },
});
const sizes = values.size?.split(",").map(Number) ?? (values.quick ? [0.1] : SIZES);
if (sizes.some((size) => !(size > 0 && size <= 20))) throw new Error("--size takes numbers above 0, at most 20");

await setUp();
const tools = await makeTools();
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    endAll();
    tools.remove();
    process.exit(130);
  });
try {
  const start = await measureStart(values.quick ? 7 : START_RUNS);
  const measured = [];
  const failed = [];
  for (const size of sizes)
    await measureSize(tools, size, runsOf(size), log).then(
      (one) => measured.push(one),
      (error) => {
        log(`size ${size} failed: ${error instanceof Error ? error.stack : error}`);
        failed.push({ size, why: firstLine(error) });
      },
    );
  const text = renderResults(measured, start, failed);
  process.stdout.write(text);
  if (values.output !== undefined || !values.quick) writeFileSync(values.output ?? RESULTS, text);
} finally {
  endAll();
  tools.remove();
}

/** One cold run of the largest size is minutes; smaller ones are repeated, since machines are noisy. */
function runsOf(size) {
  if (values.quick) return { cold: 1, warm: 1 };
  return size > 2 ? { cold: 1, warm: 2 } : { cold: 2, warm: 3 };
}

/** `validate` of a small folder and a process that does nothing, turn by turn. */
async function measureStart(runs) {
  const options = { cwd: tools.small, env: ENVIRONMENT, limitMs: START_LIMIT_MS };
  const [empty, validate] = [[], []];
  for (let run = 0; run < runs; run++) {
    empty.push((await timeNode(["-e", "0"], options)).wallMs);
    validate.push((await timeNode([tools.main, "validate"], options)).wallMs);
  }
  return { runs, emptyMs: median(empty), validateMs: median(validate) };
}

function log(line) {
  process.stderr.write(`${line}\n`);
}
