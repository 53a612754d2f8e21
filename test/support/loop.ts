// The loop as jobs of Actions run it in a forge: planned on the pull request, applied after the merge, with nothing in between but
// what people do. Writes no check, comment or record itself, so that whatever agrees here agrees in the product.
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import type { Receipt } from "../../src/model/receipt.ts";
import { readShown, type Shown } from "../../src/model/shown.ts";
import { CLIENTS, LOCAL_SECRETS } from "../../src/simulator/server.ts";
import { APPLIED_REF, type Checkout, type Forge, type HostRun, LEDGER_REF } from "./forge.ts";
import type { Folder, Result } from "./world.ts";

/** The platform's credential of a job that plans: it can only read. */
export const READER = { ACME_CLIENT_ID: CLIENTS.reader, ACME_CLIENT_SECRET: LOCAL_SECRETS.reader };

export interface Applied {
  readonly code: number | null;
  readonly stderr: string;
  readonly commit: string;
  readonly applied: string | null;
  readonly outcomes: readonly { readonly name: string; readonly status: string; readonly cause: string | null }[];
  readonly held: readonly { readonly name: string; readonly why: string; readonly pull: number | null }[];
  readonly refused: string | null;
  readonly converged: boolean;
}

/** What an apply that was begun has on the ledger. */
export interface Run {
  readonly folder: string;
  readonly start: Omit<Receipt, "outcomes"> & { readonly plan: PlanOutput };
  readonly receipts: readonly Receipt[];
}

type Place = Pick<Checkout, "rolebook">;

export interface Loop {
  /** Somebody opens a pull request; nothing is told of it yet. */
  readonly open: (edit: (desk: Folder) => void, login?: string) => number;
  /** `plan --pull-request`, in a fresh shallow clone, with a platform credential that can only read. */
  readonly plan: (number: number | "all", run?: HostRun) => Promise<Result>;
  /** Opened, planned, approved by these people, planned again, merged. */
  readonly merged: (
    edit: (desk: Folder) => void,
    how?: { readonly login?: string; readonly by?: readonly string[]; readonly method?: "merge" | "squash" | "rebase" },
  ) => Promise<number>;
  /** `apply --merged`, in a fresh shallow clone unless told where. */
  readonly apply: (place?: Place, run?: HostRun) => Promise<Applied>;
  /** `plan` of main: its code, and the names of what is left to do. */
  readonly left: () => Promise<{ readonly code: number | null; readonly names: readonly string[] }>;
  readonly conclusion: (number: number) => string | null | undefined;
  readonly shown: (number: number) => readonly Shown[];
  /** The comment that says what merging would do. */
  readonly comment: (number: number) => string;
  /** The comment that says what is held of it; undefined where there is none. */
  readonly heldComment: (number: number) => string | undefined;
  readonly openIssues: () => readonly { readonly title: string; readonly body: string | null }[];
  /** Runs on the ledger at the remote, oldest first. */
  readonly runs: () => readonly Run[];
  readonly receipts: () => readonly Receipt[];
  /** Everything at the remote and on the host that a run could change. */
  readonly everything: () => unknown;
  /** How many writes the platform has taken. */
  readonly writes: () => number;
}

