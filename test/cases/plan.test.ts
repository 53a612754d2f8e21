// Stories people can read: `base.yaml` is Git at the last apply, `want.yaml` Git now, `live.yaml` the platform,
// and `plan.txt` what Rolebook makes of them. One folder a story; comments at the top of `want.yaml` set the stage.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EMPTY_STATE, type State } from "../../src/model/entity.ts";
import type { Limits } from "../../src/model/settings.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { resolvePolicies } from "../../src/policy/resolve.ts";
import { renderPlanText } from "../../src/report/plan-text.ts";
import { ENVIRONMENTS, OPEN_LIMITS, openTarget } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const STORIES = new URL("plan/", import.meta.url);
const NOW = new Date("2026-11-22T12:00:00Z");
const LIMITS: Readonly<Record<string, Limits>> = {
  default: {
    target: { share: 0.2, count: 50 },
    group: { share: 0.34, count: 20 },
    scope: { share: 0.34, count: 30 },
    owners: { share: 0.34, count: 2 },
  },
  wide: OPEN_LIMITS,
};

function stateAt(story: string, name: string): State {
  const file = new URL(`${story}/${name}.yaml`, STORIES);
  if (!existsSync(file)) return EMPTY_STATE;
  const parsed = parseFile(`${name}.yaml`, readFileSync(file), "atomic");
  expect(parsed.findings).toEqual([]);
  const { state, findings } = resolvePolicies({ target: openTarget(), files: [parsed], now: NOW }, atomic);
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  return state;
}

function settingOf(story: string, name: string): string | undefined {
  const text = readFileSync(new URL(`${story}/want.yaml`, STORIES), "utf8");
  return new RegExp(`^# ${name}: (\\w+)$`, "m").exec(text)?.[1];
}

describe("a story and its plan:", () => {
  it.each(readdirSync(STORIES))("%s", async (story) => {
    const limits = LIMITS[settingOf(story, "limits") ?? "wide"];
    const drift = settingOf(story, "drift") === "revert" ? "revert" : "report";
    const base = stateAt(story, "base");
    const { plan } = planFor(
      { base, want: stateAt(story, "want"), live: stateAt(story, "live") },
      {
        target: openTarget({ drift, ...(limits ? { limits } : {}) }),
        now: NOW,
        baseCommit: base === EMPTY_STATE ? null : "b".repeat(40),
      },
    );
    const text = renderPlanText(plan, {
      color: false,
      width: 100,
      environments: ENVIRONMENTS,
      full: false,
      rankOf: atomic.rankOf,
    });
    await expect(text).toMatchFileSnapshot(new URL(`${story}/plan.txt`, STORIES).pathname);
  });
});
