// News as others are told them: a line, a few lines, a link. What came from a platform or a file is made harmless here, for
// readers that take text for markup as well. Says nothing that the news do not.
import { escapeTerminal } from "./escape.ts";

/** What there is to tell; see `Fact` of `notify`. */
export interface News {
  readonly event: string;
  /** Empty when they are about no one target. */
  readonly target: string;
  readonly title: string;
  readonly text: string;
  readonly url?: string;
}

/** Lines beyond are cut, with their number: whoever wants all of it follows the link. */
const MAX_LINES = 20;
const MAX_LINE_LENGTH = 300;
const MAX_TITLE_LENGTH = 140;

/** The same news in safe words: single lines without anything invisible, no more of them than a screen holds. */
export function plainNews<Told extends News>(news: Told): Told {
  const lines = news.text.split(/\r?\n/).map((line) => escapeTerminal(line, MAX_LINE_LENGTH));
  const more = lines.length > MAX_LINES ? [`… and ${lines.length - MAX_LINES} more lines`] : [];
  return {
    ...news,
    title: escapeTerminal(news.title, MAX_TITLE_LENGTH),
    text: [...lines.slice(0, MAX_LINES), ...more].join("\n"),
  };
}

/** The body that Slack's incoming webhooks take. Others that claim to take the same turn `text` into markup, so it is escaped as well. */
export function slackMessage(news: News): object {
  const { target, title, text, url } = plainNews(news);
  // Plain text is shown as it is: no link, no mention, no markup comes of it.
  const plain = (type: "header" | "section", content: string) => ({
    type,
    text: { type: "plain_text", text: content, emoji: false },
  });
  const about = target === "" ? "" : `${target}: `;
  const link =
    url === undefined || !isLink(url) ? [] : [{ type: "section", text: { type: "mrkdwn", text: `<${url}|Open>` } }];
  return {
    text: `${escapeSlack(about)}${escapeSlack(title)}`,
    blocks: [
      plain("header", `${about}${title}`.slice(0, 150)),
      ...(text === "" ? [] : [plain("section", text.slice(0, 3000))]),
      ...link,
    ],
  };
}

/** Slack's three, and what makes a mention, a link or a code span with its imitators. */
function escapeSlack(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[@#`*_~[\]]/g, "$&\u200b");
}

function isLink(url: string): boolean {
  return /^https?:\/\/[\w.:[\]-]+(?:\/[\w./?&=#%~+-]*)?$/.test(url);
}
