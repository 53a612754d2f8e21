// Organizations to start with: acme, a company that has used the Workbench for a while, and an empty one.
// Plain data with fixed ids, so that two starts are the same.
import { DEFAULT_ROLES } from "./default-roles.ts";
import type { Environment, MemberStatus, Permission, StateDocument } from "./records.ts";

const ORGANISATION = { id: "acme", name: "Acme" };

const ENVIRONMENTS: readonly Environment[] = [
  ["Dv4kQ7xa", "dev", "2023-02-06T09:12:44.000Z"],
  ["tS8mNb2", "test", "2023-02-06T09:14:03.000Z"],
  ["Stg5Wd", "staging", "2023-03-20T14:30:21.000Z"],
  ["Pr9XkT2m", "production", "2023-05-02T07:45:00.000Z"],
].map(([id = "", name = "", created = ""]) => ({ id, name, created, organisationName: ORGANISATION.name }));

type RoleSeed = readonly [id: string, name: string, description: string, permissions: { readonly [r: string]: string }];

const CUSTOM_ROLES: readonly RoleSeed[] = [
  ["rCardEdt41", "Card editor", "Edits draft cards", { "Card template": "edit", Theme: "view" }],
  [
    "rCardPub52",
    "Card publisher",
    "Publishes and archives cards",
    { "Card template": "admin", "Card instance": "edit" },
  ],
  ["rCardApp63", "Card approver", "Approves cards", { "Card template": "view" }],
  [
    "rInsight74",
    "Insights viewer",
    "Sees the insights dashboard",
    { "Card instance": "view", "Card template": "view" },
  ],
  ["rAnalyt85x", "analytics - test", "Downloads analytics of the test environment", { "Analytics exporter": "view" }],
  ["rAuditLg96", "audit log", "Reads everyone's audit log entries", { "Audit log": "admin" }],
  [
    "rIntegr17y",
    "Integration developer",
    "Connects our systems to the Workbench",
    {
      "API authentication controls": "view",
      Connectors: "edit",
      "SDK API key": "view",
      "Webhook request log": "view",
      "Webhook subscription": "edit",
    },
  ],
  [
    "rSupport28",
    "Support agent",
    "Looks after single customers",
    { "Card instance": "admin", Customer: "admin", Segment: "view" },
  ],
  [
    "rMemberA39",
    "Member administrator",
    "Invites people and puts them into groups",
    {
      "Workbench member": "edit",
      "Workbench member group": "view",
      "Workbench member group assignment": "edit",
    },
  ],
];

type GroupSeed = readonly [
  id: string,
  name: string,
  description: string,
  roleIds: readonly string[],
  environmentIds: readonly string[],
  members: readonly string[],
];

const ALL: readonly string[] = [];
const [DEV = "", TEST = "", STAGING = "", PRODUCTION = ""] = ENVIRONMENTS.map((environment) => environment.id);

const GROUPS: readonly GroupSeed[] = [
  ["gOwner1Aq2", "Owner", "", ["rOwner1Aa1"], ALL, ["hana", "noor"]],
  ["gAdmin2Bw3", "Admin", "", ["rAdmin2Bb2"], ALL, ["tomas"]],
  ["gEdito3Ce4", "Editor", "", ["rEdito3Cc3"], ALL, ["mei", "olu"]],
  [
    "gCardCr4Dr",
    "Card creators",
    "Draft cards everywhere but in production",
    ["rCardEdt41"],
    [DEV, TEST, STAGING],
    ["ana", "bo", "mei", "priya", "lars"],
  ],
  [
    "gCardPb5Et",
    "Card publishers",
    "Publish what has been approved",
    ["rCardPub52"],
    [STAGING, PRODUCTION],
    ["mei", "olu"],
  ],
  ["gCardAp6Fy", "Card approvers", "", ["rCardApp63"], ALL, ["ines", "yusuf"]],
  ["gInsigh7Gu", "Insights", "The insights dashboard", ["rInsight74"], [PRODUCTION], ["ines", "ravi"]],
  ["gAnalyt8Hi", "analytics - test", "", ["rAnalyt85x"], [TEST], ["ravi", "sofia"]],
  ["gAuditL9Jo", "audit log", "", ["rAuditLg96"], ALL, ["ravi", "sofia"]],
  ["gIntegr1Kp", "Integration developers", "", ["rIntegr17y", "rInsight74"], [DEV, TEST], ["lars", "priya", "jonas"]],
  ["gSupport2L", "Customer support", "Telephone and chat", ["rSupport28"], [PRODUCTION], ["yusuf", "amara"]],
  ["gMemberA3M", "Member administrators", "", ["rMemberA39"], ALL, ["tomas"]],
];

