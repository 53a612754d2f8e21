// What is measured for one size of the job: plans without and with a parse cache, their floors, the requests they make,
// an apply of many changes, and what guardrails add. Every figure is checked to be of the work it claims to be: a plan that is wrong is an error.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { mebibytes, seconds } from "./figures.mjs";
import { median, runNode } from "./measure.mjs";
import { measureReviews } from "./reviews.mjs";
import { ENVIRONMENT, LATENCY_MS, makeWorld, SEED } from "./world.mjs";

export const CONNECTIONS = 8;
const PAGE_ROWS = 1000;
/** Changes of the large apply; fewer where the organization is too small for them. */
const APPLIED = { adds: 5_900, removes: 3_500, joiners: 300, groups: 1_000 };
/** Building a plan is timed so many times, without and with guardrails. */
const JUDGED_RUNS = 5;
/** Guardrails are for 100,000 members; a larger process would be about memory. */
const JUDGED_SIZE = 1;
const LIMIT_MS = 180_000;
const LIMIT_MS_A_SIZE = 60_000;

/** Measures one size. `log` hears what is going on. */
export async function measureSize(tools, size, { cold, warm }, log) {
  log(`size ${size}: generating`);
  const started = performance.now();
  const world = await makeWorld(tools, size, manyChanges);
  log(
    `  ${world.files.count} files, ${mebibytes(world.files.bytes)} MiB, in ${seconds(performance.now() - started)} s`,
  );
  try {
    const bench = benchOf(tools, world, size, log);
    await bench.floor("pages");
    const plans = await measurePlans(bench, { cold, warm });
    const applied = await measureApply(bench).catch((error) => ({ failed: firstLine(error) }));
    const failed = (error) => ({ failed: firstLine(error) });
    const reviews = await measureReviews(tools, world, size, bench.options, log).catch(failed);
    const judged = await measureJudging(tools, world, size, log).catch(failed);
    return { size, files: world.files, rows: world.rows, ...plans, applied, reviews, judged };
  } finally {
    await world.stop();
    rmSync(world.folder, { recursive: true, force: true });
  }
}

/** What went wrong, short enough for a table. */
export function firstLine(error) {
  return String(error instanceof Error ? error.message : error).split("\n")[0];
}

/** At most a quarter of the memberships change, in at most half of the groups. */
function manyChanges({ groups }) {
  const memberships = groups.reduce((sum, { people }) => sum + people.length, 0);
  const share = Math.min(1, memberships / 4 / (APPLIED.adds + APPLIED.removes));
  const part = (count) => Math.round(count * share);
  return {
    adds: part(APPLIED.adds),
    removes: part(APPLIED.removes),
    joiners: part(APPLIED.joiners),
    groups: Math.min(APPLIED.groups, Math.floor(groups.length / 2)),
  };
}

function benchOf(tools, world, size, log) {
  const options = { cwd: world.repository, limitMs: LIMIT_MS + LIMIT_MS_A_SIZE * size };
  const env = { ...ENVIRONMENT, BENCH_ROWS: JSON.stringify(world.rows) };
  const note = (what, { wallMs, cpuMs, peakMiB }) =>
    log(`  ${what}: ${seconds(wallMs)} s, processor ${seconds(cpuMs)} s, peak ${Math.round(peakMiB)} MiB`);
  const output = join(world.folder, "plan.json");
  const source = { cold: join(world.repository, "policies"), warm: world.jsonFile, pages: "-" };
  return {
    world,
    log,
    options: { ...options, env },
    floor: async (mode) => {
      const result = await runNode([tools.floor, mode, source[mode], world.url], { ...options, env });
      note(`floor ${mode}`, result);
      return { ...result, ...JSON.parse(result.stdout) };
    },
    forget: () => rmSync(join(world.repository, ".git", "rolebook"), { recursive: true, force: true }),
    plan: async (what) => {
      const args = [tools.main, "plan", "--format", "json", "--output", output];
      const result = await runNode(args, { ...options, env, exitCodes: [2] });
      note(what, result);
      return { ...result, plan: JSON.parse(readFileSync(output, "utf8")) };
    },
    apply: async (digest) => {
      const args = [tools.main, "apply", "--format", "json", "--approve", digest];
      const result = await runNode(args, { ...options, env });
      note("apply", result);
      return { ...result, receipt: JSON.parse(result.stdout) };
    },
    counters: async () => (await fetch(`${world.url}/_simulator/counters`)).json(),
    reset: () => fetch(`${world.url}/_simulator/counters`, { method: "DELETE" }),
  };
}

