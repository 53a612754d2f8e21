// Every bad day the simulator can have, over real HTTP, and for each platform it serves: an apply still converges, or stops with a receipt
// that tells the truth; and a doubtful read takes nothing away.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/simulator/faults.ts";
import {
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

type Day = readonly [name: string, rules: readonly FaultRule[]];

/** What both platforms' documents have of those who could lose something. */
interface Holders {
  readonly memberships: Readonly<Record<string, readonly string[]>>;
  readonly roles: readonly unknown[];
  readonly groups: readonly unknown[];
}

interface Story<Document extends Holders> {
  readonly served: Served<Document>;
  readonly edit: (world: World) => void;
  readonly survived: readonly Day[];
  readonly stopped: readonly Day[];
  readonly doubtful: readonly Day[];
}

const survived: readonly Day[] = [
  ["latency", [{ kind: "latency", ms: 120 }]],
  ["a burst of 429 with Retry-After", [{ kind: "rate-limit", retryAfter: "1", times: 7 }]],
  ["429 without Retry-After", [{ kind: "rate-limit", retryAfter: "", every: 3, times: 6 }]],
  ["503 with Retry-After", [{ kind: "error", status: 503, retryAfter: "1", every: 4, times: 3 }]],
  ["500s while reading", [{ kind: "error", status: 500, method: "GET", every: 3, times: 4 }]],
  ["plain-text 502s while reading", [{ kind: "error", status: 502, plain: true, method: "GET", times: 2 }]],
  ["connections cut before the read", [{ kind: "drop", when: "before", method: "GET", every: 3, times: 3 }]],
  ["connections cut in the middle of an answer", [{ kind: "drop", when: "during", method: "GET", times: 2 }]],
  [
    "connections cut after a create took effect",
    [{ kind: "drop", when: "after", method: "POST", path: "/v1/roles", times: 1 }],
  ],
  ["connections cut after an update took effect", [{ kind: "drop", when: "after", method: "PATCH", times: 1 }]],
  [
    "connections cut after a batch took effect",
    [{ kind: "drop", when: "after", method: "POST", path: "/v1/groups/*/members/batch", times: 2 }],
  ],
  ["connections cut before a write", [{ kind: "drop", when: "before", method: "POST", path: "/v1/groups", times: 1 }]],
  ["slow bodies", [{ kind: "slow-body", ms: 400, method: "GET", times: 5 }]],
  ["half a JSON text, once", [{ kind: "malformed", method: "GET", path: "/v1/roles", times: 1 }]],
  [
    "tokens that end early",
    [
      { kind: "expire-token", skip: 3, times: 1 },
      { kind: "expire-token", skip: 14, times: 1 },
    ],
  ],
];

const stopped: readonly Day[] = [
  ["500s without end on a write", [{ kind: "error", status: 500, method: "POST", path: "/v1/groups" }]],
  ["500s without end on reading", [{ kind: "error", status: 500, method: "GET", path: "/v1/members" }]],
  [
    "somebody else's change right before ours",
    [{ kind: "stale-etag", description: "by hand", method: "PATCH", path: "/v1/groups/*" }],
  ],
  ["connections that are always cut", [{ kind: "drop", when: "before", method: "POST", path: "/v1/members" }]],
  ["malformed answers without end", [{ kind: "malformed", method: "GET", path: "/v1/groups" }]],
];

const doubtful: readonly Day[] = [
  ["a truncated page of memberships", [{ kind: "truncate", path: "/v1/memberships", rows: 10 }]],
  ["a truncated page of members", [{ kind: "truncate", path: "/v1/members" }]],
  ["an empty page of groups", [{ kind: "truncate", path: "/v1/groups", rows: 0 }]],
  ["a total that is too high", [{ kind: "wrong-total", path: "/v1/memberships", by: 3 }]],
  ["a total that is too low", [{ kind: "wrong-total", path: "/v1/roles", by: -2 }]],
];

const organization: Story<ReturnType<typeof ORGANIZATION.dump>> = {
  served: ORGANIZATION,
  survived,
  stopped,
  doubtful,
  edit: (world) => {
    world.write("policies/acme/roles/new.yaml", "kind: Role\nname: Theme editor\npermissions:\n  Theme: edit\n");
    world.write(
      "policies/acme/groups/new.yaml",
      "kind: Group\nname: Theme editors\nroles: [Theme editor]\nenvironments: [dev]\n---\nkind: Membership\ngroup: Theme editors\nmembers:\n  - ana@acme.example\n  - zoe@acme.example\n---\nkind: Member\nemail: zoe@acme.example\nfirstName: Zoe\nlastName: Q\n",
    );
    world.edit("policies/acme/groups/insights.yaml", "The insights dashboard", "The dashboard");
    world.edit("policies/acme/memberships/card-creators.yaml", "  - bo@acme.example\n", "");
  },
};

/** Only days that touch what is Atomyx's own: the transport is the same, and has had its days above. */
const vault: Story<ReturnType<typeof VAULT.dump>> = {
  served: VAULT,
  survived: [
    ["a burst of 429 with Retry-After", [{ kind: "rate-limit", retryAfter: "1", times: 7, path: "/vault/*" }]],
    [
      "connections cut after creations and changes took effect",
      [
        { kind: "drop", when: "after", method: "POST", path: "/vault/v1/product-roles", times: 1 },
        { kind: "drop", when: "after", method: "POST", path: "/vault/v1/members", times: 1 },
        { kind: "drop", when: "after", method: "PATCH", path: "/vault/v1/members/*", times: 1 },
        { kind: "drop", when: "after", method: "POST", path: "/vault/v1/api-keys/*/revoke", times: 1 },
      ],
    ],
    ["tokens that end early", [{ kind: "expire-token", skip: 3, times: 1, path: "/vault/v1/*" }]],
  ],
  stopped: [
    ["503s without end on a write", [{ kind: "error", status: 503, method: "POST", path: "/vault/v1/product-roles" }]],
    [
      "somebody else's change right before ours",
      [{ kind: "stale-etag", description: "by hand", method: "PATCH", path: "/vault/v1/groups/*" }],
    ],
  ],
  doubtful: [
    ["a truncated page of memberships", [{ kind: "truncate", path: "/vault/v1/memberships", rows: 5 }]],
    ["a truncated page of members", [{ kind: "truncate", path: "/vault/v1/members" }]],
    ["a total that is too low", [{ kind: "wrong-total", path: "/vault/v1/product-roles", by: -2 }]],
  ],
  edit: (world) => {
    world.write(
      "policies/vault/groups/new.yaml",
      "kind: Role\nname: acme-prod/manage/Payer\nimplies: [acme-prod/manage/Editor]\n---\nkind: Group\nname: acme-prod/Payers\nroles: [acme-prod/manage/Payer]\n---\nkind: Membership\ngroup: acme-prod/Payers\nmembers: [ana@acme.example, zoe@acme.example]\n---\nkind: Member\nemail: zoe@acme.example\nworkspaces: [{workspace: acme-prod, role: Member}]\n",
    );
    const people = "policies/vault/members/members.yaml";
    world.edit(people, "{workspace: acme-dev, role: Member}", "{workspace: acme-dev, role: Admin}");
    world.edit(people, "roles: [acme-prod/manage/Editor]", "roles: []");
    world.edit("policies/vault/groups/acme-prod-payment-editors.yaml", "Enter payments", "Enter and pay");
    world.edit("policies/vault/memberships/acme-prod-payment-editors.yaml", "  - mei@acme.example\n", "");
    world.git("rm", "-q", "policies/vault/api-keys/acme-staging-importer.yaml");
  },
};

describe("Atomic's organization:", () => describeStory(organization));
describe("Atomyx's account:", () => describeStory(vault));

function describeStory<Document extends Holders>(story: Story<Document>): void {
  let world: World;
  let start: Moment<Document>;
  let digest: string;

  beforeAll(async () => {
    world = await importedWorld(LIMITS, story.served);
    story.edit(world);
    world.commit("some changes");
    digest = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout).digest;
    start = rememberMoment(world, story.served);
  });
  afterAll(() => world?.close());
  beforeEach(() => rewindTo(world, start));

  const receipts = () => receiptsSince(world, start);

  const apply = () => world.rolebook(["apply", "--approve", digest]);

  /** What every apply must leave behind, however the day went. */
  async function expectTruth(code: number | null): Promise<void> {
    const [receipt, ...more] = receipts();
    expect(more).toEqual([]);
    world.simulator.faults.set([]);
    const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    if (receipt) {
      const left = new Set(plan.changes.map(({ id }: { readonly id: string }) => id));
      for (const { change, status } of receipt.outcomes) if (status === "applied") expect(left.has(change)).toBe(false);
      expect(receipt.converged).toBe(code === 0);
    } else expect(world.simulator.counters.view().writes).toEqual([]);
    expect(code === 0).toBe(plan.changes.length === 0);
  }

  describe("an apply survives", () => {
    it.each(story.survived)("%s", async (_, rules) => {
      world.simulator.faults.set(rules);
      const result = await apply();
      expect(world.simulator.faults.report().every(({ hits }) => hits > 0)).toBe(true);
      expect([result.code, result.stderr]).toEqual([0, ""]);
      await expectTruth(0);
    });
  });

  describe("an apply stops, and says what is so, at", () => {
    it.each(story.stopped)("%s", async (_, rules) => {
      world.simulator.faults.set(rules);
      const result = await apply();
      expect(result.code).toBe(1);
      expect(result.stdout + result.stderr).not.toContain("local-writer-secret");
      await expectTruth(1);
    });
  });

  describe("a doubtful read takes nothing away:", () => {
    it.each(story.doubtful)("%s", async (_, rules) => {
      world.simulator.faults.set(rules);
      const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
      const removals = plan.changes.filter(
        ({ action, effect }: { action: string; effect: string }) =>
          action === "delete" || effect === "reduces" || effect === "mixed",
      );
      for (const change of removals) expect(change.blockedBy).not.toEqual([]);
      const result = await world.rolebook(["apply", "--approve", plan.digest]);
      expect(result.code).toBe(1);
      const now = story.served.dump(world.simulator);
      for (const [group, members] of Object.entries(start.state.memberships))
        expect(now.memberships[group]).toEqual(expect.arrayContaining([...members]));
      expect(now.roles.length).toBeGreaterThanOrEqual(start.state.roles.length);
      expect(now.groups.length).toBeGreaterThanOrEqual(start.state.groups.length);
    });
  });
}
