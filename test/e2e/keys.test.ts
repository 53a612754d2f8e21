// `rolebook keys` as people and jobs run it: the built command line, a real repository with a remote, the simulator over HTTP. A
// rotation is killed at each of its steps, and whoever uses the key never notices.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import type { RotationRecord } from "../../src/model/rotation.ts";
import { VAULT_CLIENTS, VAULT_SECRETS } from "../../src/simulator/server.ts";
import { open } from "../git/scratch.ts";
import { schemaErrors } from "../report/schema.ts";
import { startGitHub } from "../support/github/github.ts";
import { createFolder, createWorld, type Folder, type Result, type RunOptions, type World } from "../support/world.ts";

const WRITER = { VAULT_ID: VAULT_CLIENTS.writer, VAULT_SECRET: VAULT_SECRETS.writer };
const READER = { VAULT_ID: VAULT_CLIENTS.reader, VAULT_SECRET: VAULT_SECRETS.reader };

let world: World;
/** Outside of every work tree. */
let out: string;
let remote: string;
/** Every secret that a sink was given. */
const secrets = new Set<string>();

const key = (name: string) => `kind: ApiKey
name: acme-dev/${name}
product: acme-dev/submit
purpose: development
owner: priya@acme.example
rotateEvery: 60d
`;

beforeAll(async () => {
  world = await createWorld();
  out = mkdtempSync(join(tmpdir(), "rolebook-keys-"));
  remote = join(out, "remote.git");
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", remote]);
  world.write(
    "policies/rolebook.yaml",
    `kind: Settings
targets:
  - name: vault
    platform: atomyx
    url: ${world.url}
    organization: acme
    credentials: { clientId: VAULT_ID, clientSecret: VAULT_SECRET }
`,
  );
  const names = ["Shop", "Weak", "Sink", "Twice", "Hand", "Leak", "Host"];
  world.write("policies/vault/api-keys/keys.yaml", names.map(key).join("---\n"));
  world.commit("keys");
  world.git("remote", "add", "origin", remote);
  world.git("push", "-q", "origin", "main");
});

afterAll(async () => {
  await world?.close();
  if (out) rmSync(out, { recursive: true, force: true });
});

afterEach(() => world.simulator.faults.set([]));

const keys = (args: readonly string[], run: RunOptions = {}, folder: Folder = world): Promise<Result> =>
  folder.rolebook(["keys", ...args], { ...run, environment: { ...WRITER, ...run.environment } });

