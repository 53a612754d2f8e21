// Answers about access on their way out.
import type { AskedPerson, Explanation, WhoCan } from "../model/answers.ts";
import { renderExplanation, renderPerson, renderWhoCan } from "../report/access-text.ts";
import { explanationToJson, whoCanToJson } from "../report/answers-json.ts";
import type { KnownScopes } from "../report/phrase.ts";
import type { AnswerOptions } from "./answers.ts";
import type { Context } from "./context.ts";
import { jsonTogether } from "./output.ts";

/** An answer, and the scopes of the target it is about. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly scopes: KnownScopes;
}

/** What one person holds on each target that knows them. */
export function renderExplanations(
  context: Context,
  person: AskedPerson,
  answers: readonly Answered<Explanation>[],
  options: AnswerOptions,
): Iterable<string> {
  if (options.format === "json")
    return jsonTogether(answers.map(({ answer }) => [`${JSON.stringify(explanationToJson(answer, person.login))}\n`]));
  const [only, ...rest] = answers;
  if (only && rest.length === 0) return [renderExplanation(only.answer, textOptions(context, only.scopes, options))];
  const parts = answers.map(({ answer, scopes }) => ({ answer, known: scopes }));
  return [renderPerson(person, parts, textOptions(context, { environments: [] }, options))];
}

/** Who holds what was asked about, target by target. */
export function renderHolders(
  context: Context,
  answers: readonly Answered<WhoCan>[],
  options: AnswerOptions,
): Iterable<string> {
  if (options.format === "json")
    return jsonTogether(answers.map(({ answer }) => [`${JSON.stringify(whoCanToJson(answer))}\n`]));
  return answers.map(({ answer, scopes }) => renderWhoCan(answer, textOptions(context, scopes, options)));
}

function textOptions({ terminal }: Context, scopes: KnownScopes, { full, output }: AnswerOptions) {
  return { color: terminal.color && output === undefined, width: terminal.width, ...scopes, full };
}
