// Everybody who holds something on a target, and what that comes to. Sums only.
import { compareText } from "../../model/finding.ts";
import type { ReviewPerson, ReviewRow, RiskLevel } from "../../model/review.ts";
import { fullName } from "../person.ts";
import type { ReviewGround } from "./ground.ts";
import { worse } from "./risk.ts";

/** One for each who has a row; `rows` are those of this target. */
export function peopleOf(ground: ReviewGround, rows: readonly ReviewRow[]): ReviewPerson[] {
  const { fold, ownerEquivalent } = ground.reviewed.platform;
  const sums = new Map<string, { grants: number; weight: number; risk: RiskLevel }>();
  for (const { member, strength, risk } of rows) {
    const local = fold(member);
    const sum = sums.get(local) ?? { grants: 0, weight: 0, risk: "low" };
    sum.grants += 1;
    sum.weight += strength;
    sum.risk = worse(sum.risk, risk.level);
    sums.set(local, sum);
  }
  return [...sums].map(([local, { grants, weight, risk }]): ReviewPerson => {
    const entity = ground.entityOf(local);
    const { lastActive, multiFactor } = entity?.facts ?? {};
    const login = ground.loginOf(local);
    return {
      target: ground.reviewed.target.name,
      member: ground.nameOf(local),
      name: fullName(entity?.attributes ?? {}),
      ...(login === undefined ? {} : { login }),
      ...(lastActive === undefined ? {} : { lastActive }),
      ...(multiFactor === undefined ? {} : { multiFactor }),
      ownerEquivalent: ownerEquivalent(ground.reviewed.liveView.grantsOf(local)),
      grants,
      weight: Math.round(weight * 100) / 100,
      risk,
      groups: ground.groupsOf(local).map(ground.groupName).sort(compareText),
    };
  });
}
