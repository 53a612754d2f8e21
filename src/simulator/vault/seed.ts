// Accounts to start with: acme, a company whose Vault was set up by hand by many people, and one with nobody in it.
// Plain data with fixed ids, so that two starts are the same. The secrets of its keys are known to nobody.
import type { VaultDocument, WorkspaceRole } from "./records.ts";

const ACCOUNT = { id: "acme", name: "Acme" };

/** Short name of a workspace here -> the workspace. */
const WORKSPACES = {
  dev: { shortname: "acme-dev", purpose: "development", region: "eu-west", team: "Platform" },
  staging: { shortname: "acme-staging", purpose: "staging", region: "eu-west", team: "Platform" },
  prod: { shortname: "acme-prod", purpose: "production", region: "us-east", team: "Payments" },
  eu: { shortname: "acme-prod-eu", purpose: "production", region: "eu-west", team: "Payments Europe" },
} as const;
type Home = keyof typeof WORKSPACES;

type RoleSeed = readonly [name: string, description: string, implied: readonly string[]];

/** Product type -> its own roles beside Admin, from the lowest. */
const LEVELS: { readonly [type: string]: readonly RoleSeed[] } = {
  Manage: [
    ["Viewer", "Sees payments", []],
    ["Editor", "Enters and corrects payments", ["Viewer"]],
    ["Approver", "Releases payments", ["Viewer"]],
  ],
  Submit: [
    ["Submitter", "Hands files in", []],
    ["Reviewer", "Accepts or returns what was handed in", ["Submitter"]],
  ],
  Prepare: [["Preparer", "Prepares files", []]],
  Layout: [["Designer", "Draws forms", []]],
};

type ProductSeed = readonly [home: Home, type: string, tier: string, state?: "inactive" | "unsubscribed"];

const PRODUCTS: readonly ProductSeed[] = [
  ["dev", "Manage", "Developer"],
  ["dev", "Submit", "Developer"],
  ["dev", "Prepare", "Developer"],
  ["staging", "Manage", "Standard"],
  ["staging", "Submit", "Standard"],
  ["prod", "Manage", "Enterprise"],
  ["prod", "Submit", "Enterprise"],
  ["prod", "Layout", "Standard", "inactive"],
  ["eu", "Manage", "Enterprise"],
  ["eu", "Prepare", "", "unsubscribed"],
];

type PersonSeed = readonly [
  user: string,
  firstName: string,
  lastName: string,
  lastActiveAt: string | null,
  homes: readonly (readonly [Home, WorkspaceRole])[],
];

/** Ana is in development and in production, and `ops` looks like an account that several people share. */
const PEOPLE: readonly PersonSeed[] = [
  [
    "hana",
    "Hana",
    "Sato",
    "2026-11-20T16:20:41Z",
    [
      ["prod", "Owner"],
      ["eu", "Owner"],
    ],
  ],
  [
    "noor",
    "Noor",
    "Haddad",
    "2026-11-19T08:50:02Z",
    [
      ["prod", "Owner"],
      ["prod", "Billing"],
    ],
  ],
  [
    "tomas",
    "Tomáš",
    "Dvořák",
    "2026-11-20T13:40:18Z",
    [
      ["dev", "Owner"],
      ["staging", "Owner"],
    ],
  ],
  [
    "ana",
    "Ana",
    "Li",
    "2026-11-20T15:12:55Z",
    [
      ["dev", "Member"],
      ["prod", "Member"],
    ],
  ],
  ["bo", "Bo", "Nilsson", "2026-11-17T09:31:06Z", [["staging", "Member"]]],
  [
    "mei",
    "Mei",
    "Chen",
    "2026-11-20T07:44:29Z",
    [
      ["prod", "Member"],
      ["eu", "Admin"],
    ],
  ],
  ["olu", "Olu", "Adeyemi", "2026-11-18T12:27:33Z", [["prod", "Member"]]],
  [
    "priya",
    "Priya",
    "Raman",
    "2026-11-20T06:02:10Z",
    [
      ["dev", "Admin"],
      ["staging", "Member"],
    ],
  ],
  [
    "lars",
    "Lars",
    "Østergaard",
    "2026-11-19T14:58:47Z",
    [
      ["dev", "Member"],
      ["staging", "Member"],
    ],
  ],
  [
    "ines",
    "Inês",
    "Carvalho",
    "2026-11-13T10:05:38Z",
    [
      ["prod", "Member"],
      ["eu", "Member"],
    ],
  ],
  ["yusuf", "Yusuf", "Kaya", "2026-11-20T17:36:52Z", [["prod", "Member"]]],
  [
    "amara",
    "Amara",
    "Okafor",
    "2026-10-30T11:19:25Z",
    [
      ["prod", "Billing"],
      ["eu", "Billing"],
    ],
  ],
  ["jonas", "Jonas", "Weber", null, [["dev", "Member"]]],
  ["ops", "Ops", "Team", "2026-11-20T02:14:03Z", [["staging", "Admin"]]],
];