type MemberSeed = readonly [
  id: string,
  user: string,
  firstName: string,
  lastName: string,
  lastActiveAt: string | null,
  status?: MemberStatus,
];

/** Everybody who has accepted has a second factor but Bo and Yusuf, and was at work lately but Sofia. */
const MEMBERS: readonly MemberSeed[] = [
  ["mHana01Qa2", "hana", "Hana", "Sato", "2026-11-20T16:05:12Z"],
  ["mNoor02Ws3", "noor", "Noor", "Haddad", "2026-11-19T08:41:30Z"],
  ["mTomas03Ed", "tomas", "Tomáš", "Dvořák", "2026-11-20T13:22:47Z"],
  ["mAna04Rf5g", "ana", "Ana", "Li", "2026-11-20T15:58:03Z"],
  ["mBo05Tg6hj", "bo", "Bo", "Nilsson", "2026-11-18T10:14:55Z"],
  ["mMei06Yh7k", "mei", "Mei", "Chen", "2026-11-20T07:30:21Z"],
  ["mOlu07Uj8m", "olu", "Olu", "Adeyemi", "2026-11-17T12:09:44Z"],
  ["mPriya08Ik", "priya", "Priya", "Raman", "2026-11-20T05:47:16Z"],
  ["mLars09Ol2", "lars", "Lars", "Østergaard", "2026-11-19T14:33:08Z"],
  ["mInes10Pz3", "ines", "Inês", "Carvalho", "2026-11-13T09:26:50Z"],
  ["mRavi11Xc4", "ravi", "Ravi", "Menon", "2026-11-20T11:52:39Z"],
  ["mSofia12Vb", "sofia", "Sofia", "Rossi", "2026-02-12T15:20:05Z"],
  ["mYusuf13Nm", "yusuf", "Yusuf", "Kaya", "2026-11-20T18:03:27Z"],
  ["mAmara14Qw", "amara", "Amara", "Okafor", null, "invited"],
  ["mJonas15Er", "jonas", "Jonas", "Weber", null, "invited"],
  ["mPetra16Ty", "petra", "Petra", "Novak", "2025-09-30T16:00:11Z", "disabled"],
];

const WITHOUT_SECOND_FACTOR: readonly string[] = ["bo", "yusuf"];

const DEFAULT_ROLE_IDS: { readonly [name: string]: string } = {
  Owner: "rOwner1Aa1",
  Admin: "rAdmin2Bb2",
  Editor: "rEdito3Cc3",
};

/** The acme organization: 16 members (two invited, one disabled), 4 environments, 12 roles, 12 groups. */
export function acmeSeed(): StateDocument {
  const idOf = new Map(MEMBERS.map(([id, user]) => [user, id]));
  return {
    version: 1,
    organisation: ORGANISATION,
    environments: ENVIRONMENTS,
    roles: [...defaultRoles(), ...CUSTOM_ROLES.map(roleOf)],
    groups: GROUPS.map(([id, name, description, roleIds, environmentIds]) => {
      return { id, name, description, roleIds, environmentIds };
    }),
    members: MEMBERS.map(([id, user, firstName, lastName, lastActiveAt, status = "active"]) => {
      const multiFactor = status !== "invited" && !WITHOUT_SECOND_FACTOR.includes(user);
      return { id, email: `${user}@acme.example`, firstName, lastName, status, multiFactor, lastActiveAt };
    }),
    memberships: Object.fromEntries(
      GROUPS.map(([id, , , , , users]) => [id, users.map((user) => idOf.get(user) ?? user)]),
    ),
  };
}

/** The four environments and nothing else: no role, no group, no member. */
export function emptySeed(): StateDocument {
  return {
    version: 1,
    organisation: { id: "empty", name: "Empty" },
    environments: ENVIRONMENTS.map((environment) => ({ ...environment, organisationName: "Empty" })),
    roles: [],
    groups: [],
    members: [],
    memberships: {},
  };
}

function defaultRoles(): readonly ReturnType<typeof roleOf>[] {
  return Object.entries(DEFAULT_ROLES).map(([name, permissions]) =>
    roleOf([DEFAULT_ROLE_IDS[name] ?? name, name, "", permissions]),
  );
}

function roleOf([id, name, description, permissions]: RoleSeed): {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
} {
  const list = Object.entries(permissions).map(([resource, level]) => ({ resource, level }));
  list.sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return { id, name, description, permissions: list };
}
