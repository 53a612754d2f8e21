// A review's report by columns, as the page carries it. What a hundred thousand rows share is said once; nothing that the report says of
// them is left out but their ids, which only other reports ask for.
import type { Finding, Place } from "../model/finding.ts";
import type {
  Provenance,
  ReviewCount,
  ReviewKey,
  ReviewPath,
  ReviewPerson,
  ReviewReport,
  ReviewRow,
  RowChange,
  RowException,
} from "../model/review.ts";
import {
  DRIFTS,
  FACTORS,
  HOWS,
  NO_TEXT,
  NOT_TOLD,
  type PackedChanges,
  type PackedCounts,
  type PackedFinding,
  type PackedKeys,
  type PackedPeople,
  type PackedReview,
  type PackedRows,
  type PackedTarget,
  RISK_LEVELS,
} from "../model/review-page.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { type Lists, openLists, openTable, openTexts, packColumns, type Texts } from "./packed-columns.ts";
import { linksOf } from "./status-parts.tsx";

/** The packed report as JSON, in pieces. */
export function* packReview(report: ReviewReport): Generator<string, void> {
  let before = "{";
  for (const [key, value] of Object.entries(packed(report))) {
    yield `${before}${JSON.stringify(key)}:`;
    yield JSON.stringify(value);
    before = ",";
  }
  yield "}";
}

/** What everything that is packed is put into. */
interface Store {
  readonly texts: Texts;
  readonly lists: Lists;
  readonly targetOf: (name: string) => number;
  readonly nameOf: (text: string | null | undefined) => number;
  readonly messageOf: (text: string | null | undefined) => number;
}

function openStore(report: ReviewReport): Store {
  const texts = openTexts();
  const targets = new Map(report.targets.map(({ name }, index) => [name, index]));
  return {
    texts,
    lists: openLists(),
    targetOf: (name) => targets.get(name) ?? 0,
    nameOf: (text) => (typeof text === "string" ? texts.name(text) : NO_TEXT),
    messageOf: (text) => (typeof text === "string" ? texts.message(text) : NO_TEXT),
  };
}

function packed(report: ReviewReport): PackedReview {
  const store = openStore(report);
  const tables = openTables(store);
  const rows = packRows(report.rows, store, tables);
  const { at, source, tool, repository, trends, figures } = report;
  const folder = repository?.folder.replace(/^\/+|\/+$/g, "") ?? "";
  return {
    version: 1,
    at: escapeTerminal(at),
    source,
    tool: escapeTerminal(tool),
    url: linksOf(repository?.url ?? null).home ?? null,
    folder: folder === "" ? "" : `${folder}/`,
    targets: report.targets.map(packTarget),
    rows,
    people: packPeople(report.people, store),
    keys: packKeys(report.keys, store),
    groups: packCounts(report.groups, store),
    scopes: packCounts(report.scopes, store),
    changes: report.changes && packChanges(report.changes, store),
    trends: [
      ...trends.map((point) => ({ ...point, review: escapeTerminal(point.review), at: escapeTerminal(point.at) })),
      { review: "", at: escapeTerminal(at), figures, revoked: 0 },
    ],
    findings: report.findings.map(packFinding),
    paths: tables.paths.columns,
    provenances: tables.provenances.columns,
    places: tables.places.columns,
    reasons: tables.reasons.columns,
    exceptions: tables.exceptions.columns,
    lists: store.lists.packed,
    texts: store.texts.packed,
  };
}

type Tables = ReturnType<typeof openTables>;

function openTables({ texts, lists, nameOf, messageOf }: Store) {
  const provenances = openTable({
    how: ({ how }: Provenance) => HOWS.indexOf(how),
    since: ({ since }) => nameOf(since),
    commit: ({ commit }) => nameOf(commit),
    pull: ({ pull }) => pull ?? NO_TEXT,
    author: ({ author }) => nameOf(author),
    approvers: ({ approvers }) => lists.indexOf(approvers.map(texts.name)),
    emergency: ({ emergency }) => Number(emergency === true),
    emergencyBy: ({ emergencyBy }) => nameOf(emergencyBy),
  });
  const places = openTable({ file: ({ file }: Place) => texts.message(file), line: ({ line }) => line });
  const placeOf = (place: Place | undefined) => (place === undefined ? NO_TEXT : places.indexOf(place));
  const paths = openTable({
    group: ({ group }: ReviewPath) => nameOf(group),
    role: ({ role }) => nameOf(role),
    level: ({ level }) => nameOf(level),
    membershipPlace: ({ membershipPlace }) => placeOf(membershipPlace),
    groupPlace: ({ groupPlace }) => placeOf(groupPlace),
    rolePlace: ({ rolePlace }) => placeOf(rolePlace),
    provenance: ({ provenance }) => provenances.indexOf(provenance),
    until: ({ until }) => nameOf(until),
    reason: ({ reason }) => messageOf(reason),
  });
  const reasons = openTable({
    code: ({ code }: ReviewRow["risk"]["reasons"][number]) => texts.name(code),
    text: ({ text }) => texts.message(text),
  });
  const exceptions = openTable({
    guardrail: ({ guardrail }: RowException) => texts.name(guardrail),
    reason: ({ reason }) => texts.message(reason),
    approver: ({ approver }) => texts.name(approver),
    until: ({ until }) => texts.name(until),
  });
  return { provenances, places, paths, reasons, exceptions };
}

