// Guardrails, waivers, acknowledged identities and access reviews as the model has them, from files that passed their schemas, and checked
// for what a schema cannot say. It judges nobody's access.
import type {
  Guardrail as GuardrailDocument,
  Identity as IdentityDocument,
  Review as ReviewDocument,
  Roster as RosterDocument,
  Waiver as WaiverDocument,
} from "../generated/types/governance.ts";
import type { ReviewDefinition, RosterFile } from "../model/campaign.ts";
import { placeOf } from "../model/document.ts";
import type { Finding, Place } from "../model/finding.ts";
import type { Guardrail, Rule } from "../model/guardrail.ts";
import { nearest } from "../model/nearest.ts";
import type { Settings } from "../model/settings.ts";
import { endOfAccess } from "../model/until.ts";
import type { Acknowledgement, Governance, Waiver } from "../model/waiver.ts";
import { checkTarget, reportError, type Spot } from "./governance-spot.ts";
import { didYouMean } from "./hint.ts";
import { notADate } from "./memberships.ts";
import { clean, describePlace } from "./names.ts";
import type { ParsedFile } from "./parse.ts";
import { type CronSpot, cronOfReview, reviewOf, rosterOf } from "./reviews.ts";
import { spotsOf } from "./spots.ts";

/** What may stand in braces in a guardrail's message. */
const PLACEHOLDERS = [
  "member",
  "group",
  "role",
  "permission",
  "scope",
  "count",
  "limit",
  "paths",
  "kind",
  "name",
  "attribute",
];

export interface ReadGovernance {
  readonly governance: Governance;
  /** What is wrong beyond the files' own findings (`ParsedFile.findings`). */
  readonly findings: readonly Finding[];
  /** Cron expressions that nobody has looked at yet. */
  readonly crons: readonly CronSpot[];
}

/** Reads what governs all targets. Without settings, names of targets are not checked; `leftOut` are targets that the settings name and lack. */
export function readGovernance(
  files: readonly ParsedFile[],
  settings: Settings | undefined,
  leftOut: readonly string[] = [],
): ReadGovernance {
  const findings: Finding[] = [];
  const governance = {
    guardrails: [] as Guardrail[],
    waivers: [] as Waiver[],
    acknowledgements: [] as Acknowledgement[],
    reviews: [] as ReviewDefinition[],
    rosters: [] as RosterFile[],
  };
  const crons: CronSpot[] = [];
  const names = new Map<string, Place>();
  const targets = settings && [...settings.targets.map(({ name }) => name), ...leftOut];
  for (const document of files.flatMap(({ documents }) => documents)) {
    const spot: Spot = { document, targets, report: (finding) => findings.push(finding) };
    checkName(spot, names);
    if (document.broken) continue;
    // Safe: the document passed the schema that the type is generated from.
    const value: unknown = document.value;
    if (document.kind === "Guardrail") governance.guardrails.push(guardrailOf(value as GuardrailDocument, spot));
    else if (document.kind === "Waiver") addWaiver(governance.waivers, waiverOf(value as WaiverDocument, spot), spot);
    else if (document.kind === "Review") {
      governance.reviews.push(reviewOf(value as ReviewDocument, spot));
      crons.push(...cronOfReview(value as ReviewDocument, spot));
    } else if (document.kind === "Roster") governance.rosters.push(rosterOf(value as RosterDocument, spot));
    else governance.acknowledgements.push(acknowledgementOf(value as IdentityDocument, spot));
  }
  return { governance, findings, crons };
}

const DUPLICATES: Readonly<Record<string, string>> = { Waiver: "duplicate-waiver", Review: "duplicate-review" };

/** Names are what reports speak of, so two of a kind have different ones. */
function checkName(spot: Spot, names: Map<string, Place>): void {
  const { kind, value } = spot.document;
  if (typeof value.name !== "string" || kind === "Identity") return;
  const key = `${kind}/${clean(value.name).toLowerCase()}`;
  const first = names.get(key);
  if (!first) names.set(key, placeOf(spot.document, ["name"]));
  else {
    const code = DUPLICATES[kind] ?? "duplicate-guardrail";
    const message = `${kind} "${value.name}" is declared twice; first in ${describePlace(first)}`;
    reportError(spot, ["name"], code, message, "Give it a name of its own.");
  }
}

function guardrailOf(value: GuardrailDocument, spot: Spot): Guardrail {
  const { name, rule, with: parameters, description, severity, targets, owners, message, except } = value;
  for (const [index, target] of (targets ?? []).entries()) checkTarget(spot, target, ["targets", index]);
  // Safe: the schema has a branch for each rule, with these very parameters.
  const written = { rule, ...(parameters ? { with: parameters } : {}) } as unknown as Rule;
  checkEffect(value, written, spot);
  checkParameters(written, spot);
  if (message !== undefined) checkMessage(message, spot);
  const exceptions = (except ?? []).map(({ member, group, entity, reason, approver, until }, index) => {
    checkException([member, group, entity], until, index, spot);
    return {
      ...(member === undefined ? {} : { member: clean(member) }),
      ...(group === undefined ? {} : { group: clean(group) }),
      ...(entity === undefined ? {} : { entity: clean(entity) }),
      reason: clean(reason),
      approver: clean(approver),
      until,
      place: placeOf(spot.document, ["except", index]),
    };
  });
  return {
    ...written,
    name: clean(name),
    ...(description === undefined ? {} : { description: clean(description) }),
    severity: severity ?? "error",
    ...(targets ? { targets } : {}),
    owners: (owners ?? []).map(clean),
    ...(message === undefined ? {} : { message }),
    except: exceptions,
    place: placeOf(spot.document, ["name"]),
    ...(written.rule === "cel" ? { expressionSpots: spotsOf(spot.document) } : {}),
  };
}

