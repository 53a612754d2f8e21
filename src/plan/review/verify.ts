// Whether the evidence of a campaign holds, by itself: every digest, nothing missing or more, decisions that equal the roster files'
// and cover what the campaign began with, approvals that cover the files, a receipt and a proof for whatever was taken away. It asks
// nobody, and believes no file because of another that was not compared with it.
import type { EvidenceFile } from "../../model/evidence.ts";
import { type Finding, sortFindings } from "../../model/finding.ts";
import type { RosterVersion } from "./campaign-input.ts";
import { checkDecisions } from "./verify-decisions.ts";
import { checkManifest, PAGE, type ReadEvidence, readEvidence, wrong } from "./verify-files.ts";
import { checkProof } from "./verify-proof.ts";
import { checkStart } from "./verify-start.ts";

export interface VerifyInput {
  readonly files: readonly EvidenceFile[];
  /** The roster files of the evidence, by their paths there. */
  readonly rosters: readonly RosterVersion[];
  /** The page of what the evidence says, where this is the Rolebook that wrote it; undefined where another one did. */
  readonly page?: (evidence: ReadEvidence) => string | undefined;
}

export interface Verdict {
  /** The campaign's id; empty where there is no manifest. */
  readonly id: string;
  readonly findings: readonly Finding[];
  readonly evidence: ReadEvidence | undefined;
}

export function verifyEvidence({ files, rosters, page }: VerifyInput): Verdict {
  const { id, findings } = checkManifest(files);
  const evidence = readEvidence(files);
  if (typeof evidence === "string") {
    const unread = wrong("evidence-unreadable", `${evidence} cannot be read`, evidence);
    return { id, findings: sortFindings([...findings, unread]), evidence: undefined };
  }
  const checks = [
    () => checkIds(id, evidence),
    () => checkStart(evidence),
    () => checkDecisions(evidence, rosters, files),
    () => checkProof(evidence),
    () => checkPage(files, page?.(evidence)),
  ];
  return { id, findings: sortFindings([...findings, ...checks.flatMap(safely)]), evidence };
}

/** Files that somebody wrote may be anything: what a check stumbles over is wrong as well. */
function safely(check: () => readonly Finding[]): readonly Finding[] {
  try {
    return check();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [wrong("evidence-unreadable", `The evidence is not in the form that Rolebook writes: ${why}`, "")];
  }
}

function checkIds(id: string, { start, decided, about, report, proof }: ReadEvidence): Finding[] {
  const findings: Finding[] = [];
  for (const [path, other] of [
    ["start.json", start.id],
    ["decided.json", decided.id],
    ["about.json", about.id],
  ])
    if (other !== id)
      findings.push(wrong("evidence-decision", `${path} is of campaign "${other}", and not of "${id}"`, path ?? ""));
  if (
    about.commits.start !== start.commit ||
    about.commits.decided !== decided.commit ||
    about.pulls.roster !== decided.pull
  )
    findings.push(
      wrong("evidence-decision", "about.json names other commits or pull requests than the campaign", "about.json"),
    );
  const { pulls, commits } = about;
  const isPull = Number.isInteger(pulls.changes) && isCommit(commits.changes);
  if (!isPull && (pulls.changes !== null || commits.changes !== null))
    findings.push(wrong("evidence-decision", "about.json does not say which change made the decisions", "about.json"));
  if (about.ledger !== null && !isCommit(about.ledger))
    findings.push(wrong("evidence-unreadable", "about.json does not say what the ledger was at", "about.json"));
  const order = [start.startedAt, decided.at, proof.at, about.closedAt].map((at) => Date.parse(at));
  if (order.some((at, index) => Number.isNaN(at) || at < (order[index - 1] ?? at)) || report.at !== proof.at)
    findings.push(wrong("evidence-proof", "What happened is not in order of time", "about.json"));
  return findings;
}

function checkPage(files: readonly EvidenceFile[], page: string | undefined): Finding[] {
  const there = files.find(({ path }) => path === PAGE)?.text;
  if (there === undefined) return [wrong("evidence-page", `There is no ${PAGE}`, PAGE)];
  if (page === undefined) return [UNCHECKED_PAGE];
  if (there === page) return [];
  return [wrong("evidence-page", `${PAGE} is not the page of this evidence`, PAGE)];
}

/** Another Rolebook words the page otherwise, so that only its digest can be compared: what it says is nobody's proof. */
const UNCHECKED_PAGE: Finding = {
  severity: "note",
  code: "evidence-page-unread",
  message: `Whether ${PAGE} shows what the other files say was not looked at: another Rolebook wrote it`,
  key: PAGE,
  hint: "Have it checked by the version that about.json names, or go by the other files.",
};

function isCommit(value: unknown): boolean {
  return typeof value === "string" && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}