const WITHOUT_SECOND_FACTOR: readonly string[] = ["bo", "yusuf", "ops"];
const INVITED: readonly string[] = ["jonas"];

type GroupSeed = readonly [
  home: Home,
  name: string,
  description: string,
  roles: readonly string[],
  members: readonly string[],
];

/** Bo is in a group of a workspace that Bo is not in, which opens nothing. */
const GROUPS: readonly GroupSeed[] = [
  [
    "dev",
    "Developers",
    "Build and try integrations",
    ["manage/Editor", "submit/Reviewer", "prepare/Preparer"],
    ["ana", "priya", "lars", "jonas"],
  ],
  ["staging", "Testers", "", ["manage/Editor", "submit/Reviewer"], ["bo", "priya", "lars"]],
  ["prod", "Payment editors", "Enter payments", ["manage/Editor"], ["ana", "mei"]],
  ["prod", "Payment approvers", "Release payments", ["manage/Approver"], ["olu", "ines"]],
  ["prod", "Submission reviewers", "", ["submit/Reviewer"], ["mei", "bo"]],
  ["prod", "Support desk", "Looks payments up", ["manage/Viewer"], ["yusuf"]],
  ["eu", "Payment editors", "Enter payments", ["manage/Editor", "prepare/Preparer"], ["ines"]],
  ["eu", "Payment approvers", "", ["manage/Approver"], ["mei"]],
];

/** Product roles that somebody was given directly, at the console. */
const DIRECT: { readonly [user: string]: readonly string[] } = { yusuf: ["prod.manage.editor"] };

type IntegrationSeed = readonly [home: Home, name: string, product: string | null, callbackUrl: string];

const INTEGRATIONS: readonly IntegrationSeed[] = [
  ["dev", "Webhook sandbox", "submit", "https://sandbox.acme.example/vault"],
  ["staging", "Ledger sync", "manage", "https://ledger.staging.acme.example/vault"],
  ["prod", "Ledger sync", "manage", "https://ledger.acme.example/vault"],
  ["prod", "Alerting", null, "https://alerts.acme.example/in/vault"],
  ["eu", "Ledger sync", "manage", "https://ledger-eu.acme.example/vault"],
];

type KeySeed = readonly [
  home: Home,
  name: string,
  product: string,
  owner: string,
  createdAt: string,
  lastUsedAt: string | null,
  lastFour: string,
  expiresAt?: string,
];

/** The importer of production is three months old; the key for reports has run out. */
const KEYS: readonly KeySeed[] = [
  ["dev", "Importer", "submit", "priya", "2026-10-06T09:00:00.000Z", "2026-11-20T05:58:40Z", "q7Rd"],
  ["staging", "Importer", "submit", "lars", "2026-10-06T09:12:00.000Z", "2026-11-19T22:00:03Z", "Zk40"],
  ["prod", "Payments importer", "submit", "mei", "2026-08-27T07:30:00.000Z", "2026-11-20T23:59:12Z", "m9Xc"],
  [
    "prod",
    "Reports",
    "manage",
    "noor",
    "2025-11-03T10:00:00.000Z",
    "2026-10-31T04:00:09Z",
    "T2vb",
    "2026-11-01T00:00:00.000Z",
  ],
  ["eu", "Payments importer", "manage", "ines", "2026-10-12T08:15:00.000Z", null, "8HsW"],
];

