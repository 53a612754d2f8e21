// The settings document as the settings everyone else uses: defaults filled in, and checked for what a schema cannot say.
// It never repeats a value that could be a secret, and reads no environment.
import type { Settings as SettingsDocument } from "../generated/types/settings.ts";
import { type DocumentPath, type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import type { Budget, Freeze, NotifyEvent, Settings, Target } from "../model/settings.ts";
import { isTimeZone, timeZones } from "../model/until.ts";
import { didYouMean } from "./hint.ts";
import { clean, describePlace } from "./names.ts";
import { GOVERNANCE_FOLDERS, type ParsedFile } from "./parse.ts";
import { checkSettings } from "./settings-checks.ts";
import { NO_VARIABLE, variableName } from "./variables.ts";

/** A fifth of the people or fifty of them, whichever is less: more than that in one plan is a mistake or a project. */
const TARGET_LIMIT: Budget = { share: 0.2, count: 50 };
/** A third of a group or twenty members of it. */
const GROUP_LIMIT: Budget = { share: 0.34, count: 20 };
/** A third of those who have access in a scope, or thirty of them. */
const SCOPE_LIMIT: Budget = { share: 0.34, count: 30 };
/** A third of those who can do everything, or two of them. */
const OWNERS_LIMIT: Budget = { share: 0.34, count: 2 };

/** Folders that are no target's: of what governs all of them. */
const RESERVED_NAMES = GOVERNANCE_FOLDERS;

const EVENTS: readonly NotifyEvent[] = ["break-glass", "drift", "ending", "failure", "held", "review"];

const TARGET_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

type TargetDocument = SettingsDocument["targets"][number];

export interface ReadSettings {
  /** Undefined when there is no usable settings document. Targets on unknown platforms are left out. */
  readonly settings: Settings | undefined;
  /** Names of the targets that are left out. */
  readonly leftOut: readonly string[];
  /** What is wrong beyond the file's own findings (`ParsedFile.findings`). */
  readonly findings: readonly Finding[];
}

/** Reads the settings from their parsed file. `platforms` are the names of the platforms there are drivers for. */
export function readSettings(parsed: ParsedFile, platforms: readonly string[]): ReadSettings {
  const findings: Finding[] = [];
  const documents = parsed.documents.filter(({ kind }) => kind === "Settings");
  const [document, second] = documents;
  const report = (finding: Finding) => findings.push(finding);
  if (!document) {
    if (!parsed.findings.some(({ severity }) => severity === "error")) report(missing(parsed.file));
    return { settings: undefined, leftOut: [], findings };
  }
  if (second) {
    const message = `The settings are given twice; first in ${describePlace(placeOf(document, []))}`;
    report({ severity: "error", code: "duplicate-settings", message, place: placeOf(second, []), hint: "Keep one." });
  }
  if (document.broken) return { settings: undefined, leftOut: [], findings };
  // Safe: the document passed the schema that the type is generated from.
  const { targets: list, people, notify, schedule, reviews } = document.value as unknown as SettingsDocument;
  const targets: Target[] = [];
  for (const [index, item] of list.entries()) {
    const spot: Spot = { document, path: ["targets", index], report };
    checkTarget(item, spot, targets, platforms);
    if (platforms.includes(item.platform)) targets.push(targetOf(item, spot));
  }
  const settings: Settings = {
    targets,
    people: Object.entries(people ?? {}).map(([login, members]) => ({
      login: login.toLowerCase(),
      members: members.map(clean),
      place: placeOf(document, ["people", login]),
    })),
    notify: (notify ?? []).map(({ type, url, secret, events }, index) => ({
      type,
      url: variableName(url),
      ...(secret === undefined ? {} : { secret: variableName(secret) }),
      events: events ?? EVENTS,
      place: placeOf(document, ["notify", index]),
    })),
    schedule: { poll: schedule?.poll ?? "*/2 * * * *", drift: schedule?.drift ?? "7 * * * *" },
    reviews: { overdue: "keep", escalateDays: 7, remind: "0 7 * * *", ...reviews },
  };
  const leftOut = list.filter(({ platform }) => !platforms.includes(platform)).map(({ name }) => name);
  return { settings, leftOut, findings: [...findings, ...checkSettings(settings, document)] };
}

interface Spot {
  readonly document: PolicyDocument;
  readonly path: DocumentPath;
  readonly report: (finding: Finding) => void;
}

function missing(file: string): Finding {
  const place = { file, line: 1, column: 1 };
  const message = "The file holds no Settings document";
  return { severity: "error", code: "missing-settings", message, place, hint: "Begin it with kind: Settings." };
}

function targetOf(item: TargetDocument, { document, path }: Spot): Target {
  const { name, platform, url, organization, credentials, options, environments, drift, limits, owners } = item;
  return {
    name,
    platform,
    url: url.replace(/\/+$/, ""),
    organization,
    credentials: Object.fromEntries(Object.entries(credentials).map(([part, name]) => [part, variableName(name)])),
    ...(options ? { options } : {}),
    ...(environments ? { environments: environments.map(clean) } : {}),
    drift: drift ?? "report",
    limits: {
      target: { ...TARGET_LIMIT, ...limits?.target },
      group: { ...GROUP_LIMIT, ...limits?.group },
      scope: { ...SCOPE_LIMIT, ...limits?.scope },
      owners: { ...OWNERS_LIMIT, ...limits?.owners },
    },
    owners: owners ?? [],
    minimumOwners: item.minimumOwners ?? 1,
    breakGlass: item.breakGlass ?? [],
    approvers: item.approvers ?? [],
    timeZone: item.timeZone !== undefined && isTimeZone(item.timeZone) ? item.timeZone : "UTC",
    warnDays: item.warnDays ?? 14,
    approvals: { escalating: 1, reducing: 1, neutral: 1, weakening: 1, ...item.approvals },
    scopeOwners: item.scopeOwners ?? {},
    freeze: (item.freeze ?? []).map(
      (window, index): Freeze => ({ ...window, place: placeOf(document, [...path, "freeze", index]) }),
    ),
    place: placeOf(document, path),
  };
}

function checkTarget(item: TargetDocument, spot: Spot, before: readonly Target[], platforms: readonly string[]): void {
  const error = (code: string, message: string, step: DocumentPath, hint: { readonly hint?: string }) =>
    spot.report({ severity: "error", code, message, place: placeOf(spot.document, [...spot.path, ...step]), ...hint });
  if (!TARGET_NAME.test(item.name)) {
    const hint = "It is a folder and part of a Git reference: lower-case letters, digits and hyphens.";
    error("invalid-target-name", `"${item.name}" cannot be the name of a target`, ["name"], { hint });
  }
  if (isReservedName(item.name)) {
    const hint = `Give it another name: ${RESERVED_NAMES.join(", ")} are folders of their own.`;
    error("reserved-target-name", `"${item.name}" cannot be the name of a target`, ["name"], { hint });
  }
  const first = before.find(({ name }) => name === item.name);
  if (first) {
    const message = `Target "${item.name}" is declared twice; first in ${describePlace(first.place)}`;
    error("duplicate-target", message, ["name"], { hint: "Give it a name of its own." });
  }
  const same = before.find((target) => target.name !== item.name && isSameTarget(target, item));
  if (same) {
    const message = `Target "${item.name}" manages the same as target "${same.name}" in ${describePlace(same.place)}`;
    const hint = "Keep one of them: what one target's files leave out, the other's would bring back.";
    error("same-target", message, ["organization"], { hint });
  }
  if (!platforms.includes(item.platform)) {
    const suggestion = nearest(item.platform, platforms);
    const hint = suggestion === undefined ? { hint: `There are ${platforms.join(", ")}.` } : didYouMean(suggestion);
    error("unknown-platform", `There is no platform "${item.platform}"`, ["platform"], hint);
  }
  if (item.timeZone !== undefined && !isTimeZone(item.timeZone)) {
    const suggestion = nearest(item.timeZone, timeZones());
    const hint = suggestion === undefined ? { hint: "Write it as Pacific/Auckland." } : didYouMean(suggestion);
    error("unknown-time-zone", `There is no time zone "${item.timeZone}"`, ["timeZone"], hint);
  }
  checkUrl(item.url, spot);
  for (const [part, variable] of Object.entries(item.credentials)) {
    if (variableName(variable) !== NO_VARIABLE) continue;
    const message = `Credential "${part}" is not the name of an environment variable`;
    const hint = "Put the value into an environment variable and its name here; if a secret stood here, replace it.";
    error("invalid-credential", message, ["credentials", part], { hint });
  }
}

/** Whether a name is that of a folder which is no target's. */
export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.includes(name);
}

