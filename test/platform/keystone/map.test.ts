// Rows of a domain -> a state: names for ids, what lies outside, and what does not hang together.
import { describe, expect, test } from "vitest";
import { entityAt, groupOfSection, type State } from "../../../src/model/entity.ts";
import { assembleState } from "../../../src/platform/keystone/map.ts";
import type { AssignmentRow, DomainRows } from "../../../src/platform/keystone/rows.ts";

const DOMAIN = { id: "d1", name: "engineering" };

const EMPTY: DomainRows = {
  domain: DOMAIN,
  roles: [],
  inferences: [],
  projects: [],
  groups: [],
  users: [],
  memberships: [],
  assignments: [],
  applicationCredentials: [],
};

const role = (id: string, name: string, more: object = {}) => ({ id, name, domain_id: null, ...more });
const user = (id: string, name: string, more: object = {}) => ({ id, name, domain_id: "d1", enabled: true, ...more });
const group = (id: string, name: string) => ({ id, name, domain_id: "d1" });
const project = (id: string, name: string, parent_id: string | null = "d1") => ({
  id,
  name,
  domain_id: "d1",
  parent_id,
  enabled: true,
});

const rules = (...sets: readonly (readonly string[])[]) => ({ multi_factor_auth_rules: sets });

function assigned(
  roleId: string,
  actor: "user" | "group",
  actorId: string,
  scope: "domain" | "project",
  scopeId: string,
  inherited = false,
): AssignmentRow {
  return { roleId, actor: { kind: actor, id: actorId }, scope: { kind: scope, id: scopeId }, inherited };
}

const SMALL: DomainRows = {
  ...EMPTY,
  roles: [role("r1", "reader"), role("r2", "member"), role("r3", "admin", { options: { immutable: true } })],
  inferences: [
    { priorRoleId: "r3", impliedRoleId: "r2" },
    { priorRoleId: "r3", impliedRoleId: "r1" },
    { priorRoleId: "r2", impliedRoleId: "r1" },
  ],
  projects: [project("p1", "dev"), project("p2", "dev-web", "p1"), { ...project("p3", "old"), enabled: false }],
  groups: [group("g1", "developers"), group("g2", "Developers")],
  users: [user("u1", "ana", { email: " ana@acme.example ", description: "" }), user("u2", "bo", { enabled: false })],
  memberships: [
    { groupId: "g1", userId: "u1" },
    { groupId: "g1", userId: "u2" },
  ],
  assignments: [
    assigned("r2", "group", "g1", "project", "p1"),
    assigned("r1", "group", "g1", "domain", "d1", true),
    assigned("r1", "group", "g1", "domain", "d1"),
    assigned("r1", "group", "g1", "project", "p1", true),
    assigned("r3", "user", "u1", "domain", "d1"),
  ],
  applicationCredentials: [
    {
      id: "c1",
      name: "backup",
      userId: "u1",
      projectId: "p1",
      roles: [
        { id: "r2", name: "member" },
        { id: "r1", name: "reader" },
      ],
      expires_at: "2027-01-31T00:00:00.000000",
      unrestricted: false,
    },
  ],
};

function lines(state: State): string[] {
  return [...state]
    .flatMap(([section, entities]) =>
      [...entities.values()].map(({ name, attributes, id, status }) =>
        [
          groupOfSection(section) === undefined ? `${section}/${id}` : section,
          name,
          JSON.stringify(attributes),
          status ?? "",
        ]
          .join(" ")
          .trim(),
      ),
    )
    .sort();
}

