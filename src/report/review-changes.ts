// The pull request that makes what a campaign decided: who leaves what, or until when, and what they come into instead, in a table.
// Names come from platforms and files, so that all of them are neutralized; nothing is decided here.
import type { Edit } from "../model/edit.ts";
import type { Finding } from "../model/finding.ts";
import { code, type Phrase, paragraph, phrase, stringify, table } from "./markdown.ts";

export interface ReviewChanges {
  readonly id: string;
  /** The pull request in which it was decided. */
  readonly pull: number;
  /** Names what the edits are: another digest is another proposal. */
  readonly digest: string;
  readonly steps: readonly { readonly target: string; readonly member: string; readonly edits: readonly Edit[] }[];
  /** What cannot be made. */
  readonly findings: readonly Finding[];
}

/** As many lines as a reader takes in; the files show the rest. */
const MOST_LINES = 200;

/** The first line of the body, by which the pull request is known again. */
export function changesMarker(id: string, digest: string): string {
  return `<!-- rolebook:review-changes ${id} ${digest} -->`;
}

/** The digest that a body names. */
export function digestInBody(id: string, body: string): string | undefined {
  const prefix = `<!-- rolebook:review-changes ${id} `;
  return body.startsWith(prefix) ? body.slice(prefix.length, body.indexOf(" -->")) : undefined;
}

export function changesTitle(id: string): string {
  return `Access review ${id}: make what was decided`;
}

export function renderReviewChanges({ id, pull, digest, steps, findings }: ReviewChanges): string {
  const lines = steps.flatMap(({ target, member, edits }) => rowsOf(target, member, edits));
  const shown = lines.slice(0, MOST_LINES);
  const more = lines.length - shown.length;
  const blocks = [
    paragraph(
      `These edits make what was decided in access review ${id}, and nothing else: what was kept stays, and nobody gains anything. They are planned, approved and applied like any other change; then `,
      code(`rolebook review close ${id}`),
      " proves them and closes the review.",
    ),
    table(["Target", "Who or what", "Change"], shown),
    ...(more > 0 ? [paragraph(`And ${more} more, as the files show.`)] : []),
    ...(findings.length === 0
      ? []
      : [
          paragraph("Not in here, since no file can say it:"),
          table(
            ["What", "What to do"],
            findings.slice(0, MOST_LINES).map(({ message, hint = "" }) => [phrase(message), phrase(hint)]),
          ),
        ]),
  ];
  // The number is the host's own, and meant to be a link.
  return `${changesMarker(id, digest)}\nDecided in #${pull}.\n\n${stringify(blocks)}`;
}

function rowsOf(target: string, member: string, edits: readonly Edit[]): Phrase[][] {
  return edits.flatMap((edit) => {
    const what = wordsOf(edit);
    return what
      ? [[phrase(code(target)), phrase(code(member === "" && "name" in edit ? edit.name : member)), what]]
      : [];
  });
}

function wordsOf(edit: Edit): Phrase | undefined {
  switch (edit.edit) {
    case "remove-member":
      return phrase("leaves ", code(edit.group));
    case "add-member":
      return phrase("comes into ", code(edit.group));
    case "set-until":
      return phrase("is in ", code(edit.group), " until ", code(edit.until));
    case "set-attribute":
      return Array.isArray(edit.value)
        ? phrase(`${edit.attribute}: `, code(edit.value.length === 0 ? "none" : edit.value.join(", ")))
        : phrase(`${edit.attribute}: `, code(String(edit.value ?? "none")));
    case "remove-entry":
    case "rename-member":
    case "rename":
    case "add-document":
    case "remove-document":
      return undefined;
    default:
      return edit satisfies never;
  }
}
