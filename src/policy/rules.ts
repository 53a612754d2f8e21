// The checks that hold on every platform, as one flat list, and the run over them and the platform's own.
// Each check is small, pure and silent when all is well; a new one is one function and one line here.
import { type PolicyDocument, placeOf } from "../model/document.ts";
import { type Entity, entityAt, groupOfSection, MEMBERSHIP, type State } from "../model/entity.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import { type Check, GROUP, kindSpec, MEMBER, type Platform, type PolicySet } from "../model/platform.ts";
import { attributedIn, PeopleSet } from "../model/roster.ts";
import { finish, type Steps } from "../model/steps.ts";
import { daysUntil, hasEnded } from "../model/until.ts";
import { memberIdentity } from "./memberships.ts";
import { kebab, memberSpec } from "./names.ts";
import { type Policies, type Resolved, resolvePolicies } from "./resolve.ts";

/** Every generic check, in the order of the list in the README. */
export const genericChecks: readonly Check[] = [
  { name: "member-in-no-group", run: membersWithoutGroup },
  { name: "membership-ended", run: endingMemberships },
  { name: "membership-of-idp-group", run: membershipsOfOthers },
  { name: "previously-still-declared", run: previousNames },
  { name: "reserved-name", run: reservedNames },
  { name: "environment-scope-unused", run: unusedScopes },
  { name: "owner-without-login", run: ownersWithoutLogin },
];

/** Everything there is to say about a target's policies: what its files, their resolution and every check found, sorted. */
export function judgePolicies(policies: Policies, resolved: Resolved, platform: Platform): Finding[] {
  return finish(judgeSteps(policies, resolved, platform));
}

/** The same in steps. */
export function* judgeSteps(policies: Policies, resolved: Resolved, platform: Platform): Steps<Finding[]> {
  const set: PolicySet = {
    target: policies.target.name,
    documents: resolved.documents,
    scopes: policies.target.environments,
    people: policies.people ?? [],
    now: policies.now,
    timeZone: policies.target.timeZone,
    warnDays: policies.target.warnDays,
  };
  const findings = [...policies.files.flatMap((file) => file.findings), ...resolved.findings];
  for (const check of [...genericChecks, ...platform.checks]) {
    for (const finding of check.run(set, resolved.state, platform)) findings.push(finding);
    yield;
  }
  return sortFindings(findings);
}

/** Resolves and judges in one go. The findings are complete and sorted. */
export function checkPolicies(policies: Policies, platform: Platform): Resolved {
  const resolved = resolvePolicies(policies, platform);
  return { ...resolved, findings: judgePolicies(policies, resolved, platform) };
}

function* membersWithoutGroup(policies: PolicySet, state: State, platform: Platform): Iterable<Finding> {
  // Where an identity provider fills a group, files do not say who is in it, and taking a person's document away harms.
  for (const { attributes } of state.get(GROUP)?.values() ?? []) if (attributes.members === "idp") return;
  const identity = memberIdentity(platform);
  const places = Object.entries(memberSpec(platform)?.attributes ?? {}).filter(([, { isPlace }]) => isPlace);
  const hasPlace = ({ value }: PolicyDocument) =>
    places.some(([attribute]) => ((value[attribute] as readonly unknown[] | undefined)?.length ?? 0) > 0);
  const placed = new PeopleSet();
  for (const [section, entities] of state) if (groupOfSection(section) !== undefined) placed.addAll(entities);
  for (const document of policies.documents) {
    const name = document.value[identity];
    if (document.kind !== MEMBER || typeof name !== "string" || placed.has(platform.fold(name))) continue;
    if (hasPlace(document)) continue;
    yield {
      severity: "warning",
      code: "member-in-no-group",
      message: `${MEMBER} "${name}" is in no group`,
      place: placeOf(document, [identity]),
      hint: `List the ${identity === "email" ? "address" : identity} in a Membership document, or remove the document.`,
    };
  }
}

/** Owners of groups whose reviews cannot count. */
function* ownersWithoutLogin({ documents, people }: PolicySet, _state: State, platform: Platform): Iterable<Finding> {
  if (people.length === 0) return;
  const known = new Set(people.flatMap(({ members }) => members.map(platform.fold)));
  for (const document of documents) {
    const { owners, name } = document.value;
    if (document.kind !== GROUP || !Array.isArray(owners)) continue;
    for (const [index, owner] of owners.entries()) {
      if (typeof owner !== "string" || known.has(platform.fold(owner))) continue;
      yield {
        severity: "note",
        code: "owner-without-login",
        message: `The reviews of ${owner} cannot count for group "${name}": people gives them no login`,
        place: placeOf(document, ["owners", index]),
        hint: "Name their login under people in the settings.",
      };
    }
  }
}

