// What the ledger holds of access reviews: a folder for each campaign, with its beginning, who was reminded when, and what it came to.
// It files and finds; what is no such record is passed over, since nothing can take it off the ledger again.
import { createHash } from "node:crypto";
import type { CampaignStart, Decision } from "../model/campaign.ts";
import { compareText } from "../model/finding.ts";
import type { ReviewFigures } from "../model/review.ts";
import { isDay } from "../model/until.ts";
import { GitError } from "./error.ts";
import type { Ledger } from "./ledger.ts";
import { claimOnLedger } from "./ledger-claim.ts";
import { LEDGER_AUTHOR, stableJson } from "./records.ts";
import type { Repository } from "./repository.ts";

/** The ledger's folder of campaigns: one folder each. */
export const REVIEWS_FOLDER = "reviews";

/** A campaign on the ledger. */
export interface RecordedCampaign {
  readonly start: CampaignStart;
  /** Paths of its other files, from its own folder. */
  readonly files: readonly string[];
}

/** A file of a campaign on the ledger. */
export function campaignPath(id: string, file: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(id)) throw new GitError(`not a campaign: ${JSON.stringify(id)}`);
  return `${REVIEWS_FOLDER}/${id}/${file}`;
}

/** The branch that a campaign is decided on. */
export function campaignBranch(id: string): string {
  return `rolebook/review/${id}`;
}

/** Whether everything of a campaign was done and proved. */
export function isClosed({ files }: RecordedCampaign): boolean {
  return files.includes("evidence/manifest.json");
}

/** Whether its decisions were taken. */
export function isDecided({ files }: RecordedCampaign): boolean {
  return files.includes("decided.json");
}

/** Every campaign that began, oldest first. */
export async function listCampaigns(ledger: Ledger): Promise<RecordedCampaign[]> {
  const paths = await ledger.list(REVIEWS_FOLDER);
  const starts = paths.filter((path) => /^reviews\/[^/]+\/start\.json$/.test(path));
  if (starts.length === 0) return [];
  const texts = await ledger.readAll(starts);
  const files = groupByCampaign(paths);
  return starts
    .flatMap((path): RecordedCampaign[] => {
      const id = path.split("/")[1] ?? "";
      const start = readStart(texts.get(path), id);
      return start ? [{ start, files: files.get(id) ?? [] }] : [];
    })
    .sort(
      (left, right) =>
        compareText(left.start.startedAt, right.start.startedAt) || compareText(left.start.id, right.start.id),
    );
}

function groupByCampaign(paths: readonly string[]): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const path of paths) {
    const [, id = "", ...rest] = path.split("/");
    const known = files.get(id);
    if (known) known.push(rest.join("/"));
    else files.set(id, [rest.join("/")]);
  }
  return files;
}

/** Records a beginning, unless somebody was first; theirs is what counts then. With a remote, it is there as well afterwards. */
export async function claimStart(
  repository: Repository,
  remote: string | undefined,
  start: CampaignStart,
): Promise<void> {
  const reviewers = new Set(start.entries.map(({ reviewer }) => reviewer)).size;
  await claimOnLedger(repository, remote, {
    files: [{ path: campaignPath(start.id, "start.json"), content: stableJson(start) }],
    subject: `review ${start.id}: start`,
    body: `${start.entries.length} entries for ${reviewers} reviewers, until ${start.due}`,
    at: new Date(start.startedAt),
    author: LEDGER_AUTHOR,
  });
}

export interface Reminder {
  readonly id: string;
  /** The day that it is for: nobody is reminded twice for one. */
  readonly day: string;
  /** Members' names. */
  readonly reviewers: readonly string[];
  readonly at: Date;
  /** Something random, which tells this runner from another of the same second. */
  readonly by: string;
}

