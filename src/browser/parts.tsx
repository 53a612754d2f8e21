// Small parts of all views: cards, badges, people to choose, days.
import type { ComponentChildren } from "preact";
import type { RiskLevel } from "../model/review.ts";
import { shownName } from "./matrix.ts";
import { useNavigation } from "./navigation.ts";
import type { PersonView } from "./review.ts";
import { day, RISK_NAMES } from "./words.ts";

/** What a level of risk looks like: a word, and a shape for whoever does not tell the colours apart. */
export function RiskBadge({ level }: { level: RiskLevel }) {
  return <span class={`risk ${level}`}>{RISK_NAMES[level]}</span>;
}

export function Day({ at }: { at: string }) {
  return <time dateTime={at}>{day(at)}</time>;
}

/** A person's name as a button that opens their page. */
export function PersonButton({ person }: { person: PersonView }) {
  const { go } = useNavigation();
  return (
    <button
      type="button"
      class="person-name"
      title={person.member}
      onClick={() => go((view) => ({ ...view, person: person.member }))}
    >
      {shownName(person)}
    </button>
  );
}

interface CardProps {
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, aside, note, wide = false, children }: CardProps) {
  return (
    <section class={`card ${wide ? "wide" : ""}`}>
      <div class="card-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {note === undefined ? null : <p class="quiet note">{note}</p>}
      {children}
    </section>
  );
}

export function Nothing({ children }: { children: ComponentChildren }) {
  return <p class="quiet nothing">{children}</p>;
}
