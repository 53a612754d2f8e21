// Whom a guardrail does not hold for, as its file says: takes those breaches away while the exception is in force, and says
// which exceptions there are, which have ended, and which nobody needs.
import { membershipSection } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { Guardrail, GuardrailException } from "../../model/guardrail.ts";
import { MEMBER } from "../../model/platform.ts";
import { hasEnded } from "../../model/until.ts";
import { type Breach, isMore } from "./breach.ts";
import type { Survey } from "./survey.ts";

export interface Exempted {
  /** What is left. */
  readonly breaches: readonly Breach[];
  readonly used: ReadonlySet<GuardrailException>;
}

/** Folded name of a member, a group or something else -> the exceptions for it. */
type Exempt = ReadonlyMap<string, readonly GuardrailException[]>;

/** Takes away what exceptions in force are for. */
export function exempt(guardrail: Guardrail, breaches: readonly Breach[], survey: Survey): Exempted {
  const { inForce } = splitExceptions(guardrail, survey);
  const used = new Set<GuardrailException>();
  if (inForce.length === 0) return { breaches, used };
  const take = openExceptions(inForce, survey);
  const left = breaches.flatMap((breach) => {
    const taken = take(breach);
    for (const exception of taken.used) used.add(exception);
    return taken.left ?? [];
  });
  return { breaches: left, used };
}

/** Those that hold now, and those that are over. */
export function splitExceptions(
  { except }: Guardrail,
  survey: Survey,
): { readonly inForce: readonly GuardrailException[]; readonly over: readonly GuardrailException[] } {
  return {
    inForce: except.filter((exception) => !isOver(exception, survey)),
    over: except.filter((exception) => isOver(exception, survey)),
  };
}

/** What exceptions leave of a breach, and those of them that matter for it. */
export interface Taken {
  readonly left: Breach | undefined;
  readonly used: readonly GuardrailException[];
}

/** A function that takes away from one breach what some exceptions are for, whether or not they are in force. */
export function openExceptions(exceptions: readonly GuardrailException[], survey: Survey): (breach: Breach) => Taken {
  const members = namedBy(exceptions, ({ member }) => member, memberFinder(survey));
  const groups = namedBy(exceptions, ({ group }) => group, survey.ground.platform.fold);
  const entities = namedBy(exceptions, ({ entity }) => entity, survey.ground.platform.fold);
  const usedOf = (exempt: Exempt, names: Iterable<string>) => [...names].flatMap((name) => exempt.get(name) ?? []);
  return (breach) => {
    if (breach.member !== undefined && members.has(breach.member))
      return { left: undefined, used: usedOf(members, [breach.member]) };
    if (breach.entity !== undefined && entities.has(breach.entity))
      return { left: undefined, used: usedOf(entities, [breach.entity]) };
    if (breach.counted) {
      const { counted } = breach;
      const excepted = [...members.keys()].filter((member) => counted.members.has(member));
      if (excepted.length === 0) return { left: breach, used: [] };
      return { left: counted.without(new Set(excepted)), used: usedOf(members, excepted) };
    }
    // Nothing comes to anybody through a group that they are not in: of many exceptions, few are worth a look.
    const near = [...groups.keys()].filter((group) => isNear(breach, group, survey));
    if (near.length === 0) return { left: breach, used: [] };
    return { left: withoutGroups(breach, new Set(near)), used: usedOf(groups, groupsThatMatter(breach, near)) };
  };
}

function isOver({ until }: GuardrailException, { ground: { now, target } }: Survey): boolean {
  return hasEnded(until, now, target.timeZone);
}

function namedBy(
  exceptions: readonly GuardrailException[],
  nameOf: (exception: GuardrailException) => string | undefined,
  fold: (name: string) => string,
): Exempt {
  const named = new Map<string, GuardrailException[]>();
  for (const exception of exceptions) {
    const name = nameOf(exception);
    const local = name === undefined ? undefined : fold(name);
    const known = local === undefined ? undefined : named.get(local);
    if (known) known.push(exception);
    else if (local !== undefined) named.set(local, [exception]);
  }
  return named;
}

/** A function that gives the folded name of the member whose name or address something is. */
export function memberFinder({ ground: { platform, state } }: Survey): (name: string) => string {
  const members = state.get(MEMBER);
  let byAddress: Map<string, string> | undefined;
  return (name) => {
    const local = platform.fold(name);
    if (!members || members.has(local)) return local;
    if (!byAddress) {
      byAddress = new Map();
      for (const { local, attributes } of members.values())
        if (typeof attributes.email === "string") {
          const address = attributes.email.trim().toLowerCase();
          if (!byAddress.has(address)) byAddress.set(address, local);
        }
    }
    return byAddress.get(name.trim().toLowerCase()) ?? local;
  };
}

function isNear({ group, member }: Breach, excepted: string, { ground: { state } }: Survey): boolean {
  if (group === excepted || member === undefined) return true;
  return state.get(membershipSection(excepted))?.has(member) ?? false;
}

function withoutGroups(breach: Breach, groups: ReadonlySet<string>): Breach | undefined {
  if (breach.without) return breach.without(groups);
  return breach.group !== undefined && groups.has(breach.group) ? undefined : breach;
}

/** The groups each of which leaves less of a breach by itself; where none does, those that the others cannot do without. */
function groupsThatMatter(breach: Breach, groups: readonly string[]): readonly string[] {
  const leavesLess = (whole: Breach | undefined, left: Breach | undefined) =>
    whole !== undefined && (left === undefined || isMore(whole, left));
  const alone = groups.filter((group) => leavesLess(breach, withoutGroups(breach, new Set([group]))));
  if (alone.length > 0) return alone;
  const all = withoutGroups(breach, new Set(groups));
  return groups.filter((group) =>
    leavesLess(withoutGroups(breach, new Set(groups.filter((other) => other !== group))), all),
  );
}

/** A note for each exception in force, a warning for each that has ended or that, where that can be told, drops nothing. */
export function reportExceptions(
  guardrail: Guardrail,
  used: ReadonlySet<GuardrailException> | undefined,
  survey: Survey,
): Finding[] {
  return guardrail.except.flatMap((exception): Finding[] => {
    const { place, until, reason, approver } = exception;
    const who = exception.member ?? exception.group ?? exception.entity ?? "";
    const name = `guardrail "${guardrail.name}"`;
    if (isOver(exception, survey)) {
      const hint = "Remove it; the guardrail holds for them again.";
      const message = `The exception of ${name} for ${who} ended with ${until}`;
      return [{ severity: "warning", code: "exception-ended", message, place, hint }];
    }
    const message = `Exception until ${until}: ${name} does not hold for ${who} (${reason}; approved by ${approver})`;
    const note: Finding = { severity: "note", code: "guardrail-exception", message, place };
    if (!used || used.has(exception)) return [note];
    const unneeded: Finding = {
      severity: "warning",
      code: "exception-not-needed",
      message: `Nothing would be said of ${who} on ${survey.ground.target.name} without the exception of ${name}`,
      place,
      hint: "Remove the exception, or correct the name in it.",
    };
    return [note, unneeded];
  });
}
