// What the repository says now: the settings at the tip of its default branch, how far each target is, the latest receipts.
// Reads and remembers by object id, so that nothing is read twice that cannot have changed.
import { runGit } from "../git/command.ts";
import { LEDGER_REF, openLedger } from "../git/ledger.ts";
import type { Repository } from "../git/repository.ts";
import { compareText } from "../model/finding.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Settings } from "../model/settings.ts";
import type { ReceiptStatus } from "../model/status.ts";
import { policyFolder } from "../run/at-commit.ts";
import { openParseCaches } from "../run/cache.ts";
import type { CommonOptions, Context } from "../run/context.ts";
import { loadSettings, sourceOfCommit } from "../run/load.ts";
import { loadTools } from "../run/workspace.ts";
import type { Clone, RemoteRefs } from "./clone.ts";

export interface Sight {
  readonly refs: RemoteRefs;
  /** Undefined when they cannot be read; then `problem` says why. */
  readonly settings: Settings | undefined;
  readonly problem: string | undefined;
  /** Target -> commits of the default branch since the applied one. */
  readonly behind: ReadonlyMap<string, number>;
  /** The ledger's folder of campaigns, and the definitions at the tip, as object ids; null where there are none. */
  readonly reviews: { readonly ledger: string | null; readonly definitions: string | null };
  /** Latest first. */
  readonly receipts: readonly ReceiptStatus[];
}

/** Receipts that are shown: what fits a screen or two. */
const MOST_RECEIPTS = 12;

/** Looks, and looks again more cheaply at what has not moved since the last time. */
export type Watch = (context: Context, clone: Clone, options: CommonOptions) => Promise<Sight>;

export function openWatch(): Watch {
  let last: Sight | undefined;
  return async (context, { repository, refs }, options) => {
    const before = last;
    const same = before !== undefined && before.refs.tip === refs.tip;
    const read = same && before ? before : await readSettingsAt(context, repository, refs.tip, options);
    const ledger = before !== undefined && before.refs.ledger === refs.ledger;
    if (!ledger && refs.ledger !== null) await repository.fetchRefs("origin", [LEDGER_REF]);
    const { settings, problem } = read;
    const behind = new Map<string, number>();
    for (const { name } of settings?.targets ?? []) {
      const applied = refs.applied.get(name);
      const known = same && before?.refs.applied.get(name) === applied ? before?.behind.get(name) : undefined;
      const count = known ?? (applied === undefined ? undefined : await countSince(repository, applied, refs.tip));
      if (count !== undefined) behind.set(name, count);
    }
    const targets = (settings?.targets ?? []).map(({ name }) => name);
    const receipts = ledger && same && before ? before.receipts : await latestReceipts(repository, refs, targets);
    const reviews = {
      definitions:
        same && before ? before.reviews.definitions : await definitionsAt(context, repository, refs, options),
      ledger: ledger && before ? before.reviews.ledger : await objectAt(repository, refs.ledger, CAMPAIGNS_FOLDER),
    };
    last = { refs, settings, problem, behind, reviews, receipts };
    return last;
  };
}

async function readSettingsAt(context: Context, repository: Repository, tip: string, options: CommonOptions) {
  const folder = policyFolder(context, repository, options.policies);
  const source = await sourceOfCommit(repository, tip, folder, options.policies);
  const { settings, findings } = await loadSettings(
    source,
    loadTools(openParseCaches(undefined, undefined), options.target),
  );
  const error = findings.find(({ severity }) => severity === "error");
  const problem = settings ? undefined : (error?.message ?? "The settings cannot be read");
  return { settings, problem };
}

/** Where the ledger has what began and what became of it. */
const CAMPAIGNS_FOLDER = "reviews";

async function definitionsAt(
  context: Context,
  repository: Repository,
  { tip }: RemoteRefs,
  { policies }: CommonOptions,
) {
  const folder = policyFolder(context, repository, policies);
  return objectAt(repository, tip, folder === "" ? CAMPAIGNS_FOLDER : `${folder}/${CAMPAIGNS_FOLDER}`);
}

/** The id of what a commit has at a path; null where it has nothing there. */
async function objectAt(repository: Repository, commit: string | null, path: string): Promise<string | null> {
  if (commit === null) return null;
  const answer = await runGit(repository.root, ["rev-parse", "--verify", "--quiet", `${commit}:${path}`], {
    answers: [1, 128],
  });
  return answer.exitCode === 0 ? answer.stdout.trim() : null;
}

async function countSince(repository: Repository, from: string, to: string): Promise<number | undefined> {
  const args = ["rev-list", "--count", "--first-parent", `${from}..${to}`];
  const answer = await runGit(repository.root, args, { answers: [128] });
  return answer.exitCode === 0 ? Number(answer.stdout.trim()) : undefined;
}

async function latestReceipts(
  repository: Repository,
  refs: RemoteRefs,
  targets: readonly string[],
): Promise<ReceiptStatus[]> {
  if (refs.ledger === null) return [];
  const ledger = openLedger(repository);
  const paths: string[] = [];
  for (const target of targets) {
    // Folders are named after the time, so the last ones are the latest.
    const own = (await ledger.list(target)).filter((path) => /\/receipt(?:-\d+)?\.json$/.test(path));
    paths.push(...own.slice(-MOST_RECEIPTS));
  }
  const texts = [...(await ledger.readAll(paths)).values()];
  const receipts = texts.map((text) => summarize(JSON.parse(text)));
  receipts.sort((left, right) => compareText(right.endedAt, left.endedAt) || compareText(left.target, right.target));
  return receipts.slice(0, MOST_RECEIPTS);
}

function summarize({ target, endedAt, commit, approval, outcomes, converged }: Receipt): ReceiptStatus {
  const applied = outcomes.filter(({ status }) => status === "applied").length;
  const { how, by } = approval;
  return { target, endedAt, commit, how, by, applied, unapplied: outcomes.length - applied, converged };
}
