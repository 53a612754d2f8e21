// What the page of a campaign's evidence shows of each entry, in words, and what it all comes to. Escapes nothing.
import type { CampaignStart, DecidedEntry, ProvedEntry } from "../model/campaign.ts";
import { decisionText } from "../model/decision.ts";
import type { CampaignDecided, CampaignProof, EvidenceAbout } from "../model/evidence.ts";

export interface ShownEvidence {
  readonly start: CampaignStart;
  readonly decided: CampaignDecided;
  readonly proof: CampaignProof;
  readonly about: EvidenceAbout;
  /** Path -> SHA-256 of the other files. */
  readonly digests: Readonly<Record<string, string>>;
}

export interface EvidenceRow {
  readonly target: string;
  readonly member: string;
  readonly through: readonly string[];
  readonly gives: readonly string[];
  readonly decision: string;
  readonly justification: string;
  /** Empty where nobody decided. */
  readonly who: string;
  /** ISO 8601, UTC: when it was approved; empty where nobody did. */
  readonly at: string;
  readonly result: ProvedEntry["result"] | undefined;
  /** What the platform says of it, in words. */
  readonly proved: string;
  /** Whether that is what was decided. */
  readonly held: boolean;
  readonly receipt: string;
  /** What was decided; `vanished` where there was nothing left to decide. */
  readonly kind: "changed" | "kept" | "vanished";
  readonly byDefault: boolean;
  /** Gone before it was decided, and held by now. */
  readonly again: boolean;
}

/** In the campaign's order. */
export function evidenceRows({ start, decided, proof }: ShownEvidence): EvidenceRow[] {
  const decisions = new Map(decided.entries.map((one) => [one.entry, one]));
  const proved = new Map(proof.entries.map((one) => [one.entry, one]));
  const made = new Map(proof.made.map((one) => [one.entry, one]));
  return start.entries.map(({ id, target, member, groups, roles, gives }): EvidenceRow => {
    const [one, by, { result, again = false } = {}] = [decisions.get(id), made.get(id), proved.get(id)];
    return {
      ...{ target, member, through: [...groups, ...roles], gives },
      decision: one ? decisionText(one.decision) : "gone before it was decided",
      justification: one?.justification ?? "",
      who: whoDecided(one),
      at: one?.approval?.at ?? "",
      result,
      proved:
        result === undefined
          ? "not proved"
          : `${PROVED[result]}${again ? ", and held again: nobody reviewed that" : ""}`,
      held: result !== undefined && result !== "still-there",
      receipt: by === undefined ? "" : (by.receipt ?? "gone before it was applied"),
      kind: one === undefined ? "vanished" : one.decision.decision === "keep" ? "kept" : "changed",
      byDefault: one?.by === "default",
      again,
    };
  });
}

function whoDecided(one: DecidedEntry | undefined): string {
  if (one === undefined) return "nobody";
  return one.by === "default" ? "nobody, by default" : one.who;
}

const PROVED: Readonly<Record<ProvedEntry["result"], string>> = {
  gone: "gone",
  reduced: "reduced",
  ends: "ends",
  kept: "kept",
  vanished: "gone before",
  "still-there": "still there",
};

export interface EvidenceFigure {
  readonly figure: number;
  readonly name: string;
  readonly alarming?: boolean;
}

/** How many of what; what is zero and no cause for alarm by it is left out. */
export function figuresOfEvidence(rows: readonly EvidenceRow[]): EvidenceFigure[] {
  const count = (fits: (row: EvidenceRow) => boolean) => rows.filter(fits).length;
  const is = (result: ProvedEntry["result"]) => (row: EvidenceRow) => row.result === result;
  const unproved = count(({ held }) => !held);
  const figures: readonly EvidenceFigure[] = [
    { figure: rows.length, name: "entries" },
    { figure: count(is("kept")), name: "kept" },
    { figure: count(is("gone")), name: "taken away" },
    { figure: count(is("reduced")), name: "reduced" },
    { figure: count(is("ends")), name: "with an end" },
    { figure: count(is("vanished")), name: "gone before" },
    { figure: count(({ byDefault }) => byDefault), name: "by default", alarming: true },
    { figure: count(({ again }) => again), name: "held again, unreviewed", alarming: true },
    { figure: unproved, name: "not as decided", alarming: true },
  ];
  return figures.filter(({ figure }, index) => index === 0 || figure > 0);
}
