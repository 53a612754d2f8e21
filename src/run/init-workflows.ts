// The workflows of a policy repository, as `init` writes them and as this repository has them: one text for both. They are only
// text here; what they do is each command's. Refuses to name an action by anything but a whole commit id.
import type { Settings } from "../model/settings.ts";
import { NO_VARIABLE } from "../policy/variables.ts";
import { reviewWorkflow } from "./init-workflow-review.ts";

export interface WorkflowOptions {
  /** Where the composite action comes from: a path in the same repository, or `owner/name/path@commit`. */
  readonly action: string;
  /** Environment variables with the platforms' credentials; secrets of the same names are in the environments. */
  readonly variables: readonly string[];
}

/** The GitHub environments that hold the platforms' credentials: one that may look, one that may write. */
export const PLAN_ENVIRONMENT = "rolebook-plan";
export const APPLY_ENVIRONMENT = "rolebook-apply";

/** The repository variable without which no workflow does anything, and what it has to say. */
export const SWITCH = { variable: "ROLEBOOK", value: "on" } as const;

const CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";
const UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";
const ON = `vars.${SWITCH.variable} == '${SWITCH.value}'`;

/** File below `.github/workflows` -> text. */
export function workflowFiles(options: WorkflowOptions): Readonly<Record<string, string>> {
  const secrets = options.variables.map((name) => `\n          ${name}: \${{ secrets.${name} }}`).join("");
  return {
    "apply.yml": applyWorkflow(options.action, secrets),
    "drift.yml": driftWorkflow(options.action, secrets),
    "plan.yml": planWorkflow(options.action, secrets),
    "review.yml": reviewWorkflow({
      action: options.action,
      secrets,
      checkout: CHECKOUT,
      upload: UPLOAD,
      environment: PLAN_ENVIRONMENT,
      on: ON,
    }),
    "reviewed.yml": reviewedWorkflow(),
  };
}

/** The variables that the settings name, in their order: what the workflows hand on to Rolebook. */
export function workflowVariables({ targets, notify }: Settings): string[] {
  const named = [
    ...targets.flatMap(({ credentials }) => Object.values(credentials)),
    ...notify.flatMap(({ url, secret }) => (secret === undefined ? [url] : [url, secret])),
  ];
  return [...new Set(named)].filter((name) => name !== NO_VARIABLE);
}

/** The action in another repository, at a commit; undefined when it is not `owner/name@commit` with a whole commit id. */
export function remoteAction(text: string): string | undefined {
  const [, repository, commit] = /^([\w-][\w.-]*\/[\w.-]+)@([0-9a-f]{40})$/.exec(text) ?? [];
  return repository === undefined || commit === undefined
    ? undefined
    : `${repository}/.github/actions/rolebook@${commit}`;
}

