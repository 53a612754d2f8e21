// `apply --merged` over the simulator, real Git and a fake GitHub: what was approved is applied, in order; the rest is held and told.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Receipt } from "../../src/model/receipt.ts";
import { writeShown } from "../../src/model/shown.ts";
import { APPLIED_REF, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";

let forge: Forge;

beforeAll(async () => {
  forge = await forgeWorld();
});
afterAll(() => forge?.close());
afterEach(() => {
  forge.simulator.faults.set([]);
  forge.github.heal();
});

interface Outcome {
  readonly target: string;
  readonly applied: string;
  readonly outcomes: readonly { readonly name: string; readonly status: string }[];
  readonly held: readonly { readonly name: string; readonly why: string; readonly pull: number | null }[];
  readonly refused: string | null;
  readonly converged: boolean;
}

/** Runs it, and gives the exit code with what it says of the target. */
async function applyMerged(): Promise<Outcome & { readonly code: number | null; readonly stderr: string }> {
  const { code, stdout, stderr } = await forge.rolebook(["apply", "--merged", "--format", "json"]);
  if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  return { code, stderr, ...JSON.parse(stdout).targets[0] };
}

interface Planned {
  readonly digest: string;
  readonly changes: readonly { readonly id: string; readonly name: string }[];
  readonly weakens: readonly { readonly id: string }[];
}

/** What planning a pull request does: a check on its head shows what merging it would change, or only some of that. */
async function show(number: number, isShown: (name: string) => boolean = () => true): Promise<void> {
  const { head } = forge.access.pull(number);
  const runner = forge.checkout({ depth: 0, branch: head.branch });
  const { stdout, stderr } = await runner.rolebook(["plan", "--format", "json"]);
  if (!stdout.startsWith("{")) throw new Error(stderr);
  const { digest, changes, weakens } = JSON.parse(stdout) as Planned;
  const ids = changes.filter(({ name }) => isShown(name)).map(({ id }) => id);
  const all = ids.length === changes.length;
  const shown = {
    target: "acme",
    digest: all ? digest : "0".repeat(64),
    changes: ids,
    weakens: weakens.map(({ id }) => id),
  };
  forge.access.addCheck({
    commit: head.commit,
    name: "rolebook",
    app: "github-actions",
    text: writeShown([shown]),
    conclusion: "action_required",
  });
}

interface Story {
  readonly login?: string;
  readonly edit: (desk: Parameters<Parameters<Forge["propose"]>[0]["edit"]>[0]) => void;
  readonly isShown?: (name: string) => boolean;
  readonly reviewers?: readonly string[];
}

let stories = 0;

/** Somebody proposes an edit; it is shown, and approved by the reviewers. */
async function proposed({ login = "ana", edit, isShown, reviewers = ["hana"] }: Story): Promise<number> {
  stories += 1;
  const number = forge.propose({ login, branch: `story-${stories}`, edit });
  await show(number, isShown);
  for (const reviewer of reviewers) forge.access.review({ number, login: reviewer });
  return number;
}

const describeGroup = (file: string, text: string): Story["edit"] => {
  return (desk) => {
    const path = `policies/acme/groups/${file}.yaml`;
    desk.write(path, desk.read(path).replace(/^description:.*$/m, `description: ${text}`));
  };
};

const join = (file: string, login: string): Story["edit"] => {
  return (desk) => {
    const path = `policies/acme/memberships/${file}.yaml`;
    desk.write(path, `${desk.read(path).trimEnd()}\n  - ${login}@acme.example\n`);
  };
};

const leave = (file: string, login: string): Story["edit"] => {
  return (desk) => desk.edit(`policies/acme/memberships/${file}.yaml`, `  - ${login}@acme.example\n`, "");
};

const writes = () => forge.simulator.counters.view().writes.length;

/** Receipts on the remote's ledger. */
function receipts(): Receipt[] {
  const paths = forge.access.git("ls-tree", "-r", "--name-only", LEDGER_REF).split("\n");
  return paths
    .filter((path) => /receipt/.test(path))
    .map((path) => JSON.parse(forge.access.git("show", `${LEDGER_REF}:${path}`)) as Receipt)
    .sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1));
}

const openIssues = () => forge.access.issues().filter(({ state }) => state === "open");

