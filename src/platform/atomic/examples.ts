// One commented-out example of every kind, for a new policy repository. They declare nothing until somebody
// takes the comment signs away: a start must not invite a person who does not exist.

const modeline = (schema: string) => `# yaml-language-server: $schema=../../.schemas/atomic/${schema}.json\n`;

/** File (below the policy folder) -> text. */
export function examples(target: string): Readonly<Record<string, string>> {
  return {
    [`${target}/roles/example.yaml`]: `${modeline("role")}# A role is a set of permissions: what may be done, not where or by whom.
#
# kind: Role
# name: Card editor
# description: Edits draft cards
# permissions:
#   Card template: edit
#   Theme: view
`,
    [`${target}/groups/example.yaml`]: `${modeline("group")}# A group carries roles, in all environments or in some. Never an empty list: on the platform that means all.
#
# kind: Group
# name: Card creators
# roles: [Card editor]
# environments: non-production # all | a scope's name | [dev, test]
`,
    [`${target}/environment-scopes/example.yaml`]: `${modeline("environment-scope")}# A scope is a named set of environments for groups to refer to.
#
# kind: EnvironmentScope
# name: non-production
# environments: [dev, test, staging]
`,
    [`${target}/members/example.yaml`]: `${modeline("member")}# A person. Taking the document away disables the person on the platform; nobody is ever deleted.
#
# kind: Member
# email: ana@${target}.example
# firstName: Ana
# lastName: Li
`,
    [`${target}/memberships/example.yaml`]: `${modeline("membership")}# Who is in a group. \`until\` is inclusive; after it the person is taken out of the group.
#
# kind: Membership
# group: Card creators
# members:
#   - ana@${target}.example
#   - email: bo@${target}.example
#     until: 2027-01-31
#     reason: Contract C-102
`,
  };
}
