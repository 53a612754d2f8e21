// The program of a review's page.
import { render } from "preact";
import type { PackedReview } from "../model/review-page.ts";

const page = document.getElementById("page");
const data = document.getElementById("review");
if (page && data) {
  const packed = JSON.parse(data.textContent ?? "") as PackedReview;
  render(<h1>{packed.tool}</h1>, page);
}
