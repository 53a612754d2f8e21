// Where a check of what governs all targets stands, and the findings that several of those checks have in common. It reads no
// document by itself.
import { type DocumentPath, type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { didYouMean } from "./hint.ts";

export interface Spot {
  readonly document: PolicyDocument;
  /** Names of the targets in the settings. */
  readonly targets: readonly string[] | undefined;
  readonly report: (finding: Finding) => void;
}

export function reportError(
  { document, report }: Spot,
  path: DocumentPath,
  code: string,
  message: string,
  hint?: string,
): void {
  report({ severity: "error", code, message, place: placeOf(document, path), ...(hint === undefined ? {} : { hint }) });
}

/** That a name is one of a target, where the targets are known. */
export function checkTarget(spot: Spot, name: string, path: DocumentPath): void {
  const { targets } = spot;
  if (!targets || targets.includes(name)) return;
  const suggestion = nearest(name, targets);
  const { hint } = suggestion === undefined ? { hint: `There are ${targets.join(", ")}.` } : didYouMean(suggestion);
  reportError(spot, path, "unknown-target", `There is no target "${name}" in the settings`, hint);
}
