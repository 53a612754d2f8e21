// Pull requests as the report tests tell them.
import type { Need, PlannedTarget, PullReport } from "../../src/model/pull-report.ts";
import { ENVIRONMENTS, emptyPlan, examplePlan, judgedPlan, membershipOf } from "./examples.ts";

export const HEAD = "5e1f00c7d0e1b2a3948576a1b2c3d4e5f6071829";
const BASE = { branch: "main", commit: "88d0e12aa31f4b5c6d7e8f90a1b2c3d4e5f60718" };

export const SCOPES = {
  environments: ENVIRONMENTS,
  scopeWord: "environments",
  rankOf: (_: string, level: string) => ["none", "view", "edit", "admin"].indexOf(level),
};

export function needOf(partial: Partial<Need> = {}): Need {
  return {
    label: "escalating",
    count: 3,
    needed: 2,
    by: ["noor-gh"],
    against: [],
    approved: false,
    approvers: [
      { member: "hana@acme.example", login: "hana" },
      { member: "ivo@acme.example", login: undefined },
      { member: "noor@acme.example", login: "noor-gh" },
    ],
    ...partial,
  };
}

export function targetOf(partial: Partial<PlannedTarget> = {}): PlannedTarget {
  return {
    state: "planned",
    target: partial.plan?.target ?? "acme",
    plan: examplePlan({ conflicts: [], findings: [] }),
    pending: emptyPlan(),
    own: new Set(),
    needs: [],
    discounted: [],
    hopeless: [],
    notices: [],
    scopes: SCOPES,
    ...partial,
  };
}

export function reportOf(partial: Partial<PullReport> = {}): PullReport {
  return {
    number: 7,
    head: HEAD,
    base: BASE,
    conclusion: "success",
    unmerged: undefined,
    targets: [targetOf()],
    findings: [],
    ...partial,
  };
}

/** A bit of everything: waiting for approval, with something pending, beside a target that is new. */
export function exampleReport(): PullReport {
  return reportOf({
    conclusion: "action_required",
    targets: [
      targetOf({
        needs: [needOf(), needOf({ label: "reducing", count: 1, needed: 1, approved: true })],
        discounted: [{ login: "mal", why: "mal opened the pull request" }],
        pending: emptyPlan({
          changes: [
            membershipOf("create", "Analysts", "gus@acme.example"),
            membershipOf("delete", "Analysts", "hal@acme.example"),
          ],
        }),
      }),
      {
        state: "new",
        target: "branch-office",
        why: "It is new, so there is no trusted connection to plan it by: its files are checked, and its first plan is made after the merge.",
      },
    ],
  });
}

/** Refused: weakens rules, has an error, moves to another system, and one target cannot be read. */
export function refusedReport(): PullReport {
  return reportOf({
    conclusion: "failure",
    targets: [
      targetOf({
        plan: judgedPlan(),
        needs: [needOf({ label: "weakening", count: 2, needed: 1, by: [] })],
        notices: [
          "This changes url of acme. It is planned against the system that the base names (https://api.acme.example); what it would do to another one cannot be seen before the merge.",
        ],
        hopeless: [{ message: "2 changes need 2 approvals, and 1 person may approve them", hint: "Name more owners." }],
      }),
      {
        state: "failed",
        target: "office",
        why: "It could not be planned: Environment variable OFFICE_TOKEN is not set",
        hint: "Target office reads its credential from there (credentials in the settings).",
      },
    ],
    findings: [
      {
        severity: "error",
        code: "unknown-role",
        message: 'Group "Desk" names role "Clerk", which is not declared',
        place: { file: "policies/office/groups/desk.yaml", line: 3, column: 9 },
        hint: "Declare it, or correct the name.",
      },
    ],
  });
}
