// A campaign for tests of what is decided in it: rows by a few words, a start made of them as `review start` makes it, roster files as
// text that tests edit, and reviews of the pull request.
import { createHash } from "node:crypto";
import type { CampaignStart, ReviewDefinition, RosterEntry } from "../../../src/model/campaign.ts";
import type { Grant } from "../../../src/model/grant.ts";
import type { Review } from "../../../src/model/host.ts";
import type { Provenance, ReviewFigures, ReviewPath, ReviewRow } from "../../../src/model/review.ts";
import type { Person } from "../../../src/model/settings.ts";
import type { CampaignInput, CampaignState, HeldNow, RosterReview } from "../../../src/plan/review/campaign-input.ts";
import { judgeCampaign } from "../../../src/plan/review/checks.ts";
import { identitiesOf } from "../../../src/plan/review/identities.ts";
import { assignReviewers } from "../../../src/plan/review/reviewers.ts";
import { rosterOf } from "../../../src/plan/review/roster.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { readGovernance } from "../../../src/policy/governance.ts";
import { GOVERNANCE, parseFile } from "../../../src/policy/parse.ts";
import { writeRosters } from "../../../src/policy/roster-write.ts";

export const STARTED = "2026-10-01T06:00:00.000Z";
export const DUE = "2026-10-15";
export const ID = "quarterly-2026-10-01";

export const NOBODY: Provenance = {
  how: "written",
  since: "2026-01-05T10:00:00.000Z",
  commit: "c".repeat(40),
  pull: null,
  author: "Importer <import@acme.example>",
  approvers: [],
};

/** What an apply gave, asked for by one and approved by another. */
export function grantedBy(author: string, ...approvers: string[]): Provenance {
  return { ...NOBODY, how: "applied", pull: 7, author, approvers };
}

export interface RowWords {
  readonly member: string;
  readonly resource?: string;
  readonly scope?: string;
  readonly level?: string;
  readonly groups?: readonly string[];
  readonly roles?: readonly string[];
  readonly by?: Provenance;
  readonly more?: Partial<ReviewRow>;
}

export function row(words: RowWords): ReviewRow {
  const { member, resource = "Card template", scope = "production", level = "edit", by = NOBODY } = words;
  const { groups = ["Makers"], roles = [], more = {} } = words;
  const paths: ReviewPath[] = [
    ...roles.map((role) => ({ role, provenance: by })),
    ...groups.map((group) => ({ group, role: "Maker", provenance: by })),
  ];
  const id = createHash("sha256")
    .update(JSON.stringify(["acme", member.toLowerCase(), resource, scope]))
    .digest("hex");
  return {
    id: id.slice(0, 24),
    target: "acme",
    member,
    resource,
    scope,
    level,
    strength: 0.5,
    paths,
    provenance: by,
    until: null,
    ownerEquivalent: false,
    exceptions: [],
    drift: "none",
    risk: { level: "low", score: 10, reasons: [] },
    ...more,
  };
}

export const PEOPLE: readonly Person[] = ["ana", "bo", "cy", "hana", "olga"].map((login) => ({
  login,
  members: [`${login}@acme.example`],
  place: { file: "policies/rolebook.yaml", line: 1, column: 1 },
}));

export const DEFINITION: ReviewDefinition = {
  name: "quarterly",
  scope: {},
  reviewers: { from: "group-owners", named: [], fallback: ["hana@acme.example"] },
  schedule: { cron: "0 6 1 */3 *", days: 14 },
  place: { file: "policies/reviews/quarterly.yaml", line: 2, column: 7 },
};

export const FIGURES: ReviewFigures = {
  people: 0,
  grants: 0,
  ownerEquivalent: 0,
  dormant: 0,
  outliers: 0,
  outlived: 0,
  notInGit: 0,
  highRisk: 0,
  keys: 0,
};

