// A stateful fake of GitHub over real HTTP, with a real bare Git repository behind each of its repositories.
//
//   const github = await startGitHub();                       // GITHUB_API_URL is github.url
//   const access = github.createRepository("acme/access");    // push to access.bare (a path) by plain Git
//   github.addPerson({ login: "bo", email: "bo@acme.example" });   // whose commits are whose
//   const number = access.openPull({ head: "my-branch", author: "ana", title: "More access" });
//   access.review({ number, login: "bo", state: "approved" });     // for the head as it is now
//   access.merge({ number, method: "squash", login: "bo" });       // really merges; returns the commit on the base
//   access.checks(commit), access.comments(number), access.reviews(number), access.issues(), access.pull(number)
//   github.requests({ token: "read", method: "POST" })        // everything that was asked, with the name of the token
//   github.fail({ times: 2, status: 502 })                    // the next answers; see Fault
//   github.deliverTo({ url, secret })                         // signed webhooks; await github.delivered()
//   await github.close();                                     // throws when a request or an answer broke GitHub's description
//
// Tokens of a repository (`access.tokens`): `write`: GITHUB_TOKEN of a job that may write; `read`: one of a job that may not, as
// pull requests of forks have it; `person`: a personal token with all rights (login `acme-owner`), which can make no check runs;
// more by `github.token(...)`. Apps: `github.createApp("slug", "acme/access")` gives an id and a private key.
//
// Git over HTTP with the same tokens: `${github.url}/acme/access.git`, recorded as FETCH and PUSH (never by execFileSync: it is this
// very process that answers).
//
// Refs of pull requests (`refs/pull/N/head`) follow pushes at once, by a hook in the bare repositories. Everything else follows at the
// next request or call; webhooks of pushes go out within milliseconds while `deliverTo` is set. Times are whole seconds, and every event has a later one than the
// last (`startGitHub({ sameSecond: true })`: all have the same), an hour behind the clock.
import { mkdtempSync, rmSync, unwatchFile, watchFile } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sync } from "./acts.ts";
import { createBare } from "./bare.ts";
import { type GitHubContract, readContract } from "./contract.ts";
import { generateToken, newApp } from "./credentials.ts";
import type { Access, AppRecord, RepositoryRecord, State } from "./records.ts";
import { fullName } from "./records.ts";
import { addRepository, type GitHubRepository, newRepositoryRecord } from "./repository.ts";
import { type Fault, listen, type RecordedRequest, type Serving } from "./serve.ts";
import { type Delivery, type Hook, newDelivery, send, withSender } from "./webhooks.ts";

export type { GitHubRepository } from "./repository.ts";
export type { Fault, RecordedRequest } from "./serve.ts";
export type { Delivery, Hook } from "./webhooks.ts";

export interface GitHubOptions {
  /** Items on a page at most, whatever is asked for; 100 as on GitHub. */
  readonly pageSize?: number;
  /** Everything happens in one second. */
  readonly sameSecond?: boolean;
}

export interface RequestFilter {
  /** Name of the token: `write`, `read`, ...; `none` without one. */
  readonly token?: string;
  readonly method?: string;
  readonly path?: RegExp;
  /** Only what changes something. */
  readonly writes?: boolean;
}

