// Results as the Markdown page that is committed: what was measured, on which machine, beside what we aim at, and where it
// falls short, said so.
import { cpus, totalmem } from "node:os";
import { mebibytes, seconds } from "./figures.mjs";
import { reviewsTable } from "./reviews.mjs";
import { CONNECTIONS } from "./size.mjs";
import { LATENCY_MS } from "./world.mjs";

/** What we aim at; memory is for size 1. */
const AIM = { plan: 1.3, requests: 1.05, memoryMiB: 300, start: 1.5, judging: 1 };

/** The whole page. */
export function renderResults(sizes, start, failed) {
  const [{ model = "unknown" } = {}] = cpus();
  const machine = `${cpus().length} processors (${model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
  return [
    "# Benchmarks\n",
    `Measured ${new Date().toISOString().slice(0, 10)} by \`npm run bench\` on ${machine}. The simulator runs on the same machine, in a process of its own, and holds every answer back for ${LATENCY_MS} ms.\n`,
    "The *floor* is the least that such a plan can cost, as a process of its own: the same bytes parsed (cold: the YAML files with js-yaml; warm: the same documents as JSON with `JSON.parse`) while the same pages are fetched bare over as many connections and parsed, and nothing is kept, checked or compared. Times are medians of whole processes, start to end, in seconds.\n",
    planTable(sizes),
    requestTable(sizes),
    applyTable(sizes),
    reviewsTable(sizes, table),
    judgingTable(sizes),
    startLine(start),
    growth(sizes),
    shortfalls(sizes, start, failed),
  ].join("\n");
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return `${[line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n")}\n`;
}

/** A ratio beside what we aim at. */
function judged(ratio, aim) {
  return `${ratio.toFixed(2)}${ratio <= aim ? "" : " (over)"}`;
}

function planTable(sizes) {
  const rows = sizes.flatMap(({ size, cold, warm }) =>
    [
      ["cold", cold],
      ["warm", warm],
    ].map(([name, { planMs, floorMs, planCpuMs, floorCpuMs, peakMiB }]) => [
      `${size} ${name}`,
      seconds(planMs),
      seconds(floorMs),
      judged(planMs / floorMs, AIM.plan),
      seconds(planCpuMs),
      seconds(floorCpuMs),
      `${Math.round(peakMiB)} MiB${size === 1 && peakMiB > AIM.memoryMiB ? " (over)" : ""}`,
    ]),
  );
  const head = [
    "size",
    "plan",
    "floor",
    `ratio (aim ${AIM.plan})`,
    "processor, plan",
    "processor, floor",
    "peak memory",
  ];
  return `## Plan\n\n*Cold* has no parse cache, *warm* has one. Size 1 is the big job; memory is aimed at ${AIM.memoryMiB} MiB there.\n\n${table(head, rows)}`;
}

function requestTable(sizes) {
  const rows = sizes.map(({ size, files, rows: counts, requests, leastRequests, summary }) => [
    size,
    counts.members.toLocaleString("en"),
    counts.memberships.toLocaleString("en"),
    `${files.count.toLocaleString("en")} (${mebibytes(files.bytes)} MiB)`,
    `${requests} / ${leastRequests}`,
    judged(requests / leastRequests, AIM.requests),
    `${summary.create} / ${summary.update} / ${summary.delete}`,
    summary.gaining + summary.losing,
  ]);
  const head = [
    "size",
    "members",
    "memberships",
    "files",
    "requests / least",
    `ratio (aim ${AIM.requests})`,
    "create / update / delete",
    "people concerned",
  ];
  return `## The job, and its requests\n\nThe least is rows / page of each collection, rounded up, and one request each for the environments and a token.\n\n${table(head, rows)}`;
}

function applyTable(sizes) {
  const rows = sizes
    .filter(({ applied }) => applied.failed === undefined)
    .map(({ size, applied: { changes, wallMs, planMs, requests, writes, leastMs, peakMiB } }) => [
      size,
      changes.toLocaleString("en"),
      seconds(wallMs),
      seconds(planMs),
      `${requests} (${writes})`,
      seconds(leastMs),
      (wallMs / leastMs).toFixed(2),
      `${Math.round(peakMiB)} MiB`,
    ]);
  const head = [
    "size",
    "changes",
    "apply",
    "plan of the same",
    "requests (writes)",
    `requests x ${LATENCY_MS} ms / ${CONNECTIONS}`,
    "ratio",
    "peak memory",
  ];
  return `## Apply\n\nAn apply reads and plans twice, before and after: the proof that it converged is part of it. Most changes are memberships, in up to 1,000 groups, which go out as a batch a group.\n\n${table(head, rows)}`;
}

function judgingTable(sizes) {
  const rows = judgedSizes(sizes).flatMap(({ size, warm, judged: { members, plainMs, kept, broken } }) =>
    [
      ["mostly kept", kept, (ratio) => judged(ratio, AIM.judging)],
      ["broken by thousands", broken, (ratio) => ratio.toFixed(2)],
    ].map(([what, { judgedMs, findings }, show]) => [
      `${size} ${what}`,
      members.toLocaleString("en"),
      seconds(plainMs),
      seconds(judgedMs),
      seconds(judgedMs - plainMs),
      show((judgedMs - plainMs) / plainMs),
      ((judgedMs - plainMs) / warm.planMs).toFixed(2),
      findings.toLocaleString("en"),
    ]),
  );
  if (rows.length === 0) return "";
  const head = [
    "size",
    "members",
    "building a plan",
    "with 20 guardrails",
    "judging",
    `judging / building (aim ${AIM.judging})`,
    "judging / warm plan",
    "findings",
  ];
  return `## Guardrails\n\nBuilding the plan from states that are there, in one process, without guardrails and with twenty of all kinds, four of them expressions: everybody is judged, whoever the plan concerns. *Mostly kept* is what guardrails are for, and what the aim is about; six that tens of thousands of people break add the work of telling which of that was so before. A *warm plan* is the whole command, above.\n\n${table(head, rows)}`;
}

