// Builds one plan without guardrails and with twenty of two sets, turn by turn, from states as the command line has them: files parsed and
// resolved, rows of the platform put together. Bundled and run as a process of its own; only building is timed.
//
//   judging SIZE SEED RUNS
import { performance } from "node:perf_hooks";
import { NO_GOVERNANCE } from "../../src/model/waiver.ts";
import { buildPlan } from "../../src/plan/build.ts";
import { judgePlan } from "../../src/plan/guardrails/judge.ts";
import {
  assembleState,
  environmentEntity,
  groupEntity,
  memberEntity,
  roleEntity,
} from "../../src/platform/atomic/map.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { membershipSink } from "../../src/platform/rules/membership-sink.ts";
import { sinkOf } from "../../src/platform/rules/sinks.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { resolvePolicies } from "../../src/policy/resolve.ts";
import { readSettings } from "../../src/policy/settings.ts";
import { driftedState, pendingChange } from "./changes.mjs";
import { GUARDRAILS, KEPT_GUARDRAILS } from "./guardrails.mjs";
import { median } from "./measure.mjs";
import { generateOrganization, randomFrom } from "./organization.mjs";
import { policyFiles, stateDocument, yamlOf } from "./render.mjs";

const NOW = new Date("2026-11-22T12:00:00Z");
const SETTINGS = "rolebook.yaml";
const URL_OF_NOTHING = "http://127.0.0.1:1";

const [size, seed, runs] = process.argv.slice(2).map(Number);
const states = makeStates();
const plans = [NO_GOVERNANCE.guardrails, KEPT_GUARDRAILS, GUARDRAILS].map((guardrails) => ({
  guardrails,
  times: [],
  plan: undefined,
}));
for (let run = 0; run < runs; run++)
  for (const one of plans) {
    globalThis.gc?.();
    const started = performance.now();
    const { plan } = buildPlan(inputOf(one.guardrails));
    one.times.push(performance.now() - started);
    one.plan = plan;
  }
const [plain, kept, broken] = plans;
for (const { plan } of [kept, broken]) checkPlans(plain.plan, plan);
const timesOf = ({ times, plan }) => ({
  judgedMs: median(times),
  findings: plan.findings.length - plain.plan.findings.length,
});
const result = {
  members: states.live.get("Member").size,
  guardrails: GUARDRAILS.length,
  plainMs: median(plain.times),
  kept: timesOf(kept),
  broken: timesOf(broken),
};
process.stdout.write(`${JSON.stringify(result)}\n`);

function inputOf(guardrails) {
  return {
    ...states,
    platform: atomic,
    commit: "c".repeat(40),
    baseCommit: "b".repeat(40),
    uncommitted: false,
    now: NOW,
    overwrite: [],
    findings: [],
    governance: { ...NO_GOVERNANCE, guardrails },
    judge: judgePlan,
    baseRules: { target: states.target, guardrails },
    identities: new Map(),
    applied: new Set(),
  };
}

/** The three states of the job: what was applied, what a pull request makes of it, and what the platform has. */
function makeStates() {
  const organization = generateOrganization(size, seed);
  const parse = parserOf();
  const [before, after] = [organization, pendingChange(organization, randomFrom(seed + 2))].map(parse);
  const target = readSettings(after.settings, [atomic.name]).settings.targets[0];
  const want = resolvePolicies({ target, files: after.files, now: NOW }, atomic);
  const base = resolvePolicies({ target, files: before.files, now: NOW }, atomic, want);
  const rows = JSON.parse([...stateDocument(driftedState(organization, randomFrom(seed + 1)))].join(""));
  return { target, want: want.state, base: base.state, live: liveState(rows) };
}

/** Parses the files of an organization; one that is the same in two of them is parsed once. */
function parserOf() {
  const known = new Map();
  return (organization) => {
    const files = [];
    for (const { path, of, documents } of policyFiles(organization, URL_OF_NOTHING)) {
      const same = known.get(path);
      const bytes = () => new TextEncoder().encode(yamlOf(documents()));
      const parsed =
        same?.of === of ? same.parsed : parseFile(path, bytes(), path === SETTINGS ? undefined : atomic.name);
      known.set(path, { of, parsed });
      files.push(parsed);
    }
    const settings = files.find(({ file }) => file === SETTINGS);
    return { settings, files: files.filter((file) => file !== settings) };
  };
}

/** What a read makes of the rows, with what a platform tells of people. */
function liveState({ environments, roles, groups, members, memberships }) {
  const fill = (toEntity, rows) => {
    const sink = sinkOf(toEntity);
    for (const row of rows) sink.add({ etag: '"1"', ...row });
    return sink.byId;
  };
  const known = { groups: fill(groupEntity, groups), members: fill(memberEntity, members.map(telling)) };
  const people = membershipSink(() => known);
  for (const [groupId, ids] of Object.entries(memberships))
    for (const memberId of ids) people.add({ groupId, memberId });
  const lists = { environments: fill(environmentEntity, environments), roles: fill(roleEntity, roles) };
  return assembleState({ ...lists, ...known, memberships: people.finish(known) }).state;
}

/** One in five hundred has no second factor, one in three hundred was away for long. */
function telling(member, index) {
  const lastActiveAt = index % 300 === 7 ? "2026-02-03T09:00:00Z" : `2026-11-${10 + (index % 12)}T09:00:00Z`;
  return { ...member, status: "active", multiFactor: index % 500 !== 3, lastActiveAt };
}

/** Both plans must be of the same changes, and neither refused. */
function checkPlans(plain, judged) {
  for (const { refused, findings } of [plain, judged])
    if (refused)
      throw new Error(`the plan is refused: ${findings.find(({ severity }) => severity === "error")?.message}`);
  if (plain.changes.length === 0 || plain.digest !== judged.digest)
    throw new Error("the two plans are not of one change");
}
