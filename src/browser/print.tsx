// What is printed: no long list that is drawn only where somebody looks, but the figures, the summaries and the chosen grants as plain
// tables, whole up to a bound that the paper says.
import { render } from "preact";
import { grantOf } from "./grants.tsx";
import { RiskBadge } from "./parts.tsx";
import type { Review } from "./review.ts";
import { selectRows } from "./select.ts";
import { FIGURES } from "./tiles.tsx";
import { FILTERS, type View } from "./view.ts";
import { count, day, minute, number } from "./words.ts";

/** About forty pages. */
const MOST = 1500;

/** Puts the printed page in place when somebody prints, and takes it away afterwards. */
export function preparePrinting(review: Review, viewNow: () => View): void {
  const sheet = document.createElement("div");
  sheet.className = "paper";
  document.body.append(sheet);
  const fill = () => render(<Paper review={review} view={viewNow()} />, sheet);
  const empty = () => render(null, sheet);
  addEventListener("beforeprint", fill);
  addEventListener("afterprint", empty);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? fill() : empty()));
}

function Paper({ review, view }: { review: Review; view: View }) {
  const { packed } = review;
  const selected = selectRows(review, view);
  const filters = FILTERS.filter((name) => view[name] !== "").map((name) => `${name} ${view[name]}`);
  return (
    <>
      <h1>Access review</h1>
      <p>
        {`${minute(packed.at)}. ${packed.targets.map(({ name, title, commit }) => `${name} (${title}${commit === null ? "" : `, commit ${commit.slice(0, 12)}`})`).join("; ")}. ${packed.tool}.`}
      </p>
      <table class="paper-figures">
        <tbody>
          <tr>
            {FIGURES.map(({ key, name }) => (
              <td key={key}>
                <strong>{number(packed.trends.at(-1)?.figures[key] ?? 0)}</strong>
                <span>{name}</span>
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      <PaperPeople review={review} />
      <h2>{`Grants: ${filters.length === 0 ? "all" : filters.join(", ")}`}</h2>
      <p>
        {selected.length > MOST
          ? `The first ${number(MOST)} of ${count(selected.length, "grant")}. Filter to print fewer, or take the CSV for all of them.`
          : `${count(selected.length, "grant")}.`}
      </p>
      <table class="paper-grants">
        <thead>
          <tr>
            {["Risk", "Person", "What", "Level", "Where", "Through", "Since", "Until", "Why"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...selected.subarray(0, MOST)].map((row) => (
            <PaperRow key={row} review={review} row={row} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function PaperRow({ review, row }: { review: Review; row: number }) {
  const shown = grantOf(review, row);
  return (
    <tr>
      <td>
        <RiskBadge level={review.level(row)} />
      </td>
      <td>{shown.member}</td>
      <td>{shown.resource}</td>
      <td>{shown.level}</td>
      <td>{shown.target === "" ? shown.scope : `${shown.target}: ${shown.scope}`}</td>
      <td>{shown.through.join(", ")}</td>
      <td>{shown.since === null ? "" : day(shown.since)}</td>
      <td>{shown.until === undefined ? "" : day(shown.until)}</td>
      <td>{shown.concerns.join(", ")}</td>
    </tr>
  );
}

/** So many people of each summary. */
const PEOPLE = 15;

function PaperPeople({ review }: { review: Review }) {
  const most = review.persons.toSorted((a, b) => b.weight - a.weight || a.index - b.index);
  const owners = most.filter(({ owner }) => owner);
  return (
    <div class="paper-pair">
      {[["Who can do the most", most] as const, ["Owner-equivalent", owners] as const].map(([title, people]) => (
        <div key={title}>
          <h2>{people.length > PEOPLE ? `${title}: ${PEOPLE} of ${number(people.length)}` : title}</h2>
          <ol>
            {people.slice(0, PEOPLE).map(({ member, grants, risk }) => (
              <li key={member}>{`${member}, ${count(grants, "grant")}, ${risk} risk`}</li>
            ))}
          </ol>
          {people.length === 0 ? <p>Nobody.</p> : null}
        </div>
      ))}
    </div>
  );
}
