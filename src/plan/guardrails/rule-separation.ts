// What nobody may hold together: separation of duties, and separation of environments.
import { compareText } from "../../model/finding.ts";
import type { Guardrail, PermissionSelector } from "../../model/guardrail.ts";
import { MEMBER } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Breach, Described } from "./breach.ts";
import { extentOf, type Hold, heldBy, ownerFor, type Selection, selectIn } from "./selection.ts";
import { holdsTheSame, type Person, type Survey } from "./survey.ts";
import { causeOf, holdText, holdValues, namesText } from "./words.ts";

/** Two sets of permissions, and whether they must be held in the same scope to be too much. */
export interface Sides {
  readonly first: readonly PermissionSelector[];
  readonly second: readonly PermissionSelector[];
  readonly inOneScope: boolean;
}

type Separating = Guardrail & { readonly rule: "separation-of-duties" | "environment-separation" };

/** The two sets that a rule keeps apart. */
export function sidesOf(guardrail: Separating, fold: (name: string) => string): Sides {
  if (guardrail.rule === "separation-of-duties") {
    const { first, second, in: where } = guardrail.with;
    return { first, second, inOneScope: where === "one-scope" };
  }
  const { one, other } = guardrail.with;
  return { first: selectorsOf(one, fold), second: selectorsOf(other, fold), inOneScope: false };
}

/** A side's permissions in its scopes; a permission that names scopes of its own counts where both are. */
function selectorsOf(
  {
    scopes,
    permissions = [{}],
  }: { readonly scopes: readonly string[]; readonly permissions?: readonly PermissionSelector[] },
  fold: (name: string) => string,
): PermissionSelector[] {
  return permissions.map((selector) => {
    const own = selector.scopes && new Set(selector.scopes.map(fold));
    return { ...selector, scopes: own ? scopes.filter((scope) => own.has(fold(scope))) : scopes };
  });
}

export function* judgeSeparation(guardrail: Separating, survey: Survey): Steps<Breach[]> {
  const { first, second, inOneScope } = sidesOf(guardrail, survey.ground.platform.fold);
  const pair: Pair = { first: selectIn(survey, first), second: selectIn(survey, second), inOneScope, survey };
  const breaches: Breach[] = [];
  const holdAny = [pair.first, pair.second].map(
    (side) => (part: Person["parts"][number]) => side.fitsIn(part, true).length > 0,
  );
  for (const [index, person] of (yield* survey.holding(...holdAny)).entries()) {
    if (index % STEP_ITEMS === 0) yield;
    if (isBroken(pair, person)) breaches.push(new HeldTogether(pair, person));
  }
  return breaches;
}

interface Pair {
  readonly first: Selection;
  readonly second: Selection;
  readonly inOneScope: boolean;
  readonly survey: Survey;
}

/** The same as whether there is a conflict, without working out paths. */
function isBroken({ first, second, inOneScope, survey }: Pair, person: Person): boolean {
  const { parts } = person;
  const owner = ownerFor(first, survey, person) || ownerFor(second, survey, person);
  if (!parts.some((part) => first.fitsIn(part, owner).length > 0)) return false;
  if (!inOneScope) return parts.some((part) => second.fitsIn(part, owner).length > 0);
  return parts.some((part) =>
    first.scopesIn(part, owner).some((scope) => parts.some((other) => second.scopesIn(other, owner).includes(scope))),
  );
}

interface Conflict {
  readonly first: readonly Hold[];
  readonly second: readonly Hold[];
}

/** What somebody holds of both sets, what comes through some groups left out; undefined when that is no conflict. */
function conflictOf(pair: Pair, person: Person, without?: ReadonlySet<string>): Conflict | undefined {
  const { fold } = pair.survey.ground.platform;
  const counts = ({ path: { group } }: Hold) => group === undefined || !without?.has(fold(group));
  const [first, second] = [pair.first, pair.second].map((side) => heldBy(side, pair.survey, person).filter(counts)) as [
    Hold[],
    Hold[],
  ];
  if (!pair.inOneScope) return first.length > 0 && second.length > 0 ? { first, second } : undefined;
  const [here, there] = [first, second].map((holds) => new Set(holds.map(({ scope }) => scope))) as [
    Set<string>,
    Set<string>,
  ];
  const common = first.filter(({ scope }) => there.has(scope));
  return common.length > 0 ? { first: common, second: second.filter(({ scope }) => here.has(scope)) } : undefined;
}

