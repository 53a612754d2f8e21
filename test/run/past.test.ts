// What is said of the past, against what the simulator itself knows was so: a year's worth of applies, some of which fail, are told to
// stop, are killed or cannot read the platform again, with edits by hand in between. The truth is kept at every write, by the
// platform, and its grants are worked out in the plainest way there is.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import { recordObservation } from "../../src/git/observations.ts";
import { listReceipts, openStart } from "../../src/git/records.ts";
import { openRepository, type Repository } from "../../src/git/repository.ts";
import type { State } from "../../src/model/entity.ts";
import { compareText } from "../../src/model/finding.ts";
import { resources } from "../../src/platform/atomic/catalogue.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { runExplain, runWhoCan } from "../../src/run/answers.ts";
import { runApply } from "../../src/run/apply.ts";
import type { Context } from "../../src/run/context.ts";
import { readLive } from "../../src/run/live.ts";
import { observe } from "../../src/run/observe.ts";
import { type PastRead, readPast } from "../../src/run/past.ts";
import { readMoment } from "../../src/run/past-moment.ts";
import { preparePlan } from "../../src/run/prepare.ts";
import { openWorkspace } from "../../src/run/workspace.ts";
import { DEFAULT_ROLES } from "../../src/simulator/default-roles.ts";
import type { FaultRule } from "../../src/simulator/faults.ts";
import type { StateDocument } from "../../src/simulator/records.ts";
import { CREDENTIALS, createWorld, settingsFor, type World } from "../support/world.ts";

const OPTIONS = { policies: "policies", target: "acme" };
const HOUR = 3_600_000;
const APPLIES = 50;

/** One clock for everybody: it moves on by itself a little whenever somebody looks at it, so that no two things are at once. */
const clock = { ms: Date.parse("2026-06-01T08:00:00Z") };
const tick = () => {
  clock.ms += 1;
  return clock.ms;
};

/** The platform after each of its writes. */
const truth: { readonly at: number; readonly state: StateDocument }[] = [];

interface Files {
  readonly roles: Record<string, { description: string; permissions: Record<string, string> }>;
  readonly groups: Record<
    string,
    { description: string; roles: string[]; environments: string[]; members: string[]; previously?: string }
  >;
  readonly members: readonly string[];
}

/** What happened at a moment, as far as this script made it. */
interface Mark {
  readonly at: number;
  readonly what: string;
  /** The platform was read right before, and that was recorded. */
  readonly seen: boolean;
}

let world: World;
let repository: Repository;
let files: Files;
let stop: (() => void) | undefined;
const marks: Mark[] = [];
/** Exit codes of the applies. */
const codes: (number | string)[] = [];

function context(sink: string[] = []): Context {
  return {
    cwd: world.dir,
    environment: CREDENTIALS,
    now: () => new Date(tick()),
    out: (text) => void sink.push(text),
    err: (text) => void sink.push(text),
    terminal: { stdin: true, stdout: false, stderr: true, color: false, width: 100 },
    ask: async () => true,
    onStop: (handler) => {
      stop = handler;
      return () => undefined;
    },
    version: "0.0.0",
    build: undefined,
  };
}

/** Numbers that are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const random = randomFrom(7);
const oneOf = <T>(list: readonly T[]): T => list[random(list.length)] as T;

/** The files of what the simulator starts with. */
function filesOf({ roles, groups, members, memberships, environments }: StateDocument): Files {
  const roleName = new Map(roles.map(({ id, name }) => [id, name]));
  const people = new Map(members.map(({ id, email }) => [id, email]));
  const environment = new Map(environments.map(({ id, name }) => [id, name]));
  return {
    roles: Object.fromEntries(
      roles
        .filter(({ name }) => !(name in DEFAULT_ROLES))
        .map(({ name, description = "", permissions = [] }) => [
          name,
          { description, permissions: Object.fromEntries(permissions.map(({ resource, level }) => [resource, level])) },
        ]),
    ),
    groups: Object.fromEntries(
      groups.map(({ id, name, description = "", roleIds = [], environmentIds = [] }) => [
        name,
        {
          description,
          roles: roleIds.map((role) => roleName.get(role) ?? ""),
          environments: environmentIds.map((one) => environment.get(one) ?? ""),
          members: (memberships[id] ?? []).map((member) => people.get(member) ?? ""),
        },
      ]),
    ),
    members: members.filter(({ status }) => status !== "disabled").map(({ email }) => email),
  };
}

