// The table of all grants: found, filtered and ordered as somebody types, and drawn only as far as it is on the screen. On a phone each
// grant is a small card of its own.
import { useMemo, useRef, useState } from "preact/hooks";
import { Filters } from "./filters.tsx";
import { shadeOf, shownName } from "./matrix.ts";
import { useNavigation } from "./navigation.ts";
import { Day, RiskBadge } from "./parts.tsx";
import type { Review } from "./review.ts";
import { selectRows } from "./select.ts";
import { useMedia } from "./theme.ts";
import type { Sort } from "./view.ts";
import { useVirtual } from "./virtual.ts";
import { count, number, reasonName } from "./words.ts";

export interface Heading {
  readonly sort: Sort;
  readonly title: string;
}

export const HEADINGS: readonly Heading[] = [
  { sort: "risk", title: "Risk" },
  { sort: "person", title: "Person" },
  { sort: "resource", title: "What" },
  { sort: "level", title: "Level" },
  { sort: "scope", title: "Where" },
  { sort: "through", title: "Through" },
  { sort: "since", title: "Since" },
  { sort: "until", title: "Until" },
];

export const NARROW = "(max-width: 64rem)";

export function Grants({ review }: { review: Review }) {
  const { view } = useNavigation();
  const search = useRef<HTMLInputElement>(null);
  const selected = useMemo(
    () => selectRows(review, view),
    [
      review,
      view.search,
      view.who,
      view.target,
      view.scope,
      view.level,
      view.risk,
      view.why,
      view.group,
      view.drift,
      view.sort,
      view.descending,
    ],
  );
  const found =
    selected.length === review.count
      ? count(review.count, "grant")
      : `${number(selected.length)} of ${count(review.count, "grant")}`;
  return (
    <section class="card grants" aria-label="All grants">
      <Filters review={review} search={search} />
      <p role="status" class="found">
        {found}
      </p>
      {selected.length === 0 ? (
        <p class="quiet nothing">Nothing fits. Take a filter away, or search for less.</p>
      ) : (
        <Table review={review} selected={selected} />
      )}
      <p class="quiet keys-hint">
        <kbd>/</kbd> to search, <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Page</kbd> <kbd>Home</kbd> <kbd>End</kbd> to move,{" "}
        <kbd>Enter</kbd> to see the person
      </p>
    </section>
  );
}

interface TableProps {
  readonly review: Review;
  readonly selected: Int32Array;
}

