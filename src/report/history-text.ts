// Stories of access for a terminal: what happened, oldest first, each step with what it gave and took, and who agreed to it. It
// refuses to fold silently.
import { MEMBERSHIP } from "../model/entity.ts";
import type { Story, StoryDeed, StoryDetail, StoryEvent, StoryMove, StoryReview } from "../model/history.ts";
import { MESSAGE_LENGTH, showName } from "./escape.ts";
import type { ToldHistory } from "./history-json.ts";
import { type Piece, type Screen, type Style, screenOf, wrap } from "./layout.ts";
import { counted, folded, grouped, listed, ORGANIZATION } from "./phrase.ts";
import { describeInstant, describeProvenance } from "./review-words.ts";

export interface HistoryTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Fold nothing. */
  readonly full: boolean;
}

/** Things of one sort in one step that are shown without `full`. */
const SHOWN = 10;

/** All stories, one after the other, ending in a newline. */
export function renderHistory({ login, stories }: ToldHistory, options: HistoryTextOptions): string {
  const screen = screenOf(options.color, options.width);
  return `${stories.map((story) => storyLines(screen, story, login, options).join("\n")).join("\n\n")}\n`;
}

function storyLines(screen: Screen, story: Story, login: string | null, options: HistoryTextOptions): string[] {
  const { target, subject, name, formerly, events } = story;
  const on = subject === "member" && login !== null ? `, ${showName(login)} on the Git host` : "";
  const was = formerly.length === 0 ? "" : `, formerly ${listed(formerly.map((known) => showName(known)))}`;
  const what = subject === "group" ? "Group " : "";
  const title = wrap(
    screen,
    [{ text: `${what}${showName(name)}`, style: "bold" }, `${was}${on} (target ${showName(target)})`],
    "",
    "  ",
  );
  if (events.length === 0) return [...title, "", "  Git and the ledger tell nothing of it."];
  return [...title, ...events.flatMap((event) => ["", ...eventLines(screen, event, options)])];
}

function eventLines(screen: Screen, event: StoryEvent, { full }: HistoryTextOptions): string[] {
  const line = (text: string, style?: Style) =>
    wrap(screen, [style === undefined ? text : { text, style }], "      ", "        ");
  const head = (text: string, style?: Style) =>
    wrap(
      screen,
      [{ text: describeInstant(event.at), style: "dim" }, "  ", style === undefined ? text : { text, style }],
      "  ",
      "      ",
    );
  switch (event.event) {
    case "applied":
      return [
        ...head(describeApply(event), event.provenance.emergency ? "red" : undefined),
        ...foldedLines(event.deeds, full, (deed) => deedLines(screen, deed, full)),
        ...(event.moves ? foldedLines(together(event.moves), full, (move) => moveLines(screen, move)) : []),
        ...(event.reason === undefined ? [] : line(`because: ${showName(event.reason, MESSAGE_LENGTH)}`)),
        ...line(originWords(event), "dim"),
      ];
    case "adopted":
      return [
        ...head(
          `The files began to say what the platform had: ${folded(event.names, full ? event.names.length : SHOWN)}`,
        ),
        ...line(originWords(event), "dim"),
      ];
    case "drifted": {
      const { drift } = event;
      const what = `${showName(drift.kind)} ${showName(drift.name)}`;
      const said =
        drift.shape === "missing" ? "was gone from the platform" : "was otherwise on the platform than in the files";
      const by = drift.by === null ? "" : `, by ${showName(drift.by)}`;
      return head(`Drift: ${what} ${said}${by}`, "yellow");
    }
    case "settled":
      return head(`No drift any more: ${showName(event.drift.kind)} ${showName(event.drift.name)}`);
    case "reviewed":
      return [...head(describeReview(event.review)), ...reviewLines(event.review, line)];
    default:
      return event satisfies never;
  }
}