describe("a whole read", () => {
  const { state, findings } = assembleState(SMALL);

  test("names everything, and says nothing", () => {
    expect(findings).toEqual([]);
    expect(lines(state)).toEqual([
      'ApplicationCredential/c1 backup of ana {"user":"ana","project":"dev","roles":["member","reader"],"expires":"2027-01-31T00:00:00Z","unrestricted":false}',
      'Group/g1 developers {"grants":["member on project dev","reader below project dev","reader on all projects","reader on the domain"]}',
      'Group/g2 Developers {"grants":[]}',
      'Member/u1 ana {"email":"ana@acme.example","enabled":true,"grants":["admin on the domain"]}',
      'Member/u2 bo {"enabled":false,"grants":[]}',
      "Membership/developers ana {}",
      "Membership/developers bo {}",
      "Project/p1 dev {}",
      'Project/p2 dev-web {"parent":"dev"}',
      "Project/p3 old {} disabled",
      'Role/r1 reader {"implies":[]}',
      'Role/r2 member {"implies":["reader"]}',
      'Role/r3 admin {"implies":["member","reader"]} immutable',
    ]);
  });

  test("does not depend on the order of rows", () => {
    const reversed = Object.fromEntries(
      Object.entries(SMALL).map(([key, value]) => [key, Array.isArray(value) ? [...value].reverse() : value]),
    ) as unknown as DomainRows;
    expect(lines(assembleState(reversed).state)).toEqual(lines(state));
  });

  test.each<[string, object, object | undefined]>([
    ["nothing is told", {}, undefined],
    ["nothing is set", { options: {} }, { multiFactor: false }],
    ["two methods", { options: rules(["password", "totp"]) }, { multiFactor: true }],
    ["either of two pairs", { options: rules(["password", "totp"], ["mapped", "totp"]) }, { multiFactor: true }],
    ["one method will do", { options: rules(["password", "totp"], ["password"]) }, { multiFactor: false }],
    ["one method twice", { options: rules(["password", "password"]) }, { multiFactor: false }],
    ["no rule", { options: rules() }, { multiFactor: false }],
    [
      "switched on",
      { options: { ...rules(["password", "totp"]), multi_factor_auth_enabled: true } },
      { multiFactor: true },
    ],
    [
      "switched off",
      { options: { ...rules(["password", "totp"]), multi_factor_auth_enabled: false } },
      { multiFactor: false },
    ],
    ["on, but no rule", { options: { multi_factor_auth_enabled: true } }, { multiFactor: false }],
  ])("a second factor: %s", (_name, more, facts) => {
    const read = assembleState({ ...EMPTY, users: [user("u1", "ana", more)] }).state;
    const ana = entityAt(read, "Member", "ana");
    expect(ana?.facts).toEqual(facts);
    expect(ana?.attributes).toEqual({ enabled: true, grants: [] });
  });

  test("an instant without a fraction, and none", () => {
    const [row] = SMALL.applicationCredentials;
    if (!row) throw new Error("no row");
    const expiry = (expires_at: string | null) =>
      entityAt(
        assembleState({ ...SMALL, applicationCredentials: [{ ...row, expires_at }] }).state,
        "ApplicationCredential",
        "backup of ana",
      )?.attributes.expires;
    expect([expiry("2027-01-31T10:00:00"), expiry("2027-01-31T10:00:00Z"), expiry(null)]).toEqual([
      "2027-01-31T10:00:00Z",
      "2027-01-31T10:00:00Z",
      undefined,
    ]);
  });
});

/** `code severity blocks: message` of a read with something changed. */
function judged(changed: Partial<DomainRows>): string[] {
  return assembleState({ ...SMALL, ...changed }).findings.map(
    ({ code, severity, blocks, message }) => `${code} ${severity} ${blocks ?? "-"}: ${message}`,
  );
}

describe("what does not hang together blocks removals", () => {
  test("an assignment of a role that is not there", () => {
    expect(judged({ assignments: [assigned("r9", "group", "g1", "project", "p1")] })).toEqual([
      "inconsistent-read error removals: There are 1 assignments of roles that are not in the platform's list of roles",
    ]);
  });

  test("members and groups that are not there", () => {
    const memberships = [
      { groupId: "g1", userId: "u9" },
      { groupId: "g9", userId: "u1" },
    ];
    expect(judged({ memberships })).toEqual([
      'inconsistent-read error removals: Group "developers" has 1 members who are not in the platform\'s list of users of the domain',
      "inconsistent-read error removals: There are 1 memberships in groups that are not in the platform's list of groups",
    ]);
  });

  test("implications of roles, and application credentials of users, that are not there", () => {
    expect(judged({ inferences: [{ priorRoleId: "r1", impliedRoleId: "r9" }] })).toEqual([
      "inconsistent-read error removals: There are 1 implications of roles that are not in the platform's list of roles",
    ]);
    const applicationCredentials = SMALL.applicationCredentials.map((row) => ({ ...row, userId: "u9" }));
    expect(judged({ applicationCredentials })).toEqual([
      "inconsistent-read error removals: There are 1 application credentials of users who are not in the platform's list of users",
    ]);
  });

  test("two of one name: nothing may be changed", () => {
    expect(judged({ groups: [...SMALL.groups, group("g3", " developers")] })).toEqual([
      'ambiguous-name error -: The platform has two of kind Group with the name "developers" (g1 and g3)',
    ]);
  });
});

describe("what lies outside the domain is told, and left alone", () => {
  test("holders and scopes of other domains", () => {
    const assignments = [
      ...SMALL.assignments,
      assigned("r1", "user", "stranger", "project", "p1"),
      assigned("r1", "user", "u1", "project", "elsewhere"),
      assigned("r1", "user", "u1", "domain", "d2"),
    ];
    expect(judged({ assignments })).toEqual([
      "foreign-assignment warning -: There is 1 role assignment to users or groups that are not of this domain: neither shown nor touched",
      "foreign-assignment warning -: There are 2 role assignments on projects or domains outside this domain: neither shown nor touched",
    ]);
    expect(lines(assembleState({ ...SMALL, assignments }).state)).toEqual(lines(assembleState(SMALL).state));
  });

  test("roles of the domain itself", () => {
    const roles = [...SMALL.roles, role("r8", "local", { domain_id: "d1" })];
    const assignments = [...SMALL.assignments, assigned("r8", "group", "g1", "project", "p1")];
    const inferences = [...SMALL.inferences, { priorRoleId: "r8", impliedRoleId: "r1" }];
    expect(judged({ roles, inferences })).toEqual([
      "domain-role warning -: The domain has roles of its own (local): nobody is assigned one",
    ]);
    expect(judged({ roles, inferences, assignments })).toEqual([
      "domain-role warning -: The domain has roles of its own (local): what 1 assignments of them give is neither shown nor touched",
    ]);
  });
});
