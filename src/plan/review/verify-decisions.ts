// Whether a campaign's decisions are those of the roster files, every entry is decided, and each decision is bound to an approval of
// somebody who may decide it and that covers the very file.
import type { DecidedEntry, RosterEntry } from "../../model/campaign.ts";
import { decisionText, sameDecision } from "../../model/decision.ts";
import type { EvidenceFile } from "../../model/evidence.ts";
import type { Finding } from "../../model/finding.ts";
import { endOfAccess } from "../../model/until.ts";
import { digestOf } from "../digest.ts";
import type { RosterVersion } from "./campaign-input.ts";
import { checkLines, type SoundLine } from "./check-lines.ts";
import { type Identities, identitiesOf } from "./identities.ts";
import { type ReadEvidence, sha256Of, wrong } from "./verify-files.ts";

/** Compares definition, start, decisions, rosters and approvals with each other. `rosters` are the files of the evidence. */
export function checkDecisions(
  evidence: ReadEvidence,
  rosters: readonly RosterVersion[],
  files: readonly EvidenceFile[],
): Finding[] {
  const { start, decided, definition, approvals } = evidence;
  const findings: Finding[] = [];
  if (digestOf(definition) !== digestOf(start.definition))
    findings.push(
      wrong(
        "evidence-decision",
        "definition.json is not the definition that the campaign began with",
        "definition.json",
      ),
    );
  if (digestOf(approvals) !== digestOf(decided.approvals))
    findings.push(
      wrong("evidence-approval", "approvals.json is not what the decisions were taken over with", "approvals.json"),
    );
  const checked = checkLines(start, rosters);
  findings.push(...checkRosters(checked.findings, decided.findings));
  const digests = new Map(files.map(({ path, text }) => [path, sha256Of(text)]));
  const identities = identitiesOf(
    approvals.map(({ login, members }) => ({ login, members, place: { file: "approvals.json", line: 1, column: 1 } })),
  );
  const known = new Map(decided.entries.map((one) => [one.entry, one]));
  const vanished = new Set(decided.vanished);
  if (known.size !== decided.entries.length)
    findings.push(wrong("evidence-decision", "decided.json decides an entry twice", "decided.json"));
  const entries = new Map(start.entries.map((entry) => [entry.id, entry]));
  for (const id of [...known.keys(), ...vanished])
    if (!entries.has(id)) findings.push(wrong("evidence-decision", `The campaign has no entry ${id}`, id));
  for (const entry of start.entries) {
    const one = known.get(entry.id);
    if (!one) {
      if (!vanished.has(entry.id))
        findings.push(wrong("evidence-decision", `Nobody decided on ${entry.member} (entry ${entry.id})`, entry.id));
    } else findings.push(...checkOne(entry, one, checked.lines.get(entry.id), { evidence, digests, identities }));
  }
  return findings;
}

/** What was wrong with the roster files when they were merged decided nothing, was said then, and is no tampering. */
function checkRosters(found: readonly Finding[], known: readonly Finding[]): Finding[] {
  // Paths are others here.
  const about = ({ code, message }: Finding) => JSON.stringify([code, message.replace(/; first in .*$/s, "")]);
  const before = new Set(known.map(about));
  return found.map((one) => {
    const { code, message } = one;
    if (!before.has(about(one))) return wrong("evidence-decision", `${message} (${code})`, "roster");
    const hint = "See findings in decided.json: it was so when the decisions were taken over, and decides nothing.";
    return { severity: "warning", code: "evidence-roster", message: `${message} (${code})`, key: "roster", hint };
  });
}

interface Around {
  readonly evidence: ReadEvidence;
  readonly digests: ReadonlyMap<string, string>;
  readonly identities: Identities;
}

