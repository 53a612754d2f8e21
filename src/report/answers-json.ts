// Answers about access as JSON (schemas/output/explain.json, who-can.json). It refuses to leave a property out:
// what is not known is null.
import type { AnswerPast, Denial, Explanation, PlacedPath, WhoCan } from "../model/answers.ts";
import type { Place } from "../model/finding.ts";
import { type FindingJson, findingToJson } from "./findings-json.ts";

export interface PastJson {
  readonly at: string;
  readonly commit: string | null;
  readonly appliedAt: string | null;
  readonly seenAt: string | null;
  readonly findings: readonly FindingJson[];
}

export interface PathJson {
  readonly group: string | null;
  readonly role: string | null;
  /** What this path gives, where that is less than the level held. */
  readonly level: string | null;
  readonly membershipPlace: Place | null;
  readonly groupPlace: Place | null;
  readonly rolePlace: Place | null;
}

export interface DenialJson {
  readonly resource: string;
  readonly scope: string;
  readonly layers: readonly {
    readonly name: string;
    readonly holds: boolean;
    readonly because: string;
    readonly hint: string | null;
  }[];
  readonly offers: readonly { readonly group: string; readonly level: string }[];
}

export interface ExplanationJson {
  readonly version: 1;
  readonly target: string | null;
  /** Null for what is so now. */
  readonly past: PastJson | null;
  /** Their login on the Git host. */
  readonly login: string | null;
  readonly member: string;
  readonly name: string;
  readonly present: boolean;
  readonly grants: readonly {
    readonly resource: string;
    readonly scope: string;
    readonly level: string;
    readonly paths: readonly PathJson[];
  }[];
  readonly denied: readonly DenialJson[];
}

export interface WhoCanJson {
  readonly version: 1;
  readonly target: string | null;
  /** Null for what is so now. */
  readonly past: PastJson | null;
  readonly level: string;
  readonly resource: string;
  readonly scope: string | null;
  readonly holders: readonly {
    readonly member: string;
    readonly scope: string;
    readonly level: string;
    readonly paths: readonly PathJson[];
  }[];
}

export function explanationToJson(answer: Explanation, login?: string): ExplanationJson {
  const { member, name, present } = answer;
  const grants = answer.grants.map(({ resource, scope, level, paths }) => ({
    resource,
    scope,
    level,
    paths: paths.map(pathToJson),
  }));
  const denied = answer.denied.map(denialToJson);
  const [target, past] = [answer.target ?? null, pastToJson(answer.past)];
  return { version: 1, target, past, login: login ?? null, member, name, present, grants, denied };
}

function denialToJson({ resource, scope, layers, offers }: Denial): DenialJson {
  return {
    resource,
    scope,
    layers: layers.map(({ name, holds, because, hint }) => ({ name, holds, because, hint: hint ?? null })),
    offers: offers.map(({ group, level }) => ({ group, level })),
  };
}

export function whoCanToJson(answer: WhoCan): WhoCanJson {
  const { level, resource, scope } = answer;
  const holders = answer.holders.map((holder) => ({
    member: holder.member,
    scope: holder.scope,
    level: holder.level,
    paths: holder.paths.map(pathToJson),
  }));
  return { version: 1, target: answer.target ?? null, past: pastToJson(answer.past), level, resource, scope, holders };
}

function pastToJson(past: AnswerPast | undefined): PastJson | null {
  if (!past) return null;
  const { at, commit, appliedAt, seenAt, findings } = past;
  return { at, commit, appliedAt, seenAt, findings: findings.map(findingToJson) };
}

export function pathToJson({ group, role, level, membershipPlace, groupPlace, rolePlace }: PlacedPath): PathJson {
  return {
    group: group ?? null,
    role: role ?? null,
    level: level ?? null,
    membershipPlace: placeToJson(membershipPlace),
    groupPlace: placeToJson(groupPlace),
    rolePlace: placeToJson(rolePlace),
  };
}

function placeToJson(place: Place | undefined): Place | null {
  return place ? { file: place.file, line: place.line, column: place.column } : null;
}
