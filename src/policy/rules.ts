// The checks that hold on every platform, as one flat list, and the run over them and the platform's own.
// Each check is small, pure and silent when all is well; a new one is one function and one line here.
import { type PolicyDocument, placeOf } from "../model/document.ts";
import { groupOfSection, NO_ATTRIBUTES, type State } from "../model/entity.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import { type Check, GROUP, kindSpec, MEMBER, type Platform, type PolicySet } from "../model/platform.ts";
import { attributedIn, PeopleSet } from "../model/roster.ts";
import { finish, type Steps } from "../model/steps.ts";
import { hasEnded } from "../model/until.ts";
import { memberIdentity } from "./memberships.ts";
import { kebab } from "./names.ts";
import { type Policies, type Resolved, resolvePolicies } from "./resolve.ts";

/** Every generic check, in the order of the list in the README. */
export const genericChecks: readonly Check[] = [
  { name: "member-in-no-group", run: membersWithoutGroup },
  { name: "membership-ended", run: endedMemberships },
  { name: "previously-still-declared", run: previousNames },
  { name: "reserved-name", run: reservedNames },
  { name: "environment-scope-unused", run: unusedScopes },
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
  // Whoever is in a group of an identity provider's need be in no file.
  if ([...(state.get(GROUP)?.values() ?? [])].some(({ attributes }) => attributes.members === "idp")) return;
  const identity = memberIdentity(platform);
  const placed = new PeopleSet();
  for (const [section, entities] of state) if (groupOfSection(section) !== undefined) placed.addAll(entities);
  for (const document of policies.documents) {
    const name = document.value[identity];
    if (document.kind !== MEMBER || typeof name !== "string" || placed.has(platform.fold(name))) continue;
    yield {
      severity: "warning",
      code: "member-in-no-group",
      message: `${MEMBER} "${name}" is in no group`,
      place: placeOf(document, [identity]),
      hint: `List the ${identity === "email" ? "address" : identity} in a Membership document, or remove the document.`,
    };
  }
}

function* endedMemberships(policies: PolicySet, state: State): Iterable<Finding> {
  const over = new Map<string, boolean>();
  const isOver = (until: string): boolean => {
    const known = over.get(until) ?? hasEnded(until, policies.now, policies.timeZone);
    over.set(until, known);
    return known;
  };
  for (const [section, entities] of state) {
    if (groupOfSection(section) === undefined) continue;
    for (const { attributes, name, place } of attributedIn(entities)) {
      if (attributes === NO_ATTRIBUTES) continue;
      const { until } = attributes;
      if (typeof until !== "string" || !isOver(until)) continue;
      yield {
        severity: "warning",
        code: "membership-ended",
        message: `The membership of "${name}" ended with ${until}`,
        ...(place ? { place } : {}),
        hint: "Remove the entry; the next apply ends it on the platform too.",
      };
    }
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
