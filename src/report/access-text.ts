// Answers about access as tables for people: why someone has it, and who has it. Paths are numbered and told
// once below the table, with their places. It refuses to fold silently.
import type { AskedPerson, Explanation, PlacedPath, WhoCan } from "../model/answers.ts";
import type { Place } from "../model/finding.ts";
import { denialLines } from "./denials-text.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import { type Screen, screenOf, tableLines, wrap } from "./layout.ts";
import { pastLines } from "./past-text.ts";
import { counted, describePath, describeScopes, type KnownScopes, ORGANIZATION } from "./phrase.ts";

export interface AccessTextOptions extends KnownScopes {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** List every holder. */
  readonly full: boolean;
}

/** Holders listed without `full`: a few screens. */
const ROWS_SHOWN = 200;

/** Why a member has what they have, as text ending in a newline. */
export function renderExplanation(answer: Explanation, options: AccessTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const who = screen.paint(showMember(answer), "bold") + describeTarget(answer);
  return joinSections(explanationSections(screen, answer, options, { subject: who, joint: " " }));
}

/** An answer, and the scopes of the target that it is about. */
export interface PlacedAnswer {
  readonly answer: Explanation;
  readonly known: KnownScopes;
}

/** One person on several targets, as text ending in a newline: the targets one after the other beneath one heading. */
export function renderPerson(
  { member, login }: AskedPerson,
  parts: readonly PlacedAnswer[],
  options: Omit<AccessTextOptions, keyof KnownScopes>,
): string {
  const screen = screenOf(options.color, options.width);
  const called = parts.find(({ answer }) => answer.present)?.answer;
  const who = called ? showMember(called) : showName(member);
  const on = login === undefined ? "" : `, ${showName(login)} on the Git host`;
  const targets = counted(parts.filter(({ answer }) => answer.present).length, "target");
  const heading = wrap(screen, [{ text: who, style: "bold" }, `${on}: a member of ${targets}`], "", "  ");
  const sections = parts.flatMap(({ answer, known }) => {
    const as = answer.present && answer.member !== called?.member ? `, as ${showMember(answer)}` : "";
    const subject = screen.paint(showName(answer.target ?? ""), "bold") + as;
    return explanationSections(screen, answer, { ...options, ...known }, { subject, joint: ": " });
  });
  return joinSections([heading, ...sections]);
}

/** Who or what the first line is about, and what stands between that and what is said. */
interface Subject {
  readonly subject: string;
  readonly joint: string;
}

function explanationSections(
  screen: Screen,
  { past, ...answer }: Explanation,
  options: AccessTextOptions,
  subject: Subject,
): string[][] {
  const sections = heldSections(screen, answer, options, subject, past?.commit ?? undefined);
  return past ? [pastLines(screen, past), ...sections] : sections;
}

function heldSections(
  screen: Screen,
  { present, grants, denied }: Explanation,
  options: AccessTextOptions,
  { subject, joint }: Subject,
  commit: string | undefined,
): string[][] {
  const resource = denied[0]?.resource;
  const missing = denialLines(screen, denied, options);
  if (grants.length === 0 && resource !== undefined)
    return [[`${subject}${joint}does not hold ${showName(resource)}`], missing];
  if (!present) return [[`${subject}: no such member`]];
  if (grants.length === 0) return [[`${subject}${joint}holds no access`]];
  const paths = numberPaths(grants.map((grant) => grant.paths));
  const rows = foldScopes(grants, (grant) => [grant.resource, grant.level, numbersOf(grant.paths, paths, false)]);
  const body = rows.map(({ item, scopes }) => [
    showName(item.resource),
    describeScopes(scopes, options),
    showName(item.level),
    numbersOf(item.paths, paths, false),
  ]);
  const count = counted(new Set(grants.map((grant) => grant.resource)).size, "resource");
  return [
    [`${subject}${joint}holds access to ${count}`],
    tableLines(screen, ["Resource", "Where", "Level", "Through"], body),
    pathLines(screen, paths, true, commit),
    resource === undefined ? [] : [`Not held: ${showName(resource)}`, ...missing],
  ];
}

function describeTarget({ target }: { readonly target?: string }): string {
  return target === undefined ? "" : ` (target ${showName(target)})`;
}

/** A member's address, and the name when that is another one. */
function showMember({ member, name }: Explanation): string {
  if (name.trim() === "") return showName(member);
  const same = name.trim().toLowerCase() === member.toLowerCase();
  return same ? showName(name) : `${showName(member)} (${showName(name.trim())})`;
}

