// Counts by group and by scope: each name leads to its grants.
import { useMemo, useState } from "preact/hooks";
import type { PackedCounts } from "../model/review-page.ts";
import { useNavigation } from "./navigation.ts";
import { Card, Nothing } from "./parts.tsx";
import { cell, type Review } from "./review.ts";
import { only, type View } from "./view.ts";
import { number } from "./words.ts";

export function Counts({ review }: { review: Review }) {
  const { packed } = review;
  return (
    <div class="pair">
      <CountTable
        review={review}
        title="Groups"
        counts={packed.groups}
        to={(view, target, group) => only(view, { target, group })}
      />
      <CountTable
        review={review}
        title="Scopes"
        counts={packed.scopes}
        to={(view, target, scope) => only(view, { target, scope })}
      />
    </div>
  );
}

const COLUMNS = [
  ["people", "People"],
  ["grants", "Grants"],
  ["ownerEquivalent", "Owner-equivalent"],
  ["highRisk", "High risk"],
] as const;

type By = "name" | (typeof COLUMNS)[number][0];

interface CountTableProps {
  readonly review: Review;
  readonly title: string;
  readonly counts: PackedCounts;
  readonly to: (view: View, target: string, name: string) => View;
}

/** More rows than these are drawn when somebody asks for them. */
const FIRST = 200;

function CountTable({ review, title, counts, to }: CountTableProps) {
  const { go } = useNavigation();
  const [by, setBy] = useState<By>("grants");
  const [all, showAll] = useState(false);
  const several = review.packed.targets.length > 1;
  const order = useMemo(() => sortCounts(counts, by), [counts, by]);
  const shown = all ? order : order.slice(0, FIRST);
  return (
    <Card title={title} aside={<span class="size">{number(order.length)}</span>}>
      {order.length === 0 ? <Nothing>None.</Nothing> : null}
      <div class="scroll" tabIndex={0} role="group" aria-label={title}>
        <table class="counts">
          <thead>
            <tr>
              <SortHead name="name" title={title === "Groups" ? "Group" : "Scope"} by={by} setBy={setBy} />
              {COLUMNS.map(([name, text]) => (
                <SortHead key={name} name={name} title={text} by={by} setBy={setBy} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((at) => {
              const target = review.packed.targets[cell(counts.target, at)]?.name ?? "";
              const name = review.text(cell(counts.name, at)) ?? "";
              return (
                <tr key={at}>
                  <th scope="row">
                    <button type="button" class="link" onClick={() => go((view) => to(view, target, name))}>
                      {name}
                    </button>
                    {several ? <span class="quiet"> {target}</span> : null}
                  </th>
                  {COLUMNS.map(([column]) => (
                    <td key={column} class={`number ${counts[column][at] === 0 ? "quiet" : ""}`}>
                      {number(counts[column][at] ?? 0)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {shown.length < order.length ? (
        <button type="button" class="link all" onClick={() => showAll(true)}>
          {`Show all ${number(order.length)}`}
        </button>
      ) : null}
    </Card>
  );
}

interface SortHeadProps {
  readonly name: By;
  readonly title: string;
  readonly by: By;
  readonly setBy: (by: By) => void;
}

function SortHead({ name, title, by, setBy }: SortHeadProps) {
  return (
    <th
      scope="col"
      class={name === "name" ? "" : "number"}
      aria-sort={by === name ? (name === "name" ? "ascending" : "descending") : undefined}
    >
      <button type="button" class="sort" onClick={() => setBy(name)}>
        {title}
      </button>
    </th>
  );
}

/** By name as the report has them, or the most first. */
function sortCounts(counts: PackedCounts, by: By): number[] {
  const order = [...counts.name.keys()];
  return by === "name" ? order : order.sort((a, b) => (counts[by][b] ?? 0) - (counts[by][a] ?? 0) || a - b);
}
