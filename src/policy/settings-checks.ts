// What a schema cannot say of who approves, of freezes and of where news go: whose review could never count, how many could never
// be had, windows without an end. It judges no plan, and leaves cron expressions to `run/cron.ts`.
import { type DocumentPath, type PolicyDocument, placeOf } from "../model/document.ts";
import { compareText, type Finding } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import type { ApprovalCounts, Freeze, Person, Settings, Target } from "../model/settings.ts";
import { didYouMean } from "./hint.ts";
import { clean, describePlace } from "./names.ts";
import { NO_VARIABLE } from "./variables.ts";

/** An instant: a day alone has no zone. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i;
const LABELS: readonly (keyof ApprovalCounts)[] = ["escalating", "reducing", "neutral", "weakening"];

/** Everything about settings that were read. `document` is what they were read from. */
export function checkSettings(settings: Settings, document: PolicyDocument): Finding[] {
  return [
    ...checkPeople(settings.people),
    ...settings.targets.flatMap((target) => [
      ...checkScopeOwners(target),
      ...target.freeze.flatMap((window) => checkFreeze(window)),
      ...(settings.people.length === 0 ? [] : checkApprovers(target, settings.people)),
    ]),
    ...checkNotifications(settings, document),
  ];
}

/** One login, one person; one person, one login: or somebody would approve as two. */
function checkPeople(people: readonly Person[]): Finding[] {
  const logins = new Map<string, Person>();
  const members = new Map<string, Person>();
  return people.flatMap((person) => {
    const { login, place } = person;
    const first = logins.get(login);
    logins.set(login, first ?? person);
    if (first) {
      const message = `Login "${login}" is given twice, and logins are the same in any case; first in ${describePlace(first.place)}`;
      return [{ severity: "error" as const, code: "duplicate-login", message, place, hint: "Keep one." }];
    }
    return person.members.flatMap((member): Finding[] => {
      const other = members.get(folded(member)) ?? person;
      members.set(folded(member), other);
      if (other === person) return [];
      const message = `"${member}" is both "${other.login}" and "${login}"; first in ${describePlace(other.place)}`;
      const hint = "Give each member one login: whoever has two would be taken for one person anyway.";
      return [{ severity: "error", code: "duplicate-person", message, place, hint }];
    });
  });
}

/** Addresses are the same in any case; user names need not be. */
function folded(member: string): string {
  return member.includes("@") ? member.toLowerCase() : member;
}

function checkScopeOwners({ name, scopeOwners, environments, place }: Target): Finding[] {
  if (!environments) return [];
  const known = new Set(environments.map((environment) => environment.toLowerCase()));
  return Object.keys(scopeOwners)
    .filter((scope) => !known.has(clean(scope).toLowerCase()))
    .map((scope) => {
      const suggestion = nearest(scope, environments);
      const hint =
        suggestion === undefined ? { hint: `There are ${environments.join(", ")}.` } : didYouMean(suggestion);
      const message = `scopeOwners of ${name} speaks of "${scope}", which is not among its environments`;
      return { severity: "warning", code: "unknown-scope", message, place, ...hint };
    });
}

/** Owners without a login, and counts that the others cannot reach. */
function checkApprovers(target: Target, people: readonly Person[]): Finding[] {
  const { name, owners, scopeOwners, approvals, place } = target;
  const loginOf = new Map(people.flatMap(({ login, members }) => members.map((member) => [folded(member), login])));
  const named = [...new Set([...owners, ...Object.values(scopeOwners).flat()])].sort(compareText);
  const without = named.filter((member) => !loginOf.has(folded(member)));
  const logins = new Set(owners.flatMap((member) => loginOf.get(folded(member)) ?? []));
  const found: Finding[] = [];
  if (without.length > 0) {
    const message = `The reviews of ${without.join(", ")} cannot count for ${name}: people gives them no login`;
    found.push({
      severity: "note",
      code: "owner-without-login",
      message,
      place,
      hint: "Name their logins under people.",
    });
  }
  const most = Math.max(...LABELS.map((label) => approvals[label]));
  const label = LABELS.find((one) => approvals[one] === most);
  if (owners.length > 0 && logins.size <= most) {
    const who = logins.size === 1 ? "1 owner has a login" : `${logins.size} owners have a login`;
    const message = `approvals.${label} of ${name} is ${most}, and ${who}: ${logins.size < most ? "what needs it is" : "an owner's own pull request is"} never approved`;
    const hint = `Name ${most + 1} owners with a login under people, so that one of them may be the author.`;
    found.push({ severity: "warning", code: "too-few-approvers", message, place, hint });
  }
  return found;
}

function checkFreeze({ from, until, cron, hours, place }: Freeze): Finding[] {
  const error = (message: string, hint: string): Finding[] => [
    { severity: "error", code: "invalid-freeze", message, place, hint },
  ];
  const [span, repeated] = [from !== undefined || until !== undefined, cron !== undefined || hours !== undefined];
  const whole = span ? from !== undefined && until !== undefined : cron !== undefined && hours !== undefined;
  if (span === repeated || !whole)
    return error("A freeze needs from and until, or cron and hours, and not of both", "Write one of the two pairs.");
  if (from === undefined || until === undefined) return [];
  const wrong = [from, until].find((text) => !INSTANT.test(text) || Number.isNaN(Date.parse(text)));
  if (wrong !== undefined)
    return error(`"${wrong}" is not an instant with a zone`, "Write it as 2026-12-20T00:00:00Z.");
  if (Date.parse(until) > Date.parse(from)) return [];
  return error("A freeze ends before it begins", "Exchange from and until.");
}

function checkNotifications({ notify }: Settings, document: PolicyDocument): Finding[] {
  return notify.flatMap(({ type, url, secret, place }, index) => {
    const error = (step: DocumentPath, message: string, hint: string): Finding => {
      const spot = step.length === 0 ? place : placeOf(document, ["notify", index, ...step]);
      return { severity: "error", code: "invalid-notification", message, place: spot, hint };
    };
    const found: Finding[] = [];
    for (const [key, variable] of [["url", url] as const, ["secret", secret] as const])
      if (variable === NO_VARIABLE)
        found.push(
          error(
            [key],
            `"${key}" is not the name of an environment variable`,
            "Put the value into an environment variable and its name here; if a secret stood here, replace it.",
          ),
        );
    if (type === "cloudevents" && secret === undefined)
      found.push(error([], "CloudEvents are signed, and no secret is named", "Add secret: the name of a variable."));
    if (type === "slack" && secret !== undefined)
      found.push(error(["secret"], "What Slack takes is not signed", "Remove the secret; the URL is the secret."));
    return found;
  });
}