/** Who owns which group, of the campaigns below. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  Makers: ["ana@acme.example"],
  Checkers: ["cy@acme.example"],
};

export function startOf(rows: readonly ReviewRow[], definition: ReviewDefinition = DEFINITION): CampaignStart {
  const open = rosterOf({
    report: { rows, people: [] },
    definition,
    due: DUE,
    foldOf: () => atomic.fold,
    namesOf: () => [],
  });
  const { entries } = assignReviewers({
    entries: open,
    definition,
    ownersOfGroup: (_, group) => OWNERS[group] ?? [],
    ownersOfTarget: () => ["olga@acme.example"],
    identities: identitiesOf(PEOPLE),
    isThere: () => true,
  });
  return {
    version: 1,
    id: ID,
    definition,
    startedAt: STARTED,
    due: DUE,
    tool: "rolebook 0.0.0",
    commit: "b".repeat(40),
    entries,
    figures: FIGURES,
    rows: rows.map(({ id, target, member, resource, scope, level }) => ({
      id,
      target,
      member,
      resource,
      scope,
      level,
    })),
  };
}

/** Roster files by name, as `review start` writes them. */
export function filesOf(start: CampaignStart): Map<string, string> {
  const loginOf = identitiesOf(PEOPLE).loginOf;
  return new Map(writeRosters(start, start.entries, loginOf).map(({ name, text }) => [name, text]));
}

/** Fills in the decision about somebody, as an editor would. */
export function decide(text: string, member: string, decision: string, justification = ""): string {
  const parts = text.split(/(?=^ {2}- entry: )/m);
  const found = parts.findIndex((part) => part.includes(`\n    member: ${member}\n`));
  if (found < 0) throw new Error(`no entry of ${member}`);
  parts[found] = (parts[found] ?? "")
    .replace(/^ {4}decision:.*$/m, `    decision: ${decision}`)
    .replace(/^ {4}justification:.*$/m, `    justification: ${JSON.stringify(justification)}`);
  return parts.join("");
}

/** The same decision about everybody in a file. */
export function decideAll(text: string, decision: string, justification = ""): string {
  return text
    .replace(/^ {4}decision:.*$/gm, `    decision: ${decision}`)
    .replace(/^ {4}justification:.*$/gm, `    justification: ${JSON.stringify(justification)}`);
}

export function entryFor({ entries }: CampaignStart, member: string): RosterEntry {
  const entry = entries.find((one) => one.member === member);
  if (!entry) throw new Error(`no entry of ${member}`);
  return entry;
}

let reviews = 0;

/** A review of the pull request that covers these files, by name. */
export function review(login: string, files: readonly string[], more: Partial<Review> = {}): RosterReview {
  reviews += 1;
  const covers = new Set(files.map((name) => pathOf(name)));
  return {
    review: { id: reviews, login, state: "approved", commit: "d".repeat(40), at: "2026-10-05T09:00:00Z", ...more },
    covers,
  };
}

export function pathOf(name: string): string {
  return `policies/reviews/${ID}/${name}`;
}

/** Judges a campaign by the texts of its files. */
export function judge(
  start: CampaignStart,
  files: ReadonlyMap<string, string>,
  more: Partial<CampaignInput> = {},
): CampaignState {
  const rosters = [...files].flatMap(([name, text]) => {
    const parsed = parseFile(pathOf(name), new TextEncoder().encode(text), GOVERNANCE);
    const { governance, findings } = readGovernance([parsed], undefined);
    if (parsed.findings.length + findings.length > 0) throw new Error(JSON.stringify([parsed.findings, findings]));
    const sha256 = createHash("sha256").update(text).digest("hex");
    return governance.rosters.map((roster) => ({ roster, path: pathOf(name), sha256 }));
  });
  const platform = {
    fold: atomic.fold,
    rankOf: atomic.rankOf,
    levelsOf: (resource: string) => atomic.resources.find(({ name }) => name === resource)?.levels ?? [],
    timeZone: "UTC",
  };
  return judgeCampaign({
    start,
    rosters,
    pull: 12,
    reviews: [],
    people: PEOPLE,
    settings: start.settings ?? { overdue: "keep", escalateDays: 7 },
    now: new Date("2026-10-06T12:00:00Z"),
    isMember: () => true,
    platforms: new Map([["acme", platform]]),
    held: new Map(),
    ...more,
  });
}

/** What is held on the target now. */
export function heldNow(rows: readonly ReviewRow[], nameNow: HeldNow["nameNow"] = (_, name) => name) {
  const grants = new Map<string, Grant[]>();
  for (const { member, resource, scope, level, paths } of rows)
    grants.set(member, [...(grants.get(member) ?? []), { resource, scope, level, via: paths }]);
  return new Map([["acme", { grantsOf: (member: string) => grants.get(member) ?? [], nameNow }]]);
}

export function codes({ findings }: Pick<CampaignState, "findings">): string[] {
  return findings.map(({ code }) => code);
}
