// The rules of one branch on GitHub, from both places that they can be written in, in one shape. What an answer leaves out counts as
// not required; who may go around the rules counts as not known.
import type { BranchRules } from "../model/host-facts.ts";
import type { Connection } from "./host-connection.ts";

/** What is asked of nobody: the start of every source. */
const NOTHING: Omit<BranchRules, "source"> = {
  pullRequests: false,
  reviews: 0,
  dismissesStale: false,
  lastPushApproval: false,
  codeOwners: false,
  checks: [],
  noForcePush: false,
  noDeletion: false,
  closed: false,
  bypass: undefined,
};

/** The classic protection; null when there is none. */
export async function protectionOf({ octokit, place }: Connection, branch: string): Promise<BranchRules | []> {
  try {
    const { data } = await octokit.rest.repos.getBranchProtection({ ...place, branch });
    const reviews = data.required_pull_request_reviews;
    const checks = data.required_status_checks?.checks ?? [];
    const allowances = reviews?.bypass_pull_request_allowances;
    return {
      source: "branch protection",
      pullRequests: reviews !== undefined,
      reviews: reviews?.required_approving_review_count ?? 0,
      dismissesStale: reviews?.dismiss_stale_reviews ?? false,
      lastPushApproval: reviews?.require_last_push_approval ?? false,
      codeOwners: reviews?.require_code_owner_reviews ?? false,
      checks: checks.map(({ context, app_id: app }) => ({ name: context, bound: (app ?? -1) > 0 })),
      noForcePush: data.allow_force_pushes?.enabled !== true,
      noDeletion: data.allow_deletions?.enabled !== true,
      closed: data.lock_branch?.enabled === true,
      bypass: [
        ...(data.enforce_admins?.enabled === true ? [] : ["administrators"]),
        ...(allowances?.users ?? []).map(({ login }) => login),
        ...(allowances?.teams ?? []).map(({ slug }) => `team ${slug}`),
        ...(allowances?.apps ?? []).flatMap((app) => (app?.slug === undefined ? [] : [`app ${app.slug}`])),
      ],
    };
  } catch (error) {
    // Said of a branch that may be looked at; a branch that may not is only "Not Found".
    if (error instanceof Error && /^Branch not protected/.test(error.message)) return [];
    throw error;
  }
}

/** The parts of a rule that are looked at. */
interface Rule {
  readonly type: string;
  readonly ruleset_id?: number;
  readonly parameters?: unknown;
}

/** One source for each ruleset that is in force on the branch. */
export async function branchRulesOf(to: Connection, branch: string): Promise<BranchRules[]> {
  const { octokit, place } = to;
  const rules: Rule[] = await octokit.paginate(octokit.rest.repos.getBranchRules, { ...place, branch, per_page: 100 });
  const sets = [...new Set(rules.map(({ ruleset_id: id }) => id))];
  return Promise.all(
    sets.map(async (id) => {
      const source = id === undefined ? { source: "a ruleset" } : await rulesetOf(to, id);
      return rules.filter((rule) => rule.ruleset_id === id).reduce(withRule, { ...NOTHING, ...source });
    }),
  );
}

function withRule(rules: BranchRules, { type, parameters }: Rule): BranchRules {
  const given = (parameters ?? {}) as Readonly<Record<string, unknown>>;
  switch (type) {
    case "pull_request": {
      const count = given.required_approving_review_count;
      return {
        ...rules,
        pullRequests: true,
        reviews: typeof count === "number" ? count : 0,
        dismissesStale: given.dismiss_stale_reviews_on_push === true,
        lastPushApproval: given.require_last_push_approval === true,
        codeOwners: given.require_code_owner_review === true,
      };
    }
    case "required_status_checks":
      return { ...rules, checks: checksOf(given.required_status_checks) };
    case "non_fast_forward":
      return { ...rules, noForcePush: true };
    case "deletion":
      return { ...rules, noDeletion: true };
    case "update":
      return { ...rules, closed: true };
    default:
      return rules;
  }
}

function checksOf(value: unknown): BranchRules["checks"] {
  if (!Array.isArray(value)) return [];
  return value.flatMap(({ context, integration_id: app }: Readonly<Record<string, unknown>>) =>
    typeof context === "string" ? [{ name: context, bound: typeof app === "number" && app > 0 }] : [],
  );
}

/** Ids of the roles that every repository has. */
const ROLES: Readonly<Record<number, string>> = { 2: "maintainers", 4: "everybody who may write", 5: "administrators" };

async function rulesetOf({ octokit, place }: Connection, id: number): Promise<Pick<BranchRules, "source" | "bypass">> {
  try {
    const { data } = await octokit.rest.repos.getRepoRuleset({ ...place, ruleset_id: id });
    const source = `ruleset ${data.name}`;
    // Only those who may edit a ruleset are told who may go around it.
    if (data.bypass_actors === undefined) return { source, bypass: undefined };
    return {
      source,
      bypass: data.bypass_actors.map(({ actor_type: type, actor_id: actor }) => {
        if (type === "OrganizationAdmin") return "owners of the organization";
        return type === "RepositoryRole" ? (ROLES[actor ?? 0] ?? `role ${actor}`) : `${type} ${actor ?? ""}`.trim();
      }),
    };
  } catch (error) {
    if (error instanceof Error && "status" in error && (error.status === 404 || error.status === 403))
      return { source: `ruleset ${id}`, bypass: undefined };
    throw error;
  }
}
