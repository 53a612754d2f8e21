// Answers about access on their way out.
import type { Explanation, WhoCan } from "../model/answers.ts";
import { renderExplanation, renderWhoCan } from "../report/access-text.ts";
import { explanationToJson, whoCanToJson } from "../report/answers-json.ts";
import type { AnswerOptions } from "./answers.ts";
import type { Context } from "./context.ts";
import { jsonTogether } from "./output.ts";

/** What a member holds on each target that knows them. */
export function renderExplanations(
  context: Context,
  answers: readonly Explanation[],
  environments: readonly string[],
  options: AnswerOptions,
): Iterable<string> {
  if (options.format === "json")
    return jsonTogether(answers.map((answer) => [`${JSON.stringify(explanationToJson(answer))}\n`]));
  return answers.map((answer) => renderExplanation(answer, textOptions(context, environments, options)));
}

/** Who holds what was asked about, target by target. */
export function renderHolders(
  context: Context,
  answers: readonly WhoCan[],
  environments: readonly string[],
  options: AnswerOptions,
): Iterable<string> {
  if (options.format === "json")
    return jsonTogether(answers.map((answer) => [`${JSON.stringify(whoCanToJson(answer))}\n`]));
  return answers.map((answer) => renderWhoCan(answer, textOptions(context, environments, options)));
}

function textOptions({ terminal }: Context, environments: readonly string[], { full, output }: AnswerOptions) {
  return { color: terminal.color && output === undefined, width: terminal.width, environments, full };
}