function describeApply({ provenance, deeds }: Extract<StoryEvent, { readonly event: "applied" }>): string {
  if (provenance.emergency) {
    const who = provenance.emergencyBy === undefined ? "" : ` by ${showName(provenance.emergencyBy)}`;
    return `Applied in an emergency${who}, approved by nobody`;
  }
  if (deeds.length > 0 && deeds.every(({ origin }) => origin === "drift")) return "Drift undone";
  return deeds.length > 0 && deeds.every(({ origin }) => origin === "expiry")
    ? "Ended, as its day had passed"
    : "Applied";
}

function originWords({ provenance }: Extract<StoryEvent, { readonly event: "applied" | "adopted" }>): string {
  return describeProvenance({ ...provenance, since: null }, showName);
}

const SIGNS = { create: ["+", "green"], update: ["~", "yellow"], delete: ["-", "red"] } as const;

function deedLines(screen: Screen, { kind, name, action, renamedFrom, details }: StoryDeed, full: boolean): string[] {
  const [sign, style] = SIGNS[action];
  const was = renamedFrom === undefined ? "" : `, until then ${showName(renamedFrom)}`;
  const title: Piece[] = [{ text: sign, style }, { text: ` ${showName(kind)} ${showName(name)}${was}` }];
  const told = kind === MEMBERSHIP ? [] : details;
  return [
    ...wrap(screen, title, "      ", "        "),
    ...foldedLines(
      told,
      full,
      (detail) => wrap(screen, [describeDetail(detail)], "          ", "            "),
      "        ",
    ),
  ];
}

function describeDetail({ attribute, part, before, after }: StoryDetail): string {
  const name =
    part === "" || part === before || part === after ? showName(attribute) : `${showName(attribute)} ${showName(part)}`;
  if (before === null) return `${name}: + ${showName(after ?? "")}`;
  if (after === null) return `${name}: - ${showName(before)}`;
  return `${name}: ${showName(before)} -> ${showName(after)}`;
}

interface MovesTogether extends Omit<StoryMove, "scope"> {
  readonly scopes: readonly string[];
}

/** Moves that differ in their scopes alone. */
function together(moves: readonly StoryMove[]): MovesTogether[] {
  const found = new Map<string, MovesTogether & { readonly scopes: string[] }>();
  for (const { resource, scope, before, after, people } of moves) {
    const key = JSON.stringify([resource, before, after, people]);
    const known = found.get(key);
    if (known) known.scopes.push(scope);
    else found.set(key, { resource, before, after, people, scopes: [scope] });
  }
  return [...found.values()];
}

function moveLines(screen: Screen, { resource, before, after, people, scopes }: MovesTogether): string[] {
  const where = scopes.map((scope) => (scope === ORGANIZATION ? "organization-wide" : showName(scope))).join(", ");
  const who = people === 1 ? "" : ` (${counted(people, "person", "people")})`;
  const levels =
    before === null
      ? `gains ${showName(after ?? "")}`
      : after === null
        ? `loses ${showName(before)}`
        : `goes from ${showName(before)} to ${showName(after)}`;
  return wrap(screen, [`${levels} of ${showName(resource)} in ${where}${who}`], "      ", "        ");
}

function describeReview({ review, member, through, decision, by, who }: StoryReview): string {
  const decided =
    by === "default"
      ? "by default, as nobody decided in time"
      : `by ${showName(who)}${by === "fallback" ? ", in the reviewer's place" : ""}`;
  const what = through.length === 0 ? "" : ` in ${listed(through.map((name) => showName(name)))}`;
  return `Review ${showName(review)}: ${showName(decision)} ${showName(member)}${what}, ${decided}`;
}

function reviewLines({ justification, pull }: StoryReview, line: (text: string, style?: Style) => string[]): string[] {
  return [
    ...(justification === "" ? [] : line(`because: ${showName(justification, MESSAGE_LENGTH)}`)),
    ...(pull === null ? [] : line(`with pull request ${pull}`, "dim")),
  ];
}

function foldedLines<T>(items: readonly T[], full: boolean, show: (item: T) => string[], indent = "      "): string[] {
  const shown = full || items.length <= SHOWN + 1 ? items : items.slice(0, SHOWN);
  const lines = shown.flatMap(show);
  return shown.length === items.length
    ? lines
    : [...lines, `${indent}… ${grouped(items.length - shown.length)} more (--full shows all)`];
}
