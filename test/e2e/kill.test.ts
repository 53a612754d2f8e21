// Killed at every single write, right before the platform makes it and right after: a rerun with the same
// approval finishes the job, does nothing twice, and the ledger tells the truth about both runs. Every platform that the
// simulator serves has a story here; what they have in common is killed at all its writes once.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  appliedRef,
  importedWorld,
  type Moment,
  ORGANIZATION,
  receiptsSince,
  rememberMoment,
  rewindTo,
  type Served,
  VAULT,
  type World,
} from "../support/world.ts";

const LIMITS =
  "    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 } }\n";

interface Story<Document> {
  readonly served: Served<Document>;
  /** Some changes of every kind of step. */
  readonly edit: (world: World) => void;
  /** How many changes these are at least. */
  readonly changes: number;
  /** Of so many writes, those to be killed after, and those to be killed before. */
  readonly killsAfter: (writes: number) => readonly number[];
  readonly killsBefore: (writes: number) => readonly number[];
  /** Whether it is told to stop as well. */
  readonly isStopped: boolean;
}

const all = (writes: number) => Array.from({ length: writes }, (_, index) => index + 1);

/** Roles, groups and people made, people granted, updated, revoked, containers gone. */
const organization: Story<ReturnType<typeof ORGANIZATION.dump>> = {
  served: ORGANIZATION,
  changes: 30,
  killsAfter: all,
  // The moment before is the moment after the one before it, but for what is in flight: every third will do.
  killsBefore: (writes) => all(writes).filter((write) => write % 3 === 0),
  isStopped: true,
  edit: (world) => {
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
  },
};

/** The same, and products, integrations and keys; roles that include one another; people's whole lists of workspaces. */
const vault: Story<ReturnType<typeof VAULT.dump>> = {
  served: VAULT,
  changes: 20,
  // Where the kinds meet: the rest is the same code, killed above.
  killsAfter: (writes) => [1, 4, 9, writes - 4, writes],
  killsBefore: (writes) => [writes - 2],
  isStopped: false,
  edit: (world) => {
    const member = (name: string) =>
      `kind: Member\nemail: ${name}@acme.example\nworkspaces:\n  - {workspace: acme-prod, role: Member}\n`;
    const role = (name: string, implied: string) =>
      `kind: Role\nname: acme-prod/manage/${name}\nimplies: [acme-prod/manage/${implied}]\n`;
    world.write("policies/vault/members/new.yaml", ["uma", "vic"].map(member).join("---\n"));
    world.write("policies/vault/roles/new.yaml", `${role("Clerk", "Payer")}---\n${role("Payer", "Editor")}`);
    world.write(
      "policies/vault/groups/new.yaml",
      "kind: Group\nname: acme-prod/Payers\nroles: [acme-prod/manage/Clerk]\n---\nkind: Membership\ngroup: acme-prod/Payers\nmembers: [ana@acme.example, uma@acme.example, vic@acme.example]\n",
    );
    world.write(
      "policies/vault/integrations/new.yaml",
      "kind: Integration\nname: acme-prod/Books\ncallback: https://books.acme.example/\nenvironment: production\n",
    );
    const people = "policies/vault/members/members.yaml";
    world.edit(people, "{workspace: acme-dev, role: Member}", "{workspace: acme-dev, role: Admin}");
    world.edit(people, "roles: [acme-prod/manage/Editor]", "roles: []");
    world.write(people, world.read(people).replace(/kind: Member\nemail: jonas(?:.(?!---))*\n---\n/s, ""));
    world.edit("policies/vault/memberships/acme-dev-developers.yaml", "  - jonas@acme.example\n", "");
    world.edit("policies/vault/workspaces/acme-prod.yaml", "team: Payments", "team: Payments Worldwide");
    world.edit("policies/vault/products/acme-prod-layout.yaml", "active: false", "active: true");
    world.edit("policies/vault/groups/acme-prod-payment-editors.yaml", "Enter payments", "Enter and pay");
    world.edit("policies/vault/memberships/acme-prod-payment-editors.yaml", "  - mei@acme.example\n", "");
    world.edit("policies/vault/integrations/acme-prod-ledger-sync.yaml", "ledger.acme.example", "books.acme.example");
    world.edit("policies/vault/api-keys/acme-prod-reports.yaml", "noor@acme.example", "hana@acme.example");
    world.git(
      "rm",
      "-q",
      "policies/vault/groups/acme-prod-support-desk.yaml",
      "policies/vault/memberships/acme-prod-support-desk.yaml",
      "policies/vault/roles/acme-prod-layout-designer.yaml",
      "policies/vault/integrations/acme-prod-alerting.yaml",
      "policies/vault/api-keys/acme-staging-importer.yaml",
    );
  },
};

describe("an organization", () => describeStory(organization));
describe("an account", () => describeStory(vault));

function describeStory<Document>(story: Story<Document>): void {
  let world: World;
  let start: Moment<Document>;
  let digest: string;
  let changes: readonly { readonly id: string }[];
  let undisturbed: number;

  beforeAll(async () => {
    world = await importedWorld(LIMITS, story.served);
    story.edit(world);
    world.commit("many changes");
    const plan = await world.rolebook(["plan", "--format", "json"]);
    expect(plan.stderr).toBe("");
    ({ digest, changes } = JSON.parse(plan.stdout));
    start = rememberMoment(world, story.served);
  });
  afterAll(() => world?.close());

  const rewind = () => rewindTo(world, start);
  const newReceipts = () => receiptsSince(world, start);
  const effects = () => world.simulator.counters.view().writes.length;

  describe("an apply of many changes", () => {
    it("has as many as that, and undisturbed makes each once", async () => {
      expect(changes.length).toBeGreaterThanOrEqual(story.changes);
      const result = await world.rolebook(["apply", "--approve", digest]);
      expect([result.code, result.stderr]).toEqual([0, ""]);
      undisturbed = effects();
      expect(newReceipts()).toMatchObject([{ converged: true, outcomes: changes.map(() => ({ status: "applied" })) }]);
      expect((await world.rolebook(["plan"])).code).toBe(0);
    });

    it("killed at its writes and rerun: converged, nothing twice, truthful", async () => {
      for (const write of story.killsAfter(undisturbed)) await killedAt(write, "after");
      for (const write of story.killsBefore(undisturbed)) await killedAt(write, "before");
    });
  });

  if (story.isStopped)
    it("told to stop (SIGTERM) in the middle: finishes what is under way, says what it left, and a rerun finishes the rest", async () => {
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

  async function killedAt(write: number, phase: "before" | "after"): Promise<void> {
    const tale = `killed ${phase} write ${write}`;
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
    expect(first.code, tale).not.toBe(0);
    expect(newReceipts(), tale).toEqual([]);

    const second = await world.rolebook(["apply", "--approve", digest]);
    expect(second.code, `${tale}\n${second.stdout}\n${second.stderr}`).toBe(0);
    expect(effects(), `${tale}: effective writes`).toBe(undisturbed);
    const receipts = newReceipts();
    expect(receipts.length, tale).toBe(1);
    expect(receipts[0]?.converged, tale).toBe(true);
    expect(receipts[0]?.outcomes.map(({ change }) => change).sort(), tale).toEqual(changes.map(({ id }) => id).sort());
    // Everything was made by one of the two runs, and the receipt says so of each.
    expect(
      receipts[0]?.outcomes.filter(({ status }) => status !== "applied"),
      tale,
    ).toEqual([]);
    expect(world.git("rev-parse", appliedRef(story.served)), tale).toBe(world.git("rev-parse", "HEAD"));
  }
}
