// `explain` and `who-can` over the true example, against a naive reading of the same files: for every
// member, resource and environment, and every place they name is where the line really is.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import { beforeAll, describe, expect, it } from "vitest";
import { defaultRoles, resources } from "../../src/platform/atomic/catalogue.ts";
import { runExplain, runWhoCan } from "../../src/run/answers.ts";
import type { Context } from "../../src/run/context.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENVIRONMENTS = ["dev", "test", "staging", "production"];
const NOW = new Date("2026-11-22T12:00:00Z");

type Document = { readonly kind: string; readonly [key: string]: unknown };
let documents: Document[];

beforeAll(() => {
  const files = readdirSync(join(ROOT, "policies/acme"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".yaml"),
  );
  documents = files.flatMap((name) => loadAll(readFileSync(join(ROOT, "policies/acme", name), "utf8")) as Document[]);
});

/** `resource scope` -> level, read off the documents in the plainest way there is. */
function naiveGrants(member: string): Map<string, string> {
  const cells = new Map<string, string>();
  const of = (kind: string) => documents.filter((document) => document.kind === kind);
  for (const membership of of("Membership")) {
    const listed = (membership.members as (string | { readonly email: string })[]).some(
      (entry) => (typeof entry === "string" ? entry : entry.email) === member,
    );
    const group = of("Group").find(({ name }) => name === membership.group);
    if (!listed || !group) continue;
    const named = of("EnvironmentScope").find(({ name }) => name === group.environments)?.environments;
    const limit = (named ?? (group.environments === "all" ? undefined : group.environments)) as string[] | undefined;
    for (const roleName of group.roles as string[]) {
      const role = of("Role").find(({ name }) => name === roleName)?.permissions ?? defaultRoles[roleName] ?? {};
      for (const [name, level] of Object.entries(role as Record<string, string>)) {
        const resource = resources.find((known) => known.name === name || known.aliases.includes(name));
        if (!resource) throw new Error(`unknown resource ${name}`);
        // What a resource does not offer gives the next lower level that it does.
        const ladder = ["view", "edit", "admin"];
        const given = ladder
          .slice(0, ladder.indexOf(level) + 1)
          .filter((step) => resource.levels.includes(step))
          .at(-1);
        const scopes = resource.scope === "organization" ? (limit ? [] : ["organization"]) : (limit ?? ENVIRONMENTS);
        for (const scope of given === undefined ? [] : scopes) {
          const cell = `${resource.name} ${scope}`;
          if (ladder.indexOf(cells.get(cell) ?? "") < ladder.indexOf(given as string)) cells.set(cell, given as string);
        }
      }
    }
  }
  return cells;
}

function contextFor(sink: string[]): Context {
  const never = () => {
    throw new Error("not here");
  };
  return {
    cwd: ROOT,
    environment: {},
    now: () => NOW,
    out: (text) => void sink.push(text),
    err: (text) => void sink.push(`stderr: ${text}`),
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: never,
    onStop: never,
    version: "0.0.0",
    build: undefined,
  };
}

const options = {
  policies: "policies",
  target: "acme",
  format: "json" as const,
  strict: false,
  live: false,
  full: false,
};

async function ask(run: (context: Context) => Promise<number>): Promise<{ readonly [key: string]: unknown }> {
  const sink: string[] = [];
  expect(await run(contextFor(sink))).toBe(0);
  return JSON.parse(sink.join(""));
}

interface Path {
  readonly group: string;
  readonly role: string;
  readonly membershipPlace: { readonly file: string; readonly line: number; readonly column: number } | null;
  readonly groupPlace: Path["membershipPlace"];
  readonly rolePlace: Path["membershipPlace"];
}
interface Held {
  readonly member?: string;
  readonly resource?: string;
  readonly scope: string;
  readonly level: string;
  readonly paths: readonly Path[];
}

const members = () => documents.filter(({ kind }) => kind === "Member").map(({ email }) => email as string);

describe("over the example", () => {
  it("explain agrees with the files for every member, and points at the lines that give", async () => {
    expect(members().length).toBeGreaterThanOrEqual(12);
    for (const member of members()) {
      const { grants } = (await ask((context) => runExplain(context, member, undefined, options))) as unknown as {
        readonly grants: readonly Held[];
      };
      const cells = new Map(grants.map(({ resource, scope, level }) => [`${resource} ${scope}`, level]));
      expect([...cells].sort()).toEqual([...naiveGrants(member)].sort());
      for (const { paths } of grants) for (const path of paths) checkPlaces(member, path);
    }
  });

  it("explain with a resource and an environment is that part of the whole", async () => {
    for (const environment of ENVIRONMENTS)
      for (const resource of ["Card template", "stream container", "Audit log"]) {
        const { grants } = (await ask((context) =>
          runExplain(context, "mei@acme.example", resource, { ...options, environment }),
        )) as unknown as { readonly grants: readonly Held[] };
        const name = resource === "stream container" ? "Container" : resource;
        const expected = naiveGrants("mei@acme.example").get(`${name} ${environment}`);
        expect(grants.map(({ level }) => level)).toEqual(expected === undefined ? [] : [expected]);
      }
  });

  it("who-can agrees with the files for every resource, level and environment", async () => {
    const all = new Map(members().map((member) => [member, naiveGrants(member)]));
    for (const resource of resources)
      for (const [rank, level] of resource.levels.entries())
        for (const scope of resource.scope === "organization" ? ["organization"] : ENVIRONMENTS) {
          const answer = (await ask((context) =>
            runWhoCan(context, level, resource.name, { ...options, environment: scope }),
          )) as unknown as { readonly holders: readonly Held[] };
          const expected = members()
            .filter(
              (member) => resource.levels.indexOf(all.get(member)?.get(`${resource.name} ${scope}`) ?? "") >= rank,
            )
            .sort();
          expect(answer.holders.map(({ member }) => member)).toEqual(expected);
        }
  });
});

/** The line of each place really names the member, the group's document, the role's document. */
function checkPlaces(member: string, path: Path): void {
  const lineAt = (place: Path["membershipPlace"]) =>
    place ? (readFileSync(join(ROOT, place.file), "utf8").split("\n")[place.line - 1] ?? "") : "";
  expect(lineAt(path.membershipPlace)).toContain(member);
  const declares = (place: Path["membershipPlace"], name: string) => {
    const text = readFileSync(join(ROOT, place?.file ?? ""), "utf8")
      .split("\n")
      .slice((place?.line ?? 1) - 1);
    expect(text.slice(0, 4).join("\n")).toContain(name);
  };
  declares(path.groupPlace, path.group);
  // Roles that every organization comes with are declared nowhere.
  if (path.rolePlace === null) expect(Object.keys(defaultRoles)).toContain(path.role);
  else declares(path.rolePlace, path.role);
}