function planWorkflow(action: string, secrets: string): string {
  return `# Tells on every pull request what merging it would do to people's access, and whose approval that needs.
#
# Nothing of a pull request is ever run here, nor checked out: \`pull_request_target\` takes this file and the checkout from
# the default branch, and Rolebook reads the pull request's files out of Git as data. So pull requests from forks are planned
# as well, by the rules of the default branch.
#
# It does nothing until the repository variable ${SWITCH.variable} is "${SWITCH.value}": GitHub would make the environment by itself, open to
# every branch. First make the environments ${PLAN_ENVIRONMENT} and ${APPLY_ENVIRONMENT}, each for the default branch alone, with
# the credentials as their secrets: one that can only look, and one that can write. \`rolebook doctor\` says what is missing.
name: Plan

on:
  pull_request_target:
    types: [opened, synchronize, reopened, edited, ready_for_review]
  # After reviews, by a detour: a workflow on \`pull_request_review\` is taken from the pull request itself, which must not
  # have a credential. After each apply and look for drift, since both change what other pull requests would do. And after each
  # run of the access reviews, since what a workflow's token opens or pushes starts no workflow.
  workflow_run:
    workflows: [Reviewed, Apply, Drift, Review]
    types: [completed]
  workflow_dispatch:
    inputs:
      pull-request:
        description: The number of a pull request, or all
        default: all

permissions: {}

jobs:
  plan:
    if: >-
      ${ON} &&
      (github.event_name != 'pull_request_target' || github.event.pull_request.base.ref == github.event.repository.default_branch) &&
      (github.event_name != 'workflow_run' || github.event.workflow_run.conclusion != 'skipped')
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    environment: ${PLAN_ENVIRONMENT}
    concurrency:
      group: rolebook-plan-\${{ github.event.pull_request.number || 'all' }}
      # What was shown of an older commit of the same pull request is of no use to anybody.
      cancel-in-progress: \${{ github.event_name == 'pull_request_target' }}
    permissions:
      contents: read # the policies, the commits of pull requests, the applied refs, the ledger
      checks: write # the check run \`rolebook\`
      pull-requests: write # the comment; reviews of something else than what is there now are dismissed
    steps:
      - uses: ${CHECKOUT}
        with:
          # Never a ref of the event: what runs here is what was merged.
          ref: \${{ github.event.repository.default_branch }}
          # Rolebook hands Git the token by itself; it is never on disk.
          persist-credentials: false
      - uses: ${action}
      - name: Plan
        env:
          GITHUB_TOKEN: \${{ github.token }}
          PULL_REQUEST: \${{ github.event.pull_request.number || inputs.pull-request || 'all' }}${secrets}
        run: |
          code=0
          rolebook plan --pull-request="$PULL_REQUEST" --format=markdown --output="$RUNNER_TEMP/plan.md" || code=$?
          # 2: approvals are missing. The check on the pull request says so; this run has done its work.
          [ "$code" -eq 2 ] || exit "$code"
      - name: Keep the whole plan
        if: \${{ !cancelled() }}
        uses: ${UPLOAD}
        with:
          name: plan
          path: \${{ runner.temp }}/plan.md
          if-no-files-found: ignore
          retention-days: 30
`;
}

function reviewedWorkflow(): string {
  return `# Says that there was a review of a pull request, and nothing else: Plan, Apply and Review listen for its end.
#
# GitHub takes a workflow on \`pull_request_review\` from the pull request, so its author could change what it does. Therefore it
# has no permission, no secret and no environment; and those who listen believe nothing it says.
name: Reviewed
# Apply goes by this, only to spare itself useless runs.
run-name: Review of \${{ github.event.pull_request.merged_at && 'a merged' || 'an open' }} pull request

on:
  pull_request_review:
    types: [submitted, edited, dismissed]

permissions: {}

jobs:
  reviewed:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {}
    concurrency:
      group: rolebook-reviewed-\${{ github.event.pull_request.number }}
      cancel-in-progress: true
    steps:
      - run: echo "There was a review; those who listen read it themselves."
`;
}

