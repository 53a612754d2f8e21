// A controller in this process over a real bare repository, with a host that is a few maps, and commands that do little but do it for
// real: an apply pushes the applied ref. What the real commands do is tested elsewhere; here it matters when they are run.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { vi } from "vitest";
import { type ControllerOptions, runController } from "../../src/controller/controller.ts";
import type { Standing } from "../../src/controller/reviewing.ts";
import type { Commands } from "../../src/controller/tasks.ts";
import { openRepository } from "../../src/git/repository.ts";
import type { HostReader, Pull, Review } from "../../src/model/host.ts";
import type { MergedOutcome } from "../../src/model/merged.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Status } from "../../src/model/status.ts";
import type { Context } from "../../src/run/context.ts";
import type { DriftOutcome } from "../../src/run/drift-propose.ts";
import { type Fact, notify } from "../../src/run/notify.ts";

export const SECRET = "a secret that only the host and we know";
export const REPOSITORY = "acme/access";

/** Once a second is as often as cron goes; never is a day that does not come. */
export const EVERY_SECOND = "* * * * * *";
export const NEVER = "0 0 30 2 *";

export interface Call {
  readonly command: "plan" | "apply" | "drift" | "notify" | "review";
  /** A target, the number of a pull request, the id of a fact, or what of access reviews. */
  readonly what: string;
  /** The tip of the default branch, as the clone that it ran in has it. */
  readonly tip: string;
}

export interface Stage {
  readonly remote: string;
  readonly calls: Call[];
  /** Commands that ran at the same time and may not; must stay empty. */
  readonly overlaps: string[];
  readonly pulls: Map<number, Pull>;
  readonly reviews: Map<number, Review[]>;
  readonly facts: Fact[];
  /** What the next runs come to: changed by tests while it runs. */
  readonly script: Script;
  readonly git: (...args: readonly string[]) => string;
  /** Writes files, commits and pushes to the default branch; returns the commit. */
  readonly push: (files: Readonly<Record<string, string>>) => string;
  readonly start: (options?: StartOptions) => Promise<Running>;
  readonly remove: () => void;
}

export interface Script {
  apply: (target: string, tip: string) => Promise<Partial<MergedOutcome>>;
  drift: (target: string) => Promise<Partial<DriftOutcome>>;
  plan: (number: number) => Promise<void>;
  /** Of each of the four steps; what `status` gives is how the open campaigns stand. */
  review: (step: "start" | "remind" | "close" | "status", since?: Date) => Promise<readonly Standing[]>;
  /** Called before every request of the host. */
  host: (what: string) => void;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly clone?: string;
  readonly target?: string;
}

export interface Running {
  readonly url: string;
  readonly log: Record<string, unknown>[];
  /** The log as it was written. */
  readonly lines: string[];
  readonly status: () => Promise<Status>;
  /** Resolves when nothing waits and nothing runs. */
  readonly quiet: () => Promise<void>;
  /** As SIGTERM; resolves with the exit code. */
  readonly stop: () => Promise<number>;
}

export function settingsOf(targets: readonly string[], poll = NEVER, drift = NEVER, more = ""): string {
  const one = (name: string) =>
    `  - name: ${name}\n    platform: atomic\n    url: http://127.0.0.1:9\n    organization: ${name}\n    credentials: { clientId: ACME_ID, clientSecret: ACME_SECRET }\n`;
  return `kind: Settings\ntargets:\n${targets.map(one).join("")}schedule: { poll: "${poll}", drift: "${drift}" }\n${more}`;
}

