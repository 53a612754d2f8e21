// Small organizations in files, one on each platform, whose people and things break and keep every built-in rule; and what
// guardrails say of them, as lines of text.
import { type Entity, type MemberFacts, membershipSection, type State } from "../../../src/model/entity.ts";
import type { Finding } from "../../../src/model/finding.ts";
import type { Guardrail, GuardrailException, Rule } from "../../../src/model/guardrail.ts";
import type { Platform } from "../../../src/model/platform.ts";
import type { Target } from "../../../src/model/settings.ts";
import { judgeDesired, judgePlan, type PlanJudging } from "../../../src/plan/guardrails/judge.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { parseFile } from "../../../src/policy/parse.ts";
import { resolvePolicies } from "../../../src/policy/resolve.ts";
import { withDefaults } from "../../../src/run/desired.ts";
import { openDomain } from "../../support/keystone.ts";
import { openTarget } from "../../support/organization.ts";

export const NOW = new Date("2026-11-22T12:00:00Z");

export interface World {
  readonly platform: Platform;
  readonly target: Target;
  /** As files declare it, with what every target comes with. */
  readonly declared: State;
}

const WORKSPACES = ["acme-dev", "acme-prod"];
const TARGETS = {
  atomic: [atomic, openTarget()],
  atomyx: [atomyx, openTarget({ name: "vault", platform: "atomyx", environments: WORKSPACES })],
  keystone: [keystone, openDomain({ name: "cloud" })],
} as const;

/** The world of some files' text. Mistakes in it are the test's own. */
export function worldOf(name: keyof typeof TARGETS, text: string): World {
  const [platform, target] = TARGETS[name];
  const parsed = parseFile("a.yaml", new TextEncoder().encode(text), name);
  const { state, findings } = resolvePolicies({ target, files: [parsed], now: NOW }, platform);
  const mistakes = [...parsed.findings, ...findings].filter(({ severity }) => severity === "error");
  if (mistakes.length > 0) throw new Error(JSON.stringify(mistakes));
  return { platform, target, declared: withDefaults(state, platform) };
}

export const ATOMIC = `{kind: Role, name: Template admin, permissions: {Card template: admin}}
--- {kind: Role, name: Template editor, permissions: {Card template: edit}}
--- {kind: Role, name: Approver, permissions: {Override card approval: admin}}
--- {kind: Role, name: Auditor, permissions: {Audit log: view}}
--- {kind: Role, name: Chief auditor, permissions: {Audit log: admin}}
--- {kind: Role, name: Manager, permissions: {Workbench member group assignment: edit}}
--- {kind: Group, name: Publishers, roles: [Template admin, Template editor], environments: [production, test], owners: [ana@acme.example]}
--- {kind: Group, name: Approvers, roles: [Approver], environments: [production, dev], owners: []}
--- {kind: Group, name: Developers, roles: [Template editor], environments: [dev]}
--- {kind: Group, name: Auditor, roles: [Auditor], environments: all, owners: [eve@acme.example]}
--- {kind: Group, name: Chief auditors, roles: [Chief auditor], environments: all, owners: [eve@acme.example]}
--- {kind: Group, name: Staff, roles: [Manager], environments: all, owners: [dee@acme.example]}
--- {kind: Member, email: ana@acme.example}
--- {kind: Member, email: bo@acme.example}
--- {kind: Member, email: chen@eu.acme.example}
--- {kind: Member, email: dee@acme.example}
--- {kind: Member, email: eve@partner.example}
--- {kind: Member, email: Info@acme.example}
---
kind: Membership
group: Publishers
members:
  - {email: ana@acme.example, until: 2026-12-06, reason: Launch}
  - {email: bo@acme.example, until: 2026-12-07}
  - {email: Info@acme.example, reason: "  "}
---
kind: Membership
group: Approvers
members:
  - ana@acme.example
  - {email: chen@eu.acme.example, until: "2026-12-06T23:59:59Z", reason: Cover}
---
kind: Membership
group: Developers
members: [bo@acme.example, chen@eu.acme.example]
---
kind: Membership
group: Auditor
members: [eve@partner.example]
---
kind: Membership
group: Chief auditors
members: [eve@partner.example]
---
kind: Membership
group: Staff
members: [dee@acme.example]
---
kind: Membership
group: Owner
members: [ana@acme.example]
`.replaceAll("--- {", "---\n{");

export const KEYSTONE = `{kind: Role, name: operator, implies: [viewer]}
--- {kind: Role, name: viewer}
--- {kind: Role, name: auditor}
--- {kind: Group, name: operator, grants: [{role: operator, project: dev}], owners: [ana]}
--- {kind: Group, name: Operator, grants: [{role: operator, project: production}, {role: operator, project: dev}]}
--- {kind: Group, name: auditing, grants: [{role: auditor, project: production}], owners: [dee]}
--- {kind: Group, name: admins, grants: [{role: admin, domain: true}], owners: [dee]}
--- {kind: Member, name: ana, email: ana@acme.example}
--- {kind: Member, name: bo, email: bo@partner.example, grants: [{role: operator, project: production}]}
--- {kind: Member, name: chen, enabled: false, grants: [{role: auditor, project: production}, {role: operator, project: production}]}
--- {kind: Member, name: dee, grants: [{role: admin, domain: true}]}
--- {kind: Member, name: robot, email: shared-robot@acme.example}
---
kind: Membership
group: operator
members: [ana]
---
kind: Membership
group: Operator
members: [{name: robot, until: 2027-01-31, reason: Nightly builds}]
---
kind: Membership
group: auditing
members: [ana, bo, {name: robot, until: 2026-11-30}]
---
kind: Membership
group: admins
members: [{name: ana, until: 2026-11-23, reason: On call}]
`.replaceAll("--- {", "---\n{");

