// GitHub's own OpenAPI description of its REST API, for the tests that hold our requests and a fake GitHub's answers against
// it. It is fetched once through npm, checked against a pinned digest, cut down to what the tests need and kept in
// node_modules/.cache; it is never part of the repository. Node built-ins only.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = "@octokit/openapi@23.0.2";
const INTEGRITY = "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==";
const FILE = "package/generated/api.github.com.json";

/** What Rolebook asks and the fake serves; everything else is left out, so that reading it takes milliseconds. */
const PATHS = [
  "/user",
  "/app",
  "/app/installations/{installation_id}/access_tokens",
  "/repos/{owner}/{repo}",
  "/repos/{owner}/{repo}/installation",
  "/repos/{owner}/{repo}/pulls",
  "/repos/{owner}/{repo}/pulls/{pull_number}",
  "/repos/{owner}/{repo}/pulls/{pull_number}/files",
  "/repos/{owner}/{repo}/pulls/{pull_number}/commits",
  "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
  "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}",
  "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals",
  "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
  "/repos/{owner}/{repo}/commits/{ref}/check-runs",
  "/repos/{owner}/{repo}/check-runs",
  "/repos/{owner}/{repo}/issues",
  "/repos/{owner}/{repo}/issues/{issue_number}",
  "/repos/{owner}/{repo}/issues/{issue_number}/comments",
  "/repos/{owner}/{repo}/issues/comments/{comment_id}",
  "/repos/{owner}/{repo}/check-runs/{check_run_id}",
  "/repos/{owner}/{repo}/branches/{branch}",
  "/repos/{owner}/{repo}/branches/{branch}/protection",
  "/repos/{owner}/{repo}/rules/branches/{branch}",
  "/repos/{owner}/{repo}/rulesets",
  "/repos/{owner}/{repo}/rulesets/{ruleset_id}",
  "/repos/{owner}/{repo}/environments",
  "/repos/{owner}/{repo}/environments/{environment_name}",
  "/repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies",
  "/repos/{owner}/{repo}/environments/{environment_name}/secrets",
  "/repos/{owner}/{repo}/environments/{environment_name}/secrets/public-key",
  "/repos/{owner}/{repo}/environments/{environment_name}/secrets/{secret_name}",
  "/repos/{owner}/{repo}/actions/permissions",
  "/repos/{owner}/{repo}/actions/permissions/workflow",
  "/repos/{owner}/{repo}/actions/permissions/selected-actions",
  "/repos/{owner}/{repo}/actions/secrets",
  "/repos/{owner}/{repo}/actions/secrets/public-key",
  "/repos/{owner}/{repo}/actions/secrets/{secret_name}",
  "/repos/{owner}/{repo}/actions/organization-secrets",
  "/repos/{owner}/{repo}/collaborators",
  "/repos/{owner}/{repo}/collaborators/{username}/permission",
  "/repos/{owner}/{repo}/codeowners/errors",
  "/repos/{owner}/{repo}/contents/{path}",
];
const WEBHOOKS = [
  "pull-request-opened",
  "pull-request-reopened",
  "pull-request-closed",
  "pull-request-edited",
  "pull-request-synchronize",
  "pull-request-review-submitted",
  "pull-request-review-dismissed",
  "check-run-rerequested",
  "check-run-completed",
  "push",
];

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const CACHE = join(ROOT, "node_modules", ".cache", "rolebook");

/** The description: `paths`, `x-webhooks` and the `components` they lead to. Fetches it when it is not cached yet. */
export function readGitHubDescription() {
  return JSON.parse(readFileSync(ensureGitHubDescription(), "utf8"));
}

/** The cached file. Throws, with what to do, when it has to be fetched and cannot be. */
export function ensureGitHubDescription() {
  const stamp = createHash("sha256")
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest("hex")
    .slice(0, 16);
  const file = join(CACHE, `github-openapi-${stamp}.json`);
  if (existsSync(file)) return file;
  const text = JSON.stringify(cutDown(fetchDescription()));
  mkdirSync(CACHE, { recursive: true });
  // Two may do this at once: each writes a file of its own, and puts it in place whole.
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
  return file;
}

function fetchDescription() {
  process.stderr.write(`Fetching GitHub's OpenAPI description (${PACKAGE}), once ...\n`);
  const folder = mkdtempSync(join(tmpdir(), "rolebook-openapi-"));
  try {
    // Short pauses between tries: without a network, every file of tests that needs it would wait a minute.
    const retries = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"];
    const options = ["--json", "--loglevel=error", ...retries, "--pack-destination", folder];
    const packed = run("npm", ["pack", PACKAGE, ...options], folder);
    const tarball = join(folder, JSON.parse(packed)[0].filename.replace("@", "").replace("/", "-"));
    const digest = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    if (digest !== INTEGRITY) throw new Error(`it is not what was pinned, but ${digest}`);
    run("tar", ["-xzf", tarball, "-C", folder, FILE], folder);
    return JSON.parse(readFileSync(join(folder, FILE), "utf8"));
  } catch (error) {
    throw new Error(
      `The tests of the Git host need ${PACKAGE}, once, from the registry that npm uses; that failed: ${error.message}`,
      { cause: error },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const options = { cwd, encoding: "utf8", maxBuffer: 16 * 1024 * 1024, shell: process.platform === "win32" };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  throw new Error(`${command} ${args[0]} failed: ${error?.message ?? stderr}`);
}

/** The wanted paths and webhooks, and every component they refer to, without prose and examples. */
function cutDown(description) {
  const missing = [
    ...PATHS.filter((path) => !description.paths[path]),
    ...WEBHOOKS.filter((name) => !description["x-webhooks"][name]),
  ];
  if (missing.length > 0) throw new Error(`${PACKAGE} does not describe ${missing.join(", ")}`);
  const paths = Object.fromEntries(PATHS.map((path) => [path, strip(description.paths[path])]));
  const webhooks = Object.fromEntries(WEBHOOKS.map((name) => [name, strip(description["x-webhooks"][name])]));
  const components = {};
  const queue = [...refsOf(paths), ...refsOf(webhooks)];
  for (let ref = queue.pop(); ref; ref = queue.pop()) {
    const [, , section, name] = ref.split("/");
    components[section] ??= {};
    if (components[section][name]) continue;
    components[section][name] = strip(description.components[section][name]);
    queue.push(...refsOf(components[section][name]));
  }
  return { openapi: description.openapi, info: { version: PACKAGE }, paths, "x-webhooks": webhooks, components };
}

/** A copy without what only people read. A property may have any of these names; then its value is a schema, no text. */
function strip(value, named = false) {
  if (Array.isArray(value)) return value.map((element) => strip(element));
  if (typeof value !== "object" || value === null) return value;
  const prose = (key) =>
    !named && ["description", "example", "examples", "externalDocs", "summary", "x-github"].includes(key);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !prose(key))
      .map(([key, inner]) => [key, strip(inner, !named && key === "properties")]),
  );
}

function refsOf(value) {
  if (Array.isArray(value)) return value.flatMap(refsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : refsOf(inner),
  );
}
