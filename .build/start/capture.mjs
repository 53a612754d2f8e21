// Keeps the terminal captures of README.md true: each is a piece of the first run's output, named by the comment above it.
// Writes them anew; with `--check` it changes nothing, shows the first line that differs, and exits 1.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../setup.mjs";

const README = join(ROOT, "README.md");
/** `<!-- first run: rolebook plan, 2 -->`: the second time that command is shown. */
const CAPTURE = /(<!-- first run: (.+), (\d+) -->\n```console\n)([\s\S]*?)```/g;

process.exitCode = main(process.argv.includes("--check"));

function main(checkOnly) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, ".build", "start.mjs")], {
    encoding: "utf8",
  });
  if (status !== 0) {
    process.stderr.write(stderr);
    return 1;
  }
  const before = readFileSync(README, "utf8");
  const differences = [];
  const after = before.replaceAll(CAPTURE, (_, opening, command, which, old) => {
    const fresh = captureOf(stdout, command, Number(which));
    const difference = firstDifference(normalized(old), normalized(fresh));
    if (difference) differences.push(`${command}, ${which}: ${difference}`);
    return `${opening}${difference ? fresh : old}\`\`\``;
  });
  if (!CAPTURE.test(before)) differences.push("README.md holds no capture");
  if (!checkOnly) writeFileSync(README, after);
  else for (const difference of differences) process.stderr.write(`${difference}\n`);
  return checkOnly && differences.length > 0 ? 1 : 0;
}

/** A command with what it printed, as the first run shows them. */
function captureOf(stdout, command, which) {
  const parts = stdout.split(/\n(?=\$ )/).filter((part) => part.startsWith(`$ ${command}`));
  const part = parts[which - 1];
  if (part === undefined) throw new Error(`the first run does not show "${command}" ${which} times`);
  return part.slice(0, part.indexOf("\n(exit code ") + 1);
}

/** Without what differs from run to run: commits and ports. */
function normalized(text) {
  return text
    .replace(/\b(commit|applied|files of) [0-9a-f]{12}\b/g, "$1 ...")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:...");
}

function firstDifference(old, fresh) {
  if (old === fresh) return undefined;
  const [left, right] = [old.split("\n"), fresh.split("\n")];
  const line = right.findIndex((text, index) => text !== left[index]);
  return `line ${line + 1} is ${JSON.stringify(left[line] ?? "")}, but the first run shows ${JSON.stringify(right[line] ?? "")}`;
}
