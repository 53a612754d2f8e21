// What is said of concessions, a sentence each; where there are very many of one sort in one place, one of all of them. Decides
// nothing.

import { groupOfSection } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Weakening } from "../model/plan.ts";
import type { Concession } from "./concession.ts";
import { digestOf } from "./digest.ts";

/** A concession that gives somebody something. */
export interface Conceded extends Concession {
  /** `ana@acme.example in Card creators`. */
  readonly shown: string;
  readonly owners: readonly string[];
  /** Folded names of those who have more by it. */
  readonly gives: readonly string[];
}

/** More of one sort in one section, and of the same owners, are told together. */
const APART = 20;
/** Of whom some are named. */
const NAMED = 3;

/** As what takes approval. Neither ids nor sentences depend on the order. */
export function groupConcessions(conceded: readonly Conceded[]): Weakening[] {
  const groups = new Map<string, Conceded[]>();
  for (const one of conceded) {
    // What was changed is told piece by piece while there is room, and by kind where there is none.
    const key = JSON.stringify([one.entity.section, one.sort, one.sort === "changed" ? "" : one.says, one.owners]);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()].flatMap((group) => (group.length > APART ? [together(group)] : group.map(alone)));
}

function alone({ id, sort, says, shown, entity, owners, gives }: Conceded): Weakening {
  const what = `${nameOf(entity.section, entity.kind, shown)} ${sort === "extended" ? "ends" : "is"} ${says}`;
  return { id, what, owners, gives, ...(entity.place ? { place: entity.place } : {}) };
}

function together(group: readonly Conceded[]): Weakening {
  const sorted = [...group].sort((a, b) => compareText(a.shown, b.shown));
  const [{ sort, says, entity, owners }] = sorted as [Conceded];
  const names = sorted.slice(0, NAMED).map(({ shown }) => shown);
  const verb = sort === "extended" ? "end" : "are";
  const how = sort === "changed" ? "adopted as changed by hand" : says;
  const many =
    groupOfSection(entity.section) === undefined ? `${group.length} of kind ${entity.kind}` : `${group.length} people`;
  const id = digestOf(["concessions", ...group.map(({ id }) => id).sort(compareText)]).slice(0, 24);
  return {
    id,
    what: `${many} ${verb} ${how}: ${names.join(", ")} and ${group.length - NAMED} more`,
    owners,
    gives: [...new Set(group.flatMap(({ gives }) => gives))].sort(compareText),
    ...(entity.place ? { place: entity.place } : {}),
  };
}

function nameOf(section: string, kind: string, shown: string): string {
  return groupOfSection(section) === undefined ? `${kind} ${shown}` : shown;
}
