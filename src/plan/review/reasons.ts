// Why a grant deserves a look, in sentences. Each reason is a question of its own; what counts for how much is beside this file.
import { rowId } from "./ground.ts";
import type { Reason } from "./risk.ts";
import type { Held, RowInput } from "./rows.ts";

const DAY_MS = 86_400_000;

/** A function that finds the reasons of what is held, and its row's id. */
export function createReasons(
  input: RowInput,
): (held: Held, isOutlier: boolean) => { readonly id: string; readonly reasons: readonly Reason[] } {
  const { ground } = input;
  return (held, isOutlier) => {
    const id = rowId(ground.reviewed.target.name, held.member, held.grant);
    const reasons = [
      ...ofPower(input, held),
      ...ofPerson(input, held),
      ...ofFiles(held),
      ...ofTime(held),
      ...ofGuardrails(held),
      ...(isOutlier ? [outlier(held)] : []),
      ...ofReviews(input, held, id),
    ];
    return { id, reasons };
  };
}

function ofPower({ ground }: RowInput, { grant, makesOwner, paths }: Held): Reason[] {
  const reasons: Reason[] = [];
  if (makesOwner) {
    const where = ground.reviewed.platform.ownerScopes ? ` in ${grant.scope}` : "";
    reasons.push({ code: "owner-equivalent", text: `Could take any permission${where}` });
  }
  const full = paths.filter((path) => path.full);
  if (full.every(({ path }) => path.group === undefined))
    reasons.push({ code: "direct", text: "Held through no group" });
  if (ground.isTop(grant) && full.some(({ path }) => path.until === undefined))
    reasons.push({ code: "standing", text: "At the highest level without an end" });
  return reasons;
}

function ofPerson({ ground, now, dormantDays }: RowInput, { member, grant }: Held): Reason[] {
  const reasons: Reason[] = [];
  const entity = ground.entityOf(member);
  const idle = idleness(entity?.facts?.lastActive, entity?.status, now, dormantDays);
  if (idle) reasons.push(idle);
  if (entity?.facts?.multiFactor === false && ground.isTop(grant))
    reasons.push({ code: "no-second-factor", text: "Has no second factor, at the highest level" });
  return reasons;
}

/** Who is invited has had no chance to do anything yet. */
export function idleness(
  lastActive: string | null | undefined,
  status: string | undefined,
  now: Date,
  days: number,
): Reason | undefined {
  if (lastActive === undefined || (lastActive === null && status === "invited")) return undefined;
  if (lastActive === null) return { code: "never-active", text: "Has never been active" };
  const idle = (now.getTime() - Date.parse(lastActive)) / DAY_MS;
  if (!(idle > days)) return undefined;
  return { code: "dormant", text: `Last active on ${lastActive.slice(0, 10)}, ${Math.floor(idle)} days ago` };
}

function ofFiles({ drift, declaredLevel }: Held): Reason[] {
  if (drift === "none") return [];
  const text = drift === "extra" ? "No file says it" : `Files say no more than ${declaredLevel}`;
  return [{ code: "not-in-git", text }];
}

/** What still gives all of it once the entries that have ended are taken away, is no access that outlived anything. */
function ofTime({ paths, judgement, grant }: Held): Reason[] {
  const full = paths.filter((path) => path.full);
  const reasons: Reason[] = [];
  if (full.every(({ ended }) => ended)) {
    const ends = full.flatMap(({ path: { until } }) => until ?? []);
    reasons.push({ code: "outlived", text: `Ended with ${ends.join(" and ")}, and is still there` });
  }
  for (const { exception, touches } of judgement?.ended ?? [])
    if (touches(grant))
      reasons.push({
        code: "outlived",
        text: `The exception of guardrail "${exception.guardrail}" ended with ${exception.until}`,
      });
  if (full.every(({ path: { provenance } }) => provenance.emergency === true))
    reasons.push({ code: "emergency", text: "Made in an emergency, and approved by nobody" });
  return reasons;
}

function ofGuardrails({ judgement, grant }: Held): Reason[] {
  if (!judgement) return [];
  const breaches = judgement.breaches
    .filter(({ touches }) => touches(grant))
    .map(({ guardrail, text }): Reason => ({ code: "breach", text: `${guardrail}: ${text}` }));
  const exceptions = judgement.exceptions
    .filter(({ touches }) => touches(grant))
    .map(({ exception: { guardrail, until, reason, approver } }): Reason => {
      const text = `Guardrail "${guardrail}" does not hold until ${until} (${reason}; approved by ${approver})`;
      return { code: "exception", text };
    });
  return [...breaches, ...exceptions];
}

function outlier({ paths }: Held): Reason {
  const direct = paths.every(({ path }) => path.group === undefined);
  return { code: "outlier", text: direct ? "Nobody like them holds it" : "Nobody else in the same groups holds it" };
}

function ofReviews({ ground, revoked }: RowInput, { grant }: Held, id: string): Reason[] {
  const { rankOf } = ground.reviewed.platform;
  const again = (revoked.get(id) ?? []).filter(
    ({ level }) => rankOf(grant.resource, grant.level) >= rankOf(grant.resource, level),
  );
  return again.map(({ review }) => ({ code: "regranted", text: `Review ${review} took it away` }));
}
