// A repository of policies whose ledger says what was applied, without a platform: each apply is taken to have made all that two
// commits differ by. For tests of what is told from Git and the ledger alone.
import { openLedger } from "../../src/git/ledger.ts";
import { recordReceipt, recordStart } from "../../src/git/records.ts";
import type { Repository } from "../../src/git/repository.ts";
import { type Entity, entityAt, type State } from "../../src/model/entity.ts";
import type { Approval, ReviewEvidence } from "../../src/model/receipt.ts";
import { viewsOfStep } from "../../src/plan/changes.ts";
import { alignRenames } from "../../src/plan/rename.ts";
import { openWorkspaceAt } from "../../src/run/at-commit.ts";
import type { Context } from "../../src/run/context.ts";
import { desiredState } from "../../src/run/desired.ts";
import { chooseTargets, driverOf } from "../../src/run/workspace.ts";
import { clone, commitFiles, git, gitAt, initRepository, open, writeFiles } from "../git/scratch.ts";

export const SETTINGS = `kind: Settings
targets:
  - name: acme
    platform: atomic
    url: http://127.0.0.1:1
    organization: acme
    environments: [dev, staging, production]
    credentials: { clientId: ACME_CLIENT_ID, clientSecret: ACME_CLIENT_SECRET }
people:
  ana: [ana@acme.example]
`;

export interface ApplyOptions {
  /** When it began; it ends half an hour later. */
  readonly at: string;
  /** Pull requests and who approved them; without any it is approved at a terminal by Ana. */
  readonly reviews?: readonly (readonly [pull: number, login: string])[];
  readonly breakGlass?: string;
  /** Keys of changes that fail. */
  readonly failing?: readonly string[];
}

export interface AppliedWorld {
  readonly folder: string;
  readonly repository: () => Promise<Repository>;
  readonly context: (sink?: string[]) => Context;
  /** Writes files (null removes one) and commits them as somebody, at an instant. Returns the commit. */
  readonly commit: (files: Readonly<Record<string, string | null>>, how: CommitOptions) => string;
  readonly git: (...args: string[]) => string;
  /** Records that HEAD was applied on top of what was applied last. */
  readonly apply: (options: ApplyOptions) => Promise<void>;
}

export interface CommitOptions {
  readonly at: string;
  readonly message?: string;
  readonly author?: string;
}

/** A fresh one, of these files at first. */
export function appliedWorld(files: Readonly<Record<string, string>>, at = "2026-01-01T08:00:00Z"): AppliedWorld {
  const folder = initRepository();
  const commit: AppliedWorld["commit"] = (changed, { at: when, message = "change", author }) => {
    for (const [path, text] of Object.entries(changed))
      if (text === null) git(folder, "rm", "-q", `policies/${path}`);
      else writeFiles(folder, { [`policies/${path}`]: text });
    git(folder, "add", "--all");
    gitAt(folder, when, "commit", "-q", "-m", message, ...(author === undefined ? [] : [`--author=${author}`]));
    return git(folder, "rev-parse", "HEAD");
  };
  commit({ "rolebook.yaml": SETTINGS, ...files }, { at, message: "begin" });
  let base: string | null = null;
  return {
    folder,
    repository: () => open(folder),
    context: (sink = []) => contextIn(folder, sink),
    commit,
    git: (...args) => git(folder, ...args),
    apply: async (options) => {
      const repository = await open(folder);
      const head = git(folder, "rev-parse", "HEAD");
      await recordApply(repository, contextIn(folder, []), base, head, options);
      base = head;
    },
  };
}

export { clone, commitFiles };

/** A context that asks nobody; what is written to either stream ends up in the sink. */
export function contextIn(cwd: string, sink: string[], now = "2026-12-01T12:00:00Z"): Context {
  const never = () => {
    throw new Error("not here");
  };
  return {
    cwd,
    environment: {},
    now: () => new Date(now),
    out: (text) => void sink.push(text),
    err: (text) => void sink.push(`stderr: ${text}`),
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: never,
    onStop: never,
    version: "0.0.0",
    build: undefined,
  };
}

async function stateAt(context: Context, repository: Repository, commit: string | null): Promise<State> {
  if (commit === null) return new Map();
  const workspace = await openWorkspaceAt(context, repository, { tree: commit, commit }, { policies: "policies" });
  const [target] = chooseTargets(workspace.policies, "acme");
  if (!target) throw new Error("no target");
  return desiredState(workspace, target, context.now()).state;
}

async function recordApply(
  repository: Repository,
  context: Context,
  base: string | null,
  commit: string,
  { at, reviews = [], breakGlass, failing = [] }: ApplyOptions,
): Promise<void> {
  const [before, after] = [await stateAt(context, repository, base), await stateAt(context, repository, commit)];
  const { platform } = driverOf({ platform: "atomic" } as Parameters<typeof driverOf>[0]);
  const { live } = alignRenames(after, before, before, platform);
  const changes = changesBetween(live, after);
  const ids = changes.map(({ id }) => id);
  const digest = commit.repeat(2).slice(0, 64);
  const evidence = reviews.map(
    ([pull, login], review): ReviewEvidence => ({ pull, review, login, member: `${login}@acme.example`, commit, at }),
  );
  const approval: Approval = {
    by: breakGlass ?? "Ana Li <ana@acme.example>",
    at,
    how: breakGlass === undefined ? (evidence.length > 0 ? "reviews" : "terminal") : "break-glass",
    digest,
    changes: ids,
    ...(evidence.length > 0 ? { evidence, by: [...new Set(evidence.map(({ member }) => member))].join(", ") } : {}),
    ...(breakGlass === undefined ? {} : { reason: "there was no time" }),
  };
  const run = { target: "acme", digest, commit, startedAt: new Date(at).toISOString(), approval };
  const ledger = openLedger(repository);
  await recordStart(ledger, { ...run, plan: { base, changes } });
  const outcomes = changes.map(({ id, key }) => ({
    change: id,
    status: failing.includes(key) ? ("failed" as const) : ("applied" as const),
  }));
  const endedAt = new Date(Date.parse(at) + 30 * 60_000).toISOString();
  const converged = failing.length === 0;
  await recordReceipt(ledger, { ...run, version: 1, base, tool: "rolebook 0.0.0", endedAt, outcomes, converged });
}

function changesBetween(before: State, after: State) {
  const { platform } = driverOf({ platform: "atomic" } as Parameters<typeof driverOf>[0]);
  const managed = new Set(platform.kinds.filter(({ role }) => role === "managed").map(({ kind }) => kind));
  const changes = [];
  for (const section of new Set([...before.keys(), ...after.keys()]))
    for (const local of new Set([...(before.get(section)?.keys() ?? []), ...(after.get(section)?.keys() ?? [])])) {
      const [was, is] = [entityAt(before, section, local), entityAt(after, section, local)];
      const { kind, name } = (is ?? was) as Entity;
      const [one, other] = viewsOfStep({ before: was, after: is });
      if (!managed.has(kind) || JSON.stringify(one) === JSON.stringify(other)) continue;
      const action = was ? (is ? "update" : "delete") : "create";
      const key = `${section}/${local}`;
      const id = Buffer.from(`${changes.length}${key}`).toString("hex").padEnd(24, "0");
      changes.push({
        id,
        action,
        kind,
        key,
        name,
        origin: "policy",
        effect: "neutral",
        before: one,
        after: other,
        blockedBy: [],
      });
    }
  return changes;
}
