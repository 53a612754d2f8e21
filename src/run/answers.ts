// `rolebook explain` and `rolebook who-can`: why somebody has an access or does not, and who has it, with the lines of the files
// that give it. Answers from the files by default, from the platform with --live.
import type { AnswerPast, Denial, Explanation, PlacedPath, WhoCan } from "../model/answers.ts";
import { type Entity, entityAt } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Grant } from "../model/grant.ts";
import { nearest } from "../model/nearest.ts";
import { kindSpec, MEMBER, type ResourceSpec, scopesOf, scopeWord } from "../model/platform.ts";
import { offersOf } from "../plan/offers.ts";
import { fullName, identify } from "../plan/person.ts";
import { type Context, EXIT, type ExitCode, OperatorError, type ResultOptions } from "./context.ts";
import { exitWith, type Failure, tellFailures } from "./failures.ts";
import { askEach, type Ground, type GroundOptions, openGrounds, resourceNamed, scopeNamed } from "./grounds.ts";
import { emit } from "./output.ts";
import { renderExplanations, renderHolders } from "./show-answers.ts";

export interface AnswerOptions extends ResultOptions, GroundOptions {
  readonly format: "human" | "json";
  readonly environment?: string;
  readonly full: boolean;
}

/** Runs `explain`. Exit 1 when no target knows the member, or one cannot be read. */
export async function runExplain(
  context: Context,
  member: string,
  resource: string | undefined,
  options: AnswerOptions,
): Promise<ExitCode> {
  const opened = await openGrounds(context, options);
  if (typeof opened === "number") return opened;
  const { grounds, failures, people } = opened;
  const asked = grounds.length + failures.length;
  if (grounds.length === 0) return noneRead(context, failures);
  const { login, members } = identify(member, grounds, people);
  const membersOn = new Map(grounds.map((ground, index) => [ground, members[index] ?? []]));
  if (members.every((list) => list.length === 0)) {
    tellFailures(context, failures, asked);
    throw unknownMember(grounds, member);
  }
  const known = askEach(grounds, (ground) => {
    const question = questionOf(ground, resource, options.environment);
    const answers = (membersOn.get(ground) ?? []).map((entity) => explain(ground, entity, question));
    // What it would take is worth saying of a stranger as well, where the platform says all of it.
    const told = answers.length > 0 || !ground.platform.layers ? answers : [explainAbsence(ground, member, question)];
    return told.map((answer) => ({ answer, scopes: scopesIn(ground) }));
  });
  const found = known.length > 0 ? known : absences(grounds, member, resource, options);
  const person = { member, ...(login === undefined ? {} : { login }) };
  emit(context, options.output, renderExplanations(context, person, found, options));
  tellFailures(context, failures, asked);
  return exitWith([EXIT.done], failures);
}

/** Runs `who-can`. Exit 1 when a target cannot be read. */
export async function runWhoCan(
  context: Context,
  level: string,
  resource: string,
  options: AnswerOptions,
): Promise<ExitCode> {
  const opened = await openGrounds(context, options);
  if (typeof opened === "number") return opened;
  const { grounds, failures } = opened;
  if (grounds.length === 0) return noneRead(context, failures);
  const answers = askEach(grounds, (ground) => [
    { answer: whoCan(ground, level, resource, options.environment), scopes: scopesIn(ground) },
  ]);
  emit(context, options.output, renderHolders(context, answers, options));
  tellFailures(context, failures, grounds.length + failures.length);
  return exitWith([EXIT.done], failures);
}

/** What is asked of one target. */
interface Question {
  readonly resource: ResourceSpec | undefined;
  readonly scope: string | undefined;
}

function questionOf(ground: Ground, resource: string | undefined, environment: string | undefined): Question {
  const spec = resource === undefined ? undefined : resourceNamed(ground, resource);
  return { resource: spec, scope: scopeNamed(ground, environment) };
}

function explain(ground: Ground, { local, name, attributes }: Entity, question: Question): Explanation {
  const { resource, scope } = question;
  const held = ground.view
    .grantsOf(local)
    .filter((grant) => resource === undefined || grant.resource === resource.name)
    .filter((grant) => scope === undefined || grant.scope === scope);
  const grants = held.map((grant) => ({
    resource: grant.resource,
    scope: grant.scope,
    level: grant.level,
    paths: pathsOf(ground, local, grant),
  }));
  const denied = denials(ground, local, question, new Set(held.map((grant) => grant.scope)));
  return { ...named(ground), member: name, name: fullName(attributes), present: true, grants, denied };
}

/** Of somebody whom the target does not know. */
function explainAbsence(ground: Ground, member: string, question: Question): Explanation {
  const denied = ground.platform.layers ? denials(ground, ground.platform.fold(member), question, new Set()) : [];
  return { ...named(ground), member, name: "", present: false, grants: [], denied };
}

/** Of somebody known only where there is no such resource: the targets that have it do not know them. */
function absences(
  grounds: readonly Ground[],
  member: string,
  resource: string | undefined,
  { environment }: AnswerOptions,
) {
  return askEach(grounds, (ground) => [
    { answer: explainAbsence(ground, member, questionOf(ground, resource, environment)), scopes: scopesIn(ground) },
  ]);
}

function noneRead(context: Context, failures: readonly Failure[]): ExitCode {
  tellFailures(context, failures, failures.length);
  return EXIT.refused;
}

/** Every scope asked about where a resource is not held, and what that takes. */
function denials(
  { platform, state }: Ground,
  member: string,
  { resource, scope }: Question,
  held: ReadonlySet<string>,
): Denial[] {
  if (!resource) return [];
  const everywhere = resource.scope === "organization" ? ["organization"] : scopesOf(platform, state);
  const missing = (scope === undefined ? [...everywhere].sort(compareText) : [scope]).filter((name) => !held.has(name));
  if (missing.length === 0) return [];
  const offers = offersOf(state, platform, member, resource.name);
  return missing.map((name) => ({
    resource: resource.name,
    scope: name,
    layers: platform.layers?.(state, { member, resource: resource.name, scope: name }) ?? [],
    offers: offers(name),
  }));
}

/** The target's name, where an answer could be about another one, and the moment, where that is not now. */
function named({ target, several, past }: Ground): { readonly target?: string; readonly past?: AnswerPast } {
  return { ...(several ? { target: target.name } : {}), ...(past ? { past } : {}) };
}

function whoCan(ground: Ground, level: string, resource: string, environment: string | undefined): WhoCan {
  const { platform, state, view } = ground;
  const { name, levels } = resourceNamed(ground, resource);
  const rank = platform.rankOf(name, level.toLowerCase());
  if (rank < 0) {
    throw new OperatorError(`${name} has no level "${level}"`, `It offers: ${levels.join(", ")}.`);
  }
  const scope = scopeNamed(ground, environment);
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

function pathsOf({ placesOf }: Ground, member: string, grant: Grant): PlacedPath[] {
  return grant.via.map((path) => placesOf(member, path).placed);
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