/** Something that can never fire was not meant so. */
function checkEffect({ name, targets }: GuardrailDocument, written: Rule, { document, report }: Spot): void {
  const empty = targets?.length === 0;
  const countsAny =
    written.rule === "holder-count" && (written.with.least ?? -1) === 0 && written.with.most === undefined;
  if (!empty && !countsAny) return;
  const message = `Guardrail "${name}" can never fire: ${empty ? "it holds for no target" : '"least" is 0'}`;
  const place = placeOf(document, empty ? ["targets"] : ["with", "least"]);
  const hint = empty ? "Name targets, or leave the key out for all of them." : 'Raise it, or say "most".';
  report({ severity: "warning", code: "guardrail-without-effect", message, place, hint });
}

/** What parameters mean together. */
function checkParameters(written: Rule, spot: Spot): void {
  if (written.rule === "holder-count") {
    const { least, most } = written.with;
    if (least === undefined && most === undefined) {
      const message = 'Rule holder-count needs "least" or "most"';
      reportError(spot, ["with"], "missing-key", message, "Say how many there must be at least, or may be at most.");
    } else if (least !== undefined && most !== undefined && least > most) {
      const message = `"least" is ${least} and "most" is ${most}, which no number of people can be`;
      reportError(spot, ["with", "least"], "impossible-count", message, "Exchange them, or leave one out.");
    }
  }
  if (written.rule === "permission-holders" && typeof written.with.through === "string") {
    const { through } = written.with;
    const words = ["any-group", "nobody"];
    // A single group's name without brackets is the likeliest slip.
    const { hint = `For the one group write through: [${through}].` } = didYouMean(nearest(through, words));
    if (!words.includes(through)) {
      const message = `"through" must be any-group, nobody or a list of groups, not "${through}"`;
      reportError(spot, ["with", "through"], "invalid-value", message, hint);
    }
  }
}

function checkMessage(message: string, spot: Spot): void {
  for (const [, placeholder = ""] of message.matchAll(/\{([^{}]*)\}/g)) {
    if (PLACEHOLDERS.includes(placeholder)) continue;
    const suggestion = nearest(placeholder, PLACEHOLDERS);
    const hint =
      suggestion === undefined ? `There are {${PLACEHOLDERS.join("}, {")}}.` : `Did you mean {${suggestion}}?`;
    reportError(spot, ["message"], "unknown-placeholder", `The message has the placeholder {${placeholder}}`, hint);
  }
}

function checkException(whom: readonly (string | undefined)[], until: string, index: number, spot: Spot): void {
  const named = whom.filter((name) => name !== undefined).length;
  if (named !== 1) {
    const what = named === 0 ? "neither a member nor a group nor anything else" : "more than one thing";
    const hint = "Name exactly one: a member, a group, or what else there is as an entity.";
    reportError(spot, ["except", index], "invalid-exception", `The exception names ${what}`, hint);
  }
  if (endOfAccess(until, "UTC") === undefined)
    spot.report(notADate(until, placeOf(spot.document, ["except", index, "until"])));
}

function waiverOf(value: WaiverDocument, spot: Spot): Waiver {
  const { name, target, plan, limit, of, allows, reason, approver } = value;
  checkTarget(spot, target, ["target"]);
  if (!/^[0-9a-f]{64}$/.test(plan)) {
    const hint = "`rolebook plan` prints it: 64 digits of 0-9 and a-f.";
    reportError(spot, ["plan"], "invalid-digest", '"plan" is not the digest of a plan', hint);
  }
  const hasOwn = limit === "group" || limit === "scope";
  if (hasOwn && of === undefined) {
    const what = limit === "group" ? "group" : "environment, project or other scope";
    reportError(spot, ["limit"], "missing-key", `A Waiver of limit "${limit}" needs "of"`, `Name the ${what} in "of".`);
  } else if (!hasOwn && of !== undefined)
    reportError(spot, ["of"], "unknown-key", `A Waiver of limit "${limit}" has no key "of"`, "Remove it.");
  return {
    name: clean(name),
    target,
    plan,
    limit,
    ...(of === undefined ? {} : { of: clean(of) }),
    allows,
    reason: clean(reason),
    approver: clean(approver),
    place: placeOf(spot.document, ["name"]),
  };
}

/** Adds a waiver; of two for one limit of one plan, only the first could count. */
function addWaiver(waivers: Waiver[], waiver: Waiver, { report }: Spot): void {
  const { target, plan, limit, of } = waiver;
  const first = waivers.find(
    (other) => other.plan === plan && other.target === target && other.limit === limit && other.of === of,
  );
  if (first) {
    const message = `Waiver "${waiver.name}" is for the same limit of the same plan as "${first.name}" in ${describePlace(first.place)}`;
    const hint = "Keep the one that is meant.";
    report({ severity: "error", code: "waiver-without-effect", message, place: waiver.place, hint });
  }
  waivers.push(waiver);
}

function acknowledgementOf(value: IdentityDocument, spot: Spot): Acknowledgement {
  const { target, member, id, reason, approver } = value;
  checkTarget(spot, target, ["target"]);
  const place = placeOf(spot.document, ["member"]);
  return { target, member: clean(member), id, reason: clean(reason), approver: clean(approver), place };
}
