// Two small worlds, written as files are, and what CEL guardrails say of them.
import { type Entity, type MemberFacts, type State, stateOf } from "../../src/model/entity.ts";
import type { CelSubject, Guardrail } from "../../src/model/guardrail.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { compileExpression, isProblem } from "../../src/plan/guardrails/cel.ts";
import type { Ground, RuleProblem } from "../../src/plan/guardrails/ground.ts";
import { type CelJudgement, judgeCel } from "../../src/plan/guardrails/rule-cel.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { resolvePolicies } from "../../src/policy/resolve.ts";
import { openDomain, projectEntities } from "./keystone.ts";
import { openTarget } from "./organization.ts";

/** What is wrong with an expression, whatever it is asked of. */
export function checkExpression(subject: CelSubject, expression: string): RuleProblem[] {
  const compiled = compileExpression(subject, expression);
  return isProblem(compiled) ? [compiled] : [];
}

export const NOW = new Date("2026-11-22T12:00:00Z");

/** The state that a file declares, every finding but warnings failing. */
export function stateOfText(text: string, platform: Platform, target: Target): State {
  const parsed = parseFile("access.yaml", new TextEncoder().encode(text), platform.name);
  const { state, findings } = resolvePolicies({ target, files: [parsed], now: NOW }, platform);
  const errors = [...parsed.findings, ...findings].filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return state;
}

export function groundOf(state: State, platform: Platform, target: Target, more: Partial<Ground> = {}): Ground {
  return { platform, target, state, view: platform.access(state), declared: state, now: NOW, live: false, ...more };
}

/** The state with what a platform reports of some of its members. */
export function reporting(state: State, facts: Readonly<Record<string, MemberFacts>>): State {
  const entities = [...state.values()].flatMap((section) => [...section.values()]);
  return stateOf(
    entities.map((entity): Entity => {
      const reported = entity.kind === "Member" ? facts[entity.local] : undefined;
      return reported ? { ...entity, facts: reported } : entity;
    }),
  );
}

/** A guardrail of one expression. */
export function guardrailOf(subject: CelSubject, deny: string): Guardrail & { readonly rule: "cel" } {
  return {
    rule: "cel",
    with: { for: subject, deny },
    name: "A rule",
    severity: "error",
    owners: ["ana@acme.example"],
    except: [],
    place: { file: "guardrails.yaml", line: 1, column: 1 },
  };
}

export function judge(subject: CelSubject, deny: string, ground: Ground): CelJudgement {
  return judgeCel(guardrailOf(subject, deny), ground);
}

/** Whom a rule denies, all being well with the rule. */
export function denied(subject: CelSubject, deny: string, ground: Ground): string[] {
  const { violations, problems } = judge(subject, deny, ground);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return violations.map((violation) => violation.subject);
}

const ATOMIC = `kind: Role
name: Card editor
description: Edits cards
permissions:
  Card template: edit
---
kind: Role
name: Keeper
permissions:
  Role: admin
---
kind: Group
name: Creators
roles: [Card editor]
environments: [dev, production]
members: exclusive
---
kind: Group
name: Keepers
description: Those who keep the roles
owners: [ana@acme.example]
roles: [Keeper, Card editor]
environments: all
---
kind: Member
email: ana@acme.example
firstName: Ana
lastName: Li
---
kind: Member
email: bo@other.example
---
kind: Member
email: chen@acme.example
---
kind: Membership
group: Keepers
members:
  - ana@acme.example
---
kind: Membership
group: Creators
members:
  - ana@acme.example
  - email: bo@other.example
    until: 2027-01-31
    reason: Contract C-102
`;

const KEYSTONE = `kind: Role
name: auditor
description: Looks
implies: [reader]
---
kind: Group
name: ops
grants:
  - {role: auditor, project: dev}
  - {role: admin, domain: true}
---
kind: Member
name: ana
email: ana@acme.example
enabled: true
---
kind: Member
name: bo
description: A robot
enabled: true
grants:
  - {role: member, project: production}
---
kind: Membership
group: ops
members:
  - ana
`;

export const atomicState = stateOfText(ATOMIC, atomic, openTarget());
/** With the roles that every Keystone has and the projects that the settings name. */
export const keystoneState = stateOf([
  ...projectEntities,
  ...(keystone.defaults.get("Role")?.values() ?? []),
  ...[...stateOfText(KEYSTONE, keystone, openDomain()).values()].flatMap((section) => [...section.values()]),
]);
export const atomicGround = groundOf(atomicState, atomic, openTarget());
export const keystoneGround = groundOf(keystoneState, keystone, openDomain());
