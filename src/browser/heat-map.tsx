// People by scope, each cell with the highest level held there: the darker the higher, with the level's own name and a bar in it, so that
// nobody needs to see the colour. Only what is on the screen is drawn, down and across.
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { MapHead, MapRow, px } from "./map-cells.tsx";
import { type Matrix, openMatrix } from "./matrix.ts";
import { useNavigation } from "./navigation.ts";
import { Card, Nothing } from "./parts.tsx";
import type { Review } from "./review.ts";
import { useMedia } from "./theme.ts";
import { MAP_SORTS, type MapSort, only } from "./view.ts";
import { useVirtual } from "./virtual.ts";

const ROW = 40;
const HEAD = 52;

const SORT_NAMES: Readonly<Record<MapSort, string>> = {
  weight: "who can do the most",
  risk: "risk",
  name: "name",
};

export function HeatMap({ review }: { review: Review }) {
  const { view, go } = useNavigation();
  const [target, setTarget] = useState("");
  const matrix = useMemo(() => openMatrix(review, target, view.map), [review, target, view.map]);
  const { targets } = review.packed;
  return (
    <Card
      wide
      title="People by scope"
      note="The highest level each person holds in each place. Press a cell to see the grants behind it, a name to see the person."
      aside={
        <div class="card-tools">
          {targets.length > 1 ? (
            <label class="pick">
              <span>Target</span>
              <select value={target} onChange={({ currentTarget }) => setTarget(currentTarget.value)}>
                <option value="">all</option>
                {targets.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
          <label class="pick">
            <span>Order</span>
            <select
              value={view.map}
              onChange={({ currentTarget }) => {
                const map = MAP_SORTS.find((name) => name === currentTarget.value) ?? "weight";
                go((before) => ({ ...before, map }));
              }}
            >
              {MAP_SORTS.map((name) => (
                <option key={name} value={name}>
                  {SORT_NAMES[name]}
                </option>
              ))}
            </select>
          </label>
        </div>
      }
    >
      {matrix.people.length === 0 ? (
        <Nothing>Nobody holds anything.</Nothing>
      ) : (
        <MapGrid
          key={`${target} ${view.map}`}
          review={review}
          matrix={matrix}
          several={targets.length > 1 && target === ""}
        />
      )}
      <Legend />
    </Card>
  );
}

interface GridProps {
  readonly review: Review;
  readonly matrix: Matrix;
  /** Columns of several targets. */
  readonly several: boolean;
}

function MapGrid({ review, matrix, several }: GridProps) {
  const { go } = useNavigation();
  const scroller = useRef<HTMLDivElement>(null);
  const { people, columns } = matrix;
  const { rows, across, names } = useExtent(scroller, people.length, columns.length);
  /** Row and column of the cell that keys move from; column -1 is the name. */
  const [active, setActive] = useState<readonly [number, number]>([0, -1]);
  const open = (row: number, at: number) => {
    setActive([row, at]);
    const person = people[row];
    const place = columns[at];
    if (!person) return;
    if (place === undefined) return go((view) => ({ ...view, person: person.member }));
    if (matrix.at(person, at))
      go((view) => only(view, { who: person.member, target: place.target, scope: place.scope }));
  };
  const keys = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / ROW) - 2);
    const moved = movedTo(event, active, { rows: people.length, columns: columns.length, page });
    if (moved) {
      const next = [clamp(moved[0], 0, people.length - 1), clamp(moved[1], -1, columns.length - 1)] as const;
      setActive(next);
      rows.scrollToIndex(next[0]);
      if (next[1] >= 0) across.scrollToIndex(next[1]);
    } else if (event.key === "Enter" || event.key === " ") open(...active);
    else return;
    event.preventDefault();
  };
  const width = across.getTotalSize();
  const shown = { review, matrix, across: across.getVirtualItems(), names, width, active, open };
  return (
    <div
      ref={scroller}
      class="map"
      role="grid"
      tabIndex={0}
      aria-label="People by scope"
      aria-rowcount={people.length + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={`map-${active[0]}-${active[1]}`}
      onKeyDown={keys}
    >
      <MapHead {...shown} several={several} />
      <div role="rowgroup" class="map-body" style={{ height: px(rows.getTotalSize() - HEAD), width: px(width) }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const person = people[index];
          return person ? (
            <MapRow key={person.member} {...shown} person={person} index={index} top={start - HEAD} />
          ) : null;
        })}
      </div>
    </div>
  );
}

/** How wide names and columns are, and which rows and columns are on the screen. */
function useExtent(scroller: RefObject<HTMLElement | null>, people: number, columns: number) {
  const narrow = useMedia("(max-width: 48rem)");
  const names = narrow ? 132 : 248;
  const column = useColumnWidth(scroller, names, columns, narrow ? 72 : 104);
  const rows = useVirtual({
    count: people,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    paddingStart: HEAD,
    scrollPaddingStart: HEAD,
    overscan: 6,
  });
  const across = useVirtual({
    count: columns,
    getScrollElement: () => scroller.current,
    estimateSize: () => column,
    paddingStart: names,
    scrollPaddingStart: names,
    horizontal: true,
    overscan: 3,
    getItemKey: (index) => `${column} ${index}`,
  });
  return { rows, across, names };
}

const WIDEST = 168;

/** Few columns share the room that there is. */
function useColumnWidth(
  scroller: RefObject<HTMLElement | null>,
  names: number,
  columns: number,
  least: number,
): number {
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    setRoom(element.clientWidth);
    return () => observer.disconnect();
  }, [scroller]);
  return Math.max(least, Math.min(WIDEST, Math.floor((room - names) / Math.max(1, columns))));
}

function Legend() {
  return (
    <ul class="legend" aria-label="Legend">
      <li>Level in its ladder:</li>
      {[1, 2, 3, 4, 5].map((shade) => (
        <li key={shade}>
          <span class={`map-cell shade-${shade}`}>
            <span class="map-bar" />
          </span>
          {shade === 1 ? "lowest" : shade === 5 ? "highest" : ""}
        </li>
      ))}
      <li>
        <span aria-hidden="true">◆</span> owner-equivalent
      </li>
    </ul>
  );
}

interface Extent {
  readonly rows: number;
  readonly columns: number;
  readonly page: number;
}

/** Where a key leads from a cell; undefined for keys that do not move. */
function movedTo(
  event: KeyboardEvent,
  [row, column]: readonly [number, number],
  { rows, columns, page }: Extent,
): [number, number] | undefined {
  const far = event.ctrlKey || event.metaKey;
  switch (event.key) {
    case "ArrowDown":
      return [row + 1, column];
    case "ArrowUp":
      return [row - 1, column];
    case "ArrowRight":
      return [row, column + 1];
    case "ArrowLeft":
      return [row, column - 1];
    case "PageDown":
      return [row + page, column];
    case "PageUp":
      return [row - page, column];
    case "Home":
      return far ? [0, -1] : [row, -1];
    case "End":
      return far ? [rows - 1, columns - 1] : [row, columns - 1];
    default:
      return undefined;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
