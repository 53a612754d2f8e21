// Whether a campaign's proof is what its report shows, every decision was made, and what took something away has a receipt in which an
// approved change was applied.
import type { DecidedEntry, Decision, ProvedEntry, RosterEntry } from "../../model/campaign.ts";
import { membershipSection } from "../../model/entity.ts";
import type { MadeEntry } from "../../model/evidence.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import { GROUP, MEMBER } from "../../model/platform.ts";
import type { ReviewRow } from "../../model/review.ts";
import { changeId, digestOf } from "../digest.ts";
import { nowCalled, revokedBy } from "./prove.ts";
import { type EvidencedChange, type ReadEvidence, wrong } from "./verify-files.ts";

const FITS: Readonly<Record<Decision["decision"], readonly ProvedEntry["result"][]>> = {
  keep: ["kept", "vanished"],
  revoke: ["gone", "vanished"],
  reduce: ["reduced", "vanished"],
  until: ["ends", "vanished"],
};

/** How something that changes a platform is approved, an emergency by its own maker. */
const WAYS: ReadonlySet<string> = new Set(["terminal", "digest", "reviews", "break-glass"]);

/** Compares proof, report, receipts and what was taken away with each other and with the decisions. */
export function checkProof(evidence: ReadEvidence): Finding[] {
  const { start, decided, proof, report, about, revoked } = evidence;
  const findings: Finding[] = [];
  if (report.at !== proof.at)
    findings.push(
      wrong("evidence-proof", "report.json was read at another moment than proof.json says", "report.json"),
    );
  const proved = new Map(proof.entries.map((one) => [one.entry, one]));
  const decisions = new Map(decided.entries.map((one) => [one.entry, one]));
  const made = new Map(proof.made.map((one) => [one.entry, one]));
  const rows = rowsByCell(evidence);
  if (proof.entries.length !== start.entries.length)
    findings.push(wrong("evidence-proof", "proof.json has not one result for each entry", "proof.json"));
  for (const entry of start.entries) {
    const [one, decision] = [proved.get(entry.id), decisions.get(entry.id)];
    if (!one)
      findings.push(wrong("evidence-proof", `Nothing is proved of ${entry.member} (entry ${entry.id})`, entry.id));
    else {
      findings.push(...checkResult(entry, one, decision, evidence, rows));
      if (decision) findings.push(...checkMade(entry, one, decision, made.get(entry.id), evidence));
    }
  }
  findings.push(...checkReceipts(evidence));
  const expected = sortedGrants(revokedBy(start, decided, proof, about.closedAt));
  if (digestOf(expected) !== digestOf(sortedGrants(revoked)))
    findings.push(wrong("evidence-revoked", "revoked.json is not what the proof says was taken away", "revoked.json"));
  return findings;
}

/** Every receipt is listed with its start, and those that are listed are there. */
function checkReceipts({ about, receipts, starts }: ReadEvidence): Finding[] {
  const listed = new Set(about.receipts.flatMap(({ receipt, start }) => [receipt, start]));
  const isPlaced = about.receipts.every(({ ledger }) =>
    [ledger.receipt, ledger.start].every((path) => typeof path === "string"),
  );
  const there = new Set([...receipts.keys(), ...starts.keys()]);
  return [
    ...(isPlaced ? [] : [wrong("evidence-receipt", "about.json does not say where the ledger has it", "about.json")]),
    ...[...there]
      .filter((path) => !listed.has(path))
      .map((path) => wrong("evidence-receipt", `about.json does not list ${path}`, path)),
    ...[...listed]
      .filter((path) => !there.has(path))
      .map((path) => wrong("evidence-receipt", `about.json lists ${path}, which is not there`, path)),
  ];
}

function sortedGrants(grants: ReadEvidence["revoked"]) {
  return grants.map((grant) => digestOf(grant)).sort(compareText);
}

type Rows = ReadonlyMap<string, ReviewRow>;

function rowsByCell({ report }: ReadEvidence): Rows {
  return new Map(report.rows.map((row) => [cellKey(row.target, row.member, row.resource, row.scope), row]));
}

/** Members of one target that differ in case alone are told apart by platforms, and not here: whatever is held counts. */
function cellKey(target: string, member: string, resource: string, scope: string): string {
  return JSON.stringify([target, member.toLowerCase(), resource, scope]);
}

