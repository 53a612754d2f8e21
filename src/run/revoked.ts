// What closed reviews took away, by the evidence on the ledger. Whoever may push can put anything there: what is no record is passed over.
import type { Ledger } from "../git/ledger.ts";
import { REVIEWS_FOLDER } from "../git/review-records.ts";
import type { RevokedGrant } from "../model/campaign.ts";
import { compareText } from "../model/finding.ts";

const REVOKED = /^reviews\/[^/]+\/evidence\/revoked\.json$/;
const TEXTS = ["review", "at", "target", "member", "resource", "scope", "level"] as const;

/** All of them, oldest first. */
export async function readRevoked(ledger: Ledger): Promise<RevokedGrant[]> {
  const paths = (await ledger.list(REVIEWS_FOLDER)).filter((path) => REVOKED.test(path));
  if (paths.length === 0) return [];
  const texts = await ledger.readAll(paths);
  return paths.flatMap((path) => grantsIn(texts.get(path) ?? "")).sort((a, b) => compareText(a.at, b.at));
}

function grantsIn(text: string): RevokedGrant[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(value) ? value.filter(isGrant) : [];
}

function isGrant(value: unknown): value is RevokedGrant {
  if (value === null || typeof value !== "object") return false;
  const record = value as Readonly<Record<string, unknown>>;
  return TEXTS.every((key) => typeof record[key] === "string") && !Number.isNaN(Date.parse(String(record.at)));
}
