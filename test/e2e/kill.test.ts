// Killed at every single write, right before the platform makes it and right after: a rerun with the same
// approval finishes the job, does nothing twice, and the ledger tells the truth about both runs.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importedWorld, type Moment, receiptsSince, rememberMoment, rewindTo, type World } from "../support/world.ts";

const LIMITS = "    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 } }\n";

let world: World;
let start: Moment;
let digest: string;
let changes: readonly { readonly id: string }[];

/** Thirty changes of every kind of step: roles, groups and people made, people granted, updated, revoked, containers gone. */
function editPolicies(): void {
  const member = (name: string) => `kind: Member\nemail: ${name}@acme.example\nfirstName: ${name}\nlastName: New\n`;
  const people = ["uma", "vic", "wes", "xia", "yan", "zoe"];
  world.write("policies/acme/members/new.yaml", people.map(member).join("---\n"));
  for (const number of [1, 2, 3]) {
    world.write(
      `policies/acme/roles/new-${number}.yaml`,
      `kind: Role\nname: New role ${number}\npermissions:\n  Theme: edit\n  Stream: view\n`,
    );
    world.write(
      `policies/acme/groups/new-${number}.yaml`,
      `kind: Group\nname: New group ${number}\nroles: [New role ${number}]\nenvironments: [dev]\n---\nkind: Membership\ngroup: New group ${number}\nmembers:\n${people
        .slice(number - 1, number + 3)
        .map((name) => `  - ${name}@acme.example\n`)
        .join("")}`,
    );
  }
  world.edit("policies/acme/roles/card-editor.yaml", "Card template: edit", "Card template: admin");
  world.edit("policies/acme/groups/insights.yaml", "The insights dashboard", "The dashboard");
  world.edit("policies/acme/memberships/card-creators.yaml", "  - bo@acme.example\n", "");
  world.git(
    "rm",
    "-q",
    "policies/acme/groups/customer-support.yaml",
    "policies/acme/memberships/customer-support.yaml",
    "policies/acme/roles/support-agent.yaml",
  );
  world.commit("thirty changes");
}

beforeAll(async () => {
  world = await importedWorld(LIMITS);
  editPolicies();
  const plan = await world.rolebook(["plan", "--format", "json"]);
  expect(plan.stderr).toBe("");
  ({ digest, changes } = JSON.parse(plan.stdout));
  start = rememberMoment(world);
});
afterAll(() => world?.close());

const rewind = () => rewindTo(world, start);

const newReceipts = () => receiptsSince(world, start);

const effects = () => world.simulator.counters.view().writes.length;
let undisturbed: number;

describe("a thirty-change apply", () => {
  it("has thirty changes, and undisturbed makes each once", async () => {
    expect(changes.length).toBeGreaterThanOrEqual(30);
    const result = await world.rolebook(["apply", "--approve", digest]);
    expect([result.code, result.stderr]).toEqual([0, ""]);
    undisturbed = effects();
    expect(newReceipts()).toMatchObject([{ converged: true, outcomes: changes.map(() => ({ status: "applied" })) }]);
    expect((await world.rolebook(["plan"])).code).toBe(0);
  });

  it("killed at every write and rerun: converged, nothing twice, truthful", async () => {
    for (let write = 1; write <= undisturbed; write += 1) {
      await killedAt(write, "after");
      // The moment before is the moment after the one before it, but for what is in flight: every third will do.
      if (write % 3 === 0) await killedAt(write, "before");
    }
  });
});

describe("told to stop (SIGTERM) in the middle", () => {
  it("finishes what is under way, says what it left, and a rerun finishes the rest", async () => {
    rewind();
    let stop = () => {};
    const forget = world.simulator.onWrite((_, when) => {
      if (when === "before") stop();
    });
    const first = await world.rolebook(["apply", "--approve", digest, "--format", "json"], {
      onStart: (child) => {
        stop = () => {
          stop = () => {};
          child.kill("SIGTERM");
        };
      },
    });
    forget();
    expect(first.code).toBe(1);
    const [receipt] = newReceipts();
    expect(receipt?.converged).toBe(false);
    const made = receipt?.outcomes.filter(({ status }) => status === "applied") ?? [];
    const left = receipt?.outcomes.filter(({ cause }) => cause === "the apply was told to stop") ?? [];
    expect(made.length).toBeGreaterThan(0);
    expect(left.length).toBeGreaterThan(0);
    expect(made.length + left.length).toBe(changes.length);

    const second = await world.rolebook(["apply", "--approve", digest]);
    expect(second.code).toBe(0);
    expect(effects()).toBe(undisturbed);
    expect(newReceipts().map(({ converged }) => converged)).toEqual([false, true]);
  });
});

async function killedAt(write: number, phase: "before" | "after"): Promise<void> {
  const story = `killed ${phase} write ${write}`;
  rewind();
  let kill = () => {};
  let seen = 0;
  const forget = world.simulator.onWrite((_, when) => {
    if (when !== phase) return;
    seen += 1;
    if (seen === write) kill();
  });
  const first = await world.rolebook(["apply", "--approve", digest], {
    onStart: (child) => (kill = () => child.kill("SIGKILL")),
  });
  forget();
  expect(first.code, story).not.toBe(0);
  expect(newReceipts(), story).toEqual([]);

  const second = await world.rolebook(["apply", "--approve", digest]);
  expect(second.code, `${story}\n${second.stdout}\n${second.stderr}`).toBe(0);
  expect(effects(), `${story}: effective writes`).toBe(undisturbed);
  const receipts = newReceipts();
  expect(receipts.length, story).toBe(1);
  expect(receipts[0]?.converged, story).toBe(true);
  expect(receipts[0]?.outcomes.map(({ change }) => change).sort(), story).toEqual(changes.map(({ id }) => id).sort());
  // Everything was made by one of the two runs, and the receipt says so of each.
  expect(
    receipts[0]?.outcomes.filter(({ status }) => status !== "applied"),
    story,
  ).toEqual([]);
  expect(world.git("rev-parse", "refs/rolebook/applied/acme"), story).toBe(world.git("rev-parse", "HEAD"));
}
