// Edits people can read: each case in `test/cases/edit` is a title, an edit, and its files as a diff. Lines that begin with a blank
// or a minus are the files before, those with a blank or a plus the files after. `UPDATE_GOLDEN=1` writes the outcome; read it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Edit, EditResult, FileText } from "../../src/model/edit.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { editFiles } from "../../src/policy/edit.ts";
import { bytesOf } from "./files.ts";

const CASES = new URL("../cases/edit/", import.meta.url);
/** Stand for what no line of a golden file can show: a carriage return, a byte order mark, a last line without a break. */
const [RETURN, MARK, OPEN] = ["␍", "␀", "␃"];

interface Case {
  readonly title: string;
  readonly platform: "atomic" | "keystone";
  readonly edit: Edit;
  readonly files: readonly FileText[];
  /** As the golden file has it. */
  readonly golden: string;
}

function readCase(golden: string): Case {
  const [title = "", said = "", ...lines] = golden.split("\n");
  const [, platform = "atomic", json = "{}"] = /^> (?:(keystone) )?(\{.*\})$/.exec(said) ?? [];
  const files: { path: string; lines: string[] }[] = [];
  for (const line of lines) {
    const [, path, more] = /^@ (\S+)( \(new\))?/.exec(line) ?? [];
    if (path !== undefined && more === undefined) files.push({ path, lines: [] });
    else if (/^[ -]/.test(line)) files.at(-1)?.lines.push(line.slice(1));
  }
  return {
    title: title.replace(/^# /, ""),
    platform: platform === "keystone" ? "keystone" : "atomic",
    edit: JSON.parse(json),
    files: files.map((file) => ({ path: file.path, bytes: bytesOf(decode(file.lines)) })),
    golden,
  };
}

function decode(lines: readonly string[]): string {
  const text = lines.map((line) => `${line.replaceAll(RETURN, "\r").replaceAll(MARK, "\ufeff")}\n`).join("");
  return text.replaceAll(`${OPEN}\n`, "");
}

function encode(text: string): string[] {
  const shown = text.replaceAll("\r", RETURN).replaceAll("\ufeff", MARK);
  const lines = (shown.endsWith("\n") ? shown : `${shown}${OPEN}\n`).split("\n");
  return lines.slice(0, -1);
}

/** The case with what really came out of it. */
function played({ title, platform, edit, files }: Case): string {
  const result = editFiles(files, "acme", platform === "keystone" ? keystone : atomic, edit);
  const said = `> ${platform === "keystone" ? "keystone " : ""}${JSON.stringify(edit)}`;
  return [`# ${title}`, said, ...outcome(files, result)].join("\n");
}

function outcome(files: readonly FileText[], result: EditResult): string[] {
  const textOf = (bytes: Uint8Array) => encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  const same = ({ path, bytes }: FileText) => [`@ ${path}`, ...textOf(bytes).map((line) => ` ${line}`)];
  if (result.kind === "refused") {
    const { reason, place } = result;
    return [...files.flatMap(same), `! ${reason}${place ? ` (${place.file}:${place.line}:${place.column})` : ""}`];
  }
  const lines = files.flatMap((file) => {
    const changed = result.files.find(({ path }) => path === file.path);
    if (!changed) return same(file);
    const gone = changed.bytes === null ? " (gone)" : "";
    return [`@ ${file.path}${gone}`, ...diff(textOf(file.bytes), changed.bytes ? textOf(changed.bytes) : [])];
  });
  const fresh = result.files.filter(({ path, bytes }) => bytes && !files.some((file) => file.path === path));
  const news = fresh.flatMap(({ path, bytes }) => [`@ ${path} (new)`, ...diff([], textOf(bytes as Uint8Array))]);
  return [...lines, ...news, ...(result.files.length === 0 ? ["= nothing to do"] : [])];
}

/** Lines of a longest common sequence stay, the others go and come. */
function diff(before: readonly string[], now: readonly string[]): string[] {
  // kept[i][j]: how many lines can stay of those from the i-th and the j-th on.
  const kept = Array.from({ length: before.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (i: number, j: number) => kept[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      (kept[i] as number[])[j] = before[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < now.length) {
    if (i < before.length && before[i] === now[j]) {
      lines.push(` ${before[i++]}`);
      j++;
    } else if (j >= now.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) lines.push(`-${before[i++]}`);
    else lines.push(`+${now[j++]}`);
  }
  return lines;
}

describe.each(readdirSync(CASES).sort())("%s", (name) => {
  const file = new URL(name, CASES);
  const cases = readFileSync(file, "utf8")
    .trimEnd()
    .split(/\n\n(?=# )/)
    .map(readCase);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, `${cases.map(played).join("\n\n")}\n`);
  test.each(cases.map((each) => [each.title, each] as const))("%s", (_, each) => {
    expect(played(each)).toBe(each.golden);
  });
});
