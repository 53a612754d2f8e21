// What people look at first: the map, and a card for each question that a review begins with.
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { Findings } from "./findings.tsx";
import { HeatMap } from "./heat-map.tsx";
import { ChangeLine } from "./history.tsx";
import { useNavigation } from "./navigation.ts";
import { Card, Day, Nothing, PersonButton, RiskBadge } from "./parts.tsx";
import type { PersonView, Review } from "./review.ts";
import { filterRows } from "./select.ts";
import { only, START, type View } from "./view.ts";
import { away, count, number } from "./words.ts";

/** So many lines has a card. */
const LINES = 6;

export function Overview({ review }: { review: Review }) {
  return (
    <>
      <HeatMap review={review} />
      <div class="cards">
        <Most review={review} />
        <Owners review={review} />
        <RowsCard
          review={review}
          title="Held by nobody else in the same groups"
          filter={{ why: "outlier" }}
          none="Everybody holds what the others in their groups hold."
        />
        <Dormant review={review} />
        <RowsCard
          review={review}
          title="Outlived its reason"
          filter={{ why: "outlived" }}
          none="Nothing is past its end."
          end={(row) => {
            const until = review.text(review.rows.until[row] ?? -1);
            return until === undefined ? null : <Day at={until} />;
          }}
        />
        <RowsCard
          review={review}
          title="Not in Git"
          filter={{ why: "not-in-git" }}
          none="The files say everything that is there."
        />
        <Changes review={review} />
        <KeysCard review={review} />
        <Groups review={review} />
      </div>
      <Findings review={review} />
    </>
  );
}

/** A button that leads to all of what a card shows some of. */
function All({ total, shown, to }: { total: number; shown: number; to: (view: View) => View }) {
  const { go } = useNavigation();
  return total <= shown && total > 0 ? (
    <button type="button" class="link all" onClick={() => go(to)}>
      Show in the table
    </button>
  ) : total > shown ? (
    <button type="button" class="link all" onClick={() => go(to)}>
      {`Show all ${number(total)}`}
    </button>
  ) : null;
}

