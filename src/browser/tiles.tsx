// The figures: each a button that leads to what it counts, with its way through past reviews.
import type { ReviewFigures, TrendPoint } from "../model/review.ts";
import { useNavigation } from "./navigation.ts";
import type { Review } from "./review.ts";
import { Line } from "./trend-line.tsx";
import { only, type View } from "./view.ts";
import { count, number } from "./words.ts";

export interface Figure {
  readonly key: keyof ReviewFigures;
  readonly name: string;
  /** What is counted, in a few words. */
  readonly of: string;
  readonly leadsTo: (view: View) => View;
  /** Nothing to worry about when there are more of them. */
  readonly neutral?: true;
}

export const FIGURES: readonly Figure[] = [
  {
    key: "people",
    name: "People",
    of: "with access",
    leadsTo: (view) => ({ ...view, tab: "overview", person: "" }),
    neutral: true,
  },
  { key: "grants", name: "Grants", of: "effective", leadsTo: (view) => only(view, {}), neutral: true },
  {
    key: "highRisk",
    name: "High risk",
    of: "high or critical",
    leadsTo: (view) => only(view, { risk: "high" }),
  },
  {
    key: "ownerEquivalent",
    name: "Owner-equivalent",
    of: "full control",
    leadsTo: (view) => only(view, { why: "owner-equivalent" }),
  },
  {
    key: "dormant",
    name: "Dormant",
    of: "long inactive",
    leadsTo: (view) => only(view, { why: "dormant,never-active" }),
  },
  {
    key: "outliers",
    name: "Outliers",
    of: "unlike their peers",
    leadsTo: (view) => only(view, { why: "outlier" }),
  },
  { key: "outlived", name: "Outlived", of: "past its end", leadsTo: (view) => only(view, { why: "outlived" }) },
  { key: "notInGit", name: "Not in Git", of: "no file says it", leadsTo: (view) => only(view, { why: "not-in-git" }) },
  {
    key: "keys",
    name: "Keys",
    of: "of programs",
    leadsTo: (view) => ({ ...view, tab: "keys", person: "" }),
    neutral: true,
  },
];

export function Tiles({ review }: { review: Review }) {
  const { trends } = review.packed;
  return (
    <section aria-label="Figures">
      <ul class="tiles">
        {FIGURES.map((figure) => (
          <Tile key={figure.key} figure={figure} trends={trends} of={ofWhat(figure, review)} />
        ))}
      </ul>
    </section>
  );
}

interface TileProps {
  readonly figure: Figure;
  readonly trends: readonly TrendPoint[];
  readonly of: string;
}

/** Somebody on two targets is counted on each, and looked at once. */
function ofWhat({ key, of }: Figure, { packed: { targets }, persons }: Review): string {
  if (key !== "people" || targets.length < 2) return of;
  return `accounts of ${count(persons.length, "person", "people")}`;
}

function Tile({ figure, trends, of }: TileProps) {
  const { view, go } = useNavigation();
  const values = trends.map(({ figures }) => figures[figure.key]);
  const now = values.at(-1) ?? 0;
  // What leads to a whole view filters nothing, and stays no pressed button.
  const pressed = figure.neutral ? undefined : isShown(view, figure.leadsTo(view));
  return (
    <li>
      <button
        type="button"
        class={`tile ${!figure.neutral && now > 0 ? "alarming" : ""}`}
        aria-pressed={pressed}
        onClick={() => go((before) => (pressed ? only(before, {}) : figure.leadsTo(before)))}
      >
        <span class="name">{figure.name}</span>
        <span class="value">{number(now)}</span>
        <span class="of">{of}</span>
        {values.length > 1 ? (
          <>
            <Difference before={values.at(-2) ?? now} now={now} />
            <Line values={values} />
          </>
        ) : null}
      </button>
    </li>
  );
}

/** Whether the view is what a tile leads to, whatever it is ordered by. */
function isShown(view: View, wanted: View): boolean {
  const { sort, descending, map, person, ...rest } = view;
  return Object.entries(rest).every(([name, value]) => wanted[name as keyof typeof rest] === value);
}

function Difference({ before, now }: { before: number; now: number }) {
  if (before === now) return <span class="difference">no change</span>;
  const more = now > before;
  return (
    <span class="difference">
      {`${more ? "▲" : "▼"} ${number(Math.abs(now - before))}`}
      <span class="unseen">{more ? " more than at the last review" : " fewer than at the last review"}</span>
    </span>
  );
}
