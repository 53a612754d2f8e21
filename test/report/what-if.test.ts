// What would become of people's access, shown: at a terminal and as JSON, with every fold counted and no name more than a name.
import { describe, expect, test } from "vitest";
import type { Finding, Place } from "../../src/model/finding.ts";
import type { WhatIf, WhatIfGroup } from "../../src/model/what-if.ts";
import { renderWhatIfJson } from "../../src/report/what-if-json.ts";
import { renderWhatIfText } from "../../src/report/what-if-text.ts";
import { ENVIRONMENTS, people } from "./examples.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { schemaErrors } from "./schema.ts";

const TEXT = { color: false, width: 100, full: false, environments: ENVIRONMENTS };

const at = (file: string, line: number): Place => ({ file: `policies/acme/${file}`, line, column: 5 });
const creators = {
  ...{ group: "Card creators", role: "Card editor" },
  ...{ groupPlace: at("groups/cards.yaml", 3), rolePlace: at("roles/cards.yaml", 9) },
};
const readers = { group: "Readers", role: "Reader", level: "view", groupPlace: at("groups/readers.yaml", 1) };
const direct = { role: "Auditor" };

const PEOPLE: readonly WhatIfGroup[] = [
  {
    members: people(5).map((member, index) => ({
      ...{ member, name: "" },
      memberships: new Map([["Card creators", at("memberships/cards.yaml", 4 + index)]]),
    })),
    losesEverything: true,
    outcomes: ENVIRONMENTS.flatMap((scope) =>
      ["Card template", "Theme"].map((resource) => ({
        ...{ becomes: "lost" as const, resource, scope, before: "edit", after: null, gone: [creators], left: [] },
      })),
    ),
  },
  {
    members: [
      {
        ...{ member: "ana@acme.example", name: "Ana Li" },
        memberships: new Map<string | null, Place>([
          ["Readers", at("memberships/readers.yaml", 7)],
          ["Card creators", at("memberships/cards.yaml", 20)],
          [null, at("members/ana.yaml", 2)],
        ]),
      },
    ],
    losesEverything: false,
    outcomes: [
      {
        becomes: "kept",
        resource: "Audit log",
        scope: "organization",
        before: "view",
        after: "view",
        gone: [creators],
        left: [direct],
      },
      {
        becomes: "reduced",
        resource: "Card template",
        scope: "dev",
        before: "edit",
        after: "view",
        gone: [creators],
        left: [readers],
      },
      {
        becomes: "raised",
        resource: "Stream",
        scope: "dev",
        before: "view",
        after: "edit",
        gone: [],
        left: [creators],
      },
      {
        becomes: "gained",
        resource: "Tag",
        scope: "prod",
        before: null,
        after: "view",
        gone: [],
        left: [readers, direct, creators, readers],
      },
    ],
  },
];

const FINDING: Finding = {
  ...{ severity: "error", code: "minimum-owners", message: "Only 1 owner would be left" },
  hint: "Name another owner first.",
};

function exampleWhatIf(partial: Partial<WhatIf> = {}): WhatIf {
  return {
    ...{ target: "acme", platform: "atomic", source: "files", commit: "3f2a91c7d0e1a2b3c4d5e6f708192a3b4c5d6e7f" },
    removed: [{ kind: "Group", name: "Card creators", place: at("groups/cards.yaml", 3) }],
    along: [{ kind: "ApiKey", name: "ci" }],
    memberships: 6,
    naming: [{ kind: "Workspace", name: "acme-dev", place: at("workspaces.yaml", 1) }],
    edits: [],
    people: PEOPLE,
    owners: [
      { scope: undefined, before: 2, after: 1, lost: ["ana@acme.example"] },
      { scope: "acme-dev", before: 3, after: 3, lost: [] },
    ],
    minimumOwners: 2,
    findings: [FINDING],
    refused: true,
    ...partial,
  };
}

