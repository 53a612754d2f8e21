// Targets to review: what a platform has and files that mostly agree with it, both generated, on each platform; and a report of them.
import fc from "fast-check";
import { type Entity, groupOfSection, type MemberFacts, type State } from "../../../src/model/entity.ts";
import { MEMBER, type Platform } from "../../../src/model/platform.ts";
import type { Target } from "../../../src/model/settings.ts";
import { splitEnded } from "../../../src/plan/expire.ts";
import { besideLive } from "../../../src/plan/review/declared.ts";
import type { ReviewedTarget, ReviewInput } from "../../../src/plan/review/input.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { parseFile } from "../../../src/policy/parse.ts";
import { resolvePolicies } from "../../../src/policy/resolve.ts";
import { renderEntities } from "../../../src/policy/write.ts";
import { withDefaults } from "../../../src/run/desired.ts";
import { account, openAccount, stateOfAccount } from "../../support/account.ts";
import { domain, openDomain, stateOfDomain } from "../../support/keystone.ts";
import { openTarget, organization, stateOfOrganization } from "../../support/organization.ts";

export const NOW = new Date("2026-11-22T12:00:00Z");
export const FILE = "policies/all.yaml";

/** A target to review, and the text that its files are. */
export interface Case {
  readonly reviewed: ReviewedTarget;
  readonly text: string;
}

const PLATFORMS: readonly (readonly [Platform, Target, fc.Arbitrary<State>])[] = [
  [atomic, openTarget(), organization.map(stateOfOrganization)],
  [keystone, openDomain({ name: "cloud" }), domain.map(stateOfDomain)],
  [atomyx, openAccount({ name: "vault" }), account.map(stateOfAccount)],
];

/** By the platform's title. */
export const CASES: readonly (readonly [string, fc.Arbitrary<Case>])[] = PLATFORMS.map(([platform, target, states]) => [
  platform.title,
  fc
    .tuple(states, states, fc.array(fc.nat(11), { minLength: 1, maxLength: 23 }))
    .map(([one, other, picks]) =>
      caseOf(platform, target, mixed(one, other, picks), factual(otherwise(one, other, picks), picks), picks),
    ),
]);

/** A target whose files are `said`, and which has `live`. */
function caseOf(platform: Platform, target: Target, said: State, live: State, picks: readonly number[]): Case {
  const entities = [...said.values()].flatMap((section) => [...section.values()]);
  const text = renderEntities(
    entities.map((entity, index) => limited(entity, picks[index % picks.length] ?? 0)),
    platform,
  );
  return { reviewed: reviewedOf(platform, target, text, live), text };
}

/** Everything that a review takes of a target, from the text of its files. */
export function reviewedOf(platform: Platform, target: Target, text: string, live?: State): ReviewedTarget {
  const parsed = parseFile(FILE, new TextEncoder().encode(text), platform.name);
  const { state, findings } = resolvePolicies({ target, files: [parsed], now: NOW }, platform);
  const mistakes = [...parsed.findings, ...findings].filter(
    ({ severity, code }) => severity === "error" && code !== "unknown-reference",
  );
  if (mistakes.length > 0) throw new Error(JSON.stringify(mistakes));
  const { active, ended } = splitEnded(state, NOW, target.timeZone);
  const held = live ? withDefaults(live, platform) : withDefaults(active, platform);
  const declared = besideLive(withDefaults(state, platform), held, platform);
  return {
    target,
    platform,
    commit: null,
    live: held,
    declared,
    documents: parsed.documents,
    ended,
    liveView: platform.access(held),
    declaredView: platform.access(declared),
    provenances: {
      ofPath: () => ({ how: "unknown", since: null, commit: null, pull: null, author: null, approvers: [] }),
    },
    judgements: new Map(),
    keys: [],
  };
}

/** The input of a report on these targets alone. */
export function inputOf(targets: readonly ReviewedTarget[], more: Partial<ReviewInput> = {}): ReviewInput {
  return {
    source: "live",
    now: NOW,
    tool: "rolebook 0",
    targets,
    people: [],
    past: [],
    revoked: [],
    findings: [],
    ...more,
  };
}

/** Mostly the first; some sections are the other's. */
function mixed(one: State, other: State, picks: readonly number[]): State {
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  return new Map(
    names.flatMap((name, index) => {
      // Files that name what they do not declare are no files.
      const isWhole = groupOfSection(name) !== undefined;
      const section = (isWhole && (picks[index % picks.length] ?? 0) % 4 === 0 ? other : one).get(name);
      const group = groupOfSection(name);
      if (!section || (group !== undefined && !one.get("Group")?.has(group))) return [];
      return [[name, new Map([...section].filter(([local]) => !isWhole || one.get(MEMBER)?.has(local)))] as const];
    }),
  );
}

/** Some roles give what the other's give. */
function otherwise(one: State, other: State, picks: readonly number[]): State {
  const roles = [...(one.get("Role") ?? [])].map(([local, role], index): [string, Entity] => {
    return [local, ((picks[index % picks.length] ?? 0) % 3 === 0 ? other.get("Role")?.get(local) : undefined) ?? role];
  });
  return new Map([...one, ["Role", new Map(roles)]]);
}

const UNTIL = ["2026-11-21", "2026-11-22T11:00:00Z", "2026-11-22", "2027-03-01"];

/** Some memberships have an end, before now or after. */
function limited(entity: Entity, pick: number): Entity {
  const until = entity.kind === "Membership" ? UNTIL[pick] : undefined;
  return until === undefined ? entity : { ...entity, attributes: { ...entity.attributes, until, reason: "A while" } };
}

const FACTS: readonly MemberFacts[] = [
  { multiFactor: false, lastActive: "2026-11-20T08:00:00Z" },
  { multiFactor: true, lastActive: null },
  { lastActive: "2026-01-02T03:04:05Z" },
  {},
];

/** People with what a platform reports of them. */
function factual(state: State, picks: readonly number[]): State {
  const people = [...(state.get(MEMBER) ?? [])].map(([local, entity], index): [string, Entity] => {
    const pick = picks[index % picks.length] ?? 0;
    const facts = FACTS[pick % FACTS.length];
    return [local, { ...entity, ...(facts ? { facts } : {}), ...(pick === 1 ? { status: "invited" } : {}) }];
  });
  return new Map([...state, [MEMBER, new Map(people)]]);
}
