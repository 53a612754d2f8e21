// Numbers, names and places put into words, the same in every report. It refuses to know any format.
import type { Path } from "../model/grant.ts";
import { showName } from "./escape.ts";

/** `1 person`, `1,204 people`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `1204567` as `1,204,567`, whatever the locale. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Sentences one after the other, each with a full stop where it has no end. */
export function sentences(...texts: readonly (string | undefined)[]): string {
  return texts.flatMap((text) => (text === undefined ? [] : [/[.!?]$/.test(text) ? text : `${text}.`])).join(" ");
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1);
  if (last === undefined) return "";
  return items.length === 1 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/**
 * Names as one phrase: all of them when they are at most `shown + 1` (folding one name saves nothing),
 * else the first `shown` and how many more there are.
 */
export function folded(names: readonly string[], shown: number, show: (name: string) => string = showName): string {
  if (names.length <= shown + 1) return names.map((name) => show(name)).join(", ");
  const first = names
    .slice(0, shown)
    .map((name) => show(name))
    .join(", ");
  const rest = `${grouped(names.length - shown)} more`;
  return first === "" ? rest : `${first} and ${rest}`;
}

/** `Card creators (Card editor)`: the group, and the role it holds. */
export function describePath(path: Path, show: (name: string) => string = showName): string {
  if (path.group === undefined) return path.role === undefined ? "directly" : `${show(path.role)} directly`;
  return path.role === undefined ? show(path.group) : `${show(path.group)} (${show(path.role)})`;
}

/** The scope of what has no environment, as grants spell it. */
export const ORGANIZATION = "organization";

/** The scopes that a target has, so that all of them can be called that. */
export interface KnownScopes {
  /** Names of all the target's environments, or whatever its platform has instead. */
  readonly environments: readonly string[];
  /** What the platform calls several of them; environments by default. */
  readonly scopeWord?: string;
}

/**
 * Scopes in words: `all environments` when they are every one of `environments`, `all environments except prod`
 * when one of four or more is missing, else their names; `organization-wide` for what has none.
 */
export function describeScopes(
  scopes: readonly string[],
  known: KnownScopes,
  show: (name: string) => string = showName,
): string {
  const named = scopes.filter((scope) => scope !== ORGANIZATION);
  const words = named.length === 0 ? [] : [describeEnvironments(named, known, show)];
  if (named.length < scopes.length) words.push("organization-wide");
  return words.join(", ");
}

function describeEnvironments(
  named: readonly string[],
  { environments, scopeWord = "environments" }: KnownScopes,
  show: (name: string) => string,
): string {
  const held = new Set(named);
  const missing = environments.filter((environment) => !held.has(environment));
  const known = environments.length - missing.length === held.size;
  if (known && environments.length > 1 && missing.length === 0) return `all ${scopeWord}`;
  const [absent] = missing;
  if (known && environments.length >= 4 && missing.length === 1 && absent !== undefined)
    return `all ${scopeWord} except ${show(absent)}`;
  return named.map((name) => show(name)).join(", ");
}
