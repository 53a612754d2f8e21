// What is held of what was merged, as the Git host shows it: on a pull request, in the issue of a target, in a check, in a step
// summary. Names and reasons are neutralized. It refuses to say more than fits: the rest is counted.
import type { Held, MergedOutcome } from "../model/merged.ts";
import { type Block, code, heading, list, type Phrase, paragraph, phrase, stringify, strong } from "./markdown.ts";
import { counted } from "./phrase.ts";

/** Things told one by one: with the longest names and reasons they still fit into what a host takes. */
const LISTED = 40;
const NAME_LENGTH = 200;
const WHY_LENGTH = 500;

/** First line of the comment on a pull request and of a target's issue. Targets' names are plain. */
export function heldMarker(target: string): string {
  return `<!-- rolebook:held ${target} -->`;
}

/** What of a pull request is held for a target; or that nothing is any more. */
export function renderHeldComment(target: string, held: readonly Held[], canCheck: boolean): string {
  const blocks: Block[] =
    held.length === 0
      ? [
          paragraph(
            "Everything that this pull request changes of ",
            code(target),
            " is applied, or not asked for any more.",
          ),
        ]
      : [
          paragraph(
            strong(`${counted(held.length, "change")} of this pull request ${held.length === 1 ? "is" : "are"} held`),
            ": merged, and not made on ",
            code(target),
            ".",
          ),
          ...heldList(held),
          paragraph(
            canCheck
              ? "A review that approves counts after the merge as well: it is of what the check on the last commit shows. The next apply then makes it."
              : "Approving takes a check that shows what is held, and Rolebook's credential cannot make checks: use a GitHub App, or the token of GitHub Actions.",
          ),
        ];
  return `${heldMarker(target)}\n${stringify(blocks)}`;
}

/** Which pull requests an issue tells of, so that their comments can be put right. */
export function readHeldPulls(body: string): number[] {
  const numbers = /^<!-- pulls((?: \d{1,9})*) -->$/m.exec(body.replaceAll("\r\n", "\n"))?.[1] ?? "";
  return numbers.split(" ").flatMap((text) => (text === "" ? [] : [Number(text)]));
}

/** The issue of a target of which something is held. */
export function renderHeldIssue(
  target: string,
  held: readonly Held[],
): { readonly title: string; readonly body: string } {
  const pulls = [...new Set(held.flatMap(({ pull }) => pull ?? []))].sort((one, other) => one - other);
  const blocks: Block[] = [
    paragraph(
      `${counted(held.length, "change")} ${held.length === 1 ? "is" : "are"} merged, and not made on `,
      code(target),
      ". Rolebook closes this issue when nothing is held any more.",
    ),
    ...pulls.flatMap((pull): Block[] => [
      heading(4, "From pull request ", reference(pull)),
      ...heldList(held.filter((item) => item.pull === pull)),
    ]),
    ...rest(held.filter((item) => item.pull === undefined)),
  ];
  const body = `${heldMarker(target)}\n<!-- pulls${pulls.map((pull) => ` ${pull}`).join("")} -->\n${stringify(blocks)}`;
  return { title: `Held: ${counted(held.length, "change")} of ${target}`, body };
}

function rest(held: readonly Held[]): Block[] {
  if (held.length === 0) return [];
  return [
    heading(4, "From no pull request"),
    ...heldList(held),
    paragraph(
      "Look at it with ",
      code("rolebook plan"),
      " and apply it by hand, or revert it and open a pull request.",
    ),
  ];
}

/** What a check says of a target of which something is held; what it showed is written below by whoever makes it. */
export function renderHeldCheck(target: string, held: readonly Held[]): string {
  return stringify([
    paragraph("Merged, and not made on ", code(target), ". A review of this commit that approves is of exactly this:"),
    ...heldList(held),
  ]);
}

/** A run for the step summary of a workflow. */
export function renderMergedSummary(outcomes: readonly MergedOutcome[], names: ReadonlyMap<string, string>): string {
  return stringify(outcomes.flatMap((outcome) => summaryOf(outcome, names)));
}

function summaryOf(outcome: MergedOutcome, names: ReadonlyMap<string, string>): Block[] {
  const { target, outcomes, held, refused, converged, commit } = outcome;
  const made = outcomes.map(
    ({ change, status, cause }): Phrase =>
      phrase(
        `${status}: `,
        code(names.get(change) ?? change, NAME_LENGTH),
        cause === undefined ? "" : phrase(": ", phrase(cut(cause))),
      ),
  );
  return [
    heading(3, code(target)),
    paragraph(
      refused === undefined ? "" : `${refused}. `,
      converged ? "Everything merged is applied up to " : "Looked at everything up to ",
      code(commit.slice(0, 12)),
      `; ${counted(held.length, "change")} held.`,
    ),
    ...(made.length === 0 ? [] : [bounded(made)]),
    ...(held.length === 0 ? [] : [paragraph("Held:"), ...heldList(held)]),
  ];
}

function heldList(held: readonly Held[]): Block[] {
  if (held.length === 0) return [];
  return [bounded(held.map(({ name, why }) => phrase(code(name, NAME_LENGTH), ": ", phrase(cut(why)))))];
}

function bounded(items: readonly Phrase[]): Block {
  const shown = items.slice(0, LISTED);
  const more = items.length - shown.length;
  return list(more === 0 ? shown : [...shown, phrase(`and ${more} more`)]);
}

function cut(text: string): string {
  return text.length > WHY_LENGTH ? `${text.slice(0, WHY_LENGTH)}…` : text;
}

/** `#12`, which the host turns into a link: a number, and so harmless. */
function reference(pull: number): Phrase {
  return [{ type: "html", value: `#${pull}` }];
}
