// The text of a drift pull request: whom it concerns first, then who changed what by hand, and what merging does about it. It
// refuses to take a side; every name in it is somebody else's text and passes through Markdown's tree.
import type { Change } from "../model/change.ts";
import type { AccessGroup } from "../model/grant.ts";
import type { Drifted, Plan } from "../model/plan.ts";
import { changeItemLines } from "./changes-text.ts";
import { describeDeed, describeShape } from "./discrepancies-text.ts";
import { foldChanges } from "./fold-changes.ts";
import { screenOf } from "./layout.ts";
import {
  type Block,
  code,
  details,
  fence,
  heading,
  list,
  type Phrase,
  paragraph,
  phrase,
  quote,
  stringify,
  strong,
  table,
} from "./markdown.ts";
import { DETAILS, entriesOf, fold, type PlanMarkdownOptions, type Writing, words } from "./markdown-detail.ts";
import { threeWayBlocks, unmanagedBlocks } from "./markdown-unsettled.ts";
import { peopleIn } from "./people-text.ts";
import { counted, grouped } from "./phrase.ts";
import { peopleBlocks } from "./plan-markdown.ts";

/** An entity by its kind and name. */
export interface Named {
  readonly kind: string;
  readonly name: string;
}

export interface DriftPull {
  readonly plan: Plan;
  /** Everything that drifted, what the plan undoes of it included. */
  readonly items: readonly Drifted[];
  /** What people have beyond Git's word, or lack. */
  readonly access: readonly AccessGroup[];
  /** Keys of the items that the pull request's commit adopts. */
  readonly adopted: ReadonlySet<string>;
  /** What the files cannot be made to say by themselves, by key. */
  readonly refused: ReadonlyMap<string, Named & { readonly reason: string }>;
  /** Entries that are over and taken out. */
  readonly ended: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

const LIMIT = 60_000;
const FENCE_WIDTH = 100;
const UNTIL_IT_CHANGES = "Close it to leave the platform as it is: it stays closed until something else drifts.";

/** One line: whom it concerns. */
export function driftTitle(target: string, access: readonly AccessGroup[]): string {
  return `Drift of ${target}: ${describeDriftPeople(access)}`;
}

/** `2 people have more than Git says, 1 has less`. */
export function describeDriftPeople(access: readonly AccessGroup[]): string {
  const [more, less] = [access.filter(({ gains }) => gains), access.filter(({ loses }) => loses)].map(peopleIn);
  const [has, lacks] = [more ?? 0, less ?? 0];
  const parts = [
    ...(has > 0 ? [`${counted(has, "person has", "people have")} more than Git says`] : []),
    ...(lacks > 0
      ? [
          has > 0
            ? `${grouped(lacks)} ${lacks === 1 ? "has" : "have"} less`
            : `${counted(lacks, "person has", "people have")} less than Git says`,
        ]
      : []),
  ];
  return parts.length === 0 ? "nobody's access differs" : parts.join(", ");
}

/** The text, without the markers that go before it; at most `limit` characters. */
export function renderDriftPull(pull: DriftPull, options: PlanMarkdownOptions): string {
  const limit = options.limit ?? LIMIT;
  let text = "";
  for (const detail of DETAILS) {
    const plan = { ...pull.plan, access: pull.access };
    text = stringify(blocksOf(pull, { plan, options, detail, folded: new Set() }));
    if (text.length <= limit) return text;
  }
  throw new Error(`the barest text has ${text.length} characters, more than ${limit}`);
}

function blocksOf(pull: DriftPull, writing: Writing): Block[] {
  const { access, items } = pull;
  const escalating = items.filter(({ effect }) => effect === "escalates" || effect === "mixed").length;
  const people = describeDriftPeople(access);
  return [
    heading(3, "Drift of ", code(pull.plan.target, writing.detail.length)),
    paragraph(
      strong(`${people.charAt(0).toUpperCase()}${people.slice(1)}.`),
      items.length === 0
        ? " The files are behind what is true already."
        : " The platform was changed behind Git's back.",
    ),
    ...(escalating === 0
      ? []
      : [
          quote(
            paragraph(
              strong(
                `${counted(escalating, "change")} by hand ${escalating === 1 ? "gives" : "give"} somebody more than was agreed to in Git.`,
              ),
            ),
          ),
        ]),
    ...(access.length === 0 ? [] : [paragraph("From what Git says to what is there:"), ...peopleBlocks(writing)]),
    ...itemBlocks(pull, writing),
    ...mergingBlocks(pull, writing),
    ...unmanagedHint(writing),
    ...wholeBlock(writing),
    paragraph(
      "Rolebook keeps this pull request true and takes it back when the drift is gone. Commits of yours on its branch stay: it then leaves the branch alone. ",
      UNTIL_IT_CHANGES,
    ),
  ];
}

function itemBlocks(pull: DriftPull, writing: Writing): Block[] {
  const { items } = pull;
  if (items.length === 0) return [];
  const { shown, more } = entriesOf(writing, items, "more entity", "more entities");
  const rows = shown.map((item) => [
    phrase(words(writing, `${item.kind} ${item.name}`, 2), `: ${describeShape(item.shape, false)}`),
    words(writing, describeDeed(item) ?? "by whom is not known (the platform keeps no log that can be read)", 2),
    phrase(item.effect),
    hereOf(item, pull, writing),
  ]);
  const values = items.filter(({ attributes }) => attributes.length > 0);
  return [
    heading(4, `What was changed by hand (${grouped(items.length)})`),
    ...(rows.length === 0 ? [] : [table(["What", "Who", "Access", "Here"], rows)]),
    ...more,
    ...(values.length === 0
      ? []
      : details("Every value, as last applied, in Git and live", threeWayBlocks(writing, values, false))),
  ];
}

/** What becomes of it by merging. */
function hereOf(item: Drifted, { adopted, refused }: DriftPull, writing: Writing): Phrase {
  const no = refused.get(item.key);
  if (no) return phrase("left to a person: ", words(writing, no.reason, 4));
  if (adopted.has(item.key)) return phrase("adopted into the files");
  switch (item.mode) {
    case "revert":
      return phrase("undone on the platform, once approved");
    case "propose":
      return phrase("left as it is");
    case "report":
      return phrase("only listed");
    default:
      return item.mode satisfies never;
  }
}

function mergingBlocks(pull: DriftPull, writing: Writing): Block[] {
  const { adopted, ended, renamed } = pull;
  const reverts = pull.plan.changes.filter(({ origin }) => origin === "drift");
  const says: Phrase[] = [
    ...(adopted.size === 0
      ? []
      : [
          phrase(
            `${counted(adopted.size, "entity is", "entities are")} adopted: the files say what is there, and nothing changes on the platform.`,
          ),
        ]),
    ...(reverts.length === 0
      ? []
      : [
          phrase(
            `${counted(reverts.length, "entity is", "entities are")} put back as Git says, by the changes below, as far as their owners approve them.`,
          ),
        ]),
    ...listedPhrase(
      writing,
      "Taken out, since they have ended (the next apply takes away what the platform still has of them): ",
      ended,
    ),
    ...listedPhrase(
      writing,
      "Renamed as on the platform (settings and guardrails that name them stay as they are): ",
      renamed.map(({ from, to }) => `${from} to ${to}`),
    ),
  ];
  const others = [...pull.refused].filter(([key]) => !pull.items.some((item) => item.key === key));
  const { shown, more } = entriesOf(
    writing,
    others,
    "more entity that is left to a person",
    "more entities that are left to a person",
  );
  for (const [, { kind, name, reason }] of shown)
    says.push(phrase("Left to a person: ", words(writing, `${kind} ${name}: ${reason}`, 4)));
  return [
    heading(4, "What merging does"),
    says.length === 0 ? paragraph("Nothing.") : list(says),
    ...more,
    ...revertBlocks(reverts, writing),
  ];
}

function listedPhrase(writing: Writing, title: string, items: readonly string[]): Phrase[] {
  if (items.length === 0) return [];
  const { shown } = entriesOf(writing, items, "more");
  const rest = items.length - shown.length;
  const names = shown.flatMap((item, index) => phrase(index > 0 ? ", " : "", code(item, writing.detail.length)));
  return [phrase(title, names, rest === 0 ? "" : `${shown.length === 0 ? "" : " and "}${grouped(rest)} more`)];
}

function revertBlocks(reverts: readonly Change[], writing: Writing): Block[] {
  if (reverts.length === 0) return [];
  const screen = screenOf(false, FENCE_WIDTH);
  const lines: string[] = [];
  let shown = 0;
  for (const item of foldChanges(reverts)) {
    const next = changeItemLines(screen, item, { full: false, indent: "" });
    if (lines.length + next.length > writing.detail.lines) break;
    lines.push(...next);
    shown += item.changes.length;
  }
  const hidden = reverts.length - shown;
  return [
    ...(lines.length === 0 ? [] : [fence("diff", lines)]),
    ...(hidden === 0 ? [] : [paragraph(fold(writing, `and ${counted(hidden, "more change")}`))]),
  ];
}

function unmanagedHint(writing: Writing): Block[] {
  if (writing.plan.unmanaged.length === 0) return [];
  const hint = paragraph("What is not in Git at all stays so: ", code("rolebook import"), " writes the files for it.");
  return [...unmanagedBlocks(writing), hint];
}

function wholeBlock({ plan, folded, detail }: Writing): Block[] {
  if (folded.size === 0) return [];
  const command = `rolebook drift --target ${plan.target} --full`;
  return [paragraph("Not everything is shown here. All of it: ", code(command, detail.length * 2), ".")];
}
