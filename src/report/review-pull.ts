// The pull request on which a campaign is decided: what it is about, who decides what until when, and how. Names in it are somebody
// else's text and pass through Markdown's tree; only logins of the settings are mentioned as people.
import type { CampaignStart, OverdueDefault, ReviewScope } from "../model/campaign.ts";
import { type Block, code, heading, list, type Phrase, paragraph, phrase, stringify, table } from "./markdown.ts";
import { counted, listed } from "./phrase.ts";

export interface ReviewPull {
  readonly start: CampaignStart;
  /** By name, in order. */
  readonly files: readonly { readonly path: string; readonly reviewer: string; readonly entries: number }[];
  readonly loginOf: (member: string) => string | undefined;
  /** The last day of the fallback. */
  readonly fallbackUntil: string;
  /** What becomes of what nobody decides. */
  readonly overdue: OverdueDefault;
}

/** Reviewers that the table names; the files say the rest. */
const MOST_REVIEWERS = 100;

/** The first line of what is about a campaign; `what` tells the pull request's text from the comments. */
export function reviewMarker(what: "pull" | "status" | "reminder", id: string): string {
  return `<!-- rolebook:review-${what} ${id} -->`;
}

export function reviewTitle({ id, entries, due }: CampaignStart): string {
  return `Access review ${id}: ${counted(entries.length, "entry", "entries")} to decide until ${due}`;
}

/** A login as a mention that the host takes for one; what cannot be a login is only named. */
export function mention(login: string): Phrase {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/.test(login) ? [{ type: "html", value: `@${login}` }] : [code(login)];
}

/** The whole text, its marker first. */
export function renderReviewPull(pull: ReviewPull): string {
  const { start } = pull;
  const { description } = start.definition;
  const members = new Set(start.entries.map(({ target, member }) => JSON.stringify([target, member]))).size;
  const targets = [...new Set(start.entries.map(({ target }) => target))];
  const blocks: Block[] = [
    paragraph(
      `Who keeps what: ${counted(start.entries.length, "entry", "entries")} about ${counted(members, "person", "people")} on `,
      ...names(targets),
      ".",
    ),
    ...(description === undefined ? [] : [paragraph(description)]),
    ...scopeBlocks(start.definition.scope),
    heading(3, "How to decide"),
    list([
      phrase(
        "Open your file below on this branch. Each entry is everything that one person holds through the same groups.",
      ),
      phrase(
        "Write ",
        code("keep"),
        ", ",
        code("revoke"),
        ", ",
        code("reduce to LEVEL"),
        " or ",
        code("until DATE"),
        " after ",
        code("decision"),
        ", and why after ",
        code("justification"),
        ". Leave everything else as it is.",
      ),
      phrase(
        "Commit to this branch, then approve this pull request: your decisions count with your approval of your file as it is. If it changes afterwards, approve again.",
      ),
    ]),
    ...untilBlocks(pull),
    heading(3, "Who decides"),
    ...reviewerBlocks(pull),
    paragraph(
      "Nothing here changes anybody's access. Merge it when everything is decided: what was decided then becomes a pull request of its own, planned, approved and applied like any other.",
    ),
  ];
  return `${reviewMarker("pull", start.id)}\n${stringify(blocks)}`;
}

function names(some: readonly string[]): (string | ReturnType<typeof code>)[] {
  return some.flatMap((name, index) => [...(index === 0 ? [] : [", "]), code(name)]);
}

function scopeBlocks(scope: ReviewScope): Block[] {
  const { groups, resources, levels, scopes, ownerEquivalent, changedSince } = scope;
  const parts: Phrase[] = [
    ...[
      ["through", groups] as const,
      ["on", resources] as const,
      ["at", levels] as const,
      ["in", scopes] as const,
    ].flatMap(([word, some]): Phrase[] => (some ? [phrase(`${word} `, ...names(some))] : [])),
    ...(ownerEquivalent ? [phrase("of people who could give themselves anything")] : []),
    ...(changedSince === undefined
      ? []
      : [phrase(changedSince === "last-review" ? "new since the last review" : `new since ${changedSince}`)]),
  ];
  return parts.length === 0 ? [] : [paragraph("Only what they hold:"), list(parts)];
}

function untilBlocks({ start, loginOf, fallbackUntil, overdue }: ReviewPull): Block[] {
  const { fallback } = start.definition.reviewers;
  const others = fallback.flatMap((name, index) => [
    ...(index === 0 ? [] : [", "]),
    ...phrase(...who(name, loginOf(name))),
  ]);
  const then =
    fallback.length === 0
      ? [`After that, and until ${fallbackUntil}, reviewers may still decide; `]
      : [`After that, and until ${fallbackUntil}, `, ...others, " may decide instead; "];
  const end = overdue === "keep" ? "what is not decided then is kept." : "what is not decided then is revoked.";
  return [paragraph(`Decide until the end of ${start.due} (UTC). `, ...then, end)];
}

function who(name: string, login: string | undefined): Phrase {
  return login === undefined ? [code(name)] : mention(login);
}

function reviewerBlocks({ files, loginOf }: ReviewPull): Block[] {
  const rows = files
    .slice(0, MOST_REVIEWERS)
    .map(({ path, reviewer, entries }) => [
      phrase(...who(reviewer, loginOf(reviewer))),
      phrase(String(entries)),
      phrase(code(path)),
    ]);
  const more = files.length - rows.length;
  return [
    table(["Reviewer", "Entries", "File"], rows),
    ...(more > 0 ? [paragraph(`${listed([counted(more, "more file")])} beside them.`)] : []),
  ];
}