/** Nothing is held, and the remote says that main is applied. */
async function expectDone(result: Outcome & { readonly code: number | null; readonly stderr: string }): Promise<void> {
  expect(result).toMatchObject({ code: 0, held: [], refused: null, converged: true, stderr: "" });
  expect(forge.atOrigin(APPLIED_REF)).toBe(forge.access.tip("main"));
  expect(openIssues()).toEqual([]);
}

describe("what was approved and merged", () => {
  it.each(["merge", "squash", "rebase"] as const)(
    "is applied after a %s merge, with a receipt on the remote",
    async (method) => {
      const number = await proposed({ edit: describeGroup("insights", `By ${method}`) });
      forge.access.merge({ number, method });
      forge.simulator.counters.reset();
      const result = await applyMerged();
      await expectDone(result);
      expect(result.outcomes).toMatchObject([{ status: "applied" }]);
      expect(writes()).toBe(1);
      expect(receipts().at(-1)).toMatchObject({
        commit: forge.access.tip("main"),
        converged: true,
        approval: { how: "reviews", by: "hana@acme.example", evidence: [{ pull: number, login: "hana" }] },
      });
    },
  );

  it("is not applied twice, and irrelevant merges leave no receipt", async () => {
    const before = receipts().length;
    forge.simulator.counters.reset();
    await expectDone(await applyMerged());
    const number = forge.propose({
      login: "ana",
      branch: "readme",
      edit: (desk) => desk.write("README.md", "Hello\n"),
    });
    forge.access.merge({ number });
    await expectDone(await applyMerged());
    expect([writes(), receipts().length]).toEqual([0, before]);
  });
});

describe("what was not approved", () => {
  it("an extra change is held, told on the pull request and in an issue, and made when it is approved after the merge", async () => {
    const edit = (desk: Parameters<Story["edit"]>[0]) => {
      describeGroup("insights", "Approved")(desk);
      describeGroup("card-creators", "Not shown")(desk);
    };
    const number = await proposed({ edit, isShown: (name) => /insights/i.test(name) });
    forge.access.merge({ number });
    forge.simulator.counters.reset();
    const first = await applyMerged();
    expect(first).toMatchObject({ code: 2, refused: null, converged: false, held: [{ pull: number }] });
    expect(first.held[0]?.name).toMatch(/card creators/i);
    expect(writes()).toBe(1);
    const told = forge.access.comments(number).map(({ body }) => body);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("1 change of this pull request is held");
    expect(openIssues()).toHaveLength(1);
    expect(forge.atOrigin(APPLIED_REF)).not.toBe(forge.access.tip("main"));

    const again = await applyMerged();
    expect(again.code).toBe(2);
    expect(forge.access.comments(number).map(({ body }) => body)).toEqual(told);
    expect(forge.access.checks(forge.access.pull(number).head.commit, "rolebook")).toHaveLength(2);
    expect(writes()).toBe(1);

    forge.access.review({ number, login: "hana" });
    await expectDone(await applyMerged());
    expect(writes()).toBe(2);
    expect(forge.access.comments(number)).toHaveLength(1);
    expect(forge.access.comments(number)[0]?.body).toContain("is applied");
  });

  it("an author's own approval counts for nothing", async () => {
    const number = await proposed({ login: "hana", edit: describeGroup("insights", "By hana"), reviewers: [] });
    forge.access.merge({ number });
    forge.simulator.counters.reset();
    const held = await applyMerged();
    expect([held.code, writes()]).toEqual([2, 0]);
    expect(held.held[0]?.why).toContain("it needs an approval by noor@acme.example");
    forge.access.review({ number, login: "noor" });
    await expectDone(await applyMerged());
  });

  it("of two merges in a row the first is held and the second is made; then the first", async () => {
    const first = await proposed({ edit: describeGroup("insights", "First"), reviewers: ["bo"] });
    const second = await proposed({ edit: describeGroup("card-creators", "Second") });
    forge.access.merge({ number: first });
    forge.access.merge({ number: second });
    const result = await applyMerged();
    expect(result).toMatchObject({ code: 2, outcomes: [{ status: "applied" }], held: [{ pull: first }] });
    expect(result.outcomes[0]?.name).toMatch(/card creators/i);
    expect(result.held[0]?.why).toContain("bo does not own group Insights");
    forge.access.review({ number: first, login: "noor" });
    await expectDone(await applyMerged());
  });

  it("a direct push approves nothing, and says so", async () => {
    forge.pushToMain("bo", describeGroup("insights", "Pushed"));
    const result = await applyMerged();
    expect(result).toMatchObject({ code: 2, held: [{ pull: null }] });
    expect(result.held[0]?.why).toMatch(/pushed directly by bo/);
    // Somebody reverts it: nothing is held any more.
    const number = await proposed({ edit: describeGroup("insights", "First") });
    forge.access.merge({ number });
    await expectDone(await applyMerged());
  });

  it("who weakens what judges holds up everything after it, until it is agreed to", async () => {
    const weaker = await proposed({
      edit: (desk) =>
        desk.edit(
          "policies/rolebook.yaml",
          "owners: [hana@acme.example, noor@acme.example]",
          "owners: [hana@acme.example, noor@acme.example, bo@acme.example]",
        ),
      reviewers: [],
    });
    const later = await proposed({ edit: describeGroup("insights", "After the weakening") });
    forge.access.merge({ number: weaker });
    forge.access.merge({ number: later });
    forge.simulator.counters.reset();
    const held = await applyMerged();
    expect([held.code, writes()]).toEqual([2, 0]);
    expect(held.held.map(({ pull }) => pull)).toEqual([weaker, later]);
    forge.access.review({ number: weaker, login: "noor" });
    forge.access.review({ number: weaker, login: "hana" });
    await expectDone(await applyMerged());
  });
});

