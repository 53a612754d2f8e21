// The first run, part by part: the main job on the embedded simulator, every command real and shown before its output.
// A command that ends otherwise than it should ends the story.
import { join } from "node:path";
import { ROOT } from "../setup.mjs";
import { BAD_FILE, COMMIT, editByHand, FORBIDDEN_FILE } from "./edits.mjs";
import { startSimulator } from "./stage.mjs";
import { part, remark, say, shown, typed } from "./voice.mjs";

/** Added to every answer of the platform, so that reading and writing take the moment they take elsewhere. */
const LATENCY_MS = 80;

/** The target that the main job is played on. */
const ACME = ["--target", "acme"];

/** When the keys of the simulator are judged, which were made on days that stay as they are. */
const KEY_DAY = "2026-11-21T09:00:00Z";

/** A command ended otherwise than the story says. */
export class UnexpectedExit extends Error {}

/** Tells the whole story. Throws `UnexpectedExit`, or what a process or request throws. */
export async function tell(stage) {
  const url = await setTheScene(stage);
  await showMistakes(stage);
  await breakGuardrail(stage);
  await recordBase(stage);
  await driftAndCommit(stage, url);
  const digest = await planForPeople(stage);
  await applyAndProve(stage, digest);
  await explain(stage);
  await explainBoth(stage);
  await listKeys(stage);
  await reviewAll(stage);
}

async function setTheScene(stage) {
  say(
    "Rolebook keeps who may do what as YAML in Git. This is its whole job, once, in a temporary",
    "folder of this machine: a simulator of two platforms, a Git repository, and the real commands.",
    "It takes some seconds; Ctrl-C ends it and leaves nothing behind.",
  );
  part(1, "Two platforms, and a repository with their policies");
  typed(`rolebook simulate --port 0 --latency ${LATENCY_MS} &`);
  const { url, greeting } = await startSimulator(stage, ["--latency", String(LATENCY_MS)]);
  shown(greeting);
  stage.copy(join(ROOT, "policies"), "policies");
  stage.write(
    "policies/rolebook.yaml",
    stage.read("policies/rolebook.yaml").replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, url),
  );
  await git(stage, "init", "--quiet", "--initial-branch", "main");
  await git(stage, "config", "user.name", "Ana Li");
  await git(stage, "config", "user.email", "ana@acme.example");
  await git(stage, "add", "policies");
  typed('git init -q && git add policies && git commit -q -m "The policies of acme"');
  await git(stage, "commit", "--quiet", "-m", "The policies of acme");
  return url;
}

async function showMistakes(stage) {
  part(2, "Mistakes are found before anything else happens, all in one run");
  stage.write(BAD_FILE.path, BAD_FILE.text);
  typed(`cat ${BAD_FILE.path}`);
  shown(BAD_FILE.text);
  await rolebook(stage, 1, ["validate"]);
  stage.remove(BAD_FILE.path);
  say("We take that file away again.");
}

async function breakGuardrail(stage) {
  part(3, "Guardrails speak of what people could do, however they come by it");
  stage.write(FORBIDDEN_FILE.path, FORBIDDEN_FILE.text);
  typed(`cat ${FORBIDDEN_FILE.path}`);
  shown(FORBIDDEN_FILE.text);
  await rolebook(stage, 1, ["validate"]);
  stage.remove(FORBIDDEN_FILE.path);
  say("Nothing is wrong with that file but what it lets Lars do, so it goes, too.");
}

async function recordBase(stage) {
  part(4, "The first plan and apply: Git meets what is there");
  say(
    "The files say mostly what the platform has. Where they differ, the plan says so, and for whom.",
    "One target for now; without `--target`, commands go through all that the settings name.",
  );
  const digest = digestIn(await rolebook(stage, 2, ["plan", ...ACME]));
  say("An approval names the digest of the plan that was looked at. Anything else is not applied.");
  await apply(stage, digest);
}

