// The program of a review's page: opens the data that came with it and shows it. It asks nothing of anybody and keeps nothing but the
// choice of light or dark.
import { render } from "preact";
import type { PackedReview } from "../model/review-page.ts";
import { App } from "./app.tsx";
import { preparePrinting } from "./print.tsx";
import { openReview } from "./review.ts";
import { parseView } from "./view.ts";

function start(): void {
  const page = document.getElementById("page");
  const data = document.getElementById("review");
  if (!page || !data) return;
  const review = openReview(JSON.parse(data.textContent ?? "") as PackedReview);
  render(<App review={review} />, page);
  preparePrinting(review, () => parseView(location.hash));
}

start();
