// What the fake says of a repository's settings: branch rules, environments, Actions, secrets' names, collaborators. Only read;
// tests set them.
import { Refusal } from "./acts.ts";
import type { Answer, Call, Route } from "./routes.ts";
import { userShape } from "./shapes.ts";

const REPO = "/repos/{owner}/{repo}";

function read(needs: readonly string[], handle: (call: Call) => Answer): Route {
  return { needs, access: "read", by: "token", handle };
}

const STAMP = "2020-01-01T00:00:00Z";

function found<T>(value: T | undefined, message = "Not Found"): T {
  if (value === undefined) throw new Refusal(404, message);
  return value;
}

const named = (list: readonly object[], key: string, value: string | undefined) =>
  list.find((one) => String((one as Record<string, unknown>)[key]) === value);

const secrets = (names: readonly string[]): Answer => ({
  list: names.map((name) => ({ name, created_at: STAMP, updated_at: STAMP })),
  of: "secrets",
});

export const SETTINGS_ROUTES: Readonly<Record<string, Route>> = {
  [`GET ${REPO}/branches/{branch}`]: read(["contents"], getBranch),
  [`GET ${REPO}/branches/{branch}/protection`]: read(["administration"], ({ repository, params }) => ({
    body: found(repository.settings.protection[params.branch ?? ""], "Branch not protected"),
  })),
  [`GET ${REPO}/rules/branches/{branch}`]: read(["metadata", "contents"], ({ repository, params }) => ({
    list: repository.settings.rules[params.branch ?? ""] ?? [],
  })),
  [`GET ${REPO}/rulesets`]: read(["metadata", "contents"], ({ repository }) => ({
    list: repository.settings.rulesets,
  })),
  [`GET ${REPO}/rulesets/{ruleset_id}`]: read(["metadata", "contents"], ({ repository, params }) => ({
    body: found(named(repository.settings.rulesets, "id", params.ruleset_id)),
  })),
  [`GET ${REPO}/environments`]: read(["actions", "contents"], ({ repository }) => ({
    list: repository.settings.environments,
    of: "environments",
  })),
  [`GET ${REPO}/environments/{environment_name}`]: read(["actions", "contents"], ({ repository, params }) => ({
    body: found(named(repository.settings.environments, "name", params.environment_name)),
  })),
  [`GET ${REPO}/environments/{environment_name}/deployment-branch-policies`]: read(
    ["actions", "contents"],
    ({ repository, params }) => ({
      list: repository.settings.branchPolicies[params.environment_name ?? ""] ?? [],
      of: "branch_policies",
    }),
  ),
  [`GET ${REPO}/environments/{environment_name}/secrets`]: read(["environments"], ({ repository, params }) =>
    secrets(repository.settings.environmentSecrets[params.environment_name ?? ""] ?? []),
  ),
  [`GET ${REPO}/actions/permissions`]: read(["administration"], ({ repository }) => ({
    body: repository.settings.actions,
  })),
  [`GET ${REPO}/actions/permissions/workflow`]: read(["administration"], ({ repository }) => ({
    body: repository.settings.workflow,
  })),
  [`GET ${REPO}/actions/permissions/selected-actions`]: read(["administration"], ({ repository }) => ({
    body: repository.settings.selectedActions,
  })),
  [`GET ${REPO}/actions/secrets`]: read(["secrets"], ({ repository }) => secrets(repository.settings.secrets)),
  [`GET ${REPO}/actions/organization-secrets`]: read(["secrets"], ({ repository }) =>
    secrets(repository.settings.organizationSecrets),
  ),
  [`GET ${REPO}/collaborators`]: read(["metadata"], listCollaborators),
  [`GET ${REPO}/collaborators/{username}/permission`]: read(["metadata"], getPermission),
  [`GET ${REPO}/codeowners/errors`]: read(["contents"], ({ repository }) => ({
    body: { errors: repository.settings.codeownersErrors },
  })),
  [`GET ${REPO}/contents/{path}`]: read(["contents"], getContent),
};

