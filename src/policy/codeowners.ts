// The lines of CODEOWNERS that follow from settings and files, and their place in a text that people write as well: between two
// markers, the last of which matches wins. Pure; every byte outside the markers stays as it is.
import { compareText } from "../model/finding.ts";
import type { Settings, Target } from "../model/settings.ts";
import type { ParsedFile } from "./parse.ts";

export interface CodeownersInput {
  /** The policy folder from the repository's root; "" when it is the root. */
  readonly folder: string;
  /** What files are called instead of that. */
  readonly shown: string;
  readonly settings: Settings;
  /** Who owns guardrails: members' names. */
  readonly guardrailOwners: readonly string[];
  readonly targets: readonly CodeownersTarget[];
  /** Path of the file itself. */
  readonly path: string;
}

export interface CodeownersTarget {
  readonly target: Target;
  readonly files: readonly ParsedFile[];
  /** What names are compared by there. */
  readonly fold: (name: string) => string;
}

export const BEGIN = "# BEGIN rolebook: written by `rolebook codeowners`, and written anew by the next one";
export const END = "# END rolebook";

/** A file beyond this is not read by GitHub at all. */
const MOST_BYTES = 3_000_000;

/** What a pattern can hold without meaning something else. Other files are covered by their folder's line. */
const PLAIN_PATH = /^[\p{L}\p{N}_./@+, -]+$/u;

type Rule = readonly [pattern: string, logins: readonly string[]];

/** The lines between the markers, the general ones first. Without `single`, groups' files have no lines of their own. */
export function codeownersLines(input: CodeownersInput, single = true): string[] {
  const { folder, settings, guardrailOwners, targets, path } = input;
  const root = folder === "" ? "/" : `/${folder}/`;
  const everybody = new Set(
    targets.flatMap(({ target, fold }) => loginsOf([...target.owners, ...guardrailOwners], settings, fold)),
  );
  const governing = [...everybody].sort(compareText);
  const rules: Rule[] = folder === "" ? [] : [[root, governing]];
  for (const one of targets) {
    const owners = loginsOf(one.target.owners, settings, one.fold);
    rules.push([`${root}${one.target.name}/`, owners]);
    if (single) rules.push(...groupRules(one, input, root));
  }
  const ruling = ["rolebook.yaml", "guardrails/", "waivers/", "identities/", "reviews/"].map(
    (name) => `${root}${name}`,
  );
  for (const pattern of [...ruling, "/.github/workflows/", "/.github/actions/", `/${path}`])
    rules.push([pattern, governing]);
  return rules.map(([pattern, logins]) => {
    const escaped = pattern.replaceAll(" ", "\\ ");
    // A pattern without owners would take them away from those that are more general.
    return logins.length === 0
      ? `# ${escaped} has owners without a login, or none`
      : `${escaped} ${logins.map((login) => `@${login}`).join(" ")}`;
  });
}

/** Files that hold nothing but groups of the same owners, and who is in them. */
function groupRules({ target, files, fold }: CodeownersTarget, input: CodeownersInput, root: string): Rule[] {
  const owners = new Map<string, readonly string[]>();
  for (const { kind, value } of files.flatMap(({ documents }) => documents))
    if (kind === "Group" && typeof value.name === "string") owners.set(fold(value.name), namesIn(value.owners));
  return files
    .flatMap(({ file, documents, findings }): Rule[] => {
      const path = file.slice(input.shown.length + 1);
      if (documents.length === 0 || findings.some(({ severity }) => severity === "error") || !PLAIN_PATH.test(path))
        return [];
      const sets = new Set(
        documents.map(({ kind, value }) => {
          const group = kind === "Group" ? value.name : kind === "Membership" ? value.group : undefined;
          const named = typeof group === "string" ? (owners.get(fold(group)) ?? []) : [];
          return JSON.stringify(loginsOf(named, input.settings, fold));
        }),
      );
      const logins = sets.size === 1 ? (JSON.parse([...sets][0] ?? "[]") as string[]) : [];
      if (logins.length === 0) return [];
      const all = new Set([...logins, ...loginsOf(target.owners, input.settings, fold)]);
      return [[`${root}${path}`, [...all].sort(compareText)]];
    })
    .sort(([one], [other]) => compareText(one, other));
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function loginsOf(members: readonly string[], { people }: Settings, fold: (name: string) => string): string[] {
  const wanted = new Set(members.map(fold));
  const logins = people.filter((person) => person.members.some((member) => wanted.has(fold(member))));
  return [...new Set(logins.map(({ login }) => login))].sort(compareText);
}

export type Placed =
  | { readonly text: string }
  /** Why the text cannot take the lines. */
  | { readonly problem: string; readonly hint: string };

/** The text with these lines between its markers; at its end, where it has none yet. Line ends are the text's own. */
export function placeLines(text: string, lines: readonly string[]): Placed {
  const end = /\r?\n/.exec(text)?.[0] ?? "\n";
  const block = [BEGIN, ...lines, END].join(end);
  const marks = [...text.matchAll(/^# (BEGIN|END) rolebook\b.*?$/gm)];
  const [first, second] = marks;
  if (!first) {
    const gap = text === "" ? "" : /\n$/.test(text) ? end : `${end}${end}`;
    return { text: `${text}${gap}${block}${end}` };
  }
  if (marks.length !== 2 || first[1] !== "BEGIN" || second?.[1] !== "END")
    return {
      problem: "The markers of Rolebook's lines are not one BEGIN and one END after it",
      hint: `Put them right, or take both out: "${BEGIN}" and "${END}".`,
    };
  const after = second.index + second[0].replace(/\r$/, "").length;
  return { text: `${text.slice(0, first.index)}${block}${text.slice(after)}` };
}

/** The text as it should be. Where it would be too large to be read, groups' files go without lines of their own. */
export function writeCodeowners(text: string, input: CodeownersInput): Placed {
  const whole = placeLines(text, codeownersLines(input));
  if (!("text" in whole) || fits(whole.text)) return whole;
  const short = placeLines(text, codeownersLines(input, false));
  if (!("text" in short) || fits(short.text)) return short;
  return {
    problem: "The file would have more than 3 MB, and GitHub would not read it",
    hint: "Shorten your own lines.",
  };
}

function fits(text: string): boolean {
  return new TextEncoder().encode(text).length < MOST_BYTES;
}

/** Rules after the markers: they win over ours where they match. */
export function rulesAfter(text: string): boolean {
  const end = /^# END rolebook\b.*$/m.exec(text);
  if (!end) return false;
  return text
    .slice(end.index + end[0].length)
    .split(/\r?\n/)
    .some((line) => line.trim() !== "" && !line.trim().startsWith("#"));
}
