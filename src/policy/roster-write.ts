// The roster of a campaign as files: one for each reviewer, so that nobody's edits run into anybody else's, in parts where there is
// much to decide. Same entries, same bytes. It decides nothing and fills nothing in.
import type { RosterEntry } from "../model/campaign.ts";
import type { Json } from "../model/document.ts";
import { compareText } from "../model/finding.ts";
import { rosterItemOf } from "../model/roster-item.ts";
import { type CollectionNode, entryOf, type Node, printDocuments, treeOf } from "./layout.ts";

/** Entries of one file: more than that nobody scrolls through, and the pages of Git hosts no longer show the difference. */
const MOST_ENTRIES = 500;

export interface RosterText {
  /** The file's name in the campaign's folder. */
  readonly name: string;
  readonly reviewer: string;
  /** Ids, in the order of the file. */
  readonly entries: readonly string[];
  readonly text: string;
}

export interface RosterCampaign {
  readonly id: string;
  /** The last day to decide. */
  readonly due: string;
}

/** The files of a campaign, by name. `loginOf` says what files are called after; without a login it is the member's name. */
export function writeRosters(
  campaign: RosterCampaign,
  entries: readonly RosterEntry[],
  loginOf: (reviewer: string) => string | undefined,
): RosterText[] {
  const byReviewer = new Map<string, RosterEntry[]>();
  for (const entry of entries) {
    const own = byReviewer.get(entry.reviewer);
    if (own) own.push(entry);
    else byReviewer.set(entry.reviewer, [entry]);
  }
  const taken = new Set<string>();
  const files: RosterText[] = [];
  for (const [reviewer, own] of [...byReviewer].sort(([left], [right]) => compareText(left, right)))
    for (let from = 0; from < own.length; from += MOST_ENTRIES) {
      const part = own.slice(from, from + MOST_ENTRIES);
      const name = freeName(slugOf(loginOf(reviewer) ?? reviewer), taken);
      const text = textOf(campaign, reviewer, part);
      files.push({ name, reviewer, entries: part.map(({ id }) => id), text });
    }
  return files.sort((left, right) => compareText(left.name, right.name));
}

/** A file's name from a login or a member's name: `ana@acme.example` is ana. */
function slugOf(name: string): string {
  const plain = name
    .replace(/@.*$/s, "")
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "reviewer" : plain;
}

function freeName(slug: string, taken: Set<string>): string {
  let name = `${slug}.yaml`;
  for (let number = 2; taken.has(name); number += 1) name = `${slug}-${number}.yaml`;
  taken.add(name);
  return name;
}

function textOf({ id, due }: RosterCampaign, reviewer: string, entries: readonly RosterEntry[]): string {
  const items = entries.map((entry): Json => {
    const { through, roles, ...item } = rosterItemOf(entry);
    const { gives, risk, recommendation, because, ...about } = item;
    const held = { ...(through ? { through } : {}), ...(roles ? { roles } : {}) };
    return { ...about, ...held, gives, risk, recommendation, because, decision: null, justification: null };
  });
  const root = treeOf({ kind: "Roster", review: id, reviewer, entries: items });
  for (const item of listIn(root, "entries")) for (const key of ["through", "roles"]) inline(item, key);
  return printDocuments([{ head: headOf(due), root }]);
}

function headOf(due: string): string[] {
  return [
    `# To decide until ${due}. decision: keep | revoke | reduce to LEVEL | until DATE; say why in justification, change nothing else.`,
    "# Then approve the pull request: a decision counts when its reviewer has approved this very file.",
  ];
}

function listIn(root: Node, key: string): readonly Node[] {
  const list = root.type === "map" ? entryOf(root, key)?.value : undefined;
  return list?.type === "list" ? list.entries.map(({ value }) => value) : [];
}

function inline(item: Node, key: string): void {
  const value = item.type === "map" ? entryOf(item, key)?.value : undefined;
  if (value && value.type !== "scalar") (value as CollectionNode).inline = true;
}
