// Targets whose files are scribbled, an edit of each, and what the edit must make of the state: worked out from the states alone,
// so that it shares nothing with the code that edits texts. Decisions come from a tape of numbers, so that failures shrink.
import type { Json } from "../../src/model/document.ts";
import type { FileText } from "../../src/model/edit.ts";
import { type Entity, groupOfSection, MEMBERSHIP, type State, type Value } from "../../src/model/entity.ts";
import type { Finding } from "../../src/model/finding.ts";
import { GROUP, MEMBER, type Platform } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { resolvePolicies } from "../../src/policy/resolve.ts";
import { openAccount } from "../support/account.ts";
import { openDomain, PROJECTS } from "../support/keystone.ts";
import { target as acme, bytesOf, NOW } from "./files.ts";
import { scribble } from "./scribble.ts";

type Document = { readonly [key: string]: Json };

/** Choices, from a tape that begins again with other numbers when it ends. */
export class Choices {
  private step = 0;
  private readonly tape: readonly number[];

  constructor(tape: readonly number[]) {
    this.tape = tape;
  }

  pick(count: number): number {
    const chosen = (this.tape[this.step % this.tape.length] ?? 0) + 7 * Math.floor(this.step / this.tape.length);
    this.step++;
    return chosen % count;
  }

  chance(of: number): boolean {
    return this.pick(of) === of - 1;
  }

  of<T>(items: readonly T[]): T {
    return items[this.pick(items.length)] as T;
  }

  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.chance(2));
  }
}

const NAMES = [
  "Card editor",
  "a",
  "B-2",
  "it's",
  'say "x"',
  "a: b",
  "a #b",
  "- x",
  "yes",
  "1.5",
  "#x",
  "[x]",
  "x, y",
  "é",
  "😀",
  "{y}",
  "*star",
];
const PEOPLE = ["ana", "Bo", "cy.x", "di+y", "o'neil", "zoe"].map((name) => `${name}@acme.example`);
const NEW_PEOPLE = ["Aaron", "dora", "zz", "c-3"].map((name) => `${name}@acme.example`);
const TEXTS = [
  "One line",
  "two\nlines",
  "with\n\nparagraphs",
  "it's: #1",
  `${"long ".repeat(40)}end`,
  "",
  "1.5",
  "naïve 😀",
  "- x",
];
const ENVIRONMENTS = ["dev", "test", "staging", "production"];
const PERMISSIONS = ["Theme", "Tag", "API keys", "Card template", "stream container", "Customer"];

/** A platform, with a way to make documents up. */
export interface World {
  readonly platform: Platform;
  readonly target: Target;
  readonly documents: (choices: Choices) => Document[];
  /** A value for an attribute; its names are declared ones. */
  readonly valueOf: (choices: Choices, state: State, kind: string, attribute: string) => Value | undefined;
  readonly newPeople: readonly string[];
}