function writeFiles(message: string): string {
  const documents = [
    ...Object.entries(files.roles).map(([name, role]) => ({ kind: "Role", name, ...role })),
    ...Object.entries(files.groups).flatMap(([name, { members, environments, ...group }]) => [
      { kind: "Group", name, ...group, environments: environments.length === 0 ? "all" : environments },
      ...(members.length === 0 ? [] : [{ kind: "Membership", group: name, members }]),
    ]),
    ...files.members.map((email) => ({ kind: "Member", email })),
  ];
  world.write(
    "policies/acme/all.yaml",
    `# ${message} (${clock.ms})\n${documents.map((document) => JSON.stringify(document)).join("\n---\n")}\n`,
  );
  return world.commit(message);
}

function describeGroup(group: Files["groups"][string], step: number): string {
  group.description = `Described at ${step}`;
  return "Described";
}

/** One edit of the files, of any sort. */
function editFiles(step: number): string {
  const group = oneOf(Object.keys(files.groups).filter((name) => name !== "Owner"));
  const about = files.groups[group];
  const role = oneOf(Object.keys(files.roles));
  if (!about) throw new Error("no group");
  delete about.previously;
  switch (step % 8) {
    case 0:
    case 3: {
      const person = oneOf(files.members);
      if (about.members.includes(person))
        return `${group}: ${about.members.splice(about.members.indexOf(person), 1)} leaves`;
      about.members.push(person);
      return `${group}: ${person} joins`;
    }
    case 1: {
      const resource = oneOf(resources.filter(({ levels }) => levels.length > 1));
      (files.roles[role] as Files["roles"][string]).permissions[resource.name] = oneOf(resource.levels);
      return `${role}: ${resource.name}`;
    }
    case 2:
      about.environments = [["dev", "test"], ["production"], [], ["staging", "test", "dev"]][random(4)] ?? [];
      return `${group}: environments`;
    case 4:
      files.groups[`Team ${step}`] = {
        description: "",
        roles: [role],
        environments: ["dev"],
        members: [oneOf(files.members), "hana@acme.example"].filter((name, at, all) => all.indexOf(name) === at),
      };
      return `Team ${step} is made`;
    case 5: {
      const team = Object.keys(files.groups).find((name) => name.startsWith("Team "));
      if (team === undefined) return describeGroup(about, step);
      delete files.groups[team];
      return `${team} goes`;
    }
    case 6: {
      const was = Object.keys(files.groups).find((name) => name.startsWith("Team "));
      if (was === undefined) return describeGroup(about, step);
      files.groups[`Team ${step} renamed`] = { ...(files.groups[was] as Files["groups"][string]), previously: was };
      delete files.groups[was];
      return `${was} has another name`;
    }
    default:
      about.roles = about.roles.includes(role) ? about.roles : [...about.roles, role];
      return `${group} gets ${role}`;
  }
}

const mark = (what: string, seen = false) => void marks.push({ at: tick(), what, seen });

/** Somebody at the console, in a group that exists by then. */
async function editByHand(kind: number): Promise<void> {
  clock.ms += HOUR;
  const { groups, members, memberships } = world.simulator.dump();
  const group = oneOf(groups.filter(({ name }) => name !== "Owner"));
  const inside = memberships[group.id] ?? [];
  const outside = members.filter(({ id, status }) => !inside.includes(id) && status !== "disabled");
  const batch = `/v1/groups/${group.id}/members/batch`;
  const who = "noor@acme.example";
  const [first] = inside;
  switch (kind % 5) {
    case 0:
      await world.byHand("POST", batch, { add: [oneOf(outside).id] }, who);
      return mark("by hand: joins");
    case 1:
      if (first === undefined) return;
      await world.byHand("POST", batch, { remove: [first] }, who);
      return mark("by hand: leaves");
    case 2:
      await world.byHand("POST", "/v1/groups", {
        name: `Hand ${marks.length}`,
        roleIds: group.roleIds,
        environmentIds: [],
      });
      return mark("by hand: a group of nobody");
    case 3: {
      const { id } = oneOf(outside);
      await world.byHand("POST", batch, { add: [id] }, who);
      mark("by hand: comes");
      clock.ms += HOUR;
      await world.byHand("POST", batch, { remove: [id] }, who);
      return mark("by hand: and goes");
    }
    default:
      await world.byHand("PATCH", `/v1/groups/${group.id}`, { environmentIds: [] }, who);
      return mark("by hand: everywhere");
  }
}

