// News, told once each: recorded on the ledger first, then sent. Never holds up whoever has the news, and never fails them.
//
// At most once: what is on the ledger is never told again, by nobody. So news are lost when this process dies between the two,
// or when a receiver cannot be reached within the limits; that is said, and whatever is worth news can be seen on the host too.
import { createHash, randomUUID } from "node:crypto";
import { openLedger } from "../git/ledger.ts";
import { claimOnLedger } from "../git/ledger-claim.ts";
import { LEDGER_AUTHOR, stableJson } from "../git/records.ts";
import { assertTarget } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { NotifyEvent, Settings } from "../model/settings.ts";
import type { Context } from "./context.ts";
import { openReceivers, type Receiver } from "./notify-receivers.ts";
import { type SendLimits, send } from "./notify-send.ts";

export interface Fact {
  readonly event: NotifyEvent;
  /** What makes it one fact: the same id is never told twice to the same receiver. */
  readonly id: string;
  /** Empty when it is about no one target. */
  readonly target: string;
  /** One line, plain text. */
  readonly title: string;
  /** A few lines, plain text. */
  readonly text: string;
  readonly url?: string;
}

/** A failure's text without what differs from try to try, such as a request's id or a time: the same failure is one fact. */
export function steadyWords(text: string): string {
  return text.replace(/\S*\d\S*/g, "#");
}

/** One fact for one receiver. */
interface Due {
  readonly fact: Fact;
  readonly receiver: Receiver;
  /** Names the two for ever: the event's id. */
  readonly id: string;
  /** On the ledger. */
  readonly path: string;
}

/** The ledger's folder of what is about no one target. No target can have this name. */
const NO_TARGET = "no_target";

/** Told to one receiver at once; what is more is told the next time. A channel that gets more than these is muted by its readers. */
const MOST_AT_ONCE = 10;

const LIMITS: SendLimits = { tryMs: 5_000, totalMs: 60_000, retries: 2, waitMs: 1_000 };

/** Tells the receivers of the settings. Resolves when everything is sent or given up; callers need not wait. Never rejects. */
export async function notify(
  context: Context,
  repository: Repository,
  settings: Settings,
  facts: readonly Fact[],
  limits: SendLimits = LIMITS,
): Promise<void> {
  if (facts.length === 0 || settings.notify.length === 0) return;
  try {
    const receivers = await openReceivers(context, settings.notify);
    const due = await findDue(repository, receivers, facts);
    if (due.length > 0) await tell(context, repository, due, limits);
  } catch (error) {
    context.err(`News were not told: ${error instanceof Error ? error.message : error}.\n`);
  }
}

/** What this clone's ledger does not say was told. */
async function findDue(repository: Repository, receivers: readonly Receiver[], facts: readonly Fact[]): Promise<Due[]> {
  const all = new Map<string, Due>();
  for (const receiver of receivers)
    for (const fact of facts.filter(({ event }) => receiver.events.includes(event))) {
      const id = createHash("sha256")
        .update(JSON.stringify([receiver.type, receiver.name, fact.target, fact.event, fact.id]))
        .digest("hex")
        .slice(0, 40);
      all.set(id, { fact, receiver, id, path: `${folderOf(fact)}/notified/${id}.json` });
    }
  const told = await openLedger(repository).readAll([...all.values()].map(({ path }) => path));
  const left = [...all.values()].filter(({ path }) => !told.has(path));
  return receivers.flatMap((receiver) => left.filter((due) => due.receiver === receiver).slice(0, MOST_AT_ONCE));
}

function folderOf({ target }: Fact): string {
  return target === "" ? NO_TARGET : assertTarget(target);
}

async function tell(context: Context, repository: Repository, due: readonly Due[], limits: SendLimits): Promise<void> {
  const at = context.now();
  const won = new Set(await claim(repository, due, at));
  const deadline = AbortSignal.timeout(limits.totalMs);
  const mine = due.filter(({ path }) => won.has(path));
  const source = sourceOf(context);
  const receivers = new Set(mine.map(({ receiver }) => receiver));
  // One after the other for each receiver, so that they arrive in order; no receiver waits for another.
  await Promise.all(
    [...receivers].map(async (receiver) => {
      for (const { fact, id } of mine.filter((one) => one.receiver === receiver)) {
        const message = { id, news: fact, at, source };
        const failure = await send(receiver, message, limits, deadline, `rolebook/${context.version}`);
        if (failure !== undefined)
          context.err(`News (${fact.event})${ofTarget(fact)} did not get to ${receiver.name}: ${failure}.\n`);
      }
    }),
  );
}

function ofTarget({ target }: Fact): string {
  return target === "" ? "" : ` of ${target}`;
}

/** Takes the facts for this process alone; gives the paths of those that nobody else has taken. */
async function claim(repository: Repository, due: readonly Due[], at: Date): Promise<string[]> {
  const by = randomUUID();
  const files = due.map(({ fact: { event, id, target }, receiver, path }) => ({
    path,
    content: stableJson({ version: 1, event, fact: id, target, receiver: receiver.name, at: at.toISOString(), by }),
  }));
  const subject = `notify: ${due.length} told`;
  return claimOnLedger(repository, await repository.remote(), { files, subject, at, author: LEDGER_AUTHOR });
}

/** The repository's page where that is known: the `source` of events. */
function sourceOf({ environment }: Context): string {
  const { GITHUB_SERVER_URL: server = "", GITHUB_REPOSITORY: name = "" } = environment;
  return URL.canParse(server) && /^[\w.-]+\/[\w.-]+$/.test(name) ? new URL(name, `${server}/`).href : "urn:rolebook";
}
