// A guardrail for each principle of how a Vault is governed, commented out, for a new policy repository. The names stay as they
// are, so that reports can be compared; what each asks for is the account's own.

/** File (below the policy folder) -> text. */
export function exampleGuardrails(target: string): Readonly<Record<string, string>> {
  return { "guardrails/governance.yaml": commented([...people(target), ...things(target)]) };
}

const ABOUT = `# yaml-language-server: $schema=../.schemas/governance/guardrail.json
# One guardrail for each principle of how a Vault is governed. Take the comment signs away from those that are meant; in an
# account that has been there for a while, begin with severity: warning.
`;

function commented(documents: readonly string[]): string {
  const lines = documents.join("---\n").trimEnd().split("\n");
  return `${ABOUT}#\n${lines.map((line) => (line === "---" ? "#" : `# ${line}`)).join("\n")}\n`;
}

/** Who may hold what. */
function people(target: string): readonly string[] {
  return [
    `kind: Guardrail
name: least-privilege
description: What products can do comes through groups, never to one person alone.
rule: permission-holders
with:
  permissions:
    - {resource: manage/Editor}
  through: any-group
targets: [${target}]
`,
    `kind: Guardrail
name: environment-separation
description: Nobody works in development and in production.
rule: environment-separation
with:
  one:
    scopes: [${target}-dev]
  other:
    scopes: [${target}-prod]
targets: [${target}]
`,
    `kind: Guardrail
name: individual-accounts
description: Everyone has an account of their own, and nobody shares one.
rule: shared-account
with:
  patterns: [admin@*, info@*, ops@*, '*team*@*', noreply*@*]
targets: [${target}]
`,
    `kind: Guardrail
name: two-factor-for-administrators
description: Whoever can hand out access has a second factor.
rule: multi-factor
with:
  permissions:
    - {ownerEquivalent: true}
targets: [${target}]
`,
  ];
}

/** What must be written down, and fit together. */
function things(target: string): readonly string[] {
  return [
    `kind: Guardrail
name: traceable-ownership
description: It is written down who owns set-up, billing, integrations and operations.
rule: documentation-required
with:
  kind: Workspace
  attributes: [setUpOwner, billingOwner, integrationOwner, operationsOwner]
targets: [${target}]
`,
    `kind: Guardrail
name: regular-review
description: Somebody looks over groups, and who is Owner or Admin of each workspace.
rule: reviewed-within
with:
  days: 92
  kinds: [Group, Workspace]
targets: [${target}]
`,
    `kind: Guardrail
name: controlled-integrations
description: Every integration has an owner, an environment and an encrypted callback.
rule: documentation-required
with:
  kind: Integration
  attributes: [owner, environment, callback]
  patterns:
    callback: [https://*]
targets: [${target}]
`,
    `kind: Guardrail
name: integrations-in-their-environment
rule: matching-attribute
with:
  kind: Integration
  attribute: environment
  of: Workspace
  its: purpose
targets: [${target}]
`,
    `kind: Guardrail
name: controlled-keys
description: Of every key it is known what it is for, whose it is, how often it rotates.
rule: documentation-required
with:
  kind: ApiKey
  attributes: [product, purpose, owner, rotateEvery]
targets: [${target}]
`,
    `kind: Guardrail
name: one-key-one-purpose
rule: matching-attribute
with:
  kind: ApiKey
  attribute: purpose
  of: Workspace
targets: [${target}]
`,
  ];
}