/** Who holds a level, as text ending in a newline. */
export function renderWhoCan(answer: WhoCan, options: AccessTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const people = new Set(answer.holders.map(({ member }) => member)).size;
  const title = `${people === 0 ? "Nobody holds" : counted(people, "person holds", "people hold")} ${describeQuestion(answer)}${describeTarget(answer)}`;
  const past = answer.past ? [pastLines(screen, answer.past)] : [];
  if (people === 0) return joinSections([...past, [title]]);
  const paths = numberPaths(answer.holders.map((holder) => holder.paths));
  const rows = foldScopes(answer.holders, (holder) => [
    holder.member,
    holder.level,
    numbersOf(holder.paths, paths, true),
  ]);
  const shown = options.full ? rows : rows.slice(0, ROWS_SHOWN);
  const body = shown.map(({ item, scopes }) => [
    showName(item.member),
    describeScopes(scopes, options),
    showName(item.level),
    numbersOf(item.paths, paths, true),
  ]);
  const missing = people - new Set(shown.map(({ item }) => item.member)).size;
  const hidden = rows.length - shown.length;
  return joinSections([
    ...past,
    wrap(screen, [{ text: title, style: "bold" }], "", "  "),
    tableLines(screen, ["Member", "Where", "Level", "Through"], body),
    hidden > 0 ? [describeHidden(hidden, missing)] : [],
    pathLines(screen, paths, false, answer.past?.commit ?? undefined),
  ]);
}

function describeHidden(rows: number, people: number): string {
  const of = people > 0 ? ` for ${counted(people, "more person", "more people")}` : "";
  return `  … and ${counted(rows, "more row")}${of} (--full shows all)`;
}

function describeQuestion({ level, resource, scope }: WhoCan): string {
  const where = scope === null ? "" : scope === ORGANIZATION ? " organization-wide" : ` in ${showName(scope)}`;
  return `${showName(resource)}: ${showName(level)}${where}`;
}

/** In the order of their numbers, which start at 1; each path with the line of its membership left out. */
type NumberedPaths = ReadonlyMap<string, { readonly number: number; readonly path: PlacedPath }>;

/** A number for each path by group, role and membership file. Only the line differs from member to member. */
function numberPaths(lists: readonly (readonly PlacedPath[])[]): NumberedPaths {
  const numbered = new Map<string, { number: number; path: PlacedPath }>();
  for (const path of lists.flat()) {
    const key = pathKey(path);
    if (!numbered.has(key)) numbered.set(key, { number: numbered.size + 1, path });
  }
  return numbered;
}

function pathKey({ group, role, membershipPlace }: PlacedPath): string {
  return JSON.stringify([group ?? null, role ?? null, membershipPlace?.file ?? null]);
}

/** `[1] [3]`, or with the lines of the memberships `[1]:12 [3]:7`; in order of the numbers. A path that gives less says what: `[3] (view)`. */
function numbersOf(paths: readonly PlacedPath[], numbered: NumberedPaths, lines: boolean): string {
  return paths
    .map((path) => ({
      number: numbered.get(pathKey(path))?.number ?? 0,
      line: path.membershipPlace?.line,
      less: path.level === undefined ? "" : ` (${path.level})`,
    }))
    .sort((a, b) => a.number - b.number)
    .map(({ number, line, less }) => `[${number}]${lines && line !== undefined ? `:${line}` : ""}${less}`)
    .join(" ");
}

/** Items that are alike but for their scope, as one, with all their scopes; in order of the first. */
function foldScopes<T extends { readonly scope: string }>(
  items: readonly T[],
  alike: (item: T) => readonly string[],
): { item: T; scopes: string[] }[] {
  const folds = new Map<string, { item: T; scopes: string[] }>();
  for (const item of items) {
    const key = JSON.stringify(alike(item));
    const fold = folds.get(key);
    if (fold) fold.scopes.push(item.scope);
    else folds.set(key, { item, scopes: [item.scope] });
  }
  return [...folds.values()];
}

/**
 * Each path with the places that make it: who is in the group, what the group holds, what the role permits. `commit`: whose files the
 * places are in, where these are not the ones that are here now.
 */
function pathLines(screen: Screen, numbered: NumberedPaths, oneMember: boolean, commit: string | undefined): string[] {
  const at = commit === undefined ? "" : ` at ${commit.slice(0, 12)}`;
  const whose = oneMember ? "" : ", at the line given above";
  return [...numbered.values()].flatMap(({ number, path: { membershipPlace, ...path } }) => {
    const membership = membershipPlace && (oneMember ? showPlace(membershipPlace) : showFile(membershipPlace.file));
    const parts = [
      [path.group === undefined ? "member" : "membership", membership && `${membership}${at}${whose}`],
      ["group", path.groupPlace && `${showPlace(path.groupPlace)}${at}`],
      ["role", path.rolePlace && `${showPlace(path.rolePlace)}${at}`],
    ] as const;
    const places = parts.flatMap(([label, place]) =>
      place === undefined ? [] : [`        ${screen.paint(label.padEnd(10), "dim")}  ${place}`],
    );
    const title = [{ text: `[${number}]`, style: "cyan" as const }, ` ${describePath(path)}`];
    return [...wrap(screen, title, "  ", "      "), ...places];
  });
}

function showPlace({ file, line, column }: Place): string {
  return `${showFile(file)}:${line}:${column}`;
}

function showFile(file: string): string {
  return escapeTerminal(file, MESSAGE_LENGTH);
}

function joinSections(sections: readonly (readonly string[])[]): string {
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}