export const WORLDS: readonly World[] = [
  {
    platform: atomic,
    target: acme,
    newPeople: NEW_PEOPLE,
    documents: (choices) => {
      const roles = choices.some(NAMES);
      const people = choices.some(PEOPLE);
      const groups = choices.some([...NAMES].reverse());
      const scopes = choices.some(["non-prod", "it's all"]);
      const described = () => (choices.chance(2) ? { description: choices.of(TEXTS) } : {});
      const environments = () =>
        choices.of<Json>(["all", ["dev"], choices.some(ENVIRONMENTS).concat("test"), ...scopes]);
      return [
        ...roles.map((name) => ({
          kind: "Role",
          name,
          ...described(),
          ...(choices.chance(4) ? {} : { permissions: levels(choices) }),
        })),
        ...scopes.map((name) => ({
          kind: "EnvironmentScope",
          name,
          environments: [...new Set([...choices.some(ENVIRONMENTS), "dev"])],
        })),
        ...groups.map((name) => {
          const given = environments();
          return {
            kind: GROUP,
            name,
            ...described(),
            ...(choices.chance(4) ? {} : { roles: choices.some(roles) }),
            ...(choices.chance(3) ? {} : { environments: Array.isArray(given) ? [...new Set(given)] : given }),
            ...(choices.chance(3) ? { owners: choices.some(PEOPLE) } : {}),
          };
        }),
        ...people.map((email) => ({ kind: MEMBER, email, ...(choices.chance(2) ? { firstName: "Ana" } : {}) })),
        ...memberships(choices, groups, people.length > 0 ? people : PEOPLE, "email"),
      ];
    },
    valueOf: (choices, state, kind, attribute) => {
      if (attribute === "permissions") return sortedMap(levels(choices, ["Theme", "Tag", "Card template", "Customer"]));
      if (attribute === "roles") return sortedNames(choices.some(namesIn(state, "Role")), atomic);
      if (attribute === "environments") {
        const some = sortedNames([...new Set([...choices.some(ENVIRONMENTS), "test"])], atomic);
        return kind === GROUP && choices.chance(4) ? "all" : some;
      }
      return plainValue(choices, attribute);
    },
  },
  {
    platform: keystone,
    target: openDomain({ name: "acme" }),
    newPeople: ["Aaron", "dora", "zz", "#c"],
    documents: (choices) => {
      const roles = choices.some(["auditor", "Auditor", "on call", "audit on project dev", '"quoted"', "it's"]);
      const people = choices.some(["ana", "Ana", "bo", "x, y", "eve of dev"]);
      const groups = choices.some(["developers", "Developers", "night: shift", "yes", "O'Brien & sons"]);
      const described = () => (choices.chance(2) ? { description: choices.of(TEXTS) || "x" } : {});
      const grants = () => (choices.chance(4) ? {} : { grants: grantsOf(choices, roles) });
      return [
        ...roles.map((name) => ({ kind: "Role", name, ...described(), ...(choices.chance(2) ? { implies: [] } : {}) })),
        ...groups.map((name) => ({ kind: GROUP, name, ...described(), ...grants() })),
        ...people.map((name) => ({
          kind: MEMBER,
          name,
          ...(choices.chance(2) ? { enabled: choices.chance(2) } : {}),
          ...grants(),
        })),
        ...choices.some(people).map((user) => ({
          kind: "ApplicationCredential",
          name: "nightly: x",
          user,
          project: "dev",
          roles: choices.some(roles),
        })),
        ...memberships(choices, groups, people.length > 0 ? people : ["ana", "bo", "x, y"], "name"),
      ];
    },
    valueOf: (choices, state, _kind, attribute) => {
      const roles = namesIn(state, "Role");
      if (attribute === "grants")
        return sortedNames(
          grantsOf(choices, roles).map((grant) => elementOf(keystone, GROUP, "grants").format(grant)),
          keystone,
        );
      if (attribute === "roles" || attribute === "implies") return sortedNames(choices.some(roles), keystone);
      if (attribute === "project") return choices.of(Object.keys(PROJECTS));
      if (attribute === "expires") return "2027-01-31T00:00:00Z";
      if (attribute === "email") return "one@acme.example";
      // Here an empty text is an error.
      return plainValue(choices, attribute) || undefined;
    },
  },
  {
    platform: atomyx,
    // Every workspace has a document: another name for one that only the settings name is for a person to follow there.
    target: openAccount({ name: "acme", environments: [] }),
    newPeople: NEW_PEOPLE,
    documents: (choices) => {
      const own = ["Viewer", "it's", "a: b", "Read/Write", "#x"].map((name) => `acme-prod/manage/${name}`);
      const roles = choices.some(own);
      const people = choices.some(PEOPLE);
      const groups = choices.some(["Everyone", "night: shift", "O'Brien & sons / night"]).map((name) => `eu/${name}`);
      const described = () => (choices.chance(2) ? { description: choices.of(TEXTS) } : {});
      const given = () => (choices.chance(3) ? {} : { roles: choices.some(roles) });
      const owned = people.length > 0 ? people : PEOPLE;
      return [
        { kind: "Workspace", name: "acme-prod", ...(choices.chance(2) ? { purpose: "production" } : {}) },
        { kind: "Workspace", name: "acme-dev" },
        { kind: "Workspace", name: "eu" },
        { kind: "Product", name: "acme-prod/manage", ...(choices.chance(2) ? { active: true } : {}) },
        ...roles.map((name) => ({ kind: "Role", name, ...described(), ...(choices.chance(2) ? { implies: [] } : {}) })),
        ...groups.map((name) => ({ kind: GROUP, name, ...described(), ...given() })),
        ...people.map((email) => ({
          kind: MEMBER,
          email,
          ...(choices.chance(3) ? {} : { workspaces: workspacesOf(choices) }),
          ...given(),
        })),
        ...choices.some(["acme-prod/Shop", "acme-prod/Till #2"]).map((name) => ({
          kind: "ApiKey",
          name,
          product: "acme-prod/manage",
          ...(people.length > 0 && choices.chance(2) ? { owner: choices.of(people) } : {}),
        })),
        ...memberships(choices, groups, owned, "email"),
      ];
    },
    valueOf: (choices, state, _kind, attribute) => {
      if (attribute === "workspaces")
        return sortedNames(
          workspacesOf(choices).map((role) => elementOf(atomyx, MEMBER, "workspaces").format(role)),
          atomyx,
        );
      if (attribute === "roles" || attribute === "implies")
        return sortedNames(choices.some(namesIn(state, "Role")), atomyx);
      if (attribute === "product") return "acme-prod/manage";
      const people = namesIn(state, MEMBER);
      if (/[oO]wner$/.test(attribute)) return choices.chance(2) ? undefined : choices.of(people);
      if (attribute === "reviewed") return "2026-10-01";
      if (attribute === "rotateEvery") return choices.of(["90d", "7d"]);
      if (attribute === "purpose" || attribute === "environment") return choices.of(["development", "production"]);
      if (attribute === "type") return choices.of(["Manage", "Submit"]);
      // Here an empty text is an error, and these have one line.
      const text = plainValue(choices, attribute) || undefined;
      const isLine = ["region", "team", "tier"].includes(attribute);
      return isLine && typeof text === "string" ? choices.of(["eu-west", "it's: #1"]) : text;
    },
  },
];

