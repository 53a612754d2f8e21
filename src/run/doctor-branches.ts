// Whether the rules of the default branch and of the ledger are those that two-person control rests on, whatever they are written
// in: classic protection, rulesets, or several of both. Judges what was looked at; asks nobody.
import type { Check } from "../model/checkup.ts";
import type { BranchRules, Looked } from "../model/host-facts.ts";
import { decided, lookingFix, undecided, type Words } from "./doctor-check.ts";
import { CHECK_NAME } from "./reviews.ts";

export type Sources = readonly Looked<readonly BranchRules[]>[];

/** Something that the default branch has to ask for. The texts follow the branch's name. */
interface Requirement {
  readonly id: string;
  readonly severity?: Check["severity"];
  readonly holds: (rules: BranchRules) => boolean;
  readonly ok: string;
  readonly gap: string;
  /** The setting, as its page calls it. */
  readonly fix: string;
}

const REQUIREMENTS: readonly Requirement[] = [
  {
    id: "reviews",
    holds: asksForReviews,
    ok: "takes changes by pull request only, with an approving review",
    gap: "takes changes that nobody else has approved",
    fix: '"Require a pull request before merging", with at least 1 approval.',
  },
  {
    id: "stale",
    holds: ({ dismissesStale }) => dismissesStale,
    ok: "dismisses approvals of what was pushed over",
    gap: "keeps approvals when something else is pushed",
    fix: '"Dismiss stale pull request approvals when new commits are pushed".',
  },
  {
    id: "push",
    holds: ({ lastPushApproval }) => lastPushApproval,
    ok: "wants the last push approved by somebody else than who pushed",
    gap: "lets a reviewer push to the pull request and approve that",
    fix: '"Require approval of the most recent reviewable push".',
  },
  {
    id: "check",
    holds: ({ checks }) => checks.some(({ name }) => name === CHECK_NAME),
    ok: `merges only with the check ${CHECK_NAME}`,
    gap: `merges without the check ${CHECK_NAME}`,
    fix: `"Require status checks to pass", with ${CHECK_NAME}.`,
  },
  {
    id: "app",
    holds: ({ checks }) => checks.some(({ name, bound }) => name === CHECK_NAME && bound),
    ok: `takes the check ${CHECK_NAME} from one app alone`,
    gap: `takes the check ${CHECK_NAME} from anybody who may write statuses`,
    fix: `choose the app beside the check ${CHECK_NAME}, not "any source".`,
  },
  {
    id: "force",
    holds: ({ noForcePush }) => noForcePush,
    ok: "cannot be force-pushed",
    gap: "can be force-pushed",
    fix: '"Block force pushes".',
  },
  {
    id: "deletion",
    holds: ({ noDeletion }) => noDeletion,
    ok: "cannot be deleted",
    gap: "can be deleted",
    fix: '"Restrict deletions".',
  },
  {
    id: "owners",
    severity: "warning",
    holds: ({ codeOwners }) => codeOwners,
    ok: "wants a review by code owners",
    gap: "does not ask code owners for a review",
    fix: '"Require review from Code Owners"; `rolebook codeowners` writes the file.',
  },
];

function asksForReviews({ pullRequests, reviews }: BranchRules): boolean {
  return pullRequests && reviews > 0;
}

export function checkDefaultBranch(sources: Sources, branch: string): Check[] {
  const found = REQUIREMENTS.map(({ id, severity = "error", holds, ok, gap, fix }) =>
    required(
      sources,
      {
        id: `branch.${id}`,
        severity,
        ok: `${branch} ${ok}`,
        gap: `${branch} ${gap}`,
        fix: `Settings, Rules, a ruleset for ${branch}: ${fix}`,
      },
      holds,
    ),
  );
  return [...found, checkBypass(sources, branch)];
}

function knownOf(sources: Sources): BranchRules[] {
  return sources.flatMap((source) => (source.known ? source.value : []));
}

/** Held by any source that is known; else not known while a source is not; else a gap. */
function required(sources: Sources, words: Words, holds: (rules: BranchRules) => boolean): Check {
  if (knownOf(sources).some(holds)) return decided(true, words);
  const hidden = sources.find((source) => !source.known);
  if (hidden === undefined || hidden.known) return decided(false, words);
  return undecided(words, `${words.gap}, as far as can be seen: ${hidden.why}`, lookingFix(hidden.needs));
}

/** What nobody may go around: the rule that asks for reviews. */
function checkBypass(sources: Sources, branch: string): Check {
  const asking = knownOf(sources).filter(asksForReviews);
  const around = [...new Set(asking.flatMap(({ bypass }) => bypass ?? []))].sort();
  const words: Words = {
    id: "branch.bypass",
    ok: `Nobody may go around the rules of ${branch}`,
    gap:
      asking.length === 0
        ? `${branch} has no rule that anybody would have to go around`
        : `These may go around the rules of ${branch}: ${around.join(", ")}`,
    fix: 'Empty the bypass list of the ruleset, or with branch protection: "Do not allow bypassing the above settings".',
  };
  if (asking.some(({ bypass }) => bypass?.length === 0)) return decided(true, words);
  const hidden = asking.some(({ bypass }) => bypass === undefined) || sources.some(({ known }) => !known);
  if (!hidden) return decided(false, words);
  return undecided(
    words,
    `Who may go around the rules of ${branch} could not be looked at`,
    lookingFix("Administration: write"),
  );
}

export function checkLedgerBranch(sources: Sources, branch: string): Check[] {
  const at = `Settings, Rules, a ruleset for ${branch}:`;
  const words = (id: string, ok: string, gap: string, fix: string): Words => ({
    id: `ledger.${id}`,
    ok,
    gap,
    fix: `${at} ${fix}`,
  });
  const closing = knownOf(sources).find(
    ({ pullRequests, closed, checks }) => pullRequests || closed || checks.length > 0,
  );
  return [
    required(
      sources,
      words(
        "force",
        `${branch} cannot be force-pushed`,
        `${branch} can be force-pushed, and with that the record rewritten`,
        '"Block force pushes".',
      ),
      ({ noForcePush }) => noForcePush,
    ),
    required(
      sources,
      words(
        "deletion",
        `${branch} cannot be deleted`,
        `${branch} can be deleted, and the record with it`,
        '"Restrict deletions".',
      ),
      ({ noDeletion }) => noDeletion,
    ),
    decided(closing === undefined, {
      ...words(
        "open",
        `Rolebook can push to ${branch}`,
        `Rolebook cannot push to ${branch}: ${closing?.source} asks for more than that`,
        "only these two rules; leave the ledger out of the others.",
      ),
      severity: "warning",
    }),
  ];
}