/** The command ended as it should; what it said is in the failure if not. */
async function done(code: number, args: readonly string[], run?: RunOptions): Promise<Result> {
  const result = await keys(args, run);
  expect(result.code, `${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(code);
  return result;
}

const fileOf = (name: string) => join(out, `${name}.key`);

/** What the consumer of a key holds; it works, or the test ends here. */
async function assertConsumerWorks(name: string): Promise<string> {
  const secret = readFileSync(fileOf(name), "utf8");
  secrets.add(secret);
  expect(await ping(secret), `the key in the file of ${name}`).toBe(200);
  return secret;
}

async function ping(secret: string): Promise<number> {
  const headers = { authorization: `Bearer ${secret}`, "user-agent": "consumer" };
  return (await fetch(`${world.url}/products/acme-dev/submit/v1/ping`, { headers })).status;
}

const liveKeys = (name: string) =>
  world.simulator.dumpVault().keys.filter((row) => row.name === name && (row.revokedAt ?? null) === null);

async function records(): Promise<RotationRecord[]> {
  const ledger = openLedger(await open(remote));
  const paths = (await ledger.list("vault/keys")).sort();
  return [...(await ledger.readAll(paths)).values()].map((text) => JSON.parse(text) as RotationRecord);
}

const stepsOf = async (name: string) =>
  (await records()).filter((one) => one.name === `acme-dev/${name}`).map(({ step }) => step);

/** Revoked at the console. */
async function revokeByHand(id: string): Promise<void> {
  const token = await consoleToken();
  const headers = { authorization: `Bearer ${token}`, "user-agent": "console" };
  const answer = await fetch(`${world.url}/vault/v1/api-keys/${id}/revoke`, { method: "POST", headers });
  expect(answer.status).toBe(200);
}

async function consoleToken(): Promise<string> {
  const basic = Buffer.from(`${VAULT_CLIENTS.console}:${VAULT_SECRETS.console}`).toString("base64");
  const answer = await fetch(`${world.url}/vault/oauth2/token`, {
    method: "POST",
    headers: {
      "user-agent": "console",
      authorization: `Basic ${basic}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  return ((await answer.json()) as { readonly access_token: string }).access_token;
}

/** A `git` that ends its caller with SIGKILL when the ledger is about to get a step, or has just got it. */
function deadlyGit(step: string, when: "before" | "after"): Record<string, string> {
  const folder = mkdtempSync(join(out, "git-"));
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  const kill = "kill -9 $PPID; exit 1";
  writeFileSync(
    join(folder, "git"),
    `#!/bin/sh
case "$*" in
  *update-ref*refs/heads/rolebook/ledger*)
    for word in "$@"; do
      case "$word" in
        [0-9a-f][0-9a-f][0-9a-f][0-9a-f]*)
          if ${real} log -1 --format=%s "$word" | grep -q ': ${step}$'; then
            ${when === "before" ? kill : `${real} "$@"; ${kill}`}
          fi
          break ;;
      esac
    done ;;
esac
exec ${real} "$@"
`,
  );
  chmodSync(join(folder, "git"), 0o755);
  return { PATH: `${folder}:${process.env.PATH}` };
}

const sink = (name: string) => ["--sink", `file:${fileOf(name)}`];

describe("a key", () => {
  it("is issued, rotated with a grace time, and revoked", async () => {
    await done(0, ["issue", "acme-dev/Shop", ...sink("Shop")]);
    expect(statSync(fileOf("Shop")).mode & 0o777).toBe(0o600);
    const first = await assertConsumerWorks("Shop");
    await done(1, ["issue", "acme-dev/Shop", ...sink("Shop")]);
    const waiting = await done(2, ["rotate", "acme-dev/Shop", ...sink("Shop")]);
    expect(waiting.stdout).toContain("goes on until");
    const second = await assertConsumerWorks("Shop");
    expect([first === second, await ping(first)]).toEqual([false, 200]);
    const list = await keys(["list", "--format", "json"], { environment: READER });
    expect(schemaErrors("keys", JSON.parse(list.stdout))).toEqual([]);
    expect(list.code).toBe(2);
    // Still within its grace time, and no sink is needed to wait.
    await done(2, ["rotate", "acme-dev/Shop"]);
    const over = await done(0, ["rotate", "acme-dev/Shop", "--grace", "0s"]);
    expect(over.stderr).toContain("still used");
    expect([await ping(first), await ping(second)]).toEqual([401, 200]);
    expect(liveKeys("Shop")).toHaveLength(1);
    const unasked = await done(1, ["revoke", "acme-dev/Shop"]);
    expect(unasked.stderr).toContain("--yes");
    await done(0, ["revoke", "acme-dev/Shop", "--yes"]);
    expect(await ping(second)).toBe(401);
    expect((await done(0, ["revoke", "acme-dev/Shop", "--yes"])).stdout).toContain("nothing to revoke");
  });

  it.each([
    [["rotate", "acme-dev/Nobody", "--sink", "file:x"], "no live key acme-dev/Nobody"],
    [["issue", "acme-dev/Nobody", "--sink", "file:x"], "No file declares"],
    [["revoke", "acme-dev/Nobody", "--yes"], "There is no key acme-dev/Nobody"],
    [["rotate", "acme-dev/Imprter", "--sink", "file:x"], 'Did you mean "acme-dev/Importer"?'],
    [["issue", "acme-dev/Shopp", "--sink", "file:x"], 'Did you mean "acme-dev/Shop"?'],
    [["revoke", "acme-dev/Twise", "--yes"], 'Did you mean "acme-dev/Twice"?'],
    [["rotate", "acme-dev/Importer"], "--sink"],
    [["revoke", "acme-dev/Importer", "--key", "none", "--yes"], "k.dev.importer"],
  ])("%j: %s", async (args, said) => {
    expect((await done(1, args)).stderr).toContain(said);
  });

  it("is looked for on record by a name that is nearly its own", async () => {
    const near = await done(0, ["log", "acme-dev/Shp"]);
    expect([near.stdout, near.stderr]).toEqual([
      "",
      'Nothing is on record of acme-dev/Shp. Did you mean "acme-dev/Shop"?\n',
    ]);
    expect((await done(0, ["log", "acme-dev/Weak"])).stderr).toBe("Nothing is on record of acme-dev/Weak.\n");
  });

  it("is rotated by whoever may write only", async () => {
    const result = await keys(["issue", "acme-dev/Weak", ...sink("Weak")], { environment: READER });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("refuses to make the key");
    expect(liveKeys("Weak")).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("a rotation that is killed", () => {
  const MOMENTS = [
    ["start", "after"],
    ["creating", "after"],
    ["created", "before"],
    ["created", "after"],
    ["tried", "after"],
    ["delivering", "after"],
    ["delivered", "before"],
    ["verified", "before"],
    ["verified", "after"],
    ["revoking", "after"],
    ["revoked", "before"],
    ["end", "before"],
  ] as const;

  it("goes on from each of its steps, here or in another clone, and nobody is without a key", async () => {
    const other = createFolder(undefined, [remote]);
    onTestFinished(other.remove);
    await done(0, ["issue", "acme-dev/Twice", ...sink("Twice")]);
    const first = await assertConsumerWorks("Twice");
    for (const [index, [step, when]] of MOMENTS.entries()) {
      const asked = ["rotate", "acme-dev/Twice", "--grace", "0s", ...sink("Twice")];
      const result = await keys(
        asked,
        { environment: deadlyGit(step, when) },
        Math.floor(index / 2) % 2 === 0 ? world : other,
      );
      expect(result.code, `${when} ${step}: ${result.stderr}`).toBe(null);
      await assertConsumerWorks("Twice");
    }
    await done(0, ["rotate", "acme-dev/Twice", "--grace", "0s"]);
    const last = await assertConsumerWorks("Twice");
    expect(await ping(first)).toBe(401);
    expect(liveKeys("Twice").map(({ lastFour }) => lastFour)).toEqual([last.slice(-4)]);
    // One rotation, from its start to its end, whoever carried it on.
    const steps = await stepsOf("Twice");
    expect(steps.filter((step) => step === "start")).toHaveLength(2);
    expect(steps.filter((step) => step === "end")).toHaveLength(2);
  });

  it("finishes the step under way when it is told to stop, and is gone on with", async () => {
    const command = `command:cat > ${fileOf("Twice")}; kill -TERM $PPID`;
    const stopped = await done(1, ["rotate", "acme-dev/Twice", "--grace", "0s", "--sink", command]);
    expect(stopped.stderr).toContain("run the same command again");
    expect((await stepsOf("Twice")).at(-1)).toBe("delivered");
    await assertConsumerWorks("Twice");
    expect((await done(1, ["rotate", "acme-dev/Twice", ...sink("Twice")])).stderr).toContain("another sink");
    // The same file, by another way.
    await done(0, ["rotate", "acme-dev/Twice", "--grace", "0s", "--other-sink", ...sink("Twice")]);
    await assertConsumerWorks("Twice");
    expect(liveKeys("Twice")).toHaveLength(1);
  });

  it("refuses to be two at once, in one clone and in another", async () => {
    const other = createFolder(undefined, [remote]);
    onTestFinished(other.remove);
    const [began, go] = [join(out, "began"), join(out, "go")];
    const command = `command:cat > ${fileOf("Twice")}; touch ${began}; while [ ! -e ${go} ]; do sleep 0.05; done`;
    const one = keys(["rotate", "acme-dev/Twice", "--grace", "0s", "--sink", command]);
    while (!existsSync(began)) await sleep(20);
    for (const folder of [world, other]) {
      const result = await keys(["rotate", "acme-dev/Twice", "--sink", command], {}, folder);
      expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("is being applied by")]);
    }
    writeFileSync(go, "");
    expect(await one).toMatchObject({ code: 0 });
    await assertConsumerWorks("Twice");
    expect(liveKeys("Twice")).toHaveLength(1);
  });
});

describe("what goes wrong", () => {
  it("a sink that fails leaves the old key alive and the new one revoked", async () => {
    await done(0, ["issue", "acme-dev/Sink", ...sink("Sink")]);
    const before = liveKeys("Sink");
    const result = await done(1, ["rotate", "acme-dev/Sink", "--sink", "command:echo no such vault >&2; exit 7"]);
    expect(result.stderr).toContain("no such vault");
    expect(result.stderr).toContain("exit code 7");
    expect(liveKeys("Sink")).toEqual(before);
    await assertConsumerWorks("Sink");
  });

  it("a key that does not work is not delivered, and one that stops working is taken back", async () => {
    const before = liveKeys("Sink");
    world.simulator.faults.set([{ kind: "error", status: 500, operation: "pingProduct" }]);
    expect((await done(1, ["rotate", "acme-dev/Sink", ...sink("Sink")])).stderr).toContain("was not delivered");
    expect(liveKeys("Sink")).toEqual(before);
    // The second use, after the delivery.
    world.simulator.faults.set([{ kind: "error", status: 500, operation: "pingProduct", skip: 1 }]);
    const result = await done(1, ["rotate", "acme-dev/Sink", ...sink("Sink")]);
    expect(result.stderr).toContain("holds again what it held before");
    expect(liveKeys("Sink")).toEqual(before);
    world.simulator.faults.set([]);
    await assertConsumerWorks("Sink");
  });

  it("keys revoked by hand in between are missed by nobody", async () => {
    await done(0, ["issue", "acme-dev/Hand", ...sink("Hand")]);
    await done(2, ["rotate", "acme-dev/Hand", ...sink("Hand")]);
    const [old, fresh] = liveKeys("Hand");
    await revokeByHand(old?.id ?? "");
    const first = await done(0, ["rotate", "acme-dev/Hand"]);
    expect(first.stderr).toContain("revoked by somebody else");
    await assertConsumerWorks("Hand");
    await done(2, ["rotate", "acme-dev/Hand", ...sink("Hand")]);
    const newest = liveKeys("Hand").find(({ id }) => id !== fresh?.id);
    await revokeByHand(newest?.id ?? "");
    // What the sink holds is dead: only another key helps, and that one needs a sink.
    expect((await done(1, ["rotate", "acme-dev/Hand"])).stderr).toContain("--sink");
    await done(2, ["rotate", "acme-dev/Hand", ...sink("Hand")]);
    await assertConsumerWorks("Hand");
    await done(0, ["rotate", "acme-dev/Hand", "--grace", "0s"]);
    expect(liveKeys("Hand")).toHaveLength(1);
  });

  it("what has leaked is revoked first, also the new key of a rotation", async () => {
    await done(0, ["issue", "acme-dev/Leak", ...sink("Leak")]);
    const first = await assertConsumerWorks("Leak");
    await done(2, ["rotate", "acme-dev/Leak", ...sink("Leak")]);
    const second = await assertConsumerWorks("Leak");
    await done(0, ["rotate", "acme-dev/Leak", "--compromised", ...sink("Leak")]);
    expect([await ping(first), await ping(second)]).toEqual([401, 401]);
    await assertConsumerWorks("Leak");
    const steps = await stepsOf("Leak");
    expect(steps.slice(steps.lastIndexOf("start")).slice(0, 6)).toEqual([
      ...["start", "revoking", "revoked", "revoking", "revoked", "creating"],
    ]);
    expect(liveKeys("Leak")).toHaveLength(1);
  });
});

it("a secret of GitHub Actions is the sink of a job", async () => {
  const github = await startGitHub();
  onTestFinished(() => github.close());
  const shop = github.createRepository("acme/shop");
  const environment = { GITHUB_API_URL: github.url, GITHUB_TOKEN: shop.tokens.person };
  const asked = ["issue", "acme-dev/Host", "--sink", "github-secret:acme/shop/SHOP_KEY"];
  const weak = await done(1, asked, { environment: { ...environment, GITHUB_TOKEN: shop.tokens.write } });
  expect(weak.stderr).toContain("may not");
  expect(liveKeys("Host")).toEqual([]);
  await done(0, asked, { environment });
  const secret = (await shop.secret("SHOP_KEY")) ?? "";
  secrets.add(secret);
  expect(await ping(secret)).toBe(200);
});

it("everything is on record at the remote, and no secret is", async () => {
  const repository = await open(remote);
  expect(await openLedger(repository).verify()).toEqual([]);
  const all = await records();
  expect(all.every(({ by }) => by === "Ana Li <ana@acme.example>")).toBe(true);
  const text = execFileSync("git", ["-C", remote, "log", "-p", "--all"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(secrets.size).toBeGreaterThan(8);
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/avk_/);
  const log = await done(0, ["log", "acme-dev/host"]);
  expect(log.stdout).toMatch(/start of the issue: no key live; by Ana Li/);
  expect(log.stdout.trim().split("\n")).toHaveLength(1 + (await stepsOf("Host")).length);
  expect(text).toContain([...secrets].at(-1)?.slice(-4) ?? "none");
});
