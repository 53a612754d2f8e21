// What the check of a pull request says: the worst of its parts, and never a pass where something could not be planned.
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/model/finding.ts";
import type { PullReportTarget } from "../../src/model/pull-report.ts";
import { concludePull } from "../../src/plan/conclude.ts";
import { emptyPlan, examplePlan, FINDINGS } from "../report/examples.ts";
import { needOf, targetOf } from "../report/pull-examples.ts";

const nothing = targetOf({ plan: emptyPlan() });
const approved = targetOf({ needs: [needOf({ approved: true })] });
const waiting = targetOf({ needs: [needOf({ approved: true }), needOf()] });
const fresh: PullReportTarget = { state: "new", target: "spare", why: "It is new." };
const failed: PullReportTarget = { state: "failed", target: "office", why: "It cannot be read." };
const clashing = targetOf({ plan: examplePlan({ findings: [] }), needs: [needOf({ approved: true })] });
const warnings = FINDINGS.filter(({ severity }) => severity === "warning");
const errors = FINDINGS.filter(({ severity }) => severity === "error");
const warned = targetOf({ plan: examplePlan({ conflicts: [], findings: warnings }) });
const wrong = targetOf({ plan: examplePlan({ conflicts: [], findings: errors }) });

const conclude = (targets: readonly PullReportTarget[], findings: readonly Finding[] = [], strict = false) =>
  concludePull({ unmerged: undefined, targets, findings }, strict);

describe("a pull request", () => {
  it.each([
    ["changes nothing", [nothing], "success"],
    ["is approved", [nothing, approved], "success"],
    ["has warnings", [warned], "success"],
    ["waits for one approval of several", [approved, waiting], "action_required"],
    ["brings a new target", [approved, fresh], "neutral"],
    ["brings a new target and waits", [waiting, fresh], "action_required"],
    ["has a target that could not be planned", [approved, failed], "failure"],
    ["is approved, and changes what was changed on the platform too", [clashing], "failure"],
    ["has an error", [wrong, approved], "failure"],
  ] as const)("that %s: %s", (_, targets, conclusion) => {
    expect(conclude(targets)).toBe(conclusion);
    expect(conclude([...targets].reverse())).toBe(conclusion);
  });

  it("is refused for what does not merge, for errors in files, and with strict for warnings", () => {
    expect(concludePull({ unmerged: ["a.yaml"], targets: [], findings: [] }, false)).toBe("failure");
    expect(concludePull({ unmerged: "unrelated", targets: [], findings: [] }, false)).toBe("failure");
    expect(conclude([approved], errors)).toBe("failure");
    expect(conclude([approved], warnings)).toBe("success");
    expect(conclude([approved], warnings, true)).toBe("failure");
    expect(conclude([warned], [], true)).toBe("failure");
  });
});
