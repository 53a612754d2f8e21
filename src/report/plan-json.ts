// A plan as JSON (schemas/output/plan.json): the stable, versioned shape that other tools read. It refuses to say where
// entities stand in files, so that moving one to another file does not change a byte; only findings and proposals,
// which are about lines of files, name them.
import type { Action, Change, Effect, EntityView, Origin } from "../model/change.ts";
import type { Value } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { AccessChange, AccessGroup, Path } from "../model/grant.ts";
import type { Deed, Discrepancy, Drifted, Plan, PlanSummary, Proposal, Weakening } from "../model/plan.ts";
import { type FindingJson, findingToJson } from "./findings-json.ts";
import { headText, inChunks, listText, rawListText, TAIL } from "./json-pieces.ts";

export interface ChangeJson {
  readonly id: string;
  readonly action: Action;
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  readonly origin: Origin;
  readonly effect: Effect;
  readonly before: EntityView | null;
  readonly after: EntityView | null;
  readonly blockedBy: readonly string[];
}

/** One member, resource and scope. */
export interface AccessJson extends AccessChange {
  readonly member: string;
}

/** `null` is an attribute that is absent in that state. */
export interface ThreeWayJson {
  readonly attribute: string;
  readonly base: Value | null;
  readonly want: Value | null;
  readonly live: Value | null;
}

export interface DiscrepancyJson {
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  readonly shape: Discrepancy["shape"];
  readonly attributes: readonly ThreeWayJson[];
}

export interface DriftJson extends DiscrepancyJson {
  readonly mode: Drifted["mode"];
  readonly effect: Effect;
  /** Only where it was asked: null when the platform's log tells nothing of it. */
  readonly by?: Deed | null;
}

export interface WeakeningJson {
  readonly id: string;
  readonly what: string;
  readonly owners: readonly string[];
  /** `escalating`: it gives access that no change shows. */
  readonly label: "weakening" | "escalating";
}

export interface ProposalJson {
  readonly kind: Proposal["kind"];
  readonly what: string;
  readonly file: string;
  readonly line: number;
  /** `rename-member`: the new name. */
  readonly to?: string;
}

export interface PlanJson {
  readonly version: 1;
  readonly target: string;
  readonly platform: string;
  readonly commit: string | null;
  readonly uncommitted: boolean;
  readonly base: string | null;
  readonly digest: string;
  readonly refused: boolean;
  readonly effect: Effect;
  readonly nonEscalating: boolean;
  readonly summary: PlanSummary;
  readonly weakens: readonly WeakeningJson[];
  readonly changes: readonly ChangeJson[];
  /** Sorted by member, resource, scope. */
  readonly access: readonly AccessJson[];
  readonly drift: readonly DriftJson[];
  readonly conflicts: readonly DiscrepancyJson[];
  readonly unmanaged: readonly { readonly kind: string; readonly key: string; readonly name: string }[];
  readonly proposals: readonly ProposalJson[];
  readonly waivers: readonly string[];
  readonly findings: readonly FindingJson[];
}

/** The whole plan as one value. For plans of many people, `writePlanJson` needs less memory. */
export function planToJson(plan: Plan): PlanJson {
  return {
    ...headOf(plan),
    weakens: plan.weakens.map(weakeningToJson),
    changes: plan.changes.map(changeToJson),
    access: [...accessOf(plan.access)].map(([member, change]) => ({ member, ...changeRow(change) })),
    drift: plan.drift.map(driftToJson),
    conflicts: plan.conflicts.map(discrepancyToJson),
    unmanaged: plan.unmanaged.map(({ kind, key, name }) => ({ kind, key, name })),
    proposals: plan.proposals.map(proposalToJson),
    waivers: [...plan.waivers],
    findings: plan.findings.map(findingToJson),
  };
}

/** The same plan as text, in chunks: a line for each property and for each element of a list, a newline at the end. */
export function writePlanJson(plan: Plan): Generator<string> {
  return inChunks(piecesOf(plan));
}

