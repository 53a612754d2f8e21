// How campaigns stand, as JSON (schemas/output/review-status.json). It refuses to leave a property out.
import type { CampaignReport } from "../model/campaign-report.ts";
import { type FindingJson, findingToJson } from "./findings-json.ts";

export interface CampaignJson extends Omit<CampaignReport, "findings"> {
  readonly findings: readonly FindingJson[];
}

export interface CampaignsJson {
  readonly version: 1;
  readonly campaigns: readonly CampaignJson[];
}

/** As text, ending in a newline. */
export function renderCampaignsJson(reports: readonly CampaignReport[]): string {
  return `${JSON.stringify(campaignsToJson(reports), null, 2)}\n`;
}

export function campaignsToJson(reports: readonly CampaignReport[]): CampaignsJson {
  return {
    version: 1,
    campaigns: reports.map((report) => ({ ...report, findings: report.findings.map(findingToJson) })),
  };
}
