// What must be written down of everything of a kind: that it is declared at all, who answers for it, what it is for. Whoever is
// named must be there and able to act; whether they are the right ones, nobody can judge here.
import { type Entity, entityAt } from "../../model/entity.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import { kindSpec, MEMBER, type Platform, type Reference } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import { referencesIn } from "../leaves.ts";
import type { Breach } from "./breach.ts";
import { attributeOf, breachBy, isDefault, type Subject, saidOf, subjectsOf, textsOf } from "./entities.ts";
import { patternOf } from "./rule-address.ts";
import type { Survey } from "./survey.ts";
import { namesText } from "./words.ts";

type Documenting = Guardrail & { readonly rule: "documentation-required" };

export function* judgeDocumented(guardrail: Documenting, survey: Survey): Steps<Breach[]> {
  const { kind, patterns = {} } = guardrail.with;
  const fitting = new Map(Object.entries(patterns).map(([name, some]) => [name, patternOf(some)]));
  const breaches: Breach[] = [];
  let count = 0;
  for (const subject of subjectsOf(kind, survey.ground)) {
    if (count++ % STEP_ITEMS === 0) yield;
    if (!isMeant(guardrail, subject, survey.ground.platform)) continue;
    const flaws = flawsOf(guardrail, subject, survey, fitting);
    if (flaws.length > 0) breaches.push(breachOf(guardrail, subject, flaws));
  }
  return breaches;
}

/** Whether a rule is about an entity: what says nothing of an attribute has none of its values. */
export function isMeant({ with: { where = {} } }: Documenting, subject: Subject, { fold }: Platform): boolean {
  return Object.entries(where).every(([attribute, values]) => {
    const wanted = new Set(values.map(fold));
    return textsOf(saidOf(subject, attribute)).some((text) => wanted.has(fold(text)));
  });
}

interface Flaw {
  readonly text: string;
  /** Absent: it is declared nowhere. */
  readonly attribute?: string;
  /** Tells it from other flaws of the attribute. */
  readonly value?: string;
}

function flawsOf(
  { with: { attributes = [], patterns = {} } }: Documenting,
  subject: Subject,
  survey: Survey,
  fitting: ReadonlyMap<string, (text: string) => boolean>,
): Flaw[] {
  const { spec, declared } = subject;
  const isUndeclared = spec.role !== "reference" && !declared && !isDefault(subject, survey.ground);
  const flaws: Flaw[] = isUndeclared ? [{ text: "is declared in no file" }] : [];
  const names = [...new Set([...attributes, ...Object.keys(patterns)])].filter((name) => attributeOf(spec, name));
  for (const attribute of names) {
    const texts = textsOf(saidOf(subject, attribute));
    if (texts.length === 0 && attributes.includes(attribute)) flaws.push({ text: "", attribute });
    const fits = fitting.get(attribute);
    const wrong = fits ? texts.filter((text) => !fits(text)) : [];
    for (const value of wrong) {
      const asked = namesText(patterns[attribute] ?? []);
      flaws.push({ text: `has ${attribute} ${value}, which does not fit ${asked}`, attribute, value });
    }
    if (survey.ground.live) flaws.push(...lostIn(subject, attribute, survey));
  }
  return flaws;
}

/** Names in an attribute that nobody has, or nobody who could act. What files name, and do not declare, is reported elsewhere. */
function lostIn(subject: Subject, attribute: string, { ground: { platform, state } }: Survey): Flaw[] {
  const spec = attributeOf(subject.spec, attribute);
  if (!spec) return [];
  return referencesIn(spec, saidOf(subject, attribute)).flatMap((reference): Flaw[] => {
    const found = entityAt(state, reference.kind, platform.fold(reference.name));
    const reason = found ? reasonToDoubt(found, platform) : "is not there";
    if (reason === undefined) return [];
    const text = `names ${reference.name} as ${attribute}, ${pronoun(reference)} ${reason}`;
    return [{ text, attribute, value: platform.fold(reference.name) }];
  });
}

function pronoun({ kind }: Reference): string {
  return kind === MEMBER ? "who" : "which";
}

/** Why somebody who is there cannot answer for anything. */
function reasonToDoubt({ kind, status, attributes }: Entity, platform: Platform): string | undefined {
  if (kind !== MEMBER) return undefined;
  if (status === "invited") return "is only invited";
  const flags = Object.entries(kindSpec(platform, kind)?.attributes ?? {}).filter(([, { enables }]) => enables);
  return flags.some(([name]) => attributes[name] === false) ? "is disabled" : undefined;
}

function breachOf({ with: { patterns = {} } }: Documenting, subject: Subject, flaws: readonly Flaw[]): Breach {
  const silent = flaws.flatMap(({ attribute, text }) => (attribute !== undefined && text === "" ? [attribute] : []));
  // What no file declares says nothing that is kept in files: that need not be said again.
  const unsaid = subject.declared ? silent : silent.filter((name) => !attributeOf(subject.spec, name)?.policyOnly);
  const texts = flaws.map(({ text }) => text).filter((text) => text !== "");
  if (unsaid.length > 0) texts.push(`says no ${namesText(unsaid)}`);
  const attributes = [...new Set(flaws.flatMap(({ attribute }) => attribute ?? []))];
  const limit = attributes.flatMap((name) => patterns[name] ?? []);
  return breachBy(subject, {
    text: texts.join(", and "),
    values: {
      ...(attributes.length > 0 ? { attribute: namesText(attributes) } : {}),
      ...(limit.length > 0 ? { limit: namesText(limit) } : {}),
    },
    extent: new Map(
      flaws.map(({ attribute = "", value }) => [value === undefined ? attribute : `${attribute}\n${value}`, 0]),
    ),
  });
}
