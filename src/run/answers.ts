// `rolebook explain` and `rolebook who-can`: why somebody has an access, and who has it, with the lines
// of the files that give it. Answers from the files by default, from the platform with --live.
import type { Explanation, PlacedPath, WhoCan } from "../model/answers.ts";
import { type Entity, entityAt, membershipSection, type State } from "../model/entity.ts";
import type { Grant, Path } from "../model/grant.ts";
import { nearest } from "../model/nearest.ts";
import {
  type AccessView,
  GROUP,
  kindSpec,
  MEMBER,
  type Platform,
  type ResourceSpec,
  resourcesOf,
  scopesOf,
  scopeWord,
} from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { splitEnded } from "../plan/expire.ts";
import { type Context, EXIT, type ExitCode, OperatorError, type ResultOptions } from "./context.ts";
import { desiredState, withDefaults } from "./desired.ts";
import { readLive } from "./live.ts";
import { emit } from "./output.ts";
import { renderExplanations, renderHolders } from "./show-answers.ts";
import { showFindings } from "./show-findings.ts";
import { chooseTargets, driverOf, hasErrors, openWorkspace } from "./workspace.ts";

export interface AnswerOptions extends ResultOptions {
  readonly format: "human" | "json";
  readonly environment?: string;
  /** Ask the platform instead of the files. */
  readonly live: boolean;
  readonly full: boolean;
  readonly now?: Date;
}

interface Ground {
  readonly target: Target;
  /** The settings name other targets too. */
  readonly several: boolean;
  readonly platform: Platform;
  readonly state: State;
  /** Where things are declared, also when the state is live. */
  readonly declared: State;
  readonly view: AccessView;
}

/** Runs `explain`. Exit 1 when no target knows the member. */
export async function runExplain(
  context: Context,
  member: string,
  resource: string | undefined,
  options: AnswerOptions,
): Promise<ExitCode> {
  const grounds = await groundsOf(context, options);
  if (!Array.isArray(grounds)) return grounds;
  const found = grounds.flatMap((ground) =>
    explain(ground, member, resource, options.environment).map((answer) => ({ answer, scopes: scopesIn(ground) })),
  );
  if (found.length === 0) throw unknownMember(grounds, member);
  emit(context, options.output, renderExplanations(context, found, options));
  return EXIT.done;
}

/** Runs `who-can`. */
export async function runWhoCan(
  context: Context,
  level: string,
  resource: string,
  options: AnswerOptions,
): Promise<ExitCode> {
  const grounds = await groundsOf(context, options);
  if (!Array.isArray(grounds)) return grounds;
  const answers = grounds.map((ground) => ({
    answer: whoCan(ground, level, resource, options.environment),
    scopes: scopesIn(ground),
  }));
  emit(context, options.output, renderHolders(context, answers, options));
  return EXIT.done;
}

/** What the answers are about, or the exit code when the files have errors that would make any answer a guess. */
async function groundsOf(context: Context, options: AnswerOptions): Promise<Ground[] | ExitCode> {
  const workspace = await openWorkspace(context, options, { git: false });
  const now = options.now ?? context.now();
  const grounds: Ground[] = [];
  const findings = [...workspace.policies.findings];
  for (const target of chooseTargets(workspace.policies, options.target)) {
    const { platform } = driverOf(target);
    const desired = desiredState(workspace, target, now);
    findings.push(...desired.findings);
    const declared = withDefaults(splitEnded(desired.state, now, target.timeZone).active, platform);
    const state = options.live ? (await readLive(context, target, {})).state : declared;
    if (!options.live && !declared.has(platform.scopeKind)) {
      const scopes = scopeWord(platform);
      context.err(
        `Warning: the settings of ${target.name} name no ${scopes}, so groups for all ${scopes} show nothing of them; add "environments" to the target, or use --live.\n`,
      );
    }
    const several = (workspace.policies.settings?.targets.length ?? 0) > 1;
    grounds.push({ target, several, platform, state, declared, view: platform.access(state) });
  }
  if (grounds.length > 0 && (options.live || !hasErrors(findings))) return grounds;
  return showFindings({ ...context, out: context.err }, findings, { strict: true, format: "human" });
}