function judgedSizes(sizes) {
  return sizes.filter(({ judged }) => judged !== undefined && judged.failed === undefined);
}

function startLine({ runs, emptyMs, validateMs }) {
  const rows = [[`${validateMs.toFixed(0)} ms`, `${emptyMs.toFixed(0)} ms`, judged(validateMs / emptyMs, AIM.start)]];
  const head = ["validate", "node -e 0", `ratio (aim ${AIM.start})`];
  return `## Start\n\n\`validate\` of the example in this repository against a process that does nothing, medians of ${runs}.\n\n${table(head, rows)}`;
}

/** Each aim that is missed, and why. */
function shortfalls(sizes, { emptyMs, validateMs }, failed) {
  const missed = failed.map(({ size, why }) => `- Size ${size} could not be measured: ${why}`);
  for (const { size, applied } of sizes)
    if (applied.failed !== undefined) missed.push(`- The apply of size ${size} failed: ${applied.failed}`);
  for (const { size, reviews } of sizes)
    if (reviews?.failed !== undefined) missed.push(`- Reviews of size ${size} failed: ${reviews.failed}`);
  for (const { size, judged } of sizes)
    if (judged?.failed !== undefined) missed.push(`- Judging size ${size} failed: ${judged.failed}`);
  const slow = judgedSizes(sizes).filter(
    ({ judged: { plainMs, kept } }) => kept.judgedMs - plainMs > AIM.judging * plainMs,
  );
  if (slow.length > 0)
    missed.push(
      `- Guardrails, size ${slow.map(({ size }) => size).join(", ")}: judging takes longer than building. Building works out the access of those whom the plan concerns, judging that of everybody.`,
    );
  const over = (name) =>
    sizes.filter((size) => size[name].planMs / size[name].floorMs > AIM.plan).map(({ size }) => size);
  const said = (list) => `size ${list.join(", ")}`;
  if (over("cold").length > 0)
    missed.push(
      `- Cold plan, ${said(over("cold"))}: over ${AIM.plan} times the floor. ${"The floor parses and forgets; a plan also checks each document against its schema, remembers where everything stands, resolves names, writes the cache and compares, all on the one thread that js-yaml keeps busy."}`,
    );
  if (over("warm").length > 0)
    missed.push(
      `- Warm plan, ${said(over("warm"))}: over ${AIM.plan} times the floor. ${"The floor is idle half of the time, waiting for pages; a plan fills that time and more with what the floor leaves out: two states of hundreds of thousands of entities built, checked and compared, and the access of everyone concerned worked out."}`,
    );
  const memory = sizes.find(({ size }) => size === 1);
  const peak = memory && Math.max(memory.cold.peakMiB, memory.warm.peakMiB);
  if (peak > AIM.memoryMiB)
    missed.push(
      `- Memory, size 1: ${Math.round(peak)} MiB, aimed at ${AIM.memoryMiB}. Both states and the parsed documents are held until the plan is made, and the collector keeps room to work in.`,
    );
  const apply = sizes.find(({ size, applied }) => size === 1 && applied.peakMiB > AIM.memoryMiB);
  if (apply)
    missed.push(
      `- Memory of the apply, size 1: ${Math.round(apply.applied.peakMiB)} MiB. It plans twice in one process, and the first plan is still held when the second is made.`,
    );
  const requests = sizes.filter((one) => one.requests / one.leastRequests > AIM.requests).map(({ size }) => size);
  if (requests.length > 0)
    missed.push(
      `- Requests, ${said(requests)}: over ${AIM.requests} times the least. Pages read side by side each end with one that is not full, which weighs the more the fewer pages there are.`,
    );
  if (validateMs / emptyMs > AIM.start)
    missed.push(
      `- Start: ${(validateMs / emptyMs).toFixed(2)} times an empty process, aimed at ${AIM.start}. Node compiles the bundle's modules anew in each process; before Node 22 nothing keeps what it compiled.`,
    );
  return `## Where this falls short\n\n${missed.length === 0 ? "Nowhere: every aim is met." : missed.join("\n")}\n`;
}

/** How time and memory follow the size, as measured. */
function growth(sizes) {
  const rows = sizes.slice(1).map((one, index) => {
    const before = sizes[index];
    const times = (name) => `${(one[name].planMs / before[name].planMs).toFixed(1)} times`;
    const memory = `${(one.warm.peakMiB / before.warm.peakMiB).toFixed(1)} times`;
    return [`${before.size} to ${one.size}`, times("cold"), times("warm"), memory];
  });
  if (rows.length === 0) return "";
  const head = ["from size to size", "cold plan", "warm plan", "memory, warm"];
  return `## How it grows\n\n${table(head, rows)}`;
}