/** Memberships that have ended, and those that end before long. */
function* endingMemberships({ now, timeZone, warnDays }: PolicySet, state: State): Iterable<Finding> {
  const stages = new Map<string, number | "ended" | "later">();
  // Few ends are distinct, so each is worked out once.
  const stageOf = (until: string) => {
    const known = stages.get(until);
    if (known !== undefined) return known;
    const days = daysUntil(until, now, timeZone) ?? Number.POSITIVE_INFINITY;
    const stage = hasEnded(until, now, timeZone) ? "ended" : warnDays > 0 && days <= warnDays ? days : "later";
    stages.set(until, stage);
    return stage;
  };
  for (const [section, entities] of state) {
    const group = groupOfSection(section);
    if (group === undefined) continue;
    for (const entity of attributedIn(entities)) {
      const { until } = entity.attributes;
      if (typeof until !== "string") continue;
      const stage = stageOf(until);
      if (stage === "ended") yield endedMembership(entity, until);
      else if (stage !== "later")
        yield endingMembership(entity, entityAt(state, GROUP, group)?.name ?? group, until, stage);
    }
  }
}

function endedMembership({ name, place }: Entity, until: string): Finding {
  return {
    severity: "warning",
    code: "membership-ended",
    message: `The membership of "${name}" ended with ${until}`,
    ...(place ? { place } : {}),
    hint: "Remove the entry; the next apply ends it on the platform too.",
  };
}

function endingMembership({ name, place }: Entity, group: string, until: string, days: number): Finding {
  const when = days === 0 ? "today" : days === 1 ? "tomorrow" : `in ${days} days`;
  return {
    severity: "warning",
    code: "membership-ends-soon",
    message: `The membership of "${name}" in "${group}" ends with ${until}, ${when}`,
    ...(place ? { place } : {}),
    hint: "Set a later end if it is still needed; else leave it to end.",
  };
}

/** Members listed for a group whose members somebody else decides on. */
function* membershipsOfOthers(policies: PolicySet, state: State, platform: Platform): Iterable<Finding> {
  for (const document of policies.documents) {
    const { group } = document.value;
    if (document.kind !== MEMBERSHIP || typeof group !== "string") continue;
    const declared = entityAt(state, GROUP, platform.fold(group));
    if (declared?.attributes.members !== "idp") continue;
    yield {
      severity: "error",
      code: "membership-of-idp-group",
      message: `An identity provider decides who is in group "${declared.name}", so nothing listed here has any effect`,
      place: placeOf(document, ["group"]),
      hint: "Remove the document, or the group's `members: idp`.",
    };
  }
}

function* previousNames(policies: PolicySet, state: State, platform: Platform): Iterable<Finding> {
  const claimed = new Map<string, string>();
  for (const document of policies.documents) {
    const { previously } = document.value;
    const spec = kindSpec(platform, document.kind);
    if (typeof previously !== "string" || !spec) continue;
    const name = String(document.value[spec.identity]);
    const old = platform.fold(previously);
    const place = placeOf(document, ["previously"]);
    const claimant = claimed.get(`${document.kind}/${old}`);
    if (old === platform.fold(name)) {
      const message = `${document.kind} "${name}" was not renamed: "${previously}" is the same name`;
      yield { severity: "warning", code: "previously-same-name", message, place, hint: "Remove the line." };
    } else if (state.get(document.kind)?.has(old)) {
      const message = `${document.kind} "${name}" says it was "${previously}", which is still declared`;
      const hint = `Remove the document of "${previously}" if it was renamed, or this line if it was not.`;
      yield { severity: "error", code: "previously-still-declared", message, place, hint };
    } else if (claimant !== undefined) {
      const message = `${document.kind} "${name}" says it was "${previously}", and so does "${claimant}"`;
      yield {
        severity: "error",
        code: "previously-claimed-twice",
        message,
        place,
        hint: "Only one can be the same one.",
      };
    }
    claimed.set(`${document.kind}/${old}`, name);
  }
}

/** Kinds that exist in files only name sets for others to refer to, beside the word `all`. */
function scopeName(document: PolicyDocument, platform: Platform): string | undefined {
  const { name } = document.value;
  return kindSpec(platform, document.kind)?.role === "policy" && typeof name === "string" ? name : undefined;
}

function* reservedNames(policies: PolicySet, _state: State, platform: Platform): Iterable<Finding> {
  for (const document of policies.documents) {
    const name = scopeName(document, platform);
    if (name === undefined || platform.fold(name) !== "all") continue;
    const message = `${document.kind} "${name}" takes the word that means every one there is`;
    const place = placeOf(document, ["name"]);
    yield { severity: "error", code: "reserved-name", message, place, hint: "Give it another name." };
  }
}

function* unusedScopes(policies: PolicySet, _state: State, platform: Platform): Iterable<Finding> {
  const used = new Set<string>();
  for (const document of policies.documents) {
    const attributes = kindSpec(platform, document.kind)?.attributes ?? {};
    for (const [attribute, { type }] of Object.entries(attributes)) {
      const value = document.value[attribute];
      if (type === "scope" && typeof value === "string") used.add(platform.fold(value));
    }
  }
  for (const document of policies.documents) {
    const name = scopeName(document, platform);
    if (name === undefined || used.has(platform.fold(name))) continue;
    const message = `Nothing refers to ${document.kind} "${name}"`;
    const place = placeOf(document, ["name"]);
    const code = `${kebab(document.kind)}-unused`;
    yield { severity: "warning", code, message, place, hint: "Remove it, or refer to it by its name." };
  }
}