function packRows(rows: readonly ReviewRow[], { texts, lists, targetOf, nameOf }: Store, tables: Tables): PackedRows {
  return packColumns(rows, {
    target: ({ target }) => targetOf(target),
    member: ({ member }) => texts.name(member),
    resource: ({ resource }) => texts.name(resource),
    scope: ({ scope }) => texts.name(scope),
    level: ({ level }) => texts.name(level),
    strength: ({ strength }) => Math.round(strength * 100),
    paths: ({ paths }) => lists.indexOf(paths.map(tables.paths.indexOf)),
    provenance: ({ provenance }) => tables.provenances.indexOf(provenance),
    until: ({ until }) => nameOf(until),
    owner: ({ ownerEquivalent }) => Number(ownerEquivalent),
    exceptions: ({ exceptions }) => lists.indexOf(exceptions.map(tables.exceptions.indexOf)),
    drift: ({ drift }) => DRIFTS.indexOf(drift),
    risk: ({ risk }) => RISK_LEVELS.indexOf(risk.level),
    score: ({ risk }) => risk.score,
    reasons: ({ risk }) => lists.indexOf(risk.reasons.map(tables.reasons.indexOf)),
  });
}

function packPeople(people: readonly ReviewPerson[], { texts, lists, targetOf, nameOf }: Store): PackedPeople {
  return packColumns(people, {
    target: ({ target }) => targetOf(target),
    member: ({ member }) => texts.name(member),
    name: ({ name }) => texts.name(name),
    login: ({ login }) => nameOf(login),
    lastActive: ({ lastActive }) => (lastActive === undefined ? NOT_TOLD : nameOf(lastActive)),
    factor: ({ multiFactor }) => FACTORS.indexOf(multiFactor),
    owner: ({ ownerEquivalent }) => Number(ownerEquivalent),
    grants: ({ grants }) => grants,
    weight: ({ weight }) => weight,
    risk: ({ risk }) => RISK_LEVELS.indexOf(risk),
    groups: ({ groups }) => lists.indexOf(groups.map(texts.name)),
  });
}

function packKeys(keys: readonly ReviewKey[], { texts, lists, targetOf, nameOf }: Store): PackedKeys {
  return packColumns(keys, {
    target: ({ target }) => targetOf(target),
    name: ({ name }) => texts.name(name),
    owner: ({ owner }) => nameOf(owner),
    scope: ({ scope }) => nameOf(scope),
    createdAt: ({ createdAt }) => nameOf(createdAt),
    lastUsedAt: ({ lastUsedAt }) => nameOf(lastUsedAt),
    expiresAt: ({ expiresAt }) => nameOf(expiresAt),
    ageDays: ({ ageDays }) => ageDays ?? NO_TEXT,
    concerns: ({ concerns }) => lists.indexOf(concerns.map(texts.message)),
  });
}

function packCounts(counts: readonly ReviewCount[], { texts, targetOf }: Store): PackedCounts {
  return packColumns(counts, {
    target: ({ target }) => targetOf(target),
    name: ({ name }) => texts.name(name),
    people: ({ people }) => people,
    grants: ({ grants }) => grants,
    ownerEquivalent: ({ ownerEquivalent }) => ownerEquivalent,
    highRisk: ({ highRisk }) => highRisk,
  });
}

function packChanges(changes: NonNullable<ReviewReport["changes"]>, store: Store): PackedChanges {
  const { texts, targetOf, nameOf } = store;
  return {
    review: escapeTerminal(changes.review),
    at: escapeTerminal(changes.at),
    ...packColumns(changes.rows, {
      target: ({ target }: RowChange) => targetOf(target),
      member: ({ member }) => texts.name(member),
      resource: ({ resource }) => texts.name(resource),
      scope: ({ scope }) => texts.name(scope),
      before: ({ before }) => nameOf(before),
      after: ({ after }) => nameOf(after),
    }),
  };
}

function packTarget({ name, title, commit, scopeWord, scopes, tellsActivity }: ReviewReport["targets"][number]) {
  const target: PackedTarget = {
    name: escapeTerminal(name),
    title: escapeTerminal(title),
    commit: commit === null ? null : escapeTerminal(commit),
    scopeWord: escapeTerminal(scopeWord),
    scopes: scopes.map((scope) => escapeTerminal(scope)),
    tellsActivity,
  };
  return target;
}

function packFinding({ severity, code, message, place, key, hint }: Finding): PackedFinding {
  const where = place === undefined ? (key ?? "") : `${place.file}:${place.line}:${place.column}`;
  const shown = (text: string) => escapeTerminal(text, MESSAGE_LENGTH);
  return { severity, code: shown(code), message: shown(message), where: shown(where), hint: shown(hint ?? "") };
}
