// `what-if` over the true example: every line that it names is where the thing really is, what it says somebody has is what `explain`
// says, and an edit is compared with HEAD, file by file.
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runExplain } from "../../src/run/answers.ts";
import type { Context } from "../../src/run/context.ts";
import { runWhatIf, type WhatIfOptions } from "../../src/run/what-if.ts";
import { createFolder, type Folder } from "../support/world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function contextFor(sink: string[], cwd: string): Context {
  const never = () => {
    throw new Error("not here");
  };
  return {
    cwd,
    environment: {},
    now: () => new Date("2026-11-22T12:00:00Z"),
    out: (text) => void sink.push(text),
    err: (text) => void sink.push(`stderr: ${text}`),
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 100 },
    ask: never,
    onStop: never,
    version: "0.0.0",
    build: undefined,
  };
}

const NOTHING: WhatIfOptions = {
  ...{ policies: "policies", format: "json", remove: [], membership: [], edit: [], live: false, full: false },
};

interface Place {
  readonly file: string;
  readonly line: number;
}
interface PathJson {
  readonly group: string | null;
  readonly role: string | null;
  readonly membershipPlace: Place | null;
  readonly groupPlace: Place | null;
  readonly rolePlace: Place | null;
}
interface Outcome {
  readonly becomes: string;
  readonly resource: string;
  readonly scope: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly gone: readonly PathJson[];
  readonly left: readonly PathJson[];
}
interface Answer {
  readonly target: string;
  readonly commit: string | null;
  readonly edits: readonly string[];
  readonly removed: readonly {
    readonly kind: string;
    readonly name: string;
    readonly file: string;
    readonly line: number;
  }[];
  readonly memberships: number;
  readonly refused: boolean;
  readonly findings: readonly { readonly code: string }[];
  readonly people: readonly {
    readonly member: string;
    readonly losesEverything: boolean;
    readonly outcomes: readonly Outcome[];
  }[];
}

let folder: Folder;
let head: string;
beforeAll(() => {
  folder = createFolder();
  cpSync(join(ROOT, "policies"), join(folder.dir, "policies"), { recursive: true });
  head = folder.commit("the example");
});
afterAll(() => folder?.remove());
beforeEach(() => void folder.git("reset", "-q", "--hard", head));

async function ask(options: Partial<WhatIfOptions>): Promise<Answer[]> {
  const sink: string[] = [];
  expect(await runWhatIf(contextFor(sink, folder.dir), { ...NOTHING, ...options })).toBe(0);
  const answers = JSON.parse(sink.join(""));
  return Array.isArray(answers) ? answers : [answers];
}

async function refusal(options: Partial<WhatIfOptions>): Promise<string> {
  const context = contextFor([], folder.dir);
  const error = await runWhatIf(context, { ...NOTHING, ...options }).catch((thrown: Error) => thrown);
  return error instanceof Error ? `${error.message} | ${"hint" in error ? error.hint : ""}` : `exit ${error}`;
}

const lineAt = ({ file, line }: Place) => readFileSync(join(folder.dir, file), "utf8").split("\n")[line - 1] ?? "";

/** The text of a document that begins at a line. */
function documentAt(place: Place): string {
  const lines = readFileSync(join(folder.dir, place.file), "utf8")
    .split("\n")
    .slice(place.line - 1);
  const end = lines.indexOf("---");
  return (end < 0 ? lines : lines.slice(0, end)).join("\n");
}

async function held(member: string, target: string): Promise<Map<string, string>> {
  const sink: string[] = [];
  const options = { policies: "policies", target, format: "json" as const, live: false, full: false };
  await runExplain(contextFor(sink, folder.dir), member, undefined, options);
  const { grants } = JSON.parse(sink.join(""));
  return new Map(grants.map((grant: Outcome & { level: string }) => [`${grant.resource} ${grant.scope}`, grant.level]));
}

/** Names of everything of a kind in a target's files. */
function namesIn(target: string, files: readonly string[], kind: string): string[] {
  return files.flatMap((file) =>
    (loadAll(folder.read(`policies/${target}/${file}`)) as { kind: string; name?: string; email?: string }[])
      .filter((document) => document.kind === kind)
      .map(({ name, email }) => name ?? email ?? ""),
  );
}