async function driftAndCommit(stage, url) {
  part(5, "Somebody changes the platform by hand, past Git");
  say("In the console, somebody lets approvers publish as well, and takes Sofia out of the analysts:", "");
  for (const line of await editByHand(url)) shown(`  ${line}`);
  await rolebook(stage, 2, ["drift", ...ACME]);
  part(6, "Meanwhile, in Git: a new group, a person who moves, a role that may do more");
  say("And a decision about the drift: put it back (`drift: revert`; the default only reports).");
  for (const [path, text] of Object.entries(COMMIT.files)) stage.write(path, text);
  for (const [path, from, to] of COMMIT.replacements) {
    const text = stage.read(path);
    if (!text.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)} any more`);
    stage.write(
      path,
      text.replace(from, () => to),
    );
  }
  typed('git add policies && git commit -q -m "Campaigns; Priya to insights"');
  await git(stage, "add", "policies");
  await git(stage, "commit", "--quiet", "-m", "Campaigns; Priya to insights");
  typed('git show --format= -U0 | grep "^[-+]"');
  const { stdout } = await git(stage, "show", "--format=", "-U0", "--no-color");
  shown(stdout.replace(/^[^-+\n].*\n/gm, ""));
}

async function planForPeople(stage) {
  part(7, "The plan speaks of people: who gains, who loses, through what");
  return digestIn(await rolebook(stage, 2, ["plan", ...ACME]));
}

async function applyAndProve(stage, digest) {
  part(8, "Apply makes exactly that, reads the platform again, and writes a receipt");
  await apply(stage, digest);
  typed("git log --oneline --graph --all");
  shown((await git(stage, "log", "--oneline", "--graph", "--all")).stdout);
  part(9, "The second plan is empty");
  await rolebook(stage, 0, ["plan", ...ACME]);
}

async function explain(stage) {
  part(10, "Why does somebody have an access? With the lines that give it");
  await rolebook(stage, 0, ["explain", "lars@acme.example", "Card instance"]);
}

async function explainBoth(stage) {
  part(11, "The same person on another platform, and what is missing where access is denied");
  say("Atomyx opens a product in four layers: an account, a workspace, the product, and a role. All four or nothing.");
  await rolebook(stage, 0, ["explain", "olu@acme.example"]);
  const where = ["--environment", "acme-prod-eu", "--live"];
  await rolebook(stage, 0, ["explain", "ines@acme.example", "prepare/Preparer", ...where]);
}

async function listKeys(stage) {
  part(12, "Keys that programs use: what is known of them, and never the keys");
  await rolebook(stage, 2, ["keys", "--now", KEY_DAY], (text) => text, "keys that wait for somebody");
}

async function reviewAll(stage) {
  part(13, "Everything that anybody holds, and what deserves a look");
  say("On GitHub, a campaign asks people what of it stays; see policies/reviews and the README.");
  await rolebook(stage, 0, ["review", ...ACME, "--now", KEY_DAY], (text) => {
    const counts = text.search(/\n(?:\u001b\[[\d;]*m)*By group /);
    return counts === -1 ? text : `${text.slice(0, counts)}\n... (counts by group and by scope)\n`;
  });
}

/** Applies by digest. The plan that apply prints again is left out. */
async function apply(stage, digest) {
  await rolebook(stage, 0, ["apply", ...ACME, "--approve", digest], (text) => {
    const receipt = text.search(/\n(?:\u001b\[[\d;]*m)*Applied to /);
    if (receipt === -1) return text;
    return `... (the same plan again)\n${text.slice(receipt)}`;
  });
}

/** Runs a command of Rolebook, shows it with its output, and holds it to its exit code. Gives its standard output. */
async function rolebook(stage, expected, args, edit = (text) => text, meaning = MEANING[expected]) {
  typed(`rolebook ${args.map((arg) => (/[\s]/.test(arg) ? `"${arg}"` : arg)).join(" ")}`);
  const { code, stdout, stderr } = await stage.rolebook(args);
  shown(edit(stdout));
  shown(stderr);
  if (code !== expected)
    throw new UnexpectedExit(`rolebook ${args[0]} ended with exit code ${code}, where ${expected} was expected`);
  remark(`exit code ${code}: ${meaning}`);
  return stdout;
}

const MEANING = { 0: "done", 1: "refused, findings shown", 2: "there are changes" };

async function git(stage, ...args) {
  const result = await stage.run("git", args);
  if (result.code !== 0) throw new Error(`git ${args[0]} ended with exit code ${result.code}: ${result.stderr}`);
  return result;
}

function digestIn(text) {
  const digest = /\bDigest ([0-9a-f]{64})\b/.exec(text)?.[1];
  if (!digest) throw new Error("the plan names no digest");
  return digest;
}
