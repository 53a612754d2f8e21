// Every place of a report is a line that grants: it is read in the text of the files, without anything that the report knows.

import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/model/document.ts";
import { type Entity, entityAt, type State } from "../../../src/model/entity.ts";
import type { Place } from "../../../src/model/finding.ts";
import { kindSpec, MEMBER, resourcesOf } from "../../../src/model/platform.ts";
import type { ReviewPath, ReviewRow } from "../../../src/model/review.ts";
import { buildReview } from "../../../src/plan/review/build.ts";
import type { ReviewedTarget } from "../../../src/plan/review/input.ts";
import { CASES, FILE, inputOf } from "./worlds.ts";

interface Line {
  /** What the line says: YAML that was read by another parser. */
  readonly value: Json;
  readonly text: string;
  /** The document around it. */
  readonly document: { readonly [key: string]: Json };
}

function lineAt(text: string, { file, line }: Place): Line {
  expect(file).toBe(FILE);
  const lines = text.split("\n");
  const from = lines.lastIndexOf("---", line - 2) + 1;
  const next = lines.indexOf("---", line - 1);
  const document = load(lines.slice(from, next < 0 ? undefined : next).join("\n"));
  const said = lines[line - 1] ?? "";
  return { value: load(said) as Json, text: said, document: document as Line["document"] };
}

/** Everything that a line names. */
function names(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(names);
  if (value !== null && typeof value === "object")
    return Object.entries(value).flatMap(([key, one]) => [key, ...names(one)]);
  return [String(value)];
}

/** The line names one of these; what is `{workspace, role}` in files is `role of workspace` for people. */
function expectNamed({ value, text }: Line, platform: ReviewedTarget["platform"], ...wanted: string[]): void {
  const named = names(value).map(platform.fold);
  const words = wanted.flatMap((name) => [name, ...name.split(" of ").slice(0, 1)]).map(platform.fold);
  expect(
    words.some((word) => named.includes(word)),
    `${text} names none of ${wanted.join(", ")}`,
  ).toBe(true);
}

/** A holder who is given one thing only. */
function withOnly(state: State, holder: Entity, attribute: string, element: string): State {
  const section = new Map(state.get(holder.section));
  section.set(holder.local, { ...holder, attributes: { ...holder.attributes, [attribute]: [element] } });
  return new Map([...state, [holder.section, section]]);
}

/** What a holder's document lists that would give the row by itself, were it all that the holder had on the platform. */
function givingIn(
  { live, platform }: ReviewedTarget,
  row: ReviewRow,
  path: ReviewPath,
  kind: string,
  { document }: Line,
) {
  const spec = kindSpec(platform, kind);
  const holder = entityAt(live, kind, platform.fold(String(document[spec?.identity ?? ""])));
  const member = platform.fold(row.member);
  return Object.entries(spec?.attributes ?? {}).flatMap(([attribute, { element }]) => {
    const list = document[attribute];
    if (!Array.isArray(list) || !holder) return [];
    return list.filter((item: Json) =>
      platform
        .access(withOnly(live, holder, attribute, element ? element.format(item) : String(item)), new Set([member]))
        .grantsOf(member)
        .some(
          ({ resource, scope, via }) =>
            resource === row.resource &&
            scope === row.scope &&
            via.some(({ group, role }) => group === path.group && role === path.role),
        ),
    );
  });
}

/** The line is one that gives the row. Where the document says nothing that does, it names whose document it is. */
function expectGiving(reviewed: ReviewedTarget, row: ReviewRow, path: ReviewPath, kind: string, line: Line): void {
  const giving = givingIn(reviewed, row, path, kind, line);
  const { platform } = reviewed;
  if (giving.length === 0) expectNamed(line, platform, path.role ?? "", path.group ?? row.member);
  else {
    const said = Array.isArray(line.value) ? line.value : Object.values(line.value ?? {}).flat();
    const texts = said.map((item) => JSON.stringify(item));
    expect(
      giving.some((item) => texts.includes(JSON.stringify(item))),
      `${line.text}: ${row.resource} ${row.scope}`,
    ).toBe(true);
  }
}

describe.each(CASES)("%s", (title, cases) => {
  it("every place is the line that names the member, the role or the permission", () => {
    let [memberships, groups, roles, direct] = [0, 0, 0, 0];
    fc.assert(
      fc.property(cases, ({ reviewed, text }) => {
        const { platform, declared } = reviewed;
        const aliases = new Map(resourcesOf(platform, declared).map((one) => [one.name, one.aliases]));
        for (const row of buildReview(inputOf([reviewed])).rows)
          for (const path of row.paths) {
            const { group, role = "", membershipPlace, groupPlace, rolePlace } = path;
            if (membershipPlace && group !== undefined) {
              memberships += 1;
              const line = lineAt(text, membershipPlace);
              expect([line.document.kind, platform.fold(String(line.document.group))]).toEqual([
                "Membership",
                platform.fold(group),
              ]);
              expectNamed(line, platform, row.member);
            }
            if (membershipPlace && group === undefined) {
              direct += 1;
              const line = lineAt(text, membershipPlace);
              const identity = kindSpec(platform, MEMBER)?.identity ?? "";
              expect(platform.fold(String(line.document[identity]))).toBe(platform.fold(row.member));
              expectGiving(reviewed, row, path, MEMBER, line);
            }
            if (groupPlace) {
              groups += 1;
              const line = lineAt(text, groupPlace);
              expect(platform.fold(String(line.document.name))).toBe(platform.fold(group ?? ""));
              expectGiving(reviewed, row, path, "Group", line);
            }
            if (rolePlace) {
              roles += 1;
              const line = lineAt(text, rolePlace);
              expect(platform.fold(String(line.document.name))).toBe(platform.fold(role));
              expectNamed(line, platform, row.resource, ...(aliases.get(row.resource) ?? []), role);
            }
          }
      }),
      // The same ones every time: what is counted below is not left to chance.
      { numRuns: title === "Atomyx" ? 150 : 40, seed: 7 },
    );
    expect(Math.min(memberships, groups, roles)).toBeGreaterThan(5);
    expect(direct === 0).toBe(title === "Atomic");
  });
});
