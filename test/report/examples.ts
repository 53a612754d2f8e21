// Values the report tests render: a plan with a bit of everything, and smaller ones made from it.
import type { Explanation, WhoCan } from "../../src/model/answers.ts";
import type { Change } from "../../src/model/change.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { AccessChange, AccessGroup } from "../../src/model/grant.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Receipt } from "../../src/model/receipt.ts";

export const ENVIRONMENTS = ["dev", "prod", "staging", "test"];

export const DIGEST = "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab";

let ids = 0;

export function changeOf(partial: Partial<Change> & Pick<Change, "action" | "kind" | "name">): Change {
  ids += 1;
  const local = partial.name.toLowerCase();
  const section = partial.section ?? partial.kind;
  return {
    id: ids.toString(16).padStart(24, "0"),
    section,
    local,
    key: `${section}/${local}`,
    origin: "policy",
    effect: "neutral",
    phase: 0,
    before: null,
    after: null,
    ...partial,
  };
}

export function membershipOf(
  action: "create" | "delete",
  group: string,
  member: string,
  partial: Partial<Change> = {},
): Change {
  const section = `Membership/${group.toLowerCase()}`;
  const view = { name: member, attributes: partial.after?.attributes ?? {} };
  return changeOf({
    action,
    kind: "Membership",
    section,
    name: `${member} in ${group}`,
    effect: action === "create" ? "escalates" : "reduces",
    key: `${section}/${member}`,
    ...partial,
    before: action === "delete" ? view : null,
    after: action === "create" ? view : null,
  });
}