function checkOne(entry: RosterEntry, one: DecidedEntry, line: SoundLine | undefined, around: Around): Finding[] {
  if (one.by === "default") return checkDefault(entry, one, line, around);
  const said = line?.line;
  const file = one.file;
  if (!said || !file || line.version.path !== rosterPath(file.path) || !sameDecision(said.decision, one.decision))
    return [
      wrong(
        "evidence-decision",
        `decided.json says "${decisionText(one.decision)}" of ${entry.member}, and the roster file ${said?.decision ? `"${decisionText(said.decision)}"` : "nothing"}`,
        entry.id,
      ),
    ];
  if (said.justification !== one.justification)
    return [wrong("evidence-decision", `decided.json gives another justification for ${entry.member}`, entry.id)];
  if (around.digests.get(rosterPath(file.path)) !== file.sha256)
    return [wrong("evidence-decision", `${file.path} is not the file that ${one.who} decided in`, entry.id)];
  if (one.decision.decision !== "keep" && one.justification === "")
    return [wrong("evidence-decision", `The decision on ${entry.member} does not say why`, entry.id)];
  const why = unboundBy(entry, one, around);
  return why === undefined ? [] : [unbound(entry, why)];
}

/** The default decides what nobody else did, once the last day has passed, and decides all of it the same. */
function checkDefault(entry: RosterEntry, one: DecidedEntry, line: SoundLine | undefined, around: Around): Finding[] {
  const { start, decided, approvals } = around.evidence;
  if (one.approval || one.file || one.who !== "") return [unbound(entry, "its default is somebody's")];
  const due = endOfAccess(start.due, "UTC");
  if (due === undefined || Date.parse(decided.at) <= due)
    return [unbound(entry, `it is called a default, and the last day was ${start.due}`)];
  const first = decided.entries.find(({ by }) => by === "default");
  const wanted = start.definition.overdue ?? start.settings?.overdue ?? first?.decision.decision;
  if (one.decision.decision !== wanted || (wanted !== "keep" && wanted !== "revoke"))
    return [unbound(entry, `it is called a default, which is not "${decisionText(one.decision)}"`)];
  const said = line?.line.decision?.decision;
  const isMade = said === "keep" || (said === "revoke" && line?.line.justification !== "");
  const by = approvals.find(
    ({ login, files }) =>
      isMade &&
      files.some(({ path, sha256 }) => rosterPath(path) === line?.version.path && sha256 === line.version.sha256) &&
      around.identities.speaksFor(login, entry.reviewer) &&
      !isBarred(entry, [login, entry.reviewer], around),
  );
  return by ? [unbound(entry, `it is called a default, and ${by.login} decided "${said}"`)] : [];
}

/** Whether somebody, by any of their names, is whose access it is, or granted it. */
function isBarred(entry: RosterEntry, names: readonly string[], { identities }: Around): boolean {
  return names.some(
    (name) =>
      identities.mayBeSame(name, entry.member) || entry.barred.some((other) => identities.mayBeSame(name, other)),
  );
}

/** Where the evidence has a roster file. */
export function rosterPath(path: string): string {
  return `roster/${path.slice(path.lastIndexOf("/") + 1)}`;
}

function unbound({ member, id }: RosterEntry, why: string): Finding {
  return wrong("evidence-approval", `The decision on ${member} is not bound to an approval: ${why}`, id);
}

/** Why an approval does not make a decision somebody's. */
function unboundBy(entry: RosterEntry, { approval, file, who, by }: DecidedEntry, around: Around): string | undefined {
  const { evidence, identities } = around;
  if (!approval || !file) return "it names none";
  const found = evidence.approvals.find(
    ({ pull, review, login, commit, at }) =>
      pull === approval.pull &&
      review === approval.review &&
      login === approval.login &&
      commit === approval.commit &&
      at === approval.at,
  );
  if (!found) return "approvals.json has no such review";
  if (!found.files.some(({ path, sha256 }) => path === file.path && sha256 === file.sha256))
    return `the review of ${found.login} does not cover ${file.path} as it is`;
  if (!identities.speaksFor(found.login, who)) return `${found.login} is not ${who}`;
  const may = by === "reviewer" ? [entry.reviewer] : evidence.start.definition.reviewers.fallback;
  if (!may.includes(who)) return `${who} is not the ${by} of this entry`;
  return isBarred(entry, [who, found.login], around) ? `${who} must not decide on it` : undefined;
}
