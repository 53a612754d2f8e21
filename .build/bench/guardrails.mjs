// Twenty guardrails for the generated organization: one of every built-in kind that is about people, a second one of the three that look at most,
// and four expressions. They are warnings, so that what chance has put together in the organization refuses no plan.

const OWNERS = { ownerEquivalent: true };
const PRODUCTION = ["production"];
const any = (resource, level) => ({ resource, level });

const RULES = [
  {
    rule: "separation-of-duties",
    with: { first: [any("Override card approval", "admin")], second: [any("Card template", "edit")], in: "one-scope" },
  },
  {
    rule: "separation-of-duties",
    with: { first: [any("Audit log", "admin")], second: [any("Workbench member", "edit")], in: "any-scope" },
  },
  {
    rule: "permission-holders",
    with: { permissions: [{ ...any("Environment", "admin"), scopes: PRODUCTION }], through: "any-group" },
  },
  { rule: "permission-holders", with: { permissions: [any("Organization", "edit"), OWNERS], through: "any-group" } },
  { rule: "holder-count", with: { permissions: [OWNERS], least: 2, most: 20 } },
  { rule: "holder-count", with: { permissions: [{ ...any("Customer", "admin"), scopes: PRODUCTION }], least: 1 } },
  {
    rule: "environment-separation",
    with: {
      one: { scopes: ["dev"], permissions: [any("API authentication controls", "edit")] },
      other: { scopes: PRODUCTION, permissions: [any("Customer", "admin")] },
    },
  },
  { rule: "escalation-holders", with: { through: ["Owner"] } },
  { rule: "time-limit", with: { permissions: [OWNERS], days: 90 } },
  { rule: "reason-required", with: { permissions: [{ ...any("Environment", "admin"), scopes: PRODUCTION }] } },
  { rule: "shared-account", with: { patterns: ["team*", "*-shared@*", "*support@*", "*zz00*"] } },
  { rule: "address-domain", with: { domains: ["acme.example", "*.acme.example"] } },
  { rule: "multi-factor" },
  { rule: "dormant-member", with: { days: 90, permissions: [{ scopes: PRODUCTION }] } },
  { rule: "role-group-name" },
  { rule: "group-owner" },
  { rule: "cel", with: { for: "member", deny: "size(member.groups) > 40" } },
  {
    rule: "cel",
    with: {
      for: "member",
      deny: 'has(member.multiFactor) && !member.multiFactor && member.grants.exists(g, g.scope == "production" && g.level == "admin")',
    },
  },
  {
    rule: "cel",
    with: { for: "group", deny: 'size(group.members) > 2000 && group.roles.exists(r, r.contains("Platform"))' },
  },
  { rule: "cel", with: { for: "change", deny: 'change.kind == "Role" && change.effect == "escalates"' } },
];

/** What an organization would rather keep than the rules that chance has many people break, by the places of those. */
const KEPT = {
  0: {
    rule: "separation-of-duties",
    with: { first: [OWNERS], second: [any("Override card approval", "admin")], in: "one-scope" },
  },
  1: {
    rule: "separation-of-duties",
    with: { first: [OWNERS], second: [any("Audit log", "admin")], in: "any-scope" },
  },
  6: {
    rule: "environment-separation",
    with: {
      one: { scopes: ["dev"], permissions: [any("API authentication controls", "edit")] },
      other: { scopes: PRODUCTION, permissions: [{ ...any("Environment", "admin"), ownerEquivalent: true }] },
    },
  },
  9: { rule: "reason-required", with: { permissions: [OWNERS] } },
  14: { rule: "permission-holders", with: { permissions: [any("Customer", "admin")], through: "any-group" } },
  15: { rule: "holder-count", with: { permissions: [any("Theme", "edit")], least: 2 } },
};

/** Broken by thousands. */
export const GUARDRAILS = RULES.map(guardrailOf);
/** Kept by nearly everybody, as those of an organization that lives by them. */
export const KEPT_GUARDRAILS = RULES.map((rule, index) => guardrailOf(KEPT[index] ?? rule, index));

/** As the policies of a target have it. */
function guardrailOf(rule, index) {
  return {
    ...rule,
    name: `${String(index + 1).padStart(2, "0")} ${rule.rule}`,
    severity: "warning",
    owners: [],
    except: [],
    place: { file: "policies/guardrails/all.yaml", line: index * 10 + 1, column: 1 },
    ...(rule.rule === "cel" && {
      expressionPlace: { file: "policies/guardrails/all.yaml", line: index * 10 + 5, column: 9 },
    }),
  };
}
