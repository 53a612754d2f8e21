// An access review for a step summary or a comment, never longer than its limit.
import type { ReviewReport } from "../model/review.ts";
import { heading, stringify } from "./markdown.ts";

export interface ReviewMarkdownOptions {
  /** The most bytes of UTF-8, at least 4,000; a little less than the 1 MiB of a step summary by default. */
  readonly limit?: number;
  /** Where the whole report is, as a command or a file's name. */
  readonly whole?: string;
}

export function* renderReviewMarkdown(report: ReviewReport, _: ReviewMarkdownOptions = {}): Iterable<string> {
  yield stringify([heading(3, `Access review at ${report.at}`)]);
}