function workspacesOf(choices: Choices): Document[] {
  return choices
    .some(["acme-dev", "acme-prod", "eu"])
    .map((workspace) => ({ workspace, role: choices.of(["Owner", "Admin", "Member", "Billing"]) }));
}

function plainValue(choices: Choices, attribute: string): Value | undefined {
  if (choices.chance(5)) return undefined;
  if (["enabled", "unrestricted", "active", "subscribed"].includes(attribute)) return choices.chance(2);
  if (attribute === "owners") return sortedNames(choices.some(PEOPLE), atomic);
  if (attribute === "members") return choices.of(["additive", "exclusive"]);
  if (attribute === "drift") return choices.of(["report", "propose", "revert"]);
  return attribute === "firstName" || attribute === "lastName"
    ? choices.of(["Bo", "d'Arc", "Øre: x"])
    : choices.of(TEXTS);
}

function elementOf(platform: Platform, kind: string, attribute: string) {
  const element = platform.kinds.find((spec) => spec.kind === kind)?.attributes[attribute]?.element;
  if (!element) throw new Error("no elements");
  return element;
}

function levels(choices: Choices, names: readonly string[] = PERMISSIONS): { [key: string]: string } {
  return Object.fromEntries(choices.some(names).map((name) => [name, choices.of(["view", "edit", "admin"])]));
}

