// One commented-out example of every kind, for a new policy repository. They declare nothing until somebody
// takes the comment signs away: a start must not invite a person who does not exist.

const modeline = (schema: string) => `# yaml-language-server: $schema=../../.schemas/atomyx/${schema}.json\n`;

/** File (below the policy folder) -> text. */
export function examples(target: string): Readonly<Record<string, string>> {
  return { ...settingUp(target), ...using(target) };
}

/** What there is: workspaces, products, their roles, groups. */
function settingUp(target: string): Readonly<Record<string, string>> {
  return {
    [`${target}/workspaces/example.yaml`]: `${modeline("workspace")}# A workspace keeps its users, products, keys and integrations apart from all others. It is created in the Vault.
# Who owns what is kept in Git only.
#
# kind: Workspace
# name: ${target}-prod
# purpose: production
# region: eu-west-1
# team: Payments
# setUpOwner: ana@${target}.example
# billingOwner: ana@${target}.example
# integrationOwner: ana@${target}.example
# operationsOwner: ana@${target}.example
# reviewed: 2026-10-01
`,
    [`${target}/products/example.yaml`]: `${modeline("product")}# A product of a workspace. It is bought in the Vault; here it is switched on and off.
#
# kind: Product
# name: ${target}-prod/manage
# type: Manage
# active: true
`,
    [`${target}/roles/example.yaml`]: `${modeline("role")}# A role of one product. Its Admin is there already and needs a document only where others name it.
#
# kind: Role
# name: ${target}-prod/manage/Viewer
# ---
# kind: Role
# name: ${target}-prod/manage/Editor
# description: Edits what is not published yet
# implies: [${target}-prod/manage/Viewer]
`,
    [`${target}/groups/example.yaml`]: `${modeline("group")}# A group of one workspace, and the product roles that its members hold there.
#
# kind: Group
# name: ${target}-prod/Payment editors
# roles: [${target}-prod/manage/Editor]
# owners: [ana@${target}.example]
# reviewed: 2026-10-01
`,
  };
}

/** Who and what uses it. */
function using(target: string): Readonly<Record<string, string>> {
  return {
    [`${target}/members/example.yaml`]: `${modeline("member")}# A person, and the workspaces they are in. Being in one opens no product: groups do. Taking the document away removes the
# person from the account.
#
# kind: Member
# email: ana@${target}.example
# firstName: Ana
# lastName: Li
# workspaces:
#   - {workspace: ${target}-prod, role: Admin}
`,
    [`${target}/integrations/example.yaml`]: `${modeline("integration")}# An external system, where it is called back, and who answers for it.
#
# kind: Integration
# name: ${target}-prod/Ledger
# product: ${target}-prod/manage
# callback: https://ledger.${target}.example/atomyx
# environment: production
# owner: ana@${target}.example
`,
    [`${target}/api-keys/example.yaml`]: `${modeline("api-key")}# What is known of an API key; never the key itself. \`rolebook keys\` makes and rotates it.
#
# kind: ApiKey
# name: ${target}-prod/Web shop
# product: ${target}-prod/manage
# purpose: production
# owner: ana@${target}.example
# rotateEvery: 90d
`,
    [`${target}/memberships/example.yaml`]: `${modeline("membership")}# Who is in a group. \`until\` is inclusive; after it the person is taken out of the group.
#
# kind: Membership
# group: ${target}-prod/Payment editors
# members:
#   - ana@${target}.example
#   - email: bo@${target}.example
#     until: 2027-01-31
#     reason: Contract C-102
`,
  };
}
