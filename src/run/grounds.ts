// What `explain` and `who-can` answer from: each target's files, or the platform with --live, all platforms read at the same
// time. It refuses to guess: files with errors give no answers.
import type { AnswerPast } from "../model/answers.ts";
import type { LiveRead } from "../model/driver.ts";
import type { State } from "../model/entity.ts";
import { nearest } from "../model/nearest.ts";
import {
  type AccessView,
  type Platform,
  type ResourceSpec,
  resourcesOf,
  scopesOf,
  scopeWord,
} from "../model/platform.ts";
import type { Person, Target } from "../model/settings.ts";
import { splitEnded } from "../plan/expire.ts";
import { createPlaces } from "../plan/places.ts";
import { type CommonOptions, type Context, type ExitCode, OperatorError } from "./context.ts";
import { desiredState, withDefaults } from "./desired.ts";
import { attempt, type Failure, isFailure } from "./failures.ts";
import { readLive } from "./live.ts";
import { showFindings } from "./show-findings.ts";
import { chooseTargets, driverOf, hasErrors, openWorkspace, type Workspace } from "./workspace.ts";

/** A target to answer about. */
export interface Ground {
  readonly target: Target;
  /** The settings name other targets too. */
  readonly several: boolean;
  readonly platform: Platform;
  readonly state: State;
  /** Where things are declared, also when the state is live. */
  readonly declared: State;
  readonly placesOf: ReturnType<typeof createPlaces>;
  readonly view: AccessView;
  /** Where that is known from, when it is about the past. */
  readonly past?: AnswerPast;
}

/** Everything to answer from. */
export interface Grounds {
  readonly grounds: readonly Ground[];
  /** Targets that could not be read. */
  readonly failures: readonly Failure[];
  readonly people: readonly Person[];
  readonly workspace: Workspace;
}

export interface GroundOptions extends CommonOptions {
  /** Ask the platform instead of the files. */
  readonly live: boolean;
  readonly now?: Date;
  /** Answer of this moment in the past, by Git and the ledger. */
  readonly at?: string;
  /** With `at`: nothing is fetched. */
  readonly offline?: boolean;
  /** Git is asked which commit the files are of. */
  readonly git?: boolean;
}

/** What the answers are about, or the exit code when the files have errors that would make any answer a guess. */
export async function openGrounds(context: Context, options: GroundOptions): Promise<Grounds | ExitCode> {
  if (options.at !== undefined)
    return (await import("./past-grounds.ts")).openPastGrounds(context, options, options.at);
  const workspace = await openWorkspace(context, options, { git: options.git ?? false });
  const { settings } = workspace.policies;
  const now = options.now ?? context.now();
  const findings = [...workspace.policies.findings];
  const targets = chooseTargets(workspace.policies, options.target);
  const readings = new Map<Target, Promise<LiveRead>>();
  if (options.live) for (const target of targets) readings.set(target, readLive(context, target, {}));
  const grounds: Ground[] = [];
  const failures: Failure[] = [];
  for (const target of targets) {
    const { platform } = driverOf(target);
    const desired = desiredState(workspace, target, now);
    findings.push(...desired.findings);
    const declared = inForce(desired.state, target, platform, now);
    const reading = readings.get(target);
    const live = reading && (await attempt(target.name, () => reading));
    if (isFailure(live)) {
      failures.push(live);
      continue;
    }
    if (!live && !declared.has(platform.scopeKind)) {
      const scopes = scopeWord(platform);
      context.err(
        `Warning: the settings of ${target.name} name no ${scopes}, so groups for all ${scopes} show nothing of them; add "environments" to the target, or use --live.\n`,
      );
    }
    const state = live?.state ?? declared;
    const several = (settings?.targets.length ?? 0) > 1;
    const placesOf = createPlaces(declared, platform);
    grounds.push({ target, several, platform, state, declared, placesOf, view: platform.access(state) });
  }
  if (targets.length > 0 && (options.live || !hasErrors(findings)))
    return { grounds, failures, people: settings?.people ?? [], workspace };
  return showFindings({ ...context, out: context.err }, findings, { strict: true, format: "human" });
}

/** What files give at an instant: without what has ended, with what every target comes with. */
export function inForce(desired: State, { timeZone }: Target, platform: Platform, now: Date): State {
  return withDefaults(splitEnded(desired, now, timeZone).active, platform);
}

/** What some grounds answer. A question that only some can be asked is answered by those; what the first says is thrown when none can. */
export function askEach<T>(grounds: readonly Ground[], ask: (ground: Ground) => readonly T[]): T[] {
  const answers: T[] = [];
  const errors: OperatorError[] = [];
  for (const ground of grounds)
    try {
      answers.push(...ask(ground));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      errors.push(error);
    }
  // Of a target that has the resource, else with a guess at what was meant: that says most.
  const told =
    errors.find((error) => !(error instanceof UnknownResource)) ??
    errors.find(({ hint }) => hint !== undefined) ??
    errors[0];
  if (told && errors.length === grounds.length) throw told;
  return answers;
}

class UnknownResource extends OperatorError {}

/** The resource of a name or alias. Throws `OperatorError` with the nearest one. */
export function resourceNamed({ platform, state }: Ground, text: string): ResourceSpec {
  const wanted = platform.fold(text);
  const resources = resourcesOf(platform, state);
  const found = resources.find(({ name, aliases }) =>
    [name, ...aliases].some((known) => platform.fold(known) === wanted),
  );
  if (found) return found;
  const guess = nearest(
    text,
    resources.flatMap(({ name, aliases }) => [name, ...aliases]),
  );
  throw new UnknownResource(
    `There is no resource "${text}" on ${platform.title}`,
    guess === undefined ? undefined : `Did you mean "${guess}"?`,
  );
}

/** The scope's name as grants spell it. Throws `OperatorError` for one that does not exist. */
export function scopeNamed({ platform, state }: Ground, environment: string | undefined): string | undefined {
  if (environment === undefined) return undefined;
  const scopes = scopesOf(platform, state);
  const wanted = platform.fold(environment);
  const found =
    scopes.find((name) => platform.fold(name) === wanted) ?? (wanted === "organization" ? "organization" : undefined);
  if (found !== undefined) return found;
  const guess = nearest(environment, scopes);
  throw new OperatorError(
    `There is no ${platform.scopeKind.toLowerCase()} "${environment}"`,
    scopes.length === 0
      ? "The settings name none: add `environments` to the target, or use --live."
      : guess === undefined
        ? `${platform.scopeKind}s: ${scopes.join(", ")}.`
        : `Did you mean "${guess}"?`,
  );
}
