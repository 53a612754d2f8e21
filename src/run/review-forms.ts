// What `rolebook review` writes, and where: one format at a time, or several files of which each has the format of its ending, so that
// platforms are read once for all of them. It only reads what was asked for; nothing is written here.
import { extname, normalize } from "node:path";

export const REVIEW_FORMATS = ["human", "html", "markdown", "csv", "json"] as const;

export type ReviewFormat = (typeof REVIEW_FORMATS)[number];

/** One thing to write. */
export interface ReviewForm {
  readonly format: ReviewFormat;
  /** Standard output without it. */
  readonly output?: string;
}

const ENDINGS: Readonly<Record<string, ReviewFormat>> = {
  ".html": "html",
  ".md": "markdown",
  ".csv": "csv",
  ".json": "json",
  ".txt": "human",
};

/** What is to be written of the report; or, as a sentence, what is wrong with what was asked for. */
export function chooseForms(
  format: ReviewFormat | undefined,
  outputs: readonly string[],
): readonly ReviewForm[] | string {
  const endings = Object.keys(ENDINGS).join(", ");
  if (outputs.includes("")) return "--output names no file: say which, as in --output report.json";
  if (outputs.length === 0) return [{ format: format ?? "human" }];
  const [output = ""] = outputs;
  if (format !== undefined)
    return outputs.length === 1
      ? [{ format, output }]
      : `--format is for one --output; leave it out, and each file has the format of its ending (${endings})`;
  const twice = outputs.find((path, index) => outputs.findIndex((one) => normalize(one) === normalize(path)) < index);
  if (twice !== undefined) return `--output names the same file twice: ${twice}`;
  const forms: ReviewForm[] = [];
  for (const path of outputs) {
    const known = ENDINGS[extname(path).toLowerCase()];
    if (known === undefined) return `the ending of --output ${path} is no format's; use ${endings}, or say --format`;
    forms.push({ format: known, output: path });
  }
  return forms;
}
