// Rows of an account and entities: ids become qualified names, odd rows are survived and told, and what is of workspaces
// outside the target is not there.
import { describe, expect, test } from "vitest";
import { type Entity, entityAt, type State } from "../../../src/model/entity.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { assembleState } from "../../../src/platform/atomyx/map.ts";
import type {
  AccountRows,
  GroupRow,
  IntegrationRow,
  KeyRow,
  MemberRow,
  ProductRow,
  RoleRow,
  WorkspaceRow,
} from "../../../src/platform/atomyx/rows.ts";

const etag = '"1"';
const workspace = (id: string, shortname: string): WorkspaceRow => ({
  id,
  shortname,
  purpose: "production",
  region: "",
  team: "",
  etag,
});
const product = (id: string, workspaceId: string, shortname: string, more: Partial<ProductRow> = {}): ProductRow => ({
  id,
  workspaceId,
  shortname,
  type: "Manage",
  tier: "",
  active: true,
  subscribed: true,
  etag,
  ...more,
});
const role = (
  id: string,
  productId: string,
  name: string,
  impliedRoleIds: string[] = [],
  builtIn = false,
): RoleRow => ({
  id,
  productId,
  name,
  description: "",
  impliedRoleIds,
  builtIn,
  etag,
});
const group = (id: string, workspaceId: string, name: string, roleIds: string[] = []): GroupRow => ({
  id,
  workspaceId,
  name,
  description: "",
  roleIds,
  etag,
});
const member = (id: string, email: string, more: Partial<MemberRow> = {}): MemberRow => ({
  id,
  email,
  firstName: "",
  lastName: "",
  status: "active",
  workspaces: [],
  roleIds: [],
  etag,
  ...more,
});
const integration = (id: string, workspaceId: string, name: string, productId: string | null): IntegrationRow => ({
  id,
  workspaceId,
  productId,
  name,
  callbackUrl: "https://x.example/",
  environment: "production",
  etag,
});
const key = (id: string, workspaceId: string, name: string, more: Partial<KeyRow> = {}): KeyRow => ({
  id,
  workspaceId,
  productId: "p1",
  name,
  purpose: "production",
  ownerId: null,
  createdAt: "2026-01-01T00:00:00Z",
  createdBy: "ana@acme.example",
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  lastFour: "abcd",
  fingerprint: "0123456789abcdef",
  etag,
  ...more,
});

type Rows = Partial<AccountRows>;

/** Two workspaces with a product each, and what is added. */
function assemble(rows: Rows, limit?: readonly string[]) {
  const whole: AccountRows = {
    workspaces: [workspace("w1", "prod"), workspace("w2", "dev")],
    products: [product("p1", "w1", "manage"), product("p2", "w2", "manage")],
    "product-roles": [
      role("r1", "p1", "Viewer"),
      role("r2", "p1", "Editor", ["r1"]),
      role("r3", "p1", "Admin", ["r1", "r2"], true),
      role("r4", "p2", "Viewer"),
    ],
    groups: [],
    members: [],
    memberships: [],
    integrations: [],
    "api-keys": [],
    ...rows,
  };
  return assembleState(whole, limit && new Set(limit));
}

const brief = (findings: readonly Finding[]) => findings.map(({ code, blocks, key: at }) => [code, blocks, at]);
const namesOf = (state: State, kind: string) => [...(state.get(kind)?.values() ?? [])].map(({ name }) => name);
const at = (state: State, section: string, local: string) => entityAt(state, section, local) as Entity;

