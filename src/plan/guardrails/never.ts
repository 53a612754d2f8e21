// Guardrails that give a false sense of safety: whoever is put into whichever group, they say nothing. Only what is certain
// is reported: a name that leads nowhere, a fact that the platform does not report, permissions that nothing gives.
import type { Finding } from "../../model/finding.ts";
import type { Guardrail, PermissionSelector } from "../../model/guardrail.ts";
import { nearest } from "../../model/nearest.ts";
import { GROUP, MEMBER, scopesOf } from "../../model/platform.ts";
import { isAboutThings } from "./entities.ts";
import { type LostPart, lostParts, whyNothing } from "./never-entities.ts";
import { factOf } from "./rule-activity.ts";
import { neverDenies } from "./rule-cel.ts";
import { holdingOf } from "./rule-holders.ts";
import { sidesOf } from "./rule-separation.ts";
import { selectIn } from "./selection.ts";
import type { Survey } from "./survey.ts";
import { selectorsText } from "./words.ts";

/** Says of a guardrail, or of a part of it, that it can never fire. */
export function reportNever(guardrail: Guardrail, survey: Survey): Finding[] {
  const { platform, target } = survey.ground;
  const name = `Guardrail "${guardrail.name}"`;
  const finding = (message: string, hint: string): Finding => {
    return { severity: "warning", code: "guardrail-never-fires", message, place: guardrail.place, hint };
  };
  if (guardrail.rule === "multi-factor" || guardrail.rule === "dormant-member") {
    const fact = guardrail.rule === "multi-factor" ? "second factors" : "activity";
    if (!platform.reports.includes(factOf(guardrail)))
      return [
        finding(
          `${name} can never fire on ${target.name}: ${platform.title} does not report members' ${fact}`,
          "Say in `targets` which targets it is for.",
        ),
      ];
  }
  const lost = lostNames(guardrail, survey);
  if (lost.length > 0)
    return lost.map(({ what, name: asked, known, dead }) => {
      const close = nearest(asked, known);
      return finding(
        `${name} names the ${what} "${asked}", which ${target.name} has not${dead ? ": that part of it can never fire" : ""}`,
        close === undefined
          ? "Correct the name, or say in `targets` which targets it is for."
          : `Did you mean "${close}"?`,
      );
    });
  const reason = emptyReason(guardrail, survey);
  return reason === undefined
    ? []
    : [finding(`${name} can never fire on ${target.name}: ${reason}`, "Correct what it asks for, or remove it.")];
}

interface LostName extends LostPart {
  /** Whether nothing can fit what has the name. */
  readonly dead: boolean;
}

/** Names in a guardrail that lead nowhere. */
function lostNames(guardrail: Guardrail, survey: Survey): LostName[] {
  if (isAboutThings(guardrail)) return lostParts(guardrail, survey).map((part) => ({ ...part, dead: true }));
  const { platform, state, declared, target } = survey.ground;
  const resources = [...survey.resources().values()];
  const names = resources.flatMap(({ name, aliases }) => [name, ...aliases]);
  const levels = [...new Set(resources.flatMap(({ levels }) => levels))];
  const scopes = [...scopesOf(platform, state), ...(target.environments ?? []), "organization"];
  const groups = [state, declared, platform.defaults].flatMap((some) => [...(some.get(GROUP)?.values() ?? [])]);
  const knownGroups = new Set(groups.map(({ local }) => local));
  const knownScopes = new Set(scopes.map(platform.fold));
  const lost = new Map<string, LostName>();
  const lose = (what: string, name: string, known: readonly string[], dead = true) =>
    lost.set(`${what} ${name}`, { what, name, known, dead });
  for (const { resource, level, scopes: places } of selectorsOf(guardrail, survey)) {
    if (resource !== undefined && !survey.resources().has(platform.fold(resource))) lose("resource", resource, names);
    if (level !== undefined && !levels.includes(level)) lose("level", level, levels);
    for (const scope of places ?? [])
      if (!knownScopes.has(platform.fold(scope))) lose(platform.scopeKind.toLowerCase(), scope, scopes);
  }
  if (guardrail.rule === "permission-holders" || guardrail.rule === "escalation-holders") {
    const { through } = holdingOf(guardrail);
    for (const group of typeof through === "string" ? [] : through)
      if (!knownGroups.has(platform.fold(group)))
        lose(
          "group",
          group,
          groups.map(({ name }) => name),
          false,
        );
  }
  return [...lost.values()];
}

/** Every selector of a guardrail. */
function selectorsOf(guardrail: Guardrail, survey: Survey): readonly PermissionSelector[] {
  switch (guardrail.rule) {
    case "separation-of-duties":
    case "environment-separation": {
      const { first, second } = sidesOf(guardrail, survey.ground.platform.fold);
      return [...first, ...second];
    }
    case "permission-holders":
    case "holder-count":
    case "time-limit":
      return guardrail.with.permissions;
    case "reason-required":
    case "multi-factor":
    case "dormant-member":
      return guardrail.with?.permissions ?? [];
    case "escalation-holders":
    case "shared-account":
    case "address-domain":
    case "role-group-name":
    case "group-owner":
    case "documentation-required":
    case "reviewed-within":
    case "matching-attribute":
    case "cel":
      return [];
    default:
      return guardrail satisfies never;
  }
}

/** Why nobody can break a guardrail whose names all lead somewhere. */
function emptyReason(guardrail: Guardrail, survey: Survey): string | undefined {
  if (isAboutThings(guardrail)) return whyNothing(guardrail, survey);
  if (guardrail.rule === "separation-of-duties" || guardrail.rule === "environment-separation") {
    const { first, second, inOneScope } = sidesOf(guardrail, survey.ground.platform.fold);
    const empty = [first, second].find((side) => !isGiven(side, survey));
    if (empty) return nothingGives(empty);
    const there = inOneScope ? scopesGiven(second, survey) : undefined;
    const apart = there && ![...scopesGiven(first, survey)].some((scope) => there.has(scope));
    return apart ? "no scope has both of what it keeps apart" : undefined;
  }
  if (guardrail.rule === "cel")
    return neverDenies(guardrail) ? "its expression looks at nothing, and says false" : undefined;
  // That nobody can hold it is what such a guardrail is for, or what it is about.
  if (guardrail.rule === "permission-holders" && guardrail.with.through === "nobody") return undefined;
  if (guardrail.rule === "holder-count") {
    const { least, most, permissions } = guardrail.with;
    const members = survey.ground.state.get(MEMBER)?.size ?? 0;
    if (least !== undefined || most === undefined) return undefined;
    if (!isGiven(permissions, survey)) return nothingGives(permissions);
    return members <= most ? `there are ${members} members, and it allows ${most}` : undefined;
  }
  const permissions = selectorsOf(guardrail, survey);
  return permissions.length > 0 && !isGiven(permissions, survey) ? nothingGives(permissions) : undefined;
}

function nothingGives(selectors: readonly PermissionSelector[]): string {
  return `no group gives ${selectorsText(selectors)}, and nobody holds it directly`;
}

/** Whether somebody who is in every group, and an owner, would hold any of it, or somebody holds it directly. */
function isGiven(selectors: readonly PermissionSelector[], survey: Survey): boolean {
  const selection = selectIn(survey, selectors);
  return survey.reach().some((part) => selection.fitsIn(part, true).length > 0);
}

/** The scopes in which they would. */
function scopesGiven(selectors: readonly PermissionSelector[], survey: Survey): Set<string> {
  const selection = selectIn(survey, selectors);
  return new Set(survey.reach().flatMap((part) => selection.scopesIn(part, true)));
}
