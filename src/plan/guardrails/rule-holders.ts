// Through which groups something may be held: permissions that are named, and whatever lets its holder take any other.
import type { Path } from "../../model/grant.ts";
import type { Guardrail, PermissionSelector } from "../../model/guardrail.ts";
import { memo } from "../../model/lazy.ts";
import { MEMBER } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Breach, Described } from "./breach.ts";
import { extentOf, type Hold, ownerFor, selectIn } from "./selection.ts";
import { holdsTheSame, type Person, type Survey } from "./survey.ts";
import { causeOf, holdText, holdValues, namesText } from "./words.ts";

type Holding = Guardrail & { readonly rule: "permission-holders" | "escalation-holders" };
type Through = "any-group" | "nobody" | readonly string[];

/** What a rule is about, and through whom it may be held. */
export function holdingOf({ rule, with: asked }: Holding): {
  readonly permissions: readonly PermissionSelector[];
  readonly through: Through;
} {
  return rule === "permission-holders" ? asked : { permissions: [{ ownerEquivalent: true }], through: asked.through };
}

export function* judgeHolders(guardrail: Holding, survey: Survey): Steps<Breach[]> {
  const { permissions, through } = holdingOf(guardrail);
  const selection = selectIn(survey, permissions);
  const mayGive = permission(through, survey.ground.platform.fold);
  const wrongIn = (owner: boolean) =>
    memo((part: Person["parts"][number]) => selection.holdsIn(part, owner).filter(({ path }) => !mayGive(path)));
  const [wrongOfOthers, wrongOfOwners] = [wrongIn(false), wrongIn(true)];
  const wrongOf = (person: Person) =>
    person.parts.flatMap(ownerFor(selection, survey, person) ? wrongOfOwners : wrongOfOthers);
  const suspects = yield* survey.holding((part) => wrongOfOwners(part).length > 0);
  const breaches: Breach[] = [];
  for (const [index, person] of suspects.entries()) {
    if (index % STEP_ITEMS === 0) yield;
    if (wrongOf(person).length > 0) breaches.push(breachOf(guardrail, person, () => wrongOf(person), survey));
  }
  return breaches;
}

/** A function that says whether something may be held by a path. */
function permission(through: Through, fold: (name: string) => string): (path: Path) => boolean {
  if (through === "nobody") return () => false;
  if (through === "any-group") return ({ group }) => group !== undefined;
  const groups = new Set(through.map(fold));
  return ({ group }) => group !== undefined && groups.has(fold(group));
}

function breachOf(guardrail: Holding, person: Person, wrong: () => readonly Hold[], survey: Survey): Breach {
  const { member } = person;
  const { fold } = survey.ground.platform;
  return {
    subject: `member ${member}`,
    member,
    isIn: (other) => holdsTheSame(person, other),
    extent: () =>
      extentOf(wrong(), survey, ({ resource, scope, path }) => `${resource}\n${scope}\n${fold(path.group ?? "")}`),
    cells: () => new Set(wrong().map(({ resource, scope }) => `${resource}\n${scope}`)),
    without: (groups) => {
      const left = wrong().filter(({ path: { group } }) => group === undefined || !groups.has(fold(group)));
      return left.length > 0 ? breachOf(guardrail, person, () => left, survey) : undefined;
    },
    describe: () => describe(guardrail, member, wrong(), survey),
  };
}

function describe(guardrail: Holding, member: string, wrong: readonly Hold[], survey: Survey): Described {
  const [hold] = wrong;
  const name = survey.nameOf(MEMBER, member);
  const cells = new Set(wrong.map(({ resource, scope }) => `${resource}\n${scope}`)).size;
  const more = cells > 1 ? ` (and ${cells - 1} more like it)` : "";
  const { through } = holdingOf(guardrail);
  const what = hold ? holdText(hold, survey) : "";
  const how = guardrail.rule === "escalation-holders" ? `could take any permission by ${what}` : `holds ${what}`;
  return {
    text: `${name} ${how}${more}, ${allowedText(through)}`,
    values: {
      member: name,
      ...holdValues(wrong, survey),
      limit: Array.isArray(through) ? namesText(through) : (through as string),
    },
    ...causeOf(
      member,
      wrong.map(({ path }) => path),
      survey,
    ),
  };
}

function allowedText(through: Through): string {
  if (through === "nobody") return "which nobody may";
  if (through === "any-group") return "not through a group";
  return through.length === 1 ? `not through ${namesText(through)}` : `not through any of ${namesText(through)}`;
}