/** The acme account: 4 workspaces, 10 products, 8 groups, 14 people (one invited), 5 integrations, 5 keys. */
export function acmeVault(): VaultDocument {
  return {
    ...emptyVault(),
    account: ACCOUNT,
    groups: GROUPS.map(([home, name, description, roles]) => ({
      id: groupId(home, name),
      workspaceId: home,
      name,
      description,
      roleIds: roles.map((role) => `${home}.${role.replace("/", ".").toLowerCase()}`),
    })),
    members: PEOPLE.map(([user, firstName, lastName, lastActiveAt, homes]) => ({
      id: memberId(user),
      email: `${user}@acme.example`,
      firstName,
      lastName,
      status: INVITED.includes(user) ? "invited" : "active",
      workspaces: homes.map(([workspaceId, role]) => ({ workspaceId, role })),
      roleIds: DIRECT[user] ?? [],
      twoFactorEnabled: !INVITED.includes(user) && !WITHOUT_SECOND_FACTOR.includes(user),
      lastActiveAt,
    })),
    memberships: Object.fromEntries(
      GROUPS.map(([home, name, , , users]) => [groupId(home, name), users.map(memberId)]),
    ),
    integrations: INTEGRATIONS.map(([home, name, product, callbackUrl]) => ({
      id: `i.${home}.${slug(name)}`,
      workspaceId: home,
      productId: product && `${home}.${product}`,
      name,
      callbackUrl,
      environment: WORKSPACES[home].purpose,
    })),
    keys: KEYS.map(([home, name, product, owner, createdAt, lastUsedAt, lastFour, expiresAt = null]) => ({
      id: `k.${home}.${slug(name)}`,
      workspaceId: home,
      productId: `${home}.${product}`,
      name,
      purpose: WORKSPACES[home].purpose,
      ownerId: memberId(owner),
      createdAt,
      createdBy: `${owner}@acme.example`,
      expiresAt,
      lastUsedAt,
      lastFour,
    })),
  };
}

/** What was bought and nothing else: workspaces, products and their roles, and nobody in them. */
export function emptyVault(): VaultDocument {
  return {
    version: 1,
    account: { id: "empty", name: "Empty" },
    workspaces: Object.entries(WORKSPACES).map(([id, workspace]) => ({ id, ...workspace })),
    products: PRODUCTS.map(([workspaceId, type, tier, state]) => ({
      id: productId(workspaceId, type),
      workspaceId,
      shortname: type.toLowerCase(),
      type,
      tier,
      active: state !== "inactive",
      subscribed: state !== "unsubscribed",
    })),
    roles: PRODUCTS.flatMap(([home, type]) => rolesOf(productId(home, type), LEVELS[type] ?? [])),
    groups: [],
    members: [],
    memberships: {},
    integrations: [],
    keys: [],
  };
}

function rolesOf(product: string, levels: readonly RoleSeed[]): VaultDocument["roles"] {
  const idOf = (name: string): string => `${product}.${name.toLowerCase()}`;
  const admin = { id: idOf("Admin"), productId: product, name: "Admin" };
  const own = levels.map(([name, description, implied]) => ({
    id: idOf(name),
    productId: product,
    name,
    description,
    impliedRoleIds: implied.map(idOf),
  }));
  return [admin, ...own];
}

function productId(home: Home, type: string): string {
  return `${home}.${type.toLowerCase()}`;
}

function groupId(home: Home, name: string): string {
  return `g.${home}.${slug(name)}`;
}

function memberId(user: string): string {
  return `m.${user}`;
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}
