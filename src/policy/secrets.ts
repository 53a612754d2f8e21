// Secrets in the text of a policy file, comments included: found, told, and crossed out before anything else reads the text, so that
// no finding, plan or cache ever holds one. Knows shapes and randomness; what has a vendor's prefix it only suspects.
import type { Finding } from "../model/finding.ts";
import { crossOut, findSecrets, hintOf, joinSpans, type SecretShape, type SecretSpan } from "../model/secret.ts";
import { lineStartsOf, placeIn } from "./text.ts";

/** The code of the findings. */
export const SECRET_IN_FILE = "secret-in-file";

export interface Scanned {
  /** What is a secret for certain. */
  readonly spans: readonly SecretSpan[];
  /** Whether the rules for vendors' tokens may find something: they are many, slow to load, and asked for nothing else. */
  readonly suspicious: boolean;
}

/**
 * Something that is in whatever the vendors' rules find, rule by rule: looking for these is quick, asking the rules is not. A rule
 * that is new has to be added here; a test holds the two together.
 */
const MARKS: readonly string[] = [
  ...["ccess_key", "ccess_Key", "ccess_KEY", "ccesskey", "ccessKey", "ccessKEY", "CCESS_KEY", "CCESSKEY"], // aws
  ...["PRIVATE KEY", "npm_", "_authToken", "x-oauth-basic"],
  ...["xoxa-", "xoxb-", "xoxo-", "xoxp-", "xoxr-", "xapp-"], // slack
  ...["SG.", "shppa_", "shpca_", "shpat_", "shpss_"], // sendgrid, shopify
  ...["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
  ...["T3BlbkFJ", "sk-ant-", "lin_api_", "ops_ey"], // openai, anthropic, linear, 1password
];
/** The rules that are about addresses: with a password, of databases, of Slack's webhooks. */
const ADDRESSES = /:\/\/[^\s/:@]*:[^\s/@]+@|(?:mongodb|mysql|postgres)[a-z+]*:\/\/|hooks\.slack\.com/i;

/** Reads a text for secrets. Each run is quick: nearly every file has none. */
export function scanText(text: string, shapes: readonly SecretShape[]): Scanned {
  const suspicious = MARKS.some((mark) => text.includes(mark)) || (text.includes("://") && ADDRESSES.test(text));
  return { spans: findSecrets(text, shapes), suspicious };
}

export interface Cleaned {
  /** The text without its secrets; places in it are those of the text as it came. */
  readonly text: string;
  /** One for each secret. */
  readonly findings: readonly Finding[];
}

/** Crosses secrets out of a file's text, and tells where they are. */
export function cleanText(file: string, text: string, spans: readonly SecretSpan[]): Cleaned {
  const joined = joinSpans(spans);
  const lineStarts = lineStartsOf(text);
  const findings = joined.map(
    ({ start, end, what }): Finding => ({
      severity: "error",
      code: SECRET_IN_FILE,
      message: `This looks like ${what} (${hintOf(text.slice(start, end))})`,
      place: placeIn(file, lineStarts, start),
      hint: "Revoke it: once committed it stays in Git's history. Files name the variable that holds a secret, and no secret.",
    }),
  );
  return { text: crossOut(text, joined), findings };
}
