// The report of a review as one HTML file that people look at: the data by columns, the program that shows it, and for whoever lets no
// script run the summaries as plain tables. Nothing in it asks for anything, and no name in it can be more than a name.
import { renderToString } from "preact-render-to-string";
import type { ReviewReport } from "../model/review.ts";
import { closeDocument, dataElement, openDocument } from "./document.ts";
import { packReview } from "./review-pack.ts";
import { ReviewSummary, titleOf } from "./review-summary.tsx";

/** The page's program and its own style: `src/generated/review-page.ts` has them. */
export interface ReviewAssets {
  readonly script: string;
  readonly style: string;
}

/** The file in pieces, to be written one after the other. The same report gives the same bytes. */
export function* renderReviewHtml(report: ReviewReport, assets: ReviewAssets): Generator<string, void> {
  const parts = { title: titleOf(report), ...assets };
  yield openDocument(parts);
  yield '<div id="page"></div>\n';
  yield `<noscript>${renderToString(<ReviewSummary report={report} />)}</noscript>\n`;
  yield* dataElement("review", packReview(report));
  yield closeDocument(parts);
}
