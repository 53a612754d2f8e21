// The workflow of access reviews, apart from the others for its length: the daily report, and the campaigns. Only text; what it
// does is each command's. Nothing in it has, or could use, the credential that writes to a platform.

/** What all workflows share. */
export interface ReviewWorkflowParts {
  /** The composite action, the checkout and the upload, each as `uses` names it. */
  readonly action: string;
  readonly checkout: string;
  readonly upload: string;
  /** Lines of a step's environment with the platforms' credentials. */
  readonly secrets: string;
  /** The environment that holds them. */
  readonly environment: string;
  /** The condition without which nothing runs. */
  readonly on: string;
}

export function reviewWorkflow(parts: ReviewWorkflowParts): string {
  return `# Access reviews: keeps the report of who holds what as an artifact, and begins, chases and closes the campaigns of policies/reviews.
#
# It looks with the reading credential, and applies nothing: what a campaign takes away is merged and applied like any other
# change. People decide on a campaign's pull request; what they do there is looked at when it happens, and once a day in any case.
# What this workflow's token opens starts no workflow, so Plan listens for the end of this one. "Allow GitHub Actions to create and
# approve pull requests" must be on in the settings of the repository.
name: Review

on:
  # The day's report; campaigns whose day it is, and reminders to those who have not decided.
  schedule:
    - cron: "37 5 * * *"
  # Decisions that were pushed, and the merge of a campaign. Nothing of the pull request is run here, nor checked out.
  pull_request_target:
    types: [synchronize, reopened, closed]
  # Approvals of decisions; and what was applied, which may be what a campaign waits for to be closed.
  workflow_run:
    workflows: [Reviewed, Apply]
    types: [completed]
  workflow_dispatch:

permissions: {}

jobs:
${reportJob(parts)}
${campaignsJob(parts)}`;
}

function reportJob({ action, checkout, upload, secrets, environment, on }: ReviewWorkflowParts): string {
  return `  report:
    if: >-
      ${on} &&
      (github.event_name == 'schedule' ||
      (github.event_name == 'workflow_dispatch' && github.ref == format('refs/heads/{0}', github.event.repository.default_branch)))
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    environment: ${environment}
    concurrency:
      group: rolebook-review-report
      cancel-in-progress: false
    permissions:
      contents: read # the policies with their history, and the ledger
    steps:
      - uses: ${checkout}
        with:
          ref: \${{ github.event.repository.default_branch }}
          fetch-depth: 0 # who gave an access, and when, is read from the history
          # Rolebook hands Git the token by itself; it is never on disk.
          persist-credentials: false
      - uses: ${action}
      - name: Report
        env:
          GITHUB_TOKEN: \${{ github.token }}${secrets}
        run: |
          report="$RUNNER_TEMP/review/access-review"
          mkdir -p "$RUNNER_TEMP/review"
          # What could be read is reported whatever could not: that is a failure, too.
          rolebook review --output="$report.html" --output="$report.json" --output="$report.csv"
      # Whoever may read the repository may fetch it. It says more than the policies do: who was active last, and what drifts.
      - name: Keep the report
        if: \${{ !cancelled() }}
        uses: ${upload}
        with:
          name: access-review
          path: \${{ runner.temp }}/review
          if-no-files-found: ignore
          retention-days: 90
`;
}

function campaignsJob({ action, checkout, secrets, environment, on }: ReviewWorkflowParts): string {
  return `  campaigns:
    if: >-
      ${on} &&
      (github.event_name == 'schedule' || github.ref == format('refs/heads/{0}', github.event.repository.default_branch)) &&
      (github.event_name != 'workflow_run' || github.event.workflow_run.conclusion != 'skipped') &&
      (github.event_name != 'pull_request_target' ||
      (startsWith(github.event.pull_request.head.ref, 'rolebook/review/') && github.event.pull_request.head.repo.full_name == github.repository))
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    environment: ${environment}
    # Of those that wait GitHub keeps the last, which does the work of all: each looks at every campaign.
    concurrency:
      group: rolebook-review
      cancel-in-progress: false
    permissions:
      contents: write # pushes the branches rolebook/review/*, and to the ledger what began, was decided and was proved
      checks: write # the check run \`rolebook-review\`
      pull-requests: write # opens a campaign's pull requests, keeps one comment there, reminds people
    steps:
      - uses: ${checkout}
        with:
          # Never a ref of the event: what runs here is what was merged.
          ref: \${{ github.event.repository.default_branch }}
          fetch-depth: 0 # who gave an access, and when, is read from the history
          persist-credentials: false
      - uses: ${action}
      - name: Begin, chase and close campaigns
        env:
          GITHUB_TOKEN: \${{ github.token }}
          GIT_AUTHOR_NAME: github-actions[bot]
          GIT_AUTHOR_EMAIL: 41898282+github-actions[bot]@users.noreply.github.com${secrets}
        run: |
          worst=0
          # Each is tried, whatever became of the one before. 2: people are to decide, or something waits to be applied; the
          # pull request says what, and this run has done its work.
          review() {
            code=0
            rolebook review "$@" || code=$?
            if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then worst=$code; fi
          }
          case "$GITHUB_EVENT_NAME" in
            schedule | workflow_dispatch)
              review start --due
              review remind
              ;;
          esac
          review status
          review close
          exit "$worst"
`;
}
