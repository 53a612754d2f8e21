// Vendors' tokens in texts, by secretlint's rules: loaded only when a text holds something that they might know. What they say is
// reduced to where it is, since their own messages repeat what they found.
import { lintSource } from "@secretlint/core";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import type { SecretLintCoreResultMessage } from "@secretlint/types";
import type { SecretSpan } from "../model/secret.ts";

/**
 * Not asked: what opens files by itself and is about files that are keys as a whole; and what lets a comment in a file switch the
 * rules off, since whoever pastes a token could paste that too.
 */
const UNASKED = ["@secretlint/secretlint-rule-gcp", "@secretlint/secretlint-rule-filter-comments"];

/** The rules that are asked. */
export const VENDOR_RULES = rules
  .filter(({ meta }) => !UNASKED.includes(meta.id))
  .map((rule) => ({ id: rule.meta.id, rule }));

/** Between two texts: no rule's pattern runs across it. */
const SEAM = `\n${"\u0000".repeat(8)}\n`;

/** The tokens in each of the texts. They are read as one: secretlint keeps notes of each time that it is run. */
export async function vendorSecrets(texts: readonly string[]): Promise<SecretSpan[][]> {
  const content = texts.join(SEAM);
  const { messages } = await lintSource({
    // By this name one rule asks for more than it does of others; nothing of it is opened.
    source: { content, filePath: ".npmrc", contentType: "text" },
    options: { config: { rules: VENDOR_RULES }, noPhysicFilePath: true },
  });
  const spans = messages.map((message) => spanOf(content, message));
  let base = 0;
  return texts.map((text) => {
    const [from, to] = [base, base + text.length];
    base = to + SEAM.length;
    return spans
      .filter(({ start }) => start >= from && start < to)
      .map(({ start, end, what }) => ({ start: start - from, end: Math.min(end, to) - from, what }));
  });
}

/** Some rules tell where the line with a secret begins, and not where the secret does: what they say that it is tells better. */
function spanOf(content: string, { range, data, ruleId }: SecretLintCoreResultMessage): SecretSpan {
  const what = `a secret that rule ${ruleId.replace(/^.*secretlint-rule-/, "")} knows`;
  const [start, end] = range;
  const said = Object.values(data ?? {}).filter((value): value is string => typeof value === "string");
  for (const value of said.sort((left, right) => right.length - left.length)) {
    const at = value === "" ? -1 : content.indexOf(value, start);
    if (at !== -1 && at <= end) return { start: at, end: at + trimmed(value).length, what };
  }
  return { start, end: start + trimmed(content.slice(start, end)).length, what };
}

/** Without what closes a value of a file rather than belongs to it. */
function trimmed(text: string): string {
  return text.replace(/[\s"'\]},]+$/, "");
}