function applyWorkflow(action: string, secrets: string): string {
  return `# Applies what was merged, merge by merge: of each what the reviews of its pull request approve. Holds the rest, and says so.
#
# The only workflow with the credential that can write to the platform, and it runs for the default branch alone: keep the
# environment ${APPLY_ENVIRONMENT} to that branch. It needs no required reviewers: an environment asks for one of them, whoever
# that is, while Rolebook reads the reviews itself and counts owners.
name: Apply

on:
  push:
    paths: ["policies/**"]
  # Approvals that come after the merge.
  workflow_run:
    workflows: [Reviewed]
    types: [completed]
  # Access that ends is taken away; what failed, or waited for an approval or for the end of a freeze, is tried again.
  schedule:
    - cron: "17,47 * * * *"
  workflow_dispatch:
    inputs:
      break-glass:
        description: In an emergency, why to apply without approval (for those whom the settings name under breakGlass)
        default: ""
      target:
        description: Only this target
        default: ""

permissions: {}

jobs:
  apply:
    if: >-
      ${ON} &&
      (github.event_name == 'schedule' || github.ref == format('refs/heads/{0}', github.event.repository.default_branch)) &&
      (github.event_name != 'workflow_run' || github.event.workflow_run.display_title == 'Review of a merged pull request')
    runs-on: ubuntu-24.04
    timeout-minutes: 120
    environment: ${APPLY_ENVIRONMENT}
    # One apply at a time, and none is ever cut off; of those that wait GitHub keeps the last, which does the work of all. An
    # emergency neither waits nor is replaced: two applies at once are safe, since every step of theirs is won by one.
    concurrency:
      group: rolebook-apply\${{ inputs.break-glass && '-break-glass' || '' }}
      cancel-in-progress: false
    permissions:
      contents: write # pushes the applied refs and the ledger; never the default branch
      checks: write # a check on the merged commit that shows what is held, so that a review can be of it
      issues: write # one issue for each target with something held, and one for each emergency
      pull-requests: write # a comment where something of the pull request is held
    steps:
      - uses: ${CHECKOUT}
        with:
          fetch-depth: 0 # what was merged since the last apply is read commit by commit
          # An emergency pushes by Git's own means. Only merged code runs in this job, and no package's own scripts.
          persist-credentials: true
      - uses: ${action}
      - name: Apply
        env:
          GITHUB_TOKEN: \${{ github.token }}
          BREAK_GLASS: \${{ inputs.break-glass }}
          TARGET: \${{ inputs.target }}
          GIT_AUTHOR_NAME: github-actions[bot]
          GIT_AUTHOR_EMAIL: 41898282+github-actions[bot]@users.noreply.github.com${secrets}
        run: |
          only=()
          if [ -n "$TARGET" ]; then only=("--target=$TARGET"); fi
          code=0
          if [ -z "$BREAK_GLASS" ]; then
            rolebook apply --merged "\${only[@]}" || code=$?
          elif [ "$GITHUB_RUN_ATTEMPT" -gt 1 ]; then
            # Who runs it again need not be who ran it first, and would do it under that name.
            echo "::error::An emergency is not run again: start the workflow anew, with the reason."
            exit 1
          else
            rolebook apply --break-glass="$BREAK_GLASS" "\${only[@]}" || code=$?
          fi
          # 2: something is held. The pull request and an issue say what and why; this run has done its work.
          [ "$code" -eq 2 ] || exit "$code"
`;
}

function driftWorkflow(action: string, secrets: string): string {
  return `# Looks for what changed on the platform behind Git's back, and keeps one pull request for each target that adopts or undoes it.
#
# It looks with the reading credential. What this workflow's token opens starts no workflow, so Plan listens for the end of
# this one, and puts the check \`rolebook\` on the pull request. Other required checks do not run on it by themselves: closing and
# opening it again by hand starts them. "Allow GitHub Actions to create and approve pull requests" must be on in the settings of
# the repository; such an approval counts for nothing with Rolebook, since it is by nobody whom the settings name.
name: Drift

on:
  schedule:
    - cron: "7 * * * *"
  workflow_dispatch:

permissions: {}

jobs:
  drift:
    if: >-
      ${ON} &&
      (github.event_name == 'schedule' || github.ref == format('refs/heads/{0}', github.event.repository.default_branch))
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    environment: ${PLAN_ENVIRONMENT}
    concurrency:
      group: rolebook-drift
      cancel-in-progress: false
    permissions:
      contents: write # pushes the branches rolebook/drift/*, and to the ledger what was told to whom
      issues: write # drift that gives somebody more opens an issue at once
      pull-requests: write # opens, updates and closes the pull requests
    steps:
      - uses: ${CHECKOUT}
        with:
          # Rolebook hands Git the token by itself; it is never on disk.
          persist-credentials: false
      - uses: ${action}
      - name: Look for drift
        env:
          GITHUB_TOKEN: \${{ github.token }}
          GIT_AUTHOR_NAME: github-actions[bot]
          GIT_AUTHOR_EMAIL: 41898282+github-actions[bot]@users.noreply.github.com${secrets}
        run: |
          code=0
          rolebook drift --propose || code=$?
          # 2: there is drift. The pull request says what; this run has done its work.
          [ "$code" -eq 2 ] || exit "$code"
`;
}
