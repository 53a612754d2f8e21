// What of the repository on the Git host two-person control rests on: rules of the default branch and of the ledger, environments,
// Actions, secrets. Judges what was looked at; asks nobody.
import type { Check } from "../model/checkup.ts";
import type { EnvironmentFacts, HostFacts } from "../model/host-facts.ts";
import { checkDefaultBranch, checkLedgerBranch } from "./doctor-branches.ts";
import { decided, judged, type Words } from "./doctor-check.ts";
import { APPLY_ENVIRONMENT, PLAN_ENVIRONMENT } from "./init-workflows.ts";

export interface HostQuestions {
  readonly defaultBranch: string;
  readonly ledgerBranch: string;
  /** Names of the secrets that hold platforms' credentials. */
  readonly credentials: readonly string[];
}

export function checkHost(facts: HostFacts, questions: HostQuestions): Check[] {
  return [
    ...checkDefaultBranch(facts.branches.get(questions.defaultBranch) ?? [], questions.defaultBranch),
    ...checkLedgerBranch(facts.branches.get(questions.ledgerBranch) ?? [], questions.ledgerBranch),
    ...checkEnvironments(facts.environments, questions),
    checkSecrets(facts.secrets, questions.credentials),
    ...checkActions(facts),
    ...checkCodeowners(facts),
    ...checkScopes(facts),
  ];
}

function checkEnvironments(environments: HostFacts["environments"], questions: HostQuestions): Check[] {
  return [PLAN_ENVIRONMENT, APPLY_ENVIRONMENT].flatMap((name) => {
    const id = `environment.${name === PLAN_ENVIRONMENT ? "plan" : "apply"}`;
    const found = environments.known ? environments.value.find((one) => one.name === name) : undefined;
    const branches = checkBranches(environments, found, name, id, questions.defaultBranch);
    if (found === undefined) return [branches];
    const waits = decided(!found.waits, {
      id: `${id}.waits`,
      severity: "warning",
      ok: `Nothing holds the jobs of ${name} back`,
      gap: `Every job of ${name} waits for a reviewer or a timer, also those that run by the clock`,
      fix: `Take the protection rules of ${name} away: it is Rolebook that reads the reviews, and counts owners.`,
    });
    return [branches, waits, checkHeld(found, id, questions.credentials)];
  });
}

function checkBranches(
  environments: HostFacts["environments"],
  found: EnvironmentFacts | undefined,
  name: string,
  id: string,
  branch: string,
): Check {
  const words: Words = {
    id,
    ok: `The environment ${name} is for ${branch} alone`,
    gap: found
      ? `Workflows on ${describeBranches(found)} get the secrets of the environment ${name}`
      : `There is no environment ${name}: a workflow would make one for every branch`,
    fix: `Settings, Environments, ${name}: "Selected branches and tags", with ${branch} alone.`,
  };
  const alone = Array.isArray(found?.branches) && found.branches.length === 1 && found.branches[0] === branch;
  return judged(environments, "The environments", words, () => alone);
}

function checkHeld({ name, secrets }: EnvironmentFacts, id: string, credentials: readonly string[]): Check {
  const there = secrets.known ? secrets.value : [];
  const missing = credentials.filter((secret) => !there.includes(secret));
  const words: Words = {
    id: `${id}.secrets`,
    severity: "warning",
    ok: `The environment ${name} has every credential that the settings name`,
    gap: `The environment ${name} lacks ${missing.join(", ")}`,
    fix: `gh secret set ${missing[0] ?? "NAME"} --env ${name}, and so on.`,
  };
  return judged(secrets, `The secrets of ${name}`, words, () => missing.length === 0);
}

function describeBranches({ branches }: EnvironmentFacts): string {
  if (branches === undefined) return "every branch";
  return branches === "protected" ? "every protected branch" : branches.join(", ") || "no branch";
}

function checkSecrets(secrets: HostFacts["secrets"], credentials: readonly string[]): Check {
  const open = secrets.known ? secrets.value.filter((name) => credentials.includes(name)) : [];
  return judged(
    secrets,
    "The repository's secrets",
    {
      id: "secrets.open",
      ok: "No credential of a platform is a secret of the repository or the organization",
      gap: `${open.join(" and ")} can be read by every workflow of every branch`,
      fix: `Move them into the environments: gh secret delete ${open[0] ?? "NAME"}, then gh secret set ${open[0] ?? "NAME"} --env ${APPLY_ENVIRONMENT}.`,
    },
    () => open.length === 0,
  );
}

function checkActions({ actions, pinning }: HostFacts): Check[] {
  const at = "Settings, Actions, General:";
  return [
    judged(
      actions,
      "The permissions of workflows",
      {
        id: "actions.token",
        ok: "The token of a workflow reads only, unless the workflow says otherwise",
        gap: "The token of every workflow may write, also of one that does not ask for it",
        fix: `${at} "Read repository contents and packages permissions".`,
      },
      ({ tokenWrites }) => !tokenWrites,
    ),
    judged(
      actions,
      "The permissions of workflows",
      {
        id: "actions.pulls",
        severity: "warning",
        ok: "Workflows may open pull requests, as drift needs; an approval by one is by nobody whom the settings name",
        gap: "Workflows may not open pull requests, so that drift cannot become one",
        fix: `${at} "Allow GitHub Actions to create and approve pull requests", or use a GitHub App.`,
      },
      ({ mayOpenPulls }) => mayOpenPulls,
    ),
    judged(
      pinning,
      "The rules for actions",
      {
        id: "actions.pinned",
        severity: "warning",
        ok: "Only actions that are pinned by a whole commit id may run",
        gap: "Actions may run that are named by a tag, which can be moved",
        fix: `${at} "Require actions to be pinned to a full-length commit SHA".`,
      },
      (required) => required === true,
    ),
  ];
}

function checkCodeowners({ codeowners }: HostFacts): Check[] {
  const errors = codeowners.known ? (codeowners.value ?? []) : [];
  return [
    judged(
      codeowners,
      "CODEOWNERS",
      {
        id: "codeowners",
        severity: "warning",
        ok: "CODEOWNERS is there, and GitHub understands it",
        gap:
          errors.length === 0
            ? "There is no CODEOWNERS"
            : `GitHub does not understand CODEOWNERS: ${errors.slice(0, 3).join("; ")}`,
        fix: "rolebook codeowners, then commit.",
      },
      (found) => found !== null && found.length === 0,
    ),
  ];
}

/** Classic scopes are of everything that a person may do, everywhere. */
function checkScopes({ scopes }: HostFacts): Check[] {
  const wide = scopes?.filter((scope) => /^(?:repo|workflow|admin:.*|delete_repo|write:.*)$/.test(scope)) ?? [];
  if (scopes === undefined) return [];
  return [
    decided(wide.length === 0, {
      id: "token.scopes",
      severity: "warning",
      ok: "The token of GITHUB_TOKEN can do little",
      gap: `The token of GITHUB_TOKEN is a classic one and good for much more than this repository: ${wide.join(", ")}`,
      fix: "Fine for looking by hand; for a controller, use a GitHub App or a fine-grained token of this repository alone.",
    }),
  ];
}