/** Takes reminders for this process alone; gives those whom nobody has reminded for that day. */
export async function claimReminders(
  repository: Repository,
  remote: string | undefined,
  { id, day, reviewers, at, by }: Reminder,
): Promise<string[]> {
  const byPath = new Map(
    reviewers.map((reviewer) => {
      const digest = createHash("sha256").update(reviewer).digest("hex").slice(0, 12);
      return [campaignPath(id, `reminders/${day}-${digest}.json`), reviewer];
    }),
  );
  const won = await claimOnLedger(repository, remote, {
    files: [...byPath].map(([path, reviewer]) => ({
      path,
      content: stableJson({ version: 1, review: id, reviewer, at: at.toISOString(), by }),
    })),
    subject: `review ${id}: ${reviewers.length} reminded`,
    at,
    author: LEDGER_AUTHOR,
  });
  return won.flatMap((path) => byPath.get(path) ?? []);
}

/** Whoever may push can put anything on the ledger, and nothing takes it off again: what is no beginning stands in nobody's way. */
function readStart(text: string | undefined, id: string): CampaignStart | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.version !== 1 || value.id !== id) return undefined;
  if (!hasTexts(value, ["startedAt", "due", "commit", "tool"]) || !isDay(String(value.due))) return undefined;
  if (Number.isNaN(Date.parse(String(value.startedAt)))) return undefined;
  const { definition, settings, entries, rows, figures, names } = value;
  if (settings !== undefined && !isSettings(settings)) return undefined;
  if (!isDefinition(definition) || !isObject(figures) || !FIGURES.every((key) => Number.isFinite(figures[key])))
    return undefined;
  if (!Array.isArray(entries) || !entries.every(isEntry) || !Array.isArray(rows) || !rows.every(isRow))
    return undefined;
  if (names !== undefined && !(Array.isArray(names) && names.every(isName))) return undefined;
  return value as unknown as CampaignStart;
}

function isSettings(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { overdue, escalateDays } = value;
  return (overdue === "keep" || overdue === "revoke") && Number.isInteger(escalateDays) && Number(escalateDays) >= 0;
}

const FIGURES: readonly (keyof ReviewFigures)[] = [
  "people",
  "grants",
  "ownerEquivalent",
  "dormant",
  "outliers",
  "outlived",
  "notInGit",
  "highRisk",
  "keys",
];

function isDefinition(value: unknown): boolean {
  if (!isObject(value) || typeof value.name !== "string") return false;
  const { reviewers, scope, place, overdue, description } = value;
  const lists = ["targets", "groups", "resources", "levels", "scopes"];
  return (
    isObject(reviewers) &&
    isTexts(reviewers.fallback) &&
    isObject(scope) &&
    lists.every((key) => scope[key] === undefined || isTexts(scope[key])) &&
    (overdue === undefined || overdue === "keep" || overdue === "revoke") &&
    (description === undefined || typeof description === "string") &&
    isObject(place) &&
    typeof place.file === "string" &&
    Number.isInteger(place.line) &&
    Number.isInteger(place.column)
  );
}

function isEntry(value: unknown): boolean {
  return (
    isObject(value) &&
    hasTexts(value, ["id", "target", "member", "reviewer", "risk", "because"]) &&
    ["groups", "roles", "rows", "gives", "barred"].every((key) => isTexts(value[key])) &&
    isDecision(value.recommendation)
  );
}

/** Whether a value is a decision, with what belongs to it. */
export function isDecision(value: unknown): value is Decision {
  if (!isObject(value)) return false;
  const { decision, level, until } = value;
  if (decision === "reduce") return typeof level === "string";
  return decision === "until" ? typeof until === "string" : decision === "keep" || decision === "revoke";
}

function isRow(value: unknown): boolean {
  return isObject(value) && hasTexts(value, ["id", "target", "member", "resource", "scope", "level"]);
}

function isName(value: unknown): boolean {
  return isObject(value) && hasTexts(value, ["target", "kind", "name", "id"]);
}

function hasTexts(value: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  return keys.every((key) => typeof value[key] === "string");
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
