// Names in the definition of a review that lead nowhere: it would begin without a word, be about less than people think, or be decided by
// others than they named. Looks at what files say; something on the platform alone may be called so, so these are warnings. Pure.
import type { ReviewDefinition, ReviewScope } from "../../model/campaign.ts";
import type { State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import { nearest } from "../../model/nearest.ts";
import { GROUP, MEMBER, type Platform, resourcesOf, scopesOf } from "../../model/platform.ts";
import type { Target } from "../../model/settings.ts";
import { memberLookup } from "./members.ts";

/** What files say of a target, with what every target comes with. */
export interface DeclaredTarget {
  readonly target: Target;
  readonly platform: Platform;
  readonly state: State;
}

/** What is lost in each definition. `targets` are all that the settings have. */
export function lostInReviews(definitions: readonly ReviewDefinition[], targets: readonly DeclaredTarget[]): Finding[] {
  const isMember = memberLookup(targets);
  return definitions.flatMap((definition) => [
    ...lostNames(definition, targets),
    ...lostReviewers(definition, targets, isMember),
  ]);
}

type Part = keyof Pick<ReviewScope, "groups" | "resources" | "levels" | "scopes">;

const WORDS: Readonly<Record<Part, string>> = {
  groups: "group",
  resources: "resource",
  levels: "level",
  scopes: "scope",
};

function lostNames({ name, scope, place }: ReviewDefinition, all: readonly DeclaredTarget[]): Finding[] {
  const targets = all.filter(({ target }) => scope.targets?.includes(target.name) ?? true);
  // A target that the settings do not have is a finding already.
  if (targets.length === 0) return [];
  return (Object.keys(WORDS) as Part[]).flatMap((part) =>
    (scope[part] ?? []).flatMap((asked): Finding[] => {
      const known = targets.map((one) => ({ fold: one.platform.fold, names: namesOf(part, one) }));
      if (known.some(({ fold, names }) => names.some((one) => fold(one) === fold(asked)))) return [];
      const message = `Review "${name}" is about the ${WORDS[part]} "${asked}", which no target of it has by the files`;
      const meant =
        aliased(part, asked, targets) ??
        nearest(
          asked,
          known.flatMap(({ names }) => names),
        );
      const hint = meant === undefined ? "Correct the name, or take it out of scope." : `Did you mean "${meant}"?`;
      return [{ severity: "warning", code: "review-name-unknown", message, place, hint }];
    }),
  );
}

/** What a part of a scope can name on a target. */
function namesOf(part: Part, { target, platform, state }: DeclaredTarget): readonly string[] {
  switch (part) {
    case "groups":
      return [...(state.get(GROUP)?.values() ?? [])].map((group) => group.name);
    case "resources":
      return resourcesOf(platform, state).map((resource) => resource.name);
    case "levels":
      return [...new Set(resourcesOf(platform, state).flatMap(({ levels }) => levels))];
    case "scopes":
      return [...scopesOf(platform, state), ...(target.environments ?? []), "organization"];
    default:
      return part satisfies never;
  }
}

/** A resource is reviewed by its name alone. */
function aliased(part: Part, asked: string, targets: readonly DeclaredTarget[]): string | undefined {
  if (part !== "resources") return undefined;
  return targets
    .flatMap(({ platform, state }) => resourcesOf(platform, state).map((resource) => ({ ...platform, resource })))
    .find(({ fold, resource }) => resource.aliases.some((alias) => fold(alias) === fold(asked)))?.resource.name;
}

function lostReviewers(
  { name, reviewers: { named, fallback }, place }: ReviewDefinition,
  targets: readonly DeclaredTarget[],
  isMember: (name: string) => boolean,
): Finding[] {
  const members = targets.flatMap(({ state }) => [...(state.get(MEMBER)?.values() ?? [])].map((one) => one.name));
  return [...new Set([...named, ...fallback])].flatMap((asked): Finding[] => {
    if (isMember(asked)) return [];
    const message = `Review "${name}" is to be decided by "${asked}", who is a member of no target by the files`;
    const close = nearest(asked, members);
    const hint = close === undefined ? "Name somebody else, or declare them." : `Did you mean "${close}"?`;
    return [{ severity: "warning", code: "reviewer-unknown", message, place, hint }];
  });
}