export const ATOMYX = `{kind: Workspace, name: acme-dev, purpose: development, team: Payments, reviewed: 2026-08-24}
---
kind: Workspace
name: acme-prod
purpose: production
setUpOwner: ana@acme.example
billingOwner: bo@acme.example
integrationOwner: chen@acme.example
reviewed: 2026-08-23
--- {kind: Product, name: acme-dev/manage, type: Manage}
--- {kind: Product, name: acme-prod/manage, type: Manage}
--- {kind: Role, name: acme-dev/manage/Editor}
--- {kind: Role, name: acme-prod/manage/Viewer}
--- {kind: Role, name: acme-prod/manage/Editor, implies: [acme-prod/manage/Viewer]}
--- {kind: Group, name: acme-dev/Makers, roles: [acme-dev/manage/Editor], owners: [ana@acme.example], reviewed: 2026-11-22}
--- {kind: Group, name: acme-prod/Editors, roles: [acme-prod/manage/Editor], owners: [ana@acme.example]}
--- {kind: Group, name: acme-prod/Readers, roles: [acme-prod/manage/Viewer], reviewed: 2026-11-23}
--- {kind: Member, email: ana@acme.example, workspaces: [{workspace: acme-prod, role: Owner}, {workspace: acme-dev, role: Member}]}
--- {kind: Member, email: bo@acme.example, workspaces: [{workspace: acme-prod, role: Billing}], roles: [acme-prod/manage/Viewer]}
--- {kind: Member, email: chen@acme.example, workspaces: [{workspace: acme-dev, role: Admin}]}
--- {kind: Member, email: info@acme.example}
--- {kind: Integration, name: acme-prod/Ledger, product: acme-prod/manage, callback: "https://ledger.acme.example/in", environment: production, owner: ana@acme.example}
--- {kind: Integration, name: acme-prod/Mail, callback: "HTTP://mail.acme.example", environment: staging, owner: bo@acme.example}
--- {kind: Integration, name: acme-dev/Try, environment: development}
--- {kind: ApiKey, name: acme-prod/Web shop, product: acme-prod/manage, purpose: production, owner: ana@acme.example, rotateEvery: 90d}
--- {kind: ApiKey, name: acme-prod/Test bench, product: acme-prod/manage, purpose: development, owner: chen@acme.example}
--- {kind: ApiKey, name: acme-dev/Anything, product: acme-dev/manage}
---
kind: Membership
group: acme-prod/Editors
members: [ana@acme.example, {email: chen@acme.example, until: 2026-12-31, reason: Cover}]
---
kind: Membership
group: acme-dev/Makers
members: [chen@acme.example]
`.replaceAll("--- {", "---\n{");

/** A guardrail "G" that is an error, or whatever is said otherwise. */
export function guardrail(rule: Rule, rest: Partial<Omit<Guardrail, "rule" | "with">> = {}): Guardrail {
  return {
    ...rule,
    name: "G",
    severity: "error",
    owners: [],
    except: [],
    place: { file: "guardrails/g.yaml", line: 1, column: 1 },
    ...rest,
  } as Guardrail;
}

export function exception(of: Partial<GuardrailException>): GuardrailException {
  const place = { file: "guardrails/g.yaml", line: 9, column: 5 };
  return { reason: "Holidays", approver: "dee", until: "2027-01-31", place, ...of };
}

/** What guardrails say of files alone. */
export function desired({ platform, target, declared }: World, guardrails: readonly Guardrail[], now = NOW): Finding[] {
  return judgeDesired({ guardrails, target, platform, declared, now }, declared);
}

/** What guardrails say of a plan; without more, one that changes nothing and finds live as files declare it. */
export function planned(
  { platform, target, declared }: World,
  guardrails: readonly Guardrail[],
  more: Partial<PlanJudging> = {},
): Finding[] {
  const states = { declared, base: declared, before: declared, after: declared };
  return judgePlan({ guardrails, target, platform, now: NOW, changes: [], access: [], ...states, ...more });
}

/** `12 G: text`, with the line or key that causes it; severity and code where they are not those of a broken "G". */
export function lines(findings: readonly Finding[], code?: string): string[] {
  return findings.map(({ severity, code: found, message, place, key }) => {
    const where = place ? (place.file === "a.yaml" ? place.line : `${place.file}:${place.line}`) : key;
    return `${where} ${found === code ? "" : `${severity} ${found} `}${message.replace(/^G: /, "")}`;
  });
}

/** The state with other facts of some members. */
export function withFacts(state: State, facts: Readonly<Record<string, MemberFacts & { status?: string }>>): State {
  const members = new Map(state.get("Member"));
  for (const [local, { status, ...rest }] of Object.entries(facts)) {
    const member = members.get(local);
    if (!member) throw new Error(`no member ${local}`);
    members.set(local, { ...member, facts: rest, ...(status === undefined ? {} : { status }) });
  }
  return new Map([...state, ["Member", members]]);
}

/** The state with somebody in another group, or out of it, whom no file says so of. */
export function withMembership(state: State, group: string, member: string, isIn = true): State {
  const section = membershipSection(group);
  const members = new Map<string, Entity>(state.get(section));
  const entity: Entity = { kind: "Membership", section, local: member, name: member, attributes: {} };
  if (isIn) members.set(member, entity);
  else members.delete(member);
  return new Map([...state, [section, members]]);
}
