// No secret is in anything that Rolebook makes. Known ones are used, on good days and on the worst, and then looked for in everything
// that came of it: output, work trees, every Git object, what the host and the receivers of news were told, the controller's log, page
// and clones. A build that leaks on purpose shows that the search would find one.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { VAULT_CLIENTS, VAULT_SECRETS } from "../../src/simulator/server.ts";
import { type Watch, watchSecrets } from "../support/canaries.ts";
import { type ControllerProcess, removeFolders, startController } from "../support/controller.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";
import { describeGroup } from "../support/loop.ts";
import { type Mirror, startMirror } from "../support/mirror.ts";
import { characters } from "../support/secrets.ts";
import { createWorld, MAIN, type Result, type RunOptions, type World } from "../support/world.ts";

const some = characters(2026);
/** With characters that are written differently in addresses, forms and JSON. */
const WRITER_SECRET = `${some(28)}/+ "&\\é`;
const WEBHOOK_SECRET = some(40);
const SIGNING_SECRET = `whsec${"_"}${Buffer.from(some(24)).toString("base64")}`;
const HOOK = `/services/${some(9)}/${some(11)}/${some(24)}`;

const NOTIFY = `notify:
  - { type: slack, url: ROLEBOOK_SLACK_URL, events: [held, failure, drift] }
  - { type: cloudevents, url: ROLEBOOK_EVENTS_URL, secret: ROLEBOOK_EVENTS_SECRET, events: [held, failure, drift] }
`;

let forge: Forge;
let mirror: Mirror;
let receiver: { readonly server: Server; readonly url: string; readonly bodies: string[] };
const running = new Set<ControllerProcess>();

beforeAll(async () => {
  receiver = await startReceiver();
  forge = await forgeWorld({
    writerSecret: WRITER_SECRET,
    settings: NOTIFY,
    before: async (url) => {
      mirror = await startMirror(url);
      return mirror.url;
    },
  });
});
afterEach(async () => {
  mirror.be("honest");
  for (const controller of running) await controller.kill();
  running.clear();
});
afterAll(async () => {
  await forge?.close();
  await mirror?.close();
  receiver?.server.close();
  removeFolders();
});