export interface GitHub {
  /** Base URL of the API: GITHUB_API_URL. */
  readonly url: string;
  /** The same as an Enterprise server has it: `.../api/v3`. */
  readonly enterpriseUrl: string;
  readonly createRepository: (
    name: string,
    options?: { readonly private?: boolean; readonly defaultBranch?: string },
  ) => GitHubRepository;
  /** An account. Whoever signs commits with this address is them. Persons named in calls are made when they are not there yet. */
  readonly addPerson: (person: { readonly login: string; readonly email?: string; readonly name?: string }) => void;
  /** A token with these permissions alone (and `metadata`). Without `login` it is one of GitHub Actions. */
  readonly token: (wanted: {
    readonly name: string;
    readonly permissions: Readonly<Record<string, Access>>;
    readonly login?: string;
    /** Slug of the app that the token is of; `github-actions` unless there is a login. */
    readonly app?: string;
    readonly repository?: string;
    /** Of a classic personal token: `repo, workflow`. */
    readonly scopes?: string;
  }) => string;
  readonly revoke: (token: string) => void;
  /** An app, installed on these repositories. */
  readonly createApp: (
    slug: string,
    ...repositories: readonly string[]
  ) => { readonly id: string; readonly privateKey: string; readonly slug: string };
  readonly requests: (filter?: RequestFilter) => RecordedRequest[];
  readonly clearRequests: () => void;
  /** Called with each request before it is carried out, until told otherwise. */
  readonly onRequest: (hook: ((request: RecordedRequest) => void) | undefined) => void;
  /** Adds to the answers that go wrong; the first that fits is used. */
  readonly fail: (fault: Fault) => void;
  /** Takes away what is left of them. */
  readonly heal: () => void;
  readonly deliverTo: (hook: Hook | undefined) => void;
  /** Everything that was told, delivered or not, oldest first. */
  readonly deliveries: () => Delivery[];
  /** From now on it is this time (ISO 8601) there, and goes on from it; without one, the usual again. */
  readonly turnClock: (at?: string) => void;
  readonly redeliver: (delivery: Delivery) => Promise<number>;
  /** Resolves when what was told so far has been sent. */
  readonly delivered: () => Promise<void>;
  /** Looks for pushes now. */
  readonly sync: () => void;
  /** What broke the description so far. */
  readonly violations: () => readonly string[];
  /** Forgets them: for tests that break it on purpose. */
  readonly forgiveViolations: () => void;
  /** Stops, and throws when there were violations. */
  readonly close: () => Promise<void>;
  readonly state: State;
  /** Changes what is answered, for tests of the checking itself. */
  readonly spoil: (change: ((operation: string, body: unknown) => unknown) | undefined) => void;
}

export const ACTIONS = "github-actions";

export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const contract = await readContract();
  const folder = mkdtempSync(join(tmpdir(), "rolebook-github-"));
  const post = newPost(contract);
  const clock = newClock(options);
  const state = newState(clock.now, post);
  newApp(state, ACTIONS, false);
  for (const login of ["acme-owner", "ghost"]) addAccount(state, login, {});
  addAccount(state, "web-flow", { email: "noreply@github.com", name: "GitHub" });
  const serving: Serving = {
    state,
    contract,
    pageSize: options.pageSize ?? 100,
    faults: [],
    requests: [],
    violations: post.violations,
    spoil: undefined,
    onRequest: undefined,
  };
  const { server, port } = await listen(serving);
  state.url = `http://127.0.0.1:${port}`;
  const watched = new Set<string>();
  const watch = (record: RepositoryRecord) => {
    watched.add(record.bare.pushes);
    watchFile(record.bare.pushes, { interval: 50, persistent: false }, () => post.hook && sync(state));
  };
  return {
    url: state.url,
    enterpriseUrl: `${state.url}/api/v3`,
    state,
    createRepository: (name, { private: isPrivate = true, defaultBranch = "main" } = {}) => {
      const [owner = "", short = ""] = name.split("/");
      if (!state.accounts.has(owner.toLowerCase())) addAccount(state, owner, {}, "Organization");
      const bare = createBare(join(folder, `${name}.git`), defaultBranch);
      const record = newRepositoryRecord(state, {
        owner,
        name: short,
        private: isPrivate,
        defaultBranch,
        bare,
        parent: undefined,
      });
      watch(record);
      return addRepository(state, record, { folder, watch, ensurePerson: (login) => addAccount(state, login, {}) });
    },
    addPerson: ({ login, ...rest }) => addAccount(state, login, rest),
    token: ({ name, permissions, login, app, repository, scopes }) => {
      const of = login === undefined ? state.apps.get(app ?? ACTIONS) : undefined;
      if (login !== undefined) addAccount(state, login, {});
      return generateToken(state, {
        name,
        login: login ?? `${of?.slug}[bot]`,
        app: of,
        permissions: { metadata: "read", ...permissions },
        repository,
        scopes,
      }).token;
    },
    revoke: (token) => {
      const record = state.tokens.get(token);
      if (record) record.revoked = true;
    },
    createApp: (slug, ...repositories) => {
      const app: AppRecord = newApp(state, slug, true);
      for (const repository of repositories) state.installations.push({ id: state.newId(), app, repository });
      return { id: String(app.id), privateKey: app.privateKey ?? "", slug };
    },
    requests: (filter = {}) => serving.requests.filter((request) => fits(request, filter)),
    clearRequests: () => {
      serving.requests.length = 0;
    },
    onRequest: (hook) => {
      serving.onRequest = hook;
    },
    fail: (fault) => {
      serving.faults.push({ ...fault });
    },
    heal: () => {
      serving.faults.length = 0;
    },
    deliverTo: (hook) => {
      post.hook = hook;
    },
    deliveries: () => {
      sync(state);
      return [...post.deliveries];
    },
    turnClock: clock.turn,
    redeliver: (delivery) => (post.hook ? send(delivery, post.hook) : Promise.resolve(0)),
    delivered: async () => {
      sync(state);
      await post.done;
    },
    sync: () => sync(state),
    violations: () => serving.violations,
    forgiveViolations: () => {
      serving.violations.length = 0;
    },
    spoil: (change) => {
      serving.spoil = change;
    },
    close: async () => {
      for (const file of watched) unwatchFile(file);
      post.hook = undefined;
      await post.done;
      await stop(server);
      rmSync(folder, { recursive: true, force: true });
      if (serving.violations.length > 0)
        throw new Error(`GitHub's description was broken:\n${serving.violations.join("\n")}`);
    },
  };
}

