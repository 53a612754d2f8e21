// One commented-out example of every kind, for a new policy repository. They declare nothing until somebody
// takes the comment signs away: a start must not make a user who does not exist.

const modeline = (schema: string) => `# yaml-language-server: $schema=../../.schemas/keystone/${schema}.json\n`;

/** File (below the policy folder) -> text. */
export function examples(target: string): Readonly<Record<string, string>> {
  return {
    [`${target}/roles/example.yaml`]: `${modeline("role")}# A role is a name that the services' policies give a meaning to. It belongs to the whole Keystone, not to one domain.
# admin, member and reader are there already and need no document.
#
# kind: Role
# name: auditor
# description: Looks, and changes nothing
# implies: [reader]
`,
    [`${target}/groups/example.yaml`]: `${modeline("group")}# A group, and what its members hold: on a project, on all projects of the domain, or on the domain itself.
#
# kind: Group
# name: developers
# grants:
#   - {role: member, project: dev}
#   - {role: reader, inherited: true}
#   - {role: reader, domain: true}
`,
    [`${target}/members/example.yaml`]: `${modeline("member")}# A user of the domain. Taking the document away disables the user on the platform; nobody is ever deleted.
#
# kind: Member
# name: ana
# email: ana@${target}.example
# enabled: true
# grants: [] # nothing past her groups
`,
    [`${target}/application-credentials/example.yaml`]: `${modeline("application-credential")}# A key with which a program acts for a user. Only the user can make one: while it is missing, \`plan\` shows the command.
#
# kind: ApplicationCredential
# name: backup
# user: ana
# project: dev
# roles: [reader]
# expires: 2027-01-31T00:00:00Z
`,
    [`${target}/memberships/example.yaml`]: `${modeline("membership")}# Who is in a group. \`until\` is inclusive; after it the user is taken out of the group.
#
# kind: Membership
# group: developers
# members:
#   - ana
#   - name: bo
#     until: 2027-01-31
#     reason: Contract C-102
`,
  };
}
