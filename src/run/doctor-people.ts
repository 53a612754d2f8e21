// Whether the people whom the settings name can do what the settings ask of them: approve enough, by a login that the host knows.
// Judges the settings and what was looked at; asks nobody.
import type { Check } from "../model/checkup.ts";
import type { Looked } from "../model/host-facts.ts";
import type { Settings, Target } from "../model/settings.ts";
import { decided, judged, REPOSITORY } from "./doctor-check.ts";

/** `fold`: what a member's name compares by on a target's platform. `writers`: folded logins. */
export function checkPeople(
  settings: Settings,
  targets: readonly Target[],
  fold: (target: Target) => (name: string) => string,
  writers: Looked<readonly string[]>,
): Check[] {
  return [checkLogins(settings, writers), ...targets.flatMap((target) => checkTarget(settings, target, fold(target)))];
}

function checkLogins({ people }: Settings, writers: Looked<readonly string[]>): Check {
  const strangers = writers.known ? people.filter(({ login }) => !writers.value.includes(login)) : [];
  const named = strangers.map(({ login }) => login).join(", ");
  return judged(
    writers,
    "Who may write to the repository",
    {
      id: "people.logins",
      severity: "warning",
      ok: "Everybody whom the settings give a login may write to the repository, so that their reviews count there",
      gap: `${named} ${strangers.length === 1 ? "is" : "are"} named under people and may not write to the repository: a review of theirs does not count for its rules`,
      fix: "Give them the role Write, or take them out of people.",
    },
    () => strangers.length === 0,
  );
}

function checkTarget(settings: Settings, target: Target, fold: (name: string) => string): Check[] {
  const loginsOf = (member: string) =>
    settings.people.filter(({ members }) => members.some((name) => fold(name) === fold(member)));
  const without = target.owners.filter((owner) => loginsOf(owner).length === 0);
  const logins = new Set(target.owners.flatMap(loginsOf).map(({ login }) => login));
  const { escalating, reducing, neutral, weakening } = target.approvals;
  const most = Math.max(escalating, reducing, neutral, weakening);
  const about = target.name;
  const shared = [...logins].filter(
    (login) => target.owners.filter((owner) => loginsOf(owner).some((person) => person.login === login)).length > 1,
  );
  return [
    decided(logins.size > most, {
      id: "people.enough",
      about,
      ok: `${logins.size} owners can approve, and ${most} must: also when one of them is the author`,
      gap:
        logins.size < most
          ? `${logins.size} owners have a login, and approvals takes ${most}: nothing can ever be approved`
          : `${logins.size} owners have a login, and approvals takes ${most}: what one of them proposes can never be approved`,
      fix: `In the settings, name at least ${most + 1} owners of ${about}, each with a login under people.`,
    }),
    decided(without.length === 0, {
      id: "people.owners",
      about,
      severity: "warning",
      ok: "Every owner has a login",
      gap: `${without.join(", ")} ${without.length === 1 ? "owns" : "own"} the target and ${without.length === 1 ? "has" : "have"} no login, so cannot approve`,
      fix: "Name the login under people in the settings.",
    }),
    decided(shared.length === 0, {
      id: "people.distinct",
      about,
      ok: "No login stands for two owners",
      gap: `${shared.join(", ")} ${shared.length === 1 ? "stands" : "stand"} for more than one owner of the target`,
      fix: "One person, one login: see people in the settings.",
    }),
  ];
}

/** The target's settings name nobody: then no review can approve anything. */
export function checkOwned(targets: readonly Target[]): Check {
  const nobodys = targets.filter(({ owners }) => owners.length === 0).map(({ name }) => name);
  return decided(nobodys.length === 0, {
    id: "people.owned",
    about: REPOSITORY,
    ok: "Every target has owners",
    gap: `${nobodys.join(", ")} ${nobodys.length === 1 ? "has" : "have"} no owners`,
    fix: "Name them in the settings: owners.",
  });
}