describe("rows to entities", () => {
  test("names are qualified, references become names sorted by fold, text is canonical, ids and versions stay", () => {
    const { state, findings } = assemble({
      products: [product("p1", "w1", "manage", { tier: " Gold ", type: "manage" }), product("p2", "w2", "manage")],
      groups: [group("g1", "w1", " Cafe\u0301 / eins", ["r3", "r2"])],
      members: [
        member("m1", "Ana@Acme.example", {
          firstName: " Ana ",
          workspaces: [
            { workspaceId: "w2", role: "Member" },
            { workspaceId: "w1", role: "Owner" },
            { workspaceId: "w1", role: "Billing" },
          ],
          roleIds: ["r4", "r1"],
        }),
      ],
      memberships: [{ groupId: "g1", memberId: "m1" }],
      integrations: [integration("i1", "w1", "Ledger", "p1"), integration("i2", "w1", "Hook", null)],
    });
    expect(findings).toEqual([]);
    expect(namesOf(state, "Role")).toEqual([
      "prod/manage/Viewer",
      "prod/manage/Editor",
      "prod/manage/Admin",
      "dev/manage/Viewer",
    ]);
    expect(at(state, "Role", "prod/manage/editor")).toMatchObject({
      id: "r2",
      version: etag,
      attributes: { description: "", implies: ["prod/manage/Viewer"] },
    });
    expect(at(state, "Product", "prod/manage").attributes).toEqual({
      type: "Manage",
      tier: "Gold",
      active: true,
      subscribed: true,
    });
    expect(at(state, "Product", "dev/manage").attributes).not.toHaveProperty("tier");
    expect(at(state, "Group", "prod/café / eins")).toMatchObject({
      name: "prod/Café / eins",
      attributes: { roles: ["prod/manage/Admin", "prod/manage/Editor"] },
    });
    expect(at(state, "Member", "ana@acme.example").attributes).toEqual({
      firstName: "Ana",
      workspaces: ["Billing of prod", "Member of dev", "Owner of prod"],
      roles: ["dev/manage/Viewer", "prod/manage/Viewer"],
    });
    expect(at(state, "Membership/prod/café / eins", "ana@acme.example")).toMatchObject({ id: "m1" });
    expect(at(state, "Integration", "prod/ledger").attributes.product).toBe("prod/manage");
    expect(at(state, "Integration", "prod/hook").attributes).not.toHaveProperty("product");
  });

  test("a built-in role is immutable and lists nothing; a product of another type is other", () => {
    const { state } = assemble({
      products: [product("p1", "w1", "manage", { type: "Archive" }), product("p2", "w2", "x")],
    });
    expect(at(state, "Role", "prod/manage/admin")).toMatchObject({ status: "immutable" });
    expect(at(state, "Role", "prod/manage/admin").attributes).toEqual({});
    expect(at(state, "Product", "prod/manage").attributes.type).toBe("other");
  });

  test("facts and status of people come with them; nothing told is nothing said", () => {
    const { state } = assemble({
      members: [
        member("m1", "ana@acme.example", { twoFactorEnabled: false, lastActiveAt: "2026-11-20T17:05:12+01:00" }),
        member("m2", "bo@acme.example", { status: "invited" }),
      ],
    });
    expect(at(state, "Member", "ana@acme.example").facts).toEqual({
      multiFactor: false,
      lastActive: "2026-11-20T16:05:12.000Z",
    });
    expect(at(state, "Member", "bo@acme.example")).toMatchObject({ status: "invited" });
    expect(at(state, "Member", "bo@acme.example")).not.toHaveProperty("facts");
  });

  test("what only the vendor's staff are is told, and no part of what is compared", () => {
    const { state, findings } = assemble({
      members: [
        member("m1", "ana@acme.example", {
          workspaces: [
            { workspaceId: "w1", role: "super admin" },
            { workspaceId: "w1", role: "Member" },
          ],
        }),
      ],
    });
    expect(at(state, "Member", "ana@acme.example").attributes.workspaces).toEqual(["Member of prod"]);
    expect(findings).toMatchObject([{ severity: "warning", code: "super-admin", key: "Member/ana@acme.example" }]);
    expect(findings[0]?.blocks).toBeUndefined();
  });
});