function* piecesOf(plan: Plan): Generator<string> {
  yield* headText(headOf(plan));
  yield* listText("weakens", plan.weakens, weakeningToJson);
  yield* listText("changes", plan.changes, changeToJson);
  yield* rawListText("access", accessTexts(plan.access));
  yield* listText("drift", plan.drift, driftToJson);
  yield* listText("conflicts", plan.conflicts, discrepancyToJson);
  yield* listText("unmanaged", plan.unmanaged, ({ kind, key, name }) => ({ kind, key, name }));
  yield* listText("proposals", plan.proposals, proposalToJson);
  yield* listText("waivers", plan.waivers, (name) => name);
  yield* listText("findings", plan.findings, findingToJson);
  yield TAIL;
}

function headOf(plan: Plan) {
  const { target, platform, commit, uncommitted, base, digest, refused, effect, nonEscalating, summary } = plan;
  const { create, update, delete: remove, unmanaged, drift, conflicts, gaining, losing } = summary;
  const counts = { create, update, delete: remove, unmanaged, drift, conflicts, gaining, losing };
  const labels = { digest, refused, effect, nonEscalating };
  return { version: 1, target, platform, commit, uncommitted, base, ...labels, summary: counts } as const;
}

/** Every member with each of their changes, sorted by member, resource, scope, without building the rows. */
function* accessOf(groups: readonly AccessGroup[]): Generator<[member: string, change: AccessChange]> {
  for (const [member, changes] of membersOf(groups)) for (const change of changes) yield [member, change];
}

/** Rows as text; what a group's members share is written once and reused. */
function* accessTexts(groups: readonly AccessGroup[]): Generator<string> {
  const tails = new Map<readonly AccessChange[], string[]>();
  for (const [member, changes] of membersOf(groups)) {
    let texts = tails.get(changes);
    if (!texts) {
      texts = changes.map((change) => `,${JSON.stringify(changeRow(change)).slice(1)}`);
      tails.set(changes, texts);
    }
    const head = `{"member":${JSON.stringify(member)}`;
    for (const text of texts) yield head + text;
  }
}

/** Members in order with their sorted changes, the same array for everyone of one group. */
function membersOf(groups: readonly AccessGroup[]): [member: string, changes: readonly AccessChange[]][] {
  const members: [string, readonly AccessChange[]][] = [];
  for (const group of groups) {
    const changes = [...group.changes].sort(
      (a, b) => compareText(a.resource, b.resource) || compareText(a.scope, b.scope),
    );
    for (const member of group.members) members.push([member, changes]);
  }
  return members.sort(([a], [b]) => compareText(a, b));
}

function changeRow({ resource, scope, before, after, via }: AccessChange): AccessChange {
  return { resource, scope, before, after, via: via.map(pathToJson) };
}

function pathToJson({ group, role }: Path): Path {
  return { ...(group === undefined ? {} : { group }), ...(role === undefined ? {} : { role }) };
}

function changeToJson(change: Change): ChangeJson {
  const { id, action, kind, key, name, origin, effect, before, after, blockedBy } = change;
  return { id, action, kind, key, name, origin, effect, before, after, blockedBy: blockedBy ?? [] };
}

function weakeningToJson({ id, what, owners, gives }: Weakening): WeakeningJson {
  return { id, what, owners, label: gives ? "escalating" : "weakening" };
}

function proposalToJson({ kind, what, place, to }: Proposal): ProposalJson {
  return { kind, what, file: place.file, line: place.line, ...(to === undefined ? {} : { to }) };
}

/** Who did it stands last, and only where it was asked. */
export function driftToJson(item: Drifted): DriftJson {
  const { mode, effect, by } = item;
  const asked = by === undefined ? {} : { by: by === null ? null : { by: by.by, at: by.at, action: by.action } };
  return { ...discrepancyToJson(item), mode, effect, ...asked };
}

function discrepancyToJson({ kind, key, name, shape, attributes }: Discrepancy): DiscrepancyJson {
  const threeWay = attributes.map(({ attribute, base, want, live }) => ({
    attribute,
    base: base ?? null,
    want: want ?? null,
    live: live ?? null,
  }));
  return { kind, key, name, shape, attributes: threeWay };
}
