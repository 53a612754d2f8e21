// What became of access from review to review: the figures as lines, and every grant that is new, gone or at another level.
import { useMemo, useState } from "preact/hooks";
import type { PackedChanges } from "../model/review-page.ts";
import { useNavigation } from "./navigation.ts";
import { Card, Day, Nothing } from "./parts.tsx";
import { cell, type Review } from "./review.ts";
import { FIGURES } from "./tiles.tsx";
import { Line } from "./trend-line.tsx";
import { day, number } from "./words.ts";

export function History({ review }: { review: Review }) {
  return (
    <>
      <Trends review={review} />
      <Changes review={review} />
    </>
  );
}

function Trends({ review }: { review: Review }) {
  const { trends } = review.packed;
  if (trends.length < 2)
    return (
      <Card title="Through the reviews">
        <Nothing>This is the first review: lines are drawn from the second on.</Nothing>
      </Card>
    );
  const [first, last] = [trends[0], trends.at(-1)];
  return (
    <Card
      title="Through the reviews"
      note={`${trends.length - 1} past reviews and this report, ${day(first?.at ?? "")} to ${day(last?.at ?? "")}.`}
    >
      <ul class="trends">
        {FIGURES.map(({ key, name }) => {
          const values = trends.map(({ figures }) => figures[key]);
          return (
            <li key={key}>
              <span class="name">{name}</span>
              <span class="value">{number(values.at(-1) ?? 0)}</span>
              <Line values={values} />
              <span class="range quiet">
                <span>{number(values[0] ?? 0)}</span>
                <span>{`${number(Math.min(...values))} to ${number(Math.max(...values))}`}</span>
              </span>
            </li>
          );
        })}
      </ul>
      <TrendTable review={review} />
    </Card>
  );
}

function TrendTable({ review: { packed } }: { review: Review }) {
  return (
    <details>
      <summary>As a table</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label="Figures by review">
        <table>
          <thead>
            <tr>
              <th scope="col">Review</th>
              <th scope="col">Day</th>
              {FIGURES.map(({ key, name }) => (
                <th key={key} scope="col" class="number">
                  {name}
                </th>
              ))}
              <th scope="col" class="number">
                Revoked
              </th>
            </tr>
          </thead>
          <tbody>
            {packed.trends.map(({ review, at, figures, revoked }) => (
              <tr key={at}>
                <th scope="row">{review === "" ? "this report" : review}</th>
                <td>
                  <Day at={at} />
                </td>
                {FIGURES.map(({ key }) => (
                  <td key={key} class="number">
                    {number(figures[key])}
                  </td>
                ))}
                <td class="number">{review === "" ? "" : number(revoked)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

type Kind = "new" | "gone" | "other";

const KIND_NAMES: Readonly<Record<Kind, string>> = { new: "New", gone: "Gone", other: "Another level" };

/** More lines than these are drawn when somebody asks for them. */
const STEP = 100;

function Changes({ review }: { review: Review }) {
  const { changes } = review.packed;
  const [kind, setKind] = useState<Kind | "">("");
  const [most, setMost] = useState(STEP);
  const kinds = useMemo(() => changes?.member.map((_, at) => kindOf(changes, at)) ?? [], [changes]);
  if (!changes)
    return (
      <Card title="Since the last review">
        <Nothing>There is no earlier review on the ledger to compare with.</Nothing>
      </Card>
    );
  const chosen = [...kinds.keys()].filter((at) => kind === "" || kinds[at] === kind);
  return (
    <Card
      title={`Since ${changes.review}`}
      note={<Day at={changes.at} />}
      aside={
        <fieldset class="switch">
          <legend class="unseen">Which changes</legend>
          {(["", "new", "gone", "other"] as const).map((one) => (
            <button key={one} type="button" aria-pressed={kind === one} onClick={() => setKind(one)}>
              {one === "" ? "All" : KIND_NAMES[one]}
              <span class="size">
                {number(one === "" ? kinds.length : kinds.filter((found) => found === one).length)}
              </span>
            </button>
          ))}
        </fieldset>
      }
    >
      {chosen.length === 0 ? <Nothing>Nothing of that.</Nothing> : null}
      <ul class="lines columns">
        {chosen.slice(0, most).map((at) => (
          <ChangeLine key={at} review={review} changes={changes} at={at} />
        ))}
      </ul>
      {chosen.length > most ? (
        <button type="button" class="link all" onClick={() => setMost(most + 10 * STEP)}>
          {`Show more of ${number(chosen.length)}`}
        </button>
      ) : null}
    </Card>
  );
}

function kindOf(changes: PackedChanges, at: number): Kind {
  if (cell(changes.before, at) < 0) return "new";
  return cell(changes.after, at) < 0 ? "gone" : "other";
}

interface ChangeLineProps {
  readonly review: Review;
  readonly changes: PackedChanges;
  readonly at: number;
}

export function ChangeLine({ review, changes, at }: ChangeLineProps) {
  const { go } = useNavigation();
  const said = (column: readonly number[]) => review.text(cell(column, at)) ?? "";
  const kind = kindOf(changes, at);
  const [before, after] = [said(changes.before), said(changes.after)];
  const person = review.personNamed(said(changes.member));
  return (
    <li>
      <span class="first">
        {person ? (
          <button type="button" class="person-name" onClick={() => go((view) => ({ ...view, person: person.member }))}>
            {person.name === "" ? person.member : person.name}
          </button>
        ) : (
          <span>{said(changes.member)}</span>
        )}
        <span class="what quiet">
          {`${said(changes.resource)} in ${said(changes.scope)}: `}
          {kind === "other" ? `${before} → ${after}` : kind === "new" ? after : before}
        </span>
      </span>
      <span class={`change ${kind}`}>{KIND_NAMES[kind]}</span>
    </li>
  );
}