function sortedMap(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sortedNames(names: readonly string[], { fold }: Platform): string[] {
  return [...new Map(names.map((name) => [fold(name), name]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, name]) => name);
}

function grantsOf(choices: Choices, roles: readonly string[]): Document[] {
  const all = roles.flatMap((role): Document[] => [
    { role, project: choices.of(["dev", 'the "old" one']) },
    { role, inherited: true },
    { role, domain: true },
    { role, project: "dev-web", inherited: true },
  ]);
  return choices.some(choices.some(all));
}

/** Up to two documents for each group, nobody in both. */
function memberships(
  choices: Choices,
  groups: readonly string[],
  people: readonly string[],
  identity: string,
): Document[] {
  return groups.flatMap((group) => {
    const first = choices.some(people);
    const entry = (name: string): Json =>
      choices.chance(3)
        ? {
            [identity]: name,
            ...(choices.chance(2) ? { until: "2027-01-31" } : {}),
            reason: choices.of(["it's", "two\nlines", "C-1"]),
          }
        : name;
    const document = (members: readonly string[]) => ({ kind: MEMBERSHIP, group, members: members.map(entry) });
    const rest = people.filter((name) => !first.includes(name));
    return [
      ...(choices.chance(4) ? [] : [document(first)]),
      ...(choices.chance(3) ? [document(choices.some(rest))] : []),
    ];
  });
}

export interface WrittenFile extends FileText {
  readonly text: string;
  readonly comments: readonly string[];
}

/** Documents over up to three files, each in its own hand: any line ends, a byte order mark, no last line break. */
export function writeFiles(choices: Choices, documents: readonly Document[], tape: readonly number[]): WrittenFile[] {
  const parts: Document[][] = [[], [], []];
  for (const document of documents) parts[choices.pick(3)]?.push(document);
  return parts.flatMap((values, index) => {
    if (values.length === 0) return [];
    const { text: plain, comments } = scribble(values, tape.slice(index).concat(tape.slice(0, index)));
    const text = finish(choices, plain);
    return [{ path: `acme/f${index}.yaml`, text, comments, bytes: bytesOf(text) }];
  });
}

function finish(choices: Choices, plain: string): string {
  let text = plain;
  // Any sort of block, and blanks at line ends: what the values are then is read from the text.
  if (choices.chance(2))
    text = text.replace(/(?<=: )\|-?(?=[ \n])/g, () => choices.of(["|", "|-", "|+", ">", ">-", ">+"]));
  if (choices.chance(5))
    text = text.replace(/(?<=[^\n])\n/g, (found) => (choices.chance(4) ? choices.of(["  \n", "\t\n"]) : found));
  if (choices.chance(12)) text = text.replaceAll("\n", "\r");
  else if (choices.chance(3)) text = text.replaceAll("\n", "\r\n");
  if (choices.chance(5)) text = text.replaceAll(/\r?\n/g, (found) => (choices.chance(3) ? "\r\n" : found));
  if (choices.chance(5)) text = text.replace(/[\r\n]+$/, "");
  else if (choices.chance(8)) text = `${text}...\n`;
  return choices.chance(5) ? `\ufeff${text}` : text;
}

/** What files mean, and their errors. */
export function stateOfFiles(
  files: readonly FileText[],
  { platform, target }: World,
): { readonly state: State; readonly errors: readonly Finding[] } {
  const parsed = files.map(({ path, bytes }) => parseFile(path, bytes, platform.name));
  const { state, findings } = resolvePolicies({ target, files: parsed, now: NOW }, platform);
  const all = [...parsed.flatMap((file) => file.findings), ...findings];
  return { state, errors: all.filter(({ severity }) => severity === "error") };
}

/** Everything a state says, as lines: names of others by what they are compared by. */
export function linesOfState(state: State, platform: Platform): string[] {
  const lines: string[] = [];
  for (const [section, entities] of state)
    for (const entity of entities.values()) {
      const name = groupOfSection(section) === undefined ? entity.name : platform.fold(entity.name);
      lines.push(
        JSON.stringify([section, entity.local, name, entity.previously ?? "", attributeLines(entity, platform)]),
      );
    }
  return lines.sort();
}

function attributeLines({ attributes, kind }: Entity, platform: Platform): unknown[] {
  const spec = platform.kinds.find((each) => each.kind === kind);
  return Object.entries(attributes)
    .map(([attribute, value]) => {
      if (Array.isArray(value)) return [attribute, value.map(platform.fold).sort()];
      const refersTo = spec?.attributes[attribute]?.refersTo;
      return [attribute, refersTo !== undefined && typeof value === "string" ? platform.fold(value) : value];
    })
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

export function namesIn(state: State, kind: string): string[] {
  return [...(state.get(kind)?.values() ?? [])].map(({ name }) => name).sort();
}
