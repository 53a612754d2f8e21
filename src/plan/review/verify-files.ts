// Whether a campaign's evidence is the files that its manifest names, byte for byte, nothing missing and nothing more, and whether they
// can be read at all. What they say is judged beside this file.
import { createHash } from "node:crypto";
import type { CampaignStart, RevokedGrant } from "../../model/campaign.ts";
import type {
  CampaignDecided,
  CampaignProof,
  EvidenceAbout,
  EvidenceFile,
  EvidenceManifest,
} from "../../model/evidence.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import type { Receipt } from "../../model/receipt.ts";
import type { ReviewReport } from "../../model/review.ts";

export const MANIFEST = "manifest.json";
export const PAGE = "evidence.html";

/** What an apply's start has that evidence rests on. */
export interface EvidencedStart {
  readonly target: string;
  readonly commit: string;
  readonly startedAt: string;
  readonly digest: string;
  readonly plan: { readonly changes?: readonly EvidencedChange[] };
}

export interface EvidencedChange {
  readonly id: string;
  readonly key: string;
  readonly action: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Everything that the evidence says. */
export interface ReadEvidence {
  readonly definition: unknown;
  readonly start: CampaignStart;
  readonly decided: CampaignDecided;
  readonly approvals: CampaignDecided["approvals"];
  readonly proof: CampaignProof;
  readonly report: ReviewReport;
  readonly revoked: readonly RevokedGrant[];
  readonly about: EvidenceAbout;
  /** By their path in the folder. */
  readonly receipts: ReadonlyMap<string, Receipt>;
  readonly starts: ReadonlyMap<string, EvidencedStart>;
}

/** SHA-256 of a text's bytes, in hex. */
export function sha256Of(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The manifest of all other files. */
export function manifestOf(id: string, files: readonly EvidenceFile[]): EvidenceManifest {
  const digests = files
    .filter(({ path }) => path !== MANIFEST)
    .map(({ path, text }) => [path, sha256Of(text)] as const);
  return { version: 1, id, files: Object.fromEntries(digests.sort((a, b) => compareText(a[0], b[0]))) };
}

/** An error about the evidence. */
export function wrong(code: string, message: string, key: string, hint = TAMPERED): Finding {
  return { severity: "error", code, message, key, hint };
}

const TAMPERED = "Take the evidence from the ledger again: rolebook review verify ID.";

/** Compares the files with the manifest. */
export function checkManifest(files: readonly EvidenceFile[]): { readonly id: string; readonly findings: Finding[] } {
  const byPath = new Map(files.map(({ path, text }) => [path, text]));
  const manifest = parse<EvidenceManifest>(byPath.get(MANIFEST));
  if (!manifest || typeof manifest.id !== "string" || manifest.files === null || typeof manifest.files !== "object")
    return { id: "", findings: [wrong("evidence-unreadable", `There is no ${MANIFEST} that can be read`, MANIFEST)] };
  const findings: Finding[] = [];
  for (const [path, digest] of Object.entries(manifest.files)) {
    const text = byPath.get(path);
    if (text === undefined) findings.push(wrong("evidence-file-missing", `${path} is missing`, path));
    else if (sha256Of(text) !== digest)
      findings.push(wrong("evidence-file-changed", `${path} is not what the manifest says`, path));
  }
  for (const { path } of files)
    if (path !== MANIFEST && !Object.hasOwn(manifest.files, path))
      findings.push(wrong("evidence-file-added", `${path} is not in the manifest`, path));
  return { id: manifest.id, findings };
}

/** Reads the files; a text instead is the path of one that is missing or no JSON of its kind. */
export function readEvidence(files: readonly EvidenceFile[]): ReadEvidence | string {
  const byPath = new Map(files.map(({ path, text }) => [path, text]));
  const read: Record<string, unknown> = {};
  for (const name of NAMES) {
    const value = parse<unknown>(byPath.get(`${name}.json`));
    if (value === undefined || value === null || typeof value !== "object") return `${name}.json`;
    for (const key of LISTS[name])
      if (!Array.isArray((value as Readonly<Record<string, unknown>>)[key])) return `${name}.json`;
    read[name] = value;
  }
  for (const name of ["approvals", "revoked"] as const) if (!Array.isArray(read[name])) return `${name}.json`;
  const receipts = new Map<string, Receipt>();
  const starts = new Map<string, EvidencedStart>();
  for (const { path, text } of files) {
    if (!path.startsWith("receipts/")) continue;
    const value = parse<Receipt & EvidencedStart>(text);
    if (!value) return path;
    if (path.endsWith("-start.json")) starts.set(path, value);
    else if (Array.isArray(value.outcomes)) receipts.set(path, value);
    else return path;
  }
  // Safe as far as it goes: what is not there is an error of the check that asks for it.
  return { ...(read as unknown as Omit<ReadEvidence, "receipts" | "starts">), receipts, starts };
}

const LISTS = {
  definition: [],
  start: ["entries", "rows"],
  decided: ["entries", "vanished", "approvals"],
  approvals: [],
  proof: ["entries", "made", "renamed"],
  report: ["rows", "targets"],
  revoked: [],
  about: ["receipts"],
} as const;
const NAMES = Object.keys(LISTS) as (keyof typeof LISTS)[];

/** What a text says if it says it once: of two values of one key people see both, and programs one, and not all the same. */
function parse<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as T;
    const bare = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, kept: string | undefined) => kept ?? "");
    return bare === JSON.stringify(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
