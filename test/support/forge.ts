// A world with a Git host: everything the simulator holds is in the repository `acme/access` of a fake GitHub, applied and
// recorded there; people have clones, and the built command line runs in one as a job of Actions would.
//
//   const forge = await forgeWorld();                     // close it: await forge.close()
//   const number = forge.propose({ login: "ana", branch: "more", edit: (desk) => desk.edit("policies/...", "from", "to") });
//   await forge.rolebook(["plan", "--pull-request", String(number)]);
//   forge.access.review({ number, login: "hana" });       // see test/support/github/github.ts for what people can do
//   forge.access.merge({ number, method: "squash" });
//   await forge.rolebook(["apply", "--merged"]);          // in a clone that is up to date with origin's main
//
// Owners of the target are hana and noor; each login of `people` is the part of an address before `@acme.example`.
import { type GitHub, type GitHubOptions, type GitHubRepository, startGitHub } from "./github/github.ts";
import {
  begunWorld,
  createFolder,
  type Folder,
  type Result,
  type RunOptions,
  settingsFor,
  type World,
} from "./world.ts";

/** Logins the settings know; everybody is `<login>@acme.example` on the platform and in Git. */
export const PEOPLE = ["hana", "noor", "tomas", "ana", "bo", "mei", "olu", "ravi"] as const;

export const APPLIED_REF = "refs/rolebook/applied/acme";
export const LEDGER_REF = "refs/heads/rolebook/ledger";

/** Settings of the target that most tests of the loop want: two owners, and limits that are out of the way. */
const TARGET = `    owners: [hana@acme.example, noor@acme.example]
    limits:
      target: { share: 1, count: 100 }
      group: { share: 1, count: 100 }
      scope: { share: 1, count: 100 }
`;

const VAULT_TARGET = (url: string) => `  - name: vault
    platform: atomyx
    url: ${url}
    organization: acme
    credentials: { clientId: VAULT_CLIENT_ID, clientSecret: VAULT_CLIENT_SECRET }
`;

export interface ForgeOptions {
  /** More settings of the target, indented by four. */
  readonly target?: string;
  /** The simulator's Atomyx account is the second target, `vault`, with the same owners. */
  readonly vault?: boolean;
  /** More settings at the top level. */
  readonly settings?: string;
  readonly github?: GitHubOptions;
  /** Secret of the client that writes, instead of the simulator's own. */
  readonly writerSecret?: string;
  /** Edits of what was imported, before that is applied; the name stands for all that they do. */
  readonly edits?: { readonly name: string; readonly make: (world: World) => void };
  /** What stands in front of the platform, given its address: the address that the settings name. */
  readonly before?: (url: string) => Promise<string>;
}

export interface HostRun extends RunOptions {
  /** Which token of `access.tokens` is GITHUB_TOKEN; `none` leaves it out. */
  readonly token?: "write" | "read" | "person" | "none";
}

export interface Checkout extends Folder {
  readonly rolebook: (args: readonly string[], run?: HostRun) => Promise<Result>;
}

export interface Proposal {
  readonly login: string;
  readonly branch: string;
  readonly edit: (desk: Folder) => void;
  readonly title?: string;
  readonly message?: string;
}

export interface Forge extends World {
  readonly github: GitHub;
  readonly access: GitHubRepository;
  /** Variables that a job of Actions has. */
  readonly environment: (token?: HostRun["token"]) => Record<string, string>;
  /** Runs in the clone at `dir`, after bringing it up to date with main. */
  readonly rolebook: (args: readonly string[], run?: HostRun) => Promise<Result>;
  /** A fresh clone as actions/checkout makes it; `depth: 0` is a whole one. Gone with the forge. */
  readonly checkout: (options?: { readonly depth?: number; readonly branch?: string }) => Checkout;
  /** Somebody's own clone, whose commits are theirs; the same one each time. */
  readonly desk: (login: string) => Folder;
  /** On a new branch from main: edits, commits, pushes, opens a pull request. Returns its number. */
  readonly propose: (proposal: Proposal) => number;
  /** Commits more to the branch of a pull request, as its author unless told otherwise, and pushes. Returns the commit. */
  readonly amend: (number: number, edit: (desk: Folder) => void, login?: string) => string;
  /** Pushes to main without a pull request. Returns the commit. */
  readonly pushToMain: (login: string, edit: (desk: Folder) => void, message?: string) => string;
  /** Brings the clone at `dir` up to date with origin's main. */
  readonly update: () => void;
  /** A ref's commit at the remote, or null. */
  readonly atOrigin: (ref: string) => string | null;
}