describe("rows that do not hang together block removals, and nothing looks smaller than it is", () => {
  const blocks = "removals";
  test.each<[string, Rows, string | undefined, RegExp]>([
    ["a product", { products: [product("p9", "w9", "x")] }, undefined, /1 products of workspaces/],
    ["a role", { "product-roles": [role("r9", "p9", "X")] }, undefined, /1 roles of products/],
    ["a group", { groups: [group("g9", "w9", "X")] }, undefined, /1 groups of workspaces/],
    ["a group's role", { groups: [group("g1", "w1", "X", ["r9"])] }, "Group/prod/x", /role r9/],
    ["an included role", { "product-roles": [role("r1", "p1", "X", ["r9"])] }, "Role/prod/manage/x", /role r9/],
    [
      "a member's workspace",
      { members: [member("m1", "a@b", { workspaces: [{ workspaceId: "w9", role: "Admin" }] })] },
      "Member/a@b",
      /in 1 workspaces/,
    ],
    ["a member's role", { members: [member("m1", "a@b", { roleIds: ["r9"] })] }, "Member/a@b", /role r9/],
    [
      "a membership's member",
      { groups: [group("g1", "w1", "X")], memberships: [{ groupId: "g1", memberId: "m9" }] },
      "Group/prod/x",
      /1 members who are not/,
    ],
    ["a membership's group", { memberships: [{ groupId: "g9", memberId: "m9" }] }, undefined, /in 1 groups/],
    ["an integration", { integrations: [integration("i1", "w9", "X", null)] }, undefined, /1 integrations/],
    ["an integration's product", { integrations: [integration("i1", "w1", "X", "p9")] }, "Integration/prod/x", /p9/],
    ["a key", { "api-keys": [key("k1", "w9", "X")] }, undefined, /1 API keys of workspaces/],
    ["a key's product", { "api-keys": [key("k1", "w1", "X", { productId: "p9" })] }, "ApiKey/prod/x", /product p9/],
    ["a key's owner", { "api-keys": [key("k1", "w1", "X", { ownerId: "m9" })] }, "ApiKey/prod/x", /member m9/],
  ])("%s that leads nowhere", (_, rows, where, message) => {
    const { findings } = assemble(rows);
    expect(findings).toContainEqual(expect.objectContaining({ code: "inconsistent-read", blocks }));
    const [about] = findings.filter((finding) => message.test(finding.message));
    expect(about?.key).toBe(where);
  });

  test("an id that leads nowhere stays in its list", () => {
    const { state } = assemble({
      groups: [group("g1", "w1", "X", ["r1", "r9"])],
      members: [member("m1", "a@b", { workspaces: [{ workspaceId: "w9", role: "Admin" }] })],
    });
    expect(at(state, "Group", "prod/x").attributes.roles).toEqual(["prod/manage/Viewer", "r9"]);
    expect(at(state, "Member", "a@b").attributes.workspaces).toEqual(["Admin of w9"]);
  });

  test("two of one name cannot be told apart", () => {
    const { findings } = assemble({
      groups: [group("g1", "w1", "X"), group("g2", "w1", "x "), group("g3", "w2", "X")],
    });
    expect(brief(findings)).toEqual([["ambiguous-name", undefined, "Group/prod/x"]]);
  });
});