async function startReceiver() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (text: string) => bodies.push(text));
    request.on("end", () => response.writeHead(200).end("ok"));
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return { server, bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const news = () => ({
  ROLEBOOK_SLACK_URL: receiver.url + HOOK,
  ROLEBOOK_EVENTS_URL: `${receiver.url}/events`,
  ROLEBOOK_EVENTS_SECRET: SIGNING_SECRET,
});

/** Watches every secret of the forge, and what commands say. */
function watched() {
  const watch = watchSecrets();
  const say = async (what: string, running: Promise<Result>): Promise<Result> => {
    const result = await running;
    watch.text(`stdout of ${what}`, result.stdout);
    watch.text(`stderr of ${what}`, result.stderr);
    return result;
  };
  const run = (args: readonly string[], { environment, ...rest }: RunOptions = {}) =>
    say(args.join(" "), forge.rolebook(args, { ...rest, environment: { ...news(), ...environment } }));
  return { watch, say, run };
}

/** Everything that is there in the end, and every secret that went by. */
function lookThrough(watch: Watch): void {
  watch.secret("the platform's client secret", WRITER_SECRET);
  watch.secret("the secret of webhooks", WEBHOOK_SECRET);
  watch.secret("the secret of events", SIGNING_SECRET);
  watch.secret("the address of Slack's hook", HOOK);
  for (const { token } of forge.github.state.tokens.values()) watch.secret("a token of the host", token);
  for (const { privateKey } of forge.github.state.apps.values())
    if (privateKey !== undefined) watch.secret("the key of an app", privateKey);
  for (const credential of mirror.credentials()) watch.secret("what went over the wire", credential);
  watch.folder("work tree", forge.dir);
  watch.repository("clone", forge.dir);
  watch.repository("remote", forge.access.bare);
  watch.text("asked of the host", JSON.stringify(forge.github.requests()));
  watch.text(
    "on the host",
    JSON.stringify([forge.access.issues().map(({ title, body }) => [title, body]), forge.access.pulls().map(told)]),
  );
  watch.text("told to receivers", receiver.bodies.join("\n"));
}

const told = (pull: {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly head: { readonly commit: string };
}) => [
  [pull.title, pull.body],
  forge.access.comments(pull.number).map(({ body }) => body),
  forge.access.checks(pull.head.commit).map(({ title, summary, text }) => [title, summary, text]),
];

describe("good days", () => {
  test("leave no secret anywhere: the files, a pull request, an apply, drift, questions, a check-up", async () => {
    const { watch, run } = watched();
    for (const args of [["validate"], ["plan"], ["drift"], ["explain", "ana@acme.example"], ["fmt", "--check"]])
      await run(args);
    await run(["doctor"]);
    const number = forge.propose({ login: "ana", branch: "words", edit: describeGroup("insights", "Dashboards") });
    await run(["plan", "--pull-request", String(number)]);
    forge.access.review({ number, login: "hana" });
    await run(["plan", "--pull-request", String(number), "--output", "pull.md", "--format", "markdown"]);
    forge.access.merge({ number });
    const applied = await run(["apply", "--merged"]);
    expect(applied.code, applied.stderr).toBe(0);
    await forge.byHand("PATCH", "/v1/groups/gInsigh7Gu", { description: "By hand" });
    await run(["drift", "--propose"]);
    await run(["plan", "--format", "json", "--output", "plan.json"]);
    lookThrough(watch);
    expect(watch.leaks()).toEqual([]);
    // It was there to be found, and there was where to look.
    const { secrets, characters } = watch.size();
    expect(secrets.filter((name) => name === "what went over the wire").length).toBeGreaterThan(3);
    expect(characters).toBeGreaterThan(100_000);
  });

  test("leave no secret with an app of its own, whose tokens are made on the way", async () => {
    const { watch, run } = watched();
    const app = forge.github.createApp("rolebook-app", "acme/access");
    const own = { GITHUB_TOKEN: "", ROLEBOOK_APP_ID: app.id, ROLEBOOK_APP_PRIVATE_KEY: app.privateKey };
    const number = forge.propose({ login: "ana", branch: "app", edit: describeGroup("card-creators", "By an app") });
    const { code, stderr } = await run(["plan", "--pull-request", String(number)], { environment: own });
    expect(code, stderr).toBe(2);
    // One that is broken in the middle.
    const broken = app.privateKey.slice(0, 200) + app.privateKey.slice(260);
    watch.secret("a broken key", broken);
    await run(["plan", "--pull-request", String(number)], {
      environment: { ...own, ROLEBOOK_APP_PRIVATE_KEY: broken },
    });
    lookThrough(watch);
    expect(watch.leaks()).toEqual([]);
  });
});

describe("bad days", () => {
  const WRONG = `${some(30)}/+%"`;
  const crash = (code: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` });
  const bug = `const shown = () => process.env.ACME_CLIENT_SECRET + " " + process.env.GITHUB_TOKEN + " " + process.env.ROLEBOOK_APP_PRIVATE_KEY;`;
  const reports = mkdtempSync(join(tmpdir(), "rolebook-reports-"));
  afterAll(() => rmSync(reports, { recursive: true, force: true }));

  test("leave no secret where the platform refuses, tells it back, talks nonsense, hangs up or is not there", async () => {
    const { watch, run } = watched();
    watch.secret("a wrong secret", WRONG);
    const refused = await run(["plan"], { environment: { ACME_CLIENT_SECRET: WRONG } });
    expect(refused.code).toBe(1);
    for (const [mood, path] of [
      [{ status: 401, as: "json" }, /oauth2/],
      [{ status: 500, as: "json" }, /\/v1\//],
      [{ status: 403, as: "text" }, /\/v1\//],
      ["garbage", /\/v1\//],
      ["garbage", /oauth2/],
      ["gone", /\/v1\//],
    ] as const) {
      mirror.be(mood, path);
      const before = mirror.told();
      const { code } = await run(["plan"]);
      expect([code, mirror.told() > before], JSON.stringify(mood)).toEqual([1, true]);
    }
    mirror.be("honest");
    forge.write(
      "elsewhere/rolebook.yaml",
      forge.read("policies/rolebook.yaml").replace(mirror.url, "http://127.0.0.1:9"),
    );
    expect((await run(["plan", "--policies", "elsewhere"])).code).toBe(1);
    rmSync(join(forge.dir, "elsewhere"), { recursive: true });
    lookThrough(watch);
    expect(watch.leaks()).toEqual([]);
  });

  test("leave no secret of a pull request that has one in its files, and refuse it", async () => {
    const { watch, run } = watched();
    const key = `avk${"_p_"}${some(32)}`;
    const number = forge.propose({ login: "bo", branch: "pasted", edit: describeGroup("audit-log", `Key: ${key}`) });
    const { code } = await run(["plan", "--pull-request", String(number)]);
    const pull = forge.access.pull(number);
    const [check] = forge.access.checks(pull.head.commit, "rolebook");
    expect([code, check?.conclusion]).toEqual([1, "failure"]);
    expect(JSON.stringify(told(pull))).toContain("looks like an API key");
    // Git has it, since that is where it was pushed.
    watch.secret("the key", key);
    watch.text("told", JSON.stringify([told(pull), forge.github.requests()]));
    expect(watch.leaks()).toEqual([]);
    forge.access.closePull(number);
  });

  test("leave no secret where a write fails and is recorded", async () => {
    const { watch, run } = watched();
    const number = forge.propose({
      login: "ana",
      branch: "fails",
      edit: describeGroup("customer-support", "It fails"),
    });
    await run(["plan", "--pull-request", String(number)]);
    forge.access.review({ number, login: "hana" });
    await run(["plan", "--pull-request", String(number)]);
    forge.access.merge({ number });
    mirror.be({ status: 422, as: "json" }, /\/v1\/groups\/[^/?]+$/);
    const before = mirror.told();
    await run(["apply", "--merged"]);
    expect(mirror.told()).toBeGreaterThan(before);
    mirror.be("honest");
    await run(["apply", "--merged"]);
    lookThrough(watch);
    expect(watch.leaks()).toEqual([]);
  });

  test("leave no secret where the host refuses, or tells the token back, to Git as well", async () => {
    const { watch, say } = watched();
    const echo = await startMirror();
    try {
      const clone = forge.checkout({ depth: 0 });
      clone.git("remote", "set-url", "origin", `${echo.url}/acme/access.git`);
      const token = `ghs${"_"}${some(36)}`;
      watch.secret("a token of nobody", token);
      const at = { GITHUB_API_URL: echo.url, GITHUB_TOKEN: token };
      for (const [mood, ...commands] of [
        [{ status: 401, as: "json" }, ["plan", "--pull-request", "1"], ["apply", "--merged"], ["doctor"]],
        [{ status: 403, as: "text" }, ["apply", "--merged"]],
        ["garbage", ["plan", "--pull-request", "1"], ["apply", "--merged"]],
        ["gone", ["doctor"]],
      ] as const) {
        echo.be(mood);
        for (const args of commands) {
          const what = `${args.join(" ")} (${JSON.stringify(mood)})`;
          expect([what, (await say(what, clone.rolebook(args, { environment: at }))).code]).toEqual([what, 1]);
        }
      }
      // Git by itself, with the same token.
      echo.be({ status: 403, as: "text" });
      await say("apply", clone.rolebook(["apply"], { environment: at }));
      expect(echo.told()).toBeGreaterThan(8);
      watch.folder("clone", clone.dir);
      lookThrough(watch);
      for (const credential of echo.credentials()) watch.secret("what went to the host", credential);
      expect(watch.leaks()).toEqual([]);
    } finally {
      await echo.close();
    }
  });

  test("leave no secret where Rolebook itself breaks, at once or later, nor a report of the process", async () => {
    const { watch, run } = watched();
    const app = { ROLEBOOK_APP_PRIVATE_KEY: `of no app ${some(40)}` };
    watch.secret("a key of no app", app.ROLEBOOK_APP_PRIVATE_KEY);
    // Not while modules are loaded: when there is something to break.
    const breaking = (how: string) => `${bug} const real = String.prototype.normalize;
      String.prototype.normalize = function (...form) {
        if (process.listenerCount("SIGINT") > 0) { ${how} }
        return real.apply(this, form);
      };`;
    const thrown = breaking("throw new Error('cannot normalize ' + shown());");
    const late = breaking(
      "queueMicrotask(() => { throw Object.assign(new Error('late'), { headers: { authorization: 'Bearer ' + shown() }, cause: new Error(shown()) }); });",
    );
    for (const code of [thrown, late]) {
      const flags = `--report-uncaught-exception --report-on-fatalerror --report-directory=${reports}`;
      const options = crash(code);
      const environment = { ...app, NODE_OPTIONS: `${options.NODE_OPTIONS} ${flags}` };
      const { code: exit, stderr } = await run(["plan"], { environment });
      expect([exit, /This is a bug in Rolebook/.test(stderr)], stderr).toEqual([70, true]);
    }
    expect(readdirSync(reports)).toEqual([]);
    lookThrough(watch);
    expect(watch.leaks()).toEqual([]);
  });
});

describe("the controller", () => {
  test("leaves no secret in its log, its page, its numbers, its clones and its news, come what may", async () => {
    const { watch } = watched();
    const settings = forge.read("policies/rolebook.yaml");
    forge.pushToMain("hana", (desk) =>
      desk.write("policies/rolebook.yaml", `${settings}schedule: { poll: "* * * * * *", drift: "*/4 * * * * *" }\n`),
    );
    const controller = await startController(forge, {
      environment: { ...news(), ROLEBOOK_WEBHOOK_SECRET: WEBHOOK_SECRET },
    });
    running.add(controller);
    forge.github.deliverTo({ url: `${controller.url()}/webhooks/github`, secret: WEBHOOK_SECRET });
    const number = forge.propose({
      login: "bo",
      branch: "loop",
      edit: describeGroup("card-publishers", "In the loop"),
    });
    const check = () => forge.access.checks(forge.access.pull(number).head.commit, "rolebook").at(-1);
    await controller.until("it is planned", () => check()?.conclusion === "action_required");
    mirror.be({ status: 401, as: "json" });
    await controller.until("a failure is told", () => controller.log().some(({ msg }) => msg === "failed"));
    for (const path of ["/", "/status.json", "/metrics", "/healthz"])
      watch.text(path, await (await fetch(controller.url() + path)).text());
    mirror.be("honest");
    forge.github.deliverTo(undefined);
    await controller.stop();
    watch.text("stdout of the controller", controller.stdout());
    watch.text("log of the controller", controller.stderr());
    watch.folder("clones", controller.folder);
    for (const lane of readdirSync(controller.folder).filter((name) => name.endsWith(".git")))
      watch.repository(`clone ${lane}`, join(controller.folder, lane));
    lookThrough(watch);
    expect(watch.leaks()).toEqual([]);
    expect(controller.stderr().length).toBeGreaterThan(1000);
  });
});

describe("keys", () => {
  let world: World;
  let front: Mirror;
  beforeAll(async () => {
    world = await createWorld();
    front = await startMirror(world.url);
  });
  afterAll(async () => {
    await front.close();
    await world.close();
  });

  test("that are issued and rotated are in their sink, and nowhere else", async () => {
    const watch = watchSecrets();
    const environment = { VAULT_CLIENT_ID: VAULT_CLIENTS.writer, VAULT_CLIENT_SECRET: VAULT_SECRETS.writer };
    const run = async (...args: string[]) => {
      const result = await world.rolebook(args, { environment });
      watch.text(`stdout of ${args.join(" ")}`, result.stdout);
      watch.text(`stderr of ${args.join(" ")}`, result.stderr);
      return result;
    };
    world.write("policies/rolebook.yaml", vaultSettings(front.url));
    for (const args of [["import"], ["plan"]]) expect((await run(...args)).code).toBeLessThan(3);
    world.commit("import");
    expect((await run("apply")).code).toBe(0);
    const listed = await run("keys", "list", "--format", "json");
    const names = JSON.parse(listed.stdout) as unknown;
    const name = /"name":"([^"]+)"/.exec(JSON.stringify(names))?.[1] ?? "";
    const sinks = mkdtempSync(join(tmpdir(), "rolebook-sink-"));
    try {
      const sink = join(sinks, "key");
      const rotated = await run("keys", "rotate", name, "--sink", `file:${sink}`, "--compromised");
      expect(rotated.code, rotated.stderr).toBe(0);
      const key = readFileSync(sink, "utf8").trim();
      expect(key).toMatch(/^avk_[dsp]_\w{32}$/);
      const again = await run("keys", "rotate", name, "--sink", "command:cat", "--compromised");
      expect(again.code, again.stderr).toBe(0);
      await run("keys", "list");
      await run("plan");
      for (const credential of front.credentials()) watch.secret("what went over the wire", credential);
      watch.secret("the client's secret", VAULT_SECRETS.writer);
      watch.secret("the key", key);
      watch.folder("work tree", world.dir);
      watch.repository("repository", world.dir);
      expect(watch.leaks()).toEqual([]);
      // The key was used once it was there, and its successor went by as well.
      expect(front.credentials().filter((one) => one.startsWith("avk_"))).toHaveLength(2);
    } finally {
      rmSync(sinks, { recursive: true, force: true });
    }
  });
});

function vaultSettings(url: string): string {
  return `kind: Settings
targets:
  - name: vault
    platform: atomyx
    url: ${url}
    organization: acme
    credentials: { clientId: VAULT_CLIENT_ID, clientSecret: VAULT_CLIENT_SECRET }
`;
}

describe("a build that leaks", () => {
  // The same program, but for one thing: it says what it sends.
  const folder = mkdtempSync(join(tmpdir(), "rolebook-leak-"));
  const main = join(folder, "dist", "main.js");
  beforeAll(() => {
    cpSync(dirname(MAIN), join(folder, "dist"), { recursive: true });
    mkdirSync(join(folder, "schemas"));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const call = "await pool.request(";
    const chunks = readdirSync(dirname(main)).filter((name) => name.endsWith(".js"));
    const holding = chunks.filter((name) => readFileSync(join(folder, "dist", name), "utf8").includes(call));
    expect(holding).toHaveLength(1);
    const chunk = join(folder, "dist", holding[0] ?? "");
    const leak = "await (process.stderr.write(JSON.stringify(headers)),pool).request(";
    writeFileSync(chunk, readFileSync(chunk, "utf8").replaceAll(call, leak));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is caught by the same search: what it says of its requests holds the secret in base64, and a token", async () => {
    const { watch, run } = watched();
    const { code } = await run(["plan", "--offline"], { main });
    expect(code).toBeLessThan(3);
    lookThrough(watch);
    const leaks = watch.leaks();
    expect(leaks).toContain("what went over the wire as it is: stderr of plan --offline");
    expect(leaks.some((leak) => /^the platform's client secret in .*: stderr of plan --offline$/.test(leak))).toBe(
      true,
    );
    expect(leaks.every((leak) => leak.endsWith(": stderr of plan --offline"))).toBe(true);
  });

  test("is caught wherever it leaks to: a file, a commit, a name, the host", () => {
    const secret = some(40);
    const escaped = Buffer.from(`user:${secret}`).toString("base64");
    const place = mkdtempSync(join(tmpdir(), "rolebook-place-"));
    try {
      const leaksOf = (say: (watch: Watch) => void) => {
        const watch = watchSecrets();
        watch.secret("it", secret);
        say(watch);
        return watch.leaks().length;
      };
      writeFileSync(join(place, `a-${secret}.txt`), "nothing");
      writeFileSync(join(place, "b.txt"), `token: ${escaped}`);
      expect(leaksOf((watch) => watch.folder("place", place))).toBeGreaterThan(1);
      expect(leaksOf((watch) => watch.text("host", JSON.stringify({ body: JSON.stringify(secret) })))).toBeGreaterThan(
        0,
      );
      expect(leaksOf((watch) => watch.text("log", Buffer.from(secret).toString("hex")))).toBeGreaterThan(0);
      expect(leaksOf((watch) => watch.text("log", some(400)))).toBe(0);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
});
