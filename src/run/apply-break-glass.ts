// An apply without approvals, by a member whom the base names for emergencies, and what is said of it: at the terminal at once, in
// an issue for everybody else. It lifts approvals and freezes, and nothing else: what is refused stays refused.
import { openLedger } from "../git/ledger.ts";
import { listEmergencies, listReceipts, runOf } from "../git/records.ts";
import type { Repository } from "../git/repository.ts";
import type { HostReader, HostWriter, Issue } from "../model/host.ts";
import type { Approval } from "../model/receipt.ts";
import type { Person, Target } from "../model/settings.ts";
import { breakGlassIssue, breakGlassMarker } from "../report/break-glass-markdown.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "../report/escape.ts";
import type { ApproveOptions, Decision } from "./apply-approve.ts";
import { isPerson, withoutLeave } from "./apply-weaken.ts";
import { type Context, OperatorError } from "./context.ts";
import { frozenBy } from "./freeze.ts";
import type { Prepared } from "./prepare.ts";

/** A reason shorter than this tells nobody anything. */
const REASON_LEAST = 10;
const REASON_MOST = 1000;

/** Refuses a reason that is none, and what does not go together. `targets`: how many would be applied. */
export function checkBreakGlass({ breakGlass, approve }: ApproveOptions, targets: readonly string[]): void {
  if (breakGlass === undefined) return;
  if (approve !== undefined)
    throw new OperatorError(
      "--break-glass and --approve do not go together",
      "What is approved needs no emergency: leave one of them out.",
    );
  const { length } = breakGlass.trim();
  if (length < REASON_LEAST || length > REASON_MOST)
    throw new OperatorError(
      `--break-glass needs a reason of ${REASON_LEAST} to ${REASON_MOST} characters`,
      "Write what happened: it is kept with the receipt and told to everybody in an issue.",
    );
  if (targets.length > 1)
    throw new OperatorError("--break-glass is for one target", `Add --target: ${targets.join(", ")}.`);
}

/** The decision of an emergency: all of the plan, when whoever runs this is named for it by the base. */
export async function decideBreakGlass(
  context: Context,
  target: Target,
  { plan, judges, platform }: Pick<Prepared, "plan" | "judges" | "platform">,
  identity: () => Promise<string>,
  reason: string,
): Promise<Decision> {
  const who = await whoIsThis(context, identity, judges?.people ?? [], platform.fold);
  const named = judges?.target.breakGlass ?? [];
  const member = named.find(who.is);
  if (member === undefined)
    return {
      kind: "declined",
      reason: `${escapeTerminal(who.shown)} may not apply to ${plan.target} without approval`,
      hint:
        named.length === 0
          ? "Nothing was changed. What was applied last names nobody under breakGlass."
          : `Nothing was changed. What was applied last names ${named.map((name) => escapeTerminal(name)).join(", ")} under breakGlass.`,
    };
  const now = context.now();
  const frozen = frozenBy(target, now);
  const approval: Approval = {
    by: member,
    at: now.toISOString(),
    how: "break-glass",
    digest: plan.digest,
    changes: plan.changes.map(({ id }) => id),
    ...(plan.weakens.length === 0 ? {} : { weakens: plan.weakens.map(({ id }) => id) }),
    reason: reason.trim(),
    ...(frozen ? { despite: frozen.reason } : {}),
  };
  const barred = withoutLeave(plan, approval);
  if (barred) return barred;
  context.err(announcement(approval, plan.target));
  return { kind: "approved", approval, resumes: undefined };
}

function announcement({ by, reason = "", despite, changes }: Approval, target: string): string {
  const text = (value: string) => escapeTerminal(value, MESSAGE_LENGTH);
  return [
    "",
    `!!! BREAK GLASS: ${changes.length} ${changes.length === 1 ? "change" : "changes"} to ${target} without approval, by ${text(by)}`,
    `!!! ${text(reason)}`,
    ...(despite === undefined ? [] : [`!!! ${target} is frozen (${text(despite)}), and is applied to all the same`]),
    "!!! This is on record, and everybody is told.",
    "",
    "",
  ].join("\n");
}

interface Who {
  readonly shown: string;
  readonly is: (member: string) => boolean;
}

/** In Actions whoever started the run, by their login; else whoever Git says this is. */
async function whoIsThis(
  { environment }: Context,
  identity: () => Promise<string>,
  people: readonly Person[],
  fold: (name: string) => string,
): Promise<Who> {
  if (environment.GITHUB_ACTIONS !== "true") {
    const shown = await identity();
    return { shown, is: (member) => isPerson(shown, member) };
  }
  // Whoever runs something again is not who ran it first, and it is theirs.
  const login = environment.GITHUB_TRIGGERING_ACTOR || environment.GITHUB_ACTOR || "";
  const own = people.filter((person) => login !== "" && person.login === login.toLowerCase());
  const names = new Set(own.flatMap(({ members }) => members.map(fold)));
  return { shown: login === "" ? "nobody" : login, is: (member) => names.has(fold(member)) };
}

/** Who can look at a host and write to it. */
export interface HostPair {
  readonly reader: HostReader;
  readonly writer: HostWriter;
}

/**
 * Opens an issue for every emergency on the ledger that has none yet, open or closed; runs that were killed before they could
 * say what they did included. Returns those it opened. Does nothing twice: the ledger and the host say what is to be done.
 */
export async function openBreakGlassIssues(repository: Repository, { reader, writer }: HostPair): Promise<Issue[]> {
  const ledger = openLedger(repository);
  const emergencies = await listEmergencies(ledger);
  if (emergencies.length === 0) return [];
  const known = await reader.ownIssues("all");
  const opened: Issue[] = [];
  for (const start of emergencies) {
    const marker = breakGlassMarker(runOf(start));
    if (known.some(({ body }) => body.startsWith(marker))) continue;
    const receipt = (await listReceipts(ledger, start.target)).findLast(
      ({ digest, startedAt }) => digest === start.digest && startedAt === start.startedAt,
    );
    opened.push(await writer.openIssue(breakGlassIssue(runOf(start), start, receipt)));
  }
  return opened;
}

/** Tells the host of an emergency, where there is one; what cannot be told now is told by the next `apply --merged`. */
export async function tellBreakGlass(context: Context, repository: Repository): Promise<void> {
  const { GITHUB_TOKEN, ROLEBOOK_APP_ID } = context.environment;
  const later = "The next `rolebook apply --merged` or the controller opens the issue that tells of it.\n";
  if (!GITHUB_TOKEN && !ROLEBOOK_APP_ID) {
    context.err(`No Git host is known here. ${later}`);
    return;
  }
  try {
    const [{ hostOptions }, { openHostReader, openHostWriter }] = await Promise.all([
      import("./host.ts"),
      import("../git/host.ts"),
    ]);
    const options = await hostOptions(context, repository);
    const pair = { reader: openHostReader(options), writer: openHostWriter(options) };
    for (const { number, url } of await openBreakGlassIssues(repository, pair))
      context.err(`Opened issue ${number}: ${escapeTerminal(url)}\n`);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    context.err(`The issue could not be opened: ${escapeTerminal(cause, MESSAGE_LENGTH)}. ${later}`);
  }
}
