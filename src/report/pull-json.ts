// What merging a pull request would do, as JSON (schemas/output/pull.json): the plans as `plan --format json` writes them, and what
// they wait for. The artifact of a workflow's run.
import type { Need, PullReport } from "../model/pull-report.ts";
import { findingToJson } from "./findings-json.ts";
import { writePlanJson } from "./plan-json.ts";

/** The report as text, in pieces, ending in a newline. */
export function* writePullJson(report: PullReport): Generator<string> {
  const { number, head, base, conclusion, unmerged, findings, targets } = report;
  const top = { version: 1, number, head, base, conclusion, unmerged: unmerged ?? [] };
  const rows = { ...top, unmerged: unmerged === "unrelated" ? "unrelated" : top.unmerged };
  yield `${JSON.stringify({ ...rows, findings: findings.map(findingToJson) }).slice(0, -1)},"targets":[`;
  for (const [index, target] of targets.entries()) {
    yield index === 0 ? "\n" : ",\n";
    if (target.state !== "planned") {
      const { state, target: name, why, hint } = target;
      yield JSON.stringify({
        target: name,
        state,
        why,
        hint: hint ?? null,
        plan: null,
        pending: null,
        needs: [],
        discounted: [],
        hopeless: [],
        notices: [],
      });
      continue;
    }
    const { discounted, hopeless, notices } = target;
    const own = { needs: target.needs.map(needToJson), discounted, hopeless, notices };
    yield `${JSON.stringify({ target: target.target, state: target.state, why: null, hint: null, ...own }).slice(0, -1)},"plan":`;
    yield* writePlanJson(target.plan);
    yield `,"pending":`;
    yield* writePlanJson(target.pending);
    yield "}";
  }
  yield "]}\n";
}

function needToJson({ label, count, needed, approved, by, against, approvers }: Need) {
  const who = approvers.map(({ member, login }) => ({ member, login: login ?? null }));
  return { label, count, needed, approved, by, against, approvers: who };
}