export function people(count: number, prefix = "person"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(5, "0")}@acme.example`);
}

const creators = [{ group: "Card creators", role: "Card editor" }];
const release = [{ group: "Release managers", role: "Releaser" }];
const owner = [{ group: "Owner", role: "Owner" }];

function everywhere(resource: string, before: string | null, after: string | null, via = creators): AccessChange[] {
  return ENVIRONMENTS.map((scope) => ({ resource, scope, before, after, via }));
}

export const ACCESS: readonly AccessGroup[] = [
  {
    members: ["ana@acme.example", "bo@acme.example", ...people(498)],
    changes: [
      ...everywhere("Card template", null, "edit"),
      { resource: "Tag", scope: "dev", before: "view", after: "edit", via: creators },
      { resource: "Tag", scope: "test", before: "view", after: "edit", via: creators },
      { resource: "Theme", scope: "dev", before: "view", after: "edit", via: creators },
      { resource: "Theme", scope: "test", before: "view", after: "edit", via: creators },
    ],
    gains: true,
    loses: false,
  },
  {
    members: ["cy@acme.example"],
    changes: [
      { resource: "Audit log", scope: "organization", before: null, after: "admin", via: owner },
      ...["API authentication controls", "Card instance", "Container", "Customer"].flatMap((name) =>
        everywhere(name, null, name === "Customer" ? "admin" : "edit", owner),
      ),
      { resource: "Organization", scope: "organization", before: "view", after: "edit", via: owner },
    ],
    gains: true,
    loses: false,
  },
  {
    members: ["dee@acme.example", "eli@acme.example"],
    changes: [
      { resource: "Card template", scope: "prod", before: "admin", after: null, via: release },
      {
        resource: "Webhook subscription",
        scope: "prod",
        before: "edit",
        after: "view",
        via: [...creators, { group: "Viewers", role: "Viewer" }],
      },
      { resource: "Webhook subscription", scope: "staging", before: null, after: "view", via: creators },
    ],
    gains: true,
    loses: true,
  },
  {
    members: ["fay@acme.example"],
    changes: ["dev", "staging", "test"].map((scope) => ({
      resource: "Stream",
      scope,
      before: "view",
      after: null,
      via: [{ group: "Viewers", role: "Viewer" }],
    })),
    gains: false,
    loses: true,
  },
];

const LONG_BEFORE = [
  "Edits draft cards in every environment that the group reaches.",
  "Publishing stays with release managers.",
  "Ask platform@acme.example before giving this to contractors.",
].join("\n");

const LONG_AFTER = [
  "Edits draft cards in every environment that the group reaches.",
  "Publishing stays with release managers, who review every card first.",
  "Ask platform@acme.example before giving this to contractors.",
  "Reviewed each quarter.",
].join("\n");

export function exampleChanges(): Change[] {
  return [
    changeOf({
      action: "create",
      kind: "Role",
      name: "Card previewer",
      after: {
        name: "Card previewer",
        attributes: {
          description: "Looks at cards",
          permissions: { "Card instance": "view", "Card template": "view" },
        },
      },
    }),
    changeOf({
      action: "create",
      kind: "Group",
      name: "Contractors",
      after: {
        name: "Contractors",
        attributes: { description: "", roles: ["Card previewer"], environments: ["dev", "test"] },
      },
    }),
    changeOf({
      action: "create",
      kind: "Member",
      name: "gus@acme.example",
      after: { name: "gus@acme.example", attributes: { firstName: "Gus", lastName: "Ito" } },
    }),
    ...["ana@acme.example", "bo@acme.example", ...people(498)].map((member) =>
      membershipOf("create", "Card creators", member),
    ),
    membershipOf("create", "Contractors", "gus@acme.example", {
      after: { name: "gus@acme.example", attributes: { reason: "Contract C-102", until: "2027-01-31" } },
    }),
    membershipOf("create", "Owner", "cy@acme.example"),
    changeOf({
      action: "update",
      kind: "Group",
      name: "Card creators",
      effect: "escalates",
      before: {
        name: "Card makers",
        attributes: { environments: ["dev", "test"], roles: ["Card viewer", "Theme viewer"] },
      },
      after: { name: "Card creators", attributes: { environments: "all", roles: ["Card editor", "Theme viewer"] } },
    }),
    changeOf({
      action: "update",
      kind: "Role",
      name: "Card editor",
      effect: "mixed",
      origin: "drift",
      before: {
        name: "Card editor",
        attributes: {
          description: LONG_BEFORE,
          permissions: { "Card template": "admin", Stream: "view", Tag: "view" },
        },
      },
      after: {
        name: "Card editor",
        attributes: { description: LONG_AFTER, permissions: { "Card template": "edit", Tag: "view", Theme: "edit" } },
      },
    }),
    membershipOf("delete", "Release managers", "dee@acme.example", { blockedBy: ["group-budget"] }),
    membershipOf("delete", "Release managers", "eli@acme.example", { blockedBy: ["group-budget"] }),
    membershipOf("delete", "Viewers", "fay@acme.example", { origin: "expiry" }),
    changeOf({
      action: "delete",
      kind: "Role",
      name: "Old role",
      before: { name: "Old role", attributes: { description: "Nobody has it", permissions: { Tag: "view" } } },
    }),
  ];
}

export const FINDINGS: readonly Finding[] = [
  {
    severity: "error",
    code: "unknown-level",
    message: 'Card template has no level "editt"',
    place: { file: "policies/acme/roles/card-editor.yaml", line: 6, column: 18 },
    hint: 'did you mean "edit"? It offers view, edit and admin',
  },
  {
    severity: "warning",
    code: "role-without-group",
    message: "no group uses the role Old role, so nobody holds what it permits",
    place: { file: "policies/acme/roles/old-role.yaml", line: 2, column: 7 },
  },
  {
    severity: "error",
    code: "unknown-role",
    message: 'there is no role "Card edtor"',
    place: { file: "policies/acme/groups/card-creators.yaml", line: 3, column: 9 },
    hint: "did you mean Card editor?",
  },
  {
    severity: "error",
    code: "group-budget",
    message: "Release managers would lose 2 of 3 members; the limit is 1 (the smaller of 20% and 10, at least 1)",
    key: "Group/release managers",
    blocks: "removals",
    hint: "Split the removals over several plans, or raise the limit in a reviewed commit.",
  },
  { severity: "warning", code: "platform-slow", message: "the platform asked to slow down 3 times" },
  {
    severity: "note",
    code: "guardrail-never-fires",
    message: 'Guardrail "Auditors only look" can never fire: no role permits what it forbids',
    place: { file: "policies/guardrails/auditors.yaml", line: 2, column: 7 },
  },
  {
    severity: "note",
    code: "exception-not-needed",
    message: 'Guardrail "Two owners" holds for bo@acme.example without the exception',
    place: { file: "policies/guardrails/owners.yaml", line: 9, column: 5 },
    hint: "Remove the exception.",
  },
];

export function examplePlan(partial: Partial<Plan> = {}): Plan {
  const changes = partial.changes ?? exampleChanges();
  const count = (action: Change["action"]) => changes.filter((change) => change.action === action).length;
  const access = partial.access ?? ACCESS;
  const peopleWho = (which: "gains" | "loses") =>
    access.reduce((sum, group) => sum + (group[which] ? group.members.length : 0), 0);
  const rest = {
    target: "acme",
    platform: "atomic",
    commit: "3f2a91c7d0e1b2a3948576a1b2c3d4e5f6071829",
    uncommitted: false,
    base: "88d0e12aa31f4b5c6d7e8f90a1b2c3d4e5f60718",
    digest: DIGEST,
    drift: [
      {
        kind: "Role",
        key: "Role/card viewer",
        name: "Card viewer",
        shape: "changed" as const,
        attributes: [
          { attribute: "permissions/Card template", base: "view", want: "view", live: "edit" },
          { attribute: "permissions/Theme", base: undefined, want: undefined, live: "view" },
        ],
        mode: "report" as const,
        effect: "escalates" as const,
        by: { by: "mal@acme.example", at: "2026-11-22T10:59:58.123Z", action: "role.updated" },
      },
      {
        kind: "Membership",
        key: "Membership/owner/mal@acme.example",
        name: "mal@acme.example in Owner",
        shape: "extra" as const,
        attributes: [],
        mode: "propose" as const,
        effect: "escalates" as const,
        by: null,
      },
    ],
    conflicts: [
      {
        kind: "Role",
        key: "Role/theme editor",
        name: "Theme editor",
        shape: "changed" as const,
        attributes: [{ attribute: "permissions/Theme", base: "view", want: "edit", live: "admin" }],
        place: { file: "policies/acme/roles/theme-editor.yaml", line: 4, column: 3 },
      },
    ],
    unmanaged: [
      { kind: "Group", key: "Group/owner", name: "Owner" },
      { kind: "Group", key: "Group/viewers", name: "Viewers" },
      ...people(12, "guest").map((name) => ({ kind: "Member", key: `Member/${name}`, name })),
    ],
    findings: FINDINGS.filter(({ code }) => code !== "unknown-level" && code !== "unknown-role"),
    refused: false,
    effect: "mixed" as const,
    nonEscalating: false,
    weakens: [],
    proposals: [],
    waivers: [],
  };
  const plan = { ...rest, ...partial, changes, access };
  const summary = {
    create: count("create"),
    update: count("update"),
    delete: count("delete"),
    unmanaged: plan.unmanaged.length,
    drift: plan.drift.length,
    conflicts: plan.conflicts.length,
    gaining: peopleWho("gains"),
    losing: peopleWho("loses"),
  };
  return { ...plan, summary: partial.summary ?? summary };
}

/** Takes access away by a waiver, weakens two rules, and asks for two edits of the files. */
export function judgedPlan(partial: Partial<Plan> = {}): Plan {
  return emptyPlan({
    changes: [
      membershipOf("delete", "Release managers", "dee@acme.example"),
      membershipOf("delete", "Release managers", "eli@acme.example"),
      membershipOf("delete", "Viewers", "fay@acme.example", { origin: "expiry" }),
    ].map((change, index) => ({ ...change, id: String(index).padStart(24, "0") })),
    access: [
      {
        members: ["dee@acme.example", "eli@acme.example"],
        changes: [{ resource: "Card template", scope: "prod", before: "admin", after: null, via: release }],
        gains: false,
        loses: true,
      },
    ],
    effect: "reduces",
    weakens: [
      {
        id: "a".repeat(24),
        what: 'Guardrail "Two owners" is removed',
        owners: ["ana@acme.example", "cy@acme.example"],
      },
      {
        id: "b".repeat(24),
        what: "The settings of acme let one plan take from 40% of the people instead of 20%",
        owners: [],
        place: { file: "policies/rolebook.yaml", line: 14, column: 7 },
      },
    ],
    proposals: [
      {
        kind: "remove-entry",
        what: "Remove the entry of fay@acme.example in Viewers: it ended with 2026-11-20",
        place: { file: "policies/acme/members/viewers.yaml", line: 12, column: 5 },
      },
      {
        kind: "rename-member",
        what: "Rename gus@acme.example: the same person has a new address on the platform",
        place: { file: "policies/acme/members/people.yaml", line: 31, column: 8 },
        to: "gus.ito@acme.example",
      },
    ],
    waivers: ["Release team leaves", "Spring cleaning"],
    findings: FINDINGS.filter(({ severity, code }) => severity === "note" || code === "role-without-group"),
    ...partial,
  });
}

export function emptyPlan(partial: Partial<Plan> = {}): Plan {
  return examplePlan({
    changes: [],
    access: [],
    drift: [],
    conflicts: [],
    unmanaged: [],
    findings: [],
    effect: "neutral",
    nonEscalating: true,
    ...partial,
  });
}

const PLACES = {
  membershipPlace: { file: "policies/acme/members/card-creators.yaml", line: 12, column: 5 },
  groupPlace: { file: "policies/acme/groups/card-creators.yaml", line: 2, column: 7 },
  rolePlace: { file: "policies/acme/roles/card-editor.yaml", line: 2, column: 7 },
};
const EDITOR = { group: "Card creators", role: "Card editor", ...PLACES };
const VIEWER = { group: "Viewers", role: "Viewer", membershipPlace: { ...PLACES.membershipPlace, line: 30 } };

export const EXPLANATION: Explanation = {
  member: "ana@acme.example",
  name: "Ana Li",
  present: true,
  grants: [
    { resource: "Audit log", scope: "organization", level: "view", paths: [VIEWER] },
    ...ENVIRONMENTS.map((scope) => ({ resource: "Card template", scope, level: "edit", paths: [EDITOR] })),
    { resource: "Override card approval", scope: "dev", level: "admin", paths: [EDITOR, VIEWER] },
    { resource: "Override card approval", scope: "test", level: "admin", paths: [EDITOR, VIEWER] },
  ],
  denied: [],
};

/** Somebody who does not hold what was asked about, on a platform that only knows groups. */
export const DENIED: Explanation = {
  ...EXPLANATION,
  grants: EXPLANATION.grants.filter(({ scope }) => scope === "dev"),
  denied: ["production", "staging", "test"].map((scope) => ({
    resource: "Override card approval",
    scope,
    layers: [],
    offers:
      scope === "test"
        ? []
        : [
            { group: "Approvers", level: "admin" },
            { group: "Card creators of the night", level: "edit" },
          ],
  })),
};

/** The same on a platform that has conditions of its own. */
export const LAYERED: Explanation = {
  target: "vault",
  member: "ana@acme.example",
  name: "Ana Li",
  present: true,
  grants: [],
  denied: [
    {
      resource: "manage/Editor",
      scope: "acme-dev",
      layers: [
        { name: "account", holds: true, because: "ana@acme.example is in the account" },
        {
          name: "workspace",
          holds: false,
          because: "ana@acme.example is no member of acme-dev",
          hint: "Give her a role in acme-dev.",
        },
        { name: "product access", holds: false, because: "nothing gives manage in acme-dev" },
        { name: "product role", holds: true, because: "manage has a role Editor" },
      ],
      offers: [],
    },
    {
      resource: "manage/Editor",
      scope: "acme-prod",
      layers: [
        { name: "account", holds: true, because: "ana@acme.example is in the account" },
        { name: "workspace", holds: true, because: "ana@acme.example is a Member of acme-prod" },
        {
          name: "product access",
          holds: false,
          because: "no group that ana@acme.example is in gives Editor of manage, and no assignment does",
          hint: "Put her in a group that has the role.",
        },
        { name: "product role", holds: true, because: "manage has a role Editor" },
      ],
      offers: [{ group: "acme-prod/Payment editors", level: "granted" }],
    },
  ],
};

export const WHO_CAN: WhoCan = {
  level: "edit",
  resource: "Card template",
  scope: null,
  holders: [
    ...ENVIRONMENTS.map((scope) => ({ member: "ana@acme.example", scope, level: "edit", paths: [EDITOR] })),
    { member: "bo@acme.example", scope: "dev", level: "admin", paths: [EDITOR, VIEWER] },
    { member: "bo@acme.example", scope: "test", level: "edit", paths: [EDITOR] },
  ],
};

export const RECEIPT: Receipt = {
  version: 1,
  target: "acme",
  commit: "3f2a91c7d0e1b2a3948576a1b2c3d4e5f6071829",
  base: "88d0e12aa31f4b5c6d7e8f90a1b2c3d4e5f60718",
  digest: DIGEST,
  tool: "rolebook 0.1.0",
  startedAt: "2026-11-22T20:00:00.000Z",
  endedAt: "2026-11-22T20:00:04.000Z",
  approval: {
    by: "Ana Li <ana@acme.example>",
    at: "2026-11-22T19:59:00.000Z",
    how: "terminal",
    digest: DIGEST,
    changes: ["a", "b", "c", "d"].map((letter) => letter.repeat(24)),
  },
  outcomes: [
    { change: "a".repeat(24), status: "applied" },
    { change: "b".repeat(24), status: "failed", cause: "the platform answered 503 five times" },
    { change: "c".repeat(24), status: "conflict", cause: "live moved: description is not what the plan saw" },
    { change: "d".repeat(24), status: "skipped", cause: "not approved" },
    { change: "e".repeat(24), status: "skipped", cause: "not approved" },
  ],
  converged: false,
};

export const RECEIPT_CHANGES: readonly Change[] = [
  { ...changeOf({ action: "create", kind: "Role", name: "Card editor" }), id: "a".repeat(24) },
  { ...changeOf({ action: "update", kind: "Group", name: "Card creators" }), id: "b".repeat(24) },
  { ...changeOf({ action: "update", kind: "Role", name: "Viewer" }), id: "c".repeat(24) },
  { ...membershipOf("delete", "Viewers", "fay@acme.example"), id: "d".repeat(24) },
];