function checkResult(
  entry: RosterEntry,
  one: ProvedEntry,
  decided: DecidedEntry | undefined,
  { start, proof, decided: { vanished } }: ReadEvidence,
  rows: Rows,
): Finding[] {
  const decision = decided?.decision.decision;
  const allowed = decision === undefined ? ["vanished"] : FITS[decision];
  if (!allowed.includes(one.result))
    return [
      wrong(
        "evidence-proof",
        `What ${entry.member} holds was to be "${decision}", and is proved "${one.result}"`,
        entry.id,
      ),
    ];
  if (one.result === "vanished" && decision !== "keep" && !vanished.includes(entry.id))
    return [
      wrong(
        "evidence-proof",
        `The entry of ${entry.member} is called vanished, and was not when it was decided`,
        entry.id,
      ),
    ];
  const isHeld = Object.keys(one.holds).length > 0;
  if (decision === "keep" && isHeld !== (one.result === "kept"))
    return [
      wrong(
        "evidence-proof",
        `What ${entry.member} holds is proved "${one.result}", and is ${isHeld ? "held" : "not held"}`,
        entry.id,
      ),
    ];
  const name = nowCalled(proof.renamed, entry.target, MEMBER, entry.member);
  const groups = new Set(
    entry.groups.map((group) => nowCalled(proof.renamed, entry.target, GROUP, group).toLowerCase()),
  );
  const roles = new Set(entry.roles.map((role) => nowCalled(proof.renamed, entry.target, "Role", role).toLowerCase()));
  const ids = new Set(entry.rows);
  let isAgain = false;
  for (const { id, target, resource, scope } of start.rows) {
    if (!ids.has(id)) continue;
    const row = rows.get(cellKey(target, name, resource, scope));
    if (row?.level !== one.holds[id])
      return [
        wrong(
          "evidence-proof",
          `proof.json says "${one.holds[id] ?? "nothing"}" of ${resource} in ${scope} for ${name}, and report.json "${row?.level ?? "nothing"}"`,
          entry.id,
        ),
      ];
    const isThrough = row?.paths.some(({ group, role }) =>
      group === undefined ? role !== undefined && roles.has(role.toLowerCase()) : groups.has(group.toLowerCase()),
    );
    isAgain ||= isThrough === true;
    if (one.result === "gone" && isThrough)
      return [
        wrong(
          "evidence-proof",
          `${resource} in ${scope} is called gone, and report.json shows that ${name} holds it still`,
          entry.id,
        ),
      ];
  }
  if (!vanished.includes(entry.id) || isAgain === (one.again === true)) return [];
  const message = `proof.json and report.json do not agree on whether ${name} holds again what was gone`;
  return [wrong("evidence-proof", message, entry.id)];
}

/** Whatever was taken away has an applied change in a receipt of the evidence. */
function checkMade(
  entry: RosterEntry,
  { result }: ProvedEntry,
  { decision }: DecidedEntry,
  made: MadeEntry | undefined,
  { receipts, starts, about, proof, decided }: ReadEvidence,
): Finding[] {
  if (decision.decision === "keep" || result === "vanished")
    return made ? [noReceipt(entry, "it names one for nothing")] : [];
  if (!made) return [noReceipt(entry, "proof.json names none")];
  if (made.how === "elsewhere")
    return made.receipt === null && made.changes.length === 0 ? [] : [noReceipt(entry, "it is called made elsewhere")];
  const receipt = receipts.get(made.receipt ?? "");
  const listed = about.receipts.find((one) => one.receipt === made.receipt);
  const start = starts.get(listed?.start ?? "");
  if (!receipt || !start) return [noReceipt(entry, `${made.receipt ?? "it"} is not there`)];
  const isPair =
    receipt.target === entry.target &&
    start.target === entry.target &&
    receipt.startedAt === start.startedAt &&
    receipt.digest === start.digest &&
    receipt.commit === start.commit;
  if (!isPair) return [noReceipt(entry, `${made.receipt} is not the receipt of its start`)];
  if (made.how === "files")
    return decision.decision === "until" && made.changes.length === 0
      ? []
      : [noReceipt(entry, "files alone do not make it")];
  if (made.how !== "applied") return [noReceipt(entry, "proof.json does not say how")];
  const { by, how, changes: approved } = receipt.approval;
  if (typeof by !== "string" || by === "" || !WAYS.has(how))
    return [noReceipt(entry, `${made.receipt} does not say who approved it`)];
  const applied = new Set(receipt.outcomes.filter(({ status }) => status === "applied").map(({ change }) => change));
  const planned = new Map((start.plan.changes ?? []).map((change) => [change.id, change]));
  if (made.changes.length === 0) return [noReceipt(entry, "it names no change")];
  const lacking = made.changes.find(
    (change) => !applied.has(change) || !planned.has(change) || !approved.includes(change),
  );
  if (lacking !== undefined) return [noReceipt(entry, `${made.receipt} did not apply change ${lacking}`)];
  const keys = keysOf(entry, proof.renamed);
  for (const id of made.changes) {
    const change = planned.get(id) as EvidencedChange;
    const { key, action, before, after } = change;
    // A change's id is the digest of what it does to what.
    if (changeId(start.target, key, action, before, after) !== id)
      return [noReceipt(entry, `${listed?.start} says something else of change ${id} than was approved`)];
    if (!keys.has(alike(key))) return [noReceipt(entry, `change ${id} of ${made.receipt} is about something else`)];
  }
  return Date.parse(receipt.endedAt) >= Date.parse(decided.at)
    ? []
    : [noReceipt(entry, `${made.receipt} is from before it was decided`)];
}

/** What changes are called that take an entry away, by the names of then and of now; in lower case, since platforms fold as they like. */
function keysOf({ target, member, groups, roles }: RosterEntry, renamed: ReadEvidence["proof"]["renamed"]) {
  const both = (kind: string, name: string) => [name, nowCalled(renamed, target, kind, name)];
  const members = both(MEMBER, member);
  const sections = groups.flatMap((group) => both(GROUP, group)).map((group) => membershipSection(group));
  return new Set(
    members
      .flatMap((name) => [...sections, ...(roles.length > 0 ? [MEMBER] : [])].map((section) => `${section}/${name}`))
      .map(alike),
  );
}

function alike(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function noReceipt({ member, id }: RosterEntry, why: string): Finding {
  return wrong("evidence-receipt", `What was taken from ${member} has no receipt: ${why}`, id);
}
