// Words for people: numbers, days, and what the codes of a report are called on the page.
import type { RiskLevel } from "../model/review.ts";

const NUMBERS = new Intl.NumberFormat("en-GB");

export function number(value: number): string {
  return NUMBERS.format(value);
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `23 Nov 2026`, in UTC; a text that is no date comes back as it is. */
export function day(text: string): string {
  const found = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
  const month = MONTHS[Number(found?.[2]) - 1];
  return found && month ? `${Number(found[3])} ${month} ${found[1]}` : text;
}

/** `23 Nov 2026, 09:14 UTC`. */
export function minute(text: string): string {
  const found = /^\d{4}-\d\d-\d\dT(\d\d:\d\d)/.exec(text);
  return found ? `${day(text)}, ${found[1]} UTC` : day(text);
}

const DAY = 86_400_000;

/** `today`, `in 12 days`, `3 months ago`: how far from one instant to another; empty where either is none. */
export function away(from: string, to: string): string {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY);
  if (!Number.isFinite(days)) return "";
  if (days === 0) return "today";
  const [size, unit] =
    Math.abs(days) < 60
      ? [Math.abs(days), "day"]
      : Math.abs(days) < 730
        ? [Math.round(Math.abs(days) / 30.4), "month"]
        : [Math.round(Math.abs(days) / 365.25), "year"];
  return days > 0 ? `in ${count(size, unit)}` : `${count(size, unit)} ago`;
}

/** What a code of a reason is called. A code that is not known here is called what it is. */
export function reasonName(code: string): string {
  return REASONS[code] ?? code;
}

const REASONS: Readonly<Record<string, string>> = {
  "owner-equivalent": "Owner-equivalent",
  dormant: "Dormant",
  "never-active": "Never active",
  "no-second-factor": "No second factor",
  outlier: "Outlier",
  outlived: "Outlived",
  "not-in-git": "Not in Git",
  exception: "Exception",
  breach: "Breach",
  direct: "Direct",
  standing: "Standing",
  emergency: "Emergency",
  regranted: "Granted again",
};

export const RISK_NAMES: Readonly<Record<RiskLevel, string>> = {
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Critical",
};

export const DRIFT_NAMES: Readonly<Record<string, string>> = {
  any: "Any drift",
  extra: "No file says it",
  more: "More than files say",
};

/** No longer than so many characters, with the rest cut away. */
export function clip(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, Math.max(1, most - 1)).join("")}…`;
}