function Most({ review }: { review: Review }) {
  const { go } = useNavigation();
  const people = useMemo(() => review.persons.toSorted((a, b) => b.weight - a.weight || a.index - b.index), [review]);
  const top = people[0]?.weight ?? 1;
  return (
    <Card title="Who can do the most" note="The sum of all levels, each by its place in its ladder.">
      <ol class="bars">
        {people.slice(0, LINES).map((person) => (
          <li key={person.member}>
            <PersonButton person={person} />
            <span class="number quiet">{count(person.grants, "grant")}</span>
            <meter class="bar" min={0} max={top} value={person.weight} aria-label={`${person.weight} by level`} />
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="link all"
        onClick={() => go((view) => ({ ...view, map: "weight", tab: "overview" }))}
      >
        {`All ${number(people.length)} are on the map`}
      </button>
    </Card>
  );
}

function Owners({ review }: { review: Review }) {
  const owners = review.persons.filter(({ owner }) => owner);
  return (
    <PeopleCard
      title="Owner-equivalent"
      people={owners}
      none="Nobody could give themselves anything."
      note="They could give themselves anything."
      to={(view) => only(view, { why: "owner-equivalent" })}
      end={({ accounts }) => {
        const where = accounts
          .filter(({ owner }) => owner)
          .map(({ target }) => review.packed.targets[target]?.name ?? "");
        return where.join(", ");
      }}
    />
  );
}

function Dormant({ review }: { review: Review }) {
  const people = useMemo(() => {
    const rows = filterRows(review, { ...START, why: "dormant,never-active" });
    return [...new Set(rows.map((row) => review.personOf[row] ?? 0))].flatMap((index) => review.persons[index] ?? []);
  }, [review]);
  const told = review.packed.targets.some(({ tellsActivity }) => tellsActivity);
  return (
    <PeopleCard
      title="Dormant people"
      people={people}
      none={told ? "Everybody was active lately." : "The platform does not tell when people were active."}
      to={(view) => only(view, { why: "dormant,never-active" })}
      end={({ accounts }) => lastActiveOf(accounts, review.packed.at)}
    />
  );
}

function lastActiveOf(accounts: PersonView["accounts"], at: string): string {
  const told = accounts.flatMap(({ lastActive }) => (lastActive === undefined ? [] : [lastActive]));
  const last = told
    .filter((time) => time !== null)
    .sort()
    .at(-1);
  return last === undefined ? (told.length > 0 ? "never" : "") : away(at, last);
}

interface PeopleCardProps {
  readonly title: string;
  readonly people: readonly PersonView[];
  readonly none: string;
  readonly note?: string;
  readonly to: (view: View) => View;
  readonly end: (person: PersonView) => ComponentChildren;
}

function PeopleCard({ title, people, none, note, to, end }: PeopleCardProps) {
  return (
    <Card title={title} note={note} aside={<span class="size">{number(people.length)}</span>}>
      {people.length === 0 ? <Nothing>{none}</Nothing> : null}
      <ul class="lines">
        {people.slice(0, LINES).map((person) => (
          <li key={person.member}>
            <span class="first">
              <PersonButton person={person} />
            </span>
            <span class="end quiet">{end(person)}</span>
            <RiskBadge level={person.risk} />
          </li>
        ))}
      </ul>
      <All total={people.length} shown={LINES} to={to} />
    </Card>
  );
}

interface RowsCardProps {
  readonly review: Review;
  readonly title: string;
  readonly filter: Partial<View>;
  readonly none: string;
  readonly end?: (row: number) => ComponentChildren;
}

function RowsCard({ review, title, filter, none, end }: RowsCardProps) {
  const rows = useMemo(() => filterRows(review, { ...START, ...filter }), [review]);
  return (
    <Card title={title} aside={<span class="size">{number(rows.length)}</span>}>
      {rows.length === 0 ? <Nothing>{none}</Nothing> : null}
      <ul class="lines">
        {[...rows.subarray(0, LINES)].map((row) => (
          <li key={row}>
            <span class="first">
              <RowPerson review={review} row={row} />
              <span class="what quiet">{grantName(review, row)}</span>
            </span>
            <span class="end quiet">{end?.(row)}</span>
            <RiskBadge level={review.level(row)} />
          </li>
        ))}
      </ul>
      <All total={rows.length} shown={LINES} to={(view) => only(view, filter)} />
    </Card>
  );
}

function RowPerson({ review, row }: { review: Review; row: number }) {
  const person = review.persons[review.personOf[row] ?? 0];
  return person ? <PersonButton person={person} /> : null;
}

/** `Card template: edit in dev`. */
export function grantName(review: Review, row: number): string {
  const said = (column: Int32Array) => review.text(column[row] ?? -1) ?? "";
  return `${said(review.rows.resource)}: ${said(review.rows.level)} in ${said(review.rows.scope)}`;
}

function Changes({ review }: { review: Review }) {
  const { go } = useNavigation();
  const { changes } = review.packed;
  if (!changes)
    return (
      <Card title="Since the last review">
        <Nothing>There is no earlier review on the ledger.</Nothing>
      </Card>
    );
  const total = changes.member.length;
  return (
    <Card title="Since the last review" aside={<span class="size">{number(total)}</span>}>
      <p class="quiet note">
        {`${changes.review}, `}
        <Day at={changes.at} />
      </p>
      {total === 0 ? <Nothing>Nothing has changed.</Nothing> : null}
      <ul class="lines">
        {changes.member.slice(0, LINES).map((_, at) => (
          <ChangeLine key={at} review={review} changes={changes} at={at} />
        ))}
      </ul>
      {total > 0 ? (
        <button type="button" class="link all" onClick={() => go((view) => ({ ...view, tab: "history" }))}>
          {total > LINES ? `Show all ${number(total)}` : "Show the history"}
        </button>
      ) : null}
    </Card>
  );
}

function Groups({ review }: { review: Review }) {
  const { go } = useNavigation();
  const { groups, targets } = review.packed;
  const order = useMemo(
    () => [...groups.name.keys()].sort((a, b) => (groups.grants[b] ?? 0) - (groups.grants[a] ?? 0) || a - b),
    [groups],
  );
  return (
    <Card title="Groups that give the most" aside={<span class="size">{number(order.length)}</span>}>
      {order.length === 0 ? <Nothing>Nothing comes from groups.</Nothing> : null}
      <ul class="lines">
        {order.slice(0, LINES).map((at) => {
          const group = review.text(groups.name[at] ?? -1) ?? "";
          const target = targets[groups.target[at] ?? 0]?.name ?? "";
          return (
            <li key={at}>
              <span class="first">
                <button type="button" class="person-name" onClick={() => go((view) => only(view, { target, group }))}>
                  {group}
                </button>
              </span>
              <span class="end quiet number">{count(groups.people[at] ?? 0, "person", "people")}</span>
              <span class="end number">{count(groups.grants[at] ?? 0, "grant")}</span>
            </li>
          );
        })}
      </ul>
      {order.length > 0 ? (
        <button type="button" class="link all" onClick={() => go((view) => ({ ...view, tab: "groups" }))}>
          {order.length > LINES ? `Show all ${number(order.length)}` : "Show the groups"}
        </button>
      ) : null}
    </Card>
  );
}

function KeysCard({ review }: { review: Review }) {
  const { go } = useNavigation();
  const { keys } = review.packed;
  const oldest = useMemo(
    () => [...keys.name.keys()].sort((a, b) => (keys.ageDays[b] ?? -1) - (keys.ageDays[a] ?? -1) || a - b),
    [keys],
  );
  const total = oldest.length;
  return (
    <Card title="Keys by age" aside={<span class="size">{number(total)}</span>}>
      {total === 0 ? <Nothing>No keys were read.</Nothing> : null}
      <ul class="lines">
        {oldest.slice(0, LINES).map((at) => {
          const age = keys.ageDays[at] ?? -1;
          const concerns = review.list(keys.concerns[at] ?? 0).length;
          return (
            <li key={at}>
              <span class="first">{review.text(keys.name[at] ?? -1)}</span>
              <span class="end quiet number">{age < 0 ? "age not known" : count(age, "day")}</span>
              {concerns > 0 ? (
                <span class="risk medium">{count(concerns, "concern")}</span>
              ) : (
                <span class="risk low">Fine</span>
              )}
            </li>
          );
        })}
      </ul>
      {total > 0 ? (
        <button type="button" class="link all" onClick={() => go((view) => ({ ...view, tab: "keys" }))}>
          {total > LINES ? `Show all ${number(total)}` : "Show the keys"}
        </button>
      ) : null}
    </Card>
  );
}