function getBranch({ state, repository, params }: Call): Answer {
  const branch = params.branch ?? "";
  const tip = found(repository.bare.tip(branch) ?? undefined, "Branch not found");
  const url = `${state.url}/repos/${repository.owner}/${repository.name}`;
  const isProtected = branch in repository.settings.protection || branch in repository.settings.rules;
  const facts = found(repository.bare.commit(tip));
  const commit = {
    sha: tip,
    node_id: "C",
    url: `${url}/commits/${tip}`,
    html_url: `${url}/commit/${tip}`,
    comments_url: `${url}/commits/${tip}/comments`,
    commit: {
      url: `${url}/git/commits/${tip}`,
      author: facts.author,
      committer: facts.committer,
      message: facts.message,
      tree: { sha: facts.tree, url: `${url}/git/trees/${facts.tree}` },
      comment_count: 0,
    },
    author: null,
    committer: null,
    parents: facts.parents.map((sha) => ({ sha, url: `${url}/commits/${sha}` })),
  };
  return {
    body: {
      name: branch,
      commit,
      _links: { html: `${url}/tree/${branch}`, self: `${url}/branches/${branch}` },
      protected: isProtected,
      protection: {},
      protection_url: `${url}/branches/${branch}/protection`,
    },
  };
}

const RIGHTS = {
  admin: { pull: true, triage: true, push: true, maintain: true, admin: true },
  maintain: { pull: true, triage: true, push: true, maintain: true, admin: false },
  write: { pull: true, triage: true, push: true, maintain: false, admin: false },
  triage: { pull: true, triage: true, push: false, maintain: false, admin: false },
  read: { pull: true, triage: false, push: false, maintain: false, admin: false },
} as const;
const LEGACY = { admin: "admin", maintain: "write", write: "write", triage: "read", read: "read" } as const;

function listCollaborators({ state, repository, query }: Call): Answer {
  const wanted = query.get("permission");
  const rows = Object.entries(repository.settings.collaborators).filter(
    ([, role]) => wanted === null || RIGHTS[role][wanted as keyof (typeof RIGHTS)["admin"]],
  );
  return {
    list: rows.map(([login, role]) => ({ ...userShape(state, login), permissions: RIGHTS[role], role_name: role })),
  };
}

function getPermission({ state, repository, params }: Call): Answer {
  const login = Object.keys(repository.settings.collaborators).find(
    (one) => one.toLowerCase() === params.username?.toLowerCase(),
  );
  const role = login === undefined ? undefined : repository.settings.collaborators[login];
  if (login === undefined || role === undefined) {
    const user = userShape(state, found(state.accounts.get(params.username?.toLowerCase() ?? "")).login);
    return {
      body: { permission: repository.private ? "none" : "read", role_name: repository.private ? "" : "read", user },
    };
  }
  const user = { ...userShape(state, login), permissions: RIGHTS[role], role_name: role };
  return { body: { permission: LEGACY[role], role_name: role, user } };
}

function getContent({ state, repository, params, query }: Call): Answer {
  const path = params.path ?? "";
  const ref = query.get("ref") ?? repository.defaultBranch;
  const blob = (() => {
    try {
      return repository.bare.git("rev-parse", "-q", "--verify", `${ref}:${path}`).trim();
    } catch {
      return undefined;
    }
  })();
  const sha = found(blob);
  const content = repository.bare.git("cat-file", "blob", sha);
  const url = `${state.url}/repos/${repository.owner}/${repository.name}`;
  const self = `${url}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  return {
    body: {
      type: "file",
      encoding: "base64",
      size: Buffer.byteLength(content),
      name: path.split("/").at(-1),
      path,
      content: Buffer.from(content).toString("base64"),
      sha,
      url: self,
      git_url: `${url}/git/blobs/${sha}`,
      html_url: `${url}/blob/${ref}/${path}`,
      download_url: `${url}/raw/${ref}/${path}`,
      _links: { self, git: `${url}/git/blobs/${sha}`, html: `${url}/blob/${ref}/${path}` },
    },
  };
}