export async function forgeWorld(options: ForgeOptions = {}): Promise<Forge> {
  const { writerSecret, before, edits } = options;
  const github = await startGitHub(options.github);
  for (const login of PEOPLE) github.addPerson({ login, email: `${login}@acme.example` });
  const access = github.createRepository("acme/access");
  const clones = newClones(access);
  const environment: Forge["environment"] = (token = "write") => ({
    ...OUTSIDE,
    GITHUB_REPOSITORY: access.name,
    GITHUB_API_URL: github.url,
    GITHUB_TOKEN: token === "none" ? "" : access.tokens[token],
    ...(writerSecret === undefined ? {} : { ACME_CLIENT_SECRET: writerSecret }),
  });
  const settings = (url: string) => settingsOf(options, url);
  const run =
    (folder: Folder) =>
    (args: readonly string[], { token, ...rest }: HostRun = {}) =>
      folder.rolebook(args, { ...rest, environment: { ...environment(token), ...rest.environment } });
  const isUsual = writerSecret === undefined && before === undefined;
  const world = await begunWorld(
    isUsual ? `import, ${edits?.name ?? "push"}\n${settings("")}` : undefined,
    async (fresh) => {
      fresh.git("remote", "add", "origin", access.url);
      const url = (await before?.(fresh.url)) ?? fresh.url;
      fresh.write("policies/rolebook.yaml", settingsFor(url, settings(url)));
      await begin(fresh, run(fresh), edits?.make);
    },
    (copied) => {
      copied.git("remote", "set-url", "origin", access.url);
      copied.git("push", "-q", "origin", "main", LEDGER_REF, "refs/rolebook/applied/*");
    },
    writerSecret === undefined ? {} : { writerSecret },
  );
  const update = () => {
    world.git("fetch", "-q", "origin", "main");
    world.git("checkout", "-q", "-B", "main", "FETCH_HEAD");
  };
  return {
    ...world,
    github,
    access,
    environment,
    update,
    rolebook: (args, how) => {
      update();
      return run(world)(args, how);
    },
    checkout: ({ depth = 1, branch = "main" } = {}) => {
      const folder = clones.make("runner", ["--branch", branch, ...(depth > 0 ? ["--depth", String(depth)] : [])]);
      return { ...folder, rolebook: run(folder) };
    },
    desk: clones.desk,
    ...proposing(access, clones.desk),
    atOrigin: (ref) => {
      const line = access.git("for-each-ref", "--format=%(objectname)", ref).trim();
      return line === "" ? null : line;
    },
    close: async () => {
      clones.remove();
      await world.close();
      await github.close();
    },
  };
}

/** What a job of the CI that runs the tests might hand down. */
const OUTSIDE = Object.fromEntries(
  ["ACTIONS", "ACTOR", "EVENT_NAME", "EVENT_PATH", "REF", "SHA", "STEP_SUMMARY", "OUTPUT", "SERVER_URL", "RUN_ID"].map(
    (name) => [`GITHUB_${name}`, ""],
  ),
);

function settingsOf({ target = "", vault = false, settings = "" }: ForgeOptions, url: string): string {
  const second = vault ? `${VAULT_TARGET(url)}${TARGET}` : "";
  const people = PEOPLE.map((login) => `  ${login}: [${login}@acme.example]\n`).join("");
  return `${TARGET}${target}${second}people:\n${people}${settings}`;
}

/** Imports everything, pushes it, and records it as applied. */
async function begin(
  world: World,
  rolebook: Checkout["rolebook"],
  edit: (world: World) => void = () => undefined,
): Promise<void> {
  const check = ({ code, stdout, stderr }: Result, what: string) => {
    if (code !== 0) throw new Error(`${what}: exit ${code}\n${stdout}\n${stderr}`);
  };
  check(await rolebook(["import"]), "import");
  edit(world);
  world.commit("import");
  world.git("push", "-q", "origin", "main");
  check(await rolebook(["apply"]), "apply");
}

interface Clones {
  readonly make: (login: string, options: readonly string[]) => Folder;
  readonly desk: (login: string) => Folder;
  readonly remove: () => void;
}

function newClones(access: GitHubRepository): Clones {
  const all: Folder[] = [];
  const desks = new Map<string, Folder>();
  const make = (login: string, options: readonly string[]) => {
    const folder = createFolder({ name: login, email: `${login}@acme.example` }, [...options, access.url]);
    all.push(folder);
    return folder;
  };
  return {
    make,
    desk: (login) => {
      const desk = desks.get(login) ?? make(login, []);
      desks.set(login, desk);
      return desk;
    },
    remove: () => {
      for (const folder of all) folder.remove();
    },
  };
}

function proposing(
  access: GitHubRepository,
  deskOf: (login: string) => Folder,
): Pick<Forge, "propose" | "amend" | "pushToMain"> {
  return {
    propose: ({ login, branch, edit, title = branch, message = title }) => {
      const desk = deskOf(login);
      desk.git("fetch", "-q", "origin");
      desk.git("checkout", "-q", "--no-track", "-B", branch, "origin/main");
      edit(desk);
      desk.commit(message);
      desk.git("push", "-q", "--force", "origin", branch);
      return access.openPull({ head: branch, author: login, title });
    },
    amend: (number, edit, login) => {
      const pull = access.pull(number);
      const desk = deskOf(login ?? pull.author);
      desk.git("fetch", "-q", "origin");
      desk.git("checkout", "-q", "--no-track", "-B", pull.head.branch, `origin/${pull.head.branch}`);
      edit(desk);
      const commit = desk.commit("more");
      desk.git("push", "-q", "origin", pull.head.branch);
      return commit;
    },
    pushToMain: (login, edit, message = "straight to main") => {
      const desk = deskOf(login);
      desk.git("fetch", "-q", "origin");
      desk.git("checkout", "-q", "--no-track", "-B", "main", "origin/main");
      edit(desk);
      const commit = desk.commit(message);
      desk.git("push", "-q", "origin", "main");
      return commit;
    },
  };
}