function explain(
  ground: Ground,
  member: string,
  resource: string | undefined,
  environment: string | undefined,
): Explanation[] {
  const { platform, state, view } = ground;
  const local = platform.fold(member);
  const entity = entityAt(state, MEMBER, local);
  if (!entity) return [];
  const only = resource === undefined ? undefined : resourceNamed(ground, resource).name;
  const scope = scopeOf(ground, environment);
  const grants = view
    .grantsOf(local)
    .filter(
      (grant) => (only === undefined || grant.resource === only) && (scope === undefined || grant.scope === scope),
    )
    .map((grant) => ({
      resource: grant.resource,
      scope: grant.scope,
      level: grant.level,
      paths: pathsOf(ground, local, grant),
    }));
  return [{ ...named(ground), member: entity.name, name: fullName(entity), present: true, grants }];
}

/** The target's name, where an answer could be about another one. */
function named({ target, several }: Ground): { readonly target?: string } {
  return several ? { target: target.name } : {};
}

/** First and last name, where the platform has them. */
function fullName({ attributes }: Entity): string {
  const parts = [attributes.firstName, attributes.lastName].filter((part) => typeof part === "string");
  return parts.join(" ").trim();
}

function whoCan(ground: Ground, level: string, resource: string, environment: string | undefined): WhoCan {
  const { platform, state, view } = ground;
  const { name, levels } = resourceNamed(ground, resource);
  const rank = platform.rankOf(name, level.toLowerCase());
  if (rank < 0) {
    throw new OperatorError(`${name} has no level "${level}"`, `It offers: ${levels.join(", ")}.`);
  }
  const scope = scopeOf(ground, environment);
  const holders = view.members().flatMap((member) =>
    view
      .grantsOf(member)
      .filter((grant) => grant.resource === name && platform.rankOf(name, grant.level) >= rank)
      .filter((grant) => scope === undefined || grant.scope === scope)
      .map((grant) => ({
        member: entityAt(state, MEMBER, member)?.name ?? member,
        scope: grant.scope,
        level: grant.level,
        paths: pathsOf(ground, member, grant),
      })),
  );
  return { ...named(ground), level: level.toLowerCase(), resource: name, scope: scope ?? null, holders };
}

function pathsOf({ platform, declared }: Ground, member: string, grant: Grant): PlacedPath[] {
  return grant.via.map((path: Path) => {
    const group = path.group === undefined ? undefined : platform.fold(path.group);
    // What is held through no group stands in the member's own document.
    const membership =
      group === undefined
        ? entityAt(declared, MEMBER, member)?.place
        : entityAt(declared, membershipSection(group), member)?.place;
    const groupPlace = group === undefined ? undefined : entityAt(declared, GROUP, group)?.place;
    const rolePlace = path.role === undefined ? undefined : entityAt(declared, "Role", platform.fold(path.role))?.place;
    return {
      ...path,
      ...(membership ? { membershipPlace: membership } : {}),
      ...(groupPlace ? { groupPlace } : {}),
      ...(rolePlace ? { rolePlace } : {}),
    };
  });
}

/** The resource of a name or alias. Throws `OperatorError` with the nearest one. */
function resourceNamed({ platform, state }: Ground, text: string): ResourceSpec {
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
  throw new OperatorError(
    `There is no resource "${text}" on ${platform.title}`,
    guess === undefined ? undefined : `Did you mean "${guess}"?`,
  );
}

/** The scope's name as grants spell it. Throws `OperatorError` for one that does not exist. */
function scopeOf({ platform, state }: Ground, environment: string | undefined): string | undefined {
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

function scopesIn({ platform, state }: Ground) {
  return { environments: scopesOf(platform, state), scopeWord: scopeWord(platform) };
}

function unknownMember(grounds: readonly Ground[], member: string): OperatorError {
  const known = grounds.flatMap(({ state }) => [...(state.get(MEMBER)?.values() ?? [])].map(({ name }) => name));
  const guess = nearest(member, known);
  return new OperatorError(
    `Nobody here is called "${member}"`,
    guess === undefined ? `Members are named by their ${identityOf(grounds)}.` : `Did you mean "${guess}"?`,
  );
}

/** What members are told apart by, in words. */
function identityOf(grounds: readonly Ground[]): string {
  const identities = grounds.map(({ platform }) => kindSpec(platform, MEMBER)?.identity);
  return identities.every((identity) => identity === "name") ? "name" : "address";
}
