// The lines of CODEOWNERS stand between their markers, and nothing else moves; Git itself says which of them matches last.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Settings } from "../../src/model/settings.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import {
  BEGIN,
  type CodeownersInput,
  codeownersLines,
  END,
  placeLines,
  rulesAfter,
  writeCodeowners,
} from "../../src/policy/codeowners.ts";
import { git, scratchFolder } from "../git/scratch.ts";
import { parse, target } from "./files.ts";

const address = (name: string) => `${name}@acme.example`;
const acme = { ...target, owners: [address("ana"), address("kim")] };
const other = { ...target, name: "other", owners: [address("ola")] };
const group = (name: string, ...owners: readonly string[]) =>
  `kind: Group\nname: ${name}\nroles: []\nenvironments: all\n${owners.length === 0 ? "" : `owners: [${owners.map(address).join(", ")}]\n`}`;
const membership = (name: string) => `kind: Membership\ngroup: ${name}\nmembers: []\n`;
const settings = (...logins: readonly string[]): Settings => ({
  targets: [acme, other],
  people: logins.map((login) => ({ login: `${login}-hub`, members: [address(login)], place: target.place })),
  notify: [],
  schedule: { poll: "", drift: "" },
  reviews: { overdue: "keep", escalateDays: 7, remind: "0 7 * * *" },
});
const FILES = {
  "policies/acme/groups.yaml": `${group("Creators", "bo", "Cy")}---\n${group("Testers", "bo")}`,
  "policies/acme/memberships/creators.yaml": membership("creators"),
  "policies/acme/memberships/the testers.yaml": membership("Testers"),
  "policies/acme/memberships/[odd].yaml": membership("Testers"),
  "policies/acme/memberships/nobody's.yaml": membership("Free"),
  "policies/acme/mixed.yaml": `${membership("Testers")}---\nkind: Role\nname: R\npermissions: {}\n`,
  "policies/acme/free.yaml": group("Free"),
};
const input = (parts: Partial<CodeownersInput> = {}): CodeownersInput => ({
  folder: "policies",
  shown: "policies",
  settings: settings("ana", "kim", "ola", "bo", "cy", "sec"),
  guardrailOwners: [address("sec")],
  targets: [
    { target: acme, files: Object.entries(FILES).map(([file, text]) => parse(text, file)), fold: atomic.fold },
    { target: other, files: [], fold: atomic.fold },
  ],
  path: ".github/CODEOWNERS",
  ...parts,
});

describe("the lines", () => {
  it("go from the general to the special, and end with what rules all of it", () => {
    expect(codeownersLines(input())).toEqual([
      "/policies/ @ana-hub @kim-hub @ola-hub @sec-hub",
      "/policies/acme/ @ana-hub @kim-hub",
      "/policies/acme/memberships/creators.yaml @ana-hub @bo-hub @cy-hub @kim-hub",
      "/policies/acme/memberships/the\\ testers.yaml @ana-hub @bo-hub @kim-hub",
      "/policies/other/ @ola-hub",
      "/policies/rolebook.yaml @ana-hub @kim-hub @ola-hub @sec-hub",
      "/policies/guardrails/ @ana-hub @kim-hub @ola-hub @sec-hub",
      "/policies/waivers/ @ana-hub @kim-hub @ola-hub @sec-hub",
      "/policies/identities/ @ana-hub @kim-hub @ola-hub @sec-hub",
      "/policies/reviews/ @ana-hub @kim-hub @ola-hub @sec-hub",
      "/.github/workflows/ @ana-hub @kim-hub @ola-hub @sec-hub",
      "/.github/actions/ @ana-hub @kim-hub @ola-hub @sec-hub",
      "/.github/CODEOWNERS @ana-hub @kim-hub @ola-hub @sec-hub",
    ]);
  });

  it("of nobody with a login are none, as they would take ownership away", () => {
    const lines = codeownersLines(input({ settings: settings("ana") }));
    expect(lines).toContain("# /policies/other/ has owners without a login, or none");
    expect(lines.filter((line) => !line.startsWith("#")).every((line) => / @/.test(line))).toBe(true);
  });

  it("begin at the root where the policies do", () => {
    const lines = codeownersLines(input({ folder: "", targets: [] }));
    expect(lines.map((line) => line.split(" ")[1])).toContain("/rolebook.yaml");
    expect(lines.some((line) => line.startsWith("/ "))).toBe(false);
  });

  it("match as Git reads them, the last one first", () => {
    const folder = scratchFolder();
    git(folder, "init", "-q");
    // Attributes have the same patterns, but for two things: quotes instead of escapes, and a folder is not what is in it.
    const patterns = codeownersLines(input()).map((line) =>
      line
        .replace(/(?<!\\) @.*$/, "")
        .replaceAll("\\ ", " ")
        .replace(/\/$/, "/**"),
    );
    writeFileSync(
      join(folder, ".gitattributes"),
      patterns.map((pattern, index) => `"${pattern}" line=${index}\n`).join(""),
    );
    const ownersOf = (path: string) => {
      const answer = execFileSync("git", ["check-attr", "line", "--", path], { cwd: folder, encoding: "utf8" });
      const line = codeownersLines(input())[Number(answer.trim().split(": ").at(-1))];
      return line?.replace(/^.*?(?<!\\) (?=@)/, "");
    };
    const everybody = "@ana-hub @kim-hub @ola-hub @sec-hub";
    expect(ownersOf("policies/acme/roles/x.yaml")).toBe("@ana-hub @kim-hub");
    expect(ownersOf("policies/acme/memberships/the testers.yaml")).toBe("@ana-hub @bo-hub @kim-hub");
    expect(ownersOf("policies/acme/memberships/[odd].yaml")).toBe("@ana-hub @kim-hub");
    expect(ownersOf("policies/acme/mixed.yaml")).toBe("@ana-hub @kim-hub");
    expect(ownersOf("policies/other/a/b.yaml")).toBe("@ola-hub");
    expect(ownersOf("policies/rolebook.yaml")).toBe(everybody);
    expect(ownersOf("policies/guardrails/two.yaml")).toBe(everybody);
    expect(ownersOf("policies/reviews/r.yaml")).toBe(everybody);
    expect(ownersOf(".github/workflows/apply.yml")).toBe(everybody);
  });
});

