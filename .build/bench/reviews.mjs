// What it takes to say who holds what: the report in each of its formats, the story of one person, and a moment of the past, as
// commands start to end. The world is as the large apply left it: its receipt and what it saw are on the ledger.
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { mebibytes, seconds } from "./figures.mjs";
import { runNode } from "./measure.mjs";

/** Of so many members: there are forty grants for each, and a report of millions is for no reader. */
const REVIEWED_SIZE = 0.1;

/** Undefined for a size it is not measured for. `options` are those of processes. */
export async function measureReviews(tools, world, size, options, log) {
  if (size > REVIEWED_SIZE) return undefined;
  const output = join(world.folder, "review");
  const run = async (...args) => {
    const result = await runNode(["--max-old-space-size=16384", tools.main, ...args], options);
    log(`  ${args[0]} ${args[1]}: ${seconds(result.wallMs)} s, peak ${Math.round(result.peakMiB)} MiB`);
    return result;
  };
  const report = async (format) => {
    const { wallMs, peakMiB } = await run("review", `--format=${format}`, "--output", output);
    const bytes = statSync(output).size;
    // Of JSON there may be more than fits into one string.
    const grants = format === "human" ? grantsIn(readFileSync(output, "utf8")) : undefined;
    rmSync(output);
    return { what: `review, ${format}`, wallMs, peakMiB, bytes, grants };
  };
  const answer = async (what, ...args) => {
    const { wallMs, peakMiB, stdout } = await run(...args);
    return { what, wallMs, peakMiB, bytes: Buffer.byteLength(stdout) };
  };
  const rows = [];
  for (const format of ["human", "json", "csv", "html"]) rows.push(await report(format));
  rows.push(await answer("history of a person", "history", world.person));
  rows.push(await answer("explain, of a moment", "explain", world.person, "--at", new Date().toISOString()));
  return { grants: rows.find(({ grants }) => grants !== undefined)?.grants, rows };
}

/** `1,204 people hold 34,567 grants`. */
function grantsIn(text) {
  const [, grants] = /people hold ([\d,]+) grants/.exec(text) ?? [];
  if (grants === undefined) throw new Error("the report does not say how many grants there are");
  return Number(grants.replaceAll(",", ""));
}

/** As a part of the page. */
export function reviewsTable(sizes, table) {
  const known = sizes.filter(({ reviews }) => reviews !== undefined && reviews.failed === undefined);
  if (known.length === 0) return "";
  const rows = known.flatMap(({ size, warm, reviews: { grants, rows: measured } }) =>
    measured.map(({ what, wallMs, peakMiB, bytes }) => [
      `${size} ${what}`,
      grants.toLocaleString("en"),
      seconds(wallMs),
      (wallMs / warm.planMs).toFixed(2),
      `${Math.round(peakMiB)} MiB`,
      `${mebibytes(bytes)} MiB`,
    ]),
  );
  const head = ["size", "grants", "time", "time / warm plan", "peak memory", "output"];
  return `## Reviews\n\nWho holds what, once the apply above is on record: a grant is one person, one thing and one scope. The history has three commits, the ledger one apply of all those changes and what was seen after it.\n\n${table(head, rows)}`;
}
