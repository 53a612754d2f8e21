// Secrets that are watched, and everything that was produced while they were in use: each is looked for in each, in every form that it
// might have been written in. Shares no code with what strikes secrets out.
//
//   const watch = watchSecrets();
//   watch.secret("the token", token);
//   watch.text("stdout of plan", stdout); watch.folder("work tree", dir); watch.repository("remote", dir);
//   expect(watch.leaks()).toEqual([]);
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Watch {
  /** Named, so that what is found can be told without telling it. Short ones are no secrets. */
  readonly secret: (name: string, value: string) => void;
  readonly text: (where: string, text: string) => void;
  /** Every file below a folder, but the paths that a pattern fits: what a secret was meant to go to. */
  readonly folder: (where: string, path: string, except?: RegExp) => void;
  /** Every object of a repository, reachable or not, and every ref. */
  readonly repository: (where: string, path: string) => void;
  /** `the token in base64: stdout of plan`, sorted; nothing when all is well. */
  readonly leaks: () => string[];
  /** Names of the secrets, and how much was looked through: a search of nothing finds nothing. */
  readonly size: () => { readonly secrets: readonly string[]; readonly characters: number };
}

export function watchSecrets(): Watch {
  const secrets = new Map<string, string>();
  const texts: { readonly where: string; readonly text: string }[] = [];
  return {
    secret: (name, value) => {
      if (value.length < 12) throw new Error(`${name} is too short to be looked for`);
      // The first name is the better one.
      if (!secrets.has(value)) secrets.set(value, name);
    },
    text: (where, text) => void texts.push({ where, text }),
    folder: (where, path, except) => {
      for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        if (entry.isFile() && !except?.test(file))
          texts.push({ where: `${where}: ${file.slice(path.length)}`, text: readFileSync(file, "latin1") });
        texts.push({ where: `${where}: a name`, text: entry.name });
      }
    },
    repository: (where, path) => {
      const git = (...args: string[]) =>
        execFileSync("git", args, {
          cwd: path,
          encoding: "latin1",
          maxBuffer: 1 << 30,
          env: { ...process.env, LC_ALL: "C" },
        });
      texts.push({ where: `${where}: refs`, text: git("for-each-ref", "--format=%(refname) %(contents)") });
      texts.push({
        where: `${where}: objects`,
        text: git("cat-file", "--batch", "--batch-all-objects", "--unordered"),
      });
    },
    leaks: () => {
      const found = new Set<string>();
      for (const [value, name] of secrets)
        for (const [how, form] of writings(value))
          for (const { where, text } of texts) if (text.includes(form)) found.add(`${name} ${how}: ${where}`);
      return [...found].sort();
    },
    size: () => ({
      secrets: [...secrets.values()].sort(),
      characters: texts.reduce((sum, { text }) => sum + text.length, 0),
    }),
  };
}

/** How a secret may be written, each with a name. */
export function writings(secret: string): readonly (readonly [how: string, form: string])[] {
  const bytes = Buffer.from(secret, "utf8");
  const all: [string, string][] = [
    ["as it is", secret],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["in JSON in JSON", JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ["in an address", encodeURIComponent(secret)],
    ["in a form", new URLSearchParams([["", secret]]).toString().slice(1)],
    ["in hexadecimal digits", bytes.toString("hex")],
    ["in capital hexadecimal digits", bytes.toString("hex").toUpperCase()],
    ["reversed", [...secret].reverse().join("")],
  ];
  // The digits in the middle are the same wherever in a longer text it stands, in one of three ways.
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  for (const [before, what] of ["", "x", "xx"].flatMap((text) => [secret, form].map((one) => [text, one] as const))) {
    const middle = Buffer.from(before + what)
      .toString("base64")
      .replace(/=+$/, "")
      .slice(4, -2);
    all.push([`in base64, ${before.length} bytes in`, middle]);
    all.push([`in base64 of addresses, ${before.length} bytes in`, middle.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  for (const line of secret.split("\n").filter((text) => text.length >= 40)) all.push(["a line of it", line]);
  return all;
}