/** A look for drift, as `drift --propose` records it. */
async function lookForDrift(): Promise<void> {
  clock.ms += HOUR;
  const here = context();
  const workspace = await openWorkspace(here, OPTIONS, { git: true });
  const target = workspace.policies.settings?.targets[0];
  if (!target) throw new Error("no target");
  const prepared = await preparePlan(workspace, target, readLive(here, target, {}), { now: here.now(), overwrite: [] });
  const { plan, base, read } = prepared;
  if (plan.base === null) return;
  const look = { target, commit: plan.base, said: base, read, complete: true, planned: new Set<string>() };
  const ledger = openLedger(repository);
  const { observation, file, known } = await observe(here, ledger, { ...look, connections: undefined });
  if (known || !file) return;
  await recordObservation(ledger, observation, file);
  marks.push({ at: Date.parse(observation.at), what: "a look", seen: true });
}

type Way = "plain" | "fails" | "stopped" | "killed" | "unread";

const FAILING: FaultRule = { kind: "error", status: 501, operation: "changeGroupMembers", times: 1 };
const UNREADABLE: FaultRule = { kind: "error", status: 501, method: "GET" };

/** `approve`: finishes what was begun with that digest. */
async function apply(way: Way, approve?: string): Promise<void> {
  clock.ms += HOUR;
  const began = clock.ms;
  const { faults } = world.simulator;
  const lock = join(world.dir, ".git/refs/heads/rolebook/ledger.lock");
  if (way === "fails") faults.set([FAILING]);
  const forget = world.simulator.onWrite((_, phase) => {
    if (phase === "before") return;
    mark(`in an apply that ${way}`);
    if (way === "stopped" || way === "killed") stop?.();
    if (way === "unread") faults.set([UNREADABLE]);
    // Nothing more reaches the ledger, and no receipt is written: all that a killed process leaves behind.
    if (way === "killed") writeFileSync(lock, "");
  });
  try {
    codes.push(
      await runApply(context(), {
        ...OPTIONS,
        ...(approve === undefined ? {} : { approve }),
        ...{ format: "human", overwrite: [], full: false, offline: true },
      }),
    );
  } catch (error) {
    codes.push(`${error instanceof Error ? error.message : error}`);
  } finally {
    forget();
    faults.set([]);
    rmSync(lock, { force: true });
  }
  mark(`after an apply that ${way}`);
  const last = (await listReceipts(openLedger(repository), "acme")).at(-1);
  const isNew = last !== undefined && Date.parse(last.endedAt) > began;
  if (last && isNew) marks.push({ at: Date.parse(last.endedAt), what: `an apply that ${way}`, seen: way !== "unread" });
}