function isSameTarget(target: Target, { platform, url, organization }: TargetDocument): boolean {
  return (
    target.platform === platform &&
    target.organization === organization &&
    comparableUrl(target.url) === comparableUrl(url)
  );
}

/** A URL in its normal form, without the slashes at its end. */
function comparableUrl(text: string): string {
  return (URL.canParse(text) ? new URL(text).href : text).replace(/\/+$/, "");
}

function checkUrl(text: string, { document, path, report }: Spot): void {
  const place = placeOf(document, [...path, "url"]);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    const hint = "Write the base URL of the API: https://host/path.";
    report({ severity: "error", code: "invalid-url", message: '"url" is not an http or https URL', place, hint });
  } else if (url.username !== "" || url.password !== "") {
    const hint = "Name environment variables under credentials; replace the secret that stood here.";
    report({ severity: "error", code: "credentials-in-url", message: '"url" contains credentials', place, hint });
  } else if (url.search !== "" || url.hash !== "") {
    const message = '"url" has a query or a fragment, which a base URL cannot have';
    report({ severity: "error", code: "invalid-url", message, place, hint: "Remove what follows the path." });
  } else if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    const message = '"url" is not encrypted, so the credentials can be read on the way';
    report({ severity: "warning", code: "insecure-url", message, place, hint: "Use https." });
  }
}

/** Whether a URL's host is this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
