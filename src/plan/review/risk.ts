// How much a grant deserves a look: reasons, each with a weight, and a score that more reasons or a higher level can only raise. It
// decides nothing: people do.
import { compareText } from "../../model/finding.ts";
import type { Risk, RiskCode, RiskLevel } from "../../model/review.ts";

/** What the level by itself counts for, at the top of its ladder; below it the share of that. */
const TOP = 10;

/**
 * What each reason counts for; the same reason twice counts once. The score is the sum of these and of the level's part, and at most
 * 100. Whoever could take anything, whatever breaks a rule, and what nobody wrote down weigh most.
 */
const WEIGHTS: Readonly<Record<RiskCode, number>> = {
  "owner-equivalent": 40,
  breach: 40,
  "not-in-git": 35,
  regranted: 35,
  outlived: 30,
  emergency: 30,
  "never-active": 25,
  dormant: 20,
  "no-second-factor": 20,
  outlier: 15,
  exception: 10,
  direct: 10,
  standing: 10,
};

/** The least score of each level, highest first. */
const LEVELS: readonly (readonly [RiskLevel, number])[] = [
  ["critical", 75],
  ["high", 50],
  ["medium", 25],
  ["low", 0],
];

export type Reason = Risk["reasons"][number];

/** The risk of a grant of some strength (0 to 1), with the reasons that were found. */
export function riskOf(strength: number, reasons: readonly Reason[]): Risk {
  const codes = new Set(reasons.map(({ code }) => code));
  let score = TOP * strength;
  for (const code of codes) score += WEIGHTS[code];
  score = Math.min(100, Math.round(score));
  const sorted = [...reasons].sort(
    (a, b) => WEIGHTS[b.code] - WEIGHTS[a.code] || compareText(a.code, b.code) || compareText(a.text, b.text),
  );
  return { level: levelOf(score), score, reasons: sorted };
}

function levelOf(score: number): RiskLevel {
  return LEVELS.find(([, least]) => score >= least)?.[0] ?? "low";
}

/** Whether a level counts among what must be looked at. */
export function isHigh(level: RiskLevel): boolean {
  return level === "high" || level === "critical";
}

/** The worse of two. */
export function worse(one: RiskLevel, other: RiskLevel): RiskLevel {
  const place = (level: RiskLevel) => LEVELS.findIndex(([name]) => name === level);
  return place(one) <= place(other) ? one : other;
}