function fits(request: RecordedRequest, { token, method, path, writes }: RequestFilter): boolean {
  return (
    (token === undefined || request.token === token) &&
    (method === undefined || request.method === method) &&
    (path === undefined || path.test(request.path)) &&
    (writes === undefined || writes === isWrite(request))
  );
}

/** Asking GraphQL is a POST that changes nothing. */
function isWrite({ method, path }: RecordedRequest): boolean {
  return method !== "GET" && method !== "FETCH" && !path.endsWith("/graphql");
}

/** The outgoing mail: what was told, and to whom it goes. */
interface Post {
  readonly deliveries: Delivery[];
  readonly violations: string[];
  hook: Hook | undefined;
  done: Promise<unknown>;
  readonly contract: GitHubContract;
}

function newPost(contract: GitHubContract): Post {
  return { deliveries: [], violations: [], hook: undefined, done: Promise.resolve(), contract };
}

/** An hour behind, and later with every event. */
function newClock({ sameSecond = false }: GitHubOptions) {
  let [last, ahead] = [0, -3_600_000];
  const start = Date.now() + ahead;
  return {
    now: () => {
      last = sameSecond ? start : Math.max(last + 1000, Date.now() + ahead);
      return new Date(last).toISOString().replace(/\.\d+/, "");
    },
    turn: (at?: string) => {
      last = 0;
      ahead = at === undefined ? -3_600_000 : Date.parse(at) - Date.now();
    },
  };
}

function newState(now: () => string, post: Post): State {
  let id = 1000;
  const state: State = {
    url: "",
    accounts: new Map(),
    apps: new Map(),
    tokens: new Map(),
    repositories: new Map(),
    installations: [],
    newId: () => ++id,
    now,
    tell: (repository, event, name, payload, sender) => {
      const whole = withSender(state, repository, payload, sender);
      post.violations.push(...post.contract.checkWebhook(name, JSON.parse(JSON.stringify(whole))));
      const delivery = newDelivery(event, repository, whole);
      post.deliveries.push(delivery);
      const { hook } = post;
      if (hook) post.done = post.done.then(() => send(delivery, hook));
    },
  };
  return state;
}

function addAccount(
  state: State,
  login: string,
  { email, name }: { readonly email?: string | undefined; readonly name?: string | undefined },
  type: "User" | "Organization" = "User",
): void {
  const key = login.toLowerCase();
  const known = state.accounts.get(key);
  if (known && email === undefined) return;
  const id = known?.id ?? state.newId();
  const hidden = `${id}+${login}@users.noreply.github.example`;
  state.accounts.set(key, { id, login, type: known?.type ?? type, name: name ?? login, email: email ?? hidden });
}

function stop(server: Server): Promise<void> {
  return new Promise((settle) => {
    server.close(() => settle());
    server.closeAllConnections();
  });
}

export { fullName };
