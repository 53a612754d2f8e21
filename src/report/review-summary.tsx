// What a review's page says to whoever lets no script run: what was looked at, the figures, and the first of every summary, as plain
// tables. The whole is in the other formats.
import type { ComponentChildren } from "preact";
import type { ReviewFigures, ReviewPerson, ReviewReport, ReviewRow } from "../model/review.ts";
import { escapeTerminal } from "./escape.ts";
import { count, Section, Time, text } from "./status-parts.tsx";

/** So many of each: what fits on paper. */
const MOST = 50;

const FIGURES: readonly (readonly [keyof ReviewFigures, string])[] = [
  ["people", "People"],
  ["grants", "Grants"],
  ["ownerEquivalent", "Owner-equivalent"],
  ["dormant", "Dormant"],
  ["outliers", "Outliers"],
  ["outlived", "Outlived"],
  ["notInGit", "Not in Git"],
  ["highRisk", "High risk"],
  ["keys", "Keys"],
];

/** What the file is called at the top of a window. */
export function titleOf({ targets, at }: ReviewReport): string {
  return `Access review: ${targets.map(({ name }) => name).join(", ")}, ${at.slice(0, 10)}`;
}

export function ReviewSummary({ report }: { report: ReviewReport }) {
  const { people, rows, keys, figures, targets } = report;
  const having = (code: string) => rows.filter(({ risk }) => risk.reasons.some((reason) => reason.code === code));
  return (
    <main class="frame">
      <h1>Access review</h1>
      <p class="quiet">
        {targets.map(({ name, title }) => `${text(name)} (${text(title)})`).join(", ")}, as of <Time at={report.at} />,
        by {text(report.tool)}. Scripts are off: this is the summary; the table of all grants, the map and the search
        need them.
      </p>
      <Block id="figures" title="Figures" head={["What", "How many"]}>
        {FIGURES.map(([key, name]) => (
          <Cells key={key} cells={[name, String(figures[key])]} />
        ))}
      </Block>
      <People id="most" title="Who can do the most" people={people} />
      <People id="owners" title="Owner-equivalent" people={people.filter(({ ownerEquivalent }) => ownerEquivalent)} />
      <Rows id="outliers" title="Held by nobody else in the same groups" rows={having("outlier")} />
      <Rows id="dormant" title="Dormant" rows={[...having("dormant"), ...having("never-active")]} />
      <Rows id="outlived" title="Outlived its reason" rows={having("outlived")} />
      <Rows id="risks" title="Grants by risk" rows={rows} />
      <Block id="keys" title="Keys" head={["Target", "Key", "Owner", "Days old", "Concerns"]}>
        {keys.slice(0, MOST).map(({ target, name, owner, ageDays, concerns }) => (
          <Cells
            key={`${target} ${name}`}
            cells={[target, name, owner ?? "nobody", String(ageDays ?? "not known"), concerns.join("; ")]}
          />
        ))}
      </Block>
    </main>
  );
}

function People({ id, title, people }: { id: string; title: string; people: readonly ReviewPerson[] }) {
  return (
    <Block id={id} title={title} head={["Target", "Person", "Grants", "Risk"]} of={people.length}>
      {people.slice(0, MOST).map(({ target, member, grants, risk }) => (
        <Cells key={`${target} ${member}`} cells={[target, member, String(grants), risk]} />
      ))}
    </Block>
  );
}

function Rows({ id, title, rows }: { id: string; title: string; rows: readonly ReviewRow[] }) {
  return (
    <Block id={id} title={title} head={["Target", "Person", "What", "Where", "Level", "Risk"]} of={rows.length}>
      {rows.slice(0, MOST).map(({ id: row, target, member, resource, scope, level, risk }) => (
        <Cells key={row} cells={[target, member, resource, scope, level, risk.level]} />
      ))}
    </Block>
  );
}

interface BlockParts {
  readonly id: string;
  readonly title: string;
  readonly head: readonly string[];
  /** How many there are in all, where not all may be shown. */
  readonly of?: number;
  readonly children: ComponentChildren;
}

function Block({ id, title, head, of, children }: BlockParts) {
  return (
    <Section id={`summary-${id}`} title={title}>
      {of === 0 ? (
        <p class="quiet">None.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                {head.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
      {of !== undefined && of > MOST ? <p class="quiet">{`${count(of, "row")} in all; ${MOST} are shown.`}</p> : ""}
    </Section>
  );
}

function Cells({ cells }: { cells: readonly string[] }) {
  return (
    <tr>
      {cells.map((cell, index) => (
        <td key={index}>{escapeTerminal(cell)}</td>
      ))}
    </tr>
  );
}