export function createStage(): Stage {
  const dir = mkdtempSync(join(tmpdir(), "rolebook-controller-"));
  const [remote, work] = [join(dir, "remote.git"), join(dir, "work")];
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=Ana", "-c", "user.email=ana@acme.example", ...args], {
      cwd: work,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", remote]);
  mkdirSync(work);
  git("init", "-q", "-b", "main");
  git("remote", "add", "origin", remote);
  const stage: Omit<Stage, "start" | "push" | "remove"> = {
    remote,
    calls: [],
    overlaps: [],
    pulls: new Map(),
    reviews: new Map(),
    facts: [],
    script: {
      apply: async () => ({}),
      drift: async () => ({}),
      plan: async () => {},
      review: async () => [],
      host: () => {},
    },
    git,
  };
  return {
    ...stage,
    push: (files) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true });
        writeFileSync(join(work, path), text);
      }
      git("add", "-A");
      git("commit", "-q", "--allow-empty", "-m", "change");
      git("push", "-q", "origin", "HEAD:refs/heads/main");
      return git("rev-parse", "HEAD");
    },
    start: (options = {}) => start(stage, { clone: join(dir, "clone"), ...options }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export function pullOf(number: number, head: string, more: Partial<Pull> = {}): Pull {
  return {
    number,
    title: `Pull request ${number}`,
    body: "",
    author: "ana",
    state: "open",
    draft: false,
    mergedAt: null,
    mergeCommit: null,
    base: { branch: "main", commit: head },
    head: { branch: `change-${number}`, commit: head, repository: REPOSITORY },
    fork: false,
    url: `https://git.example/${REPOSITORY}/pull/${number}`,
    ...more,
  };
}

export function reviewOf(id: number, commit: string, more: Partial<Review> = {}): Review {
  return { id, login: "bo", state: "approved", commit, at: "2027-01-01T00:00:00Z", ...more };
}

/** The host, of which the loop asks little. Anything else it asked for would fail. */
function hostOf({ pulls, reviews, script }: Pick<Stage, "pulls" | "reviews" | "script">): HostReader {
  const unasked = async (): Promise<never> => {
    throw new Error("nobody should ask for this");
  };
  const asked = <Answer>(what: string, answer: () => Answer) => {
    script.host(what);
    return answer();
  };
  return {
    self: unasked,
    pull: unasked,
    pullFiles: unasked,
    pullCommits: unasked,
    pullsOfCommit: unasked,
    pullsOfBranch: unasked,
    comments: unasked,
    checkRuns: unasked,
    ownIssues: unasked,
    repository: async () =>
      asked("repository", () => ({
        name: REPOSITORY,
        defaultBranch: "main",
        private: true,
        url: `https://git.example/${REPOSITORY}`,
      })),
    openPulls: async () => asked("pulls", () => [...pulls.values()].filter(({ state }) => state === "open")),
    reviews: async (number) => asked(`reviews ${number}`, () => reviews.get(number) ?? []),
  };
}

function commandsOf(stage: Pick<Stage, "calls" | "overlaps" | "script" | "facts" | "pulls" | "reviews">): Commands {
  const { calls, overlaps, script, facts } = stage;
  const busy = new Set<string>();
  /** Runs with the clone that the command was given; two of one lane at once are remembered. */
  const inLane = async <Answer>(
    { cwd }: Context,
    call: Omit<Call, "tip">,
    run: (tip: string, repository: NonNullable<Awaited<ReturnType<typeof openRepository>>>) => Promise<Answer>,
  ) => {
    if (busy.has(cwd)) overlaps.push(`${call.command} ${call.what}`);
    busy.add(cwd);
    try {
      const repository = await openRepository(cwd);
      const tip = (await repository?.head()) ?? "";
      if (!repository) throw new Error(`${cwd} is no repository`);
      calls.push({ ...call, tip });
      return await run(tip, repository);
    } finally {
      busy.delete(cwd);
    }
  };
  const review = (context: Context, step: Parameters<Script["review"]>[0], since?: Date) =>
    inLane(context, { command: "review", what: step }, () => script.review(step, since));
  return {
    reviews: {
      start: async (context) => void (await review(context, "start")),
      remind: async (context, _options, since) => void (await review(context, "remind", since)),
      close: async (context) => void (await review(context, "close")),
      status: (context) => review(context, "status"),
    },
    connect: async () => ({ host: hostOf(stage), credentials: undefined }),
    notify: async (context, repository, settings, told) => {
      facts.push(...told);
      await notify(context, repository, settings, told);
    },
    planPulls: (context, { pullRequest }) =>
      inLane(context, { command: "plan", what: pullRequest }, async () => {
        await script.plan(Number(pullRequest));
        const pending = { changes: [] } as unknown as Plan;
        const verdict = { changes: [], weakens: [], approved: false, discounted: [], stale: [], hopeless: [] };
        const targets = [{ target: "acme", plan: pending, pending, verdict }];
        return [{ number: Number(pullRequest), conclusion: "action_required" as const, targets }];
      }),
    applyMerged: (context, { target = "" }) =>
      inLane(context, { command: "apply", what: target }, async (tip, repository) => {
        const scripted = await script.apply(target, tip);
        const outcome = { target, commit: tip, applied: tip, outcomes: [], held: [], converged: true, ...scripted };
        const settled = outcome.held.length === 0 && outcome.refused === undefined && outcome.converged;
        if (settled) await repository.pushRefs("origin", [{ ref: `refs/rolebook/applied/${target}`, to: tip }]);
        return [outcome];
      }),
    proposeDrift: (context, { target = "" }) =>
      inLane(context, { command: "drift", what: target }, async () => {
        const scripted = await script.drift(target);
        return [
          { target, drift: 0, escalates: false, pull: undefined, state: "none" as const, refused: [], ...scripted },
        ];
      }),
  };
}

async function start(
  stage: Omit<Stage, "start" | "push" | "remove">,
  { environment = {}, clone, target }: StartOptions,
): Promise<Running> {
  const [log, lines]: [Record<string, unknown>[], string[]] = [[], []];
  let stop = () => {};
  const context: Context = {
    cwd: stage.remote,
    environment: { ROLEBOOK_WEBHOOK_SECRET: SECRET, ...environment },
    now: () => new Date(),
    out: (text) => lines.push(`on standard output: ${text}`),
    err: (text) => {
      lines.push(text);
      log.push(JSON.parse(text));
    },
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: async () => false,
    onStop: (handler) => {
      stop = handler;
      return () => {};
    },
    version: "0.0.0",
    build: undefined,
  };
  const options: ControllerOptions = {
    policies: "policies",
    host: "127.0.0.1",
    port: 0,
    repository: stage.remote,
    ...(clone === undefined ? {} : { clone }),
    ...(target === undefined ? {} : { target }),
  };
  const ended = runController(context, options, commandsOf(stage));
  const listening = () => log.find(({ msg }) => msg === "listening");
  await Promise.race([ended, vi.waitFor(() => listening() ?? Promise.reject(new Error("not yet")), WAIT)]);
  const url = String(listening()?.address);
  const status = async () => (await (await fetch(`${url}/status.json`)).json()) as Status;
  return {
    url,
    log,
    lines,
    status,
    quiet: () => untilQuiet(status),
    stop: () => {
      stop();
      return ended;
    },
  };
}

/** Nothing waits and nothing runs; or, where a look takes longer than the time to the next, nothing but looks, and three found nothing. */
async function untilQuiet(status: () => Promise<Status>): Promise<void> {
  const idle = new Set<string | null>();
  await vi.waitFor(async () => {
    const { queue, state, lookedAt } = await status();
    if (queue.some(({ key }) => key !== "look") || state === "starting") idle.clear();
    else if (queue.length === 0 || idle.add(lookedAt).size > 3) return;
    throw new Error(`still ${state}: ${JSON.stringify(queue)}`);
  }, WAIT);
}

/** How long a test waits for something that must happen, before it is said not to. */
export const WAIT = { timeout: 120_000, interval: 20 };