/** Everything that a platform or a file could say is this. */
function whatIfCalled(name: string): WhatIf {
  const place = { file: name, line: 1, column: 1 };
  const entity = { kind: name, name, place };
  const path = { group: name, role: name, level: name, groupPlace: place, rolePlace: place };
  const outcome = { resource: name, scope: name, before: name, after: name, gone: [path], left: [path] };
  const memberships = new Map([[name, place]]);
  return exampleWhatIf({
    ...{ target: name, platform: name, commit: name, edits: [name] },
    ...{
      removed: [entity],
      along: [entity],
      naming: [entity],
      findings: [{ ...FINDING, code: name, message: name, place }],
    },
    people: [
      {
        members: [{ member: name, name, memberships }],
        losesEverything: true,
        outcomes: (["lost", "reduced", "kept", "raised", "gained"] as const).map((becomes) => ({
          becomes,
          ...outcome,
        })),
      },
    ],
    owners: [{ scope: name, before: 2, after: 1, lost: [name] }],
  });
}

function jsonOf(answer: WhatIf): string {
  return [...renderWhatIfJson(answer)].join("");
}

describe("at a terminal", () => {
  test("what it looks like", async () => {
    await expect(renderWhatIfText(exampleWhatIf(), TEXT)).toMatchFileSnapshot("golden/what-if.txt");
  });

  test("of an edit that changes nothing for anybody", () => {
    const nothing = { removed: [], along: [], naming: [], memberships: 0, people: [], owners: [], findings: [] };
    const answer = exampleWhatIf({
      ...nothing,
      source: "edit",
      edits: ["policies/acme/groups/cards.yaml"],
      refused: false,
    });
    expect(renderWhatIfText(answer, TEXT)).toBe(
      "If the files were as edited (acme, compared with HEAD at 3f2a91c7d0e1):\n  policies/acme/groups/cards.yaml\n\nNobody's access would change\n",
    );
    expect(renderWhatIfText({ ...answer, edits: [] }, TEXT)).toContain("\n  no file differs from HEAD\n");
  });

  test("what is folded is counted, and --full shows it", () => {
    const many = people(60).map((member) => ({
      ...(PEOPLE[1] as WhatIfGroup),
      members: [{ member, name: "", memberships: new Map() }],
    }));
    const along = people(20).map((name) => ({ kind: "ApiKey", name }));
    const answer = exampleWhatIf({ people: [...PEOPLE, ...many], along });
    const folded = renderWhatIfText(answer, TEXT);
    expect(folded).toContain("  … goes with it: 15 more; --full shows all\n");
    expect(folded).toContain("  … and 12 more people in 12 other ways; --full shows all\n");
    expect(folded).toContain(
      "person-00001@acme.example, person-00002@acme.example, person-00003@acme.example and 2 more",
    );
    const full = renderWhatIfText(answer, { ...TEXT, full: true });
    expect(full).not.toContain("--full");
    for (const name of [...people(60), ...people(20)]) expect(full).toContain(name);
  });

  test("no name is more than a name", () => {
    for (const name of HOSTILE_NAMES)
      for (const source of ["files", "edit"] as const)
        expect(terminalDangers(renderWhatIfText({ ...whatIfCalled(name), source }, TEXT)), name).toEqual([]);
  });
});

describe("as JSON", () => {
  test("what it looks like", async () => {
    await expect(jsonOf(exampleWhatIf())).toMatchFileSnapshot("golden/what-if.json");
  });

  test("keeps to its schema, names as they are, and each path has the person's own line", () => {
    for (const answer of [exampleWhatIf(), exampleWhatIf({ commit: null }), ...HOSTILE_NAMES.map(whatIfCalled)])
      expect(schemaErrors("what-if", JSON.parse(jsonOf(answer)))).toEqual([]);
    for (const name of HOSTILE_NAMES) expect(JSON.parse(jsonOf(whatIfCalled(name))).people[0].member).toBe(name);
    const rows = JSON.parse(jsonOf(exampleWhatIf())).people;
    expect(
      rows.map(
        (row: { outcomes: { gone: { membershipPlace: Place }[] }[] }) => row.outcomes[0]?.gone[0]?.membershipPlace.line,
      ),
    ).toEqual([4, 5, 6, 7, 8, 20]);
  });
});