function Table({ review, selected }: TableProps) {
  const { go } = useNavigation();
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useMedia(NARROW);
  const [size, head] = narrow ? [112, 0] : [52, 40];
  const [active, setActive] = useState(0);
  const at = Math.min(active, selected.length - 1);
  const virtual = useVirtual({
    count: selected.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    paddingStart: head,
    scrollPaddingStart: head,
    overscan: 10,
    getItemKey: (index) => `${narrow} ${index}`,
  });
  const open = (index: number) => {
    setActive(index);
    const person = review.persons[review.personOf[selected[index] ?? 0] ?? 0];
    if (person) go((view) => ({ ...view, person: person.member }));
  };
  const keys = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 500) / size) - 1);
    const next = movedTo(event.key, at, page, selected.length - 1);
    if (next !== undefined) {
      setActive(next);
      virtual.scrollToIndex(next);
    } else if (event.key === "Enter" || event.key === " ") open(at);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={scroller}
      class={`grid ${narrow ? "narrow" : ""}`}
      role="grid"
      tabIndex={0}
      aria-label="Grants"
      aria-rowcount={selected.length + 1}
      aria-colcount={HEADINGS.length + 1}
      aria-activedescendant={`grant-${at}`}
      onKeyDown={keys}
    >
      <Head />
      <div role="rowgroup" class="grid-body" style={{ height: `${virtual.getTotalSize() - head}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <GrantRow
            key={index}
            review={review}
            row={selected[index] ?? 0}
            index={index}
            top={start - head}
            height={size}
            active={index === at}
            open={open}
          />
        ))}
      </div>
    </div>
  );
}

function Head() {
  const { view, go } = useNavigation();
  const orders = (sort: Sort) =>
    go((before) => ({
      ...before,
      sort,
      descending: before.sort === sort ? !before.descending : sort === "risk" || sort === "level",
    }));
  return (
    <div role="rowgroup" class="grid-head">
      <div role="row" class="grid-row" aria-rowindex={1}>
        {HEADINGS.map(({ sort, title }) => (
          <div
            key={sort}
            role="columnheader"
            aria-sort={view.sort === sort ? (view.descending ? "descending" : "ascending") : "none"}
          >
            <button type="button" class="sort" onClick={() => orders(sort)}>
              {title}
            </button>
          </div>
        ))}
        <div role="columnheader">Why</div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly review: Review;
  readonly row: number;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly active: boolean;
  readonly open: (index: number) => void;
}

function GrantRow({ review, row, index, top, height, active, open }: RowProps) {
  const shown = grantOf(review, row);
  return (
    <div
      role="row"
      id={`grant-${index}`}
      aria-rowindex={index + 2}
      aria-selected={active}
      class={`grid-row ${active ? "active" : ""}`}
      style={{ transform: `translateY(${top}px)`, height: `${height}px` }}
      onClick={() => open(index)}
    >
      <div role="gridcell" class="c-risk">
        <RiskBadge level={review.level(row)} />
      </div>
      <div role="gridcell" class="c-person" title={shown.member}>
        <span class="clip strong">{shown.name}</span>
        {shown.name === shown.member ? null : <span class="clip quiet small">{shown.member}</span>}
      </div>
      <div role="gridcell" class="c-what" title={shown.resource}>
        <span class="two-lines">{shown.resource}</span>
      </div>
      <div role="gridcell" class="c-level">
        <span class={`level shade-${shown.shade} clip`}>{shown.level}</span>
      </div>
      <div role="gridcell" class="c-where" title={`${shown.target}: ${shown.scope}`}>
        <span class="clip">{shown.scope}</span>
        {shown.target === "" ? null : <span class="clip quiet small">{shown.target}</span>}
      </div>
      <div role="gridcell" class="c-through" title={shown.through.join(", ")}>
        <span class={shown.through.length > 1 ? "clip" : "two-lines"}>{shown.through[0]}</span>
        {shown.through.length > 1 ? (
          <span class="clip quiet small">{`and ${shown.through.length - 1} more`}</span>
        ) : null}
      </div>
      <div role="gridcell" class="c-since number">
        {shown.since === null ? <span class="quiet">unknown</span> : <Day at={shown.since} />}
      </div>
      <div role="gridcell" class="c-until number">
        {shown.until === undefined ? <span class="quiet">–</span> : <Day at={shown.until} />}
      </div>
      <div role="gridcell" class="c-why" title={shown.reasons.map(({ text }) => text).join("\n")}>
        <span class="two-lines">{shown.concerns.join(" · ")}</span>
      </div>
    </div>
  );
}

/** A row's cells as texts. */
export function grantOf(review: Review, row: number) {
  const { rows, packed } = review;
  const said = (column: Int32Array) => review.text(column[row] ?? -1) ?? "";
  const person = review.persons[review.personOf[row] ?? 0];
  const member = said(rows.member);
  const strength = (rows.strength[row] ?? 0) / 100;
  const reasons = review.reasons(row);
  return {
    member,
    name: person ? shownName(person) : member,
    resource: said(rows.resource),
    scope: said(rows.scope),
    level: said(rows.level),
    shade: shadeOf(strength),
    target: packed.targets.length > 1 ? (packed.targets[rows.target[row] ?? 0]?.name ?? "") : "",
    through: [...new Set(review.paths(row).map(({ group, role }) => group ?? role ?? "directly"))],
    since: review.provenance(rows.provenance[row] ?? 0).since,
    until: review.text(rows.until[row] ?? -1),
    reasons,
    /** What the reasons are called, each once. */
    concerns: [...new Set(reasons.map(({ code }) => reasonName(code)))],
  };
}

function movedTo(key: string, at: number, page: number, last: number): number | undefined {
  const clamp = (index: number) => Math.max(0, Math.min(last, index));
  switch (key) {
    case "ArrowDown":
      return clamp(at + 1);
    case "ArrowUp":
      return clamp(at - 1);
    case "PageDown":
      return clamp(at + page);
    case "PageUp":
      return clamp(at - page);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
