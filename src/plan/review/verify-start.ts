// Whether what a campaign began with holds together: its last day is its definition's, and every entry stands for just the rows that
// give what its roster file shows. Without that, a row left out of an entry would be proved by nobody.
import type { CampaignStart, RosterEntry } from "../../model/campaign.ts";
import type { Finding } from "../../model/finding.ts";
import { addDays, isDay } from "../../model/until.ts";
import { digestOf } from "../digest.ts";
import { givesOf } from "./roster.ts";
import { type ReadEvidence, wrong } from "./verify-files.ts";

export function checkStart({ start, decided, proof, about, receipts, starts }: ReadEvidence): Finding[] {
  const findings: Finding[] = [];
  const versions = [start, decided, proof, about, ...receipts.values(), ...starts.values()] as readonly object[];
  if (versions.some((one) => (one as { readonly version?: unknown }).version !== 1))
    findings.push(wrong("evidence-unreadable", "A file of the evidence is of no version that is known", "about.json"));
  if (!isItsDay(start))
    findings.push(wrong("evidence-decision", `${start.due} is not the last day by the definition`, "start.json"));
  const rows = new Map(start.rows.map((row) => [row.id, row]));
  if (rows.size !== start.rows.length)
    findings.push(wrong("evidence-decision", "start.json has a row twice", "start.json"));
  const taken = new Set<string>();
  for (const entry of start.entries) {
    const why = whyNot(entry, rows, taken);
    if (why) findings.push(wrong("evidence-decision", `The entry of ${entry.member} ${why}`, entry.id));
    for (const row of entry.rows) taken.add(row);
  }
  return findings;
}

function isItsDay({ due, startedAt, definition }: CampaignStart): boolean {
  if (typeof due !== "string" || !isDay(due)) return false;
  const { schedule } = definition;
  if (definition.due !== undefined) return definition.due === due;
  return schedule === undefined || addDays(startedAt.slice(0, 10), schedule.days) === due;
}

type Rows = ReadonlyMap<string, CampaignStart["rows"][number]>;

function whyNot(entry: RosterEntry, rows: Rows, taken: ReadonlySet<string>): string | undefined {
  if (new Set(entry.rows).size !== entry.rows.length || entry.rows.some((row) => taken.has(row)))
    return "stands for a row that another one stands for";
  const own = entry.rows.flatMap((row) => rows.get(row) ?? []);
  if (own.length !== entry.rows.length || own.some(({ target, member }) => isAnother(entry, target, member)))
    return "stands for rows that are not its own";
  if (digestOf(givesOf(own)) !== digestOf(entry.gives)) return "stands for other rows than its roster file shows";
  return entry.barred.includes(entry.member) ? undefined : "does not keep themselves from deciding on it";
}

function isAnother(entry: RosterEntry, target: string, member: string): boolean {
  return target !== entry.target || member !== entry.member;
}
