// The cells of the map of people by scope: its columns' names, each person's row, and the levels in it.
import { type MapCell, type Matrix, shownName } from "./matrix.ts";
import { RiskBadge } from "./parts.tsx";
import type { PersonView, Review } from "./review.ts";
import type { useVirtual } from "./virtual.ts";
import { count } from "./words.ts";

interface ShownProps {
  readonly review: Review;
  readonly matrix: Matrix;
  readonly across: ReturnType<ReturnType<typeof useVirtual>["getVirtualItems"]>;
  /** Pixels. */
  readonly names: number;
  readonly width: number;
  readonly active: readonly [number, number];
  readonly open: (row: number, column: number) => void;
}

export function MapHead({
  matrix: { people, columns },
  across,
  names,
  width,
  several,
}: ShownProps & { several: boolean }) {
  return (
    <div role="rowgroup" class="map-head" style={{ width: px(width) }}>
      <div role="row" aria-rowindex={1}>
        <div role="columnheader" aria-colindex={1} class="map-corner" style={{ width: px(names) }}>
          {count(people.length, "person", "people")}
        </div>
        {across.map(({ index, start, size }) => (
          <div
            key={index}
            role="columnheader"
            aria-colindex={index + 2}
            class="map-column"
            title={`${columns[index]?.target ?? ""}: ${columns[index]?.scope ?? ""}`}
            style={{ left: px(start), width: px(size) }}
          >
            {several ? <span class="map-target">{columns[index]?.target}</span> : null}
            <span class="map-scope">{columns[index]?.scope}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

interface MapRowProps extends ShownProps {
  readonly person: PersonView;
  readonly index: number;
  readonly top: number;
}

export function MapRow({ review, matrix, across, names, width, active, open, person, index, top }: MapRowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      class="map-row"
      style={{ transform: `translateY(${px(top)})`, width: px(width) }}
    >
      <NameCell
        person={person}
        id={`map-${index}--1`}
        width={names}
        active={isAt(active, index, -1)}
        open={() => open(index, -1)}
      />
      {across.map((item) => (
        <LevelCell
          key={item.index}
          id={`map-${index}-${item.index}`}
          column={item.index}
          left={item.start}
          width={item.size}
          cell={matrix.at(person, item.index)}
          review={review}
          active={isAt(active, index, item.index)}
          open={() => open(index, item.index)}
        />
      ))}
    </div>
  );
}

interface NameCellProps {
  readonly person: PersonView;
  readonly id: string;
  readonly width: number;
  readonly active: boolean;
  readonly open: () => void;
}

function NameCell({ person, id, width, active, open }: NameCellProps) {
  return (
    <div
      role="rowheader"
      id={id}
      aria-colindex={1}
      class={`map-name ${active ? "active" : ""}`}
      style={{ width: px(width) }}
      title={person.member}
      onClick={open}
    >
      <span class="clip">{shownName(person)}</span>
      {person.risk === "high" || person.risk === "critical" ? <RiskBadge level={person.risk} /> : null}
    </div>
  );
}

interface LevelCellProps {
  readonly id: string;
  readonly column: number;
  readonly left: number;
  readonly width: number;
  readonly cell: MapCell | undefined;
  readonly review: Review;
  readonly active: boolean;
  readonly open: () => void;
}

function LevelCell({ id, column, left, width, cell, review, active, open }: LevelCellProps) {
  const place = { left: px(left), width: px(width) };
  const shared = { role: "gridcell", id, "aria-colindex": column + 2, style: place } as const;
  if (!cell)
    return (
      <div {...shared} class={`map-cell none ${active ? "active" : ""}`}>
        <span class="unseen">nothing</span>
      </div>
    );
  const level = review.text(review.rows.level[cell.row] ?? -1) ?? "";
  const owner = cell.owner ? ", owner-equivalent" : "";
  return (
    <div
      {...shared}
      class={`map-cell shade-${cell.shade} ${active ? "active" : ""}`}
      title={`${level}: ${count(cell.grants, "grant")}${owner}`}
      onClick={open}
    >
      <span class="clip">{level}</span>
      {cell.owner ? (
        <span class="map-owner">
          <span aria-hidden="true">◆</span>
          <span class="unseen">{owner}</span>
        </span>
      ) : null}
      <span class="map-bar" aria-hidden="true" />
    </div>
  );
}

function isAt([row, column]: readonly [number, number], atRow: number, atColumn: number): boolean {
  return row === atRow && column === atColumn;
}

export function px(value: number): string {
  return `${value}px`;
}
