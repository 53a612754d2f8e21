// How somebody comes by what they hold, as a picture: person -> group -> role -> permission, as wide as there are grants. What is too much
// for a picture is drawn as one band; the list beside it says all of it.
import { type SankeyGraph, sankey, sankeyJustify, sankeyLinkHorizontal } from "d3-sankey";
import type { PathView, PersonView, Review } from "./review.ts";

export interface FlowNode {
  readonly id: string;
  readonly layer: number;
  readonly label: string;
  /** 0 to 1, of a permission's level. */
  readonly strength: number;
}

export interface FlowLink {
  readonly source: string;
  readonly target: string;
  readonly value: number;
}

export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly links: readonly FlowLink[];
}

/** Of each layer, what a picture has room for; the last of them stands for all others. */
const MOST = [1, 12, 16, 24];

export const DIRECT = "held directly";
export const NO_ROLE = "by itself";

/** One band for each way of each grant. */
export function flowOf(review: Review, person: PersonView): Flow {
  const ways = [...waysOf(review, person)];
  const kept = MOST.map((most, layer) => mostOf(ways, layer, most));
  const nodes = new Map<string, FlowNode>();
  const links = new Map<string, { source: string; target: string; value: number }>();
  for (const { steps, strength } of ways) {
    const ids = steps.map((label, layer) => {
      const shown = kept[layer]?.has(label) ? label : `${others(ways, layer, kept[layer])} others`;
      const id = `${layer} ${shown}`;
      const before = nodes.get(id);
      nodes.set(id, { id, layer, label: shown, strength: Math.max(strength, before?.strength ?? 0) });
      return id;
    });
    for (const [at, target] of ids.entries()) {
      const source = ids[at - 1];
      if (source === undefined) continue;
      const key = `${source}\n${target}`;
      const link = links.get(key) ?? { source, target, value: 0 };
      link.value++;
      links.set(key, link);
    }
  }
  return { nodes: [...nodes.values()], links: [...links.values()] };
}

interface Way {
  /** Labels: the person, the group, the role, the permission. */
  readonly steps: readonly string[];
  readonly strength: number;
}

function* waysOf(review: Review, person: PersonView): Generator<Way> {
  const several = person.accounts.length > 1;
  for (const row of review.rowsOf(person.index)) {
    const target = review.packed.targets[review.rows.target[row] ?? 0]?.name ?? "";
    const within = (label: string) => (several ? `${target}: ${label}` : label);
    const level = review.text(review.rows.level[row] ?? -1) ?? "";
    const resource = review.text(review.rows.resource[row] ?? -1) ?? "";
    const strength = (review.rows.strength[row] ?? 0) / 100;
    for (const path of review.paths(row))
      yield {
        steps: [
          person.member,
          within(path.group ?? DIRECT),
          path.role ?? NO_ROLE,
          `${resource}: ${path.level ?? level}`,
        ],
        strength: path.level === undefined ? strength : 0,
      };
  }
}

function mostOf(ways: readonly Way[], layer: number, most: number): ReadonlySet<string> {
  const counts = new Map<string, { strength: number; count: number }>();
  for (const { steps, strength } of ways) {
    const label = steps[layer] ?? "";
    const found = counts.get(label) ?? { strength: 0, count: 0 };
    counts.set(label, { strength: Math.max(strength, found.strength), count: found.count + 1 });
  }
  if (counts.size <= most) return new Set(counts.keys());
  const ranked = [...counts].sort(([, a], [, b]) => b.strength - a.strength || b.count - a.count);
  return new Set(ranked.slice(0, most - 1).map(([label]) => label));
}

function others(ways: readonly Way[], layer: number, kept: ReadonlySet<string> | undefined): number {
  return new Set(ways.flatMap(({ steps }) => (kept?.has(steps[layer] ?? "") ? [] : [steps[layer]]))).size;
}

export interface PlacedNode extends FlowNode {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

export interface PlacedLink {
  readonly key: string;
  readonly path: string;
  readonly width: number;
  readonly strength: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly links: readonly PlacedLink[];
}

/** So far apart are the middles of two labels at least. */
const LINE = 20;
const NODE = 12;
const TOP = 6;

/** `labels`: what the last layer's texts need to the right of it. */
export function drawFlow(flow: Flow, width: number, labels: number): Picture {
  const layers = [0, 1, 2, 3].map((layer) => flow.nodes.filter((node) => node.layer === layer).length);
  const height = Math.max(150, Math.max(...layers) * (LINE + 10) + 2 * TOP);
  if (flow.nodes.length === 0) return { width, height: 0, nodes: [], links: [] };
  const layout = sankey<FlowNode, FlowLink>()
    .nodeId(({ id }) => id)
    .nodeAlign(sankeyJustify)
    .nodeWidth(NODE)
    .nodePadding(LINE)
    .nodeSort(undefined)
    .extent([
      [0, TOP],
      [width - labels, height - TOP],
    ]);
  const graph: SankeyGraph<FlowNode, FlowLink> = layout({
    nodes: flow.nodes.map((node) => ({ ...node })),
    links: flow.links.map((link) => ({ ...link })),
  });
  const line = sankeyLinkHorizontal<FlowNode, FlowLink>();
  return {
    width,
    height,
    nodes: graph.nodes.map(({ id, layer, label, strength, x0 = 0, x1 = 0, y0 = 0, y1 = 0 }) => {
      return { id, layer, label, strength, x0, x1, y0, y1 };
    }),
    links: graph.links.map((link, index) => ({
      key: String(index),
      path: line(link) ?? "",
      width: Math.max(1, link.width ?? 1),
      strength: strengthOf(link.target),
    })),
  };
}

/** The layout puts the node itself in the place of its id. */
function strengthOf(target: FlowLink["target"] | FlowNode): number {
  return typeof target === "object" && target.layer === 3 ? target.strength : 0;
}

/** Group, role and permissions of a person, in words. */
export interface FlowLine {
  readonly group: string;
  readonly roles: readonly { readonly role: string; readonly gives: readonly string[] }[];
}

/** The whole flow as nested lists, for whoever does not look at pictures. */
export function linesOf(review: Review, person: PersonView): FlowLine[] {
  const several = person.accounts.length > 1;
  const groups = new Map<string, Map<string, Map<string, string[]>>>();
  for (const row of review.rowsOf(person.index)) {
    const target = review.packed.targets[review.rows.target[row] ?? 0]?.name ?? "";
    const scope = review.text(review.rows.scope[row] ?? -1) ?? "";
    for (const path of review.paths(row)) {
      const group = `${several ? `${target}: ` : ""}${path.group ?? DIRECT}`;
      const gives = nested(nested(groups, group), path.role ?? NO_ROLE);
      listed(gives, givenBy(review, row, path)).push(scope);
    }
  }
  return [...groups].map(([group, roles]) => ({
    group,
    roles: [...roles].map(([role, gives]) => ({
      role,
      gives: [...gives].map(([what, scopes]) => `${what} in ${scopes.join(", ")}`),
    })),
  }));
}

function givenBy(review: Review, row: number, path: PathView): string {
  const resource = review.text(review.rows.resource[row] ?? -1) ?? "";
  return `${resource}: ${path.level ?? review.text(review.rows.level[row] ?? -1) ?? ""}`;
}

function nested<K, I, V>(map: Map<K, Map<I, V>>, key: K): Map<I, V> {
  const found = map.get(key) ?? new Map<I, V>();
  map.set(key, found);
  return found;
}

function listed<K, V>(map: Map<K, V[]>, key: K): V[] {
  const found = map.get(key) ?? [];
  map.set(key, found);
  return found;
}
