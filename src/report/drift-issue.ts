// The text of the issue that is opened at once when somebody was given more by hand than Git says. It accuses nobody: it says what
// is there, who did it as far as the platform tells, and where it will be settled.
import type { AccessGroup } from "../model/grant.ts";
import type { Drifted, Plan } from "../model/plan.ts";
import { describeDeed, describeShape } from "./discrepancies-text.ts";
import { describeDriftPeople } from "./drift-pull.ts";
import { code, heading, list, paragraph, phrase, stringify, strong } from "./markdown.ts";
import { DETAILS, entriesOf, type PlanMarkdownOptions, words } from "./markdown-detail.ts";
import { peopleBlocks } from "./plan-markdown.ts";

const LIMIT = 60_000;

export interface DriftIssue {
  readonly plan: Plan;
  /** Those that give somebody more. */
  readonly items: readonly Drifted[];
  readonly access: readonly AccessGroup[];
  /** The branch whose pull request settles it; undefined where nothing is proposed. */
  readonly branch: string | undefined;
}

export function driftIssueTitle(target: string): string {
  return `Drift of ${target} gives somebody more than Git says`;
}

/** The text, without the markers that go before it. */
export function renderDriftIssue({ plan, items, access, branch }: DriftIssue, options: PlanMarkdownOptions): string {
  let text = "";
  for (const detail of DETAILS) {
    const writing = { plan: { ...plan, access }, options, detail, folded: new Set<string>() };
    const { shown, more } = entriesOf(writing, items, "more entity", "more entities");
    const entries = shown.map((item) =>
      phrase(
        words(writing, `${item.kind} ${item.name}`, 2),
        `: ${describeShape(item.shape, false)}, `,
        words(writing, describeDeed(item) ?? "by whom is not known (the platform keeps no log that can be read)", 2),
      ),
    );
    const people = describeDriftPeople(access);
    text = stringify([
      heading(3, "Drift of ", code(plan.target, detail.length)),
      paragraph(
        strong(`${people.charAt(0).toUpperCase()}${people.slice(1)}.`),
        " It was done on the platform, behind Git's back.",
      ),
      ...(access.length === 0 ? [] : peopleBlocks(writing)),
      heading(4, "By hand"),
      ...(entries.length === 0 ? [] : [list(entries)]),
      ...more,
      branch === undefined
        ? paragraph("The settings only report it: undo it on the platform, or write it into the files.")
        : paragraph("The pull request of ", code(branch), " settles it."),
      paragraph("Rolebook closes this issue when the drift is gone."),
    ]);
    if (text.length <= LIMIT) return text;
  }
  return text;
}
