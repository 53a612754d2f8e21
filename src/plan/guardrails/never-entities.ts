// Why guardrails about things and what is said of them can never fire: kinds and attributes that a platform has not, kinds
// that have nothing to do with each other. Only what is certain is said.
import { type KindSpec, kindSpec, type Platform } from "../../model/platform.ts";
import { type AboutThings, mayPointAt, subjectsOf } from "./entities.ts";
import { isMeant } from "./rule-documented.ts";
import { reviewedKinds } from "./rule-review.ts";
import type { Survey } from "./survey.ts";
import { namesText } from "./words.ts";

/** A name that leads nowhere, and those that would not. */
export interface LostPart {
  readonly what: string;
  readonly name: string;
  readonly known: readonly string[];
}

/** Kinds and attributes that the platform has not. */
export function lostParts(guardrail: AboutThings, { ground: { platform } }: Survey): LostPart[] {
  switch (guardrail.rule) {
    case "documentation-required": {
      const { kind, where = {}, attributes = [], patterns = {} } = guardrail.with;
      return attributesLost(platform, kind, [...Object.keys(where), ...attributes, ...Object.keys(patterns)]);
    }
    case "matching-attribute": {
      const { kind, attribute, of, its = attribute } = guardrail.with;
      return [...attributesLost(platform, kind, [attribute]), ...attributesLost(platform, of, [its])];
    }
    case "reviewed-within": {
      const known = reviewedKinds(platform);
      const kinds = (guardrail.with.kinds ?? []).filter((kind) => !known.includes(kind));
      return kinds.map((name) => ({ what: "reviewed kind", name, known }));
    }
    default:
      return guardrail satisfies never;
  }
}

/** Memberships are about people in groups, which other rules are for. */
function kindsOf({ kinds }: Platform): readonly KindSpec[] {
  return kinds.filter(({ identity }) => identity !== "group");
}

function attributesLost(platform: Platform, kind: string, attributes: readonly string[]): LostPart[] {
  const kinds = kindsOf(platform);
  const spec = kinds.find((one) => one.kind === kind);
  if (!spec) return [{ what: "kind", name: kind, known: kinds.map((one) => one.kind) }];
  const known = Object.keys(spec.attributes);
  return attributes.filter((name) => !known.includes(name)).map((name) => ({ what: `${kind} attribute`, name, known }));
}

/** Why nothing can break a guardrail whose names all lead somewhere. */
export function whyNothing(guardrail: AboutThings, survey: Survey): string | undefined {
  const { platform } = survey.ground;
  switch (guardrail.rule) {
    case "documentation-required": {
      const { kind, where, attributes = [], patterns = {} } = guardrail.with;
      if (kindSpec(platform, kind)?.role === "reference" && attributes.length + Object.keys(patterns).length === 0)
        return `${platform.title} says itself which ${kind} there is, and no file does`;
      const subjects = [...subjectsOf(kind, survey.ground)];
      if (!where || subjects.length === 0 || subjects.some((one) => isMeant(guardrail, one, platform)))
        return undefined;
      const asked = Object.entries(where).map(([name, values]) => `${name} ${namesText(values)}`);
      return `no ${kind} has ${asked.join(" and ")}`;
    }
    case "matching-attribute": {
      const { kind, of } = guardrail.with;
      const spec = kindSpec(platform, kind);
      return spec && !mayPointAt(spec, of, survey.ground)
        ? `${kind} refers to no ${of} and is part of none`
        : undefined;
    }
    case "reviewed-within":
      return reviewedKinds(platform).length === 0
        ? `nothing on ${platform.title} says when it was reviewed`
        : undefined;
    default:
      return guardrail satisfies never;
  }
}
