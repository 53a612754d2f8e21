// Secrets that stand on the platform itself, in a description say: crossed out of live state before anything is made of it, so that no
// plan, pull request or imported file repeats one. Names are left as they are: they are what things are known by.
import type { Attributes, Entity, State } from "../model/entity.ts";
import { groupOfSection, keyOf } from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import { crossOut, findSecrets, hintOf, type SecretShape } from "../model/secret.ts";

/** Shorter texts hold no secret that could be told from words. */
const LEAST_TEXT = 16;

export interface CleanState {
  /** The same object where there was nothing to cross out. */
  readonly state: State;
  /** A warning for each text. */
  readonly findings: readonly Finding[];
}

/** Crosses out what looks like a secret in the texts of a state. */
export function withoutSecrets(state: State, shapes: readonly SecretShape[]): CleanState {
  const findings: Finding[] = [];
  const changed = new Map<string, Map<string, Entity>>();
  for (const [section, entities] of state) {
    // By far the most, and nothing but names.
    if (groupOfSection(section) !== undefined) continue;
    for (const [local, entity] of entities) {
      const attributes = cleanAttributes(entity, shapes, (finding) => findings.push(finding));
      if (attributes === entity.attributes) continue;
      const copy = changed.get(section) ?? new Map(entities);
      changed.set(section, copy.set(local, { ...entity, attributes }));
    }
  }
  if (changed.size === 0) return { state, findings };
  return {
    state: new Map([...state].map(([section, entities]) => [section, changed.get(section) ?? entities])),
    findings: findings.sort((one, other) => compareText(one.key ?? "", other.key ?? "")),
  };
}

function cleanAttributes(
  entity: Entity,
  shapes: readonly SecretShape[],
  report: (finding: Finding) => void,
): Attributes {
  let clean = entity.attributes;
  for (const [attribute, value] of Object.entries(entity.attributes)) {
    if (typeof value !== "string" || value.length < LEAST_TEXT) continue;
    const spans = findSecrets(value, shapes);
    const [first] = spans;
    if (!first) continue;
    clean = { ...clean, [attribute]: crossOut(value, spans) };
    report({
      severity: "warning",
      code: "secret-on-platform",
      message: `On the platform, ${attribute} of ${entity.kind} "${entity.name}" looks like it holds ${first.what} (${hintOf(value.slice(first.start, first.end))}); it is shown crossed out`,
      key: keyOf(entity),
      hint: "Revoke it, and take it out there: everybody who may look can use it.",
    });
  }
  return clean;
}
