// Decisions that count and still look as if nobody had looked: everything kept faster than anybody reads, one justification for
// everything, recommendations passed over without a word. They are called out, and never refused.
import type { CampaignStart, DecidedEntry } from "../../model/campaign.ts";
import type { Finding } from "../../model/finding.ts";
import { keptAgainstAdvice } from "./check-decisions.ts";
import type { SoundLine } from "./check-lines.ts";

/** Fewer decisions than that tell nothing about anybody. */
const LEAST = 5;
/** Nobody reads an entry in less. */
const SECONDS_AN_ENTRY = 3;
/** Of those who decide within moments of each other, somebody decided at once on all of them. */
const TOGETHER_SECONDS = 60;

export interface Made {
  readonly line: SoundLine;
  readonly decided: DecidedEntry;
}

export function checkHabits(start: CampaignStart, made: readonly Made[]): Finding[] {
  const byPerson = new Map<string, Made[]>();
  for (const one of made) {
    const own = byPerson.get(one.decided.who);
    if (own) own.push(one);
    else byPerson.set(one.decided.who, [one]);
  }
  return [...byPerson].flatMap(([who, own]) => [
    ...blanket(start, who, own),
    ...copied(who, own),
    ...withoutWord(who, own),
  ]);
}

function blanket({ startedAt }: CampaignStart, who: string, made: readonly Made[]): Finding[] {
  const [first] = made;
  if (!first || made.length < LEAST || made.some(({ decided }) => decided.decision.decision !== "keep")) return [];
  const times = made.flatMap(({ decided }) => (decided.approval ? [Date.parse(decided.approval.at)] : []));
  const [earliest, latest] = [Math.min(...times), Math.max(...times)];
  const seconds = (latest - Date.parse(startedAt)) / 1000;
  if (seconds > made.length * SECONDS_AN_ENTRY || latest - earliest > TOGETHER_SECONDS * 1000) return [];
  const message = `${who} kept all ${made.length} entries within ${Math.max(0, Math.round(seconds))} seconds of the campaign's start`;
  const hint = "Ask whether anybody looked: a review that keeps everything at once is no evidence of one.";
  return [{ severity: "warning", code: "blanket-approval", message, place: first.line.line.place, hint }];
}

function copied(who: string, made: readonly Made[]): Finding[] {
  const texts = new Map<string, Made[]>();
  for (const one of made) {
    const text = one.decided.justification
      .toLowerCase()
      .replace(/[\s\p{P}]+/gu, " ")
      .trim();
    if (text === "") continue;
    const same = texts.get(text);
    if (same) same.push(one);
    else texts.set(text, [one]);
  }
  const justified = [...texts.values()].reduce((sum, same) => sum + same.length, 0);
  return [...texts.values()].flatMap((same): Finding[] => {
    const [first] = same;
    if (!first || same.length < LEAST || same.length * 2 <= justified) return [];
    const message = `${who} gave one justification for ${same.length} entries: "${first.decided.justification}"`;
    const hint = "Say of each why it is so, or say in what way they are alike.";
    return [{ severity: "warning", code: "copied-justification", message, place: first.line.line.place, hint }];
  });
}

function withoutWord(who: string, made: readonly Made[]): Finding[] {
  const some = made.filter(({ line, decided }) => keptAgainstAdvice(line, decided.decision));
  const [first] = some;
  if (!first) return [];
  const count = some.length === 1 ? "1 entry" : `${some.length} entries`;
  const message = `${who} kept ${count} against the recommendation, and does not say why`;
  const hint = `Say why in justification: of ${first.line.entry.member} first, since "${first.line.entry.because}".`;
  return [{ severity: "warning", code: "kept-without-reason", message, place: first.line.line.place, hint }];
}
