// Processes of the built command that are ended (by SIGKILL, or as Ctrl-C does it) at a chosen point of what they do to the world: right before a request to the
// host or a platform is sent and right after its answer has come, right before Git is started and right after it has ended, and between
// the files that are written outside of Git's folder.
//
// The process does it to itself, by a program that Node loads before ours. So a point is a point, however fast the machine is.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a process stood, such as `before POST host/repos/acme/access/pulls`. Object ids, ports and whatever else differs each time are struck out. */
export type Point = string;

export interface Mortal {
  /** Variables of the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** The points that it came to; the last one is where it was killed, if it was. */
  readonly points: () => Point[];
  readonly remove: () => void;
}

/** What ends a process: the first point that writes and is not spared, or the point of this number (from 1), whatever it does. */
export interface Death {
  readonly at: Spared | number;
  /**
   * Instead of SIGKILL: it gets this, and every Git that it has running, as from a terminal. After a request or a Git alone, since
   * whoever is about to begin something, or writes files, is done with it before a signal is seen.
   */
  readonly signal?: "SIGINT" | "SIGTERM";
}

export interface Spared {
  readonly points: ReadonlySet<Point>;
  readonly kinds: readonly RegExp[];
}

/** A point at which something may have changed, here or elsewhere. */
export function isWrite(point: Point): boolean {
  return WRITES.test(point);
}

const WRITES = /^(?:before|after) (?:(?:POST|PATCH|PUT|DELETE) |git (?:push|update-ref) |write )/;

/** A process to be: nobody kills it when `death` is undefined. */
export function mortal(death: Death | undefined): Mortal {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-mortal-"));
  const [log, plan] = [join(folder, "points"), join(folder, "plan.json")];
  const { at, signal } = death ?? {};
  const fate =
    typeof at === "object"
      ? { writes: WRITES.source, spared: [...at.points], kinds: at.kinds.map((kind) => kind.source) }
      : { number: at };
  writeFileSync(plan, JSON.stringify({ log, signal, ...fate }));
  return {
    environment: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PROGRAM)}`,
      MORTAL_PLAN: plan,
    },
    points: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .split("\n")
            .filter((line) => line !== "")
        : [],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const PROGRAM = `
import child from "node:child_process";
import { channel } from "node:diagnostics_channel";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { relative, sep } from "node:path";

const { appendFileSync, writeFileSync } = fs;
const { execFileSync, spawn } = child;
const { log, signal, number, writes, spared = [], kinds = [] } = JSON.parse(fs.readFileSync(process.env.MORTAL_PLAN, "utf8"));
const isWrite = writes === undefined ? undefined : new RegExp(writes);
const running = new Set();
const isSpared = (point) => spared.includes(point) || kinds.some((kind) => new RegExp(kind).test(point));
let count = 0;
let over = false;

function pass(point) {
  if (over) return;
  appendFileSync(log, point + "\\n");
  count += 1;
  if (count !== number && !(isWrite?.test(point) && !isSpared(point))) return;
  over = true;
  if (signal !== undefined && /^after (?!write )/.test(point)) {
    for (const git of running) git.kill(signal);
    process.kill(process.pid, signal);
    return;
  }
  process.kill(process.pid, "SIGKILL");
  for (;;);
}

const host = process.env.GITHUB_API_URL;
function describeRequest({ method, origin, path }) {
  const place = String(origin) === host ? "host" : "platform";
  const plain = path.replace(/\\?.*/, "").replace(/[0-9a-f]{40}|\\d{4,}/g, "#");
  return (/graphql$|token$/.test(plain) ? "ask " : "") + method + " " + place + plain;
}
channel("undici:request:create").subscribe(({ request }) => pass("before " + describeRequest(request)));
channel("undici:request:headers").subscribe(({ request }) => pass("after " + describeRequest(request)));

// A push is told from the next one of the same ref by what it brings.
function describeGit(args) {
  const words = args.filter((word, index) => word !== "-c" && args[index - 1] !== "-c");
  if (words[0] === "update-ref") return "git update-ref " + words.filter((word) => word.startsWith("refs/")).join(" ");
  if (words[0] !== "push") return "git " + words.slice(0, 3).join(" ").replace(/[0-9a-f]{40}/g, "#");
  return "git push " + words.flatMap((word) => {
    const [, commit, ref] = /^\\+?([0-9a-f]{40}):(.*)/.exec(word) ?? [];
    return commit === undefined ? [] : [ref + " " + execFileSync("git", ["log", "-1", "--format=%s", commit], { encoding: "utf8" }).replace(/\\d{4}-\\d\\d-\\S+Z|\\b[0-9a-f]{8}\\b/g, "#").trim()];
  }).join(", ");
}
child.spawn = (command, args, options) => {
  if (command !== "git" || args.length === 0) return spawn(command, args, options);
  const what = describeGit(args);
  pass("before " + what);
  const git = spawn(command, args, options);
  running.add(git);
  git.on("exit", () => {
    running.delete(git);
    pass("after " + what);
  });
  return git;
};

// Files that are written for people: not what is kept in Git's folder or below the system's temporary one for a moment.
fs.writeFileSync = (path, ...rest) => {
  const place = process.env.MORTAL_FILES;
  const name = place === undefined ? ".." : relative(place, String(path));
  const counts = !name.startsWith("..");
  const plain = "write " + name.split(sep).slice(1).join("/");
  if (counts) pass("before " + plain);
  writeFileSync(path, ...rest);
  if (counts) pass("after " + plain);
};
syncBuiltinESMExports();
`;
