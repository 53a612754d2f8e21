// One figure's way through the reviews, as a line without an axis: it begins at zero, so that small changes look small.
import { area, curveMonotoneX, line } from "d3-shape";

const WIDTH = 240;
const HEIGHT = 48;
const EDGE = 3;

export function Line({ values }: { values: readonly number[] }) {
  const top = Math.max(1, ...values);
  const x = (index: number) => EDGE + (index * (WIDTH - 2 * EDGE)) / Math.max(1, values.length - 1);
  const y = (value: number) => HEIGHT - EDGE - (value * (HEIGHT - 2 * EDGE)) / top;
  const points = values.map((value, index): [number, number] => [x(index), y(value)]);
  const last = points.at(-1) ?? [EDGE, HEIGHT];
  return (
    <svg class="line" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="below" d={area().curve(curveMonotoneX).y0(HEIGHT)(points) ?? ""} />
      <path class="along" d={line().curve(curveMonotoneX)(points) ?? ""} vector-effect="non-scaling-stroke" />
      <path class="now" d={`M${last.join(" ")}h0`} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
