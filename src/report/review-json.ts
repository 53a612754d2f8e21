// An access review as JSON (schemas/output/review.json). It refuses to leave a property out: what is not known is null.
import type { ReviewReport } from "../model/review.ts";

/** The report as text, in pieces. */
export function* renderReviewJson(report: ReviewReport): Iterable<string> {
  yield `${JSON.stringify(report)}\n`;
}