async function measurePlans(bench, { cold, warm }) {
  const runs = { coldPlan: [], coldFloor: [], warmPlan: [], warmFloor: [] };
  for (let run = 0; run < cold; run++) {
    runs.coldFloor.push(await bench.floor("cold"));
    bench.forget();
    runs.coldPlan.push(await bench.plan("plan cold"));
  }
  await bench.reset();
  for (let run = 0; run < warm; run++) {
    runs.warmFloor.push(await bench.floor("warm"));
    await bench.reset();
    runs.warmPlan.push(await bench.plan("plan warm"));
  }
  const { total: requests } = await bench.counters();
  const { summary } = checkPlan(runs.warmPlan.at(-1).plan);
  return {
    cold: compare(runs.coldPlan, runs.coldFloor),
    warm: compare(runs.warmPlan, runs.warmFloor),
    requests,
    leastRequests: leastRequests(bench.world.rows),
    summary,
  };
}

/** Medians of ours and of the floor, and the peak memory of any run. */
function compare(ours, floor) {
  const [planMs, floorMs] = [median(ours.map(({ wallMs }) => wallMs)), median(floor.map(({ wallMs }) => wallMs))];
  const cpuMs = (runs) => median(runs.map((run) => run.cpuMs));
  const peakMiB = Math.max(...ours.map((run) => run.peakMiB));
  return { planMs, floorMs, planCpuMs: cpuMs(ours), floorCpuMs: cpuMs(floor), peakMiB };
}

/** A plan that found something wrong, or nothing to do, has not done the work that is measured. */
function checkPlan(plan) {
  const errors = plan.findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0 || plan.refused) throw new Error(`the plan has errors: ${JSON.stringify(errors.slice(0, 3))}`);
  const { create, update, delete: remove, drift, unmanaged } = plan.summary;
  if (create * update * remove * drift * unmanaged === 0)
    throw new Error(`the plan lacks something: ${JSON.stringify(plan.summary)}`);
  return plan;
}

/** Whole pages of each collection, the environments and a token. */
function leastRequests(rows) {
  return Object.values(rows).reduce((sum, count) => sum + Math.ceil(count / PAGE_ROWS), 2);
}

async function measureApply(bench) {
  bench.world.checkOutMany();
  const { plan, wallMs: planMs } = await bench.plan("plan of many changes");
  await bench.reset();
  const { wallMs, peakMiB, receipt } = await bench.apply(plan.digest);
  const { total: requests, requests: byOperation } = await bench.counters();
  const writes = Object.entries(byOperation)
    .filter(([operation]) => !/^(GET |POST \/oauth2)/.test(operation))
    .reduce((sum, [, count]) => sum + count, 0);
  if (!receipt.converged) throw new Error("the apply did not converge");
  const leastMs = (requests * LATENCY_MS) / CONNECTIONS;
  return { changes: plan.changes.length, wallMs, planMs, peakMiB, requests, writes, leastMs };
}

/** What guardrails add to building a plan; undefined for a size it is not measured for. */
async function measureJudging(tools, world, size, log) {
  if (size > JUDGED_SIZE) return undefined;
  const options = { cwd: world.folder, env: ENVIRONMENT, limitMs: LIMIT_MS + LIMIT_MS_A_SIZE * size };
  const args = ["--expose-gc", "--max-old-space-size=8192", tools.judging, size, SEED, JUDGED_RUNS].map(String);
  const judged = JSON.parse((await runNode(args, options)).stdout);
  const { plainMs, kept, broken } = judged;
  log(
    `  building a plan: ${seconds(plainMs)} s, with guardrails ${seconds(kept.judgedMs)} to ${seconds(broken.judgedMs)} s`,
  );
  return judged;
}