beforeAll(async () => {
  world = await createWorld({ now: tick, tokenLifeMs: 365 * 24 * HOUR });
  world.git("config", "user.name", "Ana Li");
  world.git("config", "user.email", "ana@acme.example");
  const wide = "{ share: 1, count: 100000 }";
  world.write(
    "policies/rolebook.yaml",
    settingsFor(
      world.url,
      `    limits: { target: ${wide}, group: ${wide}, scope: ${wide}, owners: ${wide} }\n    minimumOwners: 1\n`,
    ),
  );
  const note = () => void truth.push({ at: clock.ms, state: structuredClone(world.simulator.dump()) });
  note();
  world.simulator.onWrite((_, phase) => phase === "after" && note());
  const opened = await openRepository(world.dir);
  if (!opened) throw new Error("no repository");
  repository = opened;
  files = filesOf(world.simulator.dump());
  writeFiles("As it is");
  await apply("plain");
  for (let step = 0; step < APPLIES - 1; step += 1) {
    if (step % 3 === 1) await editByHand(step);
    if (step % 7 === 4) await editByHand(step + 2);
    if (step % 6 === 5) await lookForDrift();
    if (step % 9 === 8) await editByHand(step + 1);
    // What was killed or failed is finished at the same commit, by what was approved.
    const isRest = step % 10 === 8 || step % 10 === 3;
    const open = isRest ? await openStart(openLedger(repository), "acme") : undefined;
    if (!isRest) writeFiles(editFiles(step));
    const ways: readonly Way[] = [
      "plain",
      "plain",
      "fails",
      "plain",
      "stopped",
      "plain",
      "plain",
      "killed",
      "plain",
      "unread",
    ];
    await apply(ways[step % 10] ?? "plain", open?.digest);
  }
}, 600_000);

afterAll(() => world.close());

/** `member resource scope` -> level, read off the platform's own document in the plainest way there is. */
function grantsOf({ roles, groups, members, memberships, environments }: StateDocument): string[] {
  const cells = new Map<string, string>();
  const scope = new Map(environments.map(({ id, name }) => [id, name]));
  for (const group of groups)
    for (const member of memberships[group.id] ?? []) {
      const person = members.find(({ id }) => id === member);
      if (!person || person.status === "disabled") continue;
      for (const roleId of group.roleIds ?? []) {
        const role = roles.find(({ id }) => id === roleId);
        for (const { resource: name, level } of role?.permissions ?? []) {
          const resource = resources.find((known) => known.name === name || known.aliases.includes(name));
          if (!resource) throw new Error(`unknown resource ${name}`);
          const ladder = ["view", "edit", "admin"];
          const given = ladder
            .slice(0, ladder.indexOf(level) + 1)
            .filter((step) => resource.levels.includes(step))
            .at(-1);
          const limit = (group.environmentIds ?? []).map((id) => scope.get(id) ?? "");
          const everywhere = limit.length === 0;
          const scopes =
            resource.scope === "organization"
              ? everywhere
                ? ["organization"]
                : []
              : everywhere
                ? [...scope.values()]
                : limit;
          for (const one of given === undefined ? [] : scopes) {
            const cell = `${person.email} ${resource.name} ${one}`;
            if (ladder.indexOf(cells.get(cell) ?? "") < ladder.indexOf(given as string))
              cells.set(cell, given as string);
          }
        }
      }
    }
  return [...cells].map(([cell, level]) => `${cell}: ${level}`).sort(compareText);
}

function saidOf(state: State): string[] {
  const view = atomic.access(state);
  return view
    .members()
    .flatMap((member) =>
      view.grantsOf(member).map(({ resource, scope, level }) => `${member} ${resource} ${scope}: ${level}`),
    )
    .sort(compareText);
}

function trueAt(at: number): string[] {
  const last = truth.findLast((one) => one.at <= at);
  if (!last) throw new Error("before the beginning");
  return grantsOf(last.state);
}

async function pastAt(text: string): Promise<PastRead> {
  const here = context();
  const workspace = await openWorkspace(here, OPTIONS, { git: true });
  const target = workspace.policies.settings?.targets[0];
  if (!target) throw new Error("no target");
  return readPast(here, workspace, target, await readMoment(repository, text), { policies: "policies", offline: true });
}

const instant = (at: number) => new Date(at).toISOString();
const doubtsOf = ({ findings }: PastRead) =>
  findings.filter(({ severity }) => severity === "warning").map(({ code }) => code);

