// News over real HTTP and real Git: signed so that the library of Standard Webhooks takes them, told once by however many runners,
// bounded against receivers of every bad kind, and harmless whatever a platform calls its people.
import { spawn } from "node:child_process";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { HTTP } from "cloudevents";
import { rolldown } from "rolldown";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import type { Notification, Settings } from "../../src/model/settings.ts";
import type { Context } from "../../src/run/context.ts";
import { type Fact, notify } from "../../src/run/notify.ts";
import { clone, git, initBare, initRepository, open, scratchFolder } from "../git/scratch.ts";

const SECRET = `whsec_${Buffer.from("a secret of sufficient length").toString("base64")}`;
const PLACE = { file: "rolebook.yaml", line: 1, column: 1 };
const SHORT = { tryMs: 5_000, totalMs: 60_000, retries: 2, waitMs: 1 };
/** So that a test of a receiver that never answers takes no longer than it must. */
const HASTY = { ...SHORT, tryMs: 300 };

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers as told; without an answer it hangs. */
async function openReceiver(answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(parts).toString("utf8") });
      answer(request, response, received.length);
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const close = () => new Promise((settle) => server.close(settle));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`, received, close };
}

const takes = (_request: IncomingMessage, response: ServerResponse) => response.writeHead(204).end();

function openContext(environment: Record<string, string>): { readonly context: Context; readonly said: string[] } {
  const said: string[] = [];
  const context: Context = {
    cwd: "/",
    environment,
    now: () => new Date("2026-11-22T12:00:00Z"),
    out: () => {},
    err: (text) => said.push(text),
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: async () => false,
    onStop: () => () => {},
    version: "0.0.0",
    build: undefined,
  };
  return { context, said };
}

function settingsOf(...notifications: readonly Partial<Notification>[]): Settings {
  const events = ["drift", "held", "failure", "ending", "break-glass"] as const;
  const whole = { type: "cloudevents", url: "EVENTS_URL", secret: "EVENTS_SECRET", events, place: PLACE } as const;
  return {
    targets: [],
    people: [],
    notify: notifications.map((notification) => ({ ...whole, ...notification })),
    schedule: { poll: "*/2 * * * *", drift: "7 * * * *" },
    reviews: { overdue: "keep", escalateDays: 7, remind: "0 7 * * *" },
  };
}

const SLACK = { type: "slack", url: "SLACK_URL" } as const;
const FACT: Fact = {
  event: "drift",
  id: "7 entities",
  target: "acme",
  title: "Drift",
  text: "One\nTwo",
  url: "https://github.example/acme/1",
};

describe("a signed CloudEvent", () => {
  it("is what the two libraries take, with one id for all tries", async () => {
    const { url, received } = await openReceiver((_request, response, nth) => {
      response.writeHead(nth < 3 ? 503 : 200).end("ok");
    });
    const { context, said } = openContext({
      EVENTS_URL: url,
      EVENTS_SECRET: SECRET,
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: "acme/access",
    });
    await notify(context, await open(initRepository()), settingsOf({}), [FACT], SHORT);
    expect(said).toEqual([]);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    for (const { headers, body } of received) {
      expect(() => new Webhook(SECRET).verify(body, headers as Record<string, string>)).not.toThrow();
      expect(() => new Webhook(SECRET).verify(`${body} `, headers as Record<string, string>)).toThrow();
      const event = HTTP.toEvent({ headers, body });
      expect(event).toMatchObject({
        specversion: "1.0",
        id: headers["webhook-id"],
        type: "rolebook.drift",
        source: "https://github.example/acme/access",
        subject: "acme",
        time: "2026-11-22T12:00:00.000Z",
        data: { target: "acme", title: "Drift", text: "One\nTwo", url: FACT.url },
      });
    }
  });

  it("is not sent where it cannot be signed, or would not be secret; that is said once, by the variable's name", async () => {
    const { url, received } = await openReceiver(takes);
    const repository = await open(initRepository());
    const wrong: readonly (readonly [Record<string, string>, Partial<Notification>, string])[] = [
      [{}, {}, "EVENTS_URL: the variable is not set"],
      [{ EVENTS_URL: url }, {}, "EVENTS_SECRET is not set"],
      [{ EVENTS_URL: url, EVENTS_SECRET: "not base64 at all!" }, {}, "EVENTS_SECRET is no secret of Standard Webhooks"],
      [{ EVENTS_URL: "http://192.0.2.1/x", EVENTS_SECRET: SECRET }, {}, "its URL is not https"],
      [{ EVENTS_URL: "ftp://127.0.0.1/x", EVENTS_SECRET: SECRET }, {}, "its URL is not https"],
      [{ EVENTS_URL: url.replace("//", "//me:pass@"), EVENTS_SECRET: SECRET }, {}, "holds a user or a password"],
      [{ EVENTS_URL: "nonsense", EVENTS_SECRET: SECRET }, {}, "its value is no URL"],
    ];
    for (const [environment, notification, complaint] of wrong) {
      const { context, said } = openContext(environment);
      await notify(context, repository, settingsOf(notification), [FACT], SHORT);
      await notify(context, repository, settingsOf(notification), [FACT], SHORT);
      expect(said, complaint).toHaveLength(1);
      expect(said[0]).toContain(complaint);
      for (const value of Object.values(environment)) expect(said[0]).not.toContain(value);
    }
    expect(received).toEqual([]);
    expect(await openLedger(repository).head()).toBe(null);
  });
});

describe("news", () => {
  it("are told once, to those who want to hear of them", async () => {
    const events = await openReceiver(takes);
    const slack = await openReceiver(takes);
    const { context, said } = openContext({ EVENTS_URL: events.url, EVENTS_SECRET: SECRET, SLACK_URL: slack.url });
    const repository = await open(initRepository());
    const settings = settingsOf({}, { ...SLACK, events: ["held"] });
    const facts: Fact[] = [FACT, { ...FACT, event: "held" }, { ...FACT, target: "other" }, FACT];
    for (let round = 0; round < 3; round += 1) await notify(context, repository, settings, facts, SHORT);
    expect(said).toEqual([]);
    expect(events.received).toHaveLength(3);
    expect(slack.received).toHaveLength(1);
    expect((await openLedger(repository).list("acme")).length).toBe(3);
    expect(await openLedger(repository).verify()).toEqual([]);
    const ledger = git(repository.root, "log", "-p", "rolebook/ledger");
    for (const secret of [SECRET, "secret-path"]) expect(ledger).not.toContain(secret);
    await notify(context, repository, settings, [{ ...FACT, id: "8 entities" }], SHORT);
    expect(events.received).toHaveLength(4);
  });

  it("come in portions, and the rest the next time", async () => {
    const slack = await openReceiver(takes);
    const { context } = openContext({ SLACK_URL: slack.url });
    const repository = await open(initRepository());
    const facts = Array.from({ length: 23 }, (_, index) => ({ ...FACT, id: String(index), title: `News ${index}` }));
    const counts: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await notify(context, repository, settingsOf(SLACK), facts, SHORT);
      counts.push(slack.received.length);
    }
    expect(counts).toEqual([10, 20, 23, 23]);
    expect(slack.received.map(({ body }) => JSON.parse(body).text)).toEqual(facts.map(({ title }) => `acme: ${title}`));
  });

  it("are told to nobody while the remote's ledger cannot be asked, and later they are", async () => {
    const slack = await openReceiver(takes);
    const { context, said } = openContext({ SLACK_URL: slack.url });
    const remote = initBare();
    const repository = await open(clone(remote));
    git(repository.root, "remote", "set-url", "origin", join(remote, "gone"));
    await notify(context, repository, settingsOf(SLACK), [FACT], SHORT);
    expect(slack.received).toHaveLength(0);
    expect(said.join("")).toContain("News were not told: ");
    git(repository.root, "remote", "set-url", "origin", remote);
    await notify(context, repository, settingsOf(SLACK), [FACT], SHORT);
    expect(slack.received).toHaveLength(1);
    expect(git(remote, "rev-parse", "rolebook/ledger")).toBe(git(repository.root, "rev-parse", "rolebook/ledger"));
  });
});

describe("news of no one target", () => {
  it("are told as any other, without one, and once", async () => {
    const events = await openReceiver(takes);
    const slack = await openReceiver(takes);
    const { context, said } = openContext({ EVENTS_URL: events.url, EVENTS_SECRET: SECRET, SLACK_URL: slack.url });
    const repository = await open(initRepository());
    const fact: Fact = { event: "failure", id: "look", target: "", title: "Rolebook fails: look", text: "Why" };
    for (let round = 0; round < 2; round += 1)
      await notify(context, repository, settingsOf({}, { ...SLACK, events: ["failure"] }), [fact], SHORT);
    expect(said).toEqual([]);
    expect(slack.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { text: fact.title, blocks: [{ text: { text: fact.title } }, { text: { text: "Why" } }] },
    ]);
    const [{ headers, body } = { headers: {}, body: "" }, ...more] = events.received;
    expect(more).toEqual([]);
    expect(HTTP.toEvent({ headers, body })).toMatchObject({
      type: "rolebook.failure",
      data: { target: "", text: "Why" },
    });
    expect(JSON.parse(body)).not.toHaveProperty("subject");
    expect(await openLedger(repository).list("no_target/notified")).toHaveLength(2);
    expect(await openLedger(repository).verify()).toEqual([]);
    const { url, close } = await openReceiver(takes);
    await close();
    const away = openContext({ SLACK_URL: url });
    await notify(away.context, repository, settingsOf(SLACK), [{ ...fact, id: "again" }], SHORT);
    expect(away.said).toEqual(["News (failure) did not get to SLACK_URL: it could not be reached (ECONNREFUSED).\n"]);
  });
});

describe("two runners at once", () => {
  it.each([1, 2])("tell each fact once, over %i clone(s)", async (clones) => {
    const slack = await openReceiver(takes);
    const { context, said } = openContext({ SLACK_URL: slack.url });
    const remote = initBare();
    const folders = Array.from({ length: clones }, () => clone(remote));
    const runners = Array.from({ length: 4 }, (_, index) => folders[index % clones] ?? "");
    for (let round = 0; round < 3; round += 1) {
      const facts = Array.from({ length: 3 }, (_, index) => ({
        ...FACT,
        id: `${round} ${index}`,
        title: `${round} ${index}`,
      }));
      await Promise.all(
        runners.map(async (folder) => notify(context, await open(folder), settingsOf(SLACK), facts, SHORT)),
      );
    }
    expect(said).toEqual([]);
    const told = slack.received.map(({ body }) => JSON.parse(body).text as string).sort();
    expect(told).toEqual([0, 1, 2].flatMap((round) => [0, 1, 2].map((index) => `acme: ${round} ${index}`)));
    for (const folder of folders) {
      await notify(context, await open(folder), settingsOf(SLACK), [{ ...FACT, id: "0 0" }], SHORT);
      expect(await openLedger(await open(folder)).verify()).toEqual([]);
    }
    expect(slack.received).toHaveLength(9);
  });

  it("that are processes of their own tell it once", async () => {
    const slack = await openReceiver(takes);
    const script = join(scratchFolder(), "notify.mjs");
    const bundle = await rolldown({ input: join(import.meta.dirname, "notify-process.ts"), platform: "node" });
    await bundle.write({ file: script, format: "esm", codeSplitting: false });
    await bundle.close();
    const remote = initBare();
    const settings = settingsOf(SLACK);
    const run = (folder: string) =>
      new Promise<string>((settle) => {
        const argument = JSON.stringify({ folder, settings, facts: [FACT] });
        const child = spawn(process.execPath, [script, argument], {
          env: { ...process.env, SLACK_URL: slack.url },
          stdio: ["ignore", "ignore", "pipe"],
        });
        let said = "";
        child.stderr.on("data", (part: Buffer) => {
          said += part;
        });
        child.on("close", (code) => settle(`${code} ${said}`));
      });
    expect(await Promise.all([clone(remote), clone(remote), clone(remote)].map(run))).toEqual(["0 ", "0 ", "0 "]);
    expect(slack.received).toHaveLength(1);
  });
});

describe("a receiver that", () => {
  const cases: readonly (readonly [
    string,
    (request: IncomingMessage, response: ServerResponse) => void,
    number,
    number,
    string,
  ])[] = [
    ["hangs", () => {}, 3, 1, "it did not answer in time"],
    ["fails", (_request, response) => response.writeHead(500).end(), 3, 1, "it answered 500"],
    ["refuses", (_request, response) => response.writeHead(400).end(), 1, 1, "it answered 400"],
    ["is busy", (_request, response) => response.writeHead(429, { "retry-after": "0" }).end(), 3, 3, "it answered 429"],
    ["hangs up", (request) => request.socket.destroy(), 3, 1, "it could not be reached"],
    [
      "redirects",
      (_request, response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
      1,
      1,
      "it answered 307, a redirect, which is not followed",
    ],
  ];

  it.each(cases)(
    "%s: is given up on; what knows no ids gets nothing twice",
    async (name, answer, signed, slack, why) => {
      const limits = name === "hangs" ? HASTY : SHORT;
      for (const [notification, tries] of [
        [{}, signed],
        [SLACK, slack],
      ] as const) {
        const { url, received } = await openReceiver(answer);
        const { context, said } = openContext({ EVENTS_URL: url, EVENTS_SECRET: SECRET, SLACK_URL: url });
        const repository = await open(initRepository());
        await notify(context, repository, settingsOf(notification), [FACT], limits);
        expect(received).toHaveLength(tries);
        expect(said).toHaveLength(1);
        expect(said[0]).toContain(why);
        expect(said[0]).not.toContain("127.0.0.1");
        await notify(context, repository, settingsOf(notification), [FACT], limits);
        expect(received).toHaveLength(tries);
      }
    },
  );

  it("never ends its answer holds nobody up", async () => {
    const { url, received } = await openReceiver((_request, response) => {
      response.writeHead(200).write("and so on");
    });
    const { context, said } = openContext({ SLACK_URL: url });
    await notify(context, await open(initRepository()), settingsOf(SLACK), [FACT, { ...FACT, id: "2" }], SHORT);
    expect([received.length, said]).toEqual([2, []]);
  });

  it("hangs does not keep the news from another, and the time for all of them is bounded", async () => {
    const hanging = await openReceiver(() => {});
    const slack = await openReceiver(takes);
    const { context, said } = openContext({ EVENTS_URL: hanging.url, EVENTS_SECRET: SECRET, SLACK_URL: slack.url });
    const facts = Array.from({ length: 10 }, (_, index) => ({ ...FACT, id: String(index) }));
    const bounded = { ...SHORT, tryMs: 1_000, totalMs: 3_000 };
    await notify(context, await open(initRepository()), settingsOf({}, SLACK), facts, bounded);
    expect(slack.received).toHaveLength(10);
    expect(hanging.received.length).toBeLessThan(6);
    expect(said).toHaveLength(10);
    expect(said.join("")).toContain("no time left");
  });

  it("is not there is tried again, whatever it is", async () => {
    const { url, close } = await openReceiver(takes);
    await close();
    const { context, said } = openContext({ SLACK_URL: url });
    await notify(context, await open(initRepository()), settingsOf(SLACK), [FACT], SHORT);
    expect(said).toEqual(["News (drift) of acme did not get to SLACK_URL: it could not be reached (ECONNREFUSED).\n"]);
  });
});

describe("hostile text", () => {
  const HOSTILE =
    "<!channel> @here <https://evil.example|click> *b* `c` \u202e\u0007 &amp; [x](https://evil.example) ::error::x";
  const hostile: Fact = {
    event: "held",
    id: HOSTILE,
    target: "acme",
    title: HOSTILE,
    text: `${HOSTILE}\n${"x".repeat(100_000)}\n${"line\n".repeat(1000)}`,
    url: "https://evil.example/|x> <!channel>",
  };

  it("is no markup, mention or link to Slack and its like", async () => {
    const { url, received } = await openReceiver(takes);
    const { context, said } = openContext({ SLACK_URL: url });
    await notify(context, await open(initRepository()), settingsOf(SLACK), [hostile], SHORT);
    expect(said).toEqual([]);
    const { text, blocks } = JSON.parse(received[0]?.body ?? "{}");
    expect(text).not.toMatch(/[<>]|@h|&(?!amp;|lt;|gt;)|\]\(|\*b|`c|\u202e|\u0007/);
    expect(blocks.map((block: { text: { type: string } }) => block.text.type)).toEqual(["plain_text", "plain_text"]);
    for (const [index, most] of [150, 3000].entries()) expect(blocks[index].text.text.length).toBeLessThanOrEqual(most);
  });

  it("is one bounded text of visible characters in an event", async () => {
    const { url, received } = await openReceiver(takes);
    const { context } = openContext({ EVENTS_URL: url, EVENTS_SECRET: SECRET });
    await notify(context, await open(initRepository()), settingsOf({}), [hostile], SHORT);
    const { data } = JSON.parse(received[0]?.body ?? "{}");
    expect(`${data.title}${data.text}`).not.toMatch(/[\u202e\u0007]/);
    expect(data.text.length).toBeLessThan(10_000);
    expect(data.text).toMatch(/… and \d+ more lines$/);
  });

  it("as a target's name fails nobody, and nothing is told", async () => {
    const { url, received } = await openReceiver(takes);
    const { context, said } = openContext({ SLACK_URL: url });
    await notify(context, await open(initRepository()), settingsOf(SLACK), [{ ...FACT, target: "../../x" }], SHORT);
    expect(said.join("")).toContain("News were not told: not a target's name");
    expect(received).toEqual([]);
  });
});
