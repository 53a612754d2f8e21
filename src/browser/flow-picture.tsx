// The picture of a person's flow, and the same in words for whoever does not look at pictures.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { drawFlow, flowOf, linesOf, type Picture, type PlacedNode } from "./flow.ts";
import { shadeOf } from "./matrix.ts";
import type { PersonView, Review } from "./review.ts";
import { clip, count } from "./words.ts";

const LEAST = 680;
/** A letter of a label is about so wide. */
const LETTER = 6.6;
const LAYERS = ["Person", "Group", "Role", "Permission"];

export function FlowPicture({ review, person }: { review: Review; person: PersonView }) {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(LEAST);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      const inside = element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      setRoom(Math.max(LEAST, Math.floor(inside)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const labels = Math.round(room * 0.24);
  const flow = useMemo(() => flowOf(review, person), [review, person]);
  const picture = useMemo(() => drawFlow(flow, room, labels), [flow, room, labels]);
  if (flow.nodes.length === 0) return <p class="quiet">Nothing is held.</p>;
  const counts = [1, 2, 3].map((layer) => flow.nodes.filter((node) => node.layer === layer).length);
  const said = `${count(counts[0] ?? 0, "group")}, ${count(counts[1] ?? 0, "role")} and ${count(counts[2] ?? 0, "permission")}`;
  return (
    <>
      <div
        ref={box}
        class="scroll flow"
        tabIndex={0}
        role="group"
        aria-label="Flow from the person to what they may do"
      >
        <Drawing picture={picture} labels={labels} title={`${person.member}: ${said}; the list below says the same`} />
      </div>
      <details class="flow-words">
        <summary>The same in words</summary>
        <ul>
          {linesOf(review, person).map(({ group, roles }) => (
            <li key={group}>
              {group}
              <ul>
                {roles.map(({ role, gives }) => (
                  <li key={role}>
                    {role}
                    <ul>
                      {gives.map((line) => (
                        <li key={line}>{line}</li>
                      ))}
                    </ul>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

interface DrawingProps {
  readonly picture: Picture;
  readonly labels: number;
  readonly title: string;
}

const HEAD = 22;

function Drawing({ picture: { width, height, nodes, links }, labels, title }: DrawingProps) {
  const step = (width - labels) / 3;
  return (
    <svg
      width={width}
      height={height + HEAD}
      viewBox={`0 ${-HEAD} ${width} ${height + HEAD}`}
      role="img"
      aria-label={title}
    >
      {LAYERS.map((name, layer) => (
        <text key={name} class="layer" x={layer === 0 ? 0 : layer * step - (layer === 3 ? 12 : 6)} y={-8}>
          {name}
        </text>
      ))}
      {links.map(({ key, path, width: band, strength }) => (
        <path key={key} class={strength > 0 ? `band to-${shadeOf(strength)}` : "band"} d={path} stroke-width={band} />
      ))}
      {nodes.map((node) => (
        <Node key={node.id} node={node} room={node.layer === 3 ? labels - 24 : step - 36} />
      ))}
    </svg>
  );
}

function Node({ node: { layer, label, strength, x0, x1, y0, y1 }, room }: { node: PlacedNode; room: number }) {
  return (
    <g class={`node layer-${layer}`}>
      <title>{label}</title>
      <rect
        x={x0}
        y={y0}
        width={x1 - x0}
        height={Math.max(2, y1 - y0)}
        rx={2}
        class={layer === 3 ? `shade-${shadeOf(strength)}` : ""}
      />
      <text x={x1 + 6} y={(y0 + y1) / 2} dy="0.35em">
        {clip(label, Math.floor(room / LETTER))}
      </text>
    </g>
  );
}