describe("over the example", () => {
  const GROUPS = {
    acme: ["groups/cards.yaml", "groups/insights.yaml", "groups/operations.yaml"],
    vault: ["groups/production.yaml", "groups/development.yaml"],
  };

  it("without any of its groups: what is held now is what explain says, and every line is the thing's own", async () => {
    let seen = 0;
    for (const [target, files] of Object.entries(GROUPS))
      for (const name of namesIn(target, files, "Group")) {
        const [answer] = await ask({ remove: [`group:${name}`], target });
        if (!answer) throw new Error(`no answer about ${name}`);
        expect([answer.commit, answer.removed.map((entity) => entity.name)]).toEqual([head, [name]]);
        for (const place of answer.removed) expect(documentAt(place)).toMatch(/^kind: Group\n/);
        for (const { member, outcomes, losesEverything } of answer.people) {
          const before = await held(member, target);
          for (const { resource, scope, before: level, gone, left } of outcomes) {
            expect(before.get(`${resource} ${scope}`) ?? null).toBe(level);
            expect(gone.map(({ group }) => group)).toContain(name);
            expect(left.map(({ group }) => group)).not.toContain(name);
            for (const path of [...gone, ...left]) checkPlaces(member, path);
            seen += 1;
          }
          if (losesEverything) expect(outcomes).toHaveLength(before.size);
        }
      }
    expect(seen).toBeGreaterThan(100);
  });

  function checkPlaces(member: string, { group, role, membershipPlace, groupPlace, rolePlace }: PathJson): void {
    if (!membershipPlace) throw new Error(`${member} is nowhere in ${group ?? role}`);
    expect(group === null ? documentAt(membershipPlace) : lineAt(membershipPlace)).toContain(member);
    if (groupPlace) expect(documentAt(groupPlace)).toContain(`name: ${group}`);
    if (rolePlace) expect(documentAt(rolePlace)).toContain(`name: ${role}`);
  }

  it("without a person, who may be on several targets, or a role, which groups would have to name no more", async () => {
    const answers = await ask({ remove: ["ana@acme.example"] });
    expect(answers.map(({ target, people }) => [target, people.map((person) => person.losesEverything)])).toEqual([
      ["acme", [true]],
      ["vault", [true]],
    ]);
    const [roles] = (await ask({ remove: ["Card editor"] })) as (Answer & { naming: readonly { name: string }[] })[];
    expect(roles?.naming.map(({ name }) => name)).toEqual(["Card creators"]);
  });

  it("without one membership: what is kept is kept through the other groups; several removals count together", async () => {
    const membership = ["mei@acme.example in Card creators"];
    const [one] = await ask({ membership });
    expect([one?.refused, one?.people.map(({ member }) => member)]).toEqual([false, ["mei@acme.example"]]);
    const kept = one?.people[0]?.outcomes.filter(({ becomes }) => becomes === "kept") ?? [];
    expect(kept.map(({ scope, left }) => [scope, left.map(({ group }) => group)])).toEqual([
      ["staging", ["Card publishers"]],
    ]);
    const [both] = await ask({ membership: [...membership, "mei@acme.example in Card publishers"] });
    expect(both?.people[0]?.outcomes.filter(({ becomes }) => becomes === "kept")).toEqual([]);
  });

  it("says what the rules would refuse", async () => {
    const [owners] = await ask({ remove: ["role:Owner"] });
    expect(owners?.refused).toBe(true);
    expect(owners?.findings.map(({ code }) => code)).toContain("removal-limit-owners");
  });

  it("as text", async () => {
    const sink: string[] = [];
    const options: WhatIfOptions = { ...NOTHING, format: "human", remove: ["Card creators"] };
    expect(await runWhatIf(contextFor(sink, folder.dir), options)).toBe(0);
    await expect(sink.join("").replaceAll(head.slice(0, 12), "0123456789ab")).toMatchFileSnapshot("golden/what-if.txt");
  });
});

const CARDS = "policies/acme/groups/cards.yaml";
const PEOPLE = "policies/acme/memberships/cards.yaml";