describe("when things go wrong", () => {
  it("a platform that fails in the middle is an outcome; the next run makes the rest", async () => {
    const edit = (desk: Parameters<Story["edit"]>[0]) => {
      describeGroup("insights", "Failing")(desk);
      join("insights", "mei")(desk);
    };
    const number = await proposed({ edit });
    forge.access.merge({ number });
    forge.simulator.faults.set([{ kind: "error", status: 500, method: "PATCH" }]);
    const failed = await applyMerged();
    expect(failed.code).toBe(1);
    forge.simulator.faults.set([]);
    await expectDone(await applyMerged());
    expect(receipts().at(-1)?.approval.how).toBe("reviews");
  });

  it("a host that cannot be written to is no failure of the apply, and is made good by the next run", async () => {
    const number = await proposed({ edit: leave("insights", "mei"), reviewers: [] });
    forge.access.merge({ number });
    forge.github.fail({ method: "POST", path: /comments|check-runs|issues/, status: 502, times: 20 });
    const quiet = await applyMerged();
    expect(quiet.code).toBe(2);
    expect(quiet.stderr).toContain("could not be told on the Git host");
    forge.github.heal();
    await applyMerged();
    expect(forge.access.comments(number)).toHaveLength(1);
    forge.access.review({ number, login: "hana" });
    await expectDone(await applyMerged());
  });

  it("killed at a write, it is resumed by the approval it recorded, and nothing is made twice", async () => {
    const edit = (desk: Parameters<Story["edit"]>[0]) => {
      describeGroup("insights", "Killed")(desk);
      describeGroup("card-creators", "Killed as well")(desk);
      join("insights", "olu")(desk);
    };
    const number = await proposed({ edit });
    forge.access.merge({ number });
    forge.simulator.counters.reset();
    let kill = () => {};
    const forget = forge.simulator.onWrite((_, when) => {
      if (when === "after") kill();
    });
    const killed = await forge.rolebook(["apply", "--merged"], {
      onStart: (child) => {
        kill = () => {
          kill = () => {};
          child.kill("SIGKILL");
        };
      },
    });
    forget();
    expect(killed.code).toBe(null);
    const before = receipts().length;
    // What was begun is finished, whoever takes the approval back meanwhile.
    for (const { id } of forge.access.reviews(number)) forge.access.dismiss(id, "noor");
    await expectDone(await applyMerged());
    expect(writes()).toBe(3);
    expect(receipts().length).toBe(before + 1);
    expect(
      receipts()
        .at(-1)
        ?.outcomes.map(({ status }) => status),
    ).toEqual(["applied", "applied", "applied"]);
  });
});