export function loopOf(forge: Forge): Loop {
  const { access } = forge;
  let opened = 0;
  const open: Loop["open"] = (edit, login = "ana") => {
    opened += 1;
    return forge.propose({ login, branch: `loop-${opened}`, edit });
  };
  const plan: Loop["plan"] = (number, run = {}) =>
    forge.checkout().rolebook(["plan", "--pull-request", String(number)], {
      ...run,
      environment: { ...READER, ...run.environment },
    });
  const head = (number: number) => access.pull(number).head.commit;
  const latest = (number: number) => access.checks(head(number), "rolebook").at(-1);
  const told = (number: number, marker: string) =>
    access.comments(number).filter(({ body }) => body.startsWith(`<!-- rolebook:${marker}`));
  return {
    open,
    plan,
    merged: async (edit, { login = "ana", by = ["hana"], method = "merge" } = {}) => {
      const number = open(edit, login);
      await plan(number);
      for (const reviewer of by) access.review({ number, login: reviewer });
      if (by.length > 0) await plan(number);
      access.merge({ number, method });
      return number;
    },
    apply: async (place = forge.checkout(), run = {}) => {
      const { code, stdout, stderr } = await place.rolebook(["apply", "--merged", "--format", "json"], run);
      if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
      return { code, stderr, ...JSON.parse(stdout).targets[0] };
    },
    left: async () => {
      const { code, stdout, stderr } = await forge.rolebook(["plan", "--format", "json"]);
      if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
      return { code, names: (JSON.parse(stdout) as PlanOutput).changes.map(({ name }) => name) };
    },
    conclusion: (number) => latest(number)?.conclusion,
    shown: (number) => readShown(latest(number)?.text ?? "") ?? [],
    comment: (number) => told(number, "plan")[0]?.body ?? "",
    heldComment: (number) => told(number, "held")[0]?.body,
    openIssues: () => access.issues().filter(({ state }) => state === "open"),
    runs: () => runsOf(forge),
    receipts: () =>
      runsOf(forge)
        .flatMap(({ receipts }) => receipts)
        .sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1)),
    everything: () => ({
      refs: access.git("for-each-ref", "--format=%(refname) %(objectname)"),
      pulls: access.pulls().map(({ number, state, title, body }) => ({ number, state, title, body })),
      comments: access.pulls().map(({ number }) => access.comments(number)),
      checks: access.pulls().map(({ number }) => access.checks(head(number)).length),
      reviews: access.pulls().map(({ number }) => access.reviews(number)),
      issues: access.issues(),
      platform: forge.simulator.counters.view().writes.length,
    }),
    writes: () => forge.simulator.counters.view().writes.length,
  };
}

function runsOf({ access }: Forge): Run[] {
  const paths = access.git("ls-tree", "-r", "--name-only", LEDGER_REF, "acme/").trim().split("\n");
  const read = (path: string) => JSON.parse(access.git("show", `${LEDGER_REF}:${path}`));
  const folders = paths
    .filter((path) => path.endsWith("/start.json"))
    .map((path) => path.slice(0, -"/start.json".length));
  return folders.map((folder) => ({
    folder,
    start: read(`${folder}/start.json`),
    receipts: paths.filter((path) => path.startsWith(`${folder}/receipt`)).map(read),
  }));
}

/** What is true when nothing waits any more. */
export function settled(forge: Forge): unknown {
  const main = forge.access.tip("main");
  const open = forge.access.issues().filter(({ state }) => state === "open");
  return { applied: forge.atOrigin(APPLIED_REF) === main, issues: open.map(({ title }) => title) };
}
export const SETTLED = { applied: true, issues: [] };

/** Edits of the seeded organization. */
export const describeGroup =
  (file: string, text: string) =>
  (desk: Folder): void => {
    const path = `policies/acme/groups/${file}.yaml`;
    desk.write(path, desk.read(path).replace(/^description:.*$/m, `description: ${text}`));
  };

/** A group is called otherwise from now on, and says what it was. */
export const renameGroup =
  (target: string, file: string, from: string, to: string) =>
  (desk: Folder): void => {
    desk.edit(`policies/${target}/groups/${file}.yaml`, `name: ${from}`, `name: ${to}\npreviously: ${from}`);
    desk.edit(`policies/${target}/memberships/${file}.yaml`, `group: ${from}`, `group: ${to}`);
  };

export const join =
  (file: string, login: string) =>
  (desk: Folder): void => {
    const path = `policies/acme/memberships/${file}.yaml`;
    desk.write(path, `${desk.read(path).trimEnd()}\n  - ${login}@acme.example\n`);
  };

export const leave =
  (file: string, login: string) =>
  (desk: Folder): void =>
    desk.edit(`policies/acme/memberships/${file}.yaml`, `  - ${login}@acme.example\n`, "");

export const settings =
  (from: string, to: string) =>
  (desk: Folder): void =>
    desk.edit("policies/rolebook.yaml", from, to);

export const both =
  (...edits: readonly ((desk: Folder) => void)[]) =>
  (desk: Folder): void => {
    for (const edit of edits) edit(desk);
  };
