// Looks at how the repository is guarded on GitHub: branch rules, environments, Actions, names of secrets, collaborators. Every
// question may be refused, and is then answered by "not known" and the permission it takes. It asks only, and reads no secret.
import { HostError } from "../model/host.ts";
import type { ActionsFacts, EnvironmentFacts, HostFacts, Looked } from "../model/host-facts.ts";
import type { HostOptions } from "./host.ts";
import { type Connect, type Connection, openConnection } from "./host-connection.ts";
import { branchRulesOf, protectionOf } from "./host-rules.ts";

const PAGE = { per_page: 100 } as const;

/** Looks at everything at once. Throws `HostError` only when the repository itself cannot be seen. */
export async function inspectHost(options: HostOptions, branches: readonly string[]): Promise<HostFacts> {
  const connect = openConnection(options);
  const scopes = await connect("reading the repository", async ({ octokit, place }) => {
    const { headers } = await octokit.rest.repos.get(place);
    return headers["x-oauth-scopes"]?.split(",").map((scope) => scope.trim());
  });
  const [environments, secrets, actions, pinning, writers, codeowners, ...rules] = await Promise.all([
    look(connect, "Actions: read", readEnvironments),
    look(connect, "Secrets: read", readSecrets),
    look(connect, "Administration: read", readActions),
    look(connect, "Administration: read", readPinning),
    look(connect, "Metadata: read, and to be a collaborator", readWriters),
    look(connect, "Contents: read", readCodeowners),
    ...branches.map((branch) =>
      Promise.all([
        look(connect, "Administration: read", async (to) => [await protectionOf(to, branch)].flat()),
        look(connect, "Metadata: read", (to) => branchRulesOf(to, branch)),
      ]),
    ),
  ]);
  return {
    scopes,
    branches: new Map(branches.map((branch, index) => [branch, rules[index] ?? []])),
    environments,
    secrets,
    actions,
    pinning,
    writers,
    codeowners,
  };
}

/** The answer, or why there is none. A 404 may hide what the token may not see, so it is never "nothing". */
async function look<T>(connect: Connect, needs: string, ask: (to: Connection) => Promise<T>): Promise<Looked<T>> {
  try {
    return { known: true, value: await connect("looking", ask) };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const refused = error.status === 401 || error.status === 403 || error.status === 404;
    return { known: false, why: refused ? "the token may not look" : error.message, needs };
  }
}

async function readEnvironments({ octokit, place }: Connection): Promise<EnvironmentFacts[]> {
  const { data } = await octokit.rest.repos.getAllEnvironments({ ...place, ...PAGE });
  return Promise.all(
    (data.environments ?? []).map(async ({ name, deployment_branch_policy: policy, protection_rules: rules }) => ({
      name,
      waits: (rules ?? []).some(({ type }) => type === "required_reviewers" || type === "wait_timer"),
      branches: await branchesOf({ octokit, place }, name, policy ?? undefined),
      secrets: await namesIn({ octokit, place }, name),
    })),
  );
}

type Place = Pick<Connection, "octokit" | "place">;

async function branchesOf(
  { octokit, place }: Place,
  name: string,
  policy: { readonly protected_branches: boolean } | undefined,
): Promise<EnvironmentFacts["branches"]> {
  if (policy === undefined) return undefined;
  if (policy.protected_branches) return "protected";
  const patterns = await octokit.paginate(octokit.rest.repos.listDeploymentBranchPolicies, {
    ...place,
    ...PAGE,
    environment_name: name,
  });
  return patterns.map(({ name: pattern, type }) => (type === "tag" ? `tag ${pattern}` : (pattern ?? "")));
}

async function namesIn({ octokit, place }: Place, name: string): Promise<Looked<readonly string[]>> {
  try {
    const asked = { ...place, ...PAGE, environment_name: name };
    const secrets = await octokit.paginate(octokit.rest.actions.listEnvironmentSecrets, asked);
    return { known: true, value: secrets.map((secret) => secret.name) };
  } catch {
    return { known: false, why: "the token may not look", needs: "Environments: read" };
  }
}

async function readSecrets({ octokit, place }: Connection): Promise<string[]> {
  const asked = { ...place, ...PAGE };
  const [own, organization] = await Promise.all([
    octokit.paginate(octokit.rest.actions.listRepoSecrets, asked),
    octokit.paginate(octokit.rest.actions.listRepoOrganizationSecrets, asked),
  ]);
  return [...own, ...organization].map(({ name }) => name);
}

async function readActions({ octokit, place }: Connection): Promise<ActionsFacts> {
  const { data } = await octokit.rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(place);
  return {
    tokenWrites: data.default_workflow_permissions === "write",
    mayOpenPulls: data.can_approve_pull_request_reviews,
  };
}

async function readPinning({ octokit, place }: Connection): Promise<boolean | undefined> {
  const { data } = await octokit.rest.actions.getGithubActionsPermissionsRepository(place);
  return data.sha_pinning_required;
}

async function readWriters({ octokit, place }: Connection): Promise<string[]> {
  const found = await octokit.paginate(octokit.rest.repos.listCollaborators, { ...place, ...PAGE, permission: "push" });
  return found.map(({ login }) => login.toLowerCase());
}

async function readCodeowners({ octokit, place }: Connection): Promise<string[] | null> {
  try {
    const { data } = await octokit.rest.repos.codeownersErrors(place);
    return data.errors.map(({ path, line, kind }) => `${path}:${line}: ${kind}`);
  } catch (error) {
    if (error instanceof Error && "status" in error && error.status === 404) return null;
    throw error;
  }
}