describe("an edit of files", () => {
  it("is that of the work tree, of the paths that are named alone, and of the targets that it can concern", async () => {
    folder.edit(CARDS, "roles: [Card approver]", "roles: [Card editor]");
    folder.edit(PEOPLE, "  - ana@acme.example\n", "");
    const [roles, ...others] = await ask({ edit: [CARDS] });
    expect([others, roles?.edits, roles?.people.map(({ member }) => member)]).toEqual([
      [],
      [CARDS],
      ["ines@acme.example", "yusuf@acme.example"],
    ]);
    const [all] = await ask({ edit: ["policies"] });
    expect(all?.edits).toEqual([CARDS, PEOPLE]);
    const lost = all?.people.filter(({ losesEverything }) => losesEverything);
    expect(lost?.map(({ member }) => member)).toEqual(["ana@acme.example"]);
    folder.commit("edits");
    expect((await ask({ edit: ["policies"] })).map(({ edits, people }) => [edits, people])).toEqual([
      [[], []],
      [[], []],
    ]);
  });

  it("of a rule is judged by HEAD's rules as well", async () => {
    const [before] = await ask({ remove: ["role:Owner"], target: "acme" });
    folder.edit("policies/rolebook.yaml", "targets:", "# Nothing that counts.\ntargets:");
    const answers = await ask({ edit: ["policies/rolebook.yaml"] });
    expect(answers.map(({ target, people, findings }) => [target, people, findings])).toEqual([
      ["acme", [], []],
      ["vault", [], []],
    ]);
    expect(before?.refused).toBe(true);
  });

  it("can be another file in a file's place, or a file that is not there yet, or is gone", async () => {
    const other = join(folder.dir, "other.txt");
    writeFileSync(other, folder.read(CARDS).replace("roles: [Card editor]", "roles: []"));
    const [replaced] = await ask({ edit: [`${CARDS}=other.txt`] });
    expect(replaced?.people.flatMap(({ outcomes }) => outcomes.map(({ becomes }) => becomes))).toContain("lost");
    expect(folder.git("status", "--porcelain")).toBe("?? other.txt\n");
    rmSync(join(folder.dir, PEOPLE));
    const [gone] = await ask({ edit: [PEOPLE] });
    expect(gone?.people.filter(({ losesEverything }) => losesEverything).length).toBeGreaterThan(3);
  });

  it("with errors is not answered: they are shown", async () => {
    folder.edit(CARDS, "roles: [Card approver]", "roles: [Nobody knows]");
    const sink: string[] = [];
    expect(await runWhatIf(contextFor(sink, folder.dir), { ...NOTHING, edit: ["policies"] })).toBe(1);
    expect(sink.join("")).toContain("unknown-role");
  });
});

describe("what cannot be answered", () => {
  it("is said, with what to do", async () => {
    const said = {
      nothing: await refusal({}),
      both: await refusal({ remove: ["Owner"], edit: ["policies"] }),
      ambiguous: await refusal({ remove: ["Owner"] }),
      misspelt: await refusal({ remove: ["Card createrz"] }),
      unknown: await refusal({ remove: ["?"], target: "acme" }),
      membership: await refusal({ membership: ["ana@acme.example in Nowhere"] }),
      outside: await refusal({ edit: ["../elsewhere.yaml"] }),
      missing: await refusal({ edit: ["policies/acme/none.yaml"] }),
      unreadable: await refusal({ edit: [`${CARDS}=none.yaml`] }),
      odd: await refusal({ edit: ["policies/notes.txt=none.yaml"] }),
    };
    expect(said).toMatchInlineSnapshot(`
      {
        "ambiguous": "Several things are called "Owner" on acme | Say which: --remove "role:Owner" or --remove "group:Owner".",
        "both": "Either something is removed or files are edited | Ask twice.",
        "membership": "There is no membership "ana@acme.example in Nowhere" | It is said as MEMBER in GROUP; \`rolebook explain MEMBER\` tells somebody's groups.",
        "missing": "There is no policy file acme/none.yaml, neither in HEAD nor in the work tree | undefined",
        "misspelt": "Nothing here is called "Card createrz" | Did you mean "Card creators"?",
        "nothing": "what-if has to be told what would be otherwise | Say it with --remove NAME, --membership "MEMBER in GROUP" or --edit PATH.",
        "odd": "policies/notes.txt is no policy file | Policy files end in .yaml, and no part of their path begins with a dot.",
        "outside": "../elsewhere.yaml is not in the policy folder policies | Name a policy file, or a folder of them.",
        "unknown": "Nothing here is called "?" | Looked for: Role, Group, Member.",
        "unreadable": "There is no file none.yaml | undefined",
      }
    `);
    const bare = createFolder();
    cpSync(join(ROOT, "policies"), join(bare.dir, "policies"), { recursive: true });
    const asked = runWhatIf(contextFor([], bare.dir), { ...NOTHING, edit: ["policies"] });
    await expect(asked).rejects.toThrow("An edit is compared with HEAD, and there is no commit here");
    bare.remove();
  });
});