/** A class, since there may be very many: they share what they can be asked. */
class HeldTogether implements Breach {
  readonly member: string;
  readonly #pair: Pair;
  readonly #person: Person;
  /** Folded names of groups that do not count. */
  readonly #groups: ReadonlySet<string> | undefined;

  constructor(pair: Pair, person: Person, groups?: ReadonlySet<string>) {
    this.member = person.member;
    this.#pair = pair;
    this.#person = person;
    this.#groups = groups;
  }

  get subject(): string {
    return `member ${this.member}`;
  }

  isIn(other: Survey): boolean {
    return holdsTheSame(this.#person, other);
  }

  extent(): ReadonlyMap<string, number> {
    const [pair, person, groups] = [this.#pair, this.#person, this.#groups];
    return groups ? extentOfConflict(pair, conflictOf(pair, person, groups)) : extentOfParts(pair, person);
  }

  cells(): ReadonlySet<string> {
    return new Set([...this.extent().keys()].map((key) => key.slice(key.indexOf("\n") + 1)));
  }

  without(groups: ReadonlySet<string>): Breach | undefined {
    const [pair, person] = [this.#pair, this.#person];
    return conflictOf(pair, person, groups) ? new HeldTogether(pair, person, groups) : undefined;
  }

  describe(): Described {
    return describe(this.#pair, this.#person, this.#groups);
  }
}

function extentOfConflict({ survey }: Pair, conflict: Conflict | undefined): ReadonlyMap<string, number> {
  const { first = [], second = [] } = conflict ?? {};
  const extent = (side: number, holds: readonly Hold[]) =>
    extentOf(holds, survey, ({ resource, scope }) => `${side}\n${resource}\n${scope}`);
  return new Map([...extent(1, first), ...extent(2, second)]);
}

/** The same of all that somebody holds, without working out paths: it is asked of many. */
function extentOfParts({ first, second, inOneScope, survey }: Pair, person: Person): ReadonlyMap<string, number> {
  const owner = ownerFor(first, survey, person) || ownerFor(second, survey, person);
  const extent = new Map<string, number>();
  for (const [side, one, other] of [
    [1, first, second],
    [2, second, first],
  ] as const) {
    const scopes = inOneScope && new Set(person.parts.flatMap((part) => other.scopesIn(part, owner)));
    for (const part of person.parts)
      for (const { resource, scope, level } of one.fitsIn(part, owner)) {
        if (scopes && !scopes.has(scope)) continue;
        const key = `${side}\n${resource}\n${scope}`;
        const rank = survey.ground.platform.rankOf(resource, level);
        if (rank > (extent.get(key) ?? -1)) extent.set(key, rank);
      }
  }
  return extent;
}

function describe(pair: Pair, person: Person, without?: ReadonlySet<string>): Described {
  const { survey, inOneScope } = pair;
  const { first = [], second = [] } = conflictOf(pair, person, without) ?? {};
  const [one] = first;
  const other = second.find(({ scope }) => !inOneScope || scope === one?.scope);
  const shown = [one, other].filter((hold) => hold !== undefined);
  const others = [...new Set(first.map(({ scope }) => scope))]
    .filter((scope) => scope !== one?.scope)
    .sort(compareText);
  const more = inOneScope && others.length > 0 ? ` (likewise in ${namesText(others)})` : "";
  const name = survey.nameOf(MEMBER, person.member);
  return {
    text: `${name} holds ${shown.map((hold) => holdText(hold, survey)).join(" and ")}${more}`,
    values: { member: name, ...holdValues(shown, survey) },
    ...causeOf(
      person.member,
      shown.map(({ path }) => path),
      survey,
    ),
  };
}
