// `rolebook controller`: the loop that runs the same commands on webhooks and on schedule. All its state is in Git: what it keeps in
// memory and on disk may be lost at any moment, and costs one more look.
import { resolve } from "node:path";
import { openHostReader } from "../git/host.ts";
import { gitCredentials } from "../git/host-credentials.ts";
import type { Status } from "../model/status.ts";
import { applyMerged } from "../run/apply-merged.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode, OperatorError } from "../run/context.ts";
import { proposeDrift } from "../run/drift-propose.ts";
import { hostOptions } from "../run/host.ts";
import { notify } from "../run/notify.ts";
import { planPulls } from "../run/pull.ts";
import { CHECK_NAME } from "../run/reviews.ts";
import { type Clocks, openClocks } from "./clocks.ts";
import { cloneFolder, openClones, repositoryUrl } from "./clone.ts";
import { holdFolder } from "./hold.ts";
import { openLog, withoutSecrets } from "./log.ts";
import { createLoop, LOOK, type Loop } from "./loop.ts";
import { openMemory, statusOf } from "./memory.ts";
import { openMetrics } from "./metrics.ts";
import { type Clock, createQueue, type Queue } from "./queue.ts";
import { REVIEWS } from "./review-work.ts";
import { openStop, type RunTools } from "./run.ts";
import { secretsOf, WEBHOOK_SECRET } from "./secrets.ts";
import { type ControllerServer, createServer } from "./server.ts";
import { openWatch } from "./sight.ts";
import type { Commands, HostConnection } from "./tasks.ts";
import { openDeliveries } from "./webhooks.ts";

export interface ControllerOptions extends CommonOptions {
  /** URL of the repository to clone and follow; the one the working directory is in without it. */
  readonly repository?: string;
  /** Where the clones are kept. They may be lost at any time. */
  readonly clone?: string;
  readonly host: string;
  readonly port: number;
}

/** Runs at the same time: of as many targets, the pull requests, the reviews, the look, the news. */
const MOST_RUNS = 6;
/** No run takes this long, and no look waits for so long: then something is stuck, and whoever watches may start it anew. */
const LONGEST_RUN_MS = 60 * 60_000;
const LONGEST_LOOK_WAIT_MS = 15 * 60_000;

const COMMANDS: Commands = {
  planPulls,
  applyMerged,
  proposeDrift,
  reviews: REVIEWS,
  notify,
  connect: async (context, url) => {
    const options = await hostOptions(context, { remote: async () => "origin", remoteUrl: async () => url });
    return { host: openHostReader(options), credentials: gitCredentials(options) };
  },
};

/** Runs until SIGINT or SIGTERM; then finishes what is under way. `commands` are what it runs. */
export async function runController(
  context: Context,
  options: ControllerOptions,
  commands: Commands = COMMANDS,
): Promise<ExitCode> {
  const url = await repositoryUrl(context, options.repository);
  const connection = await commands.connect(context, url);
  const folder = options.clone === undefined ? cloneFolder(context, url) : resolve(context.cwd, options.clone);
  const release = await holdFolder(folder);
  const controller = await assemble(context, options, { ...connection, commands, url, folder });
  const { tools, loop, clocks, queue, server } = controller;
  try {
    const stopped = new Promise<void>((settle) => {
      context.onStop(settle);
    });
    const address = await server.listen(options.host, options.port).catch((error: Error) => {
      throw new OperatorError(`The controller cannot listen on ${options.host}:${options.port}: ${error.message}`);
    });
    tools.log.info({ address, repository: url }, "listening");
    loop.poll();
    await stopped;
    tools.log.info("stopping: finishing what is under way");
    tools.memory.stopping = true;
  } finally {
    clocks.stop();
    tools.stop.ask();
    await queue.stop();
    await server.close();
    await release();
  }
  tools.log.info("stopped");
  return EXIT.done;
}

interface Controller {
  readonly tools: RunTools;
  readonly loop: Loop;
  readonly clocks: Clocks;
  readonly queue: Queue;
  readonly server: ControllerServer;
}

interface Place extends HostConnection {
  readonly commands: Commands;
  readonly url: string;
  readonly folder: string;
}

/** Puts the parts together; nothing is asked of anybody yet. */
async function assemble(context: Context, options: ControllerOptions, place: Place): Promise<Controller> {
  const { url, folder, commands, host, credentials } = place;
  const memory = openMemory();
  const secrets = () => secretsOf(context, memory.settings);
  const write = (line: string) => context.err(context.secrets?.strike(line) ?? line);
  const log = openLog({ write, now: context.now, secrets });
  const tools: RunTools = { context, log, metrics: openMetrics(), memory, stop: openStop(), secrets };
  const queue = createQueue({ clock: CLOCK, most: MOST_RUNS });
  const remade = (path: string) => log.warn({ path }, "the clone was broken and is made anew");
  const { policies, target } = options;
  const loop = createLoop({
    tools,
    commands,
    host,
    queue,
    clones: openClones({ folder, url, credentials, remade }),
    watch: openWatch(),
    options: { policies, ...(target === undefined ? {} : { target }) },
    onSettings: ({ schedule, reviews }) => clocks.follow({ ...schedule, remind: reviews.remind }),
  });
  const secret = context.environment[WEBHOOK_SECRET] ?? "";
  const repository = () => memory.repository.name;
  const status = (): Status =>
    statusOf(memory, {
      tool: `rolebook ${context.version}`,
      now: context.now(),
      webhooks: secret !== "",
      url: withoutSecrets(url, secrets()),
      queue: queue.view(),
      next: clocks.next(),
    });
  const server = await createServer({
    log,
    metrics: tools.metrics,
    status,
    stuck: () => stuckIn(queue),
    deliveries: secret === "" ? undefined : openDeliveries({ secret, repository, check: CHECK_NAME }),
    nudge: loop.nudge,
  });
  const clocks = openClocks({ poll: loop.poll, drift: loop.checkAll, remind: loop.review }, (pattern, error) =>
    log.error({ pattern, err: error }, "a schedule is no cron expression"),
  );
  return { tools, loop, clocks, queue, server };
}

const CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

function stuckIn(queue: Queue): string | undefined {
  const now = CLOCK.now();
  const waited = (key: string) => (key === LOOK ? LONGEST_LOOK_WAIT_MS : Number.POSITIVE_INFINITY);
  const stuck = queue
    .view()
    .find(({ key, state, at }) => now - at > (state === "running" ? LONGEST_RUN_MS : waited(key)));
  return stuck && `${stuck.key} is ${stuck.state} since ${new Date(stuck.at).toISOString()}`;
}