describe("their place", () => {
  it("is the end of a text without markers", () => {
    expect(placeLines("", ["a"])).toEqual({ text: `${BEGIN}\na\n${END}\n` });
    expect(placeLines("* @x", ["a"])).toEqual({ text: `* @x\n\n${BEGIN}\na\n${END}\n` });
    expect(placeLines("* @x\r\n", ["a"])).toEqual({ text: `* @x\r\n\r\n${BEGIN}\r\na\r\n${END}\r\n` });
  });

  it.each([`${BEGIN}\n`, `${END}\n${BEGIN}\n`, `${BEGIN}\n${BEGIN}\n${END}\n`, END])("cannot be told in %j", (text) => {
    expect(placeLines(text, ["a"])).toHaveProperty("problem");
  });

  it("is told where other rules follow", () => {
    expect(rulesAfter(`${BEGIN}\n${END}\n# fine\n\n`)).toBe(false);
    expect(rulesAfter(`${BEGIN}\n${END}\r\n* @x\n`)).toBe(true);
    expect(rulesAfter("* @x\n")).toBe(false);
  });

  it("moves no byte around it, and is found again", () => {
    const line = fc
      .stringMatching(/^[ -~éß日]{0,12}$/)
      .filter((text) => !text.startsWith("# BEGIN") && !text.startsWith("# END"));
    const around = fc.tuple(fc.array(line), fc.constantFrom("\n", "\r\n"), fc.boolean()).map(([lines, end, last]) => ({
      text: lines.join(end) + (last && lines.length > 0 ? end : ""),
      end,
    }));
    fc.assert(
      fc.property(around, around, fc.array(line), fc.array(line), (before, after, lines, later) => {
        const head = before.text === "" || /\n$/.test(before.text) ? before.text : `${before.text}${before.end}`;
        const text = `${head}${BEGIN}\nold\n${END}${after.text === "" ? "" : before.end}${after.text}`;
        const placed = placeLines(text, lines);
        if (!("text" in placed)) throw new Error(placed.problem);
        expect(placed.text.startsWith(head)).toBe(true);
        expect(placed.text.endsWith(`${END}${after.text === "" ? "" : before.end}${after.text}`)).toBe(true);
        expect(placeLines(placed.text, lines)).toEqual(placed);
        const again = placeLines(placed.text, later);
        expect(placeLines("text" in again ? again.text : "", lines)).toEqual(placed);
      }),
    );
  });
});

describe("a text that GitHub would not read for its size", () => {
  it("goes without lines for single files, or is refused", () => {
    const length = (single: boolean) => [BEGIN, ...codeownersLines(input(), single), END, ""].join("\n").length;
    const room = `#${"x".repeat(3_000_000 - length(false) - 10)}\n`;
    const written = writeCodeowners(room, input());
    expect("text" in written && written.text.includes("/policies/acme/ @")).toBe(true);
    expect("text" in written && written.text.includes("creators.yaml")).toBe(false);
    expect(writeCodeowners(`${room}#${"x".repeat(10)}\n`, input())).toHaveProperty("problem");
  });
});