describe("keys", () => {
  const shop = (id: string, more: Partial<KeyRow> = {}) => key(id, "w1", "Shop", more);
  const keysOf = (rows: readonly KeyRow[], members: readonly MemberRow[] = []) => {
    const { state, findings } = assemble({ "api-keys": rows, members });
    return { keys: [...(state.get("ApiKey")?.values() ?? [])], findings };
  };

  test("several of one name are one entity, which is the newest that was not revoked", () => {
    const { keys, findings } = keysOf([
      shop("k3", { createdAt: "2026-03-01T00:00:00Z", revokedAt: "2026-03-02T00:00:00Z" }),
      shop("k2", { createdAt: "2026-02-01T00:00:00+02:00" }),
      shop("k1", { createdAt: "2026-01-31T23:00:00Z" }),
    ]);
    expect(findings).toEqual([]);
    expect(keys.map(({ id }) => id)).toEqual(["k1"]);
  });

  test("revoked ones are not there; an expired one is, until somebody revokes it", () => {
    expect(keysOf([shop("k1", { revokedAt: "2026-01-01T00:00:00Z" })]).keys).toEqual([]);
    expect(keysOf([shop("k1", { expiresAt: "2000-01-01T00:00:00Z" })]).keys).toHaveLength(1);
  });

  test("no row's secret parts, times or uses are compared; owners are named by their addresses", () => {
    const { keys } = keysOf([shop("k1", { ownerId: "m1", lastUsedAt: "2026-01-01T00:00:00Z" })], [member("m1", "A@b")]);
    expect(keys[0]).toEqual({
      kind: "ApiKey",
      section: "ApiKey",
      local: "prod/shop",
      name: "prod/Shop",
      attributes: { product: "prod/manage", purpose: "production", owner: "A@b" },
      id: "k1",
      version: etag,
    });
  });

  test("one that hides behind another of its name, for something else, is told", () => {
    const { findings } = keysOf([
      shop("k1", { purpose: "development" }),
      shop("k2", { createdAt: "2026-02-01T00:00:00Z" }),
    ]);
    expect(brief(findings)).toEqual([["key-name-shared", undefined, "ApiKey/prod/shop"]]);
    expect(findings[0]?.message).toContain("one for prod/manage, production, and one for prod/manage, development");
  });
});

describe("a target of some workspaces", () => {
  const both = [
    { workspaceId: "w1", role: "Member" },
    { workspaceId: "w2", role: "Admin" },
  ];
  const [inProd, inDev] = both.map((one) => [one]);
  const rows: Rows = {
    groups: [group("g1", "w1", "X", ["r1"]), group("g2", "w2", "Y", ["r4", "r9"])],
    members: [
      member("m1", "both@x", { workspaces: both, roleIds: ["r1", "r4"] }),
      member("m2", "prod@x", { workspaces: inProd ?? [] }),
      member("m3", "dev@x", { workspaces: inDev ?? [], roleIds: ["r4"] }),
      member("m4", "nowhere@x"),
      member("m5", "group@x", { workspaces: inDev ?? [] }),
      member("m6", "owner@x", { workspaces: inDev ?? [] }),
    ],
    memberships: [
      { groupId: "g1", memberId: "m5" },
      { groupId: "g2", memberId: "m2" },
      { groupId: "g2", memberId: "m9" },
    ],
    integrations: [integration("i1", "w2", "Hook", null)],
    "api-keys": [key("k1", "w1", "A", { ownerId: "m6" }), key("k2", "w2", "B", { productId: "p2", ownerId: "m3" })],
  };

  test("shows nothing of others, parts of people included, and is in no doubt about what it does not show", () => {
    const { state, findings } = assemble(rows, ["prod"]);
    expect(findings).toEqual([]);
    for (const kind of ["Workspace", "Product", "Role", "Group", "Integration", "ApiKey"])
      expect(namesOf(state, kind).filter((name) => !name.startsWith("prod"))).toEqual([]);
    expect(at(state, "Member", "both@x").attributes).toMatchObject({
      workspaces: ["Member of prod"],
      roles: ["prod/manage/Viewer"],
    });
    expect([...state.keys()].filter((section) => section.startsWith("Membership/"))).toEqual(["Membership/prod/x"]);
  });

  test("shows who is in it, in no workspace at all, in its groups, or answers for its keys; nobody else", () => {
    const { state } = assemble(rows, ["prod"]);
    expect(namesOf(state, "Member")).toEqual(["both@x", "prod@x", "nowhere@x", "group@x", "owner@x"]);
  });

  test("everything is one of the two, and nothing is both", () => {
    const of = (limit: readonly string[] | undefined, kind: string) => namesOf(assemble(rows, limit).state, kind);
    for (const kind of ["Workspace", "Product", "Role", "Group", "Integration", "ApiKey"])
      expect([...of(["prod"], kind), ...of(["dev"], kind)].sort()).toEqual(of(undefined, kind).sort());
  });
});