describe("what was true", () => {
  it("is told as the platform's own log has it wherever nothing is said to be uncertain", async () => {
    expect(codes.length).toBe(APPLIES);
    const wrong: string[] = [];
    const counts = { certain: 0, doubtful: 0, invisible: 0, dated: 0 };
    for (const { at, what, seen } of marks) {
      const past = await pastAt(instant(at));
      const isTrue = JSON.stringify(saidOf(past.state)) === JSON.stringify(trueAt(at));
      const doubts = doubtsOf(past);
      const unwatched = past.findings.some(({ code }) => code === "past-unwatched");
      if (doubts.length > 0) counts.doubtful += 1;
      else if (isTrue) counts.certain += 1;
      if (isTrue && doubts.length === 0 && what.startsWith("by hand")) counts.dated += 1;
      // Only what came and went between two looks leaves no trace, and that nobody looked is said.
      const isInvisible = !isTrue && doubts.length === 0 && what === "by hand: comes" && unwatched;
      if (isInvisible) counts.invisible += 1;
      if (!isTrue && doubts.length === 0 && !isInvisible) wrong.push(`${instant(at)} ${what}: not true`);
      if (seen && (!isTrue || doubts.length > 0))
        wrong.push(`${instant(at)} ${what}: seen, and ${doubts.join(", ") || "not true"}`);
    }
    expect(wrong).toEqual([]);
    // It says something at all: most moments are certain, edits by hand among them, and applies really failed and were killed.
    expect(counts.certain).toBeGreaterThan(60);
    expect(counts.dated).toBeGreaterThan(8);
    expect(counts.doubtful).toBeGreaterThan(20);
    expect(codes.filter((code) => code === 1).length).toBeGreaterThan(3);
    expect(codes.filter((code) => typeof code === "string").length).toBeGreaterThan(2);
  });

  it("of a commit is what was true when it was applied, and of one that never was nothing", async () => {
    const receipts = await listReceipts(openLedger(repository), "acme");
    for (const receipt of receipts.filter(({ converged }, index) => converged && index % 5 === 0)) {
      const first = receipts.find(({ converged, commit }) => converged && commit === receipt.commit);
      const past = await pastAt(receipt.commit);
      expect([past.commit, past.at, past.appliedAt]).toEqual([receipt.commit, first?.endedAt, first?.endedAt]);
      expect(saidOf(past.state)).toEqual(trueAt(Date.parse(past.at)));
      expect(past.findings).toEqual([]);
    }
    writeFiles("Never applied");
    await expect(pastAt("HEAD")).rejects.toThrow(/was never applied to acme/);
    await expect(pastAt("2999-01-01")).rejects.toThrow(/is in the future/);
    await expect(pastAt("the day before")).rejects.toThrow(/neither a date nor a commit/);
  });

  it("is told of a moment before the first apply as it was found first, and that is said", async () => {
    const past = await pastAt("2026-05-31");
    expect([past.commit, past.appliedAt, past.seenAt]).toEqual([null, null, null]);
    expect(doubtsOf(past)).toEqual(["past-before-first"]);
  });

  it("is what explain and who-can answer, and the lines are those of the commit", async () => {
    const receipts = await listReceipts(openLedger(repository), "acme");
    const { commit, endedAt } = receipts.filter(({ converged }) => converged)[3] as (typeof receipts)[number];
    const sink: string[] = [];
    const asked = { ...OPTIONS, strict: false, live: false, full: true, offline: true, at: commit };
    expect(await runExplain(context(sink), "mei@acme.example", undefined, { ...asked, format: "json" })).toBe(0);
    const { past, grants } = JSON.parse(sink.join(""));
    expect([past.commit, past.at, past.findings]).toEqual([commit, endedAt, []]);
    const held = grants.map(
      (grant: Record<string, string>) => `mei@acme.example ${grant.resource} ${grant.scope}: ${grant.level}`,
    );
    expect(held.sort(compareText)).toEqual(
      trueAt(Date.parse(endedAt)).filter((line) => line.startsWith("mei@acme.example ")),
    );
    const lines = world.git("show", `${commit}:policies/acme/all.yaml`).split("\n");
    for (const { paths } of grants)
      for (const { group, groupPlace } of paths) expect(lines[groupPlace.line - 1]).toContain(JSON.stringify(group));
    const told: string[] = [];
    expect(await runWhoCan(context(told), "view", "Card template", { ...asked, format: "human" })).toBe(0);
    expect(told.join("")).toContain(`As of ${endedAt}: commit ${commit.slice(0, 12)}`);
    expect(told.join("")).toMatch(new RegExp(`all\\.yaml:\\d+:\\d+ at ${commit.slice(0, 12)}`));
  });
});
