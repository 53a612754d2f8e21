// The surroundings of a benchmark, all in one temporary folder that goes away at the end: a copy of the built command line
// (so that a build meanwhile changes nothing), the bundled floor and judging, a Git repository and a simulator in a second process.
import { execFileSync } from "node:child_process";
import { cpSync, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { ROOT } from "../setup.mjs";
import { changePeople, driftedState, pendingChange } from "./changes.mjs";
import { startNode } from "./measure.mjs";
import { generateOrganization, randomFrom } from "./organization.mjs";
import { policyFiles, stateDocument, yamlOf } from "./render.mjs";

export const LATENCY_MS = 20;
export const SEED = 20_250_704;
const START_LIMIT_MS = 300_000;

/** The simulator's own credential, known to everyone. */
export const CREDENTIALS = { ACME_CLIENT_ID: "rolebook-writer", ACME_CLIENT_SECRET: "local-writer-secret" };
const GIT_ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Bench",
  GIT_AUTHOR_EMAIL: "bench@acme.example",
  GIT_COMMITTER_NAME: "Bench",
  GIT_COMMITTER_EMAIL: "bench@acme.example",
};
export const ENVIRONMENT = { ...CREDENTIALS, ...GIT_ENVIRONMENT, NO_COLOR: "1" };

/** Makes the temporary folder with the tools in it. `remove` takes it away. */
export async function makeTools() {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-bench-"));
  const tool = join(folder, "tool");
  cpSync(join(ROOT, "dist"), join(tool, "dist"), { recursive: true });
  cpSync(join(ROOT, "schemas"), join(tool, "schemas"), { recursive: true });
  cpSync(join(ROOT, "policies"), join(folder, "small", "policies"), { recursive: true });
  writeFileSync(join(tool, "package.json"), '{ "type": "module" }\n');
  const programs = join(folder, "programs");
  const sourceOf = (name) => fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  const input = { floor: sourceOf("floor"), judging: sourceOf("judging") };
  const bundled = await rolldown({ input, platform: "node" });
  try {
    await bundled.write({ dir: programs, format: "esm", entryFileNames: "[name].mjs", minify: true });
  } finally {
    await bundled.close();
  }
  return {
    folder,
    main: join(tool, "dist", "main.js"),
    floor: join(programs, "floor.mjs"),
    judging: join(programs, "judging.mjs"),
    small: join(folder, "small"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Generates an organization of a size, puts its policies into a repository (applied at the base commit, a small change on
 * HEAD) and starts the simulator with what the platform has. `checkOutMany` turns HEAD into a change of many memberships.
 */
export async function makeWorld(tools, size, manyChanges) {
  const folder = join(tools.folder, `size-${size}`);
  mkdirSync(folder);
  const base = generateOrganization(size, SEED);
  const seedFile = join(folder, "seed.json");
  await pipeline(Readable.from(stateDocument(driftedState(base, randomFrom(SEED + 1)))), createWriteStream(seedFile));
  const args = [tools.main, "simulate", "--port", "0", "--seed", seedFile, "--latency", String(LATENCY_MS)];
  const simulator = await startNode(args, /at (http:\S+)[\s\S]*client console/, {
    cwd: folder,
    limitMs: START_LIMIT_MS,
  });
  const url = simulator.found;
  const repository = join(folder, "repository");
  const git = (...command) =>
    execFileSync("git", command, { cwd: repository, encoding: "utf8", env: { ...process.env, ...GIT_ENVIRONMENT } });
  mkdirSync(repository);
  git("init", "-q", "-b", "main");
  const files = writeVersion(repository, base, undefined, url);
  commit(git, "base");
  git("update-ref", "refs/rolebook/applied/acme", "HEAD");
  const pending = pendingChange(base, randomFrom(SEED + 2));
  writeVersion(repository, pending, base, url);
  commit(git, "pending");
  const jsonFile = join(folder, "documents.json");
  await pipeline(Readable.from(jsonLines(pending, url)), createWriteStream(jsonFile));
  return {
    folder,
    repository,
    jsonFile,
    url,
    /** Somebody who is in several groups. */
    person: base.members[0].email,
    rows: countRows(base),
    files,
    stop: simulator.stop,
    checkOutMany: () => {
      git("checkout", "-q", "-b", "many", "HEAD~1");
      writeVersion(repository, changePeople(base, manyChanges(base), randomFrom(SEED + 3)), base, url);
      commit(git, "many");
    },
  };
}

function commit(git, message) {
  git("add", "-A");
  git("commit", "-q", "-m", message);
}

/** Writes the files of an organization that differ from those of `before`; gives how many files and bytes it wrote. */
function writeVersion(repository, organization, before, url) {
  const known = new Map();
  if (before) for (const { path, of } of policyFiles(before, url)) known.set(path, of);
  const written = { count: 0, bytes: 0 };
  for (const { path, of, documents } of policyFiles(organization, url)) {
    if (known.get(path) === of) continue;
    const file = join(repository, "policies", path);
    const text = yamlOf(documents());
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    written.count++;
    written.bytes += Buffer.byteLength(text);
  }
  return written;
}

/** The documents of every policy file as JSON, a line a file: what the floor of a warm plan parses. */
function* jsonLines(organization, url) {
  for (const { documents } of policyFiles(organization, url)) yield `${JSON.stringify(documents())}\n`;
}

function countRows({ members, roles, groups }) {
  const memberships = groups.reduce((sum, { people }) => sum + people.length, 0);
  return { roles: roles.length, groups: groups.length, members: members.length, memberships };
}
