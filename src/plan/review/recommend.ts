// What Rolebook would decide of an entry, and why: the heaviest reason of its rows speaks. It is shown to whoever decides, and
// decides nothing itself.
import type { Decision } from "../../model/campaign.ts";
import type { ReviewPerson, ReviewRow, Risk, RiskCode, RiskLevel } from "../../model/review.ts";
import { addDays } from "../../model/until.ts";

export interface Recommendation {
  readonly decision: Decision;
  /** One sentence without a full stop. */
  readonly because: string;
  readonly risk: RiskLevel;
}

export interface RecommendInput {
  /** Never empty. */
  readonly rows: readonly ReviewRow[];
  /** Whose they are, where the report says more of them. */
  readonly person: ReviewPerson | undefined;
  /** How many others hold theirs through the very same groups or roles. */
  readonly others: number;
  /** The last day to decide. */
  readonly due: string;
}

/** What stays for a while is looked at again after so many days. */
const UNTIL_DAYS = 90;

/** In the order in which they speak: what should go, what should end, what may stay. */
const ADVICE: readonly (readonly [RiskCode, Decision["decision"]])[] = [
  ["outlived", "revoke"],
  ["regranted", "revoke"],
  ["breach", "revoke"],
  ["not-in-git", "revoke"],
  ["never-active", "revoke"],
  ["dormant", "revoke"],
  ["emergency", "until"],
  ["standing", "until"],
  ["outlier", "until"],
  ["no-second-factor", "keep"],
  ["exception", "keep"],
  ["owner-equivalent", "keep"],
  ["direct", "keep"],
];

const LEVELS: readonly RiskLevel[] = ["low", "medium", "high", "critical"];

export function recommend({ rows, person, others, due }: RecommendInput): Recommendation {
  const risk = highestRisk(rows.map((row) => row.risk));
  const reasons = new Map<RiskCode, string>();
  for (const row of rows)
    for (const { code, text } of row.risk.reasons) if (!reasons.has(code)) reasons.set(code, text);
  // What ends by itself is not given another end.
  const ends = rows.every(({ until }) => until !== null);
  for (const [code, advice] of ADVICE) {
    const because = reasons.get(code);
    if (because === undefined || advice === "keep" || (advice === "until" && ends)) continue;
    const decision: Decision =
      advice === "until" ? { decision: "until", until: addDays(due, UNTIL_DAYS) } : { decision: "revoke" };
    return { decision, because: capital(because), risk };
  }
  return { decision: { decision: "keep" }, because: whyKept(reasons, person, others), risk };
}

function highestRisk(risks: readonly Risk[]): RiskLevel {
  const most = Math.max(0, ...risks.map(({ level }) => LEVELS.indexOf(level)));
  return LEVELS[most] ?? "low";
}

function whyKept(reasons: ReadonlyMap<RiskCode, string>, person: ReviewPerson | undefined, others: number): string {
  const concern = ADVICE.flatMap(([code]) => reasons.get(code) ?? [])[0];
  if (concern !== undefined) return capital(concern);
  const day = person?.lastActive?.slice(0, 10);
  const active = day === undefined ? "Nothing speaks against it" : `Active on ${day}`;
  const held =
    others === 0
      ? "nobody else holds it this way"
      : `${others === 1 ? "1 other holds" : `${others} others hold`} it this way`;
  return `${active}, and ${held}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
