// Commented-out examples of what governs all targets, for a new policy repository. They declare nothing until somebody
// takes the comment signs away.

const modeline = (schema: string) => `# yaml-language-server: $schema=../.schemas/governance/${schema}.json\n`;

/** File (below the policy folder) -> text. */
export const governanceExamples: Readonly<Record<string, string>> = {
  "guardrails/example.yaml": `${modeline("guardrail")}# A guardrail is a rule about who may hold what. It is judged over people's access, whatever gives it to them.
#
# kind: Guardrail
# name: Two owners at least
# rule: holder-count
# with:
#   permissions:
#     - {ownerEquivalent: true}
#   least: 2
# severity: error # or warning
# owners: [ana@acme.example]
# except: [] # {member or group, reason, approver, until}
#
# kind: Guardrail
# name: Every group has an owner
# rule: group-owner
# severity: warning
`,
};
